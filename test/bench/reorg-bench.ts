// A command: a reorganisation of ten full blocks of payments (M08), on a real disk: from the block that makes another branch the best
// to the moment when the chain stands there and the mempool has taken everything back. And the longest time that the event loop stood
// still meanwhile.
//
//   node dist/test/bench/reorg-bench.js

import type { Transaction } from '../../src/kernel/primitives/transaction.ts';
import { loadSecp256k1 } from '../../src/platform/node/secp256k1.ts';
import { printRow, withBenchFolder } from './bench-chain.ts';
import { PaymentChain } from './payment-chain.ts';
import { type PoolNode, TurnWatch, withPoolNode } from './pool-node.ts';

/** To reach, from the project's goals. */
const GOAL_MS = 2_000;

const BLOCKS = 10;
const TRANSACTIONS_PER_BLOCK = 3_000;
const ROUNDS = 4;

/** Replaces the last blocks by empty ones and one more; milliseconds, of them those of processors, and the longest stall. */
async function reorganise(node: PoolNode, ledger: PaymentChain, tag: number): Promise<[number, number, number]> {
  const depth = BLOCKS;
  ledger.blocks.length -= depth;
  const branch = Array.from({ length: depth + 1 }, () => ledger.mine([], tag));
  for (const block of branch.slice(0, -1)) await node.submit(block);
  const watch = new TurnWatch();
  watch.takeLongestMs();
  const before = process.cpuUsage();
  const startMs = performance.now();
  await node.submit(branch.at(-1)!);
  const ms = performance.now() - startMs;
  const { user, system } = process.cpuUsage(before);
  const stallMs = watch.takeLongestMs();
  watch.stop();
  return [ms, (user + system) / 1000, stallMs];
}

/** Connects blocks of all payments; milliseconds for each. */
async function connectAll(node: PoolNode, ledger: PaymentChain, payments: readonly Transaction[]): Promise<number> {
  const blocks = Array.from({ length: BLOCKS }, (_, i) =>
    ledger.mine(payments.slice(i * TRANSACTIONS_PER_BLOCK, (i + 1) * TRANSACTIONS_PER_BLOCK)),
  );
  const startMs = performance.now();
  for (const block of blocks) await node.submit(block);
  return (performance.now() - startMs) / BLOCKS;
}

async function bench(node: PoolNode, ledger: PaymentChain): Promise<void> {
  for (const block of ledger.blocks) await node.submit(block);
  const payments = ledger.coins.map((coin, i) => ledger.pay(coin, 1_000 + ((i * 7_919) % 5_000)));
  printRow('round', 'connect, each', 'reorganise', 'processor ms', 'stall ms', 'in the pool');
  for (let round = 1; round <= ROUNDS; round++) {
    const eachMs = await connectAll(node, ledger, payments);
    const times = await reorganise(node, ledger, round);
    const shown = [eachMs, ...times].map((ms) => ms.toFixed(0));
    printRow(`${BLOCKS} blocks of ${TRANSACTIONS_PER_BLOCK}, round ${round}`, ...shown, node.mempool.size);
  }
  printRow('goal', '', GOAL_MS);
}

const { backend } = loadSecp256k1();
await withBenchFolder(async (folder) => {
  const ledger = new PaymentChain(backend, BLOCKS * TRANSACTIONS_PER_BLOCK);
  await withPoolNode({ folder, params: ledger.params }, (node) => bench(node, ledger));
});
