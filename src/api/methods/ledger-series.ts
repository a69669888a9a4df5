// getledgerseries: how a ledger has developed, as columns for charts. A point costs one entry of the index of headers, and one row where
// there is an index of addresses; no block is read. Core has no such method.

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import { computeScheduledSupplySat, computeSupplyLimitSat, getBlockSubsidy } from '../../kernel/consensus/subsidy.ts';
import type { LedgerTotals, SummaryRow } from '../../node/index/block-summary.ts';
import { type Arguments, asInteger } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { computeDifficulty } from '../format/header.ts';
import { JsonNumber, type JsonOutput, jsonDouble } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, OURS, object, optional, param, result } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';
import { Turns } from '../turns.ts';
import { readBounded } from './ledger-blocks.ts';
import { readIndexedSummaries } from './ledger-summaries.ts';

/** Points of a series where a call names no number. */
const POINTS_DEFAULT = 500;

/** Points of a series at most: more than a chart has pixels. */
const POINTS_MAX = 2000;

/** The blocks that a point stands for: those after `before` up to `last`. */
interface Stretch {
  /** -1: from the first block on. */
  readonly beforeHeight: number;
  readonly last: BlockEntry;
  readonly blockCount: number;
  /** Sums after the last and before the first; null: not indexed. */
  readonly totals: { readonly last: LedgerTotals; readonly before: LedgerTotals } | null;
}

type Column = (context: RpcContext, stretch: Stretch) => JsonOutput;

async function getLedgerSeries(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const { chain, params } = context;
  const to = readHeight(context, args, 'to_height', chain.height);
  const from = readFirstHeight(context, args, to);
  if (from > to) throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'from_height is above to_height');
  const heights = chooseHeights(from, to, readBounded(args, 'points', POINTS_DEFAULT, 1, POINTS_MAX));
  const entries = heights.map((height) => chain.active.at(height));
  const before = from === 0 ? [] : [chain.active.at(from - 1)];
  const rows = await readIndexedSummaries(context, [...before, ...entries]);
  const stretches = makeStretches(from, heights, entries, rows);
  const columns = new Map<string, JsonOutput>([
    ['from', from],
    ['to', to],
    ['capSat', new JsonNumber(computeSupplyLimitSat(params.consensus).toString())],
    ['isExact', stretches.every(({ totals }) => totals !== null)],
  ]);
  const turns = new Turns(context);
  for (const [name, column] of COLUMNS) {
    columns.set(
      name,
      stretches.map((stretch) => column(context, stretch)),
    );
    if (turns.isDue) await turns.pause();
  }
  return columns;
}

/** Below zero it counts back from the last block; further back than the first block there is nothing. */
function readFirstHeight(context: RpcContext, args: Arguments, to: number): number {
  const from = args.integer('from_height', 0);
  return from < 0 ? Math.max(0, to + 1 + from) : readHeight(context, args, 'from_height', 0);
}

function readHeight({ chain }: RpcContext, args: Arguments, name: string, fallback: number): number {
  const value = args.value(name);
  const height = value === null ? fallback : asInteger(value);
  if (height < 0) throw new RpcError(RPC_CODE.INVALID_PARAMETER, `${name} is negative`);
  if (height <= chain.height) return height;
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, `${name} is after the current tip ${chain.height}`);
}

/** The last heights of stretches that are as long as each other, about; the last one is `to`. */
function chooseHeights(from: number, to: number, pointCount: number): readonly number[] {
  const blockCount = to - from + 1;
  const count = Math.min(pointCount, blockCount);
  return Array.from({ length: count }, (_, i) => from + Math.floor(((i + 1) * blockCount) / count) - 1);
}

function makeStretches(
  from: number,
  heights: readonly number[],
  entries: readonly BlockEntry[],
  rows: readonly (SummaryRow | null)[],
): readonly Stretch[] {
  const rowsBefore = from === 0 ? 0 : 1;
  return heights.map((height, i) => {
    const beforeHeight = i === 0 ? from - 1 : heights[i - 1]!;
    const last = rows[rowsBefore + i] ?? null;
    const before = beforeHeight < 0 ? NOTHING_BEFORE : (rows[rowsBefore + i - 1] ?? null);
    const totals = last === null || before === null ? null : { last: last.totals, before: before.totals };
    return { beforeHeight, last: entries[i]!, blockCount: height - beforeHeight, totals };
  });
}

const NOTHING_BEFORE = { totals: { feesSat: 0, rewardSat: 0 } };

