// What happens to a world in its chaos phase: nodes are killed, cut off, split, slowed, sent back in time, at rates that the seed
// has drawn. Each fault ends by itself after a while; when the phase ends, all of them do.

import type { Rng } from '../kernel/util/prng.ts';
import { drawBetween, drawOne, drawWaitMs, shuffled } from './chance.ts';
import { type DiskFaultRates, NO_DISK_FAULTS } from './sim-disk.ts';
import type { SimNet } from './sim-net.ts';
import type { SimNode } from './sim-node.ts';
import type { ChaosRates } from './swarm.ts';
import { type Cancel, WORLD, type World } from './world.ts';

/** How often each fault has happened. */
export type ChaosCounts = Record<keyof ChaosRates, number>;

/** What a nemesis works on. */
export interface NemesisParts {
  readonly world: World;
  readonly net: SimNet;
  readonly nodes: readonly SimNode[];
  readonly rates: ChaosRates;
  readonly diskFaultRates: DiskFaultRates;
  readonly intervalMs: number;
  /** Nodes that begin with the ledger: one of them at least keeps its disk, or there would be nothing to agree on. */
  readonly holders: readonly SimNode[];
  /** A node has lost its disk. */
  readonly onWiped: (node: SimNode) => void;
}

const HOUR_SEC = 3600;

/** Jumps of a wall clock (T02): hours, and back to where the ledger is young. */
const CLOCK_JUMPS_SEC: readonly number[] = [3 * HOUR_SEC, -3 * HOUR_SEC, 30, -30, 10 * 365 * 24 * HOUR_SEC];

/** Makes things go wrong. */
export class Nemesis {
  readonly counts: ChaosCounts = {
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
  };
  readonly #parts: NemesisParts;
  readonly #rng: Rng;
  readonly #pending: Cancel[] = [];
  readonly #holders: Set<SimNode>;
  readonly #skews: Map<SimNode, number> = new Map();
  #isOver = false;

  constructor(parts: NemesisParts) {
    this.#parts = parts;
    this.#rng = parts.world.fork('nemesis');
    this.#holders = new Set(parts.holders);
    for (const node of parts.nodes) this.#skews.set(node, node.clock.skewMs);
  }

  start(): void {
    for (const fault of Object.keys(this.counts) as (keyof ChaosRates)[]) this.#schedule(fault);
  }

  /** Ends every fault: paths are open, disks are good, clocks are nearly right, machines are on. */
  end(): void {
    const { net, nodes } = this.#parts;
    this.#isOver = true;
    for (const cancel of this.#pending) cancel();
    net.heal();
    for (const node of nodes) {
      node.disk.rates = NO_DISK_FAULTS;
      node.clock.setSkew(this.#skews.get(node) ?? 0);
      node.start();
    }
  }

  #schedule(fault: keyof ChaosRates): void {
    const { world, rates, intervalMs } = this.#parts;
    const rate = rates[fault];
    if (rate === 0) return;
    this.#pending.push(
      world.after(drawWaitMs(this.#rng, (intervalMs * 1000) / rate), fault, WORLD, () => {
        this.counts[fault]++;
        this.#happen(fault);
        this.#schedule(fault);
      }),
    );
  }

  #happen(fault: keyof ChaosRates): void {
    const node = drawOne(this.#rng, this.#parts.nodes);
    switch (fault) {
      case 'kill':
        node.kill();
        this.#restart(node);
        return;
      case 'powerCut':
        node.cutPower();
        this.#restart(node);
        return;
      case 'stop':
        node.stop();
        this.#restart(node);
        return;
      case 'wipe':
        this.#wipe(node);
        return;
      case 'partition':
        this.#split(false);
        return;
      case 'oneWayPartition':
        this.#split(true);
        return;
      case 'clog':
        this.#clog();
        return;
      case 'reset':
        this.#parts.net.reset(drawBetween(this.#rng, 1, 4), this.#rng);
        return;
      case 'clockJump':
        this.#jump(node);
        return;
      case 'diskFaults':
        this.#spoilDisk(node);
        return;
    }
  }

  /** Calls `run` after about as long as `blocks` take, unless the chaos is over by then. */
  #later(blocks: number, run: () => void): void {
    const { world, intervalMs } = this.#parts;
    const cancel = world.after(drawWaitMs(this.#rng, intervalMs * blocks), 'recovery', WORLD, () => {
      if (!this.#isOver) run();
    });
    this.#pending.push(cancel);
  }

  #restart(node: SimNode): void {
    this.#later(1, () => {
      if (node.isOn) this.#restart(node);
      else node.start();
    });
  }

  #wipe(node: SimNode): void {
    if (this.#holders.size === 1 && this.#holders.has(node)) return;
    this.#holders.delete(node);
    node.cutPower();
    node.disk.wipe();
    this.#parts.onWiped(node);
    this.#restart(node);
  }

  /** Splits the nodes in two groups that cannot talk, or of which only one can hear the other. */
  #split(isOneWay: boolean): void {
    const { net, nodes, world } = this.#parts;
    if (nodes.length < 2) return;
    const order = shuffled(this.#rng, nodes);
    const count = drawBetween(this.#rng, 1, order.length - 1);
    const here = order.slice(0, count);
    const there = order.slice(count);
    world.note(`${isOneWay ? 'one-way ' : ''}partition: ${here.map(({ owner }) => owner).join(' ')} | rest`);
    const set = (isBlocked: boolean): void => {
      for (const a of here) {
        for (const b of there) {
          net.setBlocked(a.options.address, b.options.address, isBlocked);
          if (!isOneWay) net.setBlocked(b.options.address, a.options.address, isBlocked);
        }
      }
    };
    set(true);
    this.#later(3, () => set(false));
  }

  #clog(): void {
    const { net, nodes } = this.#parts;
    const from = drawOne(this.#rng, nodes).options.address;
    const to = drawOne(this.#rng, nodes).options.address;
    net.setClogged(from, to, true);
    this.#later(2, () => net.setClogged(from, to, false));
  }

  #jump(node: SimNode): void {
    const jumpSec = drawOne(this.#rng, CLOCK_JUMPS_SEC);
    this.#parts.world.note(`clock of node ${node.owner} jumps by ${jumpSec} s`);
    node.clock.setSkew(node.clock.skewMs + jumpSec * 1000);
    this.#later(1, () => node.clock.setSkew(this.#skews.get(node) ?? 0));
  }

  #spoilDisk(node: SimNode): void {
    node.disk.rates = this.#parts.diskFaultRates;
    this.#later(1, () => {
      node.disk.rates = NO_DISK_FAULTS;
      if (!node.isOn) node.start();
    });
  }
}
