// A wallet from words: they are judged while they are typed, and each gets its place, so that paper and screen can be compared.

import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { judgeTypedWords } from '../../../platform/browser/typed-words.ts';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { useClient } from '../../data/app-context.tsx';
import { createWordWallet } from '../../data/wallet-words.ts';
import { useMessages } from '../../i18n/messages.tsx';
import { parseBirthDay } from './birth-day.ts';
import { useNameFault } from './create-name.tsx';
import { NewPassphrase } from './new-passphrase.tsx';
import { WalletFault } from './wallet-fault.tsx';
import { WordsField } from './words-field.tsx';

/** The form. */
export function RestoreWords({ onRestored }: { readonly onRestored: (name: string) => void }): ReactNode {
  const { wallet: texts } = useMessages();
  const client = useClient();
  const [name, setName] = useState('');
  const [text, setText] = useState('');
  const [wordPassphrase, setWordPassphrase] = useState('');
  const [birthDay, setBirthDay] = useState('');
  const [passphrase, setPassphrase] = useState<string | null>('');
  const fault = useNameFault(name);
  const verdict = judgeTypedWords(text);
  const restore = useMutation({
    gcTime: 0,
    mutationFn: async (words: readonly string[]): Promise<void> => {
      const birthTimeSec = parseBirthDay(birthDay);
      await createWordWallet(client, { name, words, wordPassphrase, passphrase: passphrase ?? '', birthTimeSec });
    },
    onSuccess: () => onRestored(name),
  });
  const isReady = verdict.kind === 'good' && name !== '' && fault === null && passphrase !== null && !restore.isPending;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isReady) restore.mutate(verdict.words);
  };
  return (
    <form className="stack" onSubmit={submit}>
      <Field label={texts.restore.name} fault={fault} value={name} onChange={setName} />
      <WordsField text={text} onChange={setText} />
      <Field
        label={texts.restore.birth}
        hint={texts.restore.birthHint}
        value={birthDay}
        input={{ type: 'date' }}
        onChange={setBirthDay}
      />
      <details className="fold">
        <summary>{texts.restore.more}</summary>
        <div className="stack">
          <Field
            label={texts.restore.wordPassphrase}
            hint={texts.restore.wordPassphraseHint}
            value={wordPassphrase}
            input={{ type: 'password' }}
            onChange={setWordPassphrase}
          />
          <NewPassphrase label={texts.restore.passphrase} onChange={setPassphrase} />
        </div>
      </details>
      <div className="wizard-actions">
        <Button type="submit" kind="primary" isDisabled={!isReady}>
          {restore.isPending ? texts.restore.working : texts.restore.restore}
        </Button>
      </div>
      {restore.error !== null && <WalletFault error={restore.error} />}
    </form>
  );
}
