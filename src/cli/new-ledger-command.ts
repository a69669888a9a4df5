// The command `tally new-ledger`: writes the chain-parameters file of a ledger of one's own and says how to begin. It touches no data
// folder and no network, and never writes over a file.

import { writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { COIN, formatAmount, parseAmount } from '../kernel/primitives/amount.ts';
import { formatHash } from '../kernel/primitives/hashes.ts';
import { err, ok, type Result } from '../kernel/util/result.ts';
import { EXIT_FAILURE, EXIT_SUCCESS, formatError } from './error-text.ts';
import {
  type ChoiceFault,
  createLedger,
  type LedgerChoices,
  type NewLedger,
  proposePort,
  proposePrefix,
} from './new-ledger.ts';
import type { Output } from './output.ts';

const INTERVAL_SEC_DEFAULT = 60;
const INTERVAL_SEC_MAX = 86_400;
/** An hour of pages at the default interval: soon enough for a village, long enough for luck to even out. */
const PERIOD_PAGES_DEFAULT = 60;
const PERIOD_PAGES_MAX = 10_000;
const REWARD_COINS_DEFAULT = 50;
const HALVING_PAGES_DEFAULT = 210_000;
const HALVING_PAGES_MAX: number = 2 ** 31 - 1;
/** A fraction of a second of one processor core. */
const EASIEST_HASHES_DEFAULT: number = 2 ** 20;

const HELP = `Usage: tally new-ledger <name> [options]

Begins a ledger of your own: mines its first page and writes the file that
everybody needs who is to keep it, <name>.json. The name is a letter and up to
31 more letters, digits or hyphens, all lower case.

  --message=<text>
       What the first page says, up to 91 bytes for good. A headline of the
       day proves that nobody began earlier. (default: name and date)

  --interval=<seconds>
       Wanted time between two pages. (default: ${INTERVAL_SEC_DEFAULT})

  --period=<pages>
       The difficulty adapts after so many pages. Fewer follow the miners
       faster, more are steadier; pages come a little slower than wanted, by
       about two intervals per period. (default: ${PERIOD_PAGES_DEFAULT})

  --reward=<coins>
       What a page pays to its miner at first. (default: ${REWARD_COINS_DEFAULT})

  --halving=<pages>
       The reward halves after so many pages, again and again. All rewards
       together stay below 21 million coins. (default: ${HALVING_PAGES_DEFAULT})

  --easiest=<hashes>
       Hashes that the easiest page costs on average; the first pages do.
       (default: ${EASIEST_HASHES_DEFAULT})

  --port=<port>
       Port of the nodes; the one below it is for RPC, the one above for Tor.
       (default: follows from the name)

  --prefix=<letters>
       How addresses begin. (default: follows from the name)

  --file=<path>
       File to write; it must not exist. (default: <name>.json)

  --help
       Print this.
`;

/** The option behind a field of the file, for errors. */
const OPTION_OF_FIELD: Readonly<Record<string, string>> = Object.freeze({
  name: '<name>',
  'genesis.message': '--message',
  blockIntervalSec: '--interval',
  retargetTimespanSec: '--period',
  rewardSat: '--reward',
  halvingIntervalBlocks: '--halving',
  powLimit: '--easiest',
  'ports.p2p': '--port',
  'ports.rpc': '--port',
  'ports.onion': '--port',
  'prefixes.bech32Hrp': '--prefix',
});

const OPTIONS: readonly string[] = [
  'message',
  'interval',
  'period',
  'reward',
  'halving',
  'easiest',
  'port',
  'prefix',
  'file',
];

const HELP_OPTIONS: readonly string[] = ['help', 'h', '?'];

/** A command line that was read. */
interface NewLedgerArguments {
  readonly choices: LedgerChoices;
  readonly path: string;
}

/** Runs the command; resolves to the exit code. `nowSec` becomes the date of the first page. */
export async function runNewLedgerCommand(
  argv: readonly string[],
  output: Output,
  nowSec: number = Math.floor(Date.now() / 1000),
): Promise<number> {
  const fail = (message: string): number => {
    output.complain(formatError(message));
    return EXIT_FAILURE;
  };
  if (argv.some((word) => HELP_OPTIONS.includes(word.replace(/^--?/, '')) && word.startsWith('-'))) {
    output.print(HELP);
    return EXIT_SUCCESS;
  }
  const parsed = parseNewLedgerArguments(argv, nowSec);
  if (!parsed.ok) return fail(`${parsed.error}; see tally new-ledger --help.`);
  const { choices, path } = parsed.value;
  const ledger = createLedger(choices);
  if (!ledger.ok) return fail(`${describeFault(ledger.error)}; see tally new-ledger --help.`);
  try {
    // Read by whoever keeps the ledger: nothing in it is a secret.
    writeFileSync(path, ledger.value.text, { flag: 'wx', mode: 0o644 });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return fail(
      code === 'EEXIST'
        ? `The file ${path} exists, and nothing is written over it.\nName another one with --file, or move it away.`
        : `The file ${path} could not be written: ${message}`,
    );
  }
  output.print(describeLedger(ledger.value, choices, path));
  return EXIT_SUCCESS;
}

/** Names the option, and the field of the file when a person would not know it by that. */
function describeFault({ field, got, expected }: ChoiceFault): string {
  const option = OPTION_OF_FIELD[field];
  return `${option === undefined ? field : `${option} (${field})`}: got ${got}, expected ${expected}`;
}

/** Reads the command line of `tally new-ledger`; options stand before or after the name, with one dash or two. */
export function parseNewLedgerArguments(argv: readonly string[], nowSec: number): Result<NewLedgerArguments, string> {
  const values = new Map<string, string>();
  const words: string[] = [];
  for (const word of argv) {
    const match = /^--?([a-z]+)=(.*)$/s.exec(word);
    if (match !== null && OPTIONS.includes(match[1]!)) values.set(match[1]!, match[2]!);
    else if (!word.startsWith('-')) words.push(word);
    else if (OPTIONS.includes(word.replace(/^--?/, ''))) return err(`${word} needs a value: ${word}=…`);
    else return err(`Invalid parameter ${word}`);
  }
  const [name, ...rest] = words;
  if (name === undefined) return err('<name>: got nothing, expected the name of the ledger');
  if (rest.length > 0) return err(`Invalid parameter ${rest[0]}; a name has no spaces, and options begin with --`);
  return readChoices(name, values, nowSec);
}

function readChoices(
  name: string,
  values: ReadonlyMap<string, string>,
  nowSec: number,
): Result<NewLedgerArguments, string> {
  const faults: string[] = [];
  const integer = (option: string, min: number, max: number, otherwise: number): number => {
    const text = values.get(option);
    if (text === undefined) return otherwise;
    const value = Number(text);
    if (/^\d{1,15}$/.test(text) && value >= min && value <= max) return value;
    faults.push(`--${option}: got ${JSON.stringify(text)}, expected a whole number from ${min} to ${max}`);
    return otherwise;
  };
  const rewardText = values.get('reward');
  const reward = rewardText === undefined ? ok(REWARD_COINS_DEFAULT * COIN) : parseAmount(rewardText);
  if (!reward.ok) {
    faults.push(`--reward: got ${JSON.stringify(rewardText)}, expected coins as a number of at most 8 decimals`);
  }
  const choices: LedgerChoices = {
    name,
    message: values.get('message') ?? `${name}: books begun on ${formatDate(nowSec)}`,
    intervalSec: integer('interval', 1, INTERVAL_SEC_MAX, INTERVAL_SEC_DEFAULT),
    // A quarter of a period must be a second at least, which the file's own check sees to.
    periodPages: integer('period', 2, PERIOD_PAGES_MAX, PERIOD_PAGES_DEFAULT),
    rewardSat: reward.ok ? reward.value : 0,
    halvingPages: integer('halving', 1, HALVING_PAGES_MAX, HALVING_PAGES_DEFAULT),
    easiestHashes: integer('easiest', 1, Number.MAX_SAFE_INTEGER, EASIEST_HASHES_DEFAULT),
    port: integer('port', 2, 65_534, proposePort(name)),
    prefix: values.get('prefix') ?? proposePrefix(name),
    timeSec: nowSec,
  };
  const fault = faults[0];
  return fault === undefined ? ok({ choices, path: values.get('file') ?? `${name}.json` }) : err(fault);
}

function formatDate(timeSec: number): string {
  return new Date(1000 * timeSec).toISOString().slice(0, 10);
}

/** What a person is told at the end. */
function describeLedger({ params }: NewLedger, choices: LedgerChoices, path: string): string {
  const { genesis, ports, consensus } = params;
  const named = quotePath(path);
  return `The ledger ${params.name} is ready to begin.

  first page   ${formatHash(genesis.header.blockHash)}
               "${choices.message}"
  pages        one about every ${choices.intervalSec} seconds, difficulty adapts every ${consensus.pow.interval} pages
  reward       ${formatAmount(choices.rewardSat)} coins, halved every ${choices.halvingPages} pages
  addresses    begin with ${params.prefixes.bech32Hrp}1
  ports        ${ports.p2p} for nodes, ${ports.rpc} for RPC, ${ports.onion} for Tor
  file         ${isAbsolute(path) ? path : join(process.cwd(), path)}

Start the first node:

  tallyd -chainparams=${named}

On every other machine, put the very same file there, and start with the
address of a machine that runs already:

  tallyd -chainparams=${named} -addnode=<address>:${ports.p2p}
`;
}

/** The path as a shell takes it. */
function quotePath(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
