// npm run bench:chain: generates a realistic chain into a file.
//
//   npm run bench:chain -- [--transactions N] [--seed S] [--per-block N] [--out FILE] [--replay]
//
// Without --out the file goes to build/chains and is made only once. --replay also replays it the slow way and adds the result to
// its sheet: what a node must come to when it imports the file.

import { parseArgs } from 'node:util';
import { replayFile } from '../model/ledger-replay.ts';
import { addReplay, type ChainProgress, ensureChainFile, writeChainFile } from './chain-file.ts';
import type { ChainOptions } from './chain-generator.ts';

const PROGRESS_INTERVAL_MS = 2000;

function readCount(name: string, text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 0) throw new Error(`--${name} takes a whole number, not ${text}`);
  return count;
}

function createProgress(total: number): ChainProgress {
  const start = performance.now();
  let printed = start;
  return (transactions, bytes) => {
    const now = performance.now();
    if (now - printed < PROGRESS_INTERVAL_MS) return;
    printed = now;
    const perSecond = Math.round(transactions / ((now - start) / 1000));
    console.error(`${transactions} of ${total} transactions, ${(bytes / 1e6).toFixed(0)} MB, ${perSecond} per second`);
  };
}

function main(): void {
  const { values } = parseArgs({
    options: {
      transactions: { type: 'string', default: '500000' },
      seed: { type: 'string', default: '1' },
      'per-block': { type: 'string' },
      out: { type: 'string' },
      replay: { type: 'boolean', default: false },
    },
  });
  const transactions = readCount('transactions', values.transactions);
  const perBlock = values['per-block'];
  const options: ChainOptions = {
    transactions,
    seed: readCount('seed', values.seed),
    ...(perBlock === undefined ? {} : { transactionsPerBlock: readCount('per-block', perBlock) }),
  };
  const progress = createProgress(transactions);
  const chain =
    values.out === undefined ? ensureChainFile(options, progress) : writeChainFile(values.out, options, progress);
  const sheet = values.replay ? addReplay(chain, replayFile(chain.path)) : chain.summary;
  console.log(JSON.stringify(sheet, null, 2));
  console.log(chain.path);
}

main();
