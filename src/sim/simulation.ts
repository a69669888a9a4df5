// A world with everything in it, put together from the options of a seed: network, nodes with disks and clocks, miners, hostile
// peers, faults, and the checkers that watch. The phases of a run are runner.ts's.

import { assert } from '../kernel/util/assert.ts';
import { listenAt, NODE_DEFAULTS, type NodeOptions } from '../node/app/node-options.ts';
import type { Actor } from './adversary/actor.ts';
import { countHosts, createActor } from './adversary/create-actor.ts';
import { BlockMaker } from './block-maker.ts';
import { drawOne, shuffled } from './chance.ts';
import { ChainWatch } from './checker/chain-watch.ts';
import { MempoolWatch } from './checker/mempool-watch.ts';
import { type LedgerBlock, ReferenceLedger } from './checker/reference-ledger.ts';
import type { Groundwork } from './groundwork.ts';
import { Nemesis } from './nemesis.ts';
import { Payers } from './payers.ts';
import type { StartNode } from './running-node.ts';
import { SimClock } from './sim-clock.ts';
import { SimDisk } from './sim-disk.ts';
import { SimMiner } from './sim-miner.ts';
import { SimNet } from './sim-net.ts';
import { type NodeTamper, SimNode, type SimNodeOptions } from './sim-node.ts';
import { SIM_DNS_SEED, SIM_PORT } from './sim-params.ts';
import type { SwarmOptions } from './swarm.ts';
import { World, type WorldHost } from './world.ts';

/** First number of machines of hostile peers. */
const ACTOR_OWNER = 1000;

/** Everything that a world is made of. */
export interface SimulationParts {
  readonly seed: number;
  readonly options: SwarmOptions;
  readonly host: WorldHost;
  readonly groundwork: Groundwork;
  readonly startNode: StartNode;
  /** What is wrong with a node on purpose, by its number. */
  readonly tamper: (owner: number) => NodeTamper;
}

/** A world that is ready to run. */
export class Simulation {
  readonly options: SwarmOptions;
  readonly world: World;
  readonly net: SimNet;
  readonly ledger: ReferenceLedger;
  readonly maker: BlockMaker;
  readonly nodes: readonly SimNode[];
  readonly miners: readonly SimMiner[];
  readonly actors: readonly Actor[];
  readonly watch: ChainWatch;
  readonly mempoolWatch: MempoolWatch;
  readonly payers: Payers;
  readonly nemesis: Nemesis;
  /** Addresses of the nodes, which are honest. */
  readonly honestHosts: ReadonlySet<string>;
  readonly #groundwork: Groundwork;
  /** The last block that everybody begins with. */
  readonly #ground: LedgerBlock;

  constructor(parts: SimulationParts) {
    const { options, groundwork, host, seed } = parts;
    this.options = options;
    this.#groundwork = groundwork;
    this.world = new World(seed, host);
    this.net = new SimNet(this.world, options.network);
    this.ledger = new ReferenceLedger(groundwork.params);
    let ground = this.ledger.genesis;
    for (const block of groundwork.blocks) {
      ground = this.ledger.add(block.serialized());
      this.ledger.show(ground);
    }
    this.#ground = ground;
    this.maker = new BlockMaker(groundwork.params, this.ledger, this.world.fork('blocks'));
    this.watch = new ChainWatch(this.world, this.ledger);
    this.mempoolWatch = new MempoolWatch(this.world, this.ledger);
    const addresses = Array.from({ length: options.nodeCount }, (_, i) => nodeAddress(i));
    this.honestHosts = new Set(addresses);
    this.nodes = addresses.map((address, i) => this.#createNode(i, address, parts));
    this.miners = this.#createMiners();
    this.payers = new Payers({
      world: this.world,
      ledger: this.ledger,
      nodes: this.nodes,
      rates: options.payments,
      intervalMs: options.spacingSec * 1000,
    });
    this.actors = this.#createActors();
    this.net.setName(SIM_DNS_SEED, [...addresses, ...this.actors.flatMap((actor) => actor.addresses)]);
    this.nemesis = new Nemesis({
      world: this.world,
      net: this.net,
      nodes: this.nodes,
      holders: this.nodes.slice(0, Math.max(1, options.nodeCount - options.emptyNodes)),
      rates: options.chaos,
      diskFaultRates: options.diskFaultRates,
      intervalMs: options.spacingSec * 1000,
      onWiped: (node) => this.watch.expectTip(node, this.ledger.genesis),
    });
  }

  get epochSec(): number {
    return this.#groundwork.epochSec;
  }

  // --- nodes ----------------------------------------------------------------------------------------------------------

  #createNode(owner: number, address: string, parts: SimulationParts): SimNode {
    const { options, world, net, ledger } = this;
    const rng = world.fork(`machine ${owner}`);
    const isEmpty = owner > 0 && owner >= options.nodeCount - options.emptyNodes;
    const skewMs = (rng.below(2 * options.clockSkewMaxSec + 1) - options.clockSkewMaxSec) * 1000;
    const clock = new SimClock(world, {
      epochMs: this.#groundwork.epochSec * 1000,
      skewMs,
      msPerSecond: drawOne(rng, [1000, 1000, 1000, 995, 1100, 500, 2000]),
      monotonicStartMs: rng.below(2 ** 40),
    });
    const disk = new SimDisk(rng.fork('disk'), isEmpty ? undefined : this.#groundwork.disk.kill());
    const node = new SimNode(owner, this.#nodeOptions(owner, address, parts), {
      world,
      net,
      disk,
      clock,
      ledger,
      startNode: parts.startNode,
    });
    if (!isEmpty) this.watch.expectTip(node, this.#ground);
    node.watchers.push(this.watch, this.mempoolWatch);
    return node;
  }

  #nodeOptions(owner: number, address: string, parts: SimulationParts): SimNodeOptions {
    const { sizes, diskTimes } = this.options;
    return {
      address,
      node: this.#networkOptions(owner, address),
      chain: {
        coinsCacheBytes: sizes.coinsCacheBytes,
        windowLimits: { inputs: 20_000, blocks: sizes.windowBlocks, bytes: 8 * 2 ** 20 },
        fileBytesMax: sizes.blockFileBytesMax,
        flushPolicy: { intervalMinSec: 3000, intervalMaxSec: 4200, blocksMax: sizes.flushBlocksMax },
      },
      timers: { granularityMs: sizes.timerGranularityMs, turnMs: sizes.turnMs },
      diskTimes,
      verifyMs: sizes.verifyMs,
      hasMempool: this.options.payments.perBlockPerMille > 0,
      tamper: parts.tamper(owner),
    };
  }

