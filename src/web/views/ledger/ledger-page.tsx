// The ledger at a glance: its figures, the newest blocks with the next one forming beside them, and how it has developed.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Answer } from '../../components/answer.tsx';
import { Amount } from '../../components/figures.tsx';
import { Empty, Page, Section, Skeleton, Stat, Stats } from '../../components/layout.tsx';
import { Notice } from '../../components/notice.tsx';
import { useClient } from '../../data/app-context.tsx';
import { type ChainInfo, chainInfoQuery, mempoolQuery, networkHashRateQuery } from '../../data/chain-queries.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import { ChainStrip } from './chain-strip.tsx';
import { chartSeriesQuery, LedgerCharts } from './ledger-charts.tsx';
import './ledger.css';

/** The view of the whole ledger. */
export function LedgerPage(): ReactNode {
  const { ledger } = useMessages();
  const client = useClient();
  const chain = useQuery(chainInfoQuery(client));
  // Asked for beside the others; who shows it waits for the first of them.
  useQuery(networkHashRateQuery(client));
  return (
    <Page title={ledger.title} lead={ledger.lead}>
      <Answer of={chain} waiting={<Skeleton lines={2} />}>
        {({ height, difficulty }) => <LedgerStats height={height} difficulty={difficulty} />}
      </Answer>
      {chain.data !== undefined && <SyncNotice chain={chain.data} />}
      {chain.data?.headers === 0 && (
        <Empty title={ledger.emptyTitle} help={ledger.emptyHelp}>
          <Link to="/miner" className="button" data-kind="primary">
            {ledger.toMiner}
          </Link>
        </Empty>
      )}
      <ChainStrip />
      <MempoolSection />
      <LedgerCharts />
    </Page>
  );
}

/** How far the node is while it has fewer blocks than headers. */
function SyncNotice({ chain: { height, headers } }: { readonly chain: ChainInfo }): ReactNode {
  const { ledger } = useMessages();
  const figures = useFigures();
  // One block behind is what every node is for a moment.
  if (headers - height < 2) return null;
  return (
    <Notice title={ledger.syncing}>
      <p>{ledger.syncingAt(figures.integer(height), figures.integer(headers))}</p>
      <progress className="progress" value={height} max={headers} aria-label={ledger.syncing} />
    </Notice>
  );
}

interface LedgerStatsProps {
  readonly height: number;
  readonly difficulty: number;
}

function LedgerStats({ height, difficulty }: LedgerStatsProps): ReactNode {
  const { ledger } = useMessages();
  const figures = useFigures();
  const client = useClient();
  const rate = useQuery(networkHashRateQuery(client));
  // The last point of the charts holds the sum of all that was made.
  const sums = useQuery(chartSeriesQuery(client, 'recent'));
  const supplySat = sums.data?.supplySat.at(-1) ?? null;
  return (
    <Stats>
      <Stat name={ledger.height} note={ledger.heightNote}>
        {figures.integer(height)}
      </Stat>
      <Stat name={ledger.difficulty} note={ledger.difficultyNote}>
        {figures.difficulty(difficulty)}
      </Stat>
      <Stat name={ledger.hashRate} note={ledger.hashRateNote}>
        {rate.data === undefined ? '–' : figures.hashRate(rate.data)}
      </Stat>
      <Stat
        name={ledger.supply}
        note={
          sums.data && supplySat !== null
            ? ledger.supplyOfCap(figures.percent(supplySat / sums.data.capSat, 4))
            : undefined
        }
      >
        {supplySat === null ? '–' : <Amount sat={supplySat} />}
      </Stat>
    </Stats>
  );
}

function MempoolSection(): ReactNode {
  const { ledger } = useMessages();
  const figures = useFigures();
  const mempool = useQuery(mempoolQuery(useClient()));
  return (
    <Section title={ledger.mempool}>
      <Answer of={mempool} waiting={<Skeleton lines={2} />}>
        {({ transactionCount, vsize, feesSat, minimumFeerate }) => (
          <Stats>
            <Stat name={ledger.mempoolCount}>{figures.integer(transactionCount)}</Stat>
            <Stat name={ledger.mempoolSize}>{figures.bytes(vsize)}</Stat>
            <Stat name={ledger.mempoolFees}>
              <Amount sat={feesSat} />
            </Stat>
            <Stat name={ledger.mempoolMinimum} note={ledger.mempoolMinimumNote}>
              {ledger.feeRateUnit(figures.short(minimumFeerate))}
            </Stat>
          </Stats>
        )}
      </Answer>
    </Section>
  );
}
