// npm run bench:flat: what a coin costs when there are many of them, scripts skipped.
//
//   npm run bench:flat -- [--millions N] [--dbcache MB]
//
// At each million, two groups of blocks are timed step by step on one thread: one spends coins of the ages that wallets spend, the
// other any coins with equal chance, which is as bad as it can get for a cache. Flushes are shown apart: seconds since the million
// before.

import { parseArgs } from 'node:util';
import { readBlockRecords } from '../model/ledger-replay.ts';
import { printRow, withBenchFolder } from './bench-chain.ts';
import { ensureFlatChain, type FlatChain, type FlatProbe } from './flat-chain.ts';
import { type ProfiledImport, type Step, withProfiledImport } from './import-profile.ts';

/** The steps that have to do with coins; the others depend on the bytes of blocks alone. */
const COIN_STEPS: readonly Step[] = ['fetch coins', 'connect', 'update coins'];

/** Stopwatches at some moment. */
interface Reading {
  readonly ms: Readonly<Record<Step, number>>;
  readonly totalMs: number;
  readonly inputCount: number;
  /** Milliseconds of processors, of all threads. */
  readonly processorMs: number;
}

function readNow({ watches, inputCount }: ProfiledImport): Reading {
  const { user, system } = process.cpuUsage();
  return { ms: { ...watches.ms }, totalMs: watches.totalMs, inputCount, processorMs: (user + system) / 1000 };
}

/** Microseconds per input between two readings, flushes left out. */
interface Costs {
  /** Of each step that touches coins. */
  readonly steps: readonly number[];
  readonly all: number;
  /** The same in time of processors, which a busy machine does not spoil; a flush in between counts. */
  readonly processor: number;
}

function costs(before: Reading, after: Reading): Costs {
  const inputs = after.inputCount - before.inputCount;
  const perInput = (ms: number): number => (1000 * ms) / inputs;
  const flushMs = after.ms.flush - before.ms.flush;
  return {
    steps: COIN_STEPS.map((step) => perInput(after.ms[step] - before.ms[step])),
    all: perInput(after.totalMs - before.totalMs - flushMs),
    processor: perInput(after.processorMs - before.processorMs),
  };
}

function printProbe(probe: FlatProbe, cost: Costs, first: Costs, flushSec: number): void {
  const cells = [...cost.steps, cost.all, cost.processor].map((us) => us.toFixed(2));
  const flush = probe.ages === 'realistic' ? flushSec.toFixed(2) : '';
  printRow(
    `${probe.millions} million, ${probe.ages} ages`,
    ...cells,
    (cost.processor / first.processor).toFixed(2),
    flush,
  );
}

async function run(chain: FlatChain, node: ProfiledImport): Promise<void> {
  printRow('µs per input', ...COIN_STEPS, 'all steps', 'processors', 'to the first', 'flushes, s');
  const firsts: Partial<Record<FlatProbe['ages'], Costs>> = {};
  let flushedMs = 0;
  let before = readNow(node);
  let next = 0;
  const records = readBlockRecords(chain.path);
  records.next();
  for (const record of records) {
    const probe = chain.probes[next];
    if (probe?.firstHeight === node.height + 1) before = readNow(node);
    await node.connect(record);
    if (probe?.lastHeight !== node.height) continue;
    const after = readNow(node);
    const cost = costs(before, after);
    firsts[probe.ages] ??= cost;
    printProbe(probe, cost, firsts[probe.ages]!, (after.ms.flush - flushedMs) / 1000);
    if (probe.ages === 'realistic') flushedMs = after.ms.flush;
    next++;
  }
  await node.flush('empty');
  printRow('memory at its highest', `${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
}

const HELP = `npm run bench:flat -- [options]: what an input costs among one to many million coins, scripts skipped
  --millions N  coins at the end (10)
  --dbcache MB  memory for coins (450)`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      millions: { type: 'string', default: '10' },
      dbcache: { type: 'string', default: '450' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const chain = ensureFlatChain(Number(values.millions), 1);
  const options = { cacheBytes: Number(values.dbcache) * 2 ** 20, hasScripts: false };
  await withBenchFolder((folder) => withProfiledImport(chain.path, folder, options, (node) => run(chain, node)));
}

await main();
