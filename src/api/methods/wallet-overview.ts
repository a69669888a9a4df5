// What a person sees of a wallet at a glance, however long its history is: how the balance came to be, in as many points as a picture
// shows apart, and who was paid before. Core has no such methods.

import { fromHex } from '../../kernel/util/bytes.ts';
import { formatAddress } from '../../wallet/address.ts';
import type { TxView } from '../../wallet/books/tx-view.ts';
import type { Wallet } from '../../wallet/wallet/wallet.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import type { JsonOutput, JsonRecord } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, OURS, object, param, result } from '../schema-words.ts';
import { Turns } from '../turns.ts';
import { readBounded } from './ledger-blocks.ts';
import { requireWallet } from './wallet-lookup.ts';

/** Points of a series where a call names no number: as many as a small picture shows apart. */
const POINTS_DEFAULT = 120;

/** Points of a series at most: more than a picture has pixels. */
const POINTS_MAX = 2000;

/** People who were paid, where a call names no number and at most. */
const PAYEES_DEFAULT = 1000;
const PAYEES_MAX = 10_000;

/** A transaction takes about a microsecond: the clock is looked at now and then. */
const TRANSACTIONS_PER_LOOK = 64;

/** What a transaction in a block changed. */
interface Step {
  readonly height: number;
  readonly index: number;
  readonly timeSec: number;
  readonly changeSat: number;
}

function getBalanceSeries(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const pointCount = readBounded(args, 'points', POINTS_DEFAULT, 1, POINTS_MAX);
  return wallet.runSynchronised(async () => formatSeries(await listSteps(context, wallet.books.view), pointCount));
}

/** What blocks have changed, in their order. */
async function listSteps(context: RpcContext, { ordered }: TxView): Promise<readonly Step[]> {
  const turns = new Turns(context);
  const steps: Step[] = [];
  let isSorted = true;
  let before: Step | null = null;
  for (const [i, transaction] of ordered.entries()) {
    if (i % TRANSACTIONS_PER_LOOK === 0 && turns.isDue) await turns.pause();
    const { state } = transaction;
    if (state.kind !== 'confirmed') continue;
    const { height, index } = state;
    const changeSat = transaction.creditSat - transaction.debitSat;
    const step: Step = { height, index, timeSec: transaction.timeSmartSec, changeSat };
    if (before !== null && compareSteps(before, step) > 0) isSorted = false;
    before = step;
    steps.push(step);
  }
  // Transactions become known in the order of blocks, except where the chain was read again.
  return isSorted ? steps : steps.sort(compareSteps);
}

function compareSteps(a: Step, b: Step): number {
  return a.height - b.height || a.index - b.index;
}

function formatSeries(steps: readonly Step[], pointCount: number): JsonRecord {
  const stride = Math.ceil(steps.length / pointCount);
  const columns = { height: [] as number[], time: [] as number[], balanceSat: [] as number[] };
  let timeSec = 0;
  let balanceSat = 0;
  for (const [i, step] of steps.entries()) {
    balanceSat += step.changeSat;
    // Times of blocks may go back a little; those of a picture must not.
    timeSec = Math.max(timeSec, step.timeSec);
    if ((i + 1) % stride !== 0 && i !== steps.length - 1) continue;
    columns.height.push(step.height);
    columns.time.push(timeSec);
    columns.balanceSat.push(balanceSat);
  }
  return { transactionCount: steps.length, ...columns };
}

function listPayees(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const count = readBounded(args, 'count', PAYEES_DEFAULT, 1, PAYEES_MAX);
  return wallet.runSynchronised(() => findPayees(context, wallet, count));
}

async function findPayees(context: RpcContext, { books, chain }: Wallet, count: number): Promise<readonly string[]> {
  const turns = new Turns(context);
  const payees: Set<string> = new Set();
  const { ordered } = books.view;
  for (let i = ordered.length - 1; i >= 0 && payees.size < count; i--) {
    if (i % TRANSACTIONS_PER_LOOK === 0 && turns.isDue) await turns.pause();
    const transaction = ordered[i]!;
    if (!transaction.isFromMe) continue;
    for (const { category, scriptHex } of books.history.entriesOf(transaction)) {
      const address = category === 'send' ? formatAddress(fromHex(scriptHex), chain.params.prefixes) : null;
      if (address !== null) payees.add(address);
    }
  }
  return [...payees].slice(0, count);
}

function column(key: string, description: string) {
  return field(key, 'array', description, { inner: [result('number', 'A value')] });
}

/** The methods of this file. */
export const WALLET_OVERVIEW_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    ...OURS,
    name: 'getbalanceseries',
    description:
      'Tells how the balance of a wallet came to be, as columns of equal length: a point stands for the transactions in blocks up to it. Young rewards count, what waits in the memory pool does not.',
    parameters: [
      param('points', 'number', `How many points at most, 1 to ${POINTS_MAX}`, {
        default: POINTS_DEFAULT,
      }),
    ],
    results: [
      object([
        field('transactionCount', 'number', 'Transactions of the wallet that are in blocks'),
        column('height', 'Height of the block'),
        column('time', 'The time, in seconds since 1970, never before that of the point before'),
        column('balanceSat', 'What the wallet had then, in satoshis'),
      ]),
    ],
    examples: ['', '500'],
    run: getBalanceSeries,
  },
  {
    ...OURS,
    name: 'listpayees',
    description:
      'Lists the addresses that a wallet has paid, the last one first, so that a payment to a new one can be given a second look.',
    parameters: [
      param('count', 'number', `Most addresses, 1 to ${PAYEES_MAX}`, {
        default: PAYEES_DEFAULT,
      }),
    ],
    results: [result('array', '', { inner: [result('string', 'An address')] })],
    examples: ['', '10'],
    run: listPayees,
  },
]);
