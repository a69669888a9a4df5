// What the functional tests of the chain do with a node again and again: run it to its end, ask for its coins, compare them with
// those of an independent replay.

import assert from 'node:assert/strict';
import { closeSync, openSync, writeSync } from 'node:fs';
import type { ReplayResult } from '../model/ledger-replay.ts';
import { run, type StartOptions } from './programs.ts';

/** Runs tallyd to its end, expects that it was content, and returns what it said. */
export async function runNode(folder: string, args: readonly string[] = [], options?: StartOptions): Promise<string> {
  const { code, stdout, stderr } = await run('tallyd', [`-datadir=${folder}`, ...args], options);
  assert.deepEqual([code, stderr], [0, ''], stdout);
  return stdout;
}

/** Runs tallyd, expects that it fails, and returns what it complained about. */
export async function runNodeToError(
  folder: string,
  args: readonly string[] = [],
  options?: StartOptions,
): Promise<string> {
  const { code, stderr } = await run('tallyd', [`-datadir=${folder}`, ...args], options);
  assert.equal(code, 1, stderr);
  return stderr;
}

/** What `tally utxohash` prints. */
export async function readUtxoHash(folder: string, args: readonly string[] = []): Promise<string> {
  const { code, stdout, stderr } = await run('tally', ['utxohash', `-datadir=${folder}`, ...args]);
  assert.deepEqual([code, stderr], [0, '']);
  return stdout;
}

/** The facts of `tally utxohash` by name. */
export async function readUtxoFacts(
  folder: string,
  args: readonly string[] = [],
): Promise<Readonly<Record<string, string>>> {
  const lines = (await readUtxoHash(folder, args)).trimEnd().split('\n');
  return Object.fromEntries(lines.map((line) => line.split(/ +/) as [string, string]));
}

const COIN_SAT = 100_000_000n;

/** Asserts that facts of `tally utxohash` are what a replay came to: height, tip, count, sum and both hashes. */
export function assertFactsOfReplay(facts: Readonly<Record<string, string>>, replay: ReplayResult): void {
  const { height, bestblock, txouts, total_amount, hash_serialized_3, muhash } = facts;
  const fraction = (replay.totalSat % COIN_SAT).toString().padStart(8, '0');
  assert.deepEqual(
    { height, bestblock, txouts, total_amount, hash_serialized_3, muhash },
    {
      height: String(replay.height),
      bestblock: replay.tipHash,
      txouts: String(replay.coinCount),
      total_amount: `${replay.totalSat / COIN_SAT}.${fraction}`,
      hash_serialized_3: replay.hashSerialized,
      muhash: replay.muhash,
    },
  );
}

/** Writes blocks as records of magic, size and block. */
export function writeBlockFile(path: string, magic: string, blocks: readonly Uint8Array[]): void {
  const file = openSync(path, 'w');
  try {
    for (const block of blocks) {
      const head = Buffer.alloc(8);
      head.write(magic, 'hex');
      head.writeUInt32LE(block.length, 4);
      writeSync(file, Buffer.concat([head, block]));
    }
  } finally {
    closeSync(file);
  }
}
