// A command: how many payments of one input and two outputs a second the mempool accepts on one core, beside what their signatures
// alone cost with the same backend; and how long the payments of disconnected blocks take to come back.
//
//   node dist/test/bench/accept-bench.js [TRANSACTIONS]

import type { Secp256k1 } from '../../src/kernel/crypto/secp256k1.ts';
import type { Transaction } from '../../src/kernel/primitives/transaction.ts';
import { loadSecp256k1 } from '../../src/platform/node/secp256k1.ts';
import { AcceptWorld, describeResult, KIND_COIN_COUNT_MAX } from '../model/accept-world.ts';
import { median, timeMs } from './measure.ts';

/** To reach, from the project's goals. */
const GOALS = { acceptsPerSec: 1_000, reorgMsPer10Blocks: 2_000 };

/** Transactions of a full block of such payments, and blocks that are taken off. */
const BLOCK_TRANSACTIONS = 3_000;
const BLOCKS = 10;

/** Payments that are timed together. */
const SLICE = 1_000;

function print(label: string, value: string): void {
  console.log(`${label.padEnd(60)}${value.padStart(16)}`);
}

async function openWorld(secp: Secp256k1, count: number): Promise<{ world: AcceptWorld; payments: Transaction[] }> {
  const kinds = Array.from({ length: count }, () => 'p2wpkh' as const);
  const world = await AcceptWorld.open({ secp, coinCount: 0, kinds });
  const payments = world.kindCoins.map((coin, i) =>
    world.payment([coin], { feeSat: 1_000 + ((i * 7_919) % 5_000), outputCount: 2 }),
  );
  return { world, payments };
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

async function benchAccept(secp: Secp256k1, count: number): Promise<void> {
  const { world, payments } = await openWorld(secp, count);
  const { acceptance, nowSec } = world;
  const times: number[] = [];
  for (let first = 0; first + SLICE <= payments.length; first += SLICE) {
    const slice = payments.slice(first, first + SLICE);
    times.push(
      timeMs(() => {
        for (const payment of slice) {
          if (acceptance.unknownOutpoints(payment).length > 0) throw new Error('a coin that was not fetched');
          const result = acceptance.accept(payment, { nowSec });
          if (result.outcome !== 'accepted') throw new Error(describeResult(result));
        }
      }),
    );
  }
  const eachUs = median(times);
  const signatureUs = measureSignature(secp);
  print('accepted per second (1 in, 2 out, P2WPKH)', (1e6 / eachUs).toFixed(0));
  print('  goal', `${GOALS.acceptsPerSec}`);
  print('  microseconds each, of which the signature', `${eachUs.toFixed(0)}, ${signatureUs.toFixed(0)}`);
  print('  bytes of memory each', (world.mempool.usedBytes / world.mempool.size).toFixed(0));
}

async function benchReorganisation(secp: Secp256k1): Promise<void> {
  const blockTransactions = Math.min(BLOCK_TRANSACTIONS, Math.floor(KIND_COIN_COUNT_MAX / BLOCKS));
  const { world, payments } = await openWorld(secp, blockTransactions * BLOCKS);
  for (let i = 0; i < BLOCKS; i++) {
    await world.mine(payments.slice(i * blockTransactions, (i + 1) * blockTransactions));
  }
  const ms = await world.measureReorganise(BLOCKS);
  print(`milliseconds for ${BLOCKS} blocks of ${blockTransactions} to come back`, ms.toFixed(0));
  print('  of their transactions fitted the memory for them', `${world.mempool.size}`);
  print('  goal', `${GOALS.reorgMsPer10Blocks}`);
}

const { backend } = loadSecp256k1();
console.log(`acceptance with ${backend.name}\n`);
await benchAccept(backend, Number(process.argv[2] ?? 20_000));
await benchReorganisation(backend);
