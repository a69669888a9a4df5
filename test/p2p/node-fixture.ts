// A whole node in this process for tests of its network: real sockets on loopback at a port that the system chooses, real timers, a
// chain in memory, and a clock that a test moves on, so that nobody waits for a timeout. It stops by itself when its test is over, and
// a node that has failed inside fails its test.
//
// Connections from 127.0.0.1 are those of this machine, whom the node never discourages. A peer that comes from 127.b.c.d with b > 0
// is shown to the node as coming from b.c.d.d, out on the network.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { NO_ENTRY } from '../../src/kernel/chain/block-index.ts';
import type { Chainstate, ChainstateOptions } from '../../src/kernel/chain/chainstate.ts';
import { createMemoryPorts, openMemoryChain } from '../../src/kernel/chain/memory-chain.ts';
import { MemoryFolder } from '../../src/kernel/chain/memory-folder.ts';
import { nobleSecp256k1 } from '../../src/kernel/crypto/secp256k1-noble.ts';
import { POLICY_DEFAULTS, type PolicyOptions } from '../../src/kernel/policy/options.ts';
import type { Block } from '../../src/kernel/primitives/block.ts';
import { formatHash } from '../../src/kernel/primitives/hashes.ts';
import type { Transaction } from '../../src/kernel/primitives/transaction.ts';
import { InputVerifier } from '../../src/kernel/script/verify.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { MempoolService } from '../../src/node/app/mempool-service.ts';
import { Node } from '../../src/node/app/node.ts';
import { listenAt, NODE_DEFAULTS, type NodeOptions } from '../../src/node/app/node-options.ts';
import type { PeerInfo } from '../../src/node/app/peer-info.ts';
import type {
  Clock,
  Connection,
  Encryption,
  Endpoint,
  Listener,
  Logger,
  Network,
  OnionService,
} from '../../src/node/ports.ts';
import { hostTimers } from '../../src/platform/node/host-time.ts';
import { TcpNetwork } from '../../src/platform/node/tcp-network.ts';
import { BranchBuilder } from '../model/branch-builder.ts';
import { type HandshakeOptions, PATIENCE_MS, RawPeer, type RawPeerOptions } from './raw-peer.ts';

/** The clocks of this machine, moved by a test. */
export class ShiftedClock implements Clock {
  readonly #startMs = performance.now();
  #wallMs: number;
  #monotonicMs = 0;

  constructor(nowSec: number) {
    this.#wallMs = nowSec * 1000;
  }

  wallMs(): number {
    return this.#wallMs + (performance.now() - this.#startMs);
  }

  monotonicMs(): number {
    return performance.now() + this.#monotonicMs;
  }

  /** Both clocks go on. */
  shift(seconds: number): void {
    this.#wallMs += seconds * 1000;
    this.#monotonicMs += seconds * 1000;
  }

  /** The wall clock alone jumps. */
  shiftWall(seconds: number): void {
    this.#wallMs += seconds * 1000;
  }
}

const FAR_AWAY = /^127\.([1-9]\d*)\.(\d+)\.(\d+)$/;

/** What the node sees of where somebody comes from. */
function disguise({ host, port }: Endpoint): Endpoint {
  const match = FAR_AWAY.exec(host);
  return match === null ? { host, port } : { host: `${match[1]}.${match[2]}.${match[3]}.${match[3]}`, port };
}

class DisguisedConnection implements Connection {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  readonly #inner: Connection;
  constructor(inner: Connection) {
    this.#inner = inner;
    this.remote = disguise(inner.remote);
    this.local = inner.local;
  }
  get queuedBytes(): number {
    return this.#inner.queuedBytes;
  }
  start(handler: Parameters<Connection['start']>[0]): void {
    this.#inner.start(handler);
  }
  send(bytes: Uint8Array): void {
    this.#inner.send(bytes);
  }
  setReading(isReading: boolean): void {
    this.#inner.setReading(isReading);
  }
  close(): void {
    this.#inner.close();
  }
}

/** TCP of this machine, but for where connections seem to come from, and without a way out. */
class LoopbackNetwork implements Network {
  readonly #tcp: TcpNetwork = new TcpNetwork();

  dial(remote: Endpoint, timeoutMs: number): Promise<Connection> {
    assert.equal(remote.host, '127.0.0.1', 'tests connect to this machine alone');
    return this.#tcp.dial(remote, timeoutMs);
  }

  listen(local: Endpoint, onConnection: (connection: Connection) => void): Promise<Listener> {
    return this.#tcp.listen(local, (connection) => onConnection(new DisguisedConnection(connection)));
  }

  resolve(host: string): Promise<readonly string[]> {
    assert.equal(host, '127.0.0.1', 'tests ask no name server');
    return Promise.resolve([host]);
  }

