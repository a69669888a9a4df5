// The words of a wallet, shown once more to whoever wants to write them down again. They are on screen until they are put away, for two
// minutes at most, and not while nobody looks at the page; nothing keeps them beyond that.

import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Section } from '../../components/layout.tsx';
import { Notice } from '../../components/notice.tsx';
import { useClient } from '../../data/app-context.tsx';
import { type ShownWords, showWords } from '../../data/wallet-words.ts';
import { useMessages } from '../../i18n/messages.tsx';
import { KeyButton } from './key-button.tsx';
import { useWallet } from './wallet-context.tsx';
import { WordList } from './word-list.tsx';

/** How long they stay: enough to write twenty-four words. */
const SHOWN_MS = 120_000;

/** The section. */
export function WordsSection(): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.safety;
  const { name } = useWallet();
  const client = useClient();
  const [shown, setShown] = useState<ShownWords | null>(null);
  const hide = useCallback(() => setShown(null), []);
  return (
    <Section title={texts.words} help={texts.wordsHelp} isCard>
      <div>
        <KeyButton act={(passphrase) => showWords(client, name, passphrase)} onDone={setShown}>
          {texts.showWords}
        </KeyButton>
      </div>
      {shown !== null && <WordsDialog shown={shown} onClose={hide} />}
    </Section>
  );
}

interface WordsDialogProps {
  readonly shown: ShownWords;
  readonly onClose: () => void;
}

function WordsDialog({ shown: { words, needsWordPassphrase }, onClose }: WordsDialogProps): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.safety;
  useHidden(onClose);
  return (
    <Dialog title={texts.words} isOpen onClose={onClose} actions={<Button onPress={onClose}>{texts.hideWords}</Button>}>
      <WordList words={words} />
      {needsWordPassphrase && <Notice kind="warn">{texts.wordsPassphrase}</Notice>}
      <Notice kind="warn" title={wallet.create.wordsWarnTitle}>
        {wallet.create.wordsWarn}
      </Notice>
    </Dialog>
  );
}

/** Puts away what must not stay on screen: after a while, and when the page is not looked at any more. */
function useHidden(hide: () => void): void {
  useEffect(() => {
    const timer = setTimeout(hide, SHOWN_MS);
    const look = (): void => {
      if (document.visibilityState === 'hidden') hide();
    };
    document.addEventListener('visibilitychange', look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [hide]);
}
