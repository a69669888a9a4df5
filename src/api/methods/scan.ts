// scantxoutset: coins of the whole ledger by descriptors (Core rpc/blockchain.cpp). One scan at a time; the coins are those of the
// store after a flush, read in pieces by the database's own thread, so that blocks may go on coming meanwhile.

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import type { Coin, CoinRef } from '../../kernel/consensus/coin.ts';
import { readU32 } from '../../kernel/encoding/numbers.ts';
import { asTxid, formatHash, HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { compareBytes, toHex } from '../../kernel/util/bytes.ts';
import { inferDescriptor } from '../../wallet/descriptor/infer.ts';
import { valueFromAmount } from '../amount.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { JsonOutput, JsonRecord, JsonValue } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, object, optional, param, result } from '../schema-words.ts';
import { Turns } from '../turns.ts';
import { expandScanObject, SCAN_OBJECTS } from './script-parameter.ts';

/** A scan that is going on. */
interface Scan {
  /** Percent; txids are spread evenly, so the first of their bytes tell how far it is. */
  progress: number;
  isAborted: boolean;
}

/** Ends the walk over the coins early. */
class ScanAborted extends Error {
  override readonly name = 'ScanAborted';
}

/** A coin that was found. */
interface FoundCoin {
  readonly outpoint: Uint8Array;
  readonly coin: Coin;
}

/** Scans by the chain that they read: there is one at a time. */
const scans: WeakMap<object, Scan> = new WeakMap();

function scanTxOutSet(context: RpcContext, args: Arguments): JsonOutput | Promise<JsonOutput> {
  const action = args.text('action');
  const scan = scans.get(context.chain) ?? null;
  switch (action) {
    case 'status':
      return scan === null ? null : { progress: scan.progress };
    case 'abort':
      if (scan !== null) scan.isAborted = true;
      return scan !== null;
    case 'start':
      return start(context, args);
    default:
      throw new RpcError(RPC_CODE.INVALID_PARAMETER, `Invalid action '${action}'`);
  }
}

async function start(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  if (scans.has(context.chain)) {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Scan already in progress, use action "abort" or "status"');
  }
  if (args.count < 2) {
    throw new RpcError(RPC_CODE.MISC_ERROR, 'scanobjects argument is required for the start action');
  }
  const scan: Scan = { progress: 0, isAborted: false };
  scans.set(context.chain, scan);
  try {
    const needles = await gatherNeedles(context, args.list('scanobjects'));
    return await walk(context, scan, needles);
  } finally {
    scans.delete(context.chain);
  }
}

/** The scripts that are looked for, in hexadecimal, each with its descriptor. */
async function gatherNeedles(
  context: RpcContext,
  scanObjects: readonly JsonValue[],
): Promise<ReadonlyMap<string, string>> {
  const { params, secp } = context;
  const needles: Map<string, string> = new Map();
  const turns = new Turns(context);
  for (const one of scanObjects) {
    const { scripts, ring } = await expandScanObject(context, one);
    for (const script of scripts) {
      const key = toHex(script);
      if (!needles.has(key)) needles.set(key, inferDescriptor(script, params.prefixes, secp, ring));
      if (turns.isDue) await turns.pause();
    }
  }
  return needles;
}

async function walk(context: RpcContext, scan: Scan, needles: ReadonlyMap<string, string>): Promise<JsonOutput> {
  const { chain, clock, host } = context;
  await chain.flush(clock.nowSec());
  const { coins } = chain.state;
  // The walk sees the store as it is when it begins: at this block.
  const tip = chain.index.find(coins.bestBlock!);
  const lengths = new Set(Array.from(needles.keys(), (hex) => hex.length / 2));
  const found: FoundCoin[] = [];
  let count = 0;
  const visit = (outpoint: Uint8Array, coin: CoinRef): void => {
    if (++count % 8192 === 0) {
      if (scan.isAborted || host.isStopping()) throw new ScanAborted();
      scan.progress = Math.floor(((outpoint[0]! * 256 + outpoint[1]!) * 100) / 65_536);
    }
    if (!lengths.has(coin.end - coin.scriptStart)) return;
    if (!needles.has(toHex(coin.bytes.subarray(coin.scriptStart, coin.end)))) return;
    found.push({ outpoint: outpoint.slice(), coin: coin.toCoin() });
  };
  let isComplete = true;
  try {
    await coins.forEachCoin(visit, new Turns(context));
  } catch (error) {
    if (!(error instanceof ScanAborted)) throw error;
    isComplete = false;
  }
  return formatScan(context, tip, isComplete, count, found, needles);
}

function formatScan(
  { chain: { index } }: RpcContext,
  tip: BlockEntry,
  isComplete: boolean,
  count: number,
  found: readonly FoundCoin[],
  needles: ReadonlyMap<string, string>,
): JsonOutput {
  const height = index.height(tip);
  let totalSat = 0;
  const unspents: JsonRecord[] = [];
  for (const { outpoint, coin } of found.slice().sort((a, b) => compareOutpoints(a.outpoint, b.outpoint))) {
    totalSat += coin.valueSat;
    unspents.push({
      txid: formatHash(asTxid(outpoint.subarray(0, HASH_BYTES))),
      vout: readU32(outpoint, HASH_BYTES),
      scriptPubKey: toHex(coin.scriptPubKey),
      desc: needles.get(toHex(coin.scriptPubKey))!,
      amount: valueFromAmount(coin.valueSat),
      coinbase: coin.isCoinbase,
      height: coin.height,
      blockhash: formatHash(index.blockHash(index.ancestor(tip, coin.height))),
      confirmations: height - coin.height + 1,
    });
  }
  return {
    success: isComplete,
    txouts: count,
    height,
    bestblock: formatHash(index.blockHash(tip)),
    unspents,
    total_amount: valueFromAmount(totalSat),
  };
}

function compareOutpoints(a: Uint8Array, b: Uint8Array): number {
  return (
    compareBytes(a.subarray(0, HASH_BYTES), b.subarray(0, HASH_BYTES)) ||
    readU32(a, HASH_BYTES) - readU32(b, HASH_BYTES)
  );
}

/** The methods of this file. */
export const SCAN_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'scantxoutset',
    category: 'blockchain',
    description:
      'Looks through all unspent outputs for those that descriptors stand for.\nA key of a descriptor may be written out, or be an extended key with a path, which may end in /* for a row of keys; then positions 0 to 1000 are looked for unless a range says otherwise.',
    parameters: [
      param('action', 'string', 'start, abort or status'),
      optional(
        'scanobjects',
        'array',
        'What is looked for: descriptors, or objects with one and a range',
        SCAN_OBJECTS,
      ),
    ],
    results: [
      object(
        [
          field('success', 'boolean', 'Whether the scan came to its end'),
          field('txouts', 'number', 'Outputs that were looked at'),
          field('height', 'number', 'Height of the ledger that was looked through'),
          field('bestblock', 'hex', 'Hash of its tip'),
          field('unspents', 'array', '', {
            inner: [
              object([
                field('txid', 'hex', 'The transaction'),
                field('vout', 'number', 'Number of the output'),
                field('scriptPubKey', 'hex', 'The output script'),
                field('desc', 'string', 'A descriptor of this output alone'),
                field('amount', 'amount', 'Its value in BTC'),
                field('coinbase', 'boolean', 'Whether a coinbase made it'),
                field('height', 'number', 'Height of the block that made it'),
                field('blockhash', 'hex', 'Hash of that block'),
                field('confirmations', 'number', 'Its confirmations at that time'),
              ]),
            ],
          }),
          field('total_amount', 'amount', 'Value of all that was found, in BTC'),
        ],
        { condition: "when action=='start'; only returns after scan completes" },
      ),
      result('boolean', 'Whether there is a scan that will end', { condition: "when action=='abort'" }),
      object([field('progress', 'number', 'Percent, about')], {
        condition: "when action=='status' and a scan is currently in progress",
      }),
      result('none', '', {
        condition: "when action=='status' and no scan is in progress - possibly already completed",
      }),
    ],
    examples: ['start \'["raw(76a91411b366edfc0a8b66feebae5c2e25a7b6a5d1cf3188ac)#fm24fxxy"]\'', 'status', 'abort'],
    run: scanTxOutSet,
  },
]);
