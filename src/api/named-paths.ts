// What somebody at a page may name on the disk of the node. A program that knows the password is the owner at a terminal and may name
// any path, as in Core. A session of a browser can be stolen, and must not be good for more than the node itself: a file whose name
// and contents are chosen well, in a folder from which a shell or a desktop starts things, would be good for the whole machine.

import { RPC_CODE, RpcError } from './errors.ts';
import type { JsonValue } from './json/json-value.ts';
import { firstName, type MethodSignature } from './signature.ts';

/** How a path may be named. */
type PathRule =
  /** A wallet in the folder of wallets. */
  | 'wallet'
  /** A file below the data folder of the network, or below where the program was started. */
  | 'own-file'
  /** A file anywhere that nothing takes for something else than a wallet. */
  | 'backup'
  /** Any: it is only read, and shown only if it is a wallet. */
  | 'any';

/** Parameters that name paths, by method; every such parameter stands here. */
export const PATH_PARAMETERS: Readonly<Record<string, Readonly<Record<string, PathRule>>>> = Object.freeze({
  createwallet: { wallet_name: 'wallet' },
  createmnemonicwallet: { wallet_name: 'wallet' },
  loadwallet: { filename: 'wallet' },
  migratewallet: { wallet_name: 'wallet' },
  restorewallet: { wallet_name: 'wallet', backup_file: 'any' },
  backupwallet: { destination: 'backup' },
  exportwatchonlywallet: { destination: 'backup' },
  dumptxoutset: { path: 'own-file' },
  exportasmap: { path: 'own-file' },
  loadtxoutset: { path: 'own-file' },
  verifysnapshot: { path: 'own-file' },
  importmempool: { filepath: 'own-file' },
  // Of wallets that are loaded already.
  unloadwallet: { wallet_name: 'any' },
});

const REFUSALS: Readonly<Record<Exclude<PathRule, 'any'>, string>> = Object.freeze({
  wallet: 'From a page, a wallet is called by a name without a path: wallets elsewhere are for tally in a terminal',
  'own-file':
    'From a page, a file is named by a path that neither leads up nor begins at the root: others are for tally in a terminal',
  backup:
    'From a page, a backup is called something.tally, and lies in no hidden folder: others are for tally in a terminal',
});

const ABSOLUTE = /^[/\\]|^[A-Za-z]:/;

/** Folders that lead up, and those that programs keep for themselves. */
const HIDDEN_PART = /(?:^|[/\\])\./;

const BACKUP_NAME = /[^/\\]\.tally$/i;

function keepsRule(rule: PathRule, path: string): boolean {
  switch (rule) {
    case 'wallet':
      return !ABSOLUTE.test(path);
    case 'own-file':
      return !ABSOLUTE.test(path) && !HIDDEN_PART.test(path);
    case 'backup':
      return BACKUP_NAME.test(path) && !HIDDEN_PART.test(path);
    case 'any':
      return true;
  }
}

/** Throws an {@link RpcError} when a call from a page names a path that it may not. `values` are in the order of the parameters. */
export function checkNamedPaths(method: MethodSignature, values: readonly JsonValue[]): void {
  const rules = Object.hasOwn(PATH_PARAMETERS, method.name) ? PATH_PARAMETERS[method.name]! : {};
  method.parameters.forEach((parameter, i) => {
    const rule = rules[firstName(parameter)];
    const value = values[i] ?? null;
    if (rule === undefined || rule === 'any' || typeof value !== 'string' || keepsRule(rule, value)) return;
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, REFUSALS[rule]);
  });
}
