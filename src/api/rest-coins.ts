// REST: transactions, coins (BIP64), and the memory pool (Core rest.cpp).

import { type BlockEntry, NO_ENTRY } from '../kernel/chain/block-index.ts';
import { CoinsLookup } from '../kernel/chain/coins-lookup.ts';
import { CoinRef } from '../kernel/consensus/coin.ts';
import { decodeResult } from '../kernel/encoding/decode-error.ts';
import { ByteReader } from '../kernel/encoding/reader.ts';
import { ByteWriter } from '../kernel/encoding/writer.ts';
import { formatHash, parseTxid, type Txid } from '../kernel/primitives/hashes.ts';
import { encodeOutpoint, OUTPOINT_BYTES, type Outpoint, readOutpoint } from '../kernel/primitives/outpoint.ts';
import type { Transaction } from '../kernel/primitives/transaction.ts';
import { valueFromAmount } from './amount.ts';
import type { RpcContext } from './context.ts';
import { formatOutputScript } from './format/script.ts';
import { formatTransaction } from './format/transaction.ts';
import type { CallMethod } from './rest-chain.ts';
import { replyAs, replyJson } from './rest-reply.ts';
import {
  parseCount,
  parseLooseHex,
  RestError,
  type RestPath,
  type RestReply,
  type RestRequest,
  unknownFormat,
} from './rest-request.ts';

/** Most coins of one request (Core MAX_GETUTXOS_OUTPOINTS). */
const OUTPOINTS_MAX = 15;

/** Height of a coin that a transaction of the pool makes (Core MEMPOOL_HEIGHT). */
const POOL_HEIGHT = 0x7fffffff;

// --- transactions ---------------------------------------------------------------------------------------------------

/** /rest/tx/TXID */
export async function restTransaction(context: RpcContext, path: RestPath): Promise<RestReply> {
  const txid = parseTxid(path.text);
  if (txid === null) throw new RestError(400, `Invalid hash: ${path.text}`);
  const found = await findTransaction(context, txid);
  if (found === null) throw new RestError(404, `${path.text} not found`);
  const { transaction, entry } = found;
  return replyAs(
    path.format,
    () => transaction.serialized(),
    () => ({
      ...formatTransaction(transaction, { spent: null, showsPrevouts: false, showsHex: true }, context),
      blockhash: entry === NO_ENTRY ? undefined : formatHash(context.chain.index.blockHash(entry)),
    }),
  );
}

async function findTransaction(
  { pool, indexes }: RpcContext,
  txid: Txid,
): Promise<{ readonly transaction: Transaction; readonly entry: BlockEntry } | null> {
  await indexes.catchUp('transactions');
  const loose = pool?.mempool.get(txid)?.transaction;
  if (loose !== undefined) return { transaction: loose, entry: NO_ENTRY };
  return (await indexes.transactions?.find(txid)) ?? null;
}

// --- coins ----------------------------------------------------------------------------------------------------------

/** What a request for coins asks. */
interface CoinsQuestion {
  readonly usesPool: boolean;
  readonly outpoints: readonly Outpoint[];
}

/** A coin that is there. */
interface ShownCoin {
  readonly height: number;
  readonly valueSat: number;
  readonly script: Uint8Array;
}

/** /rest/getutxos/checkmempool/TXID-N/TXID-N, or with a body */
export async function restCoins(context: RpcContext, path: RestPath, request: RestRequest): Promise<RestReply> {
  const { usesPool, outpoints } = readQuestion(path, request.body);
  if (outpoints.length > OUTPOINTS_MAX) {
    throw new RestError(400, `Error: max outpoints exceeded (max: ${OUTPOINTS_MAX}, tried: ${outpoints.length})`);
  }
  if (usesPool && context.pool === null) throw new RestError(404, 'Mempool disabled or instance not found');
  const { chain } = context;
  const coins = await findCoins(context, outpoints, usesPool);
  // What follows waits for nothing: coins and tip are of one moment.
  const { height, tipHash } = chain;
  return replyAs(
    path.format,
    () => encodeCoins(height, tipHash, coins),
    () => ({
      chainHeight: height,
      chaintipHash: formatHash(tipHash),
      bitmap: coins.map((coin) => (coin === null ? '0' : '1')).join(''),
      utxos: coins
        .filter((coin) => coin !== null)
        .map((coin) => ({
          height: coin.height,
          value: valueFromAmount(coin.valueSat),
          scriptPubKey: formatOutputScript(coin.script, context),
        })),
    }),
  );
}

