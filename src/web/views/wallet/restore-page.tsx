// A wallet that comes back: from its words, or from a backup file on the machine of the node.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Page } from '../../components/layout.tsx';
import { useClient } from '../../data/app-context.tsx';
import { restoreWallet } from '../../data/wallet-list.ts';
import { useMessages } from '../../i18n/messages.tsx';
import { Choice } from './choice.tsx';
import { useNameFault } from './create-name.tsx';
import { RestoreWords } from './restore-words.tsx';
import './wallet.css';
import { WalletFault } from './wallet-fault.tsx';
import { formatWalletPart } from './wallet-path.ts';

/** The view that brings a wallet back. */
export function RestorePage(): ReactNode {
  const { wallet: texts } = useMessages();
  const [source, setSource] = useState<'words' | 'file'>('words');
  const goToWallet = useGoToWallet();
  return (
    <Page title={texts.restore.title} lead={texts.restore.lead}>
      <div className="card stack wizard">
        <Choice
          name={texts.restore.title}
          value={source}
          options={[
            { value: 'words', text: texts.restore.fromWords },
            { value: 'file', text: texts.restore.fromFile },
          ]}
          onChange={setSource}
        />
        {source === 'words' ? <RestoreWords onRestored={goToWallet} /> : <RestoreFile onRestored={goToWallet} />}
      </div>
    </Page>
  );
}

/** Shows a wallet that was just made. */
function useGoToWallet(): (name: string) => void {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return (name) => {
    void queries.invalidateQueries({ queryKey: ['wallet'] });
    void navigate({ to: '/wallet/$wallet', params: { wallet: formatWalletPart(name) }, replace: true });
  };
}

function RestoreFile({ onRestored }: { readonly onRestored: (name: string) => void }): ReactNode {
  const { wallet: texts } = useMessages();
  const client = useClient();
  const [name, setName] = useState('');
  const [path, setPath] = useState('');
  const fault = useNameFault(name);
  const restore = useMutation({
    mutationFn: () => restoreWallet(client, name, path.trim()),
    onSuccess: () => onRestored(name),
  });
  const isReady = name !== '' && fault === null && path.trim() !== '' && !restore.isPending;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isReady) restore.mutate();
  };
  return (
    <form className="stack" onSubmit={submit}>
      <Field label={texts.restore.name} fault={fault} value={name} onChange={setName} />
      <Field label={texts.restore.path} hint={texts.restore.pathHint} value={path} isMono onChange={setPath} />
      <div className="wizard-actions">
        <Button type="submit" kind="primary" isDisabled={!isReady}>
          {restore.isPending ? texts.restore.working : texts.restore.restore}
        </Button>
      </div>
      {restore.error !== null && <WalletFault error={restore.error} />}
    </form>
  );
}
