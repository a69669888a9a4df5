// Changes of the index of addresses while a batch is under way. Counts and balances grow from block to block, and a coin may be made by
// one block of a batch and spent by the next, so what the rows will be is kept here and put into the batch once, at its end.

import type { KvStore } from '../../kernel/chain/ports.ts';
import { ByteWriter } from '../../kernel/encoding/writer.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { type ScriptCoin, type ScriptMoves, writeCoin } from './address-moves.ts';
import { decodeAccount, EMPTY_ACCOUNT, encodeAccount, encodePayment, type ScriptAccount } from './address-rows.ts';
import type { IndexBatch } from './index-batch.ts';
import { accountKey, paymentKey, unspentKey } from './index-layout.ts';
import type { Pacer } from './pacer.ts';

/** Accounts that one read fetches. */
const ACCOUNTS_PER_READ = 1000;

/** What a read of so many costs, in microseconds. */
const READ_US = 4000;

/** What a script or a coin takes in memory until the batch is written; a guess. */
const ENTRY_BYTES = 300;

/** An unspent coin; null: there is none any more. */
interface CoinChange {
  readonly key: Uint8Array;
  readonly coin: ScriptCoin | null;
}

interface AccountChange {
  readonly scriptHash: Uint8Array;
  account: ScriptAccount;
}

/** The rows of one batch. */
export class AddressDraft {
  readonly #store: KvStore;
  readonly #batch: IndexBatch;
  readonly #accounts: Map<string, AccountChange> = new Map();
  readonly #coins: Map<string, CoinChange> = new Map();

  constructor(store: KvStore, batch: IndexBatch) {
    this.#store = store;
    this.#batch = batch;
  }

  isOf(batch: IndexBatch): boolean {
    return this.#batch === batch;
  }

  /** A block has come: its moves happen. Rejects with a StorageError. */
  async apply(list: readonly ScriptMoves[], height: number, pacer: Pacer): Promise<void> {
    await this.#load(list, pacer);
    for (const moves of list) {
      const change = this.#changeOf(moves);
      let { paymentCount, balanceSat } = change.account;
      for (const payment of moves.payments) {
        balanceSat += payment.receivedSat - payment.spentSat;
        this.#batch.put(paymentKey(moves.scriptHash, paymentCount), encodePayment(payment, height, balanceSat));
        paymentCount++;
      }
      const unspentCount = change.account.unspentCount + moves.made.length - moves.spent.length;
      change.account = { paymentCount, unspentCount, balanceSat };
      for (const coin of moves.made) this.#setCoin(moves, coin, true);
      for (const coin of moves.spent) this.#setCoin(moves, coin, false);
    }
  }

  /** The last block has left: its moves are taken back. Rejects with a StorageError. */
  async takeBack(list: readonly ScriptMoves[], pacer: Pacer): Promise<void> {
    await this.#load(list, pacer);
    for (const moves of list) {
      const change = this.#changeOf(moves);
      const before = change.account;
      const paymentCount = before.paymentCount - moves.paymentCount;
      for (let number = paymentCount; number < before.paymentCount; number++) {
        this.#batch.delete(paymentKey(moves.scriptHash, number));
      }
      const unspentCount = before.unspentCount - moves.made.length + moves.spent.length;
      change.account = { paymentCount, unspentCount, balanceSat: before.balanceSat - moves.changeSat };
      for (const coin of moves.spent) this.#setCoin(moves, coin, true);
      for (const coin of moves.made) this.#setCoin(moves, coin, false);
    }
  }

  /** Puts everything into the batch. */
  finish(): void {
    for (const { scriptHash, account } of this.#accounts.values()) {
      if (account.paymentCount === 0) this.#batch.delete(accountKey(scriptHash));
      else this.#batch.put(accountKey(scriptHash), encodeAccount(account));
    }
    for (const { key, coin } of this.#coins.values()) {
      if (coin === null) this.#batch.delete(key);
      else this.#batch.put(key, writeCoin(new ByteWriter(16), coin).finish());
    }
  }

  #changeOf({ scriptHash }: ScriptMoves): AccountChange {
    return this.#accounts.get(toHex(scriptHash))!;
  }

  #setCoin({ scriptHash }: ScriptMoves, coin: ScriptCoin, isThere: boolean): void {
    const key = unspentKey(scriptHash, coin.outpoint);
    this.#coins.set(toHex(key), { key, coin: isThere ? coin : null });
    this.#batch.usedBytes += ENTRY_BYTES;
  }

  async #load(list: readonly ScriptMoves[], pacer: Pacer): Promise<void> {
    const missing = list.filter(({ scriptHash }) => !this.#accounts.has(toHex(scriptHash)));
    this.#batch.usedBytes += ENTRY_BYTES * missing.length;
    for (let at = 0; at < missing.length; at += ACCOUNTS_PER_READ) {
      const hashes = missing.slice(at, at + ACCOUNTS_PER_READ).map(({ scriptHash }) => scriptHash);
      const rows = await this.#store.getMany(hashes.map(accountKey));
      hashes.forEach((scriptHash, i) => {
        const row = rows[i];
        const account = row === undefined ? EMPTY_ACCOUNT : decodeAccount(row);
        this.#accounts.set(toHex(scriptHash), { scriptHash, account });
      });
      if (pacer.spend(READ_US)) await pacer.pause();
    }
  }
}