function readQuestion(path: RestPath, body: Uint8Array): CoinsQuestion {
  const parts = path.text.length > 1 ? path.text.slice(1).split('/') : [];
  if (parts.length === 0 && body.length === 0) throw new RestError(400, 'Error: empty request');
  const usesPool = parts[0] === 'checkmempool';
  const outpoints = parts.slice(usesPool ? 1 : 0).map(parseOutpoint);
  if (parts.length > 0 && outpoints.length === 0) throw new RestError(400, 'Error: empty request');
  if (path.format === null) throw unknownFormat();
  if (path.format === 'json') {
    if (outpoints.length === 0) throw new RestError(400, 'Error: empty request');
    return { usesPool, outpoints };
  }
  const bytes = path.format === 'hex' ? parseLooseHex(String.fromCharCode(...body.subarray(0, BODY_BYTES_MAX))) : body;
  if (bytes.length === 0) return { usesPool, outpoints };
  if (outpoints.length > 0) {
    throw new RestError(400, 'Combination of URI scheme inputs and raw post data is not allowed');
  }
  return decodeQuestion(bytes);
}

/** More than any good body has: a flag, a count and outpoints, in hexadecimal with white space. */
const BODY_BYTES_MAX = 8192;

function parseOutpoint(text: string): Outpoint {
  const parts = text.split('-');
  const txid = parts.length === 2 ? parseTxid(parts[0]!) : null;
  const index = parts.length === 2 ? parseCount(parts[1]!) : null;
  if (txid === null || index === null || index > 0xffffffff) throw new RestError(400, 'Parse error');
  return { txid, index };
}

function decodeQuestion(bytes: Uint8Array): CoinsQuestion {
  const decoded = decodeResult((): CoinsQuestion => {
    const reader = new ByteReader(bytes);
    const usesPool = reader.u8('check mempool') !== 0;
    const count = reader.count(OUTPOINT_BYTES, 'outpoints');
    const outpoints = Array.from({ length: count }, () => readOutpoint(reader.copy(OUTPOINT_BYTES, 'outpoint'), 0));
    return { usesPool, outpoints };
  });
  if (!decoded.ok) throw new RestError(400, 'Parse error');
  return decoded.value;
}

async function findCoins(
  { chain, pool }: RpcContext,
  outpoints: readonly Outpoint[],
  usesPool: boolean,
): Promise<readonly (ShownCoin | null)[]> {
  const lookup = new CoinsLookup(chain.state.coins);
  const keys = outpoints.map(encodeOutpoint);
  for (;;) {
    const unknown = keys.find((key) => !lookup.isKnown(key, 0));
    if (unknown === undefined) break;
    await lookup.fetch(unknown, 1);
  }
  const mempool = usesPool ? (pool?.mempool ?? null) : null;
  return keys.map((key, i) => {
    const { txid, index } = outpoints[i]!;
    if (mempool !== null && mempool.spender(key) !== null) return null;
    const parent = mempool?.get(txid)?.transaction;
    if (parent !== undefined) {
      if (index >= parent.outputCount) return null;
      return { height: POOL_HEIGHT, valueSat: parent.valueSat(index), script: parent.scriptPubKey(index) };
    }
    const coin = new CoinRef();
    if (!lookup.readCoin(key, 0, coin)) return null;
    return { height: coin.height, valueSat: coin.valueSat, script: coin.bytes.slice(coin.scriptStart, coin.end) };
  });
}

/** As in BIP64: height and hash of the tip, a bit for each outpoint, and the coins that are there. */
function encodeCoins(height: number, tipHash: Uint8Array, coins: readonly (ShownCoin | null)[]): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(coins.length / 8));
  coins.forEach((coin, i) => {
    if (coin !== null) bitmap[i >>> 3]! += 2 ** (i & 7);
  });
  const there = coins.filter((coin) => coin !== null);
  const writer = new ByteWriter().u32(height).put(tipHash).varBytes(bitmap).compactSize(there.length);
  for (const coin of there) writer.u32(0).u32(coin.height).i64(coin.valueSat).varBytes(coin.script);
  return writer.finish();
}

// --- the memory pool ------------------------------------------------------------------------------------------------

/** /rest/mempool/info and /rest/mempool/contents */
export async function restMempool(context: RpcContext, path: RestPath, call: CallMethod): Promise<RestReply> {
  const { text } = path;
  if (text !== 'contents' && text !== 'info') {
    throw new RestError(400, 'Invalid URI format. Expected /rest/mempool/<info|contents>.json');
  }
  if (context.pool === null) throw new RestError(404, 'Mempool disabled or instance not found');
  if (path.format !== 'json') throw unknownFormat(['json']);
  if (text === 'info') return replyJson(await call('getmempoolinfo', []));
  const isVerbose = readFlag(path, 'verbose', true);
  const showsSequence = readFlag(path, 'mempool_sequence', false);
  if (isVerbose && showsSequence) {
    throw new RestError(400, 'Verbose results cannot contain mempool sequence values. (hint: set "verbose=false")');
  }
  return replyJson(await call('getrawmempool', [isVerbose, showsSequence]));
}

function readFlag(path: RestPath, name: string, fallback: boolean): boolean {
  const text = path.parameter(name) ?? String(fallback);
  if (text !== 'true' && text !== 'false') {
    throw new RestError(400, `The "${name}" query parameter must be either "true" or "false".`);
  }
  return text === 'true';
}
