// What keeps a wallet safe: its passphrase, its words, its backup; and what its keys can prove.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Section } from '../../components/layout.tsx';
import { Notice } from '../../components/notice.tsx';
import { useClient } from '../../data/app-context.tsx';
import { backUpWallet } from '../../data/wallet-keys.ts';
import { closeWallet } from '../../data/wallet-list.ts';
import { plainText } from '../../format/short-text.ts';
import { useMessages } from '../../i18n/messages.tsx';
import { MessageSections } from './message-sections.tsx';
import { PassphraseSection } from './passphrase-section.tsx';
import { useWallet } from './wallet-context.tsx';
import { WalletFault } from './wallet-fault.tsx';
import { WordsSection } from './words-section.tsx';

/** The page. */
export function SafetyPage(): ReactNode {
  const { hasKeys, hasWords } = useWallet();
  return (
    <div className="columns">
      {hasKeys && <PassphraseSection />}
      {hasWords && <WordsSection />}
      <BackupSection />
      <MessageSections />
      <CloseSection />
    </div>
  );
}

function BackupSection(): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.safety;
  const { name } = useWallet();
  const client = useClient();
  const [path, setPath] = useState('');
  const write = useMutation({ mutationFn: (wanted: string) => backUpWallet(client, name, wanted) });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (path.trim() !== '') write.mutate(path.trim());
  };
  return (
    <Section title={texts.backup} help={texts.backupHelp} isCard>
      <form className="stack" onSubmit={submit}>
        <Field label={texts.backupPath} hint={texts.backupHint} value={path} isMono onChange={setPath} />
        <div>
          <Button type="submit" isDisabled={path.trim() === '' || write.isPending}>
            {texts.backupButton}
          </Button>
        </div>
        {write.isSuccess && <Notice>{texts.backedUp(plainText(write.variables))}</Notice>}
        {write.error !== null && <WalletFault error={write.error} />}
      </form>
    </Section>
  );
}

function CloseSection(): ReactNode {
  const { wallet } = useMessages();
  const { name } = useWallet();
  const client = useClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const close = useMutation({
    mutationFn: () => closeWallet(client, name),
    onSuccess: async () => {
      await navigate({ to: '/wallet' });
      queries.removeQueries({ queryKey: ['wallet', name] });
      await queries.invalidateQueries({ queryKey: ['wallet'] });
    },
  });
  return (
    <Section title={wallet.safety.closing} help={wallet.safety.closingHelp} isCard>
      <div>
        <Button isDisabled={close.isPending} onPress={() => close.mutate()}>
          {wallet.frame.close}
        </Button>
      </div>
      {close.error !== null && <WalletFault error={close.error} />}
    </Section>
  );
}
