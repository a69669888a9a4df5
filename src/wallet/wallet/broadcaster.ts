// Transactions of wallets that wait in no block and in no mempool are handed to the node again: when a wallet is loaded, and from time
// to time (Core ResubmitWalletTransactions, MaybeResendWalletTxs). When exactly is left to chance, so that nobody can tell from it whose
// they are.

import type { Rng } from '../../kernel/util/prng.ts';
import type { WalletTransaction } from '../books/wallet-transaction.ts';
import type { WalletHost } from '../ports.ts';
import { QueueClosedError } from './command-queue.ts';
import { type Wallet, WalletFailedError } from './wallet.ts';

/** How often it is looked whether it is time (Core: every minute). */
const LOOK_INTERVAL_MS = 60_000;

/** The next time is 12 to 36 hours away (Core SetNextResend). */
const RESEND_SEC_MIN: number = 12 * 3600;
const RESEND_SEC_SPREAD: number = 24 * 3600;

/** Transactions as young as this compared with the last block are left alone: that block may not have known of them (Core). */
const YOUNG_SEC = 300;

/** How transactions are handed in. */
export interface ResubmitOptions {
  /** Peers are told of them. */
  readonly relays: boolean;
  /** Young ones as well. */
  readonly isForced: boolean;
}

/** Hands them in for all wallets. */
export class Broadcaster {
  readonly #host: WalletHost;
  readonly #rng: Rng;
  readonly #wallets: () => Iterable<Wallet>;
  readonly #nextSec: WeakMap<Wallet, number> = new WeakMap();
  #cancel: () => void;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(host: WalletHost, rng: Rng, wallets: () => Iterable<Wallet>) {
    this.#host = host;
    this.#rng = rng;
    this.#wallets = wallets;
    this.#cancel = this.#lookLater();
  }

  /** Stops; resolves when nothing is handed in any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#running;
  }

  /** Hands in what waits nowhere; as its own commands. */
  async resubmit(wallet: Wallet, options: ResubmitOptions): Promise<void> {
    this.#nextSec.set(wallet, this.#drawNext());
    if (!wallet.settings.broadcasts) return;
    const { view } = wallet.books;
    const due = await wallet.run(() => view.ordered.filter((one) => isDue(wallet, one, options)).map(toTxid));
    let takenCount = 0;
    for (const txid of due) {
      const isTaken = await wallet.run(async () => {
        const one = view.get(txid);
        if (one === null || one.state.kind === 'confirmed') return false;
        return (await wallet.chain.broadcast(one.transaction, { maxFeeSat: null, relays: options.relays })).ok;
      });
      if (isTaken) takenCount++;
    }
    if (takenCount > 0) wallet.log.info(`[${wallet.name}] resubmit ${takenCount} unconfirmed transactions`);
  }

  #lookLater(): () => void {
    return this.#host.after(LOOK_INTERVAL_MS, () => {
      this.#running = this.#look().finally(() => {
        if (!this.#isStopped) this.#cancel = this.#lookLater();
      });
    });
  }

  async #look(): Promise<void> {
    const nowSec = this.#host.nowSec();
    for (const wallet of [...this.#wallets()]) {
      const nextSec = this.#nextSec.get(wallet) ?? 0;
      if (this.#isStopped || nowSec < nextSec || !wallet.chain.isSynchronised()) continue;
      try {
        await this.resubmit(wallet, { relays: true, isForced: false });
      } catch (error) {
        // It was unloaded, or is out of order and has said so.
        if (error instanceof QueueClosedError || error instanceof WalletFailedError) continue;
        wallet.log.warn(`Wallet "${wallet.name}": ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  #drawNext(): number {
    return this.#host.nowSec() + RESEND_SEC_MIN + this.#rng.below(RESEND_SEC_SPREAD);
  }
}

function toTxid({ txidText }: WalletTransaction): string {
  return txidText;
}

/** Parents come before children: they became known earlier. */
function isDue({ chain }: Wallet, one: WalletTransaction, { isForced }: ResubmitOptions): boolean {
  const { state, isCoinbase } = one;
  const waitsNowhere = (state.kind === 'inactive' && !state.isAbandoned) || state.kind === 'in-mempool';
  if (!waitsNowhere || isCoinbase) return false;
  return isForced || one.timeReceivedSec <= chain.tip().timeSec - YOUNG_SEC;
}
