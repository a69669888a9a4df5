// npm run bench:import: how fast a chain is imported, and where the time goes.
//
//   npm run bench:import -- --help
//
// First step by step on one thread, then by the real chain, from the file, on all cores. The limit is what the curve alone would
// take: the chain's signatures by the rate of the bare library. Both imports end with the coins of the independent replay, or the
// benchmark fails.

import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { importFile } from '../../src/kernel/chain/block-import.ts';
import { Chainstate } from '../../src/kernel/chain/chainstate.ts';
import { OBFUSCATION_KEY_BYTES, Obfuscation } from '../../src/kernel/chain/obfuscation.ts';
import type { ScriptVerifier } from '../../src/kernel/chain/ports.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { NodeFolder } from '../../src/platform/node/folder.ts';
import { computeScriptThreads, openScriptVerifier } from '../../src/platform/node/script-workers.ts';
import { loadSecp256k1 } from '../../src/platform/node/secp256k1.ts';
import { readBlockRecords, replayFile } from '../model/ledger-replay.ts';
import { checkCoins, createBenchParams, openLevel, printRow, withBenchFolder } from './bench-chain.ts';
import { addReplay, type ChainFile, ensureChainFile } from './chain-file.ts';
import type { ChainSummary } from './chain-summary.ts';
import { type ProfileOptions, STEPS, type Stopwatches, withProfiledImport } from './import-profile.ts';
import { higherLimit, measureLimit, type Rates } from './secp-raw.ts';

/** What an import took. */
interface Totals {
  readonly wallSec: number;
  /** Of all threads. */
  readonly processorSec: number;
}

/** To reach, from the project's goals. */
const GOALS = { wallToCurve: 1.25, inputsPerSec: 100_000 };

async function timeAll(work: () => Promise<void>): Promise<Totals> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const wallSec = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { wallSec, processorSec: (user + system) / 1e6 };
}

/** Every step of every block in turn, on one thread. */
async function importInSteps(chain: ChainFile, options: ProfileOptions, folder: string): Promise<Totals> {
  let totals: Totals | null = null;
  await withProfiledImport(chain.path, folder, options, async (node) => {
    totals = await timeAll(async () => {
      const records = readBlockRecords(chain.path);
      records.next(); // the genesis block connects to nothing
      for (;;) {
        const record = node.watches.run('read', () => records.next());
        if (record.done === true) break;
        await node.connect(record.value);
      }
      await node.flush('empty');
    });
    printSteps(node.watches, node.inputCount);
    await checkCoins(chain.summary, node.coins);
  });
  return totals!;
}

function printSteps(watches: Stopwatches, inputCount: number): void {
  printRow('step', 'seconds', 'share', 'µs/input');
  for (const step of STEPS) {
    const ms = watches.ms[step];
    const share = `${((100 * ms) / watches.totalMs).toFixed(1)} %`;
    printRow(step, (ms / 1000).toFixed(2), share, ((1000 * ms) / inputCount).toFixed(2));
  }
}

/** The files of the generator are as they are. */
const NOT_OBFUSCATED = new Obfuscation(new Uint8Array(OBFUSCATION_KEY_BYTES));

/** Finds every script good. */
const SKIPPING_VERIFIER: ScriptVerifier = { verify: () => Promise.resolve(null), close: () => Promise.resolve() };

async function openVerifier({ hasScripts }: ProfileOptions): Promise<ScriptVerifier> {
  if (!hasScripts) return SKIPPING_VERIFIER;
  return openScriptVerifier(computeScriptThreads(0, availableParallelism()), loadSecp256k1().backend);
}

/** The chain as a node runs it. */
async function importAsNode(chain: ChainFile, options: ProfileOptions, folder: string): Promise<Totals> {
  const params = createBenchParams(chain.path);
  mkdirSync(join(folder, 'blocks', 'index'), { recursive: true });
  const rng = createRng(1);
  const nowSec = Math.floor(Date.now() / 1000);
  const indexStore = await openLevel(join(folder, 'blocks', 'index'));
  const coinsStore = await openLevel(join(folder, 'chainstate'));
  const verifier = await openVerifier(options);
  const ports = {
    indexStore,
    coinsStore,
    blockFolder: new NodeFolder(join(folder, 'blocks')),
    verifier,
    secp: loadSecp256k1().backend,
    rng,
  };
  const node = await Chainstate.open({ params, coinsCacheBytes: options.cacheBytes, assumeValid: null }, ports);
  const source = new NodeFolder(dirname(chain.path));
  const totals = await timeAll(async () => {
    await node.import(
      () => nowSec,
      (target) => importFile(source, basename(chain.path), NOT_OBFUSCATED, { params, target, rng }),
    );
    await node.flush(nowSec, 'empty');
  });
  if (node.height !== chain.summary.height) throw new Error(`the node stopped at height ${node.height}`);
  await checkCoins(chain.summary, node.state.coins);
  await node.close(nowSec);
  await verifier.close();
  await indexStore.close();
  await coinsStore.close();
  return totals;
}

