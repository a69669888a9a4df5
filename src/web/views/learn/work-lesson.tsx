// The lesson of work: a forged page and all pages after it have to be mined again, under a target that a browser can reach.

import { type ReactNode, useEffect, useMemo, useReducer, useState } from 'react';
import { LessonChain, type LessonPage } from '../../../platform/browser/lesson-chain.ts';
import { LessonMiner, type MiningState } from '../../../platform/browser/lesson-miner.ts';
import { lowerTarget, readMainSource } from '../../../platform/browser/lesson-source.ts';
import { Button } from '../../components/button.tsx';
import { useFigures } from '../../i18n/messages.tsx';
import { ChainPicture } from './chain-picture.tsx';
import { KernelSays, useIsStacked } from './kernel-says.tsx';
import { MiningPicture } from './mining-picture.tsx';
import { stateOf } from './page-card.tsx';
import { markDone } from './progress.ts';
import { useFrames } from './use-frames.ts';
import { useLearnTexts } from './use-texts.ts';

/** Leading zeros that win: one of 16,384 hashes, about a second of attempts that can be watched. */
const TARGET_BITS = 14;
/** Attempts between two pictures. */
const SLICE = 256;
/** Zeros of the target of January 2009. */
const FIRST_TARGET_BITS = 32;
const SECOND_MS = 1000;

function openEasyChain(): LessonChain {
  const { blocks, consensus } = lowerTarget(readMainSource(), TARGET_BITS);
  return new LessonChain(blocks, consensus);
}

interface Search {
  readonly height: number;
  readonly miner: LessonMiner;
  /** Time that the attempts alone have taken. */
  spentMs: number;
}

/** The playground. */
export function WorkLesson(): ReactNode {
  const isStacked = useIsStacked();
  const [chain] = useState(openEasyChain);
  const [version, redraw] = useReducer((count: number) => count + 1, 0);
  const [, drawAttempts] = useReducer((count: number) => count + 1, 0);
  const [selected, setSelected] = useState(2);
  const [search, setSearch] = useState<Search | null>(null);
  const isMining = search !== null && search.miner.state.nonce === null;
  // The chain is a machine, and the version stands for its changes.
  const pages = useMemo(() => chain.pages, [chain, version]);
  useTaskMarks(pages);
  useFrames(isMining, () => {
    if (search !== null && dig(search, chain)) redraw();
    else drawAttempts();
  });
  const edit = (height: number, change: () => void): void => {
    change();
    setSearch(null);
    setSelected(height);
    redraw();
  };
  const mine = (height: number): void => {
    chain.mendContents(height);
    if (height > 0) chain.mendLink(height);
    setSelected(height);
    setSearch({ height, miner: new LessonMiner(chain.header(height)), spentMs: 0 });
    redraw();
  };
  const searchView = <SearchView search={search} onStop={() => setSearch(null)} />;
  return (
    <>
      <ChainPicture
        pages={pages}
        selected={selected}
        onSelect={setSelected}
        onNote={(height, text) => edit(height, () => chain.setNote(height, text))}
        onReward={(height, sat) => edit(height, () => chain.setReward(height, sat))}
        actionsOf={(one) => (
          <>
            <MineAction page={one} before={pages[one.height - 1]} isBusy={isMining} onMine={() => mine(one.height)} />
            {isStacked && search?.height === one.height && searchView}
          </>
        )}
      />
      {!isStacked && searchView}
      <KernelSays page={pages[selected]!} onStartOver={() => edit(2, () => chain.reset())} />
    </>
  );
}

/** One slice of attempts; true when one has won, which goes into the page. */
function dig(search: Search, chain: LessonChain): boolean {
  const startMs = performance.now();
  search.miner.step(SLICE);
  search.spentMs += performance.now() - startMs;
  const { nonce } = search.miner.state;
  if (nonce === null) return false;
  chain.setNonce(search.height, nonce);
  markDone('work', 'mine');
  return true;
}

function useTaskMarks(pages: readonly LessonPage[]): void {
  useEffect(() => {
    if (pages.some(({ faults }) => faults.contents !== null)) markDone('work', 'change');
    const isForged = pages.some(({ isChanged, height }) => isChanged && height < pages.length - 1);
    if (isForged && pages.every((page) => stateOf(page) === 'good')) markDone('work', 'tip');
    if (pages.some(({ faults }) => faults.rules?.rule === 'coinbase-amount')) markDone('work', 'greed');
  }, [pages]);
}

interface MineActionProps {
  readonly page: LessonPage;
  readonly before: LessonPage | undefined;
  readonly isBusy: boolean;
  readonly onMine: () => void;
}

function MineAction({ page, before, isBusy, onMine }: MineActionProps): ReactNode {
  const all = useLearnTexts();
  const figures = useFigures();
  const { contents, link, work } = page.faults;
  if (contents === null && link === null && work === null) return null;
  if (before !== undefined && stateOf(before) !== 'good') return <p className="faint small">{all.work.waits}</p>;
  return (
    <Button kind="primary" icon="miner" isDisabled={isBusy} onPress={onMine}>
      {all.work.mine(figures.integer(page.height))}
    </Button>
  );
}

const NO_ATTEMPTS: MiningState = {
  attempts: 0,
  counts: [],
  bestHash: '',
  bestBits: 0,
  lastHash: '',
  nonce: null,
};

function SearchView({ search, onStop }: { readonly search: Search | null; readonly onStop: () => void }): ReactNode {
  const all = useLearnTexts();
  const figures = useFigures();
  const { work: texts } = all;
  const state = search?.miner.state ?? NO_ATTEMPTS;
  const { attempts, lastHash, bestBits, nonce } = state;
  const rate = search === null || search.spentMs === 0 ? 0 : (attempts / search.spentMs) * SECOND_MS;
  const height = figures.integer(search?.height ?? 0);
  return (
    <section className="card stack" aria-label={texts.axis}>
      <div className="split">
        <p role="status">
          {search === null ? texts.idle : nonce === null ? texts.mining(height) : texts.won(figures.integer(attempts))}
        </p>
        {search !== null && nonce === null && <Button onPress={onStop}>{texts.stop}</Button>}
      </div>
      <MiningPicture state={state} targetBits={TARGET_BITS} />
      <p className="faint small">{texts.axis}</p>
      <p className="hash hash-full dig-hash">
        <ZeroMarks hash={lastHash} />
      </p>
      {rate > 0 && (
        <p className="cluster small faint">
          <span>{texts.attempts(figures.integer(attempts))}</span>
          <span>{texts.best(figures.integer(bestBits))}</span>
          <span>{texts.rate(figures.hashRate(rate))}</span>
          <span>{texts.atFirst(figures.span(2 ** FIRST_TARGET_BITS / rate))}</span>
        </p>
      )}
    </section>
  );
}

function ZeroMarks({ hash }: { readonly hash: string }): ReactNode {
  const zeros = /^0*/.exec(hash)?.[0].length ?? 0;
  return (
    <>
      <span className="leaf-zeros">{hash.slice(0, zeros)}</span>
      {hash.slice(zeros)}
      {hash === '' && '…'}
    </>
  );
}
