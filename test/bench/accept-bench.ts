// A command: how many payments of one input and two outputs a second the mempool accepts, all on one thread: from their bytes through
// the intake of a node, over a chain on a real disk. First with coins that are in memory, then with coins that lie in the database.
// Beside it what their signatures alone cost with the same backend.
//
//   node dist/test/bench/accept-bench.js [TRANSACTIONS]

import type { Secp256k1 } from '../../src/kernel/crypto/secp256k1.ts';
import { decodeTransaction } from '../../src/kernel/primitives/transaction.ts';
import { loadSecp256k1 } from '../../src/platform/node/secp256k1.ts';
import { describeResult } from '../model/accept-world.ts';
import { withBenchFolder } from './bench-chain.ts';
import { median, timeMs } from './measure.ts';
import { PaymentChain } from './payment-chain.ts';
import { nowSec, type PoolNode, TurnWatch, withPoolNode } from './pool-node.ts';

/** To reach, from the project's goals. */
const GOAL_PER_SEC = 1_000;

/** Payments that are timed together. */
const SLICE = 1_000;

function print(label: string, ...values: readonly (string | number)[]): void {
  console.log(label.padEnd(44) + values.map((value) => String(value).padStart(14)).join(''));
}

/** Microseconds of one verification of a signature in a bare loop. */
function measureSignature(secp: Secp256k1): number {
  const digest = new Uint8Array(32).fill(3);
  const secret = new Uint8Array(32).fill(1);
  const key = secp.createPublicKey(secret, true)!;
  const signature = secp.signEcdsa(digest, secret)!;
  const times = Array.from({ length: 9 }, () =>
    timeMs(() => {
      for (let i = 0; i < SLICE; i++) secp.verifyEcdsa(signature, digest, key);
    }),
  );
  return median(times);
}

/** Hands payments in as bytes, one after another as peers send them; microseconds of each, as the median over slices. */
async function offerAll({ pool }: PoolNode, payments: readonly Uint8Array[]): Promise<number> {
  const times: number[] = [];
  for (let first = 0; first + SLICE <= payments.length; first += SLICE) {
    const startMs = performance.now();
    for (let i = first; i < first + SLICE; i++) {
      const decoded = decodeTransaction(payments[i]!);
      if (!decoded.ok) throw decoded.error;
      const result = await pool.intake.submit(decoded.value);
      if (result.outcome !== 'accepted') throw new Error(describeResult(result));
    }
    times.push(performance.now() - startMs);
  }
  return (1000 * median(times)) / SLICE;
}

async function benchAccept(node: PoolNode, ledger: PaymentChain): Promise<void> {
  for (const block of ledger.blocks) await node.submit(block);
  const payments = ledger.coins.map((coin, i) => ledger.pay(coin, 1_000 + ((i * 7_919) % 5_000)).serialized());
  const watch = new TurnWatch();
  print('', 'per second', 'µs each', 'signature', 'longest ms');
  for (const [name, share] of [
    ['coins in memory', payments.slice(0, payments.length / 2)],
    ['coins in the database', payments.slice(payments.length / 2)],
  ] as const) {
    await node.chain.flush(nowSec(), name === 'coins in memory' ? 'keep' : 'empty');
    watch.takeLongestMs();
    const eachUs = await offerAll(node, share);
    const stallMs = watch.takeLongestMs();
    const signature = `${((100 * measureSignature(node.secp)) / eachUs).toFixed(0)} %`;
    print(name, (1e6 / eachUs).toFixed(0), eachUs.toFixed(0), signature, stallMs.toFixed(1));
  }
  print('goal', GOAL_PER_SEC);
  print('bytes of memory each', (node.mempool.usedBytes / node.mempool.size).toFixed(0));
  watch.stop();
}

const { backend } = loadSecp256k1();
console.log(`acceptance of payments with one input and two outputs (P2WPKH), ${backend.name}`);
await withBenchFolder(async (folder) => {
  const ledger = new PaymentChain(backend, Number(process.argv[2] ?? 30_000));
  await withPoolNode({ folder, params: ledger.params }, (node) => benchAccept(node, ledger));
});
