// What one command changes in a wallet, in its books and beside them: stored in one piece at the end of the command.

import { ChangeList } from '../books/change-list.ts';
import type { RecordName, StoreChanges, StoredRecord } from '../store/records.ts';

/** Changes on their way into the store. */
export class WalletDraft {
  /** Those of the books. */
  readonly books: ChangeList = new ChangeList();
  readonly #puts: StoredRecord[] = [];
  readonly #deletes: RecordName[] = [];
  readonly #told: Set<string> = new Set();

  /** Puts a record beside the books. */
  put(record: StoredRecord): void {
    this.#puts.push(record);
  }

  delete(name: RecordName): void {
    this.#deletes.push(name);
  }

  /** Has those who listen told of a transaction, though nothing about it has changed. */
  tell(txidText: string): void {
    this.#told.add(txidText);
  }

  /** Everything, and the transactions that are told of: new ones, those that stand elsewhere, and those that were asked for. */
  finish(): { readonly changes: StoreChanges; readonly txids: readonly string[] } {
    const { puts, deletes, txids } = this.books.finish();
    const told = [...new Set([...txids, ...this.#told])];
    return { changes: { puts: [...puts, ...this.#puts], deletes: [...deletes, ...this.#deletes] }, txids: told };
  }
}
