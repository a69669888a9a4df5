// A whole node in a world: a machine with a disk, a host with an address, clocks that go wrong, and on it a chain and a node, which
// are started, killed, cut off from power, stopped in order, and started again. What it does is told to whoever watches (checkers,
// miners); it judges nothing itself.

import type { ChainPorts } from '../kernel/chain/chain-open.ts';
import { Chainstate, type ChainstateOptions } from '../kernel/chain/chainstate.ts';
import { InlineVerifier } from '../kernel/chain/inline-verifier.ts';
import type { Folder, KvStore, ScriptVerifier } from '../kernel/chain/ports.ts';
import { nobleSecp256k1 } from '../kernel/crypto/secp256k1-noble.ts';
import { POLICY_DEFAULTS, type PolicyOptions } from '../kernel/policy/options.ts';
import type { Block } from '../kernel/primitives/block.ts';
import type { Transaction } from '../kernel/primitives/transaction.ts';
import { InputVerifier } from '../kernel/script/verify.ts';
import { AssertionError } from '../kernel/util/assert.ts';
import { toHex } from '../kernel/util/bytes.ts';
import type { Rng } from '../kernel/util/prng.ts';
import { MempoolService } from '../node/app/mempool-service.ts';
import type { NodeOptions } from '../node/app/node-options.ts';
import type { SingleResult } from '../node/mempool/accept-result.ts';
import type { Logger, Network } from '../node/ports.ts';
import type { LedgerBlock, ReferenceLedger } from './checker/reference-ledger.ts';
import { DISK_FOLDERS } from './groundwork.ts';
import { MachineLife } from './machine.ts';
import type { RunningNode, StartNode } from './running-node.ts';
import type { SimClock } from './sim-clock.ts';
import type { DiskTimes, SimDisk } from './sim-disk.ts';
import { SimKv } from './sim-kv.ts';
import type { SimNet } from './sim-net.ts';
import { SimTimers, type TimerOptions } from './sim-timers.ts';
import type { World } from './world.ts';

/** How a life of a node ended. */
export type NodeEnd =
  /** The process was killed: the system flushes what it wrote. */
  | 'killed'
  /** The power failed. */
  | 'power-cut'
  /** It was asked to stop. */
  | 'stopped'
  /** It stopped by itself, since a port failed. */
  | 'failed';

/** What is built into a node on purpose, to see whether the checkers find it. Everything is on the outside, in its ports. */
export interface NodeTamper {
  readonly folder?: (folder: Folder) => Folder;
  readonly store?: (name: 'index' | 'coins', store: KvStore) => KvStore;
  readonly network?: (network: Network) => Network;
  readonly verifier?: (verifier: ScriptVerifier) => ScriptVerifier;
  readonly chain?: (chain: Chainstate) => Chainstate;
  readonly mempool?: (mempool: MempoolService) => MempoolService;
}

/**
 * Policy of all nodes. The scripts of the simulation are not standard. Nothing expires, since clocks jump by years: a node whose
 * clock does that would be right to give up what others keep.
 */
const POLICY: PolicyOptions = Object.freeze({
  ...POLICY_DEFAULTS,
  requiresStandard: false,
  expirySec: Number.MAX_SAFE_INTEGER,
});

/** What a node is like over all its lives. */
export interface SimNodeOptions {
  readonly address: string;
  readonly node: NodeOptions;
  readonly chain: Omit<ChainstateOptions, 'params'>;
  readonly timers: TimerOptions;
  readonly diskTimes: DiskTimes;
  /** Virtual time for the scripts of four inputs; 0: none. */
  readonly verifyMs: number;
  /** False: it takes no payments. */
  readonly hasMempool: boolean;
  readonly tamper: NodeTamper;
}

/** What a node stands in. */
export interface SimNodeParts {
  readonly world: World;
  readonly net: SimNet;
  readonly disk: SimDisk;
  readonly clock: SimClock;
  readonly ledger: ReferenceLedger;
  readonly startNode: StartNode;
}

/** Someone who watches a node. Every method is called inside an event of the world. */
export interface NodeWatcher {
  /** A chain was opened from the disk; `node.chain` is there, the node is not yet. */
  onOpened?(node: SimNode): void;
  /** The best tip is another. */
  onTip?(node: SimNode, tip: LedgerBlock): void;
  /** A line of the node's log. */
  onLog?(node: SimNode, level: 'info' | 'warn' | 'error', line: string): void;
  /** A line for those who look for a bug; made only when somebody listens. */
  onDebug?(node: SimNode, line: string): void;
  onEnded?(node: SimNode, end: NodeEnd): void;
  /** It could not be started. */
  onStartFailed?(node: SimNode, error: unknown): void;
}

interface Life {
  readonly machine: MachineLife;
  readonly timers: SimTimers;
  chain: Chainstate | null;
  mempool: MempoolService | null;
  node: RunningNode | null;
  verifier: ScriptVerifier | null;
}

