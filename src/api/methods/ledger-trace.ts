// tracecoin: where the money of a coin comes from, back through the transactions that made it to the rewards of miners. It needs no
// index: what a block spent is in its undo data, with the height at which each coin was made. Core has no such method.

import { type BlockEntry, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { CoinsLookup } from '../../kernel/chain/coins-lookup.ts';
import { CoinRef } from '../../kernel/consensus/coin.ts';
import { formatHash, HASH_BYTES, type Txid } from '../../kernel/primitives/hashes.ts';
import { encodeOutpoint } from '../../kernel/primitives/outpoint.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { equalRange } from '../../kernel/util/bytes.ts';
import type { Arguments } from '../arguments.ts';
import { asInteger } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { JsonOutput, JsonRecord } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, OURS, object, param } from '../schema-words.ts';
import { Turns } from '../turns.ts';
import { readStoredBlock } from './chain-lookup.ts';
import { readUndoChecked } from './chain-undo.ts';
import { readBounded } from './ledger-blocks.ts';

/** Transactions that a trace tells of where a call names no number, and at most: the history of a coin may be the whole ledger. */
const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1000;

/** A transaction that is still to be looked at: it is in the block of this height. */
interface Waiting {
  readonly txid: Txid;
  readonly height: number;
}

/** What a trace has found so far. */
interface Trace {
  readonly transactions: JsonRecord[];
  readonly known: Set<string>;
  readonly waiting: Waiting[];
  rewardSat: number;
  rewardCount: number;
}

async function traceCoin(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const txid = args.hash('txid');
  const vout = asInteger(args.value('vout'), 0, 0xffffffff);
  const limit = readBounded(args, 'limit', LIMIT_DEFAULT, 1, LIMIT_MAX);
  const height = await findHeight(context, args, txid, vout);
  const trace: Trace = {
    transactions: [],
    known: new Set([formatHash(txid)]),
    waiting: [{ txid, height }],
    rewardSat: 0,
    rewardCount: 0,
  };
  const turns = new Turns(context);
  // The transaction that is nearest comes first: the order is that of a walk in breadth.
  while (trace.waiting.length > 0 && trace.transactions.length < limit) {
    await lookAt(context, trace, trace.waiting.shift()!, vout);
    if (turns.isDue) await turns.pause();
  }
  return {
    txid: formatHash(txid),
    vout,
    complete: trace.waiting.length === 0,
    rewards: trace.rewardCount,
    rewardsSat: trace.rewardSat,
    transactions: trace.transactions,
  };
}

/** Height of the block that made a coin: told by the caller, or by the coin where it is unspent. */
async function findHeight({ chain }: RpcContext, args: Arguments, txid: Txid, vout: number): Promise<number> {
  if (args.has('height')) {
    const height = args.integer('height');
    if (height >= 0 && height <= chain.height) return height;
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Block height out of range');
  }
  const outpoint = encodeOutpoint({ txid, index: vout });
  const lookup = new CoinsLookup(chain.state.coins);
  while (!lookup.isKnown(outpoint, 0)) await lookup.fetch(outpoint, 1);
  const coin = new CoinRef();
  if (lookup.readCoin(outpoint, 0, coin)) return coin.height;
  throw new RpcError(
    RPC_CODE.INVALID_ADDRESS_OR_KEY,
    'There is no such unspent coin; name the height of its block if it was spent',
  );
}

