// The command `tally sim`: whole nodes in one process and in virtual time, under faults and attacks that a seed draws, checked
// against a reference ledger. The same seed does the same, so that a failure is one line to repeat. Touches no file and no network.

import { err, ok, type Result } from '../kernel/util/result.ts';
import { GroundworkShelf } from '../sim/groundwork.ts';
import { findMutant, MUTANTS, type Mutant } from '../sim/mutants.ts';
import { formatReport, formatSummary, type SimReport } from '../sim/report.ts';
import { type RunOptions, runSeed } from '../sim/runner.ts';
import { startNode } from '../sim/running-node.ts';
import type { Simulation } from '../sim/simulation.ts';
import { LARGE_SWARM, MEDIUM_SWARM, SMALL_SWARM, type SwarmLimits } from '../sim/swarm.ts';
import { formatVirtualTime } from '../sim/trace.ts';
import { EXIT_FAILURE, EXIT_SUCCESS, formatError } from './error-text.ts';
import type { Output } from './output.ts';

const HELP = `Usage: tally sim [options]

Runs simulated networks of whole nodes in virtual time: crashes, power cuts,
partitions, bad disks and clocks, hostile peers and dishonest miners, drawn
from a seed. First chaos, then peace, in which all nodes must agree; at the
end every book is compared with a reference ledger, coin by coin.

  --seed=<n>
       The seed of the (first) run. (default: 1)

  --seeds=<count>
       Run so many seeds, one after another. (default: 1)

  --nodes=<k>
       Nodes, instead of as many as the seed draws.

  --days=<d>
       Length of the chaos in virtual days, fractions allowed, instead of what
       the seed draws.

  --size=<small|medium|large>
       What seeds draw from: up to 6 nodes and 30 block intervals, 12 and 80,
       or 30 and 200. (default: small)

  --bug=<name>
       Build a bug into every node, to see whether it is found. One of:
${MUTANTS.map(({ name, sentence }) => `         ${name}: ${sentence}`).join('\n')}

  --twice
       Run every seed twice and compare what happened.

  --help
       Print this.

The exit code is 1 when a run fails; the line that repeats it is printed.
`;

/** How often the line of progress is drawn. */
const PROGRESS_MS = 500;

const SIZES: Readonly<Record<string, SwarmLimits>> = Object.freeze({
  small: SMALL_SWARM,
  medium: MEDIUM_SWARM,
  large: LARGE_SWARM,
});

interface SimArguments {
  readonly seed: number;
  readonly count: number;
  readonly nodeCount: number | null;
  readonly days: number | null;
  readonly size: string;
  readonly mutant: Mutant | null;
  readonly isTwice: boolean;
  readonly asksForHelp: boolean;
}

/** Runs the command; resolves to the exit code. */
export async function runSimCommand(argv: readonly string[], output: Output): Promise<number> {
  const parsed = parseSimArguments(argv);
  if (!parsed.ok) {
    output.complain(formatError(`${parsed.error}; see tally sim --help.`));
    return EXIT_FAILURE;
  }
  if (parsed.value.asksForHelp) {
    output.print(HELP);
    return EXIT_SUCCESS;
  }
  return new SimCommand(parsed.value, output).run();
}

/** One call of the command. */
class SimCommand {
  readonly #arguments: SimArguments;
  readonly #output: Output;
  readonly #shelf: GroundworkShelf = new GroundworkShelf();
  #current: Simulation | null = null;
  #seed = 0;

  constructor(parsed: SimArguments, output: Output) {
    this.#arguments = parsed;
    this.#output = output;
  }

  async run(): Promise<number> {
    const { seed, count, isTwice } = this.#arguments;
    const onRejection = (error: unknown): void => this.#stopFor(error);
    process.on('unhandledRejection', onRejection);
    let failedCount = 0;
    for (let i = 0; i < count; i++) {
      this.#seed = seed + i;
      const report = await this.#watched(this.#seed);
      const again = isTwice ? await this.#watched(this.#seed) : report;
      const isSame = again.traceHash === report.traceHash;
      this.#output.print(`${count === 1 || report.failure !== null ? formatReport(report) : formatSummary(report)}\n`);
      if (!isSame) this.#output.print(`  the second run did something else: trace ${again.traceHash}\n`);
      if (report.failure === null && isSame) continue;
      failedCount++;
      this.#output.print(`  to repeat it: ${this.#repeatLine(this.#seed)}\n`);
    }
    process.off('unhandledRejection', onRejection);
    if (count > 1) this.#output.print(`${count} seeds, ${failedCount} failed\n`);
    return failedCount === 0 ? EXIT_SUCCESS : EXIT_FAILURE;
  }

