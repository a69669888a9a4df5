// Headers and blocks as answers show them (Core blockheaderToJSON, blockToJSON).

import type { ActiveChain } from '../../kernel/chain/active-chain.ts';
import { type BlockEntry, type BlockIndex, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { IndexBranch } from '../../kernel/chain/index-branch.ts';
import { computeMedianTimePast } from '../../kernel/consensus/header-branch.ts';
import { decodeCompact } from '../../kernel/consensus/target.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { type JsonNumber, type JsonRecord, jsonDouble } from '../json/json-value.ts';
import { field, maybe } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';

/** What a header is looked at in. */
export interface ChainSide {
  readonly index: BlockIndex;
  readonly active: ActiveChain;
}

/** Exponent of the compact form of difficulty 1. */
const UNIT_EXPONENT = 29;
/** Mantissa of the same. */
const UNIT_MANTISSA = 0xffff;

/** Difficulty of compact bits as a multiple of the easiest of the main network, with the roundings of Core. */
export function computeDifficulty(bits: number): number {
  let difficulty = UNIT_MANTISSA / (bits & 0xffffff);
  for (let exponent = bits >>> 24; exponent < UNIT_EXPONENT; exponent++) difficulty *= 256;
  for (let exponent = bits >>> 24; exponent > UNIT_EXPONENT; exponent--) difficulty /= 256;
  return difficulty;
}

/** 64 digits of a number of 256 bits. */
export function formatUint256(value: bigint): string {
  return value.toString(16).padStart(64, '0');
}

/** Eight digits of a number of 32 bits. */
export function formatUint32(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}

/** The median of the times of a block and the ten before it. */
export function medianTimeOf(index: BlockIndex, entry: BlockEntry): number {
  return computeMedianTimePast(new IndexBranch(index).moveTo(entry));
}

/** Bits, target and difficulty of a block. */
export function formatDifficulty(bits: number): { bits: string; target: string; difficulty: JsonNumber } {
  return {
    bits: formatUint32(bits),
    target: formatUint256(decodeCompact(bits).magnitude),
    difficulty: jsonDouble(computeDifficulty(bits)),
  };
}

/** The fields of a header, in Core's order. */
export const HEADER_FIELDS: readonly ResultSpec[] = Object.freeze([
  field('hash', 'hex', 'The hash of the block'),
  field('confirmations', 'number', 'Blocks on top of it and itself, or -1 outside of the active chain'),
  field('height', 'number', 'The height'),
  field('version', 'number', 'The version'),
  field('versionHex', 'hex', 'The version as eight digits'),
  field('merkleroot', 'hex', 'The merkle root'),
  field('time', 'time', 'The time of the block, in seconds since 1970'),
  field('mediantime', 'time', 'The median time of the block and the ten before it'),
  field('nonce', 'number', 'The nonce'),
  field('bits', 'hex', 'The target in its compact form'),
  field('target', 'hex', 'The target'),
  field('difficulty', 'number', 'The difficulty'),
  field('chainwork', 'hex', 'Hashes that the chain up to this block has probably taken'),
  field('nTx', 'number', 'Transactions of the block'),
  maybe('previousblockhash', 'hex', 'The block before it, if any'),
  maybe('nextblockhash', 'hex', 'The block after it in the active chain, if any'),
]);

/** A header in the order of Core's fields. */
export function formatHeader({ index, active }: ChainSide, entry: BlockEntry): JsonRecord {
  const parent = index.parent(entry);
  const next = active.next(entry);
  const height = index.height(entry);
  const version = index.version(entry);
  return {
    hash: formatHash(index.blockHash(entry)),
    confirmations: active.contains(entry) ? active.height - height + 1 : -1,
    height,
    version,
    versionHex: formatUint32(version),
    merkleroot: formatHash(index.merkleRoot(entry)),
    time: index.timeSec(entry),
    mediantime: medianTimeOf(index, entry),
    nonce: index.nonce(entry),
    ...formatDifficulty(index.bits(entry)),
    chainwork: formatUint256(index.chainWork(entry)),
    nTx: index.txCount(entry),
    previousblockhash: parent === NO_ENTRY ? undefined : formatHash(index.blockHash(parent)),
    nextblockhash: next === NO_ENTRY ? undefined : formatHash(index.blockHash(next)),
  };
}
