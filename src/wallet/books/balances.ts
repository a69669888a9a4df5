// What a wallet has (Core GetBalance, GetAddressBalances, getreceivedbyaddress). Sums are made over the outputs that may still be
// spent, not over the whole history, and kept until something changes.

import type { AddressBook } from './address-book.ts';
import type { Trust } from './trust.ts';
import type { BookFlags } from './tx-book.ts';
import type { TxView } from './tx-view.ts';
import type { OwnOutput, WalletTransaction } from './wallet-transaction.ts';

/** The books that balances are made from. */
export interface BalancesPorts {
  readonly view: TxView;
  readonly addresses: AddressBook;
  readonly trust: Trust;
  readonly flags: BookFlags;
}

/** Money by how sure it is. */
export interface Balance {
  /** Confirmed, or own change. */
  readonly trustedSat: number;
  /** From others, still in the mempool. */
  readonly untrustedPendingSat: number;
  /** Rewards that are too young to be spent. */
  readonly immatureSat: number;
  /** On addresses that were spent from, while the wallet avoids these; not in the others then. */
  readonly usedSat: number;
  /** Spent by transactions that wait nowhere: a negative sum; counted in the others where it is asked for. */
  readonly nonmempoolSat: number;
}

/** How a balance is made. */
export interface BalanceOptions {
  /** Confirmations that trusted money needs; 0 when not given. */
  readonly minDepth?: number;
  /** Counts addresses that were spent from with the others, though the wallet avoids them. */
  readonly includesUsedAddresses?: boolean;
  /** Takes spends that wait nowhere as not made, and says how much that is. */
  readonly includesNonmempool?: boolean;
}

/** What counts as received. */
export interface ReceivedOptions {
  /** Confirmations; 1 when not given. */
  readonly minDepth?: number;
  readonly includesImmatureCoinbase?: boolean;
}

/** What was paid to an address, or to several. */
export interface Received {
  readonly valueSat: number;
  /** Confirmations of the last payment; null: there was none. */
  readonly depth: number | null;
  /** Once for each payment, the one that became known last at the front. */
  readonly txids: readonly string[];
}

/** Computes balances. */
export class Balances {
  readonly #ports: BalancesPorts;
  readonly #kept: Map<string, Balance> = new Map();
  #keptFor = '';

  constructor(ports: BalancesPorts) {
    this.#ports = ports;
  }

  /** The balance of the wallet. */
  total(options: BalanceOptions = {}): Balance {
    const { view, addresses, flags } = this.#ports;
    const now = `${view.version}/${addresses.version}/${flags.avoidsReuse}/${flags.spendsUnconfirmedChange}`;
    if (now !== this.#keptFor) this.#kept.clear();
    this.#keptFor = now;
    const { minDepth = 0, includesUsedAddresses = false, includesNonmempool = false } = options;
    const name = `${minDepth}/${includesUsedAddresses}/${includesNonmempool}`;
    const kept = this.#kept.get(name);
    if (kept !== undefined) return kept;
    const balance = this.#compute(minDepth, includesUsedAddresses, includesNonmempool);
    this.#kept.set(name, balance);
    return balance;
  }

  #compute(minDepth: number, includesUsedAddresses: boolean, includesNonmempool: boolean): Balance {
    const { view, addresses, flags } = this.#ports;
    const separatesUsed = flags.avoidsReuse && !includesUsedAddresses;
    const sums = { trustedSat: 0, untrustedPendingSat: 0, immatureSat: 0, usedSat: 0, nonmempoolSat: 0 };
    for (const output of view.live) {
      const spend = view.spendKind(output);
      const isNonmempool = spend === 'inactive' && includesNonmempool;
      if (spend !== 'unspent' && !isNonmempool) continue;
      const bucket = this.#bucketOf(output.from, minDepth);
      if (bucket === null) continue;
      sums[separatesUsed && addresses.isUsed(output.scriptHex) ? 'usedSat' : bucket] += output.valueSat;
      if (isNonmempool) sums.nonmempoolSat -= output.valueSat;
    }
    return sums;
  }

  #bucketOf(from: WalletTransaction, minDepth: number): keyof Balance | null {
    const { view, trust } = this.#ports;
    if (from.state.kind === 'confirmed' && view.isImmature(from)) return 'immatureSat';
    if (trust.isTrusted(from)) return view.depth(from) >= minDepth ? 'trustedSat' : null;
    return from.state.kind === 'in-mempool' ? 'untrustedPendingSat' : null;
  }

  /** Spendable money by address (Core GetAddressBalances); addresses without any are left out. */
  byAddress(): ReadonlyMap<string, number> {
    const { view, trust } = this.#ports;
    const balances: Map<string, number> = new Map();
    for (const output of view.live) {
      const { from, scriptHex, valueSat } = output;
      if (!trust.isTrusted(from) || view.isImmature(from) || view.isSpent(output)) continue;
      if (view.depth(from) < (from.isFromMe ? 0 : 1)) continue;
      balances.set(scriptHex, (balances.get(scriptHex) ?? 0) + valueSat);
    }
    return balances;
  }

  /** What was paid to these addresses, spent since or not. */
  received(scriptHexes: Iterable<string>, options: ReceivedOptions = {}): Received {
    let valueSat = 0;
    let depth: number | null = null;
    const txids: string[] = [];
    for (const scriptHex of scriptHexes) {
      for (const output of this.#ports.view.outputsOf(scriptHex)) {
        if (!this.#counts(output, options)) continue;
        valueSat += output.valueSat;
        depth = Math.min(depth ?? Number.MAX_SAFE_INTEGER, this.#ports.view.depth(output.from));
        txids.push(output.from.txidText);
      }
    }
    return { valueSat, depth, txids: txids.reverse() };
  }

  #counts({ from }: OwnOutput, { minDepth = 1, includesImmatureCoinbase = false }: ReceivedOptions): boolean {
    const { view } = this.#ports;
    const depth = view.depth(from);
    if (depth < minDepth || (from.isCoinbase && depth < 1)) return false;
    return includesImmatureCoinbase || !view.isImmature(from);
  }
}
