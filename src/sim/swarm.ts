// What a seed is like: everything about a run that can be different is drawn here, so that seeds differ in kind and not in detail
// alone (swarm testing: most seeds have most faults switched off, and the rest then have more room). A run is determined by these
// options and the seed; both are printed when it fails.

import type { Rng } from '../kernel/util/prng.ts';
import { ADVERSARY_KINDS, type AdversaryKind } from './adversary/kinds.ts';
import { drawBetween, drawChance, drawMagnitude, drawOne } from './chance.ts';
import type { DiskFaultRates, DiskTimes } from './sim-disk.ts';
import type { MinerKind, MinerOptions } from './sim-miner.ts';
import type { NetworkOptions } from './sim-net.ts';
import { RETARGET_SPACING_MAX_SEC } from './sim-params.ts';

/** How nodes find each other. */
export type Topology =
  /** By addresses alone: DNS seeds and gossip. */
  | 'addresses'
  /** By the operator's wish: a ring and some chords (-addnode). */
  | 'ring'
  /** Both. */
  | 'mixed';

/** Faults of the chaos phase: how often each happens to the whole world, in thousandths per block interval; 0: never. */
export interface ChaosRates {
  readonly kill: number;
  readonly powerCut: number;
  readonly stop: number;
  readonly partition: number;
  readonly oneWayPartition: number;
  readonly clog: number;
  readonly reset: number;
  readonly clockJump: number;
  readonly diskFaults: number;
  /** A node loses its disk and begins anew. */
  readonly wipe: number;
}

/** Sizes inside a node, small ones among them. */
export interface NodeSizes {
  readonly coinsCacheBytes: number;
  readonly flushBlocksMax: number;
  readonly windowBlocks: number;
  readonly blockFileBytesMax: number;
  readonly verifyMs: number;
  readonly timerGranularityMs: number;
  readonly turnMs: number;
}

/** What people pay besides what miners put into their blocks. */
export interface PaymentRates {
  /** In thousandths of a payment per block interval; 0: nobody pays, and nodes have no mempool. */
  readonly perBlockPerMille: number;
  /** How many of them, in thousandths, are two that spend the same coin, sent to two nodes at once. */
  readonly doublePerMille: number;
}

/** Everything that a seed chooses. */
export interface SwarmOptions {
  readonly nodeCount: number;
  readonly spacingSec: number;
  readonly retargets: boolean;
  /** Length of the chaos phase in block intervals. */
  readonly chaosBlocks: number;
  readonly topology: Topology;
  readonly network: NetworkOptions;
  readonly miners: readonly MinerOptions[];
  readonly adversaries: readonly AdversaryKind[];
  readonly chaos: ChaosRates;
  readonly diskFaultRates: DiskFaultRates;
  readonly diskTimes: DiskTimes;
  readonly sizes: NodeSizes;
  /** Nodes that begin with nothing and have to fetch it all. */
  readonly emptyNodes: number;
  /** Clocks of nodes are off by up to this. */
  readonly clockSkewMaxSec: number;
  readonly payments: PaymentRates;
}

/** Bounds of what is drawn. */
export interface SwarmLimits {
  readonly nodesMax: number;
  readonly chaosBlocksMax: number;
  /** Wanted times between two blocks to choose from, without retargeting; long ones make long runs. */
  readonly spacingsSec: readonly number[];
}

/** For quick seeds: a few nodes, a few dozen blocks. */
export const SMALL_SWARM: SwarmLimits = Object.freeze({ nodesMax: 6, chaosBlocksMax: 30, spacingsSec: [20, 60, 150] });

/** In between. */
export const MEDIUM_SWARM: SwarmLimits = Object.freeze({
  nodesMax: 12,
  chaosBlocksMax: 80,
  spacingsSec: [20, 60, 150, 600],
});

/** For long nights. */
export const LARGE_SWARM: SwarmLimits = Object.freeze({
  nodesMax: 30,
  chaosBlocksMax: 200,
  spacingsSec: [20, 60, 150, 600],
});

/** No faults at all. */
export const NO_CHAOS: ChaosRates = Object.freeze({
  kill: 0,
  powerCut: 0,
  stop: 0,
  partition: 0,
  oneWayPartition: 0,
  clog: 0,
  reset: 0,
  clockJump: 0,
  diskFaults: 0,
  wipe: 0,
});

