// A command: the mempool at its full size (M01). A million transactions at rising feerates go through acceptance, then a flood that
// pays too little: what the pool says that it takes beside what is alive for it, how fast transactions come in, and the longest time
// that the event loop stood still. The coins are made up, anyone can spend them: signatures and disks are other benchmarks' matter.
//
//   node --expose-gc dist/test/bench/mempool-bench.js [TRANSACTIONS]

import { CoinRef, encodeCoinCode } from '../../src/kernel/consensus/coin.ts';
import { POLICY_DEFAULTS } from '../../src/kernel/policy/options.ts';
import { asTxid } from '../../src/kernel/primitives/hashes.ts';
import { decodeTransaction, encodeTransaction, type Transaction } from '../../src/kernel/primitives/transaction.ts';
import { InputVerifier } from '../../src/kernel/script/verify.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { TransactionAcceptance } from '../../src/node/mempool/accept.ts';
import { type AcceptChain, ActiveChainView, type KnownCoins } from '../../src/node/mempool/accept-chain.ts';
import { Mempool } from '../../src/node/mempool/mempool.ts';
import { ROLLING_FEE_HALF_LIFE_SEC } from '../../src/node/mempool/rolling-minimum.ts';
import { hostTimers } from '../../src/platform/node/host-time.ts';
import { loadSecp256k1 } from '../../src/platform/node/secp256k1.ts';
import { AcceptWorld, describeResult, EASY } from '../model/accept-world.ts';
import { pay } from '../model/block-builder.ts';
import { blockOf } from '../model/pool-fixture.ts';
import { TurnWatch } from './pool-node.ts';

/** More than the limit may be alive, at most (M01). */
const GOAL_EXCESS = 0.2;

/** Transactions of the flood that pays too little. */
const FLOOD = 100_000;

/** Work at a stretch before the host has its turn, as the intake of a node has it. */
const SLICE_MS = 4;

const COIN_SAT = 10_000_000;
const REPORTS = 10;

const collect = (globalThis as { gc?: () => void }).gc;

function print(label: string, ...values: readonly (string | number)[]): void {
  console.log(label.padEnd(44) + values.map((value) => String(value).padStart(16)).join(''));
}