/** A node of a world. */
export class SimNode {
  /** Number of the node, from 0. */
  readonly owner: number;
  readonly options: SimNodeOptions;
  readonly clock: SimClock;
  readonly disk: SimDisk;
  readonly watchers: NodeWatcher[] = [];
  readonly #parts: SimNodeParts;
  readonly #rng: Rng;
  #life: Life | null = null;
  #lifeCount = 0;
  #isStopping = false;

  constructor(owner: number, options: SimNodeOptions, parts: SimNodeParts) {
    this.owner = owner;
    this.options = options;
    this.clock = parts.clock;
    this.disk = parts.disk;
    this.#parts = parts;
    this.#rng = parts.world.fork(`node ${owner}`);
    parts.net.addHost(options.address, owner);
    this.disk.onDeath = () => {
      // What the program does until the end of this event goes nowhere.
      this.#life?.machine.end();
      const how = this.#rng.below(2) === 0 ? 'killed' : 'power-cut';
      parts.world.after(0, 'death', owner, () => this.#end(how));
    };
  }

  get world(): World {
    return this.#parts.world;
  }

  /** The machine is on, though the node may still be starting. */
  get isOn(): boolean {
    return this.#life !== null;
  }

  /** The node is at work. */
  get isUp(): boolean {
    return this.#life?.node !== undefined && this.#life.node !== null && !this.#isStopping;
  }

  get lifeCount(): number {
    return this.#lifeCount;
  }

  /** The chain of this life, or null while there is none. */
  get chain(): Chainstate | null {
    return this.#life?.chain ?? null;
  }

  /** The mempool of this life, or null while the node is not at work, and for nodes that keep none. */
  get mempool(): MempoolService | null {
    const life = this.#life;
    return this.isUp && life?.node?.submitTransaction !== undefined ? life.mempool : null;
  }

  get running(): RunningNode | null {
    return this.#life?.node ?? null;
  }

  /** The tip as the reference ledger knows it, or null while there is none. */
  ledgerTip(): LedgerBlock | null {
    const { chain } = this;
    return chain === null ? null : (this.#parts.ledger.find(toHex(chain.tipHash)) ?? null);
  }

  // --- lives ----------------------------------------------------------------------------------------------------------

  /** Turns the machine on. */
  start(): void {
    if (this.#life !== null) return;
    const { world, net } = this.#parts;
    const machine = new MachineLife(world, this.owner);
    const timers = new SimTimers(machine, this.options.timers);
    const life: Life = { machine, timers, chain: null, mempool: null, node: null, verifier: null };
    this.#life = life;
    this.#isStopping = false;
    this.#lifeCount++;
    const network = net.powerOn(this.options.address, machine);
    world.note(`node ${this.owner} starts (life ${this.#lifeCount})`);
    this.#boot(life, network).catch((error: unknown) => {
      if (machine.isOver) return;
      world.note(`node ${this.owner} could not start: ${String(error)}`);
      this.#end('failed');
      for (const watcher of this.watchers) watcher.onStartFailed?.(this, error);
    });
  }

  async #boot(life: Life, network: Network): Promise<void> {
    const { tamper } = this.options;
    const rng = this.#rng.fork(`life ${this.#lifeCount}`);
    const opened = await Chainstate.open(this.#chainOptions(), await this.#chainPorts(life, rng));
    const chain = tamper.chain?.(opened) ?? opened;
    if (life.machine.isOver) return;
    life.chain = chain;
    this.#watch(life, chain);
    for (const watcher of this.watchers) watcher.onOpened?.(this);
    await chain.activate(this.#nowSec());
    const mempool = this.options.hasMempool ? this.#createMempool(life, chain, rng.fork('mempool')) : null;
    life.mempool = mempool;
    const node = await this.#parts.startNode(this.options.node, {
      clock: this.clock,
      timers: life.timers,
      network: tamper.network?.(network) ?? network,
      folder: this.#folder(DISK_FOLDERS.node, life.machine),
      log: this.#logger(life),
      rng: rng.fork('node'),
      chain,
      mempool,
      onFatal: (error) => this.#onFatal(life, error),
    });
    if (!life.machine.isOver) life.node = node;
  }