/** Seconds of one core that the curve alone needs for all signatures, and for all checks, of which a multisig makes more. */
function curveSeconds({ work }: ChainSummary, limits: Rates): { readonly signatures: number; readonly checks: number } {
  const { signatures, ecdsaChecks, schnorrChecks, tweakChecks } = work;
  return {
    signatures: (signatures - schnorrChecks) / limits.ecdsa + schnorrChecks / limits.schnorr,
    checks: ecdsaChecks / limits.ecdsa + (schnorrChecks + tweakChecks) / limits.schnorr,
  };
}

function printTotals(summary: ChainSummary, totals: Totals, options: ProfileOptions, limits: Rates | null): void {
  const { wallSec, processorSec } = totals;
  const rate = (seconds: number): string => `${Math.round(summary.inputs / seconds)} in/s`;
  printRow('time on the clock', `${wallSec.toFixed(2)} s`, rate(wallSec));
  printRow('time of processors', `${processorSec.toFixed(2)} s`, rate(processorSec));
  const residentMb = process.resourceUsage().maxRSS / 1024;
  printRow(
    'memory at its highest',
    `${Math.round(residentMb)} MB`,
    `dbcache + ${Math.round(residentMb - options.cacheBytes / 2 ** 20)}`,
  );
  if (limits === null) return;
  const cores = availableParallelism();
  const curve = curveSeconds(summary, limits);
  printRow(`signatures ÷ curve ÷ ${cores} cores`, `${(curve.signatures / cores).toFixed(2)} s`);
  printRow('… time on the clock to it', ((wallSec * cores) / curve.signatures).toFixed(3));
  printRow('… time of processors to it', (processorSec / curve.signatures).toFixed(3));
  printRow('… time of processors to all checks', (processorSec / curve.checks).toFixed(3));
}

/** Imports, with the limit measured before and after: the machine may be slower at one time than at another. */
async function report(summary: ChainSummary, options: ProfileOptions, run: () => Promise<Totals>): Promise<void> {
  if (!options.hasScripts) {
    printTotals(summary, await run(), options, null);
    return;
  }
  const { backend } = loadSecp256k1();
  const before = measureLimit(backend);
  const totals = await run();
  const limit = higherLimit(before, measureLimit(backend));
  printRow('curve per core and second', Math.round(limit.ecdsa), Math.round(limit.schnorr), limit.name);
  printTotals(summary, totals, options, limit);
}

/** The chain with the result of its replay, which is made where it is missing. */
function withReplay(chain: ChainFile): ChainFile {
  if (chain.summary.replay !== undefined) return chain;
  console.log('replaying the chain the slow way, which happens once');
  return { path: chain.path, summary: addReplay(chain, replayFile(chain.path)) };
}

const HELP = `npm run bench:import -- [options]: how fast a generated chain is imported, and where the time goes
  --transactions N  size of the chain (500000); one that is not there yet is generated, which takes minutes
  --seed S          another chain of the same kind (1)
  --dbcache MB      memory for coins (450)
  --no-scripts      skips the scripts, as below an assumed valid block
  --only steps      step by step on one thread, and not as a node does it
  --only node       as a node does it, on all cores, and not step by step`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      transactions: { type: 'string', default: '500000' },
      seed: { type: 'string', default: '1' },
      dbcache: { type: 'string', default: '450' },
      'no-scripts': { type: 'boolean', default: false },
      only: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  if (values.only !== undefined && values.only !== 'steps' && values.only !== 'node') {
    throw new Error(`--only is steps or node, and not ${values.only}`);
  }
  const chain = withReplay(ensureChainFile({ transactions: Number(values.transactions), seed: Number(values.seed) }));
  const options = { cacheBytes: Number(values.dbcache) * 2 ** 20, hasScripts: !values['no-scripts'] };
  const { transactions, inputs, work } = chain.summary;
  console.log(`${transactions} transactions, ${inputs} inputs, ${work.signatures} signatures; Node ${process.version}`);
  console.log(
    `goals: with scripts ≤ ${GOALS.wallToCurve} × the curve alone, without ≥ ${GOALS.inputsPerSec} inputs per second`,
  );
  if (values.only !== 'node') {
    console.log('\none thread, step by step');
    await report(chain.summary, options, () => withBenchFolder((folder) => importInSteps(chain, options, folder)));
  }
  if (values.only !== 'steps') {
    console.log('\nthe chain of a node');
    await report(chain.summary, options, () => withBenchFolder((folder) => importAsNode(chain, options, folder)));
  }
}

await main();
