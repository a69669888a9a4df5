// Good inputs for the fuzz targets: from the public vectors where they are, and a few built here, so that the targets work
// everywhere.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNetworkParams } from '../../src/kernel/consensus/networks/all.ts';
import { decodeBlock } from '../../src/kernel/primitives/block.ts';
import { findProjectRoot } from '../vectors/folder.ts';
import type { VectorFolder } from '../vectors/judge.ts';
import type { FuzzSeeds } from './targets.ts';

/** Seeds above this size make slow inputs, and say little that small ones do not. */
const SEED_BYTES_MAX = 20_000;
const TRANSACTION_BYTES_MAX = 2_000;
const SEEDS_MAX = 300;

/** The example of chain parameters that the documents show people. */
function readChainParamsExamples(): string[] {
  const text = readFileSync(join(findProjectRoot(), 'docs/chain-params.md'), 'utf8');
  return [...text.matchAll(/```json\n([\s\S]*?)```/g)].map((match) => match[1]!);
}

/** Small real blocks and transactions of every age. */
export function createSeeds(folder: VectorFolder | null): FuzzSeeds {
  const blocks: Uint8Array[] = [createNetworkParams('regtest').genesis.serialized()];
  const transactions: Uint8Array[] = [];
  for (const file of folder?.files ?? []) {
    if (!file.path.startsWith('blocks/')) continue;
    const decoded = decodeBlock(file.bytes());
    if (decoded.ok) {
      if (decoded.value.totalSize <= SEED_BYTES_MAX) blocks.push(file.bytes().slice());
      for (let i = 0; i < decoded.value.txCount && i < 20; i++) {
        const transaction = decoded.value.transaction(i).serialized();
        if (transaction.length <= TRANSACTION_BYTES_MAX) transactions.push(transaction.slice());
      }
    }
    file.release();
    if (transactions.length >= SEEDS_MAX) break;
  }
  const genesis = createNetworkParams('main').genesis.transaction(0);
  return { blocks, transactions: [genesis.serialized(), ...transactions], chainParams: readChainParamsExamples() };
}
