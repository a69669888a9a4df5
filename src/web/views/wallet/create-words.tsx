// The second step of a new wallet: its words, to be written on paper.

import type { ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { Notice } from '../../components/notice.tsx';
import { useMessages } from '../../i18n/messages.tsx';
import { WordList } from './word-list.tsx';

interface WordsStepProps {
  readonly words: readonly string[];
  readonly onBack: () => void;
  readonly onNext: () => void;
}

/** The step. */
export function WordsStep({ words, onBack, onNext }: WordsStepProps): ReactNode {
  const { wallet: texts } = useMessages();
  return (
    <>
      <p>{texts.create.wordsHelp}</p>
      <WordList words={words} />
      <Notice kind="warn" title={texts.create.wordsWarnTitle}>
        {texts.create.wordsWarn}
      </Notice>
      <div className="wizard-actions">
        <Button onPress={onBack}>{texts.create.back}</Button>
        <Button kind="primary" onPress={onNext}>
          {texts.create.written}
        </Button>
      </div>
    </>
  );
}
