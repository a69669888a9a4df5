// The options of the RPC server and of its clients: their rows of the table in options.ts, with Core's names and meanings.

import type { OptionSpec } from './option-spec.ts';

/** -rpcthreads (Core DEFAULT_HTTP_THREADS): calls that are answered at one time. */
export const RPC_THREADS_DEFAULT = 16;

/** -rpcworkqueue (Core DEFAULT_HTTP_WORKQUEUE): calls that may wait. */
export const RPC_WORK_QUEUE_DEFAULT = 64;

/** -rpcservertimeout in seconds (Core DEFAULT_HTTP_SERVER_TIMEOUT). */
export const RPC_SERVER_TIMEOUT_SEC_DEFAULT = 30;

/** Name of the file with the password of this run (Core COOKIEAUTH_FILE). */
export const COOKIE_FILE_NAME = '.cookie';

const DAEMON = ['tallyd'] as const;
const BOTH = ['tallyd', 'tally'] as const;

/** Rows of the table. */
export const RPC_OPTIONS: readonly OptionSpec[] = Object.freeze([
  {
    name: 'rest',
    kind: 'flag',
    group: 'rpc',
    help: 'Answer REST requests of whoever may connect, without a password: blocks, headers, transactions, coins, filters.',
    defaultText: '0',
    programs: DAEMON,
  },
  {
    name: 'server',
    kind: 'flag',
    group: 'rpc',
    help: 'Take commands over JSON-RPC.',
    defaultText: '1',
    programs: DAEMON,
  },
  {
    name: 'rpcallowip',
    kind: 'list',
    group: 'rpc',
    argument: '<ip>',
    help: 'Answer this address or subnet, too: 1.2.3.4, 1.2.3.4/255.255.255.0, 1.2.3.4/24, 0.0.0.0/0, ::/0. May be given more than once.',
    defaultText: 'this machine only',
    programs: DAEMON,
  },
  {
    name: 'rpcauth',
    kind: 'list',
    group: 'rpc',
    argument: '<user:salt$hash>',
    help: 'An account: name, salt, and HMAC-SHA256 of the password with the salt as key, as the script rpcauth of Bitcoin Core prints them. May be given more than once.',
    programs: DAEMON,
    isSecret: true,
  },
  {
    name: 'rpcbind',
    kind: 'list',
    group: 'rpc',
    argument: '<addr>[:port]',
    help: 'Listen at this address. Ignored unless -rpcallowip is given, too. Do not expose the port to strangers: what is said there is not encrypted. May be given more than once.',
    defaultText: '127.0.0.1 and ::1',
    programs: DAEMON,
    isNetworkOnly: true,
  },
  {
    name: 'rpccookiefile',
    kind: 'path',
    group: 'rpc',
    argument: '<file>',
    help: 'File with the password of this run. A relative path starts at the data folder of the network. -norpccookiefile writes none.',
    defaultText: COOKIE_FILE_NAME,
    programs: BOTH,
  },
  {
    name: 'rpccookieperms',
    kind: 'text',
    group: 'rpc',
    argument: '<readable-by>',
    help: 'Who may read that file: owner, group or all.',
    defaultText: 'owner',
    programs: DAEMON,
  },
  {
    name: 'rpcpassword',
    kind: 'text',
    group: 'rpc',
    argument: '<pw>',
    help: 'Password of -rpcuser. Better use the cookie file, or -rpcauth.',
    programs: BOTH,
    isSecret: true,
  },
  {
    name: 'rpcport',
    kind: 'integer',
    group: 'rpc',
    argument: '<port>',
    help: 'Port to listen at, or to connect to.',
    defaultText: '8332, test 18332, testnet4 48332, signet 38332, regtest 18443',
    programs: BOTH,
    isNetworkOnly: true,
  },
  {
    name: 'rpcservertimeout',
    kind: 'integer',
    group: 'rpc',
    argument: '<n>',
    help: 'Seconds after which a connection on which nothing moves is closed.',
    defaultText: `${RPC_SERVER_TIMEOUT_SEC_DEFAULT}`,
    programs: DAEMON,
    isHidden: true,
  },
  {
    name: 'rpcthreads',
    kind: 'integer',
    group: 'rpc',
    argument: '<n>',
    help: 'Calls that are answered at one time.',
    defaultText: `${RPC_THREADS_DEFAULT}`,
    programs: DAEMON,
  },
  {
    name: 'rpcuser',
    kind: 'text',
    group: 'rpc',
    argument: '<user>',
    help: 'Name of an account with -rpcpassword.',
    programs: BOTH,
    isSecret: true,
  },
  {
    name: 'rpcwhitelist',
    kind: 'list',
    group: 'rpc',
    argument: '<user:method,…>',
    help: 'Methods that a user may call, and no others. Several lists for one user leave what is in all of them. May be given more than once.',
    programs: DAEMON,
  },
  {
    name: 'rpcwhitelistdefault',
    kind: 'flag',
    group: 'rpc',
    help: 'Whether users without a -rpcwhitelist may call nothing: 1, or all methods: 0.',
    defaultText: '1 with any -rpcwhitelist, 0 without',
    programs: DAEMON,
  },
  {
    name: 'rpcworkqueue',
    kind: 'integer',
    group: 'rpc',
    argument: '<n>',
    help: 'Calls that may wait until others are answered.',
    defaultText: `${RPC_WORK_QUEUE_DEFAULT}`,
    programs: DAEMON,
    isHidden: true,
  },
  {
    name: 'rpcdoccheck',
    kind: 'flag',
    group: 'debug',
    help: 'Hold every answer against the description of its method, and fail where they differ.',
    defaultText: '0',
    programs: DAEMON,
    isHidden: true,
  },
  {
    name: 'deprecatedrpc',
    kind: 'list',
    group: 'debug',
    argument: '<method>',
    help: 'Keep the deprecated behaviour of a method. May be given more than once.',
    programs: DAEMON,
    isHidden: true,
  },
]);
