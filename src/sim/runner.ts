// A run of one seed, from its options to its report. First chaos: faults, hostile peers, miners of every kind, and only safety is
// checked. Then healing: no faults, honest miners, and within a bound all nodes must agree on the valid chain of most work. At the
// end the books of every node are compared with the reference ledger, coin by coin.
//
//   const report = await runSeed(7, { host, startNode, shelf });
//
// A run depends on seed, options and the code alone; the same seed run twice gives the same trace hash.

import type { ChainParams } from '../kernel/consensus/params.ts';
import type { Transaction } from '../kernel/primitives/transaction.ts';
import { toHex } from '../kernel/util/bytes.ts';
import { createRng } from '../kernel/util/prng.ts';
import { drawOne } from './chance.ts';
import { checkBooks } from './checker/books.ts';
import { describe } from './checker/chain-watch.ts';
import { findDisagreement } from './checker/convergence.ts';
import { checkPeerTreatment } from './checker/peer-treatment.ts';
import { branchOf } from './checker/reference-ledger.ts';
import type { GroundworkShelf } from './groundwork.ts';
import type { Mutant } from './mutants.ts';
import type { SimReport } from './report.ts';
import type { StartNode } from './running-node.ts';
import { NO_DISK_FAULTS } from './sim-disk.ts';
import type { NodeTamper, SimNode } from './sim-node.ts';
import { Simulation } from './simulation.ts';
import { drawSwarm, SMALL_SWARM, type SwarmLimits, type SwarmOptions } from './swarm.ts';
import { SimFailure, WORLD, type WorldHost } from './world.ts';

/** How to run a seed. */
export interface RunOptions {
  readonly host: WorldHost;
  readonly startNode: StartNode;
  readonly shelf: GroundworkShelf;
  readonly limits?: SwarmLimits;
  /** In place of what the seed draws. */
  readonly overrides?: Partial<SwarmOptions>;
  /** Nodes, in place of what the seed draws; the rest is drawn for so many. */
  readonly nodeCount?: number;
  /** Length of the chaos in virtual days, in place of what the seed draws. */
  readonly chaosDays?: number;
  /** A bug that every node has. */
  readonly mutant?: Mutant;
  /** Called with every world before it runs, to watch it more closely. */
  readonly onReady?: (simulation: Simulation) => void;
}

/** Virtual time between two looks at things that no event tells. */
const LOOK_MS = 30_000;

/** Longest time in which nodes must agree once all is well: a connection that leads nowhere may take 20 minutes to be noticed. */
const HEAL_MINUTES = 45;

/** And so many blocks, since two branches may be of equal work. */
const HEAL_BLOCKS = 6;

/** What a node says of a small file that it cannot read. */
const DAMAGED_FILE = /put aside|could not be read|not compatible|Failed to deserialize mempool data/;

/** Payments that are made when all is well again. */
const PEACE_PAYMENTS = 3;

/** Longest time in which a payment must reach every node (DESIGN: ten minutes); one of a peer that says nothing is asked elsewhere. */
const RELAY_MINUTES = 10;

const DAY_SEC = 24 * 60 * 60;

/** Runs a seed to its end. */
export async function runSeed(seed: number, run: RunOptions): Promise<SimReport> {
  const options = chooseOptions(seed, run);
  const groundwork = await run.shelf.get({ spacingSec: options.spacingSec, retargets: options.retargets });
  const simulation = new Simulation({
    seed,
    options,
    host: run.host,
    groundwork,
    startNode: run.startNode,
    tamper: (owner) => createTamper(run.mutant, seed, owner, groundwork.params),
  });
  run.onReady?.(simulation);
  const phases = new Phases(simulation);
  let failure: SimFailure | null = null;
  try {
    await phases.chaos();
    await phases.heal();
    await phases.pay();
    await phases.audit();
  } catch (error) {
    failure = error instanceof SimFailure ? error : new SimFailure('crash', String(error), { cause: error });
  }
  return makeReport(seed, simulation, phases.healMs, failure);
}

