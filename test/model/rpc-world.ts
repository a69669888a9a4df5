// A node without a network behind the RPC dispatcher, in memory and at a time that a test sets: what tests of methods call them on.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { ALL_METHODS } from '../../src/api/all-methods.ts';
import type { PipeEnd, RpcHost } from '../../src/api/context.ts';
import { RpcDispatcher } from '../../src/api/dispatch.ts';
import { RpcError } from '../../src/api/errors.ts';
import { ExternalSigners, type RunProgram } from '../../src/api/external-signer.ts';
import { parseJson } from '../../src/api/json/json-parser.ts';
import type { JsonObject, JsonOutput, JsonValue } from '../../src/api/json/json-value.ts';
import { formatJson } from '../../src/api/json/json-writer.ts';
import { OneByOne } from '../../src/api/one-by-one.ts';
import { answerRest } from '../../src/api/rest.ts';
import { WalletBridge } from '../../src/api/wallet-bridge.ts';
import type { Chainstate, ChainstateOptions } from '../../src/kernel/chain/chainstate.ts';
import { createMemoryPorts, openMemoryChain } from '../../src/kernel/chain/memory-chain.ts';
import { MemoryFolder } from '../../src/kernel/chain/memory-folder.ts';
import { MemoryKv } from '../../src/kernel/chain/memory-kv.ts';
import { createRegtestParams } from '../../src/kernel/consensus/networks/regtest.ts';
import type { ChainParams } from '../../src/kernel/consensus/params.ts';
import { nobleSecp256k1 } from '../../src/kernel/crypto/secp256k1-noble.ts';
import { POLICY_DEFAULTS } from '../../src/kernel/policy/options.ts';
import { InputVerifier } from '../../src/kernel/script/verify.ts';
import { toHex } from '../../src/kernel/util/bytes.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { ok } from '../../src/kernel/util/result.ts';
import { AuditService } from '../../src/node/app/audit-service.ts';
import { type IndexKind, IndexService } from '../../src/node/app/index-service.ts';
import { MempoolService } from '../../src/node/app/mempool-service.ts';
import { MiningService } from '../../src/node/app/mining-service.ts';
import { MockableClock, MockableTimers } from '../../src/node/app/mock-time.ts';
import { Node } from '../../src/node/app/node.ts';
import { NODE_DEFAULTS, type NodeOptions } from '../../src/node/app/node-options.ts';
import { Warnings } from '../../src/node/app/warnings.ts';
import { MINING_DEFAULTS } from '../../src/node/mining/assembler.ts';
import { nullLogger } from '../../src/node/ports.ts';
import { MemoryWalletHome } from '../../src/wallet/store/memory-home.ts';
import { WalletManager } from '../../src/wallet/wallet/wallet-manager.ts';
import { DEFAULT_WALLET_SETTINGS } from '../../src/wallet/wallet/wallet-settings.ts';
import { FakeGrinder } from './fake-grinder.ts';
import { FakeNetwork } from './fake-network.ts';
import { ManualTime } from './manual-time.ts';
import { MemoryIndexStorage } from './memory-indexes.ts';
import { createTestWalletHost } from './wallet-host.ts';

/** A plain value of JSON, as tests write and read them. */
// biome-ignore lint/suspicious/noExplicitAny: tests read answers by name.
export type Plain = any;

/** What a test may want different. */
export interface RpcWorldOptions {
  readonly params?: ChainParams;
  readonly chain?: Partial<ChainstateOptions>;
  /** Indexes that the node keeps. */
  readonly indexes?: readonly IndexKind[];
  /** False: transactions need not be standard. */
  readonly requiresStandard?: boolean;
  /** The node keeps wallets. */
  readonly hasWallets?: boolean;
  /** False: fees are not estimated. */
  readonly estimatesFees?: boolean;
  /** The program that speaks to devices which sign. */
  readonly signerProgram?: RunProgram;
  /** Settings of the network of the node. */
  readonly network?: Partial<NodeOptions>;
}

/** A node, and the door to its methods. */
export class RpcWorld {
  readonly chain: Chainstate;
  readonly pool: MempoolService;
  readonly indexes: IndexService;
  readonly mining: MiningService;
  /** The one that mines, or will. */
  grinder: FakeGrinder = new FakeGrinder();
  #grinderCount = 0;
  readonly audits: AuditService;
  /** Null without {@link RpcWorldOptions.hasWallets}. */
  readonly wallets: WalletManager | null;
  readonly walletHome: MemoryWalletHome = new MemoryWalletHome();
  /** What was said about wallets. */
  readonly walletLines: string[] = [];
  /** Where methods find and leave files. */
  readonly files = new MemoryFolder('files');
  /** Named pipes that somebody reads. */
  readonly pipes: Map<string, PipeEnd> = new Map();
  readonly warnings: Warnings = new Warnings();
  readonly time: ManualTime;
  /** What was thrown besides refusals: failures of ours. */
  readonly failures: unknown[] = [];
  readonly #node: Node;
  readonly #dispatcher: RpcDispatcher;
  readonly #stopped: PromiseWithResolvers;
  #isStopping = false;

