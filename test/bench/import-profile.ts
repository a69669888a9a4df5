// Where the time of an import goes: the steps that a node takes with each block, one after another on one thread, each on its own
// stopwatch. No step overlaps with another, so that the shares are true; how much overlap gains is what import-bench.ts measures.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { BlockStore } from '../../src/kernel/chain/block-store.ts';
import { CoinCodec } from '../../src/kernel/chain/coin-codec.ts';
import { CoinsCache, type FlushMode } from '../../src/kernel/chain/coins-cache.ts';
import { encodeBlockUndo } from '../../src/kernel/chain/undo-codec.ts';
import { mustSearchForOverwrites } from '../../src/kernel/consensus/bip30.ts';
import { checkBlock, contextualCheckBlock } from '../../src/kernel/consensus/block-check.ts';
import { CoinsOverlay } from '../../src/kernel/consensus/coins-overlay.ts';
import { connectBlock } from '../../src/kernel/consensus/connect-block.ts';
import { MemoryHeaderBranch } from '../../src/kernel/consensus/header-branch.ts';
import type { ChainParams } from '../../src/kernel/consensus/params.ts';
import { runScriptJobs } from '../../src/kernel/consensus/script-job.ts';
import type { Secp256k1 } from '../../src/kernel/crypto/secp256k1.ts';
import { type Block, scanBlock } from '../../src/kernel/primitives/block.ts';
import { BlockHeader } from '../../src/kernel/primitives/header.ts';
import { OUTPOINT_BYTES, writeOutpoint } from '../../src/kernel/primitives/outpoint.ts';
import { InputVerifier } from '../../src/kernel/script/verify.ts';
import { copyRange } from '../../src/kernel/util/bytes.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { NodeFolder } from '../../src/platform/node/folder.ts';
import { loadSecp256k1 } from '../../src/platform/node/secp256k1.ts';
import { createBenchParams, openLevel } from './bench-chain.ts';

/** The steps in the order in which a block takes them. */
export const STEPS = [
  'read',
  'parse',
  'hash',
  'check',
  'store block',
  'fetch coins',
  'connect',
  'scripts',
  'store undo',
  'update coins',
  'flush',
] as const;

/** One of {@link STEPS}. */
export type Step = (typeof STEPS)[number];

/** Milliseconds spent in each step. */
export class Stopwatches {
  readonly ms: Record<Step, number> = Object.fromEntries(STEPS.map((step) => [step, 0])) as Record<Step, number>;

  /** Runs `work` on the watch of a step. */
  run<T>(step: Step, work: () => T): T {
    const start = performance.now();
    const result = work();
    this.ms[step] += performance.now() - start;
    return result;
  }

  /** The same for work that waits. */
  async wait<T>(step: Step, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await work();
    this.ms[step] += performance.now() - start;
    return result;
  }

  /** Milliseconds of all steps. */
  get totalMs(): number {
    return STEPS.reduce((sum, step) => sum + this.ms[step], 0);
  }
}

/** How blocks are imported. */
export interface ProfileOptions {
  readonly cacheBytes: number;
  readonly hasScripts: boolean;
}

/** What blocks are imported into. */
interface ProfilePorts {
  readonly params: ChainParams;
  readonly coins: CoinsCache;
  readonly blocks: BlockStore;
  readonly secp: Secp256k1;
  readonly hasScripts: boolean;
}

/** Runs `work` with a node that imports the chain in the file `path`, on stores of its own in `folder`. */
export async function withProfiledImport(
  path: string,
  folder: string,
  { cacheBytes, hasScripts }: ProfileOptions,
  work: (node: ProfiledImport) => Promise<void>,
): Promise<void> {
  const params = createBenchParams(path);
  const { backend } = loadSecp256k1();
  const rng = createRng(1);
  const kv = await openLevel(join(folder, 'chainstate'));
  mkdirSync(join(folder, 'blocks'));
  const blocks = await BlockStore.open(new NodeFolder(join(folder, 'blocks')), { magic: params.magic, rng });
  const coins = await CoinsCache.open(kv, { limitBytes: cacheBytes, rng, curve: backend });
  await work(new ProfiledImport({ params, coins, blocks, secp: backend, hasScripts }));
  await blocks.close();
  await kv.close();
}

