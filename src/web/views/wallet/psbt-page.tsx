// Signing together: a transaction that goes from one signer to the next is read, told in words, signed, combined, finished and sent.

import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Section } from '../../components/layout.tsx';
import { useClient } from '../../data/app-context.tsx';
import { openPsbt, type ShownPsbt } from '../../data/wallet-psbt.ts';
import { useMessages } from '../../i18n/messages.tsx';
import { cleanPsbtText, PSBT_BYTES_MAX, readPsbtFile } from './psbt-file.ts';
import { PsbtSteps } from './psbt-steps.tsx';
import { useWallet } from './wallet-context.tsx';
import { WalletFault } from './wallet-fault.tsx';

/** The page. */
export function PsbtPage(): ReactNode {
  const { wallet } = useMessages();
  const { name } = useWallet();
  const client = useClient();
  const [shown, setShown] = useState<ShownPsbt | null>(null);
  const open = useMutation({
    mutationFn: (psbt: string) => openPsbt(client, name, psbt),
    onSuccess: setShown,
  });
  return (
    <Section title={wallet.psbt.title} help={wallet.psbt.help}>
      {shown === null ? (
        <PsbtForm isWorking={open.isPending} onGiven={(psbt) => open.mutate(psbt)} />
      ) : (
        <PsbtSteps shown={shown} onChanged={(psbt) => open.mutateAsync(psbt)} onClose={() => setShown(null)} />
      )}
      {open.error !== null && <WalletFault error={open.error} />}
    </Section>
  );
}

interface PsbtFormProps {
  readonly isWorking: boolean;
  readonly onGiven: (psbt: string) => void;
}

function PsbtForm({ isWorking, onGiven }: PsbtFormProps): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.psbt;
  const [text, setText] = useState('');
  const [isRefused, setRefused] = useState(false);
  const give = (psbt: string | null): void => {
    setRefused(psbt === null);
    if (psbt !== null && !isWorking) onGiven(psbt);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    give(cleanPsbtText(text));
  };
  const pick = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    give(file.size > PSBT_BYTES_MAX ? null : readPsbtFile(new Uint8Array(await file.arrayBuffer())));
  };
  return (
    <form className="card stack" onSubmit={submit}>
      <Field
        label={texts.paste}
        hint={texts.pasteHint}
        fault={isRefused ? texts.refused : null}
        value={text}
        isMono
        isTall
        onChange={(next) => {
          setRefused(next.length > PSBT_BYTES_MAX);
          if (next.length <= PSBT_BYTES_MAX) setText(next);
        }}
      />
      <div className="cluster">
        <Button type="submit" kind="primary" isDisabled={text.trim() === '' || isWorking}>
          {texts.read}
        </Button>
        <label className="button file-button">
          {texts.file}
          <input
            type="file"
            className="visually-hidden"
            accept=".psbt,.txt"
            onChange={(event) => void pick(event.target.files?.[0])}
          />
        </label>
      </div>
    </form>
  );
}
