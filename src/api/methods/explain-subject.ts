// The transaction that a caller wants explained, and the coins that it spends: from the memory pool, from the chain, from the block
// that it is in, or as the caller describes them.

import { type BlockEntry, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { CoinsLookup } from '../../kernel/chain/coins-lookup.ts';
import { type Coin, CoinRef } from '../../kernel/consensus/coin.ts';
import { SpentCoins } from '../../kernel/consensus/spent-coins.ts';
import { readU32 } from '../../kernel/encoding/numbers.ts';
import { formatHash, HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { formatOutpoint, OUTPOINT_BYTES } from '../../kernel/primitives/outpoint.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { MAX_SCRIPT_SIZE } from '../../kernel/script/script.ts';
import { amountFromValue } from '../amount.ts';
import { type Arguments, asFlag, asHash, asHexBytes, asInteger, asObject } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { JsonValue } from '../json/json-value.ts';
import { checkFields } from '../object-check.ts';
import { optional, param } from '../schema-words.ts';
import type { ParameterSpec } from '../signature.ts';
import { findAnywhere, readSpent } from './find-transaction.ts';
import { parseTransactionInTurns } from './parse-transaction.ts';

/** A transaction to be explained. */
export interface ExplainSubject {
  readonly transaction: Transaction;
  /** Its block; NO_ENTRY for one that is in none. */
  readonly entry: BlockEntry;
  readonly isInPool: boolean;
  /** What its inputs spend; null where nobody knows it. */
  readonly spent: readonly (Coin | null)[];
  /** The same when all of it is known, otherwise null. */
  readonly coins: SpentCoins | null;
  /** The caller has described coins, so that what the node itself would say does not matter. */
  readonly isSupposed: boolean;
}

const TXID_DIGITS = 64;

/** The parameters that name a subject. */
export const SUBJECT_PARAMETERS: readonly ParameterSpec[] = Object.freeze([
  param('transaction', 'string', 'The transaction in hexadecimal, or the id of one in the memory pool or in the index'),
]);

/** Coins that the caller describes. */
export const PREVOUTS_PARAMETER: ParameterSpec = optional(
  'prevouts',
  'array',
  'Coins that it spends, for those that this node does not know',
  {
    inner: [
      optional('', 'object', '', {
        inner: [
          param('txid', 'hex', 'The transaction id'),
          param('vout', 'number', 'Number of the output'),
          param('scriptPubKey', 'hex', 'The output script'),
          param('amount', 'amount', 'The value in BTC'),
          optional('height', 'number', 'Height of its block; the tip if left out'),
          optional('coinbase', 'boolean', 'Whether a coinbase made it; false if left out'),
        ],
      }),
    ],
  },
);

/** Finds the transaction and its coins; throws when there is no such transaction. */
export async function findSubject(context: RpcContext, args: Arguments): Promise<ExplainSubject> {
  const text = args.text('transaction');
  const { transaction, entry } =
    text.length === TXID_DIGITS
      ? await findAnywhere(context, asHash(text, 'transaction'))
      : { transaction: await decode(context, text), entry: NO_ENTRY };
  const given = readPrevouts(args.list('prevouts', []), context.chain.active.height);
  const known =
    entry === NO_ENTRY ? await findCoins(context, transaction) : await readBlockCoins(context, transaction, entry);
  const spent = known.map((coin, i) => given.get(formatOutpoint(transaction.prevout(i))) ?? coin);
  return {
    transaction,
    entry,
    isInPool: (context.pool?.mempool.getByWtxid(transaction.wtxid) ?? null) !== null,
    spent,
    coins: packCoins(spent),
    isSupposed: given.size > 0,
  };
}

async function decode(context: RpcContext, text: string): Promise<Transaction> {
  const transaction = await parseTransactionInTurns(context, text);
  if (transaction !== null) return transaction;
  throw new RpcError(RPC_CODE.DESERIALIZATION_ERROR, 'TX decode failed. Make sure the tx has at least one input.');
}

/** The coins of a list, by the text of their outpoint. */
export function readPrevouts(list: readonly JsonValue[], height: number): ReadonlyMap<string, Coin> {
  const coins: Map<string, Coin> = new Map();
  for (const value of list) {
    const given = asObject(value);
    checkFields(given, { txid: 'string', vout: 'number', scriptPubKey: 'string' });
    const read = <T>(name: string, fallback: T, as: (value: JsonValue) => T): T => {
      const one = given.get(name) ?? null;
      return one === null ? fallback : as(one);
    };
    const outpoint = `${formatHash(asHash(given.get('txid')!, 'txid'))}:${asInteger(given.get('vout')!, 0)}`;
    coins.set(outpoint, {
      valueSat: amountFromValue(given.get('amount') ?? null),
      scriptPubKey: readScript(given.get('scriptPubKey')!),
      height: read('height', height, (one) => asInteger(one, 0)),
      isCoinbase: read('coinbase', false, asFlag),
    });
  }
  return coins;
}

/** No coin has a longer script: outputs with one can never be spent, and are not kept. */
function readScript(value: JsonValue): Uint8Array {
  const script = asHexBytes(value, 'scriptPubKey');
  if (script.length <= MAX_SCRIPT_SIZE) return script;
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, `scriptPubKey has more than ${MAX_SCRIPT_SIZE} bytes`);
}

/** Packs coins; null unless all are known. */
export function packCoins(spent: readonly (Coin | null)[]): SpentCoins | null {
  const coins = new SpentCoins(spent.length);
  const ref = new CoinRef();
  for (const coin of spent) {
    if (coin === null) return null;
    coins.append(ref.pointAtCopy(coin));
  }
  return coins;
}

/** Coins of the memory pool, as made by the next block, and of the chain. Who else spends them does not matter here. */
async function findCoins({ chain, pool }: RpcContext, tx: Transaction): Promise<(Coin | null)[]> {
  const { inputCount } = tx;
  if (tx.isCoinbase) return Array.from({ length: inputCount }, () => null);
  const outpoints = new Uint8Array(inputCount * OUTPOINT_BYTES);
  const places = Array.from({ length: inputCount }, (_, i) => i * OUTPOINT_BYTES);
  for (const [i, at] of places.entries()) {
    const from = tx.prevoutStart(i);
    outpoints.set(tx.bytes.subarray(from, from + OUTPOINT_BYTES), at);
  }
  const lookup = new CoinsLookup(chain.state.coins);
  while (!places.every((at) => lookup.isKnown(outpoints, at))) await lookup.fetch(outpoints, inputCount);
  const ref = new CoinRef();
  return places.map((at) => {
    const parent = pool?.mempool.get(outpoints, at)?.transaction ?? null;
    if (parent === null) return lookup.readCoin(outpoints, at, ref) ? ref.toCoin() : null;
    const j = readU32(outpoints, at + HASH_BYTES);
    if (j >= parent.outputCount) return null;
    const scriptPubKey = parent.scriptPubKey(j).slice();
    return { valueSat: parent.valueSat(j), scriptPubKey, height: chain.active.height + 1, isCoinbase: false };
  });
}

/** Coins that a transaction of a block spent there. */
async function readBlockCoins(context: RpcContext, tx: Transaction, entry: BlockEntry): Promise<(Coin | null)[]> {
  const spent = await readSpent(context, { transaction: tx, entry });
  const ref = new CoinRef();
  return Array.from({ length: tx.inputCount }, (_, i) =>
    spent === null ? null : spent.coins.read(spent.first + i, ref).toCoin(),
  );
}
