// A wallet as its parts see it that go along the chain.

import type { BlockPlace } from '../books/block-trail.ts';
import type { BookSteps } from '../books/records.ts';
import type { WalletBooks } from '../books/wallet-books.ts';
import type { ChainSource } from '../chain-source.ts';
import type { WalletHost } from '../ports.ts';
import type { WalletDraft } from './wallet-draft.ts';

/** Where a wallet says what happens. */
export interface WalletLog {
  info(message: string): void;
  warn(message: string): void;
  /** Written only by those who look for what scans do; `message` is made only then. */
  scan(message: () => string): void;
}

/** The wallet. */
export interface WalkedWallet {
  readonly name: string;
  readonly chain: ChainSource;
  readonly books: WalletBooks;
  readonly host: WalletHost;
  readonly log: WalletLog;
  /** The last block that it has seen. */
  readonly lastBlock: BlockPlace;
  /** A command. */
  run<T>(command: () => T | Promise<T>): Promise<T>;
  /** A command that changes something, stored at its end. */
  change<T>(steps: (draft: WalletDraft) => BookSteps<T>): Promise<T>;
  /** The same within a command, for a change that is done at once. */
  editNow<T>(edit: (draft: WalletDraft) => T): Promise<T>;
  /** Takes in what waits in the mempool. */
  hearMempool(): void;
}