/** A node of one thread. */
export class ProfiledImport {
  readonly watches: Stopwatches = new Stopwatches();
  readonly #options: ProfilePorts;
  readonly #branch: MemoryHeaderBranch;
  readonly #overlay: CoinsOverlay;
  readonly #verifier: InputVerifier | null;
  readonly #codec: CoinCodec;
  #inputCount = 0;

  constructor(options: ProfilePorts) {
    this.#options = options;
    this.#branch = new MemoryHeaderBranch([options.params.genesis.header]);
    this.#overlay = new CoinsOverlay(options.coins, createRng(1));
    this.#verifier = options.hasScripts ? new InputVerifier(options.secp) : null;
    this.#codec = new CoinCodec(options.secp);
  }

  /** Inputs connected so far. */
  get inputCount(): number {
    return this.#inputCount;
  }

  get height(): number {
    return this.#branch.height;
  }

  get coins(): CoinsCache {
    return this.#options.coins;
  }

  /** Takes in the next block; flushes when the cache is full. */
  async connect(bytes: Uint8Array): Promise<void> {
    const { watches } = this;
    const { params, coins, blocks } = this.#options;
    const height = this.#branch.height + 1;
    const block = watches.run('parse', () => scanBlock(bytes, false));
    watches.run('hash', () => hashAll(block));
    const reject = watches.run(
      'check',
      () => checkBlock(block, params.consensus) ?? contextualCheckBlock(block, this.#branch, params.consensus),
    );
    if (reject !== null) throw new Error(`block ${height}: ${reject.reason}`);
    const position = await watches.wait('store block', () => blocks.writeBlock(bytes, height, block.header.timeSec));
    await watches.wait('fetch coins', () => this.#fetchCoins(block));
    const connected = watches.run('connect', () => connectBlock(block, this.#overlay, this.#branch, params.consensus));
    if (!connected.ok) throw new Error(`block ${height}: ${connected.error.reason}`);
    const { scriptJobs, scriptFlags, undo } = connected.value;
    const verifier = this.#verifier;
    if (verifier !== null) {
      const failure = watches.run('scripts', () => runScriptJobs(scriptJobs, verifier, scriptFlags));
      if (failure !== null) throw new Error(`block ${height}: ${failure.error}`);
    }
    await watches.wait('store undo', () =>
      blocks.writeUndo(position.file, encodeBlockUndo(undo, this.#codec), block.header.previousBlockHash),
    );
    watches.run('update coins', () => this.#overlay.flushInto(coins));
    this.#inputCount += undo.coins.count;
    this.#branch.append(new BlockHeader(block.header.serialized().slice()));
    if (coins.isOverLimit) await this.flush('shrink');
  }

  /** Writes all coins into their store. */
  async flush(mode: FlushMode): Promise<void> {
    await this.watches.wait('flush', async () => {
      await this.#options.blocks.sync();
      await this.#options.coins.flush(this.#branch.blockHash(this.#branch.height), mode, true);
    });
  }

  async #fetchCoins(block: Block): Promise<void> {
    const mustSearch = mustSearchForOverwrites(this.#options.params.consensus, this.#branch, block.header.blockHash);
    const outpoints = packOutpoints(block, mustSearch);
    await this.#options.coins.fetch(outpoints, outpoints.length / OUTPOINT_BYTES);
  }
}

/** Every outpoint that the block spends, those made in the block itself included; with `isMade` also those that it makes. */
function packOutpoints(block: Block, isMade: boolean): Uint8Array {
  let count = 0;
  for (let i = 0; i < block.txCount; i++) {
    const transaction = block.transaction(i);
    count += (i === 0 ? 0 : transaction.inputCount) + (isMade ? transaction.outputCount : 0);
  }
  const outpoints = new Uint8Array(OUTPOINT_BYTES * count);
  let at = 0;
  for (let i = 0; i < block.txCount; i++) {
    const transaction = block.transaction(i);
    for (let k = 0; i > 0 && k < transaction.inputCount; k++, at += OUTPOINT_BYTES) {
      copyRange(transaction.bytes, transaction.prevoutStart(k), outpoints, at, OUTPOINT_BYTES);
    }
    for (let j = 0; isMade && j < transaction.outputCount; j++, at += OUTPOINT_BYTES) {
      writeOutpoint(outpoints, at, { txid: transaction.txid, index: j });
    }
  }
  return outpoints;
}

/** Both identities of every transaction: what merkle root and commitment are made of. */
function hashAll(block: Block): void {
  block.txids();
  for (let i = 1; i < block.txCount; i++) block.transaction(i).wtxid;
}
