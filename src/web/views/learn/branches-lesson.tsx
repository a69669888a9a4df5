// The lesson of two branches: the reader grows either, and the node's own chain says which one counts and who has the coin.

import { type ReactNode, useMemo, useState } from 'react';
import type { LessonLedger, PageKind } from '../../../platform/browser/lesson-ledger.ts';
import { Button } from '../../components/button.tsx';
import { Badge, Section } from '../../components/layout.tsx';
import { useFigures } from '../../i18n/messages.tsx';
import { type BranchName, type BranchRow, computeBranchRow } from './branch-layout.ts';
import { BranchPicture } from './branch-picture.tsx';
import { PeoplePicture } from './people-picture.tsx';
import { Preparing } from './preparing.tsx';
import { markDone } from './progress.ts';
import { type LedgerPlay, useLedger } from './use-ledger.ts';
import { useLearnTexts } from './use-texts.ts';

const FIFTY_SAT = 5_000_000_000;
/** Pages of a branch that fit into the picture. */
const PAGES_MAX = 12;

/** The playground. */
export function BranchesLesson(): ReactNode {
  const play = useLedger();
  return play.ledger === null ? <Preparing /> : <Play play={play} ledger={play.ledger} />;
}

/** What the last page has changed. */
type Happening = { readonly kind: 'extended' | 'stored' } | { readonly kind: 'reorganised'; readonly undone: number };

type Branches = Readonly<Record<BranchName, readonly string[]>>;

const NO_BRANCHES: Branches = Object.freeze({ a: [], b: [] });

function Play({ play, ledger }: { readonly play: LedgerPlay; readonly ledger: LessonLedger }): ReactNode {
  const all = useLearnTexts();
  const [forkHash] = useState(ledger.tipHash);
  const [payments] = useState(() => ({
    a: ledger.pay('you', 'baker', FIFTY_SAT),
    b: ledger.pay('you', 'miller', FIFTY_SAT),
  }));
  const [branches, setBranches] = useState<Branches>(NO_BRANCHES);
  const [happening, setHappening] = useState<Happening | null>(null);
  // The ledger is a machine, and the version stands for its changes.
  const { rows, coins } = useMemo(() => {
    const { pages } = ledger;
    const rowOf = (name: BranchName): BranchRow => computeBranchRow(pages, branches[name], forkHash);
    return { rows: { a: rowOf('a'), b: rowOf('b') }, coins: ledger.coins };
  }, [ledger, play.version, branches, forkHash]);
  const grow = async (name: BranchName, kind: PageKind): Promise<void> => {
    const other = name === 'a' ? 'b' : 'a';
    const isFirst = branches[name].length === 0;
    const verdict = await ledger.write({
      payments: isFirst ? [payments[name]] : [],
      previousHash: rows[name].lastHash,
      kind,
    });
    if (verdict.hash === null) return;
    const grown = { ...branches, [name]: [...branches[name], verdict.hash] };
    const isTip = ledger.tipHash === verdict.hash;
    const isTurned = isTip && rows[other].isActive;
    setBranches(grown);
    setHappening(
      isTurned ? { kind: 'reorganised', undone: grown[other].length } : { kind: isTip ? 'extended' : 'stored' },
    );
    if (grown[other].length > 0) markDone('branches', 'fork');
    if (isTurned) markDone('branches', 'overtake');
    if (isTip && grown[name].length < grown[other].length) markDone('branches', 'weigh');
    play.changed();
  };
  return (
    <>
      <Section
        title={all.branches.title}
        aside={
          <Button kind="quiet" onPress={play.startOver}>
            {all.startOver}
          </Button>
        }
        isCard
      >
        <BranchPicture a={rows.a} b={rows.b} />
        <HappeningWords happening={happening} />
        <div className="columns">
          <BranchControls name="a" row={rows.a} onGrow={(kind) => void grow('a', kind)} />
          <BranchControls name="b" row={rows.b} onGrow={(kind) => void grow('b', kind)} />
        </div>
      </Section>
      <PeoplePicture coins={coins} />
    </>
  );
}

function HappeningWords({ happening }: { readonly happening: Happening | null }): ReactNode {
  const { branches: texts } = useLearnTexts();
  const figures = useFigures();
  return (
    <p role="status" className="happening" data-kind={happening?.kind}>
      {happening !== null &&
        (happening.kind === 'reorganised'
          ? texts.reorganised(texts.pages(figures.integer(happening.undone)))
          : texts[happening.kind])}
    </p>
  );
}

interface BranchControlsProps {
  readonly name: BranchName;
  readonly row: BranchRow;
  readonly onGrow: (kind: PageKind) => void;
}

function BranchControls({ name, row, onGrow }: BranchControlsProps): ReactNode {
  const { branches: texts } = useLearnTexts();
  const figures = useFigures();
  const isFull = row.boxes.length >= PAGES_MAX;
  const title = name === 'a' ? texts.branchA : texts.branchB;
  return (
    <fieldset className="branch-controls">
      <legend>{title}</legend>
      <p className="cluster">
        <span>{texts.work(figures.integer(row.work))}</span>
        <span className="faint">{texts.pages(figures.integer(row.boxes.length))}</span>
        {row.boxes.length > 0 && (
          <Badge kind={row.isActive ? 'good' : 'warn'}>{row.isActive ? texts.counts : texts.waits}</Badge>
        )}
      </p>
      <div className="cluster">
        <Button icon="plus" isDisabled={isFull} onPress={() => onGrow('easy')}>
          {texts.addEasy}
        </Button>
        <Button icon="plus" isDisabled={isFull} onPress={() => onGrow('hard')}>
          {texts.addHard}
        </Button>
      </div>
      {isFull && <p className="faint small">{texts.full}</p>}
    </fieldset>
  );
}
