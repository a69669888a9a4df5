// A miner's search that finds what a test tells it to find.

import { grindHeader } from '../../src/node/mining/grind.ts';
import type { GrindEvents, Grinder } from '../../src/node/mining/grinder.ts';

/** Searches nothing by itself. */
export class FakeGrinder implements Grinder {
  hashCount = 0;
  share = 1;
  isClosed = false;
  /** Searches that were begun. */
  startCount = 0;
  #work: { readonly header: Uint8Array; readonly events: GrindEvents } | null = null;

  start(header: Uint8Array, events: GrindEvents): void {
    this.startCount++;
    this.#work = { header: header.slice(), events };
  }

  stop(): void {
    this.#work = null;
  }

  setShare(share: number): void {
    this.share = share;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.#work = null;
  }

  /** Whether anything is searched. */
  get isSearching(): boolean {
    return this.#work !== null;
  }

  /** The header that is searched. */
  get header(): Uint8Array | null {
    return this.#work?.header ?? null;
  }

  /** Finds the nonce of what is searched. */
  find(): void {
    const work = this.#take();
    const nonce = grindHeader(work.header, 0, 1_000);
    if (nonce === null) throw new Error('no nonce within 1,000');
    this.hashCount += nonce + 1;
    work.events.onFound(nonce);
  }

  /** Finds a nonce that is none. */
  findWrong(): void {
    const { header, events } = this.#take();
    let nonce = 0;
    while (grindHeader(header, nonce, 1) !== null) nonce++;
    events.onFound(nonce);
  }

  /** Comes upon a low hash. */
  tellRecord(hash: Uint8Array): void {
    this.#work?.events.onRecord?.(hash);
  }

  /** Comes to the end of all nonces. */
  exhaust(): void {
    this.#take().events.onExhausted();
  }

  /** Breaks down. */
  fail(error: unknown): void {
    this.#take().events.onFailed(error);
  }

  #take(): { readonly header: Uint8Array; readonly events: GrindEvents } {
    const work = this.#work;
    if (work === null) throw new Error('nothing is searched');
    this.#work = null;
    return work;
  }
}
