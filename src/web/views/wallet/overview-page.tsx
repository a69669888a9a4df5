// What a wallet holds and what happened last.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Answer } from '../../components/answer.tsx';
import { Button } from '../../components/button.tsx';
import { Chart } from '../../components/chart.tsx';
import { Amount, useUnit } from '../../components/figures.tsx';
import { Empty, Section, Skeleton } from '../../components/layout.tsx';
import { Notice } from '../../components/notice.tsx';
import { useClient } from '../../data/app-context.tsx';
import { changeMiner, createAddress, minerQuery } from '../../data/miner-queries.ts';
import { type BalanceSeries, balanceSeriesQuery } from '../../data/wallet-history.ts';
import { type WalletBalance, walletBalanceQuery } from '../../data/wallet-info.ts';
import { SAT_PER_UNIT } from '../../format/amount.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import { MovementRows } from './movement-rows.tsx';
import { useMovements } from './use-movements.ts';
import { useWallet } from './wallet-context.tsx';
import { WalletFault } from './wallet-fault.tsx';
import { formatWalletPart } from './wallet-path.ts';

/** Movements that are shown of a history. */
const LATEST_COUNT = 6;

const DAY_SEC = 86_400;

/** The page that a wallet opens with. */
export function OverviewPage(): ReactNode {
  const { wallet: texts } = useMessages();
  const { name } = useWallet();
  const client = useClient();
  const balance = useQuery(walletBalanceQuery(client, name));
  const series = useQuery(balanceSeriesQuery(client, name));
  const { query, movements } = useMovements(LATEST_COUNT);
  return (
    <>
      <Answer of={balance} waiting={<Skeleton lines={2} />}>
        {(data) => <Balance balance={data} />}
      </Answer>
      <Answer of={query}>
        {() =>
          movements.length === 0 ? (
            <Section title={texts.overview.latest}>
              <NothingYet />
            </Section>
          ) : (
            <>
              <Answer of={series} waiting={<span className="skeleton chart-place" />}>
                {(data) => <BalanceChart series={data} />}
              </Answer>
              <Section title={texts.overview.latest} aside={<HistoryLink />}>
                <MovementRows movements={movements.slice(0, LATEST_COUNT)} />
              </Section>
            </>
          )
        }
      </Answer>
    </>
  );
}

function Balance({ balance }: { readonly balance: WalletBalance }): ReactNode {
  const { wallet: texts } = useMessages();
  const { name } = useWallet();
  const params = { wallet: formatWalletPart(name) };
  const { confirmedSat, pendingSat, immatureSat } = balance;
  return (
    <div className="card balance">
      <div>
        <p className="balance-name">{texts.overview.balance}</p>
        <p className="balance-sum">
          <Amount sat={confirmedSat} />
        </p>
      </div>
      <div className="cluster balance-acts">
        <Link to="/wallet/$wallet/receive" params={params} className="button" data-kind="primary">
          {texts.frame.receive}
        </Link>
        <Link to="/wallet/$wallet/send" params={params} className="button">
          {texts.frame.send}
        </Link>
      </div>
      {(pendingSat > 0 || immatureSat > 0) && (
        <dl className="balance-parts">
          {pendingSat > 0 && (
            <BalancePart name={texts.overview.pending} help={texts.overview.pendingHelp} sat={pendingSat} />
          )}
          {immatureSat > 0 && (
            <BalancePart name={texts.overview.immature} help={texts.overview.immatureHelp} sat={immatureSat} />
          )}
          <div className="total">
            <dt>{texts.overview.all}</dt>
            <dd>
              <Amount sat={confirmedSat + pendingSat + immatureSat} />
            </dd>
          </div>
        </dl>
      )}
    </div>
  );
}

interface BalancePartProps {
  readonly name: string;
  readonly help: string;
  readonly sat: number;
}

function BalancePart({ name, help, sat }: BalancePartProps): ReactNode {
  return (
    <div>
      <dt>
        {name}
        <span className="part-help">{help}</span>
      </dt>
      <dd>
        <Amount sat={sat} isSigned />
      </dd>
    </div>
  );
}

function HistoryLink(): ReactNode {
  const { wallet: texts } = useMessages();
  const { name } = useWallet();
  return (
    <Link to="/wallet/$wallet/history" params={{ wallet: formatWalletPart(name) }}>
      {texts.overview.toHistory}
    </Link>
  );
}

function BalanceChart({ series: { time, balanceSat } }: { readonly series: BalanceSeries }): ReactNode {
  const { wallet: texts, ledger } = useMessages();
  const figures = useFigures();
  const unit = useUnit();
  // All of it in one moment is no line.
  if (time.length < 2 || time[0] === time.at(-1)) return null;
  const format = (sat: number): string => `${figures.compact(sat / SAT_PER_UNIT)} ${unit}`;
  const isOneDay = time.at(-1)! - time[0]! < DAY_SEC;
  return (
    <Section title={texts.overview.chart} isCard>
      <Chart
        at={time}
        atName={ledger.time}
        lines={[{ name: texts.overview.chartLine, values: balanceSat, kind: 'area' }]}
        formatAt={(at) => (isOneDay ? figures.timeOfDay(at) : figures.date(at))}
        formatValue={format}
        summary={texts.overview.chartSummary(format(balanceSat[0]!), format(balanceSat.at(-1)!))}
        isFromZero
      />
    </Section>
  );
}

/** The wallet is new: how the first coins come into it. */
function NothingYet(): ReactNode {
  const { wallet: texts } = useMessages();
  const { name, hasKeys } = useWallet();
  const client = useClient();
  const queries = useQueryClient();
  const mine = useMutation({
    mutationFn: async () => {
      const address = await createAddress(client, name, texts.overview.mineLabel);
      queries.setQueryData(minerQuery(client).queryKey, await changeMiner(client, { address, on: true }));
    },
  });
  return (
    <Empty title={texts.overview.nothing} help={texts.overview.nothingHelp}>
      <div className="cluster">
        <Link
          to="/wallet/$wallet/receive"
          params={{ wallet: formatWalletPart(name) }}
          className="button"
          data-kind="primary"
        >
          {texts.frame.receive}
        </Link>
        {hasKeys && (
          <Button isDisabled={mine.isPending || mine.isSuccess} onPress={() => mine.mutate()}>
            {texts.overview.mineHere}
          </Button>
        )}
      </div>
      {mine.isSuccess && <Notice>{texts.overview.mining}</Notice>}
      {mine.error !== null && <WalletFault error={mine.error} />}
    </Empty>
  );
}
