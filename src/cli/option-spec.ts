// What an option is: the columns of the tables in options.ts and connection-options.ts.

import type { OptionRule } from './args.ts';

/** Who takes an option on the command line. In configuration files, which the programs share, all names are known. */
export type Program = 'tallyd' | 'tally';

/** Heading under which --help lists an option, in the order of the headings. */
export type OptionGroup =
  | 'general'
  | 'connection'
  | 'rpc'
  | 'web'
  | 'relay'
  | 'mining'
  | 'wallet'
  | 'zmq'
  | 'chain'
  | 'debug';

/** Headings of the groups, as Core words them. */
export const GROUP_HEADINGS: Readonly<Record<OptionGroup, string>> = Object.freeze({
  general: 'Options:',
  connection: 'Connection options:',
  rpc: 'RPC server options:',
  web: 'App options:',
  relay: 'Node relay options:',
  mining: 'Block creation options:',
  wallet: 'Wallet options:',
  zmq: 'ZeroMQ notification options:',
  chain: 'Chain selection options:',
  debug: 'Debugging/Testing options:',
});

/** How a value is read. `list` options may be given more than once and add up. */
export type OptionKind = 'flag' | 'integer' | 'text' | 'path' | 'list';

/** One option. */
export interface OptionSpec extends OptionRule {
  /** Without dash. */
  readonly name: string;
  readonly kind: OptionKind;
  readonly group: OptionGroup;
  /** What follows the equals sign, for --help, e.g. `<n>`; a flag has none. */
  readonly argument?: string;
  /** Sentences for --help. The default is appended. */
  readonly help: string;
  /** What holds when the option is not given, for --help. */
  readonly defaultText?: string;
  readonly programs: readonly Program[];
  /** Taken only from the section of the chosen network, unless that is the main one. */
  readonly isNetworkOnly?: boolean;
  /** Its value lets somebody in: no log tells it (Core SENSITIVE). */
  readonly isSecret?: boolean;
  /** Not listed by --help: another spelling of a listed one. */
  readonly isHidden?: boolean;
}
