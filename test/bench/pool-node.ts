// A chain on a real disk with a mempool on top, as a node has them, but without peers: what the benchmarks of payments and blocks
// hand their transactions and blocks to. And turns of the host's event loop, counted, so that a stall is seen.

import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Chainstate } from '../../src/kernel/chain/chainstate.ts';
import type { KvStore, ScriptVerifier } from '../../src/kernel/chain/ports.ts';
import type { ChainParams } from '../../src/kernel/consensus/params.ts';
import { formatReject } from '../../src/kernel/consensus/reject.ts';
import { LOSSY_SET_SALT_BYTES } from '../../src/kernel/crypto/lossy-set.ts';
import type { Secp256k1 } from '../../src/kernel/crypto/secp256k1.ts';
import { POLICY_DEFAULTS, type PolicyOptions } from '../../src/kernel/policy/options.ts';
import type { Block } from '../../src/kernel/primitives/block.ts';
import { SIGNATURE_CACHE_SALT_BYTES, SignatureCache } from '../../src/kernel/script/sig-cache.ts';
import { VerifiedScripts } from '../../src/kernel/script/verified-scripts.ts';
import { InputVerifier } from '../../src/kernel/script/verify.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { MempoolService } from '../../src/node/app/mempool-service.ts';
import type { Mempool } from '../../src/node/mempool/mempool.ts';
import { NodeFolder } from '../../src/platform/node/folder.ts';
import { hostClock, hostTimers } from '../../src/platform/node/host-time.ts';
import type { LevelKv } from '../../src/platform/node/kv-level.ts';
import { computeScriptThreads, openScriptVerifier } from '../../src/platform/node/script-workers.ts';
import { loadSecp256k1 } from '../../src/platform/node/secp256k1.ts';
import { openLevel } from './bench-chain.ts';

/** Signatures, and transactions with verified scripts, that a node remembers. */
const REMEMBERED_MAX: number = 2 ** 19;

/** Coins in memory: Core's default. */
const COINS_CACHE_BYTES: number = 450 * 2 ** 20;

const SILENT = { info() {}, warn() {}, error() {}, debug() {} };

/** How to make a {@link PoolNode}. */
export interface PoolNodeOptions {
  /** An empty one. */
  readonly folder: string;
  readonly params: ChainParams;
  /** What differs from Core's policy. */
  readonly policy?: Partial<PolicyOptions>;
}

/** Chain and mempool. */
export class PoolNode {
  readonly chain: Chainstate;
  readonly pool: MempoolService;
  readonly secp: Secp256k1;
  /** Where the blocks lie. */
  readonly blockFolder: NodeFolder;
  readonly coinsStore: KvStore;
  readonly #stores: readonly LevelKv[];
  readonly #verifier: ScriptVerifier;

  private constructor(
    chain: Chainstate,
    pool: MempoolService,
    parts: {
      readonly secp: Secp256k1;
      readonly blockFolder: NodeFolder;
      readonly stores: readonly [LevelKv, LevelKv];
      readonly verifier: ScriptVerifier;
    },
  ) {
    this.chain = chain;
    this.pool = pool;
    this.secp = parts.secp;
    this.blockFolder = parts.blockFolder;
    this.coinsStore = parts.stores[1];
    this.#stores = parts.stores;
    this.#verifier = parts.verifier;
  }

  /** A node at the first block of a network. */
  static async open({ folder, params, policy }: PoolNodeOptions): Promise<PoolNode> {
    const { backend: secp } = loadSecp256k1();
    mkdirSync(join(folder, 'blocks', 'index'), { recursive: true });
    const indexStore = await openLevel(join(folder, 'blocks', 'index'));
    const coinsStore = await openLevel(join(folder, 'chainstate'));
    const verifier = await openScriptVerifier(computeScriptThreads(0, availableParallelism()), secp);
    const rng = createRng(1);
    const blockFolder = new NodeFolder(join(folder, 'blocks'));
    const salt = rng.bytes(LOSSY_SET_SALT_BYTES);
    const verifiedScripts = new VerifiedScripts({ entryCountMax: REMEMBERED_MAX, salt });
    const chain = await Chainstate.open(
      { params, coinsCacheBytes: COINS_CACHE_BYTES, assumeValid: null },
      { indexStore, coinsStore, blockFolder, verifier, secp, rng, verifiedScripts },
    );
    const signatureCache = new SignatureCache({
      entryCountMax: REMEMBERED_MAX,
      salt: rng.bytes(SIGNATURE_CACHE_SALT_BYTES),
    });
    const options = { policy: { ...POLICY_DEFAULTS, ...policy }, isPersistent: false, acceptsStaleFees: false };
    const pool = new MempoolService(options, {
      chain,
      verifier: new InputVerifier(secp, { signatureCache }),
      folder: new NodeFolder(folder),
      clock: hostClock,
      timers: hostTimers,
      log: SILENT,
      rng,
    });
    pool.start((error) => {
      throw error;
    });
    return new PoolNode(chain, pool, { secp, blockFolder, stores: [indexStore, coinsStore], verifier });
  }

  get mempool(): Mempool {
    return this.pool.mempool;
  }

  /** Hands in a block that must be good. */
  async submit(block: Block): Promise<void> {
    const result = await this.chain.submitBlock(block, nowSec());
    if (result.outcome === 'rejected') throw new Error(formatReject(result.reject));
  }

  async close(): Promise<void> {
    await this.pool.stop();
    await this.chain.close(nowSec());
    await this.#verifier.close();
    for (const store of this.#stores) await store.close();
  }
}

/** Runs `work` with a node. */
export async function withPoolNode(options: PoolNodeOptions, work: (node: PoolNode) => Promise<void>): Promise<void> {
  const node = await PoolNode.open(options);
  try {
    await work(node);
  } finally {
    await node.close();
  }
}

/** Seconds since 1970. */
export function nowSec(): number {
  return Math.floor(hostClock.wallMs() / 1000);
}

/** Watches the turns of the event loop: the longest time without one is what a peer may have had to wait. */
export class TurnWatch {
  #isOn = true;
  #lastMs = performance.now();
  #longestMs = 0;

  constructor() {
    const turn = (): void => {
      this.#note();
      if (this.#isOn) setImmediate(turn);
    };
    setImmediate(turn);
  }

  #note(): void {
    const atMs = performance.now();
    this.#longestMs = Math.max(this.#longestMs, atMs - this.#lastMs);
    this.#lastMs = atMs;
  }

  /** Milliseconds of the longest time without a turn since the last question. */
  takeLongestMs(): number {
    this.#note();
    const longestMs = this.#longestMs;
    this.#longestMs = 0;
    return longestMs;
  }

  stop(): void {
    this.#isOn = false;
  }
}
