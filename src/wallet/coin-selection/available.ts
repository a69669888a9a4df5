// Which coins of the wallet a payment may choose from (Core AvailableCoins): safe, mature, not locked, deep enough, and for unconfirmed
// ones the topology of TRUC (BIP431): version 3 spends version 3 only, one generation, of one transaction.

import { TRUC_VERSION } from '../../kernel/policy/limits.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { AvailableCoin } from '../books/available-coin.ts';

/** What is asked of coins. */
export interface Availability {
  /** Version of the payment. */
  readonly version: number;
  readonly includesUnsafe: boolean;
  readonly depthMin: number;
  readonly depthMax: number;
  /** Leaves coins alone whose scripts were spent from before. */
  readonly avoidsReuse: boolean;
  /** Least value. */
  readonly valueMinSat: number;
  /** Names of coins that are chosen already. */
  readonly except: ReadonlySet<string>;
}

/** The coins that fit, in their order, none twice. */
export function filterAvailable(coins: readonly AvailableCoin[], asked: Availability): readonly AvailableCoin[] {
  const seen: Set<string> = new Set(asked.except);
  const fitting = coins.filter((coin) => {
    if (seen.has(coin.name) || !fits(coin, asked)) return false;
    seen.add(coin.name);
    return true;
  });
  return asked.version === TRUC_VERSION ? keepOneTrucParent(fitting) : fitting;
}

function fits(coin: AvailableCoin, asked: Availability): boolean {
  return (
    !coin.isImmature &&
    !coin.isLocked &&
    (coin.isSafe || asked.includesUnsafe) &&
    coin.depth >= Math.max(asked.depthMin, 0) &&
    coin.depth <= asked.depthMax &&
    coin.valueSat >= asked.valueMinSat &&
    !(coin.isReused && asked.avoidsReuse) &&
    (coin.depth > 0 || isTopologyFine(coin, asked.version))
  );
}

/** A child of a TRUC transaction has the same version, no sibling and no grandparent in the mempool. */
function isTopologyFine(coin: AvailableCoin, version: number): boolean {
  if (version !== TRUC_VERSION) return coin.version !== TRUC_VERSION;
  return coin.version === TRUC_VERSION && !coin.hasTrucChild && coin.ancestorCount <= 1;
}

/** A TRUC transaction has one unconfirmed parent at most: of several that one is kept whose coins are worth most. */
function keepOneTrucParent(coins: readonly AvailableCoin[]): readonly AvailableCoin[] {
  const values: Map<string, number> = new Map();
  for (const { depth, outpoint, valueSat } of coins) {
    const parent = formatHash(outpoint.txid);
    if (depth === 0) values.set(parent, (values.get(parent) ?? 0) + valueSat);
  }
  if (values.size <= 1) return coins;
  const [parent] = [...values].reduce((best, next) => (next[1] > best[1] ? next : best));
  return coins.filter(({ depth, outpoint }) => depth > 0 || formatHash(outpoint.txid) === parent);
}
