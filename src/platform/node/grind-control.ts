// Memory that the miner's threads share with whoever gives them work (grind-threads.ts, grind-worker.ts). A thread that computes
// hears no messages, so everything it has to know lies here: which search is on, its header, and how much it may compute.

import { HEADER_BYTES } from '../../kernel/primitives/header.ts';

/** Fields of the control words. */
const SEARCH = 0;
const SHARE_PERMILLE = 1;
const HASHES_LOW = 2;
const WORDS = 4;

/** {@link GrindControl.search} while there is nothing to do. */
export const NO_SEARCH = 0;

/** {@link GrindControl.search} from the moment on that all is over: in the same word, so that nobody can miss it and fall asleep. */
export const CLOSING = -1;

const PERMILLE = 1000;

/** The shared words and the header. */
export class GrindControl {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #hashes: BigInt64Array;
  readonly #header: Uint8Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(4 * WORDS + HEADER_BYTES)) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, WORDS);
    this.#hashes = new BigInt64Array(memory, 4 * HASHES_LOW, 1);
    this.#header = new Uint8Array(memory, 4 * WORDS, HEADER_BYTES);
  }

  /** Number of the search that is on, or {@link NO_SEARCH}. */
  get search(): number {
    return Atomics.load(this.#words, SEARCH);
  }

  get isClosing(): boolean {
    return this.search === CLOSING;
  }

  /** Share of the time that threads compute. */
  get share(): number {
    return Atomics.load(this.#words, SHARE_PERMILLE) / PERMILLE;
  }

  set share(share: number) {
    Atomics.store(this.#words, SHARE_PERMILLE, Math.max(1, Math.round(share * PERMILLE)));
  }

  get hashCount(): number {
    return Number(Atomics.load(this.#hashes, 0));
  }

  addHashes(count: number): void {
    Atomics.add(this.#hashes, 0, BigInt(count));
  }

  /** Puts a search on. While the header is written none is, so that no thread begins with half of it. */
  begin(search: number, header: Uint8Array): void {
    if (this.isClosing) return;
    Atomics.store(this.#words, SEARCH, NO_SEARCH);
    this.#header.set(header);
    this.#set(search);
  }

  /** Takes the search off. */
  end(): void {
    if (!this.isClosing) this.#set(NO_SEARCH);
  }

  /** Lets every thread come to its end. */
  close(): void {
    this.#set(CLOSING);
  }

  #set(search: number): void {
    Atomics.store(this.#words, SEARCH, search);
    Atomics.notify(this.#words, SEARCH);
  }

  /** A copy of the header of a search; null when that is no longer on. */
  copyHeader(search: number): Uint8Array | null {
    const header = this.#header.slice();
    return this.search === search ? header : null;
  }

  /** Waits until another search is on than `search`, or for `timeoutMs` at most. */
  waitWhile(search: number, timeoutMs: number): void {
    Atomics.wait(this.#words, SEARCH, search, timeoutMs);
  }
}