  private constructor(params: ChainParams, parts: WorldParts) {
    const { time, clock, timers, chain, pool, node, indexes, signerProgram } = parts;
    this.time = time;
    this.chain = chain;
    this.pool = pool;
    this.indexes = indexes;
    this.#node = node;
    this.#stopped = createPromise();
    this.wallets = parts.hasWallets ? this.#createWallets(params, parts) : null;
    this.audits = new AuditService({
      chain,
      clock,
      timers,
      openStore: async () => ({ store: new MemoryKv(), remove: () => Promise.resolve() }),
      coinsCacheBytes: 1 << 20,
    });
    this.mining = new MiningService({
      ...parts,
      mempool: pool,
      options: MINING_DEFAULTS,
      version: null,
      logsFeerates: false,
      log: nullLogger,
      rng: createRng(4),
      createGrinder: () => {
        if (this.#grinderCount++ > 0) this.grinder = new FakeGrinder();
        return this.grinder;
      },
      threadCount: 2,
      onFatal: (error) => this.failures.push(error),
    });
    this.#dispatcher = new RpcDispatcher(ALL_METHODS, {
      onCall: () => undefined,
      onForbidden: () => undefined,
      onFailure: (_, error) => this.failures.push(error),
      yieldToHost: () => time.yieldToHost(),
      hostMs: () => time.monotonicMs(),
      checksResults: true,
    });
    this.#dispatcher.open({
      params,
      chain,
      node,
      pool,
      mining: this.mining,
      indexes,
      audits: this.audits,
      wallets: this.wallets,
      walletName: null,
      secp: nobleSecp256k1,
      clock,
      timers,
      host: this.#host(),
      methods: ALL_METHODS,
      blockReads: new OneByOne(),
      ...(signerProgram === null ? {} : { signers: new ExternalSigners('device', params.name, signerProgram) }),
      activeCalls: () => this.#dispatcher.activeCalls,
    });
  }

  /** A node at the first block of a ledger, an hour later; it is stopped when the test is over. */
  static async open(t: TestContext, options: RpcWorldOptions = {}): Promise<RpcWorld> {
    const params = options.params ?? createRegtestParams();
    const time = new ManualTime(params.genesis.header.timeSec + 3600);
    const nowSec = Math.floor(time.wallMs() / 1000);
    const chain = await openMemoryChain(params, options.chain ?? {}, createMemoryPorts());
    await chain.activate(nowSec);
    const clock = new MockableClock(time);
    const timers = new MockableTimers(time, time);
    const shared = { chain, clock, timers, log: nullLogger, rng: createRng(3) };
    const policy = { ...POLICY_DEFAULTS, requiresStandard: options.requiresStandard ?? true };
    const pool = new MempoolService(
      { policy, isPersistent: false, acceptsStaleFees: false, estimatesFees: options.estimatesFees ?? true },
      { ...shared, verifier: new InputVerifier(nobleSecp256k1), folder: new MemoryFolder('pool') },
    );
    const failures: unknown[] = [];
    const indexes = await IndexService.start(
      { kinds: new Set(options.indexes ?? []), isRebuilt: false },
      { ...shared, storage: new MemoryIndexStorage(), onFatal: (error) => failures.push(error) },
    );
    const network = new FakeNetwork(params.magic);
    network.isDown = true;
    const node = await Node.start(
      {
        ...NODE_DEFAULTS,
        params,
        userAgent: '/Tallystick:test/',
        connect: [],
        usesDnsSeeds: false,
        discovers: false,
        ...options.network,
      },
      {
        ...shared,
        network,
        folder: new MemoryFolder('node'),
        mempool: pool,
        onFatal: (error) => failures.push(error),
      },
    );
    const hasWallets = options.hasWallets ?? false;
    const signerProgram = options.signerProgram ?? null;
    const parts = { time, clock, timers, chain, pool, node, indexes, hasWallets, signerProgram };
    const world = new RpcWorld(params, parts);
    t.after(async () => {
      await world.wallets?.close();
      await world.audits.close();
      await world.mining.close();
      await node.stop();
      await indexes.close();
      await chain.close(nowSec);
      assert.deepEqual([...failures, ...world.failures], [], 'nothing has failed inside');
    });
    return world;
  }

  /** Calls a method; rejects with its RpcError. */
  async call(method: string, ...params: readonly Plain[]): Promise<Plain> {
    return toPlain(await this.#dispatcher.execute(method, fromPlain(params) as readonly JsonValue[]));
  }

  /** The same at the endpoint of a wallet. */
  async callWallet(walletName: string, method: string, ...params: readonly Plain[]): Promise<Plain> {
    return toPlain(await this.#dispatcher.execute(method, fromPlain(params) as readonly JsonValue[], { walletName }));
  }

  /** The same with named arguments. */
  async callNamed(method: string, params: Plain): Promise<Plain> {
    return toPlain(await this.#dispatcher.execute(method, fromPlain(params) as JsonObject));
  }

  /** The answer to the text of a request. */
  async ask(text: string): Promise<Plain> {
    const { body } = await this.#dispatcher.answer(text, { user: 'anna', allowed: null });
    return toPlain(body ?? null);
  }

  /** The code and the words that a call is refused with. */
  async refusal(method: string, ...params: readonly Plain[]): Promise<string> {
    try {
      await this.call(method, ...params);
    } catch (error) {
      if (error instanceof RpcError) return `${error.code} ${error.message}`;
      throw error;
    }
    return assert.fail(`${method} was answered`);
  }

  /** The error that a call is refused with, with all that it carries. */
  async error(method: string, ...params: readonly Plain[]): Promise<RpcError> {
    try {
      await this.call(method, ...params);
    } catch (error) {
      if (error instanceof RpcError) return error;
      throw error;
    }
    return assert.fail(`${method} was answered`);
  }

  /** Asks the REST interface, by the path after /rest/; the answer with its status in front. */
  async rest(path: string, body: Uint8Array = new Uint8Array(0)): Promise<string> {
    const subject = {
      context: this.#dispatcher.context,
      warmupStatus: '',
      call: (name: string, params: readonly (string | boolean)[]) => this.#dispatcher.execute(name, params),
    };
    const reply = await answerRest(subject, { target: `/rest/${path}`, body });
    if (reply.body instanceof Uint8Array) return `${reply.status} ${toHex(reply.body)}`;
    const pieces = typeof reply.body === 'string' ? [reply.body] : Array.from(reply.body);
    return `${reply.status} ${pieces.map((piece) => Buffer.from(piece as string).toString()).join('')}`.trimEnd();
  }

  /** The program is to end. */
  beginStop(): void {
    this.#isStopping = true;
    this.#stopped.resolve();
  }

  get node(): Node {
    return this.#node;
  }

  #createWallets(params: ChainParams, { chain, node, pool, indexes, clock, timers }: WorldParts): WalletManager {
    const nowSec = (): number => Math.floor(clock.wallMs() / 1000);
    return new WalletManager({
      chain: new WalletBridge({ params, chain, node, pool, indexes, nowSec }),
      home: this.walletHome,
      host: {
        ...createTestWalletHost(),
        nowSec,
        after: (delayMs, run) => timers.after(delayMs, run),
        yieldToHost: () => new Promise((resolve) => setImmediate(resolve)),
      },
      secp: nobleSecp256k1,
      rng: createRng(9),
      readSettings: () => {
        const spend = { ...DEFAULT_WALLET_SETTINGS.spend, fallbackFeeRate: 20_000 };
        return ok({ settings: { ...DEFAULT_WALLET_SETTINGS, keypoolSize: 5, spend }, warnings: [] });
      },
      startup: { set: async () => undefined },
      clientVersion: 100,
      log: {
        info: (line) => this.walletLines.push(line),
        warn: (line) => this.walletLines.push(line),
        scan: (line) => this.walletLines.push(line()),
      },
      onTransactions: () => undefined,
    });
  }

  #host(): RpcHost {
    return {
      version: '0',
      logPath: '',
      log: { list: () => new Map(), set: () => undefined },
      hostMs: () => this.time.monotonicMs(),
      uptimeSec: () => 0,
      isPruned: false,
      pruneTargetBytes: null,
      coinsStoreCacheBytes: 8_388_608,
      warnings: this.warnings,
      deprecated: new Set(),
      pathOf: (name) => name,
      locate: (name) => ({ folder: this.files, name }),
      openPipe: async (path) => this.pipes.get(path) ?? null,
      openScratch: async () => ({ store: new MemoryKv(), remove: () => Promise.resolve() }),
      isStopping: () => this.#isStopping,
      whenStopping: () => this.#stopped.promise,
      stop: () => this.beginStop(),
    };
  }
}

interface WorldParts {
  readonly time: ManualTime;
  readonly clock: MockableClock;
  readonly timers: MockableTimers;
  readonly chain: Chainstate;
  readonly pool: MempoolService;
  readonly indexes: IndexService;
  readonly node: Node;
  readonly hasWallets: boolean;
  readonly signerProgram: RunProgram | null;
}

interface PromiseWithResolvers {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function createPromise(): PromiseWithResolvers {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

function fromPlain(value: Plain): JsonValue {
  const parsed = parseJson(JSON.stringify(value));
  assert.ok(parsed.ok, 'JSON');
  return parsed.value;
}

function toPlain(value: JsonOutput): Plain {
  return JSON.parse(formatJson(value));
}
