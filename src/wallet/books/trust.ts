// Which unconfirmed transactions can be built upon (Core CachedTxIsTrusted): the wallet's own, in the mempool, whose inputs are all the
// wallet's and come from transactions of which the same holds.

import type { BookFlags } from './tx-book.ts';
import type { TxView } from './tx-view.ts';
import type { WalletTransaction } from './wallet-transaction.ts';

/** Judges transactions, and remembers while nothing changes. */
export class Trust {
  readonly #view: TxView;
  readonly #flags: BookFlags;
  readonly #known: Map<WalletTransaction, boolean> = new Map();
  #version = -1;

  constructor(view: TxView, flags: BookFlags) {
    this.#view = view;
    this.#flags = flags;
  }

  /** True when its outputs count as money that one has. */
  isTrusted(subject: WalletTransaction): boolean {
    if (subject.state.kind === 'confirmed') return true;
    if (subject.state.kind !== 'in-mempool' || !this.#flags.spendsUnconfirmedChange || !subject.isFromMe) return false;
    if (this.#version !== this.#view.version) {
      this.#known.clear();
      this.#version = this.#view.version;
    }
    let isTrusted = this.#known.get(subject);
    if (isTrusted === undefined) {
      // As deep as ancestors in a mempool are: its clusters are limited.
      isTrusted = this.#view.spentBy(subject).every((spent) => spent !== null && this.isTrusted(spent.from));
      this.#known.set(subject, isTrusted);
    }
    return isTrusted;
  }
}