function chooseOptions(seed: number, run: RunOptions): SwarmOptions {
  const drawn = drawSwarm(createRng(seed).fork('swarm'), run.limits ?? SMALL_SWARM, run.nodeCount);
  const options: SwarmOptions = { ...drawn, ...run.overrides };
  if (run.chaosDays === undefined) return options;
  return { ...options, chaosBlocks: Math.max(1, Math.round((run.chaosDays * DAY_SEC) / options.spacingSec)) };
}

function createTamper(mutant: Mutant | undefined, seed: number, owner: number, params: ChainParams): NodeTamper {
  return mutant?.create({ params, rng: createRng(seed).fork(`mutant ${owner}`) }) ?? {};
}

/** The phases of a run. */
class Phases {
  readonly #simulation: Simulation;
  healMs: number | null = null;
  #isPeace = false;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    for (const node of simulation.nodes) {
      node.watchers.push({
        onLog: (_node, _level, line) => {
          // Small files are replaced as a whole: after any crash there is the old one or the new one (S13).
          if (DAMAGED_FILE.test(line)) simulation.world.fail('small files', `node ${node.owner}: ${line}`);
        },
        onEnded: (_node, end) => {
          // A node whose disk failed is started again by whoever looks after it; one that was stopping when peace came, at once.
          if (end === 'failed') simulation.world.after(60_000, 'operator', WORLD, () => node.start());
          else if (this.#isPeace) simulation.world.after(0, 'operator', WORLD, () => node.start());
        },
        onStartFailed: (_node, error) => {
          if (node.disk.rates !== NO_DISK_FAULTS) return;
          simulation.world.fail('restart', `node ${node.owner} cannot be started: ${String(error)}`, error);
        },
      });
    }
  }

  async chaos(): Promise<void> {
    const { world, nodes, miners, actors, payers, nemesis, options } = this.#simulation;
    const rng = world.fork('beginning');
    for (const node of nodes) world.after(rng.below(10_000), 'power on', node.owner, () => node.start());
    for (const miner of miners) miner.start();
    for (const actor of actors) actor.start();
    payers.start();
    nemesis.start();
    this.#look();
    await world.run(options.chaosBlocks * options.spacingSec * 1000);
  }

  /** Looks at what no event tells, again and again. */
  #look(): void {
    const { world, nodes, honestHosts, mempoolWatch } = this.#simulation;
    world.after(LOOK_MS, 'look', WORLD, () => {
      checkPeerTreatment(world, nodes, honestHosts);
      mempoolWatch.look(nodes);
      this.#look();
    });
  }

  async heal(): Promise<void> {
    const { world, miners, actors, payers, nemesis, net, options } = this.#simulation;
    world.note('the chaos is over');
    this.#isPeace = true;
    nemesis.end();
    net.options = { ...net.options, refusePerMille: 0 };
    for (const actor of actors) if (!actor.staysInPeace) actor.stop();
    payers.stop();
    for (const miner of miners) miner.reform();
    const startMs = world.nowMs;
    const endMs = startMs + HEAL_MINUTES * 60_000 + HEAL_BLOCKS * options.spacingSec * 1000;
    await this.#runUntilAgreement(endMs);
    this.healMs = world.nowMs - startMs;
    // What is still under way must not change anything for the worse. Where two blocks of equal work were found at once, nobody who
    // has stopped would decide between them: they mine on until one has won.
    while (!(await this.#agreesAtRest())) {
      for (const miner of miners) miner.start();
      await this.#runUntilAgreement(endMs);
    }
  }

  async #runUntilAgreement(endMs: number): Promise<void> {
    const { world, nodes, ledger } = this.#simulation;
    let disagreement = findDisagreement(nodes, ledger);
    while (disagreement !== null) {
      if (world.nowMs >= endMs) throw new SimFailure('convergence', disagreement);
      await world.run(world.nowMs + 1000);
      disagreement = findDisagreement(nodes, ledger);
    }
    world.note(`all agree on ${nodes[0]?.ledgerTip()?.height}`);
  }

  /** Whether all still agree when nobody has mined for a while. */
  async #agreesAtRest(): Promise<boolean> {
    const { world, nodes, miners, ledger } = this.#simulation;
    for (const miner of miners) miner.stop();
    await world.run(world.nowMs + LOOK_MS);
    return findDisagreement(nodes, ledger) === null;
  }

  /** Payments handed in now are soon known to all (DESIGN: liveness of payments). */
  async pay(): Promise<void> {
    const { world, nodes, actors, payers, options } = this.#simulation;
    const rng = world.fork('peace');
    const paid: Transaction[] = [];
    if (options.payments.perBlockPerMille === 0) return;
    for (let i = 0; i < PEACE_PAYMENTS; i++) {
      const node = drawOne(rng, nodes);
      const payment = payers.payConfirmed(node);
      if (payment === null) continue;
      // A coin that a payment of the chaos has spent already is refused for good reason.
      if (await world.until(payers.submit(node, payment), 'a payment')) paid.push(payment);
    }
    const endMs = world.nowMs + RELAY_MINUTES * 60_000;
    for (const { txid } of paid) {
      const lacking = (): SimNode | undefined => nodes.find(({ mempool }) => mempool?.mempool.has(txid) === false);
      while (lacking() !== undefined) {
        if (world.nowMs >= endMs) {
          throw new SimFailure('relay', `node ${lacking()?.owner} has not heard of the payment ${toHex(txid)}`);
        }
        await world.run(world.nowMs + 1000);
      }
    }
    for (const actor of actors) if (actor.staysInPeace) actor.stop();
  }

  async audit(): Promise<void> {
    const { world, nodes, ledger, honestHosts, watch, mempoolWatch } = this.#simulation;
    const disagreement = findDisagreement(nodes, ledger);
    if (disagreement !== null) throw new SimFailure('convergence', disagreement);
    checkPeerTreatment(world, nodes, honestHosts);
    mempoolWatch.look(nodes);
    for (const node of nodes) {
      const { chain } = node;
      if (chain === null) continue;
      watch.checkIndex(node, chain);
      const nowSec = Math.floor(node.clock.wallMs() / 1000);
      const wrong = await world.until(checkBooks(chain, ledger, nowSec), `the audit of node ${node.owner}`);
      if (wrong !== null) throw new SimFailure('books', `node ${node.owner}: ${wrong}`);
      world.trace.bytes(chain.tipHash);
    }
    if (world.failure !== null) throw world.failure;
  }
}