/** Draws what a seed is like. */
export function drawSwarm(rng: Rng, limits: SwarmLimits, wantedNodes?: number): SwarmOptions {
  const drawnNodes = drawMagnitude(rng, 2, limits.nodesMax);
  const nodeCount = wantedNodes ?? drawnNodes;
  const retargets = drawChance(rng, 200);
  const spacingSec = retargets ? drawBetween(rng, 10, RETARGET_SPACING_MAX_SEC) : drawOne(rng, limits.spacingsSec);
  const adversaryCount = drawOne(rng, [0, 0, 1, 1, 2, 3]);
  return {
    nodeCount,
    spacingSec,
    retargets,
    chaosBlocks: drawMagnitude(rng, 8, limits.chaosBlocksMax),
    topology: drawOne(rng, ['addresses', 'ring', 'mixed'] as const),
    network: drawNetwork(rng),
    miners: drawMiners(rng, nodeCount),
    adversaries: Array.from({ length: adversaryCount }, () => drawOne(rng, ADVERSARY_KINDS)),
    chaos: drawChaos(rng),
    diskFaultRates: drawDiskFaults(rng),
    diskTimes: drawOne(rng, [
      { accessMaxMs: 0, syncMaxMs: 0 },
      { accessMaxMs: 0, syncMaxMs: 30 },
      { accessMaxMs: 3, syncMaxMs: 200 },
    ]),
    sizes: drawSizes(rng, spacingSec),
    emptyNodes: drawChance(rng, 400) ? drawBetween(rng, 1, Math.max(1, Math.floor(nodeCount / 3))) : 0,
    clockSkewMaxSec: drawOne(rng, [0, 5, 600, 3000]),
    payments: { perBlockPerMille: drawOne(rng, [0, 0, 1000, 4000]), doublePerMille: drawOne(rng, [0, 100, 500]) },
  };
}

function drawNetwork(rng: Rng): NetworkOptions {
  const latencyMinMs = drawOne(rng, [1, 20, 100]);
  return {
    latencyMinMs,
    latencyMaxMs: latencyMinMs * drawOne(rng, [2, 5, 20]),
    bytesPerSec: drawOne(rng, [10_000, 100_000, 10_000_000]),
    shredPerMille: drawOne(rng, [0, 0, 100, 1000]),
    refusePerMille: drawOne(rng, [0, 0, 50, 300]),
  };
}

const MINER_KINDS: readonly MinerKind[] = ['empty-blocks', 'stale-tip', 'selfish', 'withholding', 'invalid-blocks'];

/** Every node may mine; the first always does. Shares add up to all power. */
function drawMiners(rng: Rng, nodeCount: number): MinerOptions[] {
  const count = drawBetween(rng, 1, Math.min(nodeCount, 8));
  const weights = Array.from({ length: count }, () => drawMagnitude(rng, 1, 20));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight, i) => ({
    kind: drawMinerKind(rng, i, weight / sum),
    sharePerMille: Math.max(1, Math.round((1000 * weight) / sum)),
  }));
}

function drawMinerKind(rng: Rng, position: number, share: number): MinerKind {
  if (position === 0 || drawChance(rng, 600)) return 'honest';
  return share > 0.5 && drawChance(rng, 500) ? 'rewriter' : drawOne(rng, MINER_KINDS);
}

function drawChaos(rng: Rng): ChaosRates {
  const rate = (highest: number): number => (drawChance(rng, 400) ? drawMagnitude(rng, 20, highest) : 0);
  return {
    kill: rate(1000),
    powerCut: rate(1000),
    stop: rate(500),
    partition: rate(500),
    oneWayPartition: rate(500),
    clog: rate(1000),
    reset: rate(3000),
    clockJump: rate(300),
    diskFaults: rate(1000),
    wipe: rate(100),
  };
}

/** Rates while a disk is bad; it is bad only at times. */
function drawDiskFaults(rng: Rng): DiskFaultRates {
  const rate = (): number => (drawChance(rng, 500) ? drawMagnitude(rng, 10, 1000) : 0);
  return { failOneIn: rate(), forgetSyncOneIn: rate(), dieOneIn: rate(), fullOneIn: rate() };
}

/** Timers are coarser where blocks are far apart: a run has about as many events then. */
function drawSizes(rng: Rng, spacingSec: number): NodeSizes {
  return {
    coinsCacheBytes: drawOne(rng, [1, 50_000, 4_000_000]),
    flushBlocksMax: drawMagnitude(rng, 1, 100),
    windowBlocks: drawOne(rng, [1, 3, 64]),
    blockFileBytesMax: drawOne(rng, [4_096, 20_000, 1 << 20]),
    verifyMs: drawOne(rng, [0, 0, 10, 500]),
    timerGranularityMs: drawOne(rng, spacingSec < 100 ? [200, 500, 1000] : [1000, 2000, 5000]),
    turnMs: drawOne(rng, [0, 1, 20]),
  };
}
