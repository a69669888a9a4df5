// A command: what mining costs. Nonces per second by every engine, against the bare double SHA-256 of whole headers in a loop by
// the same backend; and a template for a full block out of 100,000 transactions.

import {
  createJavaScriptEngine,
  createWasmEngine,
  findNonce,
  type NonceEngine,
  nonceEngine,
} from '../../src/kernel/crypto/nonce-search.ts';
import { sha256dInto } from '../../src/kernel/crypto/sha256.ts';
import { getWebAssembly } from '../../src/kernel/crypto/webassembly.ts';
import type { Transaction } from '../../src/kernel/primitives/transaction.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import type { Mempool } from '../../src/node/mempool/mempool.ts';
import { assembleBlock, MINING_DEFAULTS } from '../../src/node/mining/assembler.ts';
import { BlockCandidate } from '../../src/node/mining/block-template.ts';
import { ANYONE, fakeTxid, makeTx, outputOf, pay, spend, TestChain } from '../model/block-builder.ts';
import { addTo, createPool } from '../model/pool-fixture.ts';

const ROUNDS = 5;
const ROUND_MS = 400;
const POOL_COUNT = 100_000;
const NOW_SEC = 1_700_000_000;

function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >>> 1]!;
}

/** Things per second: the median of a few rounds; `work` does `items` of them. */
function measureRate(items: number, work: (done: number) => void): number {
  const rates = Array.from({ length: ROUNDS }, () => {
    const startMs = performance.now();
    let done = 0;
    for (; performance.now() - startMs < ROUND_MS; done += items) work(done);
    return (done * 1000) / (performance.now() - startMs);
  });
  return medianOf(rates);
}

function benchNonces(): void {
  const header = Uint8Array.from({ length: 80 }, (_, i) => i * 7);
  const view = new DataView(header.buffer);
  const hash = new Uint8Array(32);
  const bare = measureRate(1_000, (done) => {
    for (let i = 0; i < 1_000; i++) {
      view.setUint32(76, done + i, true);
      sha256dInto(header, 0, 80, hash, 0);
    }
  });
  const show = (name: string, rate: number): void =>
    console.log(`${name.padEnd(28)}${(rate / 1e6).toFixed(2).padStart(8)}${(rate / bare).toFixed(2).padStart(8)}`);
  console.log('nonces, millions per second, and as a multiple of the bare loop');
  show('bare loop of sha256dInto', bare);
  const api = getWebAssembly();
  const engines: NonceEngine[] = [createJavaScriptEngine()];
  if (api !== null) engines.push(createWasmEngine(api, false));
  if (nonceEngine().name === 'wasm-simd') engines.push(nonceEngine());
  const impossible = new Uint8Array(32);
  for (const engine of engines) {
    show(
      engine.name,
      measureRate(100_000, (done) => findNonce(header, impossible, done, 100_000, engine)),
    );
  }
}

/** Payments of a usual size in chains of four. */
function fillPool(): Mempool {
  const pool = createPool({ mempoolBytesMax: 2 ** 30 });
  const rng = createRng(3);
  const witness = [new Uint8Array(71).fill(0x30), new Uint8Array(33).fill(2)];
  const script = new Uint8Array(22).fill(0x51);
  let last: Transaction | null = null;
  for (let i = 0; i < POOL_COUNT; i++) {
    const prevout = last === null || i % 4 === 0 ? { txid: fakeTxid(i), index: 0 } : outputOf(last);
    last = makeTx([spend(prevout, { witness })], [pay(i, script), pay(2 * i, script)]);
    addTo(pool, last, { feeSat: 200 + rng.below(20_000), sigopsCost: 1 });
  }
  return pool;
}

function benchTemplates(): void {
  const pool = fillPool();
  const chain = new TestChain();
  const took: Record<'assemble' | 'candidate' | 'seal', number[]> = { assemble: [], candidate: [], seal: [] };
  const time = <T>(name: keyof typeof took, work: () => T): T => {
    const startMs = performance.now();
    const result = work();
    took[name].push(performance.now() - startMs);
    return result;
  };
  let weightWu = 0;
  for (let round = 0; round < 2 * ROUNDS; round++) {
    const facts = { branch: chain.branch, consensus: chain.params, nowSec: NOW_SEC };
    const template = time('assemble', () => assembleBlock(pool, facts, MINING_DEFAULTS));
    const candidate = time('candidate', () => new BlockCandidate(template, { scriptPubKey: ANYONE }));
    weightWu = time('seal', () => candidate.seal(0)).weightWu;
  }
  console.log(`\na block of ${weightWu} weight units out of ${pool.size} transactions: milliseconds, first and median`);
  for (const [name, times] of Object.entries(took)) {
    console.log(`${name.padEnd(28)}${times[0]!.toFixed(1).padStart(8)}${medianOf(times).toFixed(1).padStart(8)}`);
  }
}

benchNonces();
benchTemplates();
