// A script worker that fails on purpose. workerData says how, and with which batch; until then it is the real one.

import { parentPort, workerData } from 'node:worker_threads';
import { BatchJudge, InputClaims } from '../../src/kernel/chain/shared-batch.ts';
import type { BatchMessage } from '../../src/platform/node/script-worker.ts';

/** What goes wrong. */
export interface WorkerFault {
  /** `start`: the worker does not come up. The others strike when it has claimed inputs and judged none; `skip` forgets them. */
  readonly kind: 'start' | 'throw' | 'exit' | 'memory' | 'skip';
  /** The batch, counted from 1, that it fails with. */
  readonly batch: number;
}

const { kind, batch: faultyBatch } = workerData as WorkerFault;

/** Takes memory until the limit of the thread ends it. */
function exhaustMemory(): never {
  const kept: number[][] = [];
  for (;;) kept.push(new Array<number>(10_000).fill(kept.length));
}

function strike(): void {
  if (kind === 'throw') throw new RangeError('a fault in the thread');
  if (kind === 'exit') process.exit(3);
  if (kind === 'memory') exhaustMemory();
}

if (kind === 'start') throw new RangeError('a fault at the start');

let batchCount = 0;
// Comes before the real worker's listener.
parentPort!.on('message', ({ batch }: BatchMessage) => {
  if (++batchCount === faultyBatch) new InputClaims(batch.claims).take(10);
});

const judgeNext = BatchJudge.prototype.judgeNext;
BatchJudge.prototype.judgeNext = function (this: BatchJudge, countMax: number): boolean {
  if (batchCount === faultyBatch) strike();
  return judgeNext.call(this, countMax);
};

await import('../../src/platform/node/script-worker.ts');
