// The search for a nonce in small pieces, for a lesson: every attempt is counted by how near it came, so that a picture can show them.

import { compareCompact } from '../../kernel/consensus/target.ts';
import { sha256dInto } from '../../kernel/crypto/sha256.ts';
import { writeU32 } from '../../kernel/encoding/numbers.ts';
import { asBlockHash, formatHash, HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { BlockHeader, HEADER_BYTES } from '../../kernel/primitives/header.ts';
import { reversedBytes } from '../../kernel/util/bytes.ts';
import { countZeroBits } from './lesson-hash.ts';

/** Where the nonce lies in a header. */
const NONCE_AT = 76;
/** Attempts with more zeros than this are counted with it. */
const ZERO_BITS_MAX = 40;

/** How far a search is. */
export interface MiningState {
  readonly attempts: number;
  /** How many attempts had so many leading zeros: index 0 none, 1 one … */
  readonly counts: readonly number[];
  /** The lowest hash so far, in hexadecimal; empty before the first attempt. */
  readonly bestHash: string;
  readonly bestBits: number;
  /** The last hash that was tried. */
  readonly lastHash: string;
  /** The nonce that wins; null: none so far. */
  readonly nonce: number | null;
}

/** The search over one header. */
export class LessonMiner {
  readonly #header: Uint8Array;
  readonly #bits: number;
  readonly #hash: Uint8Array = new Uint8Array(HASH_BYTES);
  readonly #counts: number[] = new Array<number>(ZERO_BITS_MAX + 1).fill(0);
  #best: Uint8Array | null = null;
  #bestBits = -1;
  #attempts = 0;
  #found: number | null = null;

  /** `header` are 80 bytes with the target that is wanted; they are copied. */
  constructor(header: Uint8Array) {
    this.#header = header.slice(0, HEADER_BYTES);
    this.#bits = new BlockHeader(this.#header).bits;
  }

  /** Makes so many attempts, fewer when one wins. */
  step(count: number): void {
    for (let i = 0; i < count && this.#found === null; i++) this.#try(this.#attempts++);
  }

  #try(nonce: number): void {
    writeU32(this.#header, NONCE_AT, nonce);
    sha256dInto(this.#header, 0, HEADER_BYTES, this.#hash, 0);
    const zeroBits = countZeroBits(reversedBytes(this.#hash));
    this.#counts[Math.min(zeroBits, ZERO_BITS_MAX)]!++;
    if (zeroBits > this.#bestBits) {
      this.#best = this.#hash.slice();
      this.#bestBits = zeroBits;
    }
    if (compareCompact(this.#bits, this.#hash, 0) >= 0) this.#found = nonce;
  }

  /** How far it is. */
  get state(): MiningState {
    const show = (hash: Uint8Array | null): string => (hash === null ? '' : formatHash(asBlockHash(hash)));
    return {
      attempts: this.#attempts,
      counts: this.#counts.slice(),
      bestHash: show(this.#best),
      bestBits: Math.max(this.#bestBits, 0),
      lastHash: this.#attempts === 0 ? '' : show(this.#hash),
      nonce: this.#found,
    };
  }
}
