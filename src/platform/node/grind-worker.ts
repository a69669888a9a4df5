// A thread that searches nonces: the other end of grind-threads.ts. It computes in slices of a few milliseconds and looks between
// them whether its search is still on, so that it stops within 10 ms of a new tip.

import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../kernel/util/assert.ts';
import { RecordSearch } from '../../node/mining/grind.ts';
import { CLOSING, GrindControl, NO_SEARCH } from './grind-control.ts';

/** What a thread is started with. */
export interface GrindWorkerData {
  readonly memory: SharedArrayBuffer;
  /** Which of how many threads it is: each has its part of the nonces. */
  readonly index: number;
  readonly threadCount: number;
}

/** What a thread tells: a nonce, that its part has none (null), or the lowest hash that it has come upon. */
export interface GrindMessage {
  readonly search: number;
  readonly nonce: number | null;
  /** There: the search goes on. */
  readonly record?: Uint8Array;
}

/** How long a slice takes. */
const SLICE_MS = 4;
/** Hashes of the first slice; later ones follow the time that it took. */
const FIRST_SLICE = 1024;
/** Hashes of a slice at most: a nonce space of a few threads is still many slices. */
const SLICE_MAX: number = 2 ** 22;

const NONCES: number = 2 ** 32;

function main(): void {
  assert(parentPort !== null, 'grind worker: runs in a thread');
  const port = parentPort;
  const { memory, index, threadCount } = workerData as GrindWorkerData;
  const control = new GrindControl(memory);
  const first = Math.floor((NONCES * index) / threadCount);
  const end = Math.floor((NONCES * (index + 1)) / threadCount);
  let sliceHashes = FIRST_SLICE;

  /** One search, until it is over or taken off. */
  const run = (search: number, header: Uint8Array): void => {
    const records = new RecordSearch(header);
    for (let nonce = first; nonce < end; ) {
      const count = Math.min(sliceHashes, end - nonce);
      const startMs = performance.now();
      const found = searchSlice(records, nonce, nonce + count, (record) =>
        port.postMessage({ search, nonce: null, record } satisfies GrindMessage),
      );
      const tookMs = performance.now() - startMs;
      control.addHashes(found === null ? count : found - nonce + 1);
      if (found !== null) {
        port.postMessage({ search, nonce: found } satisfies GrindMessage);
        return;
      }
      nonce += count;
      if (control.search !== search) return;
      if (count === sliceHashes) sliceHashes = nextSlice(sliceHashes, tookMs);
      const idleMs = tookMs * (1 / control.share - 1);
      if (idleMs > 0) control.waitWhile(search, idleMs);
      if (control.search !== search) return;
    }
    port.postMessage({ search, nonce: null } satisfies GrindMessage);
  };

  let last = NO_SEARCH;
  for (;;) {
    const search = control.search;
    if (search === CLOSING) break;
    if (search === NO_SEARCH || search === last) {
      control.waitWhile(search, Number.POSITIVE_INFINITY);
      continue;
    }
    const header = control.copyHeader(search);
    if (header === null) continue;
    last = search;
    run(search, header);
  }
  port.close();
}

/** The first nonce of a range that brings the target, or null; the last record before it is told of. */
function searchSlice(
  records: RecordSearch,
  first: number,
  end: number,
  onRecord: (hash: Uint8Array) => void,
): number | null {
  let lowest: Uint8Array | null = null;
  for (let nonce = first; nonce < end; ) {
    const found = records.find(nonce, end - nonce);
    if (found?.isFound === true) return found.nonce;
    if (found === null) break;
    lowest = found.hash;
    nonce = found.nonce + 1;
  }
  if (lowest !== null) onRecord(lowest);
  return null;
}

function nextSlice(hashes: number, tookMs: number): number {
  const scale = Math.min(2, Math.max(0.5, SLICE_MS / Math.max(tookMs, 0.1)));
  return Math.min(SLICE_MAX, Math.max(1, Math.round(hashes * scale)));
}

main();
