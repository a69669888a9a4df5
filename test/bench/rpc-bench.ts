// A command: how fast the RPC interface answers. getblock of a full block in all four forms, getrawtransaction and
// sendrawtransaction, by eight clients that keep their connections: requests per second, median and 99th percentile, the processor
// time of the server for each, and the longest time for which the server's event loop stood still, by the clock and in processor
// time. Then single calls as large as a client can make them, with the same look at the loop.
//
//   node dist/test/bench/rpc-bench.js [--core=PATH] [--only=WORD]
//
// With a bitcoind it is given the same blocks and the same calls; with a word, only calls whose names have it are made. Clients and
// server share the machine.

import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatHash } from '../../src/kernel/primitives/hashes.ts';
import type { Transaction } from '../../src/kernel/primitives/transaction.ts';
import { toHex } from '../../src/kernel/util/bytes.ts';
import { loadSecp256k1 } from '../../src/platform/node/secp256k1.ts';
import { writeBlockFile } from '../functional/node.ts';
import { printRow, withBenchFolder } from './bench-chain.ts';
import type { LoopReport } from './loop-watch.ts';
import { PaymentChain } from './payment-chain.ts';
import { type HugeCall, hugeCalls, sendHuge } from './rpc-huge.ts';
import { runLoad } from './rpc-load.ts';
import { type RpcSubject, withSubject } from './rpc-subject.ts';

const CLIENTS = 8;

/** Payments of 561 weight units that leave a block a little room. */
const BLOCK_PAYMENTS = 7_000;

/** Payments to send; no more are sent than these. */
const SENT_PAYMENTS = 4_000;

const FEE_SAT = 1_000;
const WARM_UP_MS = 500;
const WINDOW_MS = 3_000;

/** No single call may hold the server's loop longer. */
const GOAL_MS = 50;

/** One kind of call. */
interface Workload {
  readonly name: string;
  readonly nextBody: () => string | null;
}

function bodyOf(method: string, ...params: readonly unknown[]): string {
  return JSON.stringify({ id: 1, method, params });
}

/** The same calls over and over. */
function repeat(name: string, bodies: readonly string[]): Workload {
  let next = 0;
  return { name, nextBody: () => bodies[next++ % bodies.length]! };
}

/** What all servers are given. */
interface Material {
  readonly blockFile: string;
  readonly height: number;
  readonly blockHash: string;
  readonly blockHex: string;
  readonly txids: readonly string[];
  readonly payments: readonly string[];
}

function prepare(folder: string): Material {
  const chain = new PaymentChain(loadSecp256k1().backend, BLOCK_PAYMENTS + SENT_PAYMENTS);
  const made: readonly Transaction[] = chain.coins.map((coin) => chain.pay(coin, FEE_SAT));
  const block = chain.mine(made.slice(0, BLOCK_PAYMENTS));
  const blockFile = join(folder, 'blocks.dat');
  const blocks = [chain.params.genesis, ...chain.blocks].map((one) => one.serialized());
  writeBlockFile(blockFile, toHex(chain.params.magic), blocks);
  console.log(`block of ${block.txCount} transactions, ${block.totalSize} bytes, weight ${block.weightWu}\n`);
  return {
    blockFile,
    height: chain.height,
    blockHash: formatHash(block.header.blockHash),
    blockHex: toHex(block.serialized()),
    txids: made.slice(0, BLOCK_PAYMENTS).map(({ txid }) => formatHash(txid)),
    payments: made.slice(BLOCK_PAYMENTS).map((transaction) => toHex(transaction.serialized())),
  };
}

function workloadsOf({ blockHash, txids, payments }: Material): readonly Workload[] {
  let sent = 0;
  return [
    repeat('getblockcount', [bodyOf('getblockcount')]),
    ...[0, 1, 2, 3].map((verbosity) => repeat(`getblock ${verbosity}`, [bodyOf('getblock', blockHash, verbosity)])),
    repeat(
      'getrawtransaction 0',
      txids.map((txid) => bodyOf('getrawtransaction', txid)),
    ),
    repeat(
      'getrawtransaction 1',
      txids.map((txid) => bodyOf('getrawtransaction', txid, 1)),
    ),
    {
      name: 'sendrawtransaction',
      nextBody: () => (sent < payments.length ? bodyOf('sendrawtransaction', payments[sent++]!) : null),
    },
  ];
}

const STALL_TITLES: readonly string[] = ['longest stall', 'of it CPU'];

function stallTexts(stall: LoopReport | null): readonly string[] {
  return [stall?.longestMs, stall?.longestCpuMs].map((ms) => (typeof ms === 'number' ? ms.toFixed(1) : '-'));
}

async function benchCalls(subject: RpcSubject, material: Material): Promise<void> {
  const titles = ['calls', 'bytes each', 'requests/s', 'median ms', 'p99 ms', 'CPU ms each', ...STALL_TITLES];
  printRow(subject.name, ...titles);
  for (const { name, nextBody } of workloadsOf(material).filter(isWanted)) {
    // What is sent can be sent once: there the first calls count as well.
    if (name !== 'sendrawtransaction') await runLoad(subject, { clients: CLIENTS, durationMs: WARM_UP_MS, nextBody });
    await subject.takeStall();
    const before = subject.usedCpuMs();
    const result = await runLoad(subject, { clients: CLIENTS, durationMs: WINDOW_MS, nextBody });
    const after = subject.usedCpuMs();
    const stall = await subject.takeStall();
    const { calls, bytesPerAnswer, callsPerSec, medianMs, p99Ms } = result;
    const times = [medianMs, p99Ms].map((ms) => ms.toFixed(2));
    // What a loaded machine does not change: the processor time of the server for an answer.
    const cpu = before === null || after === null ? '-' : ((after - before) / calls).toFixed(2);
    const numbers = [calls, Math.round(bytesPerAnswer), callsPerSec.toFixed(1), ...times, cpu];
    printRow(`  ${name}`, ...numbers, ...stallTexts(stall));
  }
}

async function benchHuge(subject: RpcSubject, calls: readonly HugeCall[]): Promise<void> {
  console.log('');
  printRow(subject.name, 'bytes sent', 'status', 'bytes back', 'ms', ...STALL_TITLES);
  for (const call of calls.filter(isWanted)) {
    await subject.takeStall();
    const { answer, sentBytes, ms } = await sendHuge(subject, call);
    const stall = await subject.takeStall();
    printRow(`  ${call.name}`, sentBytes, answer.status, answer.bytes, ms.toFixed(1), ...stallTexts(stall));
  }
  printRow('  goal', '', '', '', '', GOAL_MS, GOAL_MS);
}

const { core = null, only = '' } = parseArgs({
  options: { core: { type: 'string' }, only: { type: 'string' } },
}).values;
const isWanted = ({ name }: { readonly name: string }): boolean => name.includes(only);
console.log(`${CLIENTS} clients, ${availableParallelism()} processors`);
await withBenchFolder(async (folder) => {
  const material = prepare(folder);
  for (const corePath of core === null ? [null] : [null, core]) {
    const own = join(folder, corePath === null ? 'tally' : 'core');
    mkdirSync(own);
    await withSubject({ ...material, folder: own, corePath }, async (subject) => {
      await benchCalls(subject, material);
      await benchHuge(subject, hugeCalls(material));
    });
    console.log('');
  }
});
