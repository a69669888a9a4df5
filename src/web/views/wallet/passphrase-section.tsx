// The passphrase of a wallet: set, or changed. The fields are emptied as soon as they have served.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Section } from '../../components/layout.tsx';
import { Notice } from '../../components/notice.tsx';
import { useClient } from '../../data/app-context.tsx';
import { changePassphrase, encryptWallet } from '../../data/wallet-keys.ts';
import { useMessages } from '../../i18n/messages.tsx';
import { NewPassphrase } from './new-passphrase.tsx';
import { useWallet } from './wallet-context.tsx';
import { WalletFault } from './wallet-fault.tsx';

/** The section. */
export function PassphraseSection(): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.safety;
  const { guard } = useWallet();
  const [done, setDone] = useState<'encrypted' | 'changed' | null>(null);
  const [round, setRound] = useState(0);
  const finish = (what: 'encrypted' | 'changed'): void => {
    setDone(what);
    setRound(round + 1);
  };
  return (
    <Section title={texts.passphrase} help={guard === 'none' ? texts.passphraseNone : texts.passphraseSet} isCard>
      {guard === 'none' ? (
        <EncryptForm onDone={() => finish('encrypted')} />
      ) : (
        <ChangeForm key={round} onDone={() => finish('changed')} />
      )}
      {done !== null && <Notice>{texts[done]}</Notice>}
    </Section>
  );
}

function EncryptForm({ onDone }: { readonly onDone: () => void }): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.safety;
  const { name } = useWallet();
  const client = useClient();
  const queries = useQueryClient();
  const [passphrase, setPassphrase] = useState<string | null>('');
  const encrypt = useMutation({
    gcTime: 0,
    mutationFn: (wanted: string) => encryptWallet(client, name, wanted),
    onSuccess: async () => {
      onDone();
      await queries.invalidateQueries({ queryKey: ['wallet', name] });
    },
  });
  const isReady = passphrase !== null && passphrase !== '' && !encrypt.isPending;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isReady) encrypt.mutate(passphrase);
  };
  return (
    <form className="stack" onSubmit={submit}>
      <NewPassphrase label={texts.after} onChange={setPassphrase} />
      <div>
        <Button type="submit" kind="primary" isDisabled={!isReady}>
          {texts.encrypt}
        </Button>
      </div>
      {encrypt.error !== null && <WalletFault error={encrypt.error} />}
    </form>
  );
}

function ChangeForm({ onDone }: { readonly onDone: () => void }): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.safety;
  const { name } = useWallet();
  const client = useClient();
  const [before, setBefore] = useState('');
  const [after, setAfter] = useState<string | null>('');
  const change = useMutation({
    gcTime: 0,
    mutationFn: (wanted: { readonly before: string; readonly after: string }) => changePassphrase(client, name, wanted),
    onSuccess: onDone,
  });
  const isReady = before !== '' && after !== null && after !== '' && !change.isPending;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isReady) change.mutate({ before, after });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <Field label={texts.before} value={before} input={{ type: 'password' }} onChange={setBefore} />
      <NewPassphrase label={texts.after} onChange={setAfter} />
      <div>
        <Button type="submit" isDisabled={!isReady}>
          {texts.change}
        </Button>
      </div>
      {change.error !== null && <WalletFault error={change.error} />}
    </form>
  );
}