  #networkOptions(owner: number, address: string): NodeOptions {
    const { topology, nodeCount } = this.options;
    const usesAddresses = topology !== 'ring';
    return {
      ...NODE_DEFAULTS,
      params: this.#groundwork.params,
      userAgent: '/sim:1/',
      listen: [listenAt(address, SIM_PORT)],
      addNodes: topology === 'addresses' ? [] : this.#neighbours(owner, nodeCount),
      usesDnsSeeds: usesAddresses,
      usesFixedSeeds: false,
    };
  }

  /** The next in the ring, and now and then somebody else. */
  #neighbours(owner: number, nodeCount: number): string[] {
    const rng = this.world.fork(`neighbours ${owner}`);
    const next = (owner + 1) % nodeCount;
    const others = shuffled(
      rng,
      Array.from({ length: nodeCount }, (_, i) => i).filter((i) => i !== owner && i !== next),
    );
    return [next, ...others.slice(0, rng.below(3))]
      .filter((i) => i !== owner)
      .map((i) => `${nodeAddress(i)}:${SIM_PORT}`);
  }

  // --- miners and enemies ---------------------------------------------------------------------------------------------

  #createMiners(): SimMiner[] {
    const { world, ledger, maker } = this;
    return this.options.miners.map((options, i) => {
      const node = this.nodes[i % this.nodes.length];
      assert(node !== undefined, 'a node for every miner');
      const rng = world.fork(`miner ${i}`);
      const miner = new SimMiner(node, options, {
        world,
        params: this.#groundwork.params,
        ledger,
        maker,
        rng,
        tip: this.#ground,
      });
      node.watchers.push({ onTip: (_node, tip) => miner.onTip(tip) });
      return miner;
    });
  }

  #createActors(): Actor[] {
    let host = 0;
    return this.options.adversaries.map((kind, i) => {
      const addresses = Array.from({ length: countHosts(kind) }, () => actorAddress(host++));
      return createActor(kind, {
        world: this.world,
        net: this.net,
        params: this.#groundwork.params,
        ledger: this.ledger,
        maker: this.maker,
        payers: this.payers,
        rng: this.world.fork(`actor ${i}`),
        victims: [...this.honestHosts],
        epochSec: this.#groundwork.epochSec,
        owner: ACTOR_OWNER + 100 * i,
        addresses,
      });
    });
  }
}

/** Public addresses, each in a group of its own. */
function nodeAddress(i: number): string {
  return `${20 + i}.${(7 * i) % 60}.${1 + i}.10`;
}

/** Few groups: attackers do not have many. */
function actorAddress(i: number): string {
  return `${110 + (i % 3)}.9.${Math.floor(i / 3)}.66`;
}
