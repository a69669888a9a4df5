// The lesson of the double spend: two good payments with one coin, of which the ledger takes one.

import { type ReactNode, useMemo, useState } from 'react';
import type { LessonLedger, LessonPayment, PageVerdict } from '../../../platform/browser/lesson-ledger.ts';
import { Button } from '../../components/button.tsx';
import { Section } from '../../components/layout.tsx';
import { useFigures } from '../../i18n/messages.tsx';
import { PeoplePicture } from './people-picture.tsx';
import { Preparing } from './preparing.tsx';
import { markDone } from './progress.ts';
import { TwicePicture, type WrittenTo } from './twice-picture.tsx';
import { type LedgerPlay, useLedger } from './use-ledger.ts';
import { useLearnTexts } from './use-texts.ts';
import { VerdictBox } from './verdict-box.tsx';

const FIFTY_SAT = 5_000_000_000;

/** The playground. */
export function TwiceLesson(): ReactNode {
  const play = useLedger();
  return play.ledger === null ? <Preparing /> : <Play play={play} ledger={play.ledger} />;
}

interface Outcome {
  readonly verdict: PageVerdict;
  readonly height: number;
}

function Play({ play, ledger }: { readonly play: LedgerPlay; readonly ledger: LessonLedger }): ReactNode {
  const all = useLearnTexts();
  const figures = useFigures();
  const { twice: texts } = all;
  const [payments] = useState(() => ({
    baker: ledger.pay('you', 'baker', FIFTY_SAT),
    miller: ledger.pay('you', 'miller', FIFTY_SAT),
  }));
  const [winner, setWinner] = useState<WrittenTo>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  // The ledger is a machine, and the version stands for its changes.
  const coins = useMemo(() => ledger.coins, [ledger, play.version]);
  const write = async (chosen: readonly LessonPayment[], to: 'baker' | 'miller' | 'both'): Promise<void> => {
    const verdict = await ledger.write({ payments: chosen });
    setOutcome({ verdict, height: ledger.pages.at(-1)?.height ?? 0 });
    if (verdict.refusal === null && to !== 'both') setWinner(to);
    markDone('twice', to === 'both' ? 'both' : verdict.refusal === null ? 'first' : 'second');
    play.changed();
  };
  const isOver = winner !== null && outcome !== null && outcome.verdict.refusal !== null;
  return (
    <>
      <Section title={texts.coin} isCard>
        <TwicePicture winner={winner} />
        <div className="cluster">
          <Button isDisabled={winner === 'baker'} onPress={() => void write([payments.baker], 'baker')}>
            {texts.writeBaker}
          </Button>
          <Button isDisabled={winner === 'miller'} onPress={() => void write([payments.miller], 'miller')}>
            {texts.writeMiller}
          </Button>
          <Button isDisabled={winner !== null} onPress={() => void write([payments.baker, payments.miller], 'both')}>
            {texts.both}
          </Button>
          <Button kind="quiet" onPress={play.startOver}>
            {all.startOver}
          </Button>
        </div>
        <VerdictBox
          refusal={outcome?.verdict.refusal ?? null}
          accepted={outcome === null ? null : all.payment.written(figures.integer(outcome.height))}
          title={texts.refusedSpent}
        />
        {isOver && <p className="faint small">{texts.alreadyWritten}</p>}
      </Section>
      <PeoplePicture coins={coins} />
    </>
  );
}
