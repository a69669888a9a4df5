// The miner: its switch, its share of the machine, how it searches, and what it has won.

import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { Answer } from '../../components/answer.tsx';
import { Chart } from '../../components/chart.tsx';
import { Amount, Time } from '../../components/figures.tsx';
import { Page, Section, Skeleton, Stat, Stats } from '../../components/layout.tsx';
import { BlockLink } from '../../components/links.tsx';
import { useClient } from '../../data/app-context.tsx';
import { nextBlockQuery } from '../../data/chain-queries.ts';
import { type MinerInfo, minerQuery } from '../../data/miner-queries.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import { AttemptStrip } from './attempt-strip.tsx';
import './miner.css';
import { MinerControls } from './miner-controls.tsx';
import { addSample, type RateSample } from './rate-samples.ts';

const SECOND_MS = 1000;

/** The view of the miner. */
export function MinerPage(): ReactNode {
  const { miner: texts } = useMessages();
  const miner = useQuery(minerQuery(useClient()));
  const samples = useSamples(miner.data, miner.dataUpdatedAt);
  return (
    <Page title={texts.title} lead={texts.lead}>
      <Answer of={miner} waiting={<Skeleton lines={6} />}>
        {(data) => (
          <>
            <div className="miner-top">
              <MinerControls miner={data} />
              <MinerStats miner={data} />
            </div>
            <Section title={texts.strip} help={texts.stripHelp} isCard>
              <AttemptStrip miner={data} />
            </Section>
            <RateChart samples={samples} />
            <PagesWon miner={data} />
          </>
        )}
      </Answer>
    </Page>
  );
}

/** What the hash rate was since the view was opened. */
function useSamples(miner: MinerInfo | undefined, updatedAtMs: number): readonly RateSample[] {
  const [samples, setSamples] = useState<readonly RateSample[]>([]);
  const hashesPerSecond = miner?.hashesPerSecond;
  useEffect(() => {
    if (hashesPerSecond === undefined) return;
    setSamples((known) => addSample(known, { atSec: Math.floor(updatedAtMs / SECOND_MS), hashesPerSecond }));
  }, [hashesPerSecond, updatedAtMs]);
  return samples;
}

function MinerStats({ miner }: { readonly miner: MinerInfo }): ReactNode {
  const { miner: texts, common } = useMessages();
  const figures = useFigures();
  const { hashesPerSecond, height, rewardSat, expectedSec, networkHashesPerSecond, networkShare, hashes, pagesWon } =
    miner;
  // Before the first search the miner has no page of its own: what the next one would pay, the node knows.
  const next = useQuery({ ...nextBlockQuery(useClient()), enabled: rewardSat === 0 });
  return (
    <Stats>
      <Stat name={texts.hashRate} note={texts.hashRateNow}>
        {figures.hashRate(hashesPerSecond)}
      </Stat>
      <Stat name={texts.expected} note={texts.expectedHelp}>
        {expectedSec === undefined || !miner.isOn ? texts.expectedNever : figures.span(expectedSec)}
      </Stat>
      <Stat name={texts.nextHeight}>{figures.integer(height)}</Stat>
      <Stat name={texts.reward}>
        <Amount sat={rewardSat === 0 ? (next.data?.rewardSat ?? 0) : rewardSat} />
      </Stat>
      <Stat
        name={texts.yourShare}
        note={common.nameAndWhat(texts.networkRate, figures.hashRate(networkHashesPerSecond))}
      >
        {figures.percent(networkShare, 1)}
      </Stat>
      <Stat name={texts.pagesWon} note={texts.attempts(figures.compact(hashes))}>
        {figures.integer(pagesWon)}
      </Stat>
    </Stats>
  );
}

function RateChart({ samples }: { readonly samples: readonly RateSample[] }): ReactNode {
  const { miner: texts, ledger } = useMessages();
  const figures = useFigures();
  const last = samples.at(-1);
  const rate = figures.hashRate(last?.hashesPerSecond ?? 0);
  return (
    <Section title={texts.hashRateChart} isCard>
      {samples.length < 2 ? (
        <p className="faint">{texts.hashRateEmpty}</p>
      ) : (
        <Chart
          at={samples.map(({ atSec }) => atSec)}
          atName={ledger.time}
          lines={[
            { name: texts.hashRate, values: samples.map(({ hashesPerSecond }) => hashesPerSecond), kind: 'area' },
          ]}
          formatAt={(at) => figures.timeOfDay(at)}
          formatValue={(value) => figures.hashRate(value)}
          summary={texts.chartSummary(rate)}
          isFromZero
        />
      )}
    </Section>
  );
}

function PagesWon({ miner: { pages } }: { readonly miner: MinerInfo }): ReactNode {
  const { miner: texts } = useMessages();
  return (
    <Section title={texts.pagesWonList}>
      {pages.length === 0 ? (
        <p className="faint">{texts.pagesWonEmpty}</p>
      ) : (
        <ul>
          {pages.map(({ height, hash, time, rewardSat }) => (
            <li key={hash} className="row row-won">
              <BlockLink hash={hash} height={height} />
              <span className="faint">
                <Time timeSec={time} />
              </span>
              <span className="number">
                <Amount sat={rewardSat} isSigned />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
