// The options of `tally` as a client of a node: their rows of the table in options.ts, with the names and meanings of bitcoin-cli.

import type { OptionSpec } from './option-spec.ts';

/** -rpcclienttimeout in seconds (Core DEFAULT_HTTP_CLIENT_TIMEOUT). */
export const CLIENT_TIMEOUT_SEC_DEFAULT = 900;

const CLIENT = ['tally'] as const;

/** Rows of the table. */
export const CLIENT_OPTIONS: readonly OptionSpec[] = Object.freeze([
  {
    name: 'addrinfo',
    kind: 'flag',
    group: 'general',
    help: 'Count the addresses of nodes that the node knows, by network.',
    programs: CLIENT,
  },
  {
    name: 'file',
    kind: 'path',
    group: 'general',
    argument: '<path>',
    help: 'For tally audit: where its result is written.',
    defaultText: 'audit-<ledger>-<height>.json',
    programs: CLIENT,
  },
  {
    name: 'generate',
    kind: 'flag',
    group: 'general',
    help: 'Mine blocks that pay to a new address of the wallet, on ledgers where that costs little. Parameters: how many blocks (default: 1), and how many nonces to try (default: 1000000).',
    programs: CLIENT,
  },
  {
    name: 'getinfo',
    kind: 'flag',
    group: 'general',
    help: 'Tell the most important things about the node, for people.',
    programs: CLIENT,
  },
  {
    name: 'input',
    kind: 'integer',
    group: 'general',
    argument: '<n>',
    help: 'For tally explain: run the scripts of this input step by step.',
    programs: CLIENT,
  },
  {
    name: 'lang',
    kind: 'text',
    group: 'general',
    argument: '<language>',
    help: 'For tally explain: the language, en, or zh for Chinese.',
    defaultText: 'what LANG says',
    programs: CLIENT,
  },
  {
    name: 'named',
    kind: 'flag',
    group: 'general',
    help: 'Parameters are given as name=value.',
    defaultText: '0',
    programs: CLIENT,
  },
  {
    name: 'netinfo',
    kind: 'flag',
    group: 'general',
    help: 'Tell about the connections of the node. Parameters: 0 to 4 for more and more of it (default: 0), and outonly for outbound peers only; help tells what the columns mean.',
    programs: CLIENT,
  },
  {
    name: 'prevouts',
    kind: 'text',
    group: 'general',
    argument: '<json>',
    help: 'For tally explain: coins that the transaction spends, as a list of objects with txid, vout, scriptPubKey and amount. A transaction whose coins are all described needs no node.',
    programs: CLIENT,
  },
  {
    name: 'rpcclienttimeout',
    kind: 'integer',
    group: 'general',
    argument: '<n>',
    help: 'Seconds to wait for an answer; 0: as long as it takes.',
    defaultText: `${CLIENT_TIMEOUT_SEC_DEFAULT}`,
    programs: CLIENT,
  },
  {
    name: 'rpcconnect',
    kind: 'text',
    group: 'general',
    argument: '<ip>',
    help: 'The node to send the call to.',
    defaultText: '127.0.0.1',
    programs: CLIENT,
  },
  {
    name: 'rpcwallet',
    kind: 'text',
    group: 'general',
    argument: '<name>',
    help: 'The wallet that the call is meant for, where several are loaded.',
    programs: CLIENT,
  },
  {
    name: 'rpcwait',
    kind: 'flag',
    group: 'general',
    help: 'Wait until the node answers.',
    defaultText: '0',
    programs: CLIENT,
  },
  {
    name: 'rpcwaittimeout',
    kind: 'integer',
    group: 'general',
    argument: '<n>',
    help: 'Seconds to wait with -rpcwait; 0: as long as it takes.',
    defaultText: '0',
    programs: CLIENT,
  },
  {
    name: 'stdin',
    kind: 'flag',
    group: 'general',
    help: 'Read further parameters from standard input, one per line.',
    defaultText: '0',
    programs: CLIENT,
  },
  {
    name: 'stdinrpcpass',
    kind: 'flag',
    group: 'general',
    help: 'Read the password from standard input, its first line.',
    defaultText: '0',
    programs: CLIENT,
  },
  {
    name: 'steps',
    kind: 'flag',
    group: 'general',
    help: 'For tally explain: run the scripts of the first input that fails, or else of the first, step by step.',
    defaultText: '0',
    programs: CLIENT,
  },
]);
