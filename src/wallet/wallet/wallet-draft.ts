// What one command changes in a wallet, in its books and beside them: stored in one piece at the end of the command.

import { ChangeList } from '../books/change-list.ts';
import type { TransactionNews } from '../books/records.ts';
import type { RecordName, StoreChanges, StoredRecord } from '../store/records.ts';

/** Changes on their way into the store. */
export class WalletDraft {
  /** Those of the books. */
  readonly books: ChangeList = new ChangeList();
  readonly #puts: StoredRecord[] = [];
  readonly #deletes: RecordName[] = [];

  /** Puts a record beside the books. */
  put(record: StoredRecord): void {
    this.#puts.push(record);
  }

  delete(name: RecordName): void {
    this.#deletes.push(name);
  }

  /** Everything, and the transactions that there is something to tell of. */
  finish(): { readonly changes: StoreChanges; readonly news: TransactionNews } {
    const { puts, deletes, news } = this.books.finish();
    return { changes: { puts: [...puts, ...this.#puts], deletes: [...deletes, ...this.#deletes] }, news };
  }
}
