// tally, the command line for people: it calls methods of a running node, as bitcoin-cli does, and has commands of its own. Options
// stand before a method, since what follows are its parameters; those of the commands may stand before and after them.
//
// What a command needs is loaded when it is given: a call is made in an instant, and the whole node would take half a second.

import { type ParsedArguments, parseArguments } from './args.ts';
import { EXIT_FAILURE, EXIT_SUCCESS, formatError, formatWarning } from './error-text.ts';
import { formatClientHelp, formatVersionText } from './help.ts';
import { argumentRules } from './options.ts';
import type { Output } from './output.ts';
import { isAskedFor } from './settings.ts';
import { readVersion } from './version.ts';

/** Commands for people on top of methods; what they take is said by each with --help. */
const VERBS: readonly (readonly [name: string, help: string])[] = [
  ['balance', 'Tell what the wallets of the node have: see tally balance --help.'],
  ['export', 'Print the history of a wallet, or blocks, as CSV or JSON: see tally export --help.'],
  ['mine', 'Switch the miner of the node on or off, or tell how it goes: see tally mine --help.'],
  [
    'send',
    'Pay an amount to an address, after every amount was named: see tally send --help. With JSON behind it, send is the method of that name.',
  ],
];

const COMMANDS: readonly (readonly [name: string, help: string])[] = Object.freeze([
  [
    'utxohash',
    'Print height and tip of the ledger in the data folder, and the number, sum and hashes of its coins: hash_serialized_3 and MuHash, as gettxoutsetinfo of Bitcoin Core. The node must not be running.',
  ],
  [
    'explain',
    'Tell of a transaction or a block, given as hexadecimal bytes, as txid or as block hash, what is checked of it, which checks it passes and which rule refuses it; with --steps or --input=<n> run the scripts of an input operation by operation.',
  ],
  [
    'audit',
    'Check the whole ledger again, page by page from the first: every hash, link, work, signature and amount, and in the end every coin. The node that runs does it, or this program where none runs. All figures go to a file, audit-<ledger>-<height>.json unless --file=<path> names another.',
  ],
  [
    'new-ledger',
    'Begin a ledger of your own: mine its first page and write the file that everybody needs who is to keep it. It has options of its own: see tally new-ledger --help. It touches no data folder.',
  ],
  [
    'up',
    'Start a node with wallet, miner and open books in the browser, on a ledger of this machine unless another is chosen. It has options of its own and takes those of tallyd: see tally up --help.',
  ],
  [
    'sim',
    'Run simulated networks of whole nodes under faults and attacks, and check what they do. It has options of its own: see tally sim --help. It touches no data folder.',
  ],
]);

type OwnCommand = (argv: readonly string[], output: Output) => Promise<number>;

/** Commands that read their own options. */
const OWN_OPTIONS: ReadonlyMap<string, OwnCommand> = new Map<string, OwnCommand>([
  ['new-ledger', async (...given) => (await import('./new-ledger-command.ts')).runNewLedgerCommand(...given)],
  ['up', async (...given) => (await import('./up-command.ts')).runUpCommand(...given)],
  ['sim', async (...given) => (await import('./sim-command.ts')).runSimCommand(...given)],
]);

const SEE_HELP = 'see tally -h for what there is.';

