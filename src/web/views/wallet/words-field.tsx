// The field for the words of a wallet: what the word that is being typed may become, how many there are, and whether they are right.

import { type ReactNode, useRef } from 'react';
import {
  completeTypedWord,
  judgeTypedWords,
  suggestTypedWord,
  type TypedWordsVerdict,
} from '../../../platform/browser/typed-words.ts';
import { Field } from '../../components/field.tsx';
import { Icon } from '../../components/icon.tsx';
import type { Figures } from '../../format/figures.ts';
import type { Messages } from '../../i18n/en.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';

interface WordsFieldProps {
  readonly text: string;
  readonly onChange: (text: string) => void;
}

/** Longest text that is kept: more than the longest words with blanks of every kind. */
const TEXT_LENGTH_MAX = 1000;

/** The field. */
export function WordsField({ text, onChange }: WordsFieldProps): ReactNode {
  const { wallet: texts } = useMessages();
  const figures = useFigures();
  const frame = useRef<HTMLDivElement>(null);
  const verdict = judgeTypedWords(text);
  const suggestions = suggestTypedWord(text);
  // A word that is not finished yet is not wrong yet.
  const isTyping = verdict.kind === 'unknown-word' && suggestions.length > 0;
  const take = (word: string): void => {
    onChange(completeTypedWord(text, word));
    frame.current?.querySelector('textarea')?.focus();
  };
  return (
    <div ref={frame} className="stack words-field">
      <Field
        label={texts.restore.words}
        hint={verdict.kind === 'good' ? <GoodWords /> : describeCount(verdict, texts, figures)}
        fault={isTyping ? null : describeFault(verdict, texts, figures)}
        value={text}
        isTall
        input={{ autoCapitalize: 'none', autoCorrect: 'off', translate: 'no', rows: 4 }}
        onChange={(next) => onChange(next.slice(0, TEXT_LENGTH_MAX))}
      />
      {suggestions.length > 0 && (
        <fieldset className="suggestions" aria-label={texts.restore.suggestions}>
          {suggestions.map((word) => (
            <button key={word} type="button" className="button" translate="no" onClick={() => take(word)}>
              {word}
            </button>
          ))}
        </fieldset>
      )}
    </div>
  );
}

function GoodWords(): ReactNode {
  const { wallet: texts } = useMessages();
  return (
    <span className="good-words">
      <Icon name="check" />
      {texts.restore.good}
    </span>
  );
}

function describeCount(verdict: TypedWordsVerdict, { restore }: Messages['wallet'], figures: Figures): string {
  if (verdict.kind !== 'unfinished' || verdict.count === 0) return restore.wordsHint;
  return restore.count(figures.integer(verdict.count), figures.integer(verdict.next));
}

function describeFault(verdict: TypedWordsVerdict, { restore }: Messages['wallet'], figures: Figures): string | null {
  switch (verdict.kind) {
    case 'good':
    case 'unfinished':
      return null;
    case 'too-many':
      return restore.tooMany;
    case 'unknown-word':
      return restore.unknown(figures.integer(verdict.position + 1));
    case 'bad-checksum':
      return restore.checksum;
  }
}
