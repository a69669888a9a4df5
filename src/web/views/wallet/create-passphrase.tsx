// The last step of a new wallet: a passphrase for this machine, if one is wanted.

import { type FormEvent, type ReactNode, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { useMessages } from '../../i18n/messages.tsx';
import { NewPassphrase } from './new-passphrase.tsx';

interface PassphraseStepProps {
  readonly isWorking: boolean;
  /** Empty: none is wanted. */
  readonly onChosen: (passphrase: string) => void;
}

/** The step. */
export function PassphraseStep({ isWorking, onChosen }: PassphraseStepProps): ReactNode {
  const { wallet: texts } = useMessages();
  const [passphrase, setPassphrase] = useState<string | null>('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (passphrase !== null && !isWorking) onChosen(passphrase);
  };
  const finish = passphrase === '' ? texts.create.finishOpen : texts.create.finish;
  return (
    <form className="stack" onSubmit={submit}>
      <p>{texts.create.passphraseHelp}</p>
      <NewPassphrase label={texts.create.passphrase} onChange={setPassphrase} />
      <div className="wizard-actions">
        <Button type="submit" kind="primary" isDisabled={passphrase === null || isWorking}>
          {isWorking ? texts.create.working : finish}
        </Button>
      </div>
    </form>
  );
}
