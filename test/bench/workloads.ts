// Real work for the benchmarks: the transactions of blocks whose spent outputs are known, from the public vectors.

import { getBlockScriptFlags } from '../../src/kernel/consensus/deployments.ts';
import { createNetworkParams, type NetworkName } from '../../src/kernel/consensus/networks/all.ts';
import { type Block, decodeBlock } from '../../src/kernel/primitives/block.ts';
import { readOutpoint } from '../../src/kernel/primitives/outpoint.ts';
import { SpentOutputs } from '../../src/kernel/primitives/spent-outputs.ts';
import type { Transaction, TransactionOutput } from '../../src/kernel/primitives/transaction.ts';
import { toHex } from '../../src/kernel/util/bytes.ts';
import type { VectorFile, VectorFolder } from '../vectors/judge.ts';
import { recogniseSpendingFile } from '../vectors/spending-block.ts';

/** A transaction and what it spends. */
export interface Spend {
  readonly transaction: Transaction;
  readonly spent: SpentOutputs;
}

/** Transactions to be verified under the same flags. */
export interface Workload {
  readonly name: string;
  readonly flags: number;
  readonly spends: readonly Spend[];
  readonly inputCount: number;
}

/** A file that the benchmark cannot do without. */
export function needFile(folder: VectorFolder, path: string): VectorFile {
  const file = folder.find(path);
  if (file === undefined) throw new Error(`the benchmark needs ${path} of the vectors`);
  return file;
}

/** The block in some bytes that have been checked before. */
export function readBlock(bytes: Uint8Array): Block {
  const result = decodeBlock(bytes);
  if (!result.ok) throw result.error;
  return result.value;
}

function createWorkload(name: string, network: NetworkName, height: number, block: Block, spends: Spend[]): Workload {
  const flags = getBlockScriptFlags(createNetworkParams(network).consensus, height, block.header.blockHash);
  return { name, flags, spends, inputCount: spends.reduce((sum, { transaction }) => sum + transaction.inputCount, 0) };
}

/** All transactions of a block with its prevouts; null for a file that is none. */
export function loadSpendingBlock(folder: VectorFolder, file: VectorFile): Workload | null {
  const recognised = recogniseSpendingFile(file, folder);
  if (recognised?.kind !== 'block') return null;
  const { network, height, block, coins } = recognised.read();
  const spends: Spend[] = [];
  let next = 0;
  for (let i = 1; i < block.txCount; i++) {
    const transaction = block.transaction(i);
    spends.push({ transaction, spent: SpentOutputs.pack(coins.slice(next, next + transaction.inputCount)) });
    next += transaction.inputCount;
  }
  return createWorkload(`${network} ${height}`, network, height, block, spends);
}

/** Of a run of raw blocks, the transactions whose spent outputs are all made within the run. */
export function loadRun(folder: VectorFolder, under: string, firstHeight: number): Workload {
  const made = new Map<string, TransactionOutput>();
  const spends: Spend[] = [];
  const blocks = folder.files
    .filter((file) => file.folder === under)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((file) => readBlock(file.bytes()));
  for (const block of blocks) {
    for (let i = 0; i < block.txCount; i++) {
      const transaction = block.transaction(i);
      const outputs = i === 0 ? [] : findOutputs(transaction, made);
      if (outputs.length === transaction.inputCount) spends.push({ transaction, spent: SpentOutputs.pack(outputs) });
      for (let j = 0; j < transaction.outputCount; j++) {
        const output = { valueSat: transaction.valueSat(j), scriptPubKey: transaction.scriptPubKey(j) };
        made.set(`${toHex(transaction.txid)}:${j}`, output);
      }
    }
  }
  return createWorkload(`mainnet ${firstHeight} and on`, 'main', firstHeight, blocks[0]!, spends);
}

function findOutputs(transaction: Transaction, made: ReadonlyMap<string, TransactionOutput>): TransactionOutput[] {
  const outputs: TransactionOutput[] = [];
  for (let k = 0; k < transaction.inputCount; k++) {
    const { txid, index } = readOutpoint(transaction.bytes, transaction.prevoutStart(k));
    const output = made.get(`${toHex(txid)}:${index}`);
    if (output !== undefined) outputs.push(output);
  }
  return outputs;
}
