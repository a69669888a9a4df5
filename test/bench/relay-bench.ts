// A command: telling 100 listening peers of 300,000 transactions (D12): what it costs to queue one for all of them, what one peer's
// turn costs, and the memory for what waits. Time of the ledger is made up: as much passes as the announcing takes.
//
//   node --expose-gc dist/test/bench/relay-bench.js

import { createRng } from '../../src/kernel/util/prng.ts';
import { TxRelay } from '../../src/node/p2p/tx-relay.ts';
import { addTo, coin, createPool, payment } from '../model/pool-fixture.ts';
import { relayPeer } from '../model/relay-pool.ts';
import { printRow } from './bench-chain.ts';
import { median } from './measure.ts';

const PEERS = 100;
const TRANSACTIONS = 300_000;

/** Transactions that come between two turns of all peers: three thousand a second. */
const PER_TICK = 300;
const TICK_MS = 100;

/** Announcing goes on for so long after the last has come. */
const AFTER_MS = 10_000;

/** To reach: the event loop is not held up longer by one peer's turn (D12). */
const GOAL_MS = 50;

const collect = (globalThis as { gc?: () => void }).gc;

function measureAlive(): number {
  for (let i = 0; i < 3; i++) collect?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.slice().sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}

function bench(): void {
  const pool = createPool({ mempoolBytesMax: Number.POSITIVE_INFINITY });
  const entries = Array.from({ length: TRANSACTIONS }, (_, i) =>
    addTo(pool, payment([coin(i)], { hasWitness: true, outputs: 2 }), { feeSat: 200 + ((i * 7_919) % 50_000) }),
  );
  const relay = new TxRelay(pool, createRng(1));
  const peers = Array.from({ length: PEERS }, (_, i) => relayPeer(i + 1));
  for (const facts of peers) relay.peerJoined(facts);
  const emptyBytes = measureAlive();
  const queueUs: number[] = [];
  const turnMs: number[] = [];
  const roundMs: number[] = [];
  let announced = 0;
  let nowMs = 0;
  const tickAll = (): void => {
    const startMs = performance.now();
    let lastMs = startMs;
    for (const { id } of peers) {
      const count = relay.tick(id, nowMs)?.count ?? 0;
      const atMs = performance.now();
      if (count > 0) turnMs.push(atMs - lastMs);
      announced += count;
      lastMs = atMs;
    }
    roundMs.push(lastMs - startMs);
    nowMs += TICK_MS;
  };
  tickAll();
  for (let i = 0; i < TRANSACTIONS; i += PER_TICK) {
    const startMs = performance.now();
    for (const { transaction } of entries.slice(i, i + PER_TICK)) relay.relay(transaction.wtxid);
    queueUs.push((1000 * (performance.now() - startMs)) / PER_TICK);
    tickAll();
  }
  const waiting = relay.state(peers[0]!.id)!.waitingCount;
  const waitingBytes = measureAlive() - emptyBytes;
  for (let endMs = nowMs + AFTER_MS; nowMs < endMs; ) tickAll();
  printRow('', 'median', '99 of 100', 'worst');
  const show = (name: string, values: readonly number[]): void =>
    printRow(name, ...[median(values), percentile(values, 0.99), Math.max(...values)].map((value) => value.toFixed(2)));
  show(`µs to queue for ${PEERS} peers`, queueUs);
  show('ms of a turn that announces', turnMs);
  show(`ms of a round of ${PEERS} turns`, roundMs);
  printRow('  goal for a turn, in ms', '', GOAL_MS);
  printRow('waiting for each, announced in all', waiting, announced);
  printRow('million bytes for what waits', (waitingBytes / 1e6).toFixed(1));
}

bench();