function makeReport(
  seed: number,
  simulation: Simulation,
  healMs: number | null,
  failure: SimFailure | null,
): SimReport {
  const { world, nodes, miners, ledger, net, nemesis, watch, mempoolWatch, payers, options } = simulation;
  const tip = nodes[0]?.ledgerTip() ?? ledger.genesis;
  const chain = new Set(branchOf(tip));
  const blocks = [...ledger.blocks()];
  return {
    seed,
    options,
    failure:
      failure === null ? null : { check: failure.check, message: failure.message, stack: describeStack(failure) },
    traceHash: world.trace.digest(),
    eventCount: world.trace.count,
    virtualMs: world.nowMs,
    healMs,
    staleCount: blocks.filter((block) => block.fault === null && !chain.has(block)).length,
    invalidCount: blocks.filter(({ fault }) => fault !== null).length,
    sentBytes: net.sentBytes,
    diskFaultCount: nodes.reduce((sum, node) => sum + node.disk.faultCount, 0),
    chaos: nemesis.counts,
    payments: { ...payers.counts, ...mempoolWatch.figures },
    nodes: nodes.map((node) => {
      const at = node.ledgerTip();
      const { chain: found } = node;
      return {
        ...watch.figures(node),
        owner: node.owner,
        address: node.options.address,
        tip: at !== null ? describe(at) : found === null ? 'off' : toHex(found.tipHash).slice(0, 10),
        lifeCount: node.lifeCount,
        foundCount: miners.reduce((sum, miner) => sum + (miner.node === node ? miner.foundCount : 0), 0),
      };
    }),
    recent: world.trace.recent,
  };
}

/** The stack of what was first thrown. */
function describeStack(failure: SimFailure): string {
  const { cause } = failure;
  return (cause instanceof Error ? cause.stack : failure.stack) ?? '';
}
