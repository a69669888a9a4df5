// Commands for people on top of the methods of a running node: what each of them is given, how it ends, and the table of them. A command
// asks, lays the answer out, and asks the person before it does what cannot be undone.

import { type AskNode, NodeRefusal } from './answer.ts';
import { openNode } from './call-command.ts';
import { loadConfiguration } from './configuration.ts';
import { EXIT_FAILURE, EXIT_SUCCESS } from './error-text.ts';
import { wrapText } from './help.ts';
import type { Output } from './output.ts';
import { isAskedFor } from './settings.ts';
import { readVerbArguments, type VerbArguments, type VerbOption } from './verb-options.ts';

/** What a command works with. */
export interface VerbRun {
  readonly args: VerbArguments;
  /** The node, or the wallet that was named. */
  readonly ask: AskNode;
  /** The node, as a wallet of it sees it. */
  readonly askWallet: (name: string) => AskNode;
  readonly output: Output;
  /** Asks the person a question that is answered with yes or no; null where nobody can be asked. */
  readonly confirm: ((question: string) => Promise<boolean>) | null;
  /** Resolves when what was printed has been taken. */
  readonly drain: () => Promise<void>;
}

/** One command. */
export interface Verb {
  readonly name: string;
  /** What stands behind its name. */
  readonly usage: string;
  /** What it does, in sentences. */
  readonly help: string;
  readonly options: readonly VerbOption[];
  readonly run: (run: VerbRun) => Promise<void>;
}

/** What a person is told who could not be helped; nothing has happened. */
export class VerbError extends Error {
  override readonly name = 'VerbError';
}

/** Named by all commands that use a wallet. */
export const WALLET_OPTION: VerbOption = ['wallet', '<name>', 'The wallet; needed when several are loaded.'];

const WIDTH = 79;
const INDENT = ' '.repeat(7);

/** What `tally VERB --help` prints. */
export function formatVerbHelp({ name, usage, help, options }: Omit<Verb, 'run'>): string {
  const rows = options.map(([option, argument, text]) => {
    const head = `  --${option}${argument === '' ? '' : `=${argument}`}`;
    return `${head}\n${INDENT}${wrapText(text, WIDTH - INDENT.length, INDENT)}\n`;
  });
  const list = rows.length === 0 ? '' : `\n${rows.join('\n')}`;
  const general = 'Options that choose the ledger and the node are those of tally: see tally -h.';
  return `Usage: tally ${name} ${usage}\n\n${wrapText(help, WIDTH, '')}\n${list}\n${general}\n`;
}

/** The person and the screen behind a program. */
export interface VerbHost {
  readonly output: Output;
  readonly confirm: VerbRun['confirm'];
  readonly drain: VerbRun['drain'];
}

/** Runs a command; resolves to the exit code. Throws StartupError. */
export async function runVerb(verb: Verb, argv: readonly string[], host: VerbHost): Promise<number> {
  const { output } = host;
  const args = readVerbArguments(argv, verb.options);
  if (isAskedFor(args.parsed.values, 'help', 'h', '?')) {
    output.print(formatVerbHelp(verb));
    return EXIT_SUCCESS;
  }
  const configuration = loadConfiguration(args.parsed);
  const password = configuration.settings.getText('rpcpassword') ?? '';
  const askWallet = (name: string): AskNode => openNode(configuration, password, output, name);
  const wallet = args.text('wallet');
  const ask = wallet === undefined ? openNode(configuration, password, output) : askWallet(wallet);
  try {
    await verb.run({ ...host, args, ask, askWallet });
    return EXIT_SUCCESS;
  } catch (error) {
    output.complain(`error: ${describeVerbFailure(error as Error)}\n`);
    return EXIT_FAILURE;
  }
}

/** What can be done about refusals that people meet; by Core's codes. */
const ADVICE: ReadonlyMap<number, string> = new Map([
  [-13, 'Unlock the wallet first: tally walletpassphrase <passphrase> <seconds>'],
  [-18, 'Make a wallet with: tally createwallet <name>, or load one with: tally loadwallet <name>'],
  [-19, 'Say which one with --wallet=<name>; tally listwallets lists them.'],
  [-32601, 'Is the node of another version, or without wallets (-disablewallet)?'],
]);

function describeVerbFailure(error: Error): string {
  const advice = error instanceof NodeRefusal ? ADVICE.get(error.code) : undefined;
  return advice === undefined ? error.message : `${error.message}\n${advice}`;
}
