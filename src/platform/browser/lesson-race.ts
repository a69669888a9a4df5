// Miners of different power race for pages, for a lesson: real hashes of real headers, under a target that is easy enough to see
// hundreds of wins. In every round each miner makes as many attempts as he has power; who wins a page has written it, and all go on
// with the next.

import { compareCompact, encodeCompact } from '../../kernel/consensus/target.ts';
import { sha256d, sha256dInto } from '../../kernel/crypto/sha256.ts';
import { writeU32 } from '../../kernel/encoding/numbers.ts';
import { asBlockHash, asMerkleRoot, HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { encodeHeader, HEADER_BYTES } from '../../kernel/primitives/header.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';

/** Where parts of a header lie. */
const PREVIOUS_AT = 4;
const NONCE_AT = 76;

/** A page that was won. */
export interface RaceWin {
  /** Position of the miner. */
  readonly miner: number;
  /** Attempts of all miners for this page. */
  readonly attempts: number;
}

/** The race. */
export class LessonRace {
  readonly #powers: number[];
  readonly #headers: readonly Uint8Array[];
  readonly #nonces: number[];
  /** A miner may make an attempt when he has saved up as much as all have power. */
  readonly #credits: number[];
  readonly #bits: number;
  readonly #hash: Uint8Array = new Uint8Array(HASH_BYTES);
  readonly #wins: RaceWin[] = [];
  #attempts = 0;

  /** `powers` are attempts per round; about one attempt in 2^zeroBits wins. `seed` makes one race differ from the next. */
  constructor(powers: readonly number[], zeroBits: number, seed: string) {
    this.#powers = [...powers];
    this.#bits = encodeCompact((1n << BigInt(256 - zeroBits)) - 1n);
    this.#nonces = powers.map(() => 0);
    this.#credits = powers.map(() => 0);
    this.#headers = powers.map((_, miner) => createHeader(miner, this.#bits, seed));
  }

  /** Every page so far. */
  get wins(): readonly RaceWin[] {
    return this.#wins;
  }

  /** Attempts for the page that is being searched. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Gives a miner another power from now on; below 0 counts as none. */
  setPower(miner: number, power: number): void {
    this.#powers[miner] = Math.max(0, power);
  }

  /** Lets all together make so many attempts. Nothing happens while nobody has power. */
  step(attempts: number): void {
    const total = this.#powers.reduce((sum, power) => sum + power, 0);
    for (let i = 0; i < attempts && total > 0; i++) this.#try(this.#nextMiner(total));
  }

  /** Turns are dealt evenly: who has a third of the power has every third turn. */
  #nextMiner(total: number): number {
    let next = 0;
    for (let miner = 0; miner < this.#powers.length; miner++) {
      this.#credits[miner]! += this.#powers[miner]!;
      if (this.#credits[miner]! > this.#credits[next]!) next = miner;
    }
    this.#credits[next]! -= total;
    return next;
  }

  #try(miner: number): void {
    const header = this.#headers[miner]!;
    this.#attempts++;
    writeU32(header, NONCE_AT, this.#nonces[miner]!++);
    sha256dInto(header, 0, HEADER_BYTES, this.#hash, 0);
    if (compareCompact(this.#bits, this.#hash, 0) < 0) return;
    this.#wins.push({ miner, attempts: this.#attempts });
    this.#attempts = 0;
    for (const other of this.#headers) other.set(this.#hash, PREVIOUS_AT);
  }
}

/** Every miner searches another page than the others: his own reward is on it. */
function createHeader(miner: number, bits: number, seed: string): Uint8Array {
  return encodeHeader({
    version: 4,
    previousBlockHash: asBlockHash(sha256d(encodeUtf8(seed))),
    merkleRoot: asMerkleRoot(sha256d(encodeUtf8(`reward of miner ${miner}`))),
    timeSec: 0,
    bits,
    nonce: 0,
  });
}