/** Runs one command line; resolves to the exit code. */
export async function runClient(argv: readonly string[], output: Output): Promise<number> {
  const runOwn = OWN_OPTIONS.get(argv[0] ?? '');
  if (runOwn !== undefined) return runOwn(argv.slice(1), output);
  const fail = (message: string): number => {
    output.complain(formatError(message));
    return EXIT_FAILURE;
  };
  const rules = argumentRules('tally');
  const front = parseArguments(argv, rules, { hasOptionsAfterWords: false });
  const verb = front.ok ? findVerb(front.value) : null;
  if (verb !== null) return runVerb(verb, argv, output);
  const isCommand = front.ok && COMMANDS.some(([name]) => name === front.value.words[0]);
  const parsed = isCommand ? parseArguments(argv, rules, { hasOptionsAfterWords: true }) : front;
  if (!parsed.ok) return fail(`Error parsing command line arguments: ${parsed.error}`);
  const { values, words } = parsed.value;
  if (isAskedFor(values, 'version')) {
    output.print(formatVersionText('tally', readVersion()));
    return EXIT_SUCCESS;
  }
  if (isAskedFor(values, 'help', 'h', '?')) {
    output.print(await formatHelp(isCommand ? words[0] : undefined));
    return EXIT_SUCCESS;
  }
  const [command, ...rest] = words;
  if (command === undefined && !isAskedFor(values, ...IN_PLACE_OF_COMMANDS))
    return fail(`No command given; ${SEE_HELP}`);
  if (OWN_OPTIONS.has(command ?? '')) return fail(`The command ${command} stands before its options; ${SEE_HELP}`);
  if (command === 'explain' && rest.length !== 1) return fail(`The command explain takes one thing; ${SEE_HELP}`);
  if ((command === 'utxohash' || command === 'audit') && rest.length > 0)
    return fail(`The command ${command} takes no '${rest[0]}'; ${SEE_HELP}`);
  try {
    if (command === 'explain') return await explain(parsed.value, output);
    if (command === 'audit') return await audit(parsed.value, output);
    return isCommand ? await tellUtxoHash(parsed.value, output) : await callMethod(parsed.value, output);
  } catch (error) {
    const { describeFailure } = await import('./failure.ts');
    return fail(describeFailure(error));
  }
}

/** The help of a command, or of the program. */
async function formatHelp(command: string | undefined): Promise<string> {
  const [name, help] = COMMANDS.find(([one]) => one === command) ?? [];
  if (name === undefined || help === undefined) return formatClientHelp(readVersion(), [...VERBS, ...COMMANDS]);
  const { formatCommandHelp } = await import('./command-help.ts');
  return formatCommandHelp(name, help);
}

/** Options that need no command behind them. */
const IN_PLACE_OF_COMMANDS: readonly string[] = ['addrinfo', 'generate', 'getinfo', 'netinfo', 'stdin'];

/** The command for people that was given, or null: `send` is also a method, whose first parameter is JSON. */
function findVerb({ words, values }: ParsedArguments): string | null {
  const [name, first = ''] = words;
  if (!VERBS.some(([one]) => one === name) || isAskedFor(values, ...IN_PLACE_OF_COMMANDS, 'named')) return null;
  return name === 'send' && /^[[{]/.test(first) ? null : name!;
}

async function runVerb(name: string, argv: readonly string[], output: Output): Promise<number> {
  const { runVerbNamed } = await import('./verbs.ts');
  const { describeFailure } = await import('./failure.ts');
  try {
    return await runVerbNamed(name, argv, output);
  } catch (error) {
    output.complain(formatError(describeFailure(error)));
    return EXIT_FAILURE;
  }
}

async function callMethod(args: ParsedArguments, output: Output): Promise<number> {
  const { loadConfiguration } = await import('./configuration.ts');
  const { runCall } = await import('./call-command.ts');
  return runCall(loadConfiguration(args), args.words, output);
}

async function explain(args: ParsedArguments, output: Output): Promise<number> {
  const { loadConfiguration } = await import('./configuration.ts');
  const { runExplain } = await import('./explain-command.ts');
  return runExplain(loadConfiguration(args), args.words[1]!, output);
}

async function audit(args: ParsedArguments, output: Output): Promise<number> {
  const { loadConfiguration } = await import('./configuration.ts');
  const { runAudit } = await import('./audit-command.ts');
  return runAudit(loadConfiguration(args), output);
}

async function tellUtxoHash(args: ParsedArguments, output: Output): Promise<number> {
  const { loadConfiguration } = await import('./configuration.ts');
  const { formatUtxoHash, readUtxoHash } = await import('./utxo-hash-command.ts');
  const { params, folders, warnings } = loadConfiguration(args);
  if (warnings.length > 0) output.complain(formatWarning(warnings.join('\n')));
  output.print(formatUtxoHash(await readUtxoHash(params, folders, output)));
  return EXIT_SUCCESS;
}
