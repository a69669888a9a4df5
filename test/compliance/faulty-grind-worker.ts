// A thread of the miner that fails on purpose, in the way that workerData says.

import { workerData } from 'node:worker_threads';
import type { GrindWorkerData } from '../../src/platform/node/grind-worker.ts';

/** What goes wrong, at once. */
export interface GrindFault extends GrindWorkerData {
  readonly fault: 'throw' | 'exit';
}

const { fault } = workerData as GrindFault;
if (fault === 'throw') throw new RangeError('a fault in the thread');
process.exit(3);
