// How the ledger has developed: difficulty, hash rate, time between blocks, fees, and the coins against their cap.

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { RpcClient } from '../../../api/client.ts';
import { Answer } from '../../components/answer.tsx';
import { Chart } from '../../components/chart.tsx';
import type { ChartLine } from '../../components/chart-types.ts';
import { useUnit } from '../../components/figures.tsx';
import { Section } from '../../components/layout.tsx';
import { useClient } from '../../data/app-context.tsx';
import { type LedgerSeries, ledgerSeriesQuery } from '../../data/chain-queries.ts';
import { SAT_PER_UNIT } from '../../format/amount.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import { computeMeanRates } from './mean-rate.ts';

/** Blocks of the shorter range. */
const RECENT = 200;

/** Points of a chart: about one for each two pixels of a wide one. */
const POINTS = 240;

type Range = 'recent' | 'all';

/** The columns of the charts. */
export function chartSeriesQuery(client: RpcClient, range: Range) {
  return ledgerSeriesQuery(client, range === 'all' ? 0 : -RECENT, POINTS);
}

/** The charts. */
export function LedgerCharts(): ReactNode {
  const { ledger } = useMessages();
  const figures = useFigures();
  const client = useClient();
  const [range, setRange] = useState<Range>('recent');
  const series = useQuery({ ...chartSeriesQuery(client, range), placeholderData: keepPreviousData });
  const names: Readonly<Record<Range, string>> = {
    recent: ledger.chartRecent(figures.integer(RECENT)),
    all: ledger.chartAll,
  };
  const choice = (
    <fieldset className="choice">
      <legend className="visually-hidden">{ledger.chartRange}</legend>
      {(['recent', 'all'] as const).map((one) => (
        <label key={one}>
          <input type="radio" name="range" checked={range === one} onChange={() => setRange(one)} />
          {names[one]}
        </label>
      ))}
    </fieldset>
  );
  return (
    <Section title={ledger.charts} aside={choice}>
      <Answer of={series} waiting={<span className="skeleton chain-place" />}>
        {(data) =>
          data.height.length < 2 ? <p className="faint">{ledger.chartEmpty}</p> : <ChartGrid series={data} />
        }
      </Answer>
    </Section>
  );
}

function ChartGrid({ series }: { readonly series: LedgerSeries }): ReactNode {
  const { ledger } = useMessages();
  const figures = useFigures();
  const unit = useUnit();
  const amount = (value: number): string => `${figures.compact(value)} ${unit}`;
  const cap = series.height.map(() => series.capSat / SAT_PER_UNIT);
  const rates = computeMeanRates(series.difficulty, series.intervalSec);
  const charts: readonly Omit<OneChartProps, 'series'>[] = [
    {
      title: ledger.chartDifficulty,
      help: ledger.chartDifficultyHelp,
      lines: [{ name: ledger.chartDifficulty, values: series.difficulty, kind: 'steps' }],
      formatValue: (value) => figures.difficulty(value),
    },
    {
      title: ledger.chartHashRate,
      help: ledger.chartHashRateHelp,
      lines: [{ name: ledger.chartHashRate, values: rates, kind: 'line' }],
      formatValue: (value) => figures.hashRate(value),
    },
    {
      title: ledger.chartInterval,
      help: ledger.chartIntervalHelp,
      lines: [{ name: ledger.chartInterval, values: series.intervalSec, kind: 'dots' }],
      formatValue: (value) => (value <= 0 ? '0' : figures.span(value)),
    },
    {
      title: ledger.chartFees,
      help: ledger.chartFeesHelp,
      lines: [{ name: ledger.fees, values: toUnits(series.feesSat), kind: 'area' }],
      formatValue: amount,
    },
    {
      title: ledger.chartSupply,
      help: ledger.chartSupplyHelp,
      lines: [
        { name: ledger.chartSupplyLine, values: toUnits(series.supplySat), kind: 'area' },
        { name: ledger.chartCap, values: cap, kind: 'dashes', colour: '--ink-faint' },
      ],
      formatValue: amount,
    },
  ];
  return (
    <div className="columns">
      {charts.map((chart) => (
        <OneChart key={chart.title} {...chart} series={series} />
      ))}
    </div>
  );
}

function toUnits(values: readonly (number | null)[]): readonly (number | null)[] {
  return values.map((sat) => (sat === null ? null : sat / SAT_PER_UNIT));
}

interface OneChartProps {
  readonly title: string;
  readonly help: string;
  readonly series: LedgerSeries;
  readonly lines: readonly ChartLine[];
  readonly formatValue: (value: number) => string;
}

function OneChart({ title, help, series, lines, formatValue }: OneChartProps): ReactNode {
  const { ledger } = useMessages();
  const figures = useFigures();
  const last = lines[0]?.values.filter((value) => value !== null).at(-1) ?? null;
  const lastText = last === null ? '–' : formatValue(last);
  return (
    <div className="card chart-card">
      <div className="split">
        <h3>{title}</h3>
        <span className="chart-last">{lastText}</span>
      </div>
      <p className="faint small">{help}</p>
      <Chart
        at={series.height}
        atName={ledger.height}
        lines={lines}
        formatAt={(height) => figures.integer(height)}
        formatValue={formatValue}
        isFromZero
        summary={ledger.chartSummary(title, figures.integer(series.from), figures.integer(series.to), lastText)}
      />
    </div>
  );
}
