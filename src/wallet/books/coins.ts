// The coins of a wallet that can be chosen to be spent (Core AvailableCoins): what is unspent, deep enough, safe, not locked.

import { MAX_MONEY } from '../../kernel/primitives/amount.ts';
import type { AddressBook } from './address-book.ts';
import type { AddressType, AvailableCoin, CoinFilter, MempoolRelatives } from './available-coin.ts';
import type { CoinLocks } from './coin-locks.ts';
import { addressTypeOfScript } from './output-type.ts';
import type { ScriptBook } from './script-book.ts';
import type { Trust } from './trust.ts';
import type { BookFlags } from './tx-book.ts';
import type { TxView } from './tx-view.ts';
import type { OwnOutput, WalletTransaction } from './wallet-transaction.ts';

/** The books that coins are looked up in. */
export interface CoinsPorts {
  readonly view: TxView;
  readonly scripts: ScriptBook;
  readonly addresses: AddressBook;
  readonly locks: CoinLocks;
  readonly trust: Trust;
  readonly flags: BookFlags;
}

/** Relatives of a transaction in the mempool, by its text. */
export type RelativesOf = (transaction: WalletTransaction) => MempoolRelatives;

const NO_RELATIVES: MempoolRelatives = Object.freeze({ ancestorCount: 0, clusterCount: 0 });

/** Everything unspent, whatever stands against spending it. */
export const ALL_COINS: CoinFilter = Object.freeze({
  minAmountSat: 0,
  includesUnsafe: true,
  includesImmatureCoinbase: true,
  includesLocked: true,
  includesUsedAddresses: true,
});

/** Finds coins. */
export class Coins {
  readonly #ports: CoinsPorts;

  constructor(ports: CoinsPorts) {
    this.#ports = ports;
  }

  /** The coins that pass the filter. `relativesOf` is asked for unconfirmed ones. */
  available(filter: CoinFilter, relativesOf: RelativesOf = () => NO_RELATIVES): readonly AvailableCoin[] {
    const { minSumSat = MAX_MONEY, maxCount = 0 } = filter;
    const coins: AvailableCoin[] = [];
    let sumSat = 0;
    for (const output of this.#ports.view.live) {
      if (!this.#isWanted(output, filter)) continue;
      const coin = this.#describe(output, relativesOf);
      if (!passes(coin, filter)) continue;
      coins.push(coin);
      sumSat += coin.valueSat;
      if ((minSumSat !== MAX_MONEY && sumSat >= minSumSat) || (maxCount > 0 && coins.length >= maxCount)) break;
    }
    return coins;
  }

  /** The part of the filter that costs little. */
  #isWanted(
    output: OwnOutput,
    { minAmountSat = 1, maxAmountSat = MAX_MONEY, minDepth = 0, maxDepth }: CoinFilter,
  ): boolean {
    const { view } = this.#ports;
    if (output.valueSat < minAmountSat || output.valueSat > maxAmountSat) return false;
    const { state } = output.from;
    if (state.kind !== 'confirmed' && state.kind !== 'in-mempool') return false;
    const depth = view.depth(output.from);
    return depth >= minDepth && (maxDepth === undefined || depth <= maxDepth) && !view.isSpent(output);
  }

  #describe(output: OwnOutput, relativesOf: RelativesOf): AvailableCoin {
    const { view, scripts, addresses, locks, trust, flags } = this.#ports;
    const { from, index, name, valueSat, scriptHex } = output;
    const scriptPubKey = from.transaction.scriptPubKey(index);
    const isUnconfirmed = from.state.kind !== 'confirmed';
    const isReplacement = from.notes.replacesTxid !== undefined || from.notes.replacedByTxid !== undefined;
    const { ancestorCount, clusterCount } = isUnconfirmed ? relativesOf(from) : NO_RELATIVES;
    return {
      outpoint: { txid: from.txid, index },
      name,
      valueSat,
      scriptPubKey,
      scriptHex,
      depth: view.depth(from),
      isSolvable: scripts.descriptorOf(scriptPubKey)?.isSolvable ?? false,
      // What replaces or was replaced may yet give way: a payment on top of it could be made twice.
      isSafe: trust.isTrusted(from) && !(isUnconfirmed && isReplacement),
      isFromMe: from.isFromMe,
      isLocked: locks.isLocked(name),
      isReused: flags.avoidsReuse && addresses.isUsed(scriptHex),
      isImmature: view.isImmature(from),
      timeSec: from.timeSmartSec,
      version: from.transaction.version,
      hasTrucChild: from.trucChild !== null,
      ancestorCount,
      clusterCount,
    };
  }

  /** Coins by the type of their outputs; what is behind a script hash shows in the descriptor. */
  groupByType(coins: readonly AvailableCoin[]): ReadonlyMap<AddressType | 'unknown', readonly AvailableCoin[]> {
    const groups: Map<AddressType | 'unknown', AvailableCoin[]> = new Map();
    for (const coin of coins) {
      const type = this.#typeOf(coin) ?? 'unknown';
      const group = groups.get(type);
      if (group === undefined) groups.set(type, [coin]);
      else group.push(coin);
    }
    return groups;
  }

  #typeOf({ scriptPubKey, isSolvable }: AvailableCoin): AddressType | null {
    const descriptor = isSolvable ? this.#ports.scripts.descriptorOf(scriptPubKey) : null;
    if (descriptor?.addressType) return descriptor.addressType;
    const type = addressTypeOfScript(scriptPubKey);
    // The only other script hash that a wallet has comes from combo(), with a witness program in it.
    return type === 'legacy' && descriptor?.given.type === 'combo' && scriptPubKey.length === 23 ? 'p2sh-segwit' : type;
  }
}

function passes(coin: AvailableCoin, filter: CoinFilter): boolean {
  if (!coin.isSafe && filter.includesUnsafe !== true) return false;
  if (coin.isImmature && filter.includesImmatureCoinbase !== true) return false;
  if (coin.isLocked && filter.includesLocked !== true) return false;
  return !coin.isReused || filter.includesUsedAddresses === true;
}
