// Where the money of a coin comes from: a field for the coin, the way back as a picture, and the same as a list.

import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { Answer } from '../../components/answer.tsx';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Amount, Hash } from '../../components/figures.tsx';
import { Badge, Empty, Page, Section, Skeleton, Stat, Stats } from '../../components/layout.tsx';
import { TransactionLink } from '../../components/links.tsx';
import { VirtualRows } from '../../components/virtual-rows.tsx';
import { useClient } from '../../data/app-context.tsx';
import {
  type CoinName,
  formatCoinName,
  parseCoinName,
  recentCoinsQuery,
  type Trace,
  type TraceStep,
  traceQuery,
} from '../../data/audit-trace.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import './audit.css';
import { TracePicture } from './trace-picture.tsx';

/** Transactions that are asked for at first, and at most. */
const LIMIT = 100;
const LIMIT_MAX = 1000;

/** The view of a trace. */
export function TracePage(): ReactNode {
  const { audit: texts } = useMessages();
  const { coin: name = '' } = useSearch({ from: '/audit/trace' });
  const coin = parseCoinName(name);
  return (
    <Page title={texts.traceTitle} lead={texts.traceLead}>
      <CoinForm key={name} name={name} />
      {coin === null ? <RecentCoins /> : <TraceView key={name} coin={coin} />}
    </Page>
  );
}

function CoinForm({ name }: { readonly name: string }): ReactNode {
  const { audit: texts } = useMessages();
  const navigate = useNavigate();
  const [text, setText] = useState(name);
  // A link may name what is no coin, as a hand may.
  const [isFaulty, setFaulty] = useState(name !== '' && parseCoinName(name) === null);
  const submit = (): void => {
    const coin = parseCoinName(text);
    setFaulty(coin === null);
    if (coin !== null) void navigate({ to: '/audit/trace', search: { coin: formatCoinName(coin) } });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Field
        label={texts.coin}
        hint={texts.coinHint}
        fault={isFaulty ? texts.coinFault : null}
        value={text}
        onChange={setText}
        isMono
      >
        <Button kind="primary" type="submit">
          {texts.trace}
        </Button>
      </Field>
    </form>
  );
}

function RecentCoins(): ReactNode {
  const { audit: texts } = useMessages();
  const coins = useQuery(recentCoinsQuery(useClient()));
  return (
    <Section title={texts.traceRecent}>
      <Answer of={coins}>
        {(found) =>
          found.length === 0 ? (
            <p className="faint">{texts.traceNone}</p>
          ) : (
            <ul className="stack">
              {found.map((coin) => (
                <li key={coin.txid}>
                  <Link to="/audit/trace" search={{ coin: formatCoinName(coin) }} className="button recent-coin">
                    {texts.traceAny} <Hash text={coin.txid} />
                  </Link>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
    </Section>
  );
}

function TraceView({ coin }: { readonly coin: CoinName }): ReactNode {
  const { audit: texts } = useMessages();
  const [limit, setLimit] = useState(LIMIT);
  const trace = useQuery({ ...traceQuery(useClient(), coin, limit), placeholderData: (before) => before });
  return (
    <Answer of={trace} waiting={<Skeleton lines={6} />}>
      {(data) =>
        data === null ? (
          <Empty title={texts.traceMissing} help={texts.traceMissingHelp} />
        ) : (
          <>
            <TraceSummary trace={data} />
            <Section title={texts.tracePicture} help={texts.tracePictureHelp}>
              <TracePicture steps={data.transactions} />
            </Section>
            <TraceList steps={data.transactions} />
            {!data.complete && limit < LIMIT_MAX && (
              <div className="cluster">
                <Button isDisabled={trace.isFetching} onPress={() => setLimit(LIMIT_MAX)}>
                  {texts.traceMore}
                </Button>
              </div>
            )}
          </>
        )
      }
    </Answer>
  );
}

function TraceSummary({ trace }: { readonly trace: Trace }): ReactNode {
  const { audit: texts } = useMessages();
  const figures = useFigures();
  const { transactions, rewards, rewardsSat, complete } = trace;
  const payments = figures.integer(transactions.length - rewards);
  const isReward = transactions[0]?.reward === true;
  const oldest = Math.min(...transactions.map(({ height }) => height));
  const words = complete
    ? texts.traceComplete(figures.integer(rewards), payments)
    : texts.tracePartial(figures.integer(transactions.length));
  return (
    <div className="stack">
      <p className="trace-words">{isReward ? texts.traceReward : words}</p>
      <Stats>
        <Stat name={texts.traceRewards}>{figures.integer(rewards)}</Stat>
        <Stat name={texts.traceRewardsSat}>
          <Amount sat={rewardsSat} />
        </Stat>
        <Stat name={texts.tracePayments}>{payments}</Stat>
        <Stat name={texts.traceOldest}>{figures.integer(oldest)}</Stat>
      </Stats>
    </div>
  );
}

/** Height of a step before it is measured. */
const ROW_PX = 60;

function TraceList({ steps }: { readonly steps: readonly TraceStep[] }): ReactNode {
  const { audit: texts } = useMessages();
  const figures = useFigures();
  return (
    <Section title={texts.traceList}>
      <VirtualRows items={steps} keyOf={({ txid }) => txid} rowPx={ROW_PX} label={texts.traceList}>
        {({ txid, height, reward, valueSat, inputs }) => (
          <div className="row row-step">
            <span className="cluster">
              <TransactionLink txid={txid} />
              {reward ? <Badge kind="good">{texts.reward}</Badge> : <Badge>{texts.payment}</Badge>}
            </span>
            <span className="faint">
              {texts.page(figures.integer(height))}
              {!reward && ` · ${texts.spends(figures.integer(inputs.length))}`}
            </span>
            <span className="number">
              <Amount sat={valueSat} />
            </span>
          </div>
        )}
      </VirtualRows>
    </Section>
  );
}
