// The options for tests and for looking inside: their rows of the table in options.ts, with Core's names and meanings.

import { LOG_LEVELS } from './log-categories.ts';
import { LOG_FILE_NAME } from './log-file.ts';
import type { OptionSpec, Program } from './option-spec.ts';

/** -checkblocks (Core DEFAULT_CHECKBLOCKS). */
export const CHECKBLOCKS_DEFAULT = 6;
/** -checklevel (Core DEFAULT_CHECKLEVEL). */
export const CHECKLEVEL_DEFAULT = 3;
/** -maxtipage in seconds (Core DEFAULT_MAX_TIP_AGE). */
export const MAX_TIP_AGE_SEC_DEFAULT: number = 24 * 60 * 60;

const BOTH: readonly Program[] = ['tallyd', 'tally'];
const DAEMON: readonly Program[] = ['tallyd'];

/** Rows of the table. */
export const DEBUG_OPTIONS: readonly OptionSpec[] = Object.freeze([
  {
    name: 'capturemessages',
    kind: 'flag',
    group: 'debug',
    help: 'Write every message of every peer to files in the folder message_capture, without a bound but the disk.',
    defaultText: '0',
    programs: DAEMON,
    isHidden: true,
  },
  {
    name: 'checkaddrman',
    kind: 'integer',
    group: 'debug',
    argument: '<n>',
    help: 'One operation in so many on the known addresses checks all of their tables first; 0: none.',
    defaultText: '0',
    programs: DAEMON,
    isHidden: true,
  },
  {
    name: 'checkblocks',
    kind: 'integer',
    group: 'debug',
    argument: '<n>',
    help: 'How many of the last blocks to verify at start; 0 verifies all, and every byte of the databases before.',
    defaultText: `${CHECKBLOCKS_DEFAULT}`,
    programs: DAEMON,
  },
  {
    name: 'checklevel',
    kind: 'integer',
    group: 'debug',
    argument: '<n>',
    help: 'How thoroughly -checkblocks verifies: 0 reads the blocks, 1 checks them, 2 checks undo data, 3 disconnects blocks in memory, 4 connects them again. Each includes those before it.',
    defaultText: `${CHECKLEVEL_DEFAULT}`,
    programs: DAEMON,
  },
  {
    name: 'debug',
    kind: 'list',
    group: 'debug',
    argument: '<category>',
    help: 'Write debug lines of a category to the log; without category, or with 1 or all, those of every category; 0 or none cancels the ones before. May be given more than once. Categories in use: {categories}.',
    programs: DAEMON,
  },
  {
    name: 'debugexclude',
    kind: 'list',
    group: 'debug',
    argument: '<category>',
    help: 'Leave out the debug lines of a category. Comes before -debug. May be given more than once.',
    programs: DAEMON,
  },
  {
    name: 'debuglogfile',
    kind: 'path',
    group: 'debug',
    argument: '<file>',
    help: 'The log. A relative path starts at the folder of the network; -nodebuglogfile writes none.',
    defaultText: LOG_FILE_NAME,
    programs: DAEMON,
  },
  {
    name: 'fastprune',
    kind: 'flag',
    group: 'debug',
    help: 'For tests of pruning: block files end at 64 KiB, -prune takes any target, and regtest prunes from height 100 on.',
    defaultText: '0',
    programs: DAEMON,
  },
  {
    name: 'logips',
    kind: 'flag',
    group: 'debug',
    help: 'Name the addresses of peers in the log, too.',
    defaultText: '0',
    programs: DAEMON,
  },
  {
    name: 'loglevel',
    kind: 'list',
    group: 'debug',
    argument: '<level>|<category>:<level>',
    help: `Down to which level debug lines are written: ${LOG_LEVELS.join(', ')}. With a category in front, those of that category. info leaves them out; there are none below debug. May be given more than once.`,
    defaultText: 'debug',
    programs: DAEMON,
  },
  {
    name: 'logratelimit',
    kind: 'flag',
    group: 'debug',
    help: 'Stop writing lines of one kind to debug.log when they come to more than 1 MiB within an hour, so that nobody can fill the disk with them. Debug lines are not limited, and the console gets everything.',
    defaultText: '1',
    programs: DAEMON,
  },
  {
    name: 'logtimemicros',
    kind: 'flag',
    group: 'debug',
    help: 'Write the time of lines of the log to the microsecond.',
    defaultText: '0',
    programs: DAEMON,
    isHidden: true,
  },
  {
    name: 'maxtipage',
    kind: 'integer',
    group: 'debug',
    argument: '<n>',
    help: 'Age of the tip in seconds up to which the node takes itself for up to date.',
    defaultText: `${MAX_TIP_AGE_SEC_DEFAULT}`,
    programs: DAEMON,
    isHidden: true,
  },
  {
    name: 'mocktime',
    kind: 'integer',
    group: 'debug',
    argument: '<n>',
    help: 'Begin at this time, in seconds since 1970, as if setmocktime had been called. 0: at that of the system.',
    defaultText: '0',
    programs: DAEMON,
    isHidden: true,
  },
  {
    name: 'printtoconsole',
    kind: 'flag',
    group: 'debug',
    help: 'Write the log to the console too. Debug lines go where the log goes.',
    defaultText: '1',
    programs: DAEMON,
  },
  {
    name: 'stopwithinput',
    kind: 'flag',
    group: 'debug',
    help: 'Stop when standard input ends: for a program that starts this one and must not leave it behind.',
    defaultText: '0',
    programs: DAEMON,
    isHidden: true,
  },
  {
    name: 'stopafterblockimport',
    kind: 'flag',
    group: 'debug',
    help: 'Stop when the blocks of -reindex and -loadblock are imported.',
    defaultText: '0',
    programs: DAEMON,
  },
  {
    name: 'stopatheight',
    kind: 'integer',
    group: 'debug',
    argument: '<n>',
    help: 'Stop when the chain has reached this height; 0 never stops.',
    defaultText: '0',
    programs: DAEMON,
  },
  {
    name: 'test',
    kind: 'list',
    group: 'debug',
    argument: '<option>',
    help: 'Change regtest for a test. bip94: that rule of later test networks holds. addrman: the table of known addresses is laid out alike in every run.',
    programs: BOTH,
    isHidden: true,
  },
  {
    name: 'testactivationheight',
    kind: 'list',
    group: 'debug',
    argument: '<name>@<height>',
    help: 'Height from which a rule holds: segwit, bip34, dersig, cltv, csv. Not on the main network.',
    programs: BOTH,
  },
] satisfies readonly OptionSpec[]);
