// A program for the test of the mempool's memory, to be run with --expose-gc: fills a pool with payments as they come from peers,
// asks of each what relay asks, and prints what the pool says that it takes beside what is alive for it. With a limit the pool is
// trimmed after each, as acceptance does.

import { NO_ENTRY } from '../../src/kernel/chain/block-index.ts';
import { POLICY_DEFAULTS } from '../../src/kernel/policy/options.ts';
import { asTxid } from '../../src/kernel/primitives/hashes.ts';
import type { Outpoint } from '../../src/kernel/primitives/outpoint.ts';
import { buildTransaction, decodeTransaction, type Transaction } from '../../src/kernel/primitives/transaction.ts';
import { concatBytes } from '../../src/kernel/util/bytes.ts';
import { createRng, type Rng } from '../../src/kernel/util/prng.ts';
import { Mempool } from '../../src/node/mempool/mempool.ts';

/** So many are there at the first look: code is compiled, tables have grown. */
const WARM_UP = 2_000;

const collect = (globalThis as { gc?: () => void }).gc;

/** Bytes of objects, of arrays, and of the process. */
function lookAtMemory(): { heap: number; arrays: number; resident: number } {
  if (collect === undefined) throw new Error('needs --expose-gc');
  for (let i = 0; i < 4; i++) collect();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { heap: heapUsed, arrays: arrayBuffers, resident: rss };
}

/** What a pool is filled with. */
interface Shape {
  readonly inputs: number;
  readonly outputs: number;
  /** So many in a row spend one another. */
  readonly chain: number;
}

const SHAPES: Readonly<Record<string, Shape>> = {
  /** The most usual: 222 bytes, 561 weight units. */
  payments: { inputs: 1, outputs: 2, chain: 1 },
  chains: { inputs: 1, outputs: 2, chain: 25 },
  consolidations: { inputs: 20, outputs: 1, chain: 1 },
  batches: { inputs: 2, outputs: 40, chain: 1 },
};

/** A payment between P2WPKH outputs, as a peer sends it. */
function payment(first: Outpoint, { inputs, outputs }: Shape, rng: Rng): Transaction {
  const built = buildTransaction({
    version: 2,
    inputs: Array.from({ length: inputs }, (_, i) => ({
      prevout: i === 0 ? first : randomOutpoint(rng),
      scriptSig: new Uint8Array(0),
      sequence: 0xfffffffd,
      witness: [rng.bytes(71), rng.bytes(33)],
    })),
    outputs: Array.from({ length: outputs }, () => ({
      valueSat: rng.below(1e9),
      scriptPubKey: concatBytes(Uint8Array.of(0, 20), rng.bytes(20)),
    })),
    locktime: 0,
  });
  const decoded = decodeTransaction(built.serialized().slice());
  if (!decoded.ok) throw decoded.error;
  return decoded.value;
}

function randomOutpoint(rng: Rng): Outpoint {
  return { txid: asTxid(rng.bytes(32)), index: rng.below(3) };
}

/** Adds one transaction and asks of it what relay would ask. */
function add(pool: Mempool, transaction: Transaction, rng: Rng): void {
  const change = pool.begin();
  const entry = change.stageAddition({
    transaction,
    feeSat: 200 + rng.below(20_000),
    sigopsCost: transaction.inputCount,
    timeSec: 1_700_000_000,
    entryHeight: 800_000,
    sequence: pool.sequence,
    spendsCoinbase: false,
    lockPoints: { height: -1, timeSec: -1, maxInputBlock: NO_ENTRY },
  });
  change.apply();
  if (!pool.has(entry.transaction.txid) || !pool.hasWtxid(entry.transaction.wtxid)) throw new Error('it is not there');
}

function main(shapeName: string, count: number, mempoolBytesMax: number): void {
  const shape = SHAPES[shapeName]!;
  const rng = createRng(3);
  const pool = new Mempool({ ...POLICY_DEFAULTS, mempoolBytesMax }, rng);
  let prevout = randomOutpoint(rng);
  const look = (): object => ({ ...lookAtMemory(), claimed: pool.usedBytes, size: pool.size });
  let before: object = {};
  for (let i = 0; i < count; i++) {
    if (i === WARM_UP) before = look();
    const transaction = payment(i % shape.chain === 0 ? randomOutpoint(rng) : prevout, shape, rng);
    add(pool, transaction, rng);
    pool.trimToSize();
    prevout = { txid: asTxid(transaction.txid.slice()), index: 0 };
  }
  process.stdout.write(JSON.stringify({ before, after: look() }));
}

main(process.argv[2] ?? 'payments', Number(process.argv[3] ?? 60_000), Number(process.argv[4] ?? Infinity));