/** Bytes of objects and arrays that are alive. */
function measureAlive(): number {
  if (collect === undefined) throw new Error('needs --expose-gc');
  for (let i = 0; i < 3; i++) collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Every outpoint has a coin that anyone can spend. */
class EndlessCoins implements KnownCoins {
  readonly #made = new CoinRef();

  constructor() {
    const [output] = encodeOutput();
    this.#made.point(output, 0, output.length, encodeCoinCode(1, false));
  }

  isKnown(): boolean {
    return true;
  }

  hasCoin(): boolean {
    return true;
  }

  readCoin(_outpoints: Uint8Array, _at: number, coin: CoinRef): boolean {
    const { bytes, start, end, code } = this.#made;
    coin.point(bytes, start, end, code);
    return true;
  }
}

/** The bytes of one output of {@link EASY}. */
function encodeOutput(): [Uint8Array] {
  const bytes = encodeTransaction({ version: 1, inputs: [], outputs: [pay(COIN_SAT, EASY.scriptPubKey)], locktime: 0 });
  return [bytes.slice(6, bytes.length - 4)];
}

/** Acceptance over a short chain with endless coins. */
async function openAcceptance(): Promise<{ acceptance: TransactionAcceptance; mempool: Mempool; nowSec: number }> {
  const world = await AcceptWorld.open({ coinCount: 0 });
  const view = new ActiveChainView(world.chain);
  const chain: AcceptChain = {
    tip: view.tip,
    height: view.height,
    medianTimePast: view.medianTimePast,
    branch: view.branch,
    consensus: view.consensus,
    coins: new EndlessCoins(),
    blockAt: (height) => view.blockAt(height),
    contains: (entry) => view.contains(entry),
    isCurrent: () => true,
  };
  const mempool = new Mempool(POLICY_DEFAULTS, createRng(5));
  const verifier = new InputVerifier(loadSecp256k1().backend);
  return { acceptance: new TransactionAcceptance({ mempool, chain, verifier }), mempool, nowSec: world.nowSec };
}

/** Payment number `i`, as a peer sends it: one input, two outputs. */
function createPayment(i: number, feeSat: number): Transaction {
  const txid = new Uint8Array(32);
  new DataView(txid.buffer).setUint32(0, i);
  const { scriptSig, witness } = EASY.unlock({} as never);
  const inputs = [
    { prevout: { txid: asTxid(txid), index: 0 }, scriptSig, sequence: 0xfffffffd, witness: witness ?? [] },
  ];
  const outputs = [pay(COIN_SAT / 2, EASY.scriptPubKey), pay(COIN_SAT / 2 - feeSat, EASY.scriptPubKey)];
  const decoded = decodeTransaction(encodeTransaction({ version: 2, inputs, outputs, locktime: 0 }));
  if (!decoded.ok) throw decoded.error;
  return decoded.value;
}

/** Offers `count` payments, the host having its turn between slices; what became of them, and what it took. */
async function offer(
  count: number,
  create: (i: number) => Transaction,
  judge: (transaction: Transaction) => string,
): Promise<{ outcomes: Map<string, number>; busyMs: number; longestMs: number }> {
  const outcomes = new Map<string, number>();
  const watch = new TurnWatch();
  let busyMs = 0;
  let longestMs = 0;
  for (let i = 0; i < count; ) {
    // Payments are made outside of what is measured, and outside of what is watched.
    const slice = Array.from({ length: Math.min(64, count - i) }, (_, k) => create(i + k));
    i += slice.length;
    await hostTimers.yieldToHost();
    watch.takeLongestMs();
    let sliceStartMs = performance.now();
    for (const transaction of slice) {
      const startMs = performance.now();
      const outcome = judge(transaction);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      busyMs += performance.now() - startMs;
      if (performance.now() - sliceStartMs < SLICE_MS) continue;
      await hostTimers.yieldToHost();
      sliceStartMs = performance.now();
    }
    longestMs = Math.max(longestMs, watch.takeLongestMs());
  }
  watch.stop();
  return { outcomes, busyMs, longestMs };
}

function describeOutcomes(outcomes: ReadonlyMap<string, number>): string {
  return [...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
}

async function bench(count: number): Promise<void> {
  const { acceptance, mempool, nowSec } = await openAcceptance();
  const judge = (transaction: Transaction): string =>
    describeResult(acceptance.accept(transaction, { nowSec })).replace(/, .*/, '');
  const emptyBytes = measureAlive();
  const limit = POLICY_DEFAULTS.mempoolBytesMax;
  const excess = (): string => `${((100 * (measureAlive() - emptyBytes)) / limit - 100).toFixed(1)} %`;
  print('transactions', 'in the pool', 'bytes claimed', 'bytes alive', 'accepts/s', 'longest ms', 'minimum');
  const report = (label: number | string, perSec: number, longestMs: number): void => {
    const alive = measureAlive() - emptyBytes;
    const { size, usedBytes } = mempool;
    print(`${label}`, size, usedBytes, alive, perSec.toFixed(0), longestMs.toFixed(1), mempool.minimumFeerate(nowSec));
  };
  const part = Math.floor(count / REPORTS);
  for (let done = 0; done < count; done += part) {
    const result = await offer(part, (i) => createPayment(done + i, 200 + Math.floor((done + i) / 5)), judge);
    report(done + part, (1000 * part) / result.busyMs, result.longestMs);
    if (result.outcomes.size > 1) console.log(`  ${describeOutcomes(result.outcomes)}`);
  }
  const cheapest = Math.min(...[...mempool.entries()].slice(0, 100_000).map(({ feeSat }) => feeSat));
  print('cheapest of the pool pays, and once paid', cheapest, 200);
  const flood = await offer(FLOOD, (i) => createPayment(count + i, 200 + (i % 1_000)), judge);
  report('a flood that pays too little', (1000 * FLOOD) / flood.busyMs, flood.longestMs);
  console.log(`  ${describeOutcomes(flood.outcomes)}`);
  print('alive beyond the limit', excess());
  print('  goal', `${100 * GOAL_EXCESS} %`);
  mempool.removeForBlock(blockOf([]), 103, nowSec);
  const falls = [0, 1, 2, 4, 8].map((times) => mempool.minimumFeerate(nowSec + times * ROLLING_FEE_HALF_LIFE_SEC));
  print('minimum after 0, 1, 2, 4, 8 half-lives', ...falls);
}

await bench(Number(process.argv[2] ?? 1_000_000));