/** Seconds that a stretch took; null for one that begins with the first block, before which there is no time. */
function spanSec({ chain }: RpcContext, { beforeHeight, last }: Stretch): number | null {
  if (beforeHeight < 0) return null;
  return chain.index.timeSec(last) - chain.index.timeSec(chain.active.at(beforeHeight));
}

function meanHashRate(context: RpcContext, stretch: Stretch): JsonOutput {
  const seconds = spanSec(context, stretch);
  if (seconds === null || seconds <= 0) return null;
  const { index, active } = context.chain;
  const work = index.chainWork(stretch.last) - index.chainWork(active.at(stretch.beforeHeight));
  return jsonDouble(Number(work) / seconds);
}

function meanInterval(context: RpcContext, stretch: Stretch): JsonOutput {
  const seconds = spanSec(context, stretch);
  return seconds === null ? null : jsonDouble(seconds / stretch.blockCount);
}

function meanTransactions({ chain }: RpcContext, { beforeHeight, last, blockCount }: Stretch): JsonOutput {
  const before = beforeHeight < 0 ? 0 : chain.index.chainTxCount(chain.active.at(beforeHeight));
  return jsonDouble((chain.index.chainTxCount(last) - before) / blockCount);
}

function meanReward({ chain, params }: RpcContext, { totals, last, blockCount }: Stretch): JsonOutput {
  if (totals === null) return getBlockSubsidy(chain.index.height(last), params.consensus);
  return Math.round((totals.last.rewardSat - totals.before.rewardSat) / blockCount);
}

function supplyAfter({ chain, params }: RpcContext, { totals, last }: Stretch): JsonOutput {
  if (totals !== null) return totals.last.rewardSat - totals.last.feesSat;
  return new JsonNumber(computeScheduledSupplySat(chain.index.height(last), params.consensus).toString());
}

const COLUMNS: readonly (readonly [name: string, column: Column])[] = [
  ['height', ({ chain }, { last }) => chain.index.height(last)],
  ['time', ({ chain }, { last }) => chain.index.timeSec(last)],
  ['difficulty', ({ chain }, { last }) => jsonDouble(computeDifficulty(chain.index.bits(last)))],
  ['hashesPerSecond', meanHashRate],
  ['intervalSec', meanInterval],
  ['transactions', meanTransactions],
  [
    'feesSat',
    (_, { totals, blockCount }) =>
      totals === null ? null : Math.round((totals.last.feesSat - totals.before.feesSat) / blockCount),
  ],
  ['rewardSat', meanReward],
  ['supplySat', supplyAfter],
];

function column(key: string, description: string): ResultSpec {
  return field(key, 'array', description, { inner: [result('number', 'A value, or null', { skipsTypeCheck: true })] });
}

/** The methods of this file. */
export const LEDGER_SERIES_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getledgerseries',
    ...OURS,
    description: `Tells how the ledger has developed, as columns of equal length. A point stands for the blocks after the point before it; means are those of these blocks.`,
    parameters: [
      param('from_height', 'number', 'Height of the first block; below zero: so many blocks up to the last one', {
        default: 0,
      }),
      optional('to_height', 'number', 'Height of the last block; the tip if left out'),
      param('points', 'number', `How many points at most, 1 to ${POINTS_MAX}`, { default: POINTS_DEFAULT }),
    ],
    results: [
      object([
        field('from', 'number', 'Height of the first block'),
        field('to', 'number', 'Height of the last block'),
        field('capSat', 'number', 'What there will ever be, in satoshis'),
        field(
          'isExact',
          'boolean',
          'Whether fees, rewards and supply are those of the blocks (option -addressindex); otherwise they are what the schedule allows, and fees are null',
        ),
        column('height', 'Height of the last block'),
        column('time', 'Its time, in seconds since 1970'),
        column('difficulty', 'Its difficulty'),
        column('hashesPerSecond', 'Hashes that the network seems to have computed in a second'),
        column('intervalSec', 'Seconds from block to block, in the mean'),
        column('transactions', 'Transactions of a block, in the mean'),
        column('feesSat', 'Fees of a block in satoshis, in the mean'),
        column('rewardSat', 'What the miner of a block took in satoshis, in the mean'),
        column('supplySat', 'Satoshis that there were after the last block, without those of the first one'),
      ]),
    ],
    examples: ['', '0 100000 200', '-200'],
    run: getLedgerSeries,
  },
]);
