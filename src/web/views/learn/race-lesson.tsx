// The race of the miners: real hashes in turns, wins as strokes on a stick, shares of wins beside shares of power.

import { type ReactNode, useReducer, useState } from 'react';
import { LessonRace } from '../../../platform/browser/lesson-race.ts';
import { Button } from '../../components/button.tsx';
import { Section } from '../../components/layout.tsx';
import { NARROW, useMedia } from '../../components/use-media.ts';
import { useFigures } from '../../i18n/messages.tsx';
import { LuckPicture } from './luck-picture.tsx';
import { markDone } from './progress.ts';
import { TallyMarks } from './tally-marks.tsx';
import { useFrames } from './use-frames.ts';
import { useLearnTexts } from './use-texts.ts';

/** One of 2,048 attempts wins. */
const TARGET_BITS = 11;
/** Attempts between two pictures: several pages a second. */
const SLICE = 400;
/** Power of each at first, and at most. */
const POWERS: readonly number[] = Object.freeze([2, 1, 4, 3]);
const POWER_MAX = 12;
/** Names of the others. */
const NAMES = ['', 'A', 'B', 'C'] as const;
/** Strokes that are drawn; behind them stands the number alone. */
const STROKES_MAX = 50;
const STROKES_MAX_NARROW = 30;
const RUN_PAGES = 20;
const MANY_PAGES = 100;

/** The playground. */
export function RaceLesson(): ReactNode {
  const all = useLearnTexts();
  const figures = useFigures();
  const { race: texts } = all;
  const [race, setRace] = useState(() => new LessonRace(POWERS, TARGET_BITS, createSeed()));
  const [powers, setPowers] = useState(POWERS);
  const [isRunning, setRunning] = useState(false);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useFrames(isRunning, () => {
    race.step(SLICE);
    if (race.wins.length >= RUN_PAGES) markDone('race', 'run');
    if (race.wins.length >= MANY_PAGES) markDone('race', 'hundred');
    redraw();
  });
  const change = (miner: number, power: number): void => {
    race.setPower(miner, power);
    setPowers(powers.map((old, i) => (i === miner ? power : old)));
    if (miner === 0 && power > (powers[0] ?? 0)) markDone('race', 'power');
  };
  const startOver = (): void => {
    setRace(new LessonRace(powers, TARGET_BITS, createSeed()));
    setRunning(false);
  };
  const { wins } = race;
  const total = powers.reduce((sum, power) => sum + power, 0);
  return (
    <Section
      title={texts.won}
      aside={<span className="faint">{texts.total(figures.integer(wins.length))}</span>}
      isCard
    >
      <div className="cluster">
        <Button kind="primary" onPress={() => setRunning(!isRunning)}>
          {isRunning ? texts.pause : texts.start}
        </Button>
        <Button kind="quiet" onPress={startOver}>
          {all.startOver}
        </Button>
        {total === 0 && <span role="status">{texts.nobody}</span>}
      </div>
      <ol className="racers">
        {powers.map((power, miner) => (
          <Racer
            key={miner}
            name={miner === 0 ? texts.you : texts.miner(NAMES[miner] ?? '')}
            power={power}
            total={total}
            won={wins.filter((win) => win.miner === miner).length}
            pages={wins.length}
            onPower={(next) => change(miner, next)}
          />
        ))}
      </ol>
      <h3>{texts.luck}</h3>
      <p className="faint small">{texts.luckHelp}</p>
      <LuckPicture wins={wins} mean={2 ** TARGET_BITS} />
    </Section>
  );
}

/** Makes one race differ from the next. */
function createSeed(): string {
  return [...crypto.getRandomValues(new Uint32Array(2))].join('-');
}

interface RacerProps {
  readonly name: string;
  readonly power: number;
  readonly total: number;
  readonly won: number;
  readonly pages: number;
  readonly onPower: (power: number) => void;
}

function Racer({ name, power, total, won, pages, onPower }: RacerProps): ReactNode {
  const { race: texts } = useLearnTexts();
  const figures = useFigures();
  const strokesMax = useMedia(NARROW) ? STROKES_MAX_NARROW : STROKES_MAX;
  const powerShare = total === 0 ? 0 : power / total;
  const winShare = pages === 0 ? 0 : won / pages;
  return (
    <li className="racer">
      <div className="racer-head">
        <span className="racer-name">{name}</span>
        <span className="racer-won">{figures.integer(won)}</span>
        {won <= strokesMax && <TallyMarks count={won} />}
      </div>
      <input
        className="slider"
        type="range"
        min="0"
        max={POWER_MAX}
        step="1"
        value={power}
        aria-label={texts.powerOf(name)}
        onChange={(event) => onPower(Number(event.target.value))}
      />
      <div className="share-bars">
        <span className="share-bar" data-kind="power" style={{ inlineSize: `${powerShare * 100}%` }} />
        <span className="share-bar" data-kind="wins" style={{ inlineSize: `${winShare * 100}%` }} />
      </div>
      <p className="racer-shares small">
        <span>{texts.shareOfPower(figures.percent(powerShare, 0))}</span>
        <span className="racer-wins">{texts.shareOfWins(figures.percent(winShare, 0))}</span>
      </p>
    </li>
  );
}
