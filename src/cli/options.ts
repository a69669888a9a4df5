// Every option of tallyd and tally, once: the command line, configuration files and --help all read this table. Names and
// meanings are Bitcoin Core's where Core has the option. What the programs do not honour is not in here.

import { ACCEPTED_OPTIONS } from './accepted-options.ts';
import type { OptionRules } from './args.ts';
import { CLIENT_OPTIONS } from './client-options.ts';
import { CONNECTION_OPTIONS } from './connection-options.ts';
import { DEBUG_OPTIONS } from './debug-options.ts';
import { I2P_OPTIONS } from './i2p-options.ts';
import { INDEX_OPTIONS } from './index-options.ts';
import { MEMPOOL_OPTIONS } from './mempool-options.ts';
import { MINING_OPTIONS } from './mining-options.ts';
import type { OptionSpec, Program } from './option-spec.ts';
import { PID_FILE_NAME } from './pid-file.ts';
import { PRIVATE_BROADCAST_OPTIONS } from './private-broadcast-options.ts';
import { PROXY_OPTIONS } from './proxy-options.ts';
import { RPC_OPTIONS } from './rpc-options.ts';
import { SETTINGS_FILE_NAME } from './settings-file.ts';
import { TOR_OPTIONS } from './tor-options.ts';
import { WALLET_OPTIONS } from './wallet-options.ts';
import { WEB_OPTIONS } from './web-options.ts';
import { ZMQ_OPTIONS } from './zmq-options.ts';

/** Smallest -dbcache, in MiB (Core MIN_DB_CACHE). */
export const DBCACHE_MIB_MIN = 4;
/** -dbcache where memory is scarce, in MiB (Core DEFAULT_KERNEL_CACHE). */
export const DBCACHE_MIB_DEFAULT = 450;
/** -dbcache of machines with at least {@link AMPLE_MEMORY_BYTES}, in MiB (Core HIGH_DEFAULT_DBCACHE). */
export const DBCACHE_MIB_AMPLE = 1024;
/** Core HIGH_DEFAULT_DBCACHE_MIN_TOTAL_RAM. */
export const AMPLE_MEMORY_BYTES: number = 4 * 2 ** 30;
/** Most script verification threads, for --help (Core MAX_SCRIPTCHECK_THREADS and the main thread). */
const SCRIPT_THREADS_MAX = 16;
/** Smallest target of automatic pruning, in MiB (Core MIN_DISK_SPACE_FOR_BLOCK_FILES). */
export const PRUNE_TARGET_MIB_MIN = 550;

const BOTH: readonly Program[] = ['tallyd', 'tally'];
const DAEMON: readonly Program[] = ['tallyd'];

