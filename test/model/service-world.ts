// A mempool with everything around it (MempoolService) over a chain in memory: the shell itself, where accept-world.ts plays one. The
// coins lie in a store that a test can make slow or break; time stands until a test moves it.

import assert from 'node:assert/strict';
import { MemoryFolder } from '../../src/kernel/chain/memory-folder.ts';
import { MemoryKv } from '../../src/kernel/chain/memory-kv.ts';
import { nobleSecp256k1 } from '../../src/kernel/crypto/secp256k1-noble.ts';
import { POLICY_DEFAULTS } from '../../src/kernel/policy/options.ts';
import type { Block } from '../../src/kernel/primitives/block.ts';
import { formatHash } from '../../src/kernel/primitives/hashes.ts';
import type { Transaction } from '../../src/kernel/primitives/transaction.ts';
import { SignatureCache } from '../../src/kernel/script/sig-cache.ts';
import { InputVerifier } from '../../src/kernel/script/verify.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { MempoolService } from '../../src/node/app/mempool-service.ts';
import type { SubmitOptions } from '../../src/node/app/transaction-intake.ts';
import type { MempoolEntry } from '../../src/node/mempool/entry.ts';
import type { Mempool } from '../../src/node/mempool/mempool.ts';
import { AcceptWorld, type AcceptWorldOptions, describeResult } from './accept-world.ts';
import { ManualTime } from './manual-time.ts';

/** Coins that a test can watch being read. */
export class WatchedKv extends MemoryKv {
  /** How many keys each batched read asked for, since it was emptied last. */
  reads: number[] = [];
  /** Waited for before a batched read is answered. */
  beforeRead: (() => Promise<void>) | null = null;

  override async getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    this.reads.push(keys.length);
    // What was there when it was asked, however late the answer is.
    const values = await super.getMany(keys);
    await this.beforeRead?.();
    return values;
  }

  /** Lets no batched read through until the function it returns is called. */
  hold(): () => void {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.beforeRead = () => held;
    return () => {
      this.beforeRead = null;
      release();
    };
  }
}

/** How to make a world. */
export interface ServiceWorldOptions extends AcceptWorldOptions {
  readonly isPersistent?: boolean;
  readonly folder?: MemoryFolder;
  /** False: the service is not started. */
  readonly starts?: boolean;
}

/** See the top of the file. */
export class ServiceWorld {
  /** The chain, its blocks and its coins; the mempool of this one stays empty. */
  readonly base: AcceptWorld;
  readonly service: MempoolService;
  readonly time: ManualTime;
  readonly coins: WatchedKv;
  readonly folder: MemoryFolder;
  readonly lines: string[] = [];
  readonly failures: unknown[] = [];

  private constructor(base: AcceptWorld, coins: WatchedKv, options: ServiceWorldOptions) {
    this.base = base;
    this.coins = coins;
    this.time = new ManualTime(base.nowSec);
    this.folder = options.folder ?? new MemoryFolder('net');
    this.service = this.createService(options);
  }

  static async open(options: ServiceWorldOptions = {}): Promise<ServiceWorld> {
    const coins = new WatchedKv();
    const base = await AcceptWorld.open({ ...options, follows: false, ports: { coinsStore: coins, ...options.ports } });
    const world = new ServiceWorld(base, coins, options);
    if (options.starts ?? true) await world.start();
    return world;
  }

  /** Another service over the same chain. */
  createService(options: ServiceWorldOptions = {}): MempoolService {
    const write = (text: string): number => this.lines.push(text);
    const rng = createRng(8);
    const signatureCache = new SignatureCache({ entryCountMax: 4096, salt: rng.bytes(32) });
    return new MempoolService(
      {
        policy: { ...POLICY_DEFAULTS, ...options.policy },
        isPersistent: options.isPersistent ?? false,
        acceptsStaleFees: false,
      },
      {
        chain: this.base.chain,
        verifier: new InputVerifier(options.secp ?? nobleSecp256k1, { signatureCache }),
        folder: this.folder,
        clock: this.time,
        timers: this.time,
        log: { info: write, warn: write, error: write, debug: () => undefined },
        rng,
      },
    );
  }

  /** Starts the service, and waits until it has read its file. */
  async start(): Promise<void> {
    this.service.start((error) => this.failures.push(error));
    while (!this.service.isLoaded && this.failures.length === 0) await this.time.settle();
  }

  get mempool(): Mempool {
    return this.service.mempool;
  }

  get height(): number {
    return this.base.chain.height;
  }

  // --- transactions and blocks

  /** What becomes of a transaction, in Core's words. */
  async verdict(transaction: Transaction, options?: SubmitOptions): Promise<string> {
    return describeResult(await this.service.intake.submit(transaction, options));
  }

  /** Submits transactions that must be good, one after another. */
  async add(...transactions: readonly Transaction[]): Promise<MempoolEntry[]> {
    const entries: MempoolEntry[] = [];
    for (const transaction of transactions) {
      const result = await this.service.intake.submit(transaction);
      assert(result.outcome === 'accepted', describeResult(result));
      entries.push(result.entry!);
    }
    return entries;
  }

  /** Hands the chain a block, whatever comes of it. */
  async submitBlock(block: Block): Promise<string> {
    return (await this.base.chain.submitBlock(block, this.base.nowSec)).outcome;
  }

  /** Nothing of the coins is in memory any more. */
  async chill(): Promise<void> {
    await this.base.chain.flush(this.base.nowSec, 'empty');
    this.coins.reads = [];
  }

  // --- looking

  has(transaction: Transaction): boolean {
    return this.mempool.has(transaction.txid);
  }

  /** Txids of the mempool, sorted. */
  txids(): string[] {
    return [...this.mempool.entries()].map(({ transaction }) => formatHash(transaction.txid)).sort();
  }

  /** Throws unless the mempool is in order and in step with the chain. */
  async check(): Promise<void> {
    assert.ok(this.service.keeper.isInStep);
    const outpoints = [...this.mempool.entries()].flatMap(({ transaction }) => prevouts(transaction));
    const { coins } = this.base.chain.state;
    const packed = new Uint8Array(36 * outpoints.length);
    for (const [i, outpoint] of outpoints.entries()) packed.set(outpoint, 36 * i);
    await coins.fetch(packed, outpoints.length);
    this.mempool.sanityCheck(coins, this.height + 1);
  }

  /** Throws unless the mempool is the one that is built from nothing out of `candidates`, parents before children. */
  async checkRebuilt(candidates: readonly Transaction[]): Promise<void> {
    await this.check();
    const twin = this.base.emptyTwin();
    for (const transaction of candidates) await twin.accept(transaction);
    assert.deepEqual(this.txids(), twin.txids());
  }
}

function prevouts(transaction: Transaction): Uint8Array[] {
  return Array.from({ length: transaction.inputCount }, (_, i) => {
    const at = transaction.prevoutStart(i);
    return transaction.bytes.slice(at, at + 36);
  });
}

/** Txids of transactions, sorted. */
export function txidsOf(transactions: readonly Transaction[]): string[] {
  return transactions.map(({ txid }) => formatHash(txid)).sort();
}
