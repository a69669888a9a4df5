// A command: how long a full block takes to become the tip when its transactions are in the mempool, on a real disk: from the bytes
// to tipChanged, and where the time goes. And how long it takes to put the block together from its compact form, with 100,000
// transactions in the pool.
//
//   node dist/test/bench/block-bench.js
//
// The last blocks of a generated chain of full blocks with mixed scripts. The mempool is given the transactions of each block before
// the block. Its policy is as open as it can be; the few that it refuses all the same are what is new in the block.

import { type Block, decodeBlock } from '../../src/kernel/primitives/block.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import type { Mempool } from '../../src/node/mempool/mempool.ts';
import { createCompactBlock } from '../../src/node/p2p/compact-block.ts';
import { EMPTY_POOL, PartialBlock } from '../../src/node/p2p/partial-block.ts';
import { TransactionList } from '../../src/node/wire/packed-lists.ts';
import { readBlockRecords } from '../model/ledger-replay.ts';
import { addTo, coin, payment } from '../model/pool-fixture.ts';
import { createBenchParams, printRow, withBenchFolder } from './bench-chain.ts';
import { ensureChainFile } from './chain-file.ts';
import { median, timeMs } from './measure.ts';
import { nowSec, type PoolNode, withPoolNode } from './pool-node.ts';

/** To reach, from the project's goals. */
const GOAL_MS = 100;

/** More than fit into a block, so that all but the first are full. */
const CHAIN = { transactions: 40_000, seed: 1, transactionsPerBlock: 20_000 };

/** Takes whatever a block may contain, as far as there is a choice. */
const POLICY = { requiresStandard: false, minRelayFeerate: 0, dustFeerate: 0 };

/** Blocks of the chain's end that are timed. */
const TIMED_BLOCKS = 9;

/** Transactions in the pool that a compact block is put together from. */
const POOL_COUNT = 100_000;

/** The steps of a block, each ended by a mark. */
const STEPS = [
  'decode',
  'check',
  'write block',
  'fetch coins',
  'connect',
  'scripts',
  'write undo',
  'update coins',
  'mempool',
  'rest',
] as const;
type Step = (typeof STEPS)[number];

/** Splits the way of a block by looking over the shoulders of those who handle it. */
class BlockWatch {
  readonly ms: Record<Step, number[]> = record(() => []);
  #current: Record<Step, number> = record(() => 0);
  #lastMs = 0;
  #areScriptsNext = false;