/** The table. */
export const OPTIONS: readonly OptionSpec[] = Object.freeze([
  {
    name: 'alertnotify',
    kind: 'text',
    group: 'general',
    argument: '<cmd>',
    help: 'Run a command of the system when a warning begins; %s in it is replaced by the words of the warning.',
    programs: DAEMON,
  },
  {
    name: 'allowignoredconf',
    kind: 'flag',
    group: 'general',
    help: 'Warn, instead of stopping, when the data folder contains a configuration file that is ignored because another one is used.',
    defaultText: '0',
    programs: BOTH,
  },
  {
    name: 'assumevalid',
    kind: 'text',
    group: 'general',
    argument: '<hex>',
    help: 'If this block is in the chain, take the scripts of it and of its ancestors as valid and do not run them. 0 runs all.',
    defaultText: 'a block that the network is known to have, if any',
    programs: DAEMON,
  },
  {
    name: 'blocknotify',
    kind: 'text',
    group: 'general',
    argument: '<cmd>',
    help: 'Run a command of the system for every block that becomes part of the chain, once the node has caught up; %s in it is replaced by the hash of the block.',
    programs: DAEMON,
  },
  {
    name: 'blocksdir',
    kind: 'path',
    group: 'general',
    argument: '<dir>',
    help: 'Folder that holds the subfolder blocks with the *.dat files. It must exist.',
    defaultText: '<datadir>',
    programs: DAEMON,
  },
  {
    name: 'blocksxor',
    kind: 'flag',
    group: 'general',
    help: 'Whether the *.dat files of a new blocks folder are obfuscated with a random key. A folder keeps what it began with; 0 is refused when it has a key.',
    defaultText: '1',
    programs: DAEMON,
  },
  {
    name: 'conf',
    kind: 'path',
    group: 'general',
    argument: '<file>',
    help: 'Configuration file, read only. A relative path starts at the data folder. Only on the command line.',
    defaultText: 'tallystick.conf and bitcoin.conf, both when both are there; values of the first win',
    programs: BOTH,
  },
  {
    name: 'datadir',
    kind: 'path',
    group: 'general',
    argument: '<dir>',
    help: 'Data folder. It must exist when given here.',
    defaultText: '~/.tallystick',
    programs: BOTH,
    refusesNegation: true,
  },
  {
    name: 'dbcache',
    kind: 'integer',
    group: 'general',
    argument: '<n>',
    help: `Memory for coins and databases in MiB, at least ${DBCACHE_MIB_MIN}. The program itself needs up to 400 MiB more.`,
    defaultText: `${DBCACHE_MIB_DEFAULT}, or ${DBCACHE_MIB_AMPLE} on a machine with 4 GiB or more`,
    programs: DAEMON,
  },
  {
    name: 'help',
    kind: 'flag',
    group: 'general',
    help: 'Print this text and exit (also -h or -?).',
    programs: BOTH,
  },
  { name: 'h', kind: 'flag', group: 'general', help: '', programs: BOTH, isHidden: true },
  { name: '?', kind: 'flag', group: 'general', help: '', programs: BOTH, isHidden: true },
  {
    name: 'includeconf',
    kind: 'list',
    group: 'general',
    argument: '<file>',
    help: 'Further configuration file. A relative path starts at the data folder. Only in a configuration file; -noincludeconf on the command line ignores them all.',
    programs: BOTH,
  },
  {
    name: 'loadblock',
    kind: 'list',
    group: 'general',
    argument: '<file>',
    help: "Import blocks from a file at start: a bootstrap.dat, or a block file of Bitcoin Core's (with xor.dat beside it if it has one). May be given more than once.",
    programs: DAEMON,
  },
  {
    name: 'minimumchainwork',
    kind: 'text',
    group: 'general',
    argument: '<hex>',
    help: 'Work that a chain must have at least to be the real one: headers of a chain with less are not kept, and a node whose own chain has less is still catching up.',
    defaultText: 'what the network is known to have, 0 for regtest',
    programs: DAEMON,
  },
  {
    name: 'par',
    kind: 'integer',
    group: 'general',
    argument: '<n>',
    help: `Threads that verify scripts, up to ${SCRIPT_THREADS_MAX}. 0 uses all cores, a negative number leaves that many free.`,
    defaultText: '0',
    programs: DAEMON,
  },
  {
    name: 'pid',
    kind: 'path',
    group: 'general',
    argument: '<file>',
    help: 'File that holds the number of the process while it runs. A relative path starts at the folder of the network.',
    defaultText: PID_FILE_NAME,
    programs: DAEMON,
  },
  {
    name: 'prune',
    kind: 'integer',
    group: 'general',
    argument: '<n>',
    help: `Delete old block files to stay under this many MiB, at least ${PRUNE_TARGET_MIB_MIN}. 1 allows pruning by hand only, 0 keeps everything. Going back needs all blocks again.`,
    defaultText: '0',
    programs: DAEMON,
  },
  {
    name: 'reindex',
    kind: 'flag',
    group: 'general',
    help: 'Rebuild the block index and the chain state from the blk*.dat files in the blocks folder.',
    programs: DAEMON,
  },
  {
    name: 'reindex-chainstate',
    kind: 'flag',
    group: 'general',
    help: 'Rebuild the chain state from the indexed blocks. Not together with pruning.',
    programs: DAEMON,
  },
  {
    name: 'settings',
    kind: 'path',
    group: 'general',
    argument: '<file>',
    help: 'File in which the program remembers what was set while it ran. A relative path starts at the folder of the network; -nosettings does without.',
    defaultText: SETTINGS_FILE_NAME,
    programs: DAEMON,
  },
  {
    name: 'shutdownnotify',
    kind: 'list',
    group: 'general',
    argument: '<cmd>',
    help: 'Run a command of the system when the program begins to stop. May be given more than once.',
    programs: DAEMON,
  },
  {
    name: 'startupnotify',
    kind: 'text',
    group: 'general',
    argument: '<cmd>',
    help: 'Run a command of the system when the start is over.',
    programs: DAEMON,
  },
  { name: 'version', kind: 'flag', group: 'general', help: 'Print the version and exit.', programs: BOTH },

  ...CONNECTION_OPTIONS,

  ...I2P_OPTIONS,
  ...TOR_OPTIONS,
  ...PRIVATE_BROADCAST_OPTIONS,
  ...PROXY_OPTIONS,

  ...INDEX_OPTIONS,

  ...MEMPOOL_OPTIONS,

  ...MINING_OPTIONS,

  ...RPC_OPTIONS,

  ...WEB_OPTIONS,

  ...WALLET_OPTIONS,
  ...ZMQ_OPTIONS,

  ...ACCEPTED_OPTIONS,

  ...CLIENT_OPTIONS,

  {
    name: 'chain',
    kind: 'text',
    group: 'chain',
    argument: '<chain>',
    help: 'The ledger to use: main, test, testnet4, signet, regtest, or local, which is for trying things out.',
    defaultText: 'main',
    programs: BOTH,
  },
  {
    name: 'chainparams',
    kind: 'path',
    group: 'chain',
    argument: '<file>',
    help: 'Use a ledger of your own, described by a JSON file (see docs/chain-params.md). Its data lie in a subfolder of its name.',
    programs: BOTH,
    refusesNegation: true,
    needsValue: true,
  },
  {
    name: 'regtest',
    kind: 'flag',
    group: 'chain',
    help: 'A private test ledger whose blocks cost nothing. Same as -chain=regtest.',
    programs: BOTH,
  },
  { name: 'signet', kind: 'flag', group: 'chain', help: 'Signet. Same as -chain=signet.', programs: BOTH },
  {
    name: 'signetchallenge',
    kind: 'text',
    group: 'chain',
    argument: '<hex>',
    help: 'Script that every block of the signet must satisfy: a signet of your own.',
    defaultText: 'that of the public signet',
    programs: BOTH,
    refusesNegation: true,
  },
  { name: 'testnet', kind: 'flag', group: 'chain', help: 'Testnet3. Same as -chain=test.', programs: BOTH },
  { name: 'testnet4', kind: 'flag', group: 'chain', help: 'Testnet4. Same as -chain=testnet4.', programs: BOTH },
  {
    name: 'vbparams',
    kind: 'list',
    group: 'chain',
    argument: '<deployment>:<start>:<end>[:<height>]',
    help: 'Start, end and lowest height of a version bits deployment. Not on the main network.',
    programs: BOTH,
  },

  ...DEBUG_OPTIONS,
] satisfies readonly OptionSpec[]);

/** Rules for reading a configuration file: the options of all programs. */
export const CONFIG_RULES: OptionRules = new Map(OPTIONS.map((option) => [option.name, option]));

/** Rules for reading the command line of one program. */
export function argumentRules(program: Program): OptionRules {
  return new Map(OPTIONS.filter(({ programs }) => programs.includes(program)).map((option) => [option.name, option]));
}

/** Names of the options that a network's own section must set. */
export const NETWORK_ONLY_OPTIONS: readonly string[] = OPTIONS.filter(({ isNetworkOnly }) => isNetworkOnly).map(
  ({ name }) => name,
);
