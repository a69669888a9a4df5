// Which pages a lesson copies: the first of the main ledger, which are built in, or the first of the ledger that a node keeps.

import { createNetworkParams, NETWORK_NAMES } from '../../kernel/consensus/networks/all.ts';
import { createMainnetParams } from '../../kernel/consensus/networks/mainnet.ts';
import type { ConsensusParams } from '../../kernel/consensus/params.ts';
import { createPowRules } from '../../kernel/consensus/params.ts';
import { encodeCompact, encodeTarget } from '../../kernel/consensus/target.ts';
import { findNonce, NONCE_END } from '../../kernel/crypto/nonce-search.ts';
import { writeU32 } from '../../kernel/encoding/numbers.ts';
import { scanBlock } from '../../kernel/primitives/block.ts';
import { asBlockHash, type BlockHash } from '../../kernel/primitives/hashes.ts';
import { BlockHeader, encodeHeader, HEADER_BYTES } from '../../kernel/primitives/header.ts';
import { assert } from '../../kernel/util/assert.ts';
import { parseHex } from '../../kernel/util/bytes.ts';
import { listFirstMainBlocks } from './lesson-blocks.ts';
import { LessonChain } from './lesson-chain.ts';

/** Pages of a copy. */
export const LESSON_PAGES = 5;

/** Pages to copy, with their rules. */
export interface LessonSource {
  readonly blocks: readonly Uint8Array[];
  readonly consensus: ConsensusParams;
}

/** The first pages of the main ledger. */
export function readMainSource(): LessonSource {
  return { blocks: listFirstMainBlocks(), consensus: createMainnetParams().consensus };
}

/** Whether the rules of a network are known here; those of a ledger out of a parameters file are not. */
export function isKnownNetwork(network: string): boolean {
  return NETWORK_NAMES.some((name) => name === network);
}

/** The pages that a node has sent in hexadecimal; null: they are not those of the network. */
export function readNodeSource(network: string, pagesHex: readonly string[]): LessonSource | null {
  const name = NETWORK_NAMES.find((known) => known === network);
  if (name === undefined) return null;
  const { consensus } = createNetworkParams(name);
  const blocks = pagesHex.map((hex) => parseHex(hex));
  const good = blocks.flatMap((block) => (block.ok ? [block.value] : []));
  if (good.length !== pagesHex.length || good.length === 0) return null;
  try {
    const chain = new LessonChain(good, consensus);
    const isWhole = chain.pages.every(({ faults }) => Object.values(faults).every((fault) => fault === null));
    return isWhole ? { blocks: good, consensus } : null;
  } catch {
    // What came is no block.
    return null;
  }
}

/** A target that one of 2^zeroBits hashes reaches. */
function createEasyRules(consensus: ConsensusParams, zeroBits: number): ConsensusParams {
  const pow = createPowRules({ ...consensus.pow, limit: (1n << BigInt(256 - zeroBits)) - 1n, noRetargeting: true });
  return { ...consensus, pow, signetChallenge: null };
}

/**
 * The same pages under a target that a browser can reach: their headers are made again, with the work done, and nothing else of them is
 * changed.
 */
export function lowerTarget({ blocks, consensus }: LessonSource, zeroBits: number): LessonSource {
  const rules = createEasyRules(consensus, zeroBits);
  const bits = encodeCompact(rules.pow.limit.target);
  let previousBlockHash: BlockHash | null = null;
  const mined = blocks.map((bytes) => {
    const { version, merkleRoot, timeSec, previousBlockHash: before } = scanBlock(bytes, false).header;
    const data = { version, merkleRoot, timeSec, bits, nonce: 0, previousBlockHash: previousBlockHash ?? before };
    const header = mineHeader(encodeHeader(data), encodeTarget(rules.pow.limit.target));
    previousBlockHash = new BlockHeader(header).blockHash;
    const copy = bytes.slice();
    copy.set(header, 0);
    return copy;
  });
  const genesisHash = asBlockHash(new BlockHeader(mined[0]!.slice(0, HEADER_BYTES)).blockHash);
  return { blocks: mined, consensus: { ...rules, genesisHash } };
}

/** Where the nonce lies in a header. */
const NONCE_AT = 76;

function mineHeader(header: Uint8Array, target: Uint8Array): Uint8Array {
  const nonce = findNonce(header, target, 0, NONCE_END);
  assert(nonce !== null, 'four billion nonces hold one of a few thousand hashes');
  writeU32(header, NONCE_AT, nonce);
  return header;
}
