// Keeps the state of a signature hash just before its hash type, for one (input, script, value) per kind of hash type, so that a
// script with many signatures hashes its transaction at most twice per kind (Core SigHashCache). Without it, a legacy script of
// two hundred OP_CHECKSIG in a megabyte transaction would hash 200 MB. Nearly all inputs ask once: so a state is kept from the
// second question about an input on, and the first costs nothing.

import { Sha256Hasher } from '../crypto/sha256.ts';
import { copyRange, equalRange } from '../util/bytes.ts';
import { MAX_SCRIPT_SIZE } from './script.ts';
import { isAnyoneCanPay, outputChoice } from './sighash-type.ts';

/** Stands for the value where a signature hash commits to none (legacy); no amount equals it. */
export const NO_VALUE: number = Number.NEGATIVE_INFINITY;

/** What hashing one kind of hash type last led to. */
export class SighashCacheEntry {
  /** State of the hash before the hash type. */
  readonly state: Sha256Hasher = new Sha256Hasher();
  #askedInputIndex = -1;
  #inputIndex = -1;
  #valueSat = 0;
  #script: Uint8Array = new Uint8Array(128);
  #scriptLength = 0;

  /** True when {@link state} is of the same input, script and value. */
  matches(inputIndex: number, valueSat: number, script: Uint8Array, start: number, end: number): boolean {
    return (
      this.#inputIndex === inputIndex &&
      this.#valueSat === valueSat &&
      this.#scriptLength === end - start &&
      equalRange(this.#script, 0, script, start, end - start)
    );
  }

  /** Keeps a copy of the state and of what it belongs to, unless this is the first question about the input. */
  store(
    inputIndex: number,
    valueSat: number,
    script: Uint8Array,
    start: number,
    end: number,
    state: Sha256Hasher,
  ): void {
    const length = end - start;
    const isFirst = this.#askedInputIndex !== inputIndex;
    this.#askedInputIndex = inputIndex;
    if (isFirst || length > MAX_SCRIPT_SIZE) return;
    if (this.#script.length < length) this.#script = new Uint8Array(Math.max(length, 2 * this.#script.length));
    copyRange(script, start, this.#script, 0, length);
    this.#scriptLength = length;
    this.#inputIndex = inputIndex;
    this.#valueSat = valueSat;
    this.state.copyFrom(state);
  }

  /** Forgets the state. */
  clear(): void {
    this.#askedInputIndex = -1;
    this.#inputIndex = -1;
  }
}

/** One entry per kind of hash type: all, none or single, each with and without ANYONECANPAY. */
export class SighashCache {
  readonly #entries: readonly SighashCacheEntry[] = Array.from({ length: 6 }, () => new SighashCacheEntry());

  /** The entry for hash types that commit to the same parts as this one. */
  entry(hashType: number): SighashCacheEntry {
    return this.#entries[outputChoice(hashType) - 1 + (isAnyoneCanPay(hashType) ? 3 : 0)]!;
  }

  /** Forgets every state: another transaction comes. */
  clear(): void {
    for (const entry of this.#entries) entry.clear();
  }
}
