// tally, the command line for people. Today it looks into the data folder of a node that is not running. Options may stand before
// and after the command.

import { parseArguments } from './args.ts';
import { loadConfiguration } from './configuration.ts';
import { EXIT_FAILURE, EXIT_SUCCESS, formatError, formatWarning } from './error-text.ts';
import { describeFailure } from './failure.ts';
import { formatClientHelp, formatVersionText } from './help.ts';
import { argumentRules } from './options.ts';
import type { Output } from './output.ts';
import { isAskedFor } from './settings.ts';
import { runSimCommand } from './sim-command.ts';
import { formatUtxoHash, readUtxoHash } from './utxo-hash-command.ts';
import { readVersion } from './version.ts';

const COMMANDS: readonly (readonly [name: string, help: string])[] = Object.freeze([
  [
    'utxohash',
    'Print height and tip of the ledger in the data folder, and the number, sum and hashes of its coins: hash_serialized_3 and MuHash, as gettxoutsetinfo of Bitcoin Core. The node must not be running.',
  ],
  [
    'sim',
    'Run simulated networks of whole nodes under faults and attacks, and check what they do. It has options of its own: see tally sim --help. It touches no data folder.',
  ],
]);

const SEE_HELP = 'see tally -h for what there is.';

/** Runs one command line; resolves to the exit code. */
export async function runClient(argv: readonly string[], output: Output): Promise<number> {
  if (argv[0] === 'sim') return runSimCommand(argv.slice(1), output);
  const fail = (message: string): number => {
    output.complain(formatError(message));
    return EXIT_FAILURE;
  };
  const parsed = parseArguments(argv, argumentRules('tally'), { hasOptionsAfterWords: true });
  if (!parsed.ok) return fail(`Error parsing command line arguments: ${parsed.error}`);
  const { values, words } = parsed.value;
  if (isAskedFor(values, 'version')) {
    output.print(formatVersionText('tally', readVersion()));
    return EXIT_SUCCESS;
  }
  if (isAskedFor(values, 'help', 'h', '?')) {
    output.print(formatClientHelp(readVersion(), COMMANDS));
    return EXIT_SUCCESS;
  }
  const [command, ...rest] = words;
  if (command === undefined) return fail(`No command given; ${SEE_HELP}`);
  if (!COMMANDS.some(([name]) => name === command) || command === 'sim')
    return fail(`Unknown command '${command}'; ${SEE_HELP}`);
  if (rest.length > 0) return fail(`The command ${command} takes no '${rest[0]}'; ${SEE_HELP}`);
  try {
    const { params, folders, warnings } = loadConfiguration(parsed.value);
    if (warnings.length > 0) output.complain(formatWarning(warnings.join('\n')));
    output.print(formatUtxoHash(await readUtxoHash(params, folders, output)));
    return EXIT_SUCCESS;
  } catch (error) {
    return fail(describeFailure(error));
  }
}
