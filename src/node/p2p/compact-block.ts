// Compact blocks (BIP152, version 2): a block as its header and six bytes per transaction, which a peer whose pool holds the
// transactions turns into the block again. This file makes them and computes short ids; partial-block.ts puts them together
// (Core CBlockHeaderAndShortTxIDs, blockencodings). Only the coinbase is sent along: nobody else can have it.

import { sha256Into } from '../../kernel/crypto/sha256.ts';
import { SIPHASH_KEY_BYTES, SipHash } from '../../kernel/crypto/siphash.ts';
import { writeU32 } from '../../kernel/encoding/numbers.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { type BlockHeader, HEADER_BYTES } from '../../kernel/primitives/header.ts';
import { copyRange } from '../../kernel/util/bytes.ts';
import { nextU64, type Rng } from '../../kernel/util/prng.ts';
import type { CmpctBlockMessage } from '../wire/messages.ts';
import { SHORT_ID_BYTES } from '../wire/protocol.ts';

/** Bytes of the nonce that makes short ids differ from sender to sender. */
const NONCE_BYTES = 8;

const SHA256_BYTES = 32;

/**
 * Short ids under the key of one compact block: the low six bytes of SipHash-2-4 of a wtxid, with the first 16 bytes of
 * SHA-256(header, nonce) as key. A hash leaves its result in {@link low} and {@link high} until the next one.
 */
export class ShortIdHasher {
  readonly #sip: SipHash;

  constructor(header: BlockHeader, nonce: bigint) {
    const input = new Uint8Array(HEADER_BYTES + NONCE_BYTES);
    copyRange(header.bytes, header.start, input, 0, HEADER_BYTES);
    writeU32(input, HEADER_BYTES, Number(nonce & 0xffffffffn));
    writeU32(input, HEADER_BYTES + 4, Number(nonce >> 32n));
    const digest = new Uint8Array(SHA256_BYTES);
    sha256Into(input, 0, input.length, digest, 0);
    this.#sip = new SipHash(digest.subarray(0, SIPHASH_KEY_BYTES));
  }

  /** Computes the short id of the wtxid at `at`. */
  hash(wtxids: Uint8Array, at: number): this {
    this.#sip.hash256(wtxids, at);
    return this;
  }

  /** Low 32 bits of the last short id. */
  get low(): number {
    return this.#sip.low;
  }

  /** High 16 bits of the last short id. */
  get high(): number {
    return this.#sip.high & 0xffff;
  }

  /** Writes the short id of the wtxid at `at` as it stands in a message: six bytes, the lowest first. */
  writeInto(wtxids: Uint8Array, at: number, out: Uint8Array, outAt: number): void {
    this.hash(wtxids, at);
    writeU32(out, outAt, this.low);
    const { high } = this;
    out[outAt + 4] = high & 0xff;
    out[outAt + 5] = high >>> 8;
  }
}

/** The compact form of a block, under a nonce of its own. The block has a coinbase. */
export function createCompactBlock(block: Block, rng: Rng): CmpctBlockMessage {
  const { header } = block;
  const nonce = nextU64(rng);
  const hasher = new ShortIdHasher(header, nonce);
  const shortIds = new Uint8Array(SHORT_ID_BYTES * (block.txCount - 1));
  for (let i = 1; i < block.txCount; i++) {
    hasher.writeInto(block.transaction(i).wtxid, 0, shortIds, SHORT_ID_BYTES * (i - 1));
  }
  const prefilled = [{ index: 0, transaction: block.transaction(0) }];
  return { type: 'cmpctblock', header, nonce, shortIds, prefilled };
}
