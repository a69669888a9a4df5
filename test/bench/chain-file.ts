// Generated chains on disk: records of magic, size and block from the genesis block on, as in Core's bootstrap.dat, with a sheet
// of counts beside them. Kept in build/chains under a name that tells what they were made from, so that none is made twice.

import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { writeU32 } from '../../src/kernel/encoding/numbers.ts';
import type { Block } from '../../src/kernel/primitives/block.ts';
import type { ReplayResult } from '../model/ledger-replay.ts';
import { findProjectRoot } from '../vectors/folder.ts';
import { ChainGenerator, type ChainOptions } from './chain-generator.ts';
import { REALISTIC } from './chain-profile.ts';
import type { ChainSummary } from './chain-summary.ts';

/** To be raised whenever the same options give another chain than before, so that kept files are made anew. */
const GENERATOR_VERSION = 1;

/** A chain on disk. */
export interface ChainFile {
  readonly path: string;
  readonly summary: ChainSummary;
}

/** Told after each block: transactions so far, and bytes written. */
export type ChainProgress = (transactions: number, bytes: number) => void;

/** Where the sheet of a chain lies. */
export function sheetPath(path: string): string {
  return `${path.replace(/\.dat$/, '')}.json`;
}

/** Where a chain is kept when nobody says where. */
export function defaultChainPath(options: ChainOptions): string {
  const { transactions, seed, transactionsPerBlock = null, profile = REALISTIC } = options;
  const recipe = JSON.stringify({ GENERATOR_VERSION, transactions, seed, transactionsPerBlock, profile });
  const fingerprint = createHash('sha256').update(recipe).digest('hex').slice(0, 8);
  return join(findProjectRoot(), 'build', 'chains', `regtest-${transactions}-seed${seed}-${fingerprint}.dat`);
}

/** A file of block records in the making; it has its name only when it is complete. */
export class BlockRecordFile {
  readonly #path: string;
  readonly #unfinished: string;
  readonly #file: number;
  readonly #magic: Uint8Array;
  /** Bytes written. */
  bytes = 0;

  constructor(path: string, magic: Uint8Array) {
    mkdirSync(dirname(path), { recursive: true });
    this.#path = path;
    this.#unfinished = `${path}.unfinished`;
    this.#file = openSync(this.#unfinished, 'w');
    this.#magic = magic;
  }

  append(block: Block): void {
    const record = recordOf(this.#magic, block);
    for (let at = 0; at < record.length; ) at += writeSync(this.#file, record, at);
    this.bytes += record.length;
  }

  /** Writes the sheet, and gives the file its name. */
  finish(sheet: object): void {
    closeSync(this.#file);
    writeFileSync(sheetPath(this.#path), `${JSON.stringify(sheet, null, 2)}\n`);
    renameSync(this.#unfinished, this.#path);
  }
}

/** Generates a chain into a file. */
export function writeChainFile(path: string, options: ChainOptions, onProgress?: ChainProgress): ChainFile {
  const generator = new ChainGenerator(options);
  const file = new BlockRecordFile(path, generator.params.magic);
  file.append(generator.params.genesis);
  for (let block = generator.nextBlock(); block !== null; block = generator.nextBlock()) {
    file.append(block);
    onProgress?.(generator.transactionCount, file.bytes);
  }
  const { summary } = generator;
  file.finish(summary);
  return { path, summary };
}

function recordOf(magic: Uint8Array, block: Block): Uint8Array {
  const record = new Uint8Array(8 + block.totalSize);
  record.set(magic, 0);
  writeU32(record, 4, block.totalSize);
  record.set(block.serialized(), 8);
  return record;
}

/** A chain that is there already. */
export function openChainFile(path: string): ChainFile {
  return { path, summary: JSON.parse(readFileSync(sheetPath(path), 'utf8')) as ChainSummary };
}

/** The kept chain of these options; generated if there is none yet. */
export function ensureChainFile(options: ChainOptions, onProgress?: ChainProgress): ChainFile {
  const path = defaultChainPath(options);
  return existsSync(path) ? openChainFile(path) : writeChainFile(path, options, onProgress);
}

/** Adds what a replay of the chain came to, to its sheet. */
export function addReplay(chain: ChainFile, replay: ReplayResult): ChainSummary {
  const { totalSat, ...rest } = replay;
  const summary = { ...chain.summary, replay: { ...rest, totalSat: String(totalSat) } };
  writeFileSync(sheetPath(chain.path), `${JSON.stringify(summary, null, 2)}\n`);
  return summary;
}