async function lookAt(context: RpcContext, trace: Trace, { txid, height }: Waiting, vout: number): Promise<void> {
  const { chain } = context;
  const entry: BlockEntry = height <= chain.height ? chain.active.at(height) : NO_ENTRY;
  if (entry === NO_ENTRY) throw new RpcError(RPC_CODE.MISC_ERROR, 'The ledger was reorganised meanwhile');
  const block = await readStoredBlock(context, entry);
  const txids = block.txids();
  let position = 0;
  while (position < block.txCount && !equalRange(txids, position * HASH_BYTES, txid, 0, HASH_BYTES)) position++;
  if (position === block.txCount) {
    throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, `Transaction ${formatHash(txid)} is not in block ${height}`);
  }
  const transaction = block.transaction(position);
  if (trace.transactions.length === 0 && vout >= transaction.outputCount) {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, `The transaction has ${transaction.outputCount} outputs`);
  }
  const told = { height, time: block.header.timeSec };
  if (position === 0) addReward(trace, transaction, told);
  else await addPayment(context, trace, { transaction, entry, position }, told);
}

function addReward(trace: Trace, transaction: Transaction, told: JsonRecord): void {
  const valueSat = sumOutputs(transaction);
  trace.rewardSat += valueSat;
  trace.rewardCount++;
  trace.transactions.push({ txid: formatHash(transaction.txid), ...told, reward: true, valueSat, inputs: [] });
}

async function addPayment(
  context: RpcContext,
  trace: Trace,
  { transaction, entry, position }: { transaction: Transaction; entry: BlockEntry; position: number },
  told: JsonRecord,
): Promise<void> {
  const { coins, firstCoins } = (await readUndoChecked(context, entry))!;
  const first = firstCoins[position - 1]!;
  const inputs: JsonRecord[] = [];
  const coin = new CoinRef();
  for (let i = 0; i < transaction.inputCount; i++) {
    const { txid, index } = transaction.prevout(i);
    coins.read(first + i, coin);
    const name = formatHash(txid);
    inputs.push({ txid: name, vout: index, height: coin.height, valueSat: coin.valueSat });
    if (trace.known.has(name)) continue;
    trace.known.add(name);
    trace.waiting.push({ txid, height: coin.height });
  }
  const valueSat = sumOutputs(transaction);
  trace.transactions.push({ txid: formatHash(transaction.txid), ...told, reward: false, valueSat, inputs });
}

function sumOutputs(transaction: Transaction): number {
  let valueSat = 0;
  for (let i = 0; i < transaction.outputCount; i++) valueSat += transaction.valueSat(i);
  return valueSat;
}

/** The methods of this file. */
export const LEDGER_TRACE_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    ...OURS,
    name: 'tracecoin',
    description:
      'Traces a coin back through the transactions that its money went through, to the rewards that it was issued as. Transactions come in the order of their distance.',
    parameters: [
      param('txid', 'hex', 'The transaction that made the coin'),
      param('vout', 'number', 'Which of its outputs'),
      param('limit', 'number', `Transactions at most, up to ${LIMIT_MAX}`, { default: LIMIT_DEFAULT }),
      param('height', 'number', 'Height of the block that made the coin', { defaultHint: 'that of the unspent coin' }),
    ],
    results: [
      object([
        field('txid', 'hex', 'The transaction that made the coin'),
        field('vout', 'number', 'The output'),
        field('complete', 'boolean', 'Whether the trace has come to rewards everywhere'),
        field('rewards', 'number', 'Rewards that it has come to'),
        field('rewardsSat', 'number', 'Their sum'),
        field('transactions', 'array', 'The transactions', {
          inner: [
            object([
              field('txid', 'hex', 'The transaction'),
              field('height', 'number', 'Height of its block'),
              field('time', 'time', 'Time of its block'),
              field('reward', 'boolean', 'Whether it is the reward of a miner'),
              field('valueSat', 'number', 'Sum of its outputs'),
              field('inputs', 'array', 'What it spent', {
                inner: [
                  object([
                    field('txid', 'hex', 'The transaction that made the coin'),
                    field('vout', 'number', 'The output'),
                    field('height', 'number', 'Height of its block'),
                    field('valueSat', 'number', 'Its value'),
                  ]),
                ],
              }),
            ]),
          ],
        }),
      ]),
    ],
    examples: ['"txid" 0', '"txid" 0 500'],
    run: traceCoin,
  },
]);
