// Options of Bitcoin Core that tools and tests pass as a matter of course and that change nothing in this program: taken, so that
// what starts bitcoind can start tallyd, and each with a sentence that says why nothing changes.

import type { OptionSpec } from './option-spec.ts';

const DAEMON = ['tallyd'] as const;

/** Name, kind and sentence of each. */
const ROWS: readonly (readonly [name: string, kind: OptionSpec['kind'], help: string])[] = [
  ['checkblockindex', 'integer', 'The index of blocks is checked in the tests of this program, not while it runs.'],
  ['checkmempool', 'integer', 'The same holds for the memory pool.'],
  ['logsourcelocations', 'flag', 'Source lines are not known at run time; nothing is added to the lines of the log.'],
  ['logthreadnames', 'flag', 'One thread writes the log; nothing is added to its lines.'],
  ['natpmp', 'flag', 'No router is asked to forward a port.'],
  ['prevoutfetchthreads', 'integer', 'Coins are fetched by the database, on threads of its own.'],
  ['shrinkdebugfile', 'flag', 'A long log is cut at start unless debug lines are written.'],
];

/** Rows of the table. */
export const ACCEPTED_OPTIONS: readonly OptionSpec[] = Object.freeze(
  ROWS.map(([name, kind, help]) => ({
    name,
    kind,
    group: 'debug' as const,
    ...(kind === 'flag' ? {} : { argument: '<n>' }),
    help: `Accepted for compatibility. ${help}`,
    programs: DAEMON,
    isHidden: true,
  })),
);
