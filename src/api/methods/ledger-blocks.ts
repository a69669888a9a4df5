// getrecentblocks: a page of the ledger, for people who look at it. Core has no such method.

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import { NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { ScriptCursor } from '../../kernel/script/script.ts';
import type { BlockSummary } from '../../node/index/block-summary.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { computeDifficulty } from '../format/header.ts';
import { type JsonOutput, type JsonRecord, jsonDouble } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, OURS, object, optional, param, result } from '../schema-words.ts';
import { readSummaries } from './ledger-summaries.ts';

/** Blocks of a page where a call names no number. */
const COUNT_DEFAULT = 12;

/** Blocks of a page at most. */
const COUNT_MAX = 100;

/** An integer parameter between bounds; throws with the bounds in words. */
export function readBounded(args: Arguments, name: string, fallback: number, min: number, max: number): number {
  const value = args.integer(name, fallback);
  if (value >= min && value <= max) return value;
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, `${name} must be from ${min} to ${max}`);
}

async function getRecentBlocks(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const { chain } = context;
  const count = readBounded(args, 'count', COUNT_DEFAULT, 1, COUNT_MAX);
  const before = args.integer('before_height', chain.height + 1);
  if (before < 0) throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'before_height is negative');
  const last = Math.min(before - 1, chain.height);
  const entries = Array.from({ length: Math.min(count, last + 1) }, (_, i) => chain.active.at(last - i));
  const summaries = await readSummaries(context, entries);
  return entries.map((entry, i) => describeBlock(context, entry, summaries[i] ?? null));
}

function describeBlock({ chain }: RpcContext, entry: BlockEntry, summary: BlockSummary | null): JsonRecord {
  const { index } = chain;
  const parent = index.parent(entry);
  return {
    hash: formatHash(index.blockHash(entry)),
    previousHash: parent === NO_ENTRY ? undefined : formatHash(index.blockHash(parent)),
    height: index.height(entry),
    time: index.timeSec(entry),
    difficulty: jsonDouble(computeDifficulty(index.bits(entry))),
    transactionCount: index.txCount(entry),
    size: summary?.sizeBytes,
    weight: summary?.weightWu,
    feesSat: summary?.feesSat,
    rewardSat: summary?.rewardSat,
    minerText: summary === null ? undefined : readableText(summary.coinbaseScript),
  };
}

/** Letters in a row that are taken for a text. */
const TEXT_LENGTH_MIN = 4;

/**
 * What people can read in the script of a coinbase: its runs of printable ASCII, without the lengths of pushes before them. Nothing else
 * is let through, since strangers write it.
 */
export function readableText(script: Uint8Array): string {
  const bytes = script.slice();
  const cursor = new ScriptCursor(script);
  while (cursor.next()) if (cursor.dataLength > 0) bytes.fill(0, cursor.opStart, cursor.dataStart);
  const letters = Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '\n'));
  const runs = letters.join('').split('\n');
  return runs
    .filter((run) => run.length >= TEXT_LENGTH_MIN)
    .join(' ')
    .trim();
}

/** The methods of this file. */
export const LEDGER_BLOCK_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getrecentblocks',
    ...OURS,
    description: `Tells of blocks of the chain for people, the last ones first. Of blocks that were pruned only the header is told.`,
    parameters: [
      param('count', 'number', `How many, 1 to ${COUNT_MAX}`, { default: COUNT_DEFAULT }),
      optional('before_height', 'number', 'Only blocks below this height'),
    ],
    results: [
      result('array', '', {
        inner: [
          object([
            field('hash', 'hex', 'The hash of the block'),
            maybe('previousHash', 'hex', 'The hash of the block before it, if any'),
            field('height', 'number', 'The height'),
            field('time', 'time', 'The time of the block, in seconds since 1970'),
            field('difficulty', 'number', 'The difficulty'),
            field('transactionCount', 'number', 'Its transactions, coinbase included'),
            maybe('size', 'number', 'Bytes'),
            maybe('weight', 'number', 'Weight (BIP141)'),
            maybe('feesSat', 'number', 'What its transactions pay, in satoshis'),
            maybe('rewardSat', 'number', 'What its miner took, in satoshis'),
            maybe('minerText', 'string', 'What can be read in the coinbase, where miners may write what they like'),
          ]),
        ],
      }),
    ],
    examples: ['', '12 800000'],
    run: getRecentBlocks,
  },
]);
