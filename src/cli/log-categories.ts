// Names of the categories of debug lines (Core logging.cpp LOG_CATEGORIES_BY_STR), and which of them -debug and -debugexclude
// choose. All of Core's names are accepted, so that its configuration files work; a few are in use.

import { err, ok, type Result } from '../kernel/util/result.ts';

const NAMES = [
  'addrman',
  'bench',
  'blockstorage',
  'cmpctblock',
  'coindb',
  'estimatefee',
  'http',
  'i2p',
  'ipc',
  'kernel',
  'leveldb',
  'mempool',
  'mempoolrej',
  'net',
  'privatebroadcast',
  'proxy',
  'prune',
  'qt',
  'rand',
  'reindex',
  'rpc',
  'scan',
  'selectcoins',
  'tor',
  'txpackages',
  'txreconciliation',
  'validation',
  'walletdb',
  'zmq',
] as const;

/** A category. */
export type LogCategory = (typeof NAMES)[number];

/** All of them. */
export const CATEGORIES: readonly LogCategory[] = Object.freeze(NAMES);

/** Those that have lines today. */
export const CATEGORIES_IN_USE: readonly LogCategory[] = Object.freeze([
  'addrman',
  'cmpctblock',
  'coindb',
  'estimatefee',
  'http',
  'i2p',
  'leveldb',
  'mempool',
  'mempoolrej',
  'net',
  'privatebroadcast',
  'prune',
  'reindex',
  'rpc',
  'tor',
  'txpackages',
  'txreconciliation',
  'validation',
  'zmq',
]);

function resolve(name: string): readonly LogCategory[] | null {
  if (name === '' || name === '1' || name === 'all') return CATEGORIES;
  const category = CATEGORIES.find((known) => known === name);
  return category === undefined ? null : [category];
}

/** Levels of lines, those that matter most first (Core). Debug lines of a category are of level debug. */
export const LOG_LEVELS: readonly string[] = Object.freeze(['info', 'debug', 'trace']);

/** Takes away the categories of which values of -loglevel want no debug lines. */
export function applyLevels(
  categories: ReadonlySet<LogCategory>,
  values: readonly string[],
): Result<ReadonlySet<LogCategory>, string> {
  let everywhere = 'debug';
  const own = new Map<string, string>();
  for (const value of values) {
    const [first, level, ...rest] = value.split(':');
    if (level === undefined) {
      if (!LOG_LEVELS.includes(value)) {
        const levels = LOG_LEVELS.join(', ');
        return err(`Unsupported global logging level -loglevel=${value}. Valid values: ${levels}.`);
      }
      everywhere = value;
      continue;
    }
    const chosen = resolve(first!);
    if (rest.length > 0 || chosen === null || !LOG_LEVELS.includes(level)) return err(describeWrongLevel(value));
    for (const category of chosen) own.set(category, level);
  }
  return ok(new Set([...categories].filter((category) => (own.get(category) ?? everywhere) !== 'info')));
}

function describeWrongLevel(value: string): string {
  const [categories, levels] = [CATEGORIES.join(', '), LOG_LEVELS.join(', ')];
  return `Unsupported category-specific logging level -loglevel=${value}. Expected -loglevel=<category>:<loglevel>. Valid categories: ${categories}. Valid loglevels: ${levels}.`;
}

/** The categories that values of -debug and -debugexclude choose. */
export function chooseCategories(
  debug: readonly string[],
  debugExclude: readonly string[],
): Result<ReadonlySet<LogCategory>, string> {
  const chosen = new Set<LogCategory>();
  const lastNone = Math.max(debug.lastIndexOf('0'), debug.lastIndexOf('none'));
  for (const name of debug.slice(lastNone + 1)) {
    const categories = resolve(name);
    if (!categories) return err(`Unsupported logging category -debug=${name}.`);
    for (const category of categories) chosen.add(category);
  }
  for (const name of debugExclude) {
    const categories = resolve(name);
    if (!categories) return err(`Unsupported logging category -debugexclude=${name}.`);
    for (const category of categories) chosen.delete(category);
  }
  return ok(chosen);
}