  async #watched(seed: number): Promise<SimReport> {
    const { terminal } = this.#output;
    const timer =
      terminal === null ? null : setInterval(() => terminal.write(`\r${this.#describeProgress()}\x1b[K`), PROGRESS_MS);
    try {
      return await runSeed(seed, this.#runOptions(seed));
    } finally {
      if (timer !== null) clearInterval(timer);
      terminal?.write('\r\x1b[K');
    }
  }

  #runOptions(seed: number): RunOptions {
    const { nodeCount, days, size, mutant } = this.#arguments;
    return {
      host: { drain: () => new Promise((resolve) => setImmediate(resolve)) },
      startNode,
      shelf: this.#shelf,
      limits: SIZES[size] ?? SMALL_SWARM,
      ...(nodeCount === null ? {} : { nodeCount }),
      ...(days === null ? {} : { chaosDays: days }),
      ...(mutant === null ? {} : { mutant }),
      onReady: (simulation) => {
        this.#current = simulation;
        this.#seed = seed;
      },
    };
  }

  #describeProgress(): string {
    const { world, nodes } = this.#current ?? {};
    if (world === undefined || nodes === undefined) return '';
    const heights = nodes.map((node) => node.ledgerTip()?.height ?? '-').join(' ');
    return `seed ${this.#seed}: ${formatVirtualTime(world.nowMs)}, heights ${heights}`.slice(0, 100);
  }

  /** The line that does the same again. */
  #repeatLine(seed: number): string {
    const { nodeCount, days, size, mutant } = this.#arguments;
    const parts = [`tally sim --seed=${seed}`];
    if (size !== 'small') parts.push(`--size=${size}`);
    if (nodeCount !== null) parts.push(`--nodes=${nodeCount}`);
    if (days !== null) parts.push(`--days=${days}`);
    if (mutant !== null) parts.push(`--bug=${mutant.name}`);
    return parts.join(' ');
  }

  /** A promise that nobody waits for was rejected: a bug in a node, which the runner cannot see. */
  #stopFor(error: unknown): void {
    this.#output.print(`seed ${this.#seed}: FAILED (unhandled rejection)\n${describeThrown(error)}\n`);
    this.#output.print(`  to repeat it: ${this.#repeatLine(this.#seed)}\n`);
    process.exit(EXIT_FAILURE);
  }
}

function describeThrown(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Reads the command line of `tally sim`, `--name value` and `--name=value`, with one dash or two. */
export function parseSimArguments(argv: readonly string[]): Result<SimArguments, string> {
  const values = new Map<string, string>();
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const match = /^--?([a-z?]+)(?:=(.*))?$/.exec(word);
    const name = match?.[1];
    if (name === undefined || !(name in READERS)) return err(`Invalid parameter ${word}`);
    const isFlag = FLAGS.includes(name);
    const value = match?.[2] ?? (isFlag ? '1' : words.shift());
    if (value === undefined) return err(`--${name} needs a value`);
    if (!READERS[name]!.test(value)) return err(`--${name} cannot be '${value}'`);
    values.set(name, value);
  }
  const number = (name: string): number | null => (values.has(name) ? Number(values.get(name)) : null);
  const bug = values.get('bug');
  const mutant = bug === undefined ? null : findMutant(bug);
  if (mutant === undefined) return err(`There is no bug named ${bug}`);
  return ok({
    seed: number('seed') ?? 1,
    count: number('seeds') ?? 1,
    nodeCount: number('nodes'),
    days: number('days'),
    size: values.get('size') ?? 'small',
    mutant,
    isTwice: values.has('twice'),
    asksForHelp: FLAGS.some((name) => name !== 'twice' && values.has(name)),
  });
}

const FLAGS: readonly string[] = ['twice', 'help', 'h', '?'];

/** Options, and what their values look like. */
const READERS: Readonly<Record<string, RegExp>> = Object.freeze({
  seed: /^\d{1,15}$/,
  seeds: /^[1-9]\d{0,6}$/,
  nodes: /^([2-9]|[1-6]\d)$/,
  days: /^(\d{1,3}(\.\d{1,4})?)$/,
  size: /^(small|medium|large)$/,
  bug: /^[a-z-]+$/,
  twice: /^1$/,
  help: /^1$/,
  h: /^1$/,
  '?': /^1$/,
});
