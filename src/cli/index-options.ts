// The options of indexes and of what is served from them: their rows of the table in options.ts, with Core's names and meanings, and
// Core's errors about what does not go together.

import type { IndexKind, IndexServiceOptions } from '../node/app/index-service.ts';
import { StartupError } from './error-text.ts';
import type { OptionSpec } from './option-spec.ts';
import type { Settings } from './settings.ts';

const DAEMON = ['tallyd'] as const;

/** Rows of the table. */
export const INDEX_OPTIONS: readonly OptionSpec[] = Object.freeze([
  {
    name: 'addressindex',
    kind: 'flag',
    group: 'general',
    help: 'Keep an index of what every address has and had, with summaries of blocks, which getaddressbalance, getaddresshistory and getledgerseries answer from.',
    defaultText: '1 on the local ledger, 0 elsewhere',
    programs: DAEMON,
  },
  {
    name: 'blockfilterindex',
    kind: 'list',
    group: 'general',
    argument: '<type>',
    help: 'Keep an index of compact filters of blocks (BIP158). The only type is basic; 1 or no value means all types.',
    defaultText: '0',
    programs: DAEMON,
  },
  {
    name: 'coinstatsindex',
    kind: 'flag',
    group: 'general',
    help: 'Keep an index of figures of the coins at every block, which gettxoutsetinfo answers from.',
    defaultText: '0',
    programs: DAEMON,
  },
  {
    name: 'peerblockfilters',
    kind: 'flag',
    group: 'connection',
    help: 'Serve compact filters of blocks to peers (BIP157). Needs -blockfilterindex.',
    defaultText: '0',
    programs: DAEMON,
  },
  {
    name: 'txindex',
    kind: 'flag',
    group: 'general',
    help: 'Keep an index of all transactions, which getrawtransaction answers from. Not together with pruning.',
    defaultText: '1 on the local ledger unless it is pruned, 0 elsewhere',
    programs: DAEMON,
  },
  {
    name: 'txospenderindex',
    kind: 'flag',
    group: 'general',
    help: 'Keep an index of which transaction spends an output, which gettxspendingprevout answers from. Not together with pruning.',
    defaultText: '0',
    programs: DAEMON,
  },
]);

/** Which indexes there are, and who is served from them. */
export interface IndexSettings extends IndexServiceOptions {
  /** Peers get filters of blocks. */
  readonly servesFilters: boolean;
}

/** What else decides. */
export interface IndexFacts {
  readonly isPruned: boolean;
  readonly isReindexing: boolean;
  /** The ledger for trying things out: small, and looked at with the web app, whose pages need two of the indexes. */
  readonly isLocal: boolean;
}

/** Reads and checks the settings of indexes. Throws StartupError. */
export function readIndexOptions(settings: Settings, facts: IndexFacts): IndexSettings {
  const kinds = new Set<IndexKind>();
  if (wantsFilters(settings)) kinds.add('filters');
  if (settings.getFlag('coinstatsindex') === true) kinds.add('coin-stats');
  if (settings.getFlag('addressindex') ?? facts.isLocal) kinds.add('addresses');
  if (settings.getFlag('txindex') ?? (facts.isLocal && !facts.isPruned)) kinds.add('transactions');
  if (settings.getFlag('txospenderindex') === true) kinds.add('spenders');
  const servesFilters = settings.getFlag('peerblockfilters') === true;
  if (servesFilters && !kinds.has('filters')) {
    throw new StartupError('Cannot set -peerblockfilters without -blockfilterindex.');
  }
  if (facts.isPruned && kinds.has('transactions')) {
    throw new StartupError('Prune mode is incompatible with -txindex.');
  }
  if (facts.isPruned && kinds.has('spenders')) {
    throw new StartupError('Prune mode is incompatible with -txospenderindex.');
  }
  return { kinds, servesFilters, isRebuilt: facts.isReindexing };
}

/** The last value says whether; any other than a switch must be a type, and so must then all of them. */
function wantsFilters(settings: Settings): boolean {
  const values = settings.getAll('blockfilterindex');
  const last = values.at(-1) ?? '0';
  if (last === '' || last === '1') return true;
  if (last === '0') return false;
  const unknown = values.find((value) => value !== 'basic');
  if (unknown !== undefined) throw new StartupError(`Unknown -blockfilterindex value ${unknown}.`);
  return true;
}
