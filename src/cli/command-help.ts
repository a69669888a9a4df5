// What `tally COMMAND --help` prints for the commands whose options stand in the table of options: explain, audit, utxohash. Those of
// the table that are theirs begin their help with the command's name, which is left out here.

import { CLIENT_OPTIONS } from './client-options.ts';
import { formatVerbHelp } from './verb.ts';
import type { VerbOption } from './verb-options.ts';

/** What stands behind the names of commands. */
const USAGES: Readonly<Record<string, string>> = Object.freeze({
  explain: '[options] <hex|txid|blockhash>',
  audit: '[options]',
  utxohash: '[options]',
});

/** The help of a command, with the options that are its own. */
export function formatCommandHelp(name: string, help: string): string {
  return formatVerbHelp({ name, usage: USAGES[name] ?? '', help, options: listOwnOptions(name) });
}

function listOwnOptions(command: string): readonly VerbOption[] {
  const start = `For tally ${command}: `;
  return CLIENT_OPTIONS.filter(({ help }) => help.startsWith(start)).map(
    ({ name, argument = '', defaultText, ...option }) => {
      const text = option.help.slice(start.length);
      // A switch is off: that goes without saying.
      const more = defaultText === undefined || argument === '' ? '' : ` (default: ${defaultText})`;
      return [name, argument, `${text[0]!.toUpperCase()}${text.slice(1)}${more}`];
    },
  );
}
