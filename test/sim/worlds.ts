// Worlds that tests of the simulation begin with.

import { NO_DISK_FAULTS } from '../../src/sim/sim-disk.ts';
import { NO_CHAOS, type SwarmOptions } from '../../src/sim/swarm.ts';

/** A calm world: one honest miner on each of two nodes, no faults, nobody hostile. */
export const CALM: SwarmOptions = {
  nodeCount: 4,
  spacingSec: 60,
  retargets: false,
  chaosBlocks: 10,
  topology: 'mixed',
  network: { latencyMinMs: 20, latencyMaxMs: 200, bytesPerSec: 100_000, shredPerMille: 50, refusePerMille: 0 },
  miners: [
    { kind: 'honest', sharePerMille: 500 },
    { kind: 'honest', sharePerMille: 500 },
  ],
  adversaries: [],
  chaos: NO_CHAOS,
  diskFaultRates: NO_DISK_FAULTS,
  diskTimes: { accessMaxMs: 0, syncMaxMs: 10 },
  sizes: {
    coinsCacheBytes: 50_000,
    flushBlocksMax: 5,
    windowBlocks: 3,
    blockFileBytesMax: 20_000,
    verifyMs: 0,
    timerGranularityMs: 500,
    turnMs: 1,
  },
  emptyNodes: 0,
  clockSkewMaxSec: 5,
  payments: { perBlockPerMille: 2000, doublePerMille: 200 },
};
