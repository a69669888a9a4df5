// A button for what needs the keys of the wallet. Where they are locked it asks for the passphrase first; the passphrase lives as long
// as the dialog. What went wrong stands below the button, a wrong passphrase in the dialog.

import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { RpcCallError } from '../../../api/client.ts';
import { RPC_CODE } from '../../../api/errors.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { useMessages } from '../../i18n/messages.tsx';
import { useWallet } from './wallet-context.tsx';
import { WalletFault } from './wallet-fault.tsx';

interface KeyButtonProps<T> {
  /** Does it; the passphrase is null where none is needed. */
  readonly act: (passphrase: string | null) => Promise<T>;
  readonly onDone: (result: T) => void;
  readonly kind?: 'primary' | 'danger';
  readonly isDisabled?: boolean;
  /** What it says while it works. */
  readonly working?: string;
  readonly children: ReactNode;
}

function isWrongPassphrase(error: unknown): boolean {
  return error instanceof RpcCallError && error.code === RPC_CODE.WALLET_PASSPHRASE_INCORRECT;
}

/** The button. */
export function KeyButton<T>(props: KeyButtonProps<T>): ReactNode {
  const { act, onDone, kind, isDisabled = false, working, children } = props;
  const { guard } = useWallet();
  const [isAsking, setAsking] = useState(false);
  const deed = useMutation({
    mutationFn: act,
    // What is kept of a mutation must not outlive the dialog: its variable is the passphrase.
    gcTime: 0,
    onSuccess: (result) => {
      setAsking(false);
      deed.reset();
      onDone(result);
    },
    onError: (error) => {
      if (!isWrongPassphrase(error)) setAsking(false);
    },
  });
  const press = (): void => {
    deed.reset();
    if (guard === 'locked') setAsking(true);
    else deed.mutate(null);
  };
  const close = (): void => {
    setAsking(false);
    if (isWrongPassphrase(deed.error)) deed.reset();
  };
  return (
    <>
      <Button {...(kind === undefined ? {} : { kind })} isDisabled={isDisabled || deed.isPending} onPress={press}>
        {deed.isPending && working !== undefined ? working : children}
      </Button>
      {isAsking && (
        <PassphraseDialog
          isWrong={isWrongPassphrase(deed.error)}
          isWorking={deed.isPending}
          onClose={close}
          onGiven={(passphrase) => deed.mutate(passphrase)}
        />
      )}
      {deed.error !== null && !isWrongPassphrase(deed.error) && <WalletFault error={deed.error} />}
    </>
  );
}

interface PassphraseDialogProps {
  readonly isWrong: boolean;
  readonly isWorking: boolean;
  readonly onClose: () => void;
  readonly onGiven: (passphrase: string) => void;
}

function PassphraseDialog({ isWrong, isWorking, onClose, onGiven }: PassphraseDialogProps): ReactNode {
  const { wallet: texts, common } = useMessages();
  const form = useId();
  const [passphrase, setPassphrase] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (passphrase !== '' && !isWorking) onGiven(passphrase);
  };
  return (
    <Dialog
      title={texts.unlock.title}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{common.cancel}</Button>
          <button type="submit" form={form} className="button" data-kind="primary" disabled={isWorking}>
            {texts.unlock.go}
          </button>
        </>
      }
    >
      <p>{texts.unlock.help}</p>
      <form id={form} onSubmit={submit}>
        <Field
          label={texts.unlock.passphrase}
          value={passphrase}
          fault={isWrong ? texts.unlock.wrong : null}
          input={{ type: 'password' }}
          onChange={setPassphrase}
        />
      </form>
    </Dialog>
  );
}