  constructor({ chain }: PoolNode) {
    const { store, blocks, coins, signals, verifiedScripts } = chain.state;
    const around = <T>(before: Step, after: Step, work: () => Promise<T>): Promise<T> => {
      this.#mark(before);
      return work().finally(() => this.#mark(after));
    };
    const writeBlock = store.writeBlock.bind(store);
    store.writeBlock = (...args) => around('check', 'write block', () => writeBlock(...args));
    const fetch = coins.fetch.bind(coins);
    coins.fetch = (...args) => around('fetch coins', 'fetch coins', () => fetch(...args));
    const has = verifiedScripts!.has.bind(verifiedScripts);
    verifiedScripts!.has = (...args) => {
      if (this.#areScriptsNext) this.#mark('connect');
      this.#areScriptsNext = false;
      return has(...args);
    };
    const writeUndo = blocks.writeUndo.bind(blocks);
    blocks.writeUndo = (...args) => around('scripts', 'write undo', () => writeUndo(...args));
    signals.blockChecked.subscribe(() => this.#mark('update coins'));
    signals.blockConnected.subscribe(() => this.#mark('mempool'));
    signals.tipChanged.subscribe(() => this.#mark('rest'));
  }

  /** A block from its bytes to the tip. */
  async run(bytes: Uint8Array, submit: (block: Block) => Promise<void>): Promise<void> {
    this.#current = record(() => 0);
    this.#areScriptsNext = true;
    this.#lastMs = performance.now();
    const block = decode(bytes);
    this.#mark('decode');
    await submit(block);
    for (const step of STEPS) this.ms[step].push(this.#current[step]);
  }

  #mark(step: Step): void {
    const atMs = performance.now();
    this.#current[step] += atMs - this.#lastMs;
    this.#lastMs = atMs;
  }

  /** Milliseconds of every whole block. */
  totals(): number[] {
    return this.ms.decode.map((_, i) => STEPS.reduce((sum, step) => sum + this.ms[step][i]!, 0));
  }
}

function decode(bytes: Uint8Array): Block {
  const decoded = decodeBlock(bytes);
  if (!decoded.ok) throw decoded.error;
  return decoded.value;
}

function record<T>(make: () => T): Record<Step, T> {
  return Object.fromEntries(STEPS.map((step) => [step, make()])) as Record<Step, T>;
}

/** Unrelated payments, as many as the pool lacks of {@link POOL_COUNT}. */
function fillPool(pool: Mempool): void {
  for (let i = 0; pool.size < POOL_COUNT; i++) {
    addTo(pool, payment([coin(i)], { hasWitness: true, outputs: 2 }), {
      feeSat: 1_000 + ((i * 7_919) % 50_000),
      sigopsCost: 1,
    });
  }
}

/** Gives the mempool what it takes of a block's transactions; returns how many those are. */
async function offer({ pool }: PoolNode, block: Block): Promise<number> {
  let accepted = 0;
  for (let i = 1; i < block.txCount; i++) {
    const result = await pool.intake.submit(block.transaction(i).detach());
    if (result.outcome === 'accepted') accepted++;
  }
  return accepted;
}

/** Milliseconds that it takes to find a block's transactions in the pool, and to put the block together. */
function reconstruct(node: PoolNode, block: Block): { find: number; fill: number; missing: number } {
  const message = createCompactBlock(block, createRng(7));
  const partial = new PartialBlock();
  const startMs = performance.now();
  if (partial.begin(message, node.mempool.view, EMPTY_POOL) !== 'ok') throw new Error('not a compact block');
  const foundMs = performance.now();
  const missing = partial.missing();
  const sent = TransactionList.of(missing.map((place) => block.transaction(place)));
  const filled = partial.fill(sent, true);
  if (filled.status !== 'ok') throw new Error(`the block cannot be put together: ${filled.status}`);
  return { find: foundMs - startMs, fill: performance.now() - foundMs, missing: missing.length };
}

async function benchBlocks(node: PoolNode, path: string, height: number): Promise<void> {
  const records = readBlockRecords(path);
  records.next();
  for (let i = 0; i < height - TIMED_BLOCKS; i++) await node.submit(decode(records.next().value as Uint8Array));
  fillPool(node.mempool);
  await node.chain.flush(nowSec(), 'keep');
  const watch = new BlockWatch(node);
  const compact = { find: [] as number[], fill: [] as number[] };
  const flushes: number[] = [];
  const graphMs: number[] = [];
  const processorMs: number[] = [];
  printRow('block', 'transactions', 'weight', 'in pool', 'ms', 'processor ms', 'from compact');
  for (const bytes of records) {
    const block = decode(bytes);
    const known = await offer(node, block);
    const { find, fill } = reconstruct(node, decode(bytes));
    compact.find.push(find);
    compact.fill.push(fill);
    const before = process.cpuUsage();
    await watch.run(bytes, (fresh) => node.submit(fresh));
    const { user, system } = process.cpuUsage(before);
    processorMs.push((user + system) / 1000);
    // The graph takes out what left when it is asked the next time.
    graphMs.push(timeMs(() => node.mempool.graph.count));
    const totalMs = watch.totals().at(-1)!;
    const times = [totalMs, processorMs.at(-1)!, find + fill].map((ms) => ms.toFixed(1));
    printRow(node.chain.height, block.txCount, block.weightWu, known, ...times);
    fillPool(node.mempool);
    const flushMs = performance.now();
    await node.chain.flush(nowSec(), 'keep');
    flushes.push(performance.now() - flushMs);
  }
  console.log('\nmilliseconds: least, median and worst');
  const show = (name: string, ms: readonly number[]): void =>
    printRow(name, ...[Math.min(...ms), median(ms), Math.max(...ms)].map((value) => value.toFixed(1)));
  for (const step of STEPS) show(`  ${step}`, watch.ms[step]);
  show('from bytes to tipChanged', watch.totals());
  printRow('  goal', GOAL_MS);
  show('  time of processors, all threads', processorMs);
  show('graph of the mempool, afterwards', graphMs);
  show(`compact block: find among ${POOL_COUNT}`, compact.find);
  show('  put together and check', compact.fill);
  show('flush of everything to the disk', flushes);
}

const chain = ensureChainFile(CHAIN);
await withBenchFolder((folder) =>
  withPoolNode({ folder, params: createBenchParams(chain.path), policy: POLICY }, (node) =>
    benchBlocks(node, chain.path, chain.summary.height),
  ),
);