  localHosts(): readonly string[] {
    return [];
  }
}

/** What a test may want different about a node. */
export interface FixtureOptions {
  /** What the node knows from the start; absent: a short chain. */
  readonly branch?: BranchBuilder;
  readonly chain?: Partial<ChainstateOptions>;
  readonly node?: Partial<NodeOptions>;
  /** What is different about the policy of the mempool; absent: there is none. */
  readonly mempool?: Partial<PolicyOptions>;
  /** Seconds from the time of the last block to now; absent: 100. */
  readonly tipAgeSec?: number;
  /** What its connections are encrypted with; absent: they are plain. */
  readonly encryption?: Encryption;
  /** What stands between the node and the network of this machine, such as proxies; absent: nothing. */
  readonly wrapNetwork?: (inner: Network) => Network;
  /** Has Tor bring connections to the node; absent: nobody does. */
  readonly onionService?: OnionService;
  /** False: debug lines are not kept, which costs less when there are very many. */
  readonly keepsDebug?: boolean;
}

/** A verdict of the chain. */
export interface Verdict {
  readonly blockHash: string;
  /** Null: valid. */
  readonly reason: string | null;
}

/** A node and everything that a test asks of it. */
export class NodeFixture {
  readonly node: Node;
  readonly chain: Chainstate;
  readonly clock: ShiftedClock;
  readonly branch: BranchBuilder;
  /** Lines of the log, `[category] text` for debug lines. */
  readonly lines: string[];
  /** Every verdict since the start, in order. */
  readonly verdicts: Verdict[] = [];
  /** Inputs whose scripts the mempool had run. */
  readonly scripts: { runCount: number };
  readonly #peers: RawPeer[] = [];
  readonly #failures: unknown[];
  readonly #rest: FixtureRest;

  private constructor(node: Node, rest: FixtureRest) {
    this.node = node;
    this.#rest = rest;
    this.chain = rest.chain;
    this.clock = rest.clock;
    this.branch = rest.branch;
    this.lines = rest.lines;
    this.scripts = rest.scripts;
    this.#failures = rest.failures;
    this.chain.signals.blockChecked.subscribe(({ block, reject }) => {
      this.verdicts.push({ blockHash: formatHash(block.header.blockHash), reason: reject?.reason ?? null });
    });
  }

