// The first step of a new wallet: its name, and the words it is to have.

import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { useClient } from '../../data/app-context.tsx';
import { walletsQuery } from '../../data/wallet-list.ts';
import { NEW_WORD_COUNTS, type NewWordCount, WORD_LANGUAGES, type WordLanguage } from '../../data/wallet-words.ts';
import { useFigures, useLanguage, useMessages } from '../../i18n/messages.tsx';
import { Choice } from './choice.tsx';
import { isGoodWalletName } from './wallet-name.ts';

/** What was chosen in the first step. */
export interface NewWallet {
  readonly name: string;
  readonly wordCount: NewWordCount;
  readonly language: WordLanguage;
}

interface NameStepProps {
  readonly chosen: NewWallet;
  readonly isWorking: boolean;
  readonly onChosen: (chosen: NewWallet) => void;
}

/** The step. */
export function NameStep({ chosen, isWorking, onChosen }: NameStepProps): ReactNode {
  const { wallet: texts } = useMessages();
  const figures = useFigures();
  const [spoken] = useLanguage();
  const [name, setName] = useState(chosen.name);
  const [wordCount, setWordCount] = useState(chosen.wordCount);
  const [language, setLanguage] = useState(
    chosen.name === '' && spoken === 'zh-CN' ? 'simplified-chinese' : chosen.language,
  );
  const fault = useNameFault(name);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (name !== '' && fault === null && !isWorking) onChosen({ name, wordCount, language });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <Field
        label={texts.create.name}
        hint={texts.create.nameHint}
        fault={fault}
        value={name}
        input={{ maxLength: 128 }}
        onChange={setName}
      />
      <Choice
        name={texts.create.words}
        hint={texts.create.wordCountHelp}
        value={wordCount}
        options={NEW_WORD_COUNTS.map((count) => ({
          value: count,
          text: texts.create.wordCount(figures.integer(count)),
        }))}
        onChange={setWordCount}
      />
      <Choice
        name={texts.create.language}
        value={language}
        options={WORD_LANGUAGES.map((one) => ({ value: one, text: texts.create[one] }))}
        onChange={setLanguage}
      />
      <div className="wizard-actions">
        <Button type="submit" kind="primary" isDisabled={name === '' || fault !== null || isWorking}>
          {texts.create.showWords}
        </Button>
      </div>
    </form>
  );
}

/** What is wrong with a name for a new wallet; null: nothing, or it is still empty. */
export function useNameFault(name: string): string | null {
  const { wallet: texts } = useMessages();
  const known = useQuery(walletsQuery(useClient()));
  if (name === '') return null;
  if (!isGoodWalletName(name)) return texts.create.nameBad;
  return known.data?.some((wallet) => wallet.name === name) === true ? texts.create.nameTaken : null;
}
