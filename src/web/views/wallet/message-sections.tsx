// Signed messages: made with a key of the wallet, and checked with an address alone.

import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Field } from '../../components/field.tsx';
import { Section } from '../../components/layout.tsx';
import { Notice } from '../../components/notice.tsx';
import { useClient } from '../../data/app-context.tsx';
import { signMessage, verifyMessage, withKeys } from '../../data/wallet-keys.ts';
import { useMessages } from '../../i18n/messages.tsx';
import { KeyButton } from './key-button.tsx';
import { useWallet } from './wallet-context.tsx';
import { WalletFault } from './wallet-fault.tsx';

/** Both sections. */
export function MessageSections(): ReactNode {
  const { hasKeys } = useWallet();
  return (
    <>
      {hasKeys && <SignSection />}
      <VerifySection />
    </>
  );
}

function SignSection(): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.safety;
  const { name } = useWallet();
  const client = useClient();
  const [address, setAddress] = useState('');
  const [message, setMessage] = useState('');
  const [signature, setSignature] = useState<string | null>(null);
  const sign = (passphrase: string | null): Promise<string> =>
    withKeys(client, name, passphrase, () => signMessage(client, name, { address: address.trim(), message }));
  const change = (set: (text: string) => void) => (text: string) => {
    setSignature(null);
    set(text);
  };
  return (
    <Section title={texts.prove} help={texts.proveHelp} isCard>
      <div className="stack">
        <Field
          label={texts.signerAddress}
          hint={texts.signerHint}
          value={address}
          isMono
          onChange={change(setAddress)}
        />
        <Field label={texts.message} value={message} isTall onChange={change(setMessage)} />
        <div className="cluster">
          <KeyButton act={sign} isDisabled={address.trim() === '' || message === ''} onDone={setSignature}>
            {texts.sign}
          </KeyButton>
        </div>
        {signature !== null && (
          <p className="address-line">
            <span className="mono hash-full">{signature}</span> <CopyButton text={signature} what={texts.signature} />
          </p>
        )}
      </div>
    </Section>
  );
}

function VerifySection(): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.safety;
  const client = useClient();
  const [address, setAddress] = useState('');
  const [message, setMessage] = useState('');
  const [signature, setSignature] = useState('');
  const verify = useMutation({
    mutationFn: () => verifyMessage(client, { address: address.trim(), signature: signature.trim(), message }),
  });
  const change = (set: (text: string) => void) => (text: string) => {
    verify.reset();
    set(text);
  };
  const isReady = address.trim() !== '' && signature.trim() !== '' && !verify.isPending;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isReady) verify.mutate();
  };
  return (
    <Section title={texts.verify} help={texts.verifyHelp} isCard>
      <form className="stack" onSubmit={submit}>
        <Field label={texts.anyAddress} value={address} isMono onChange={change(setAddress)} />
        <Field label={texts.message} value={message} isTall onChange={change(setMessage)} />
        <Field label={texts.signature} value={signature} isMono onChange={change(setSignature)} />
        <div>
          <Button type="submit" isDisabled={!isReady}>
            {texts.verifyButton}
          </Button>
        </div>
        {verify.data !== undefined && (
          <Notice kind={verify.data ? 'info' : 'bad'}>{verify.data ? texts.genuine : texts.forged}</Notice>
        )}
        {verify.error !== null && <WalletFault error={verify.error} />}
      </form>
    </Section>
  );
}