  /** Starts a node, which is stopped when the test is over. */
  static async start(t: TestContext, options: FixtureOptions = {}): Promise<NodeFixture> {
    const branch = options.branch ?? sharedBranch(10);
    const lines: string[] = [];
    const failures: unknown[] = [];
    const clock = new ShiftedClock(branch.tip.header.timeSec + (options.tipAgeSec ?? 100));
    const nowSec = Math.floor(clock.wallMs() / 1000);
    const chain = await openMemoryChain(branch.network, options.chain ?? {}, createMemoryPorts());
    await chain.activate(nowSec);
    for (const block of branch.blocks) await chain.submitBlock(block, nowSec);
    const log = createLog(lines, options.keepsDebug ?? true);
    const scripts = { runCount: 0 };
    const mempool =
      options.mempool === undefined ? null : createMempool(options.mempool, { chain, clock, log, scripts });
    const node = await Node.start(
      {
        ...NODE_DEFAULTS,
        params: branch.network,
        userAgent: '/Tallystick:test/',
        listen: [listenAt('127.0.0.1', 0)],
        connect: [],
        usesDnsSeeds: false,
        usesFixedSeeds: false,
        ...options.node,
      },
      {
        clock,
        timers: hostTimers,
        network: options.wrapNetwork?.(new LoopbackNetwork()) ?? new LoopbackNetwork(),
        folder: new MemoryFolder('node'),
        log,
        rng: createRng(11),
        chain,
        mempool,
        ...(options.encryption === undefined ? {} : { encryption: options.encryption }),
        ...(options.onionService === undefined ? {} : { onionService: options.onionService }),
        onFatal: (error) => failures.push(error),
      },
    );
    const fixture = new NodeFixture(node, { chain, clock, branch, lines, failures, scripts, mempool });
    t.after(() => fixture.#stop());
    return fixture;
  }

  async #stop(): Promise<void> {
    for (const peer of this.#peers) peer.close();
    await this.node.stop();
    await this.#rest.chain.close(Math.floor(this.clock.wallMs() / 1000));
    assert.deepEqual(this.#failures, [], 'the node has not failed inside');
  }

  // --- peers

  get port(): number {
    return this.node.listening[0]!.port;
  }

  /** A connection without a word said. */
  async connect(options: RawPeerOptions = {}): Promise<RawPeer> {
    const peer = await RawPeer.connect(this.port, options);
    this.#peers.push(peer);
    return peer;
  }

  /** A peer that has introduced itself. */
  async join(options: HandshakeOptions & RawPeerOptions = {}): Promise<RawPeer> {
    const peer = await this.connect(options);
    await peer.handshake({ ...options, version: { timeSec: this.nowSec, ...options.version } });
    return peer;
  }

  /**
   * A peer that has introduced itself and was asked for headers, as every one is when it has joined; it had none. What is asked of
   * it after this is asked because of what it does.
   */
  async joinQuiet(options: HandshakeOptions & RawPeerOptions = {}): Promise<RawPeer> {
    const peer = await this.join(options);
    await peer.expect('getheaders');
    peer.send({ type: 'headers', headers: [] });
    await peer.sync();
    return peer;
  }

  /** Somebody made by other means is stopped with the node. */
  adopt(peer: RawPeer): RawPeer {
    this.#peers.push(peer);
    return peer;
  }

  // --- what the node shows

  /** The mempool of a node that has one. */
  get pool(): MempoolService {
    const { mempool } = this.#rest;
    assert.ok(mempool !== null, 'a node with a mempool');
    return mempool;
  }

  /** The transaction is in the mempool. */
  hasTransaction({ wtxid }: Transaction): boolean {
    return this.pool.mempool.hasWtxid(wtxid);
  }

  get nowSec(): number {
    return Math.floor(this.clock.wallMs() / 1000);
  }

  peers(): readonly PeerInfo[] {
    return this.node.peers();
  }

  /** The node has this block with its transactions. */
  hasBlock(block: Block): boolean {
    const { index } = this.chain;
    const entry = index.find(block.header.blockHash);
    return entry !== NO_ENTRY && index.hasData(entry);
  }

  /** The node knows the header of this block. */
  hasHeader(block: Block): boolean {
    return this.chain.index.find(block.header.blockHash) !== NO_ENTRY;
  }

  /** The last verdict on a block; undefined: none. */
  verdict(block: Block): string | null | undefined {
    const name = formatHash(block.header.blockHash);
    return this.verdicts.filter(({ blockHash }) => blockHash === name).at(-1)?.reason;
  }

  /** How many lines match. */
  countLines(pattern: RegExp): number {
    return this.lines.filter((line) => pattern.test(line)).length;
  }

  /** Waits until something is so. */
  async until(isSo: () => boolean, what: string, timeoutMs = PATIENCE_MS): Promise<void> {
    const end = performance.now() + timeoutMs;
    while (!isSo()) {
      assert.deepEqual(this.#failures, [], 'the node has not failed inside');
      if (performance.now() > end) assert.fail(`${what} within ${timeoutMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Waits for a line of the log. */
  async logged(pattern: RegExp): Promise<void> {
    await this.until(() => this.lines.some((line) => pattern.test(line)), `a line like ${pattern}`);
  }

  /** Waits until a block is the tip. */
  async tipIs(block: Block): Promise<void> {
    const name = formatHash(block.header.blockHash);
    await this.until(() => formatHash(this.chain.tipHash) === name, `block ${name} is the tip`);
  }
}

interface FixtureRest {
  readonly chain: Chainstate;
  readonly clock: ShiftedClock;
  readonly branch: BranchBuilder;
  readonly lines: string[];
  readonly failures: unknown[];
  readonly scripts: { runCount: number };
  readonly mempool: MempoolService | null;
}

/** A mempool that counts the scripts it has run. */
function createMempool(
  policy: Partial<PolicyOptions>,
  { chain, clock, log, scripts }: Pick<FixtureRest, 'chain' | 'clock' | 'scripts'> & { readonly log: Logger },
): MempoolService {
  const inner = new InputVerifier(nobleSecp256k1);
  return new MempoolService(
    { policy: { ...POLICY_DEFAULTS, ...policy }, isPersistent: false, acceptsStaleFees: false },
    {
      chain,
      verifier: {
        setTransaction: (transaction, spent) => inner.setTransaction(transaction, spent),
        verifyInput: (index, flags) => {
          scripts.runCount++;
          return inner.verifyInput(index, flags);
        },
      },
      folder: new MemoryFolder('mempool'),
      clock,
      timers: hostTimers,
      log,
      rng: createRng(12),
    },
  );
}

function createLog(lines: string[], keepsDebug: boolean): Logger {
  const write =
    (level: string) =>
    (message: string): void => {
      lines.push(`[${level}] ${message}`);
    };
  return {
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    debug: (category, message) => {
      if (keepsDebug) lines.push(`[${category}] ${message()}`);
    },
  };
}

let longest: BranchBuilder | null = null;

/** A branch of so many empty blocks that the caller may go on with; the blocks are made once for all tests of a file. */
export function sharedBranch(height: number): BranchBuilder {
  longest ??= new BranchBuilder();
  if (longest.height < height) longest.mineMany(height - longest.height);
  return longest.fork(height);
}
