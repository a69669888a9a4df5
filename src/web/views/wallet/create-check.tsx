// The third step of a new wallet: three of its words are asked for.

import { type FormEvent, type ReactNode, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import { findWrongPlaces } from './word-check.ts';

interface CheckStepProps {
  readonly words: readonly string[];
  /** Of the words that are asked for, from 0. */
  readonly places: readonly number[];
  readonly onBack: () => void;
  readonly onNext: () => void;
}

/** The step. */
export function CheckStep({ words, places, onBack, onNext }: CheckStepProps): ReactNode {
  const { wallet: texts } = useMessages();
  const figures = useFigures();
  const [typed, setTyped] = useState<readonly string[]>(places.map(() => ''));
  const [wrong, setWrong] = useState<readonly number[]>([]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const found = findWrongPlaces(words, places, typed);
    setWrong(found);
    if (found.length === 0) onNext();
  };
  const change = (at: number, word: string): void => {
    setTyped(typed.map((known, i) => (i === at ? word : known)));
    setWrong(wrong.filter((place) => place !== places[at]));
  };
  return (
    <form className="stack" onSubmit={submit}>
      <p>{texts.create.checkHelp}</p>
      {places.map((place, i) => (
        <Field
          key={place}
          label={texts.create.wordAt(figures.integer(place + 1))}
          value={typed[i] ?? ''}
          fault={wrong.includes(place) ? texts.create.wordWrong : null}
          input={{ autoCapitalize: 'none', maxLength: 32 }}
          onChange={(word) => change(i, word)}
        />
      ))}
      <div className="wizard-actions">
        <Button onPress={onBack}>{texts.create.seeAgain}</Button>
        <Button type="submit" kind="primary">
          {texts.create.check}
        </Button>
      </div>
    </form>
  );
}