  #chainOptions(): ChainstateOptions {
    return { ...this.options.chain, params: this.options.node.params };
  }

  async #chainPorts(life: Life, rng: Rng): Promise<ChainPorts> {
    const { tamper, verifyMs } = this.options;
    const { machine } = life;
    const openStore = async (name: 'index' | 'coins'): Promise<KvStore> => {
      const store = await SimKv.open(this.#folder(DISK_FOLDERS[name], machine));
      return tamper.store?.(name, store) ?? store;
    };
    const pause = verifyMs > 0 ? { pause: () => machine.delay(verifyMs, 'scripts') } : {};
    const inline = new InlineVerifier(new InputVerifier(nobleSecp256k1), pause);
    life.verifier = tamper.verifier?.(inline) ?? inline;
    return {
      indexStore: await openStore('index'),
      coinsStore: await openStore('coins'),
      blockFolder: this.#folder(DISK_FOLDERS.blocks, machine),
      verifier: life.verifier,
      secp: nobleSecp256k1,
      rng: rng.fork('chain'),
    };
  }

  #createMempool({ machine, timers }: Life, chain: Chainstate, rng: Rng): MempoolService {
    const service = new MempoolService(
      { policy: POLICY, isPersistent: true, acceptsStaleFees: false },
      {
        chain,
        verifier: new InputVerifier(nobleSecp256k1),
        folder: this.#folder(DISK_FOLDERS.node, machine),
        clock: this.clock,
        timers,
        log: this.#logger({ machine }),
        rng,
      },
    );
    return this.options.tamper.mempool?.(service) ?? service;
  }

  #folder(path: string, machine: MachineLife): Folder {
    const folder = this.disk.folder(path, machine, this.options.diskTimes);
    return this.options.tamper.folder?.(folder) ?? folder;
  }

  #watch(life: Life, chain: Chainstate): void {
    chain.signals.tipChanged.subscribe(() => {
      const tip = this.ledgerTip();
      if (life.machine.isOver || tip === null) return;
      for (const watcher of this.watchers) watcher.onTip?.(this, tip);
    });
  }

  #logger(life: Pick<Life, 'machine'>): Logger {
    const tell = (level: 'info' | 'warn' | 'error', line: string): void => {
      if (life.machine.isOver) return;
      for (const watcher of this.watchers) watcher.onLog?.(this, level, line);
    };
    return {
      info: (line) => tell('info', line),
      warn: (line) => tell('warn', line),
      error: (line) => tell('error', line),
      debug: (_category, line) => {
        if (life.machine.isOver) return;
        for (const watcher of this.watchers) watcher.onDebug?.(this, line());
      },
    };
  }

  #nowSec(): number {
    return Math.floor(this.clock.wallMs() / 1000);
  }

  #onFatal(life: Life, error: unknown): void {
    if (life.machine.isOver) return;
    // Ports may fail; what a node takes for granted may not.
    if (error instanceof AssertionError) this.world.fail('invariants', `node ${this.owner}: ${error.message}`, error);
    this.world.note(`node ${this.owner} gives up: ${String(error)}`);
    this.world.after(0, 'fatal', this.owner, () => {
      if (this.#life === life) this.#end('failed');
    });
  }

  /** Ends the process at once; the system goes on and flushes what was written. */
  kill(): void {
    if (this.#life !== null) this.#end('killed');
  }

  cutPower(): void {
    if (this.#life !== null) this.#end('power-cut');
  }

  /** Stops the node in order and turns the machine off. */
  stop(): void {
    const life = this.#life;
    if (life === null || life.node === null || life.chain === null || this.#isStopping) return;
    this.#isStopping = true;
    this.#shutDown(life, life.node, life.chain).then(
      () => {
        if (this.#life === life) this.#end('stopped');
      },
      (error: unknown) => this.#onFatal(life, error),
    );
  }

  async #shutDown(life: Life, node: RunningNode, chain: Chainstate): Promise<void> {
    await node.stop();
    await chain.close(this.#nowSec());
    await life.verifier?.close();
    // What was told to close does so within the next instant.
    await life.machine.delay(1, 'stopped');
    const openCount = this.#parts.net.countOpen(this.options.address);
    const left = `${openCount} connections and listeners, ${life.timers.pendingCount} timers`;
    if (openCount + life.timers.pendingCount > 0)
      this.world.fail('leak', `node ${this.owner} has stopped and left ${left}`);
  }

  #end(how: NodeEnd): void {
    const life = this.#life;
    if (life === null) return;
    this.world.note(`node ${this.owner}: ${how}`);
    life.machine.end();
    this.#life = null;
    this.#parts.net.powerOff(this.options.address, how !== 'power-cut');
    if (how === 'power-cut') this.disk.cutPower();
    else this.disk.kill();
    for (const watcher of this.watchers) watcher.onEnded?.(this, how);
  }

  // --- what is done with it -------------------------------------------------------------------------------------------

  /** Hands in a payment; null when there is nobody to hand it to. A node that fails meanwhile never answers. */
  submitPayment(transaction: Transaction): Promise<SingleResult> | null {
    const life = this.#life;
    if (life === null || this.mempool === null) return null;
    const answer = life.node?.submitTransaction?.(transaction) ?? null;
    if (answer === null) return null;
    return new Promise((resolve) => {
      answer.then(resolve, (error: unknown) => this.#onFatal(life, error));
    });
  }

  /** Hands in a block that its miner shows. */
  submitMined(block: Block): void {
    const life = this.#life;
    if (life?.node === undefined || life.node === null || this.#isStopping) return;
    life.node.submitBlock(block).catch((error: unknown) => this.#onFatal(life, error));
  }
}
