// A new wallet, in four steps: its name, its words, a check that they were written down, a passphrase. The words live in this page until
// the wallet is made or the page is left, and nowhere else.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { Page } from '../../components/layout.tsx';
import { useClient } from '../../data/app-context.tsx';
import { createWordWallet, drawWords } from '../../data/wallet-words.ts';
import { useMessages } from '../../i18n/messages.tsx';
import { CheckStep } from './create-check.tsx';
import { NameStep, type NewWallet } from './create-name.tsx';
import { PassphraseStep } from './create-passphrase.tsx';
import { WordsStep } from './create-words.tsx';
import { StepsHead } from './steps-head.tsx';
import './wallet.css';
import { WalletFault } from './wallet-fault.tsx';
import { formatWalletPart } from './wallet-path.ts';
import { CHECKED_WORDS, choosePlaces } from './word-check.ts';

const STEPS = ['name', 'words', 'check', 'passphrase'] as const;

const SECOND_MS = 1000;

/** The view that makes a wallet. */
export function CreatePage(): ReactNode {
  const { wallet: texts } = useMessages();
  const [step, setStep] = useState<(typeof STEPS)[number]>('name');
  const [chosen, setChosen] = useState<NewWallet>({ name: '', wordCount: 12, language: 'english' });
  const [words, setWords] = useState<readonly string[]>([]);
  const [places, setPlaces] = useState<readonly number[]>([]);
  const draw = useDrawnWords((drawn) => {
    setWords(drawn);
    setPlaces(choosePlaces(drawn.length, crypto.getRandomValues(new Uint32Array(CHECKED_WORDS))));
    setStep('words');
  });
  const create = useCreatedWallet(chosen.name, words);
  const choose = (next: NewWallet): void => {
    const isSame = next.wordCount === chosen.wordCount && next.language === chosen.language;
    setChosen(next);
    if (isSame && words.length > 0) setStep('words');
    else draw.mutate(next);
  };
  return (
    <Page title={texts.create.title} lead={texts.create.lead}>
      <div className="card stack wizard">
        <StepsHead step={STEPS.indexOf(step) + 1} stepCount={STEPS.length} title={texts.create[`${step}Step`]} />
        {step === 'name' && <NameStep chosen={chosen} isWorking={draw.isPending} onChosen={choose} />}
        {step === 'words' && <WordsStep words={words} onBack={() => setStep('name')} onNext={() => setStep('check')} />}
        {step === 'check' && (
          <CheckStep
            words={words}
            places={places}
            onBack={() => setStep('words')}
            onNext={() => setStep('passphrase')}
          />
        )}
        {step === 'passphrase' && (
          <PassphraseStep isWorking={create.isPending} onChosen={(passphrase) => create.mutate(passphrase)} />
        )}
        {draw.error !== null && <WalletFault error={draw.error} />}
        {create.error !== null && <WalletFault error={create.error} />}
      </div>
    </Page>
  );
}

function useDrawnWords(onDrawn: (words: readonly string[]) => void) {
  const client = useClient();
  return useMutation({
    // The answer is the secret itself: nothing keeps it after the step that shows it.
    gcTime: 0,
    mutationFn: async ({ wordCount, language }: NewWallet): Promise<void> =>
      onDrawn(await drawWords(client, wordCount, language)),
  });
}

function useCreatedWallet(name: string, words: readonly string[]) {
  const client = useClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    gcTime: 0,
    mutationFn: async (passphrase: string): Promise<void> => {
      const birthTimeSec = Math.floor(Date.now() / SECOND_MS);
      await createWordWallet(client, { name, words, wordPassphrase: '', passphrase, birthTimeSec });
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['wallet'] });
      await navigate({ to: '/wallet/$wallet', params: { wallet: formatWalletPart(name) }, replace: true });
    },
  });
}
