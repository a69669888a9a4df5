// npm run fuzz -- [COUNT] [--seed N] [--only TARGET] [--input INDEX]: mutated inputs for every door of the kernel. Prints the fault,
// if any, with the numbers that make the same input again. Ends non-zero on a fault.

import { toHex } from '../../src/kernel/util/bytes.ts';
import { openVectorFolder, vectorsPath } from '../vectors/folder.ts';
import { createInput, runFuzz } from './run.ts';
import { createSeeds } from './seeds.ts';
import { createTargets } from './targets.ts';

const COUNT_DEFAULT = 1_000_000;

function readNumber(name: string): number | undefined {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : Number(process.argv[at + 1]);
}

function showProgress(done: number, count: number, started: number): void {
  if (!process.stderr.isTTY) return;
  const share = done / count;
  const left = Math.round(((performance.now() - started) / 1000) * (1 / share - 1));
  const bar = '█'.repeat(Math.round(30 * share)).padEnd(30, '░');
  process.stderr.write(`\r${bar} ${Math.round(100 * share)} %  ${done} inputs, ${left} s left `);
}

function main(): number {
  const targets = createTargets(createSeeds(openVectorFolder(vectorsPath())));
  const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : undefined;
  const chosen = only === undefined ? targets : targets.filter((target) => target.name === only);
  if (chosen.length === 0) {
    console.error(`no target '${only}'; there are: ${targets.map((target) => target.name).join(', ')}`);
    return 2;
  }
  const seed = readNumber('--seed') ?? 1;
  const first = readNumber('--input');
  const count = first === undefined ? Number(process.argv[2] ?? COUNT_DEFAULT) || COUNT_DEFAULT : 1;
  const started = performance.now();
  const report = runFuzz(chosen, seed, count, first ?? 0, (done) => showProgress(done, count, started));
  if (process.stderr.isTTY) process.stderr.write('\n');
  for (const [name, accepted] of report.accepted) console.log(`${name.padEnd(32)} ${accepted} accepted`);
  console.log(`slowest answer ${report.slowestMs.toFixed(1)} ms`);
  const { fault } = report;
  if (fault !== null) {
    const { target, input } = createInput(chosen, seed, fault.index);
    console.error(`fault in '${fault.target}', again with: npm run fuzz -- --seed ${seed} --input ${fault.index}`);
    if (only !== undefined) console.error(`(and --only '${target.name}')`);
    console.error(toHex(input));
    console.error(fault.error);
  }
  console.log(`\n${report.inputs - (fault === null ? 0 : 1)} passed, ${fault === null ? 0 : 1} failed`);
  return fault === null ? 0 : 1;
}

process.exitCode = main();
