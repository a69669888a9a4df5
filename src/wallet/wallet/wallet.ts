// A wallet as others hold it: its books, its secrets, its file and its way along the chain. Everything that is asked of it goes through
// one queue. A command changes the books in memory and stores what it changed in one piece; nobody is answered before that is durable.
// When storing fails, memory is ahead of the file: then the wallet does nothing more until it is loaded again.

import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { assert } from '../../kernel/util/assert.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { Unsubscribe } from '../../kernel/util/signal.ts';
import type { BlockPlace } from '../books/block-trail.ts';
import { runSteps } from '../books/change-list.ts';
import type { BookSteps, TransactionNews } from '../books/records.ts';
import type { WalletBooks } from '../books/wallet-books.ts';
import type { ChainSource, RemovalReason } from '../chain-source.ts';
import { MusigNonces } from '../musig-nonces.ts';
import type { WalletHost, WalletLock } from '../ports.ts';
import type { StoreChanges, WalletRecord } from '../store/records.ts';
import type { WalletSecrets } from '../store/wallet-secrets.ts';
import type { WalletStore } from '../store/wallet-store.ts';
import { BlockWalk } from './block-walk.ts';
import { ChainFollower } from './chain-follower.ts';
import { CommandQueue } from './command-queue.ts';
import { Rescan, type RescanResult, type ScanState } from './rescan.ts';
import type { WalkedWallet, WalletLog } from './walked-wallet.ts';
import { WalletDraft } from './wallet-draft.ts';
import type { WalletSettings } from './wallet-settings.ts';

/** What a wallet is made of. */
export interface WalletParts {
  readonly name: string;
  readonly chain: ChainSource;
  readonly host: WalletHost;
  readonly secp: Secp256k1;
  readonly settings: WalletSettings;
  readonly store: WalletStore;
  readonly secrets: WalletSecrets;
  readonly books: WalletBooks;
  /** For what chance decides in payments; keys come from the host. */
  readonly rng: Rng;
  readonly lock: WalletLock;
  readonly log: WalletLog;
  /** The version of the program, as Core writes versions. */
  readonly clientVersion: number;
  /** Hears of transactions that there is something to tell of. */
  readonly onTransactions: (wallet: Wallet, news: TransactionNews) => void;
  /** Hears that the secrets can be used from now on, or no longer. */
  readonly onLockChanged: (wallet: Wallet) => void;
}

/** What the node told of its mempool and nobody has looked at yet. */
type MempoolNews =
  | { readonly kind: 'added'; readonly transaction: Transaction }
  | { readonly kind: 'removed'; readonly transaction: Transaction; readonly reason: RemovalReason };

/** The file of a wallet could not be written. */
export class WalletFailedError extends Error {
  override readonly name = 'WalletFailedError';
}

/** A wallet that is loaded. */
export class Wallet implements WalkedWallet {
  readonly name: string;
  readonly chain: ChainSource;
  readonly settings: WalletSettings;
  readonly secp: Secp256k1;
  readonly host: WalletHost;
  readonly books: WalletBooks;
  readonly secrets: WalletSecrets;
  readonly store: WalletStore;
  readonly rng: Rng;
  readonly log: WalletLog;
  /** Of signatures that are made together with others. */
  readonly musigNonces: MusigNonces;
  readonly #parts: WalletParts;
  readonly #queue = new CommandQueue();
  readonly #follower: ChainFollower;
  readonly #rescan: Rescan;
  #news: MempoolNews[] = [];
  #unfollow: Unsubscribe | null = null;
  #failure: WalletFailedError | null = null;
  #unlockedUntilSec = 0;
  #cancelRelock: Unsubscribe | null = null;
  /** Read when they are asked for; null after a change. */
  #flags: WalletRecord | null = null;

  constructor(parts: WalletParts) {
    const { name, chain, settings, secp, host, books, secrets, store, log } = parts;
    this.name = name;
    this.chain = chain;
    this.settings = settings;
    this.secp = secp;
    this.host = host;
    this.books = books;
    this.secrets = secrets;
    this.store = store;
    this.rng = parts.rng;
    this.log = log;
    this.musigNonces = new MusigNonces(host.secureRandom);
    this.#parts = parts;
    this.#follower = new ChainFollower(chain, new BlockWalk(this), host.yieldToHost, (error) => {
      const reason = error instanceof Error ? error.message : String(error);
      log.warn(`Wallet "${name}" cannot follow the chain behind block ${this.lastBlock.height}: ${reason}`);
    });
    this.#rescan = new Rescan(this);
    books.flags.avoidsReuse = this.flags.avoidsReuse;
  }

  // --- what it is -----------------------------------------------------------------------------------------------------

  get flags(): WalletRecord {
    this.#flags ??= this.store.get('wallet', 'wallet');
    assert(this.#flags !== null, 'wallet: its record was put when it was made');
    return this.#flags;
  }

  /** The last block that it has seen. */
  get lastBlock(): BlockPlace {
    const { tip } = this.books.view;
    assert(tip !== null, 'wallet: it begins at a block');
    return tip;
  }

  get hasPassphrase(): boolean {
    return this.secrets.isEncrypted;
  }

  /** True when its secrets cannot be used for want of the passphrase. */
  get isLocked(): boolean {
    return this.secrets.isLocked;
  }

  /** Until when the secrets can be used, in seconds; 0: they are locked. */
  get unlockedUntilSec(): number {
    return this.#unlockedUntilSec;
  }

  /** The scan that is going on. */
  get scan(): ScanState | null {
    return this.#rescan.state;
  }

  // --- commands -------------------------------------------------------------------------------------------------------

  /** Does something when everything before it is done. Inside, books are read at ease; changes end with {@link apply}. */
  run<T>(command: () => T | Promise<T>): Promise<T> {
    return this.#queue.run(() => {
      if (this.#failure !== null) throw this.#failure;
      return command();
    });
  }

  /** The same once the wallet has seen the tip of now (Core BlockUntilSyncedToCurrentChain). */
  async runSynchronised<T>(command: () => T | Promise<T>): Promise<T> {
    await this.#follower.untilSynchronised();
    return this.run(command);
  }

  /** Resolves when the wallet has seen the tip of now. */
  untilSynchronised(): Promise<void> {
    return this.#follower.untilSynchronised();
  }

  /** A command that changes something, stored at its end. */
  change<T>(steps: (draft: WalletDraft) => BookSteps<T>): Promise<T> {
    return this.run(() => this.changeNow(steps));
  }

  /** The same within a command. */
  async changeNow<T>(steps: (draft: WalletDraft) => BookSteps<T>): Promise<T> {
    const draft = new WalletDraft();
    const result = await runSteps(steps(draft), this.host.yieldToHost);
    await this.apply(draft);
    return result;
  }

  /** The same for a change that is done at once. */
  async editNow<T>(edit: (draft: WalletDraft) => T): Promise<T> {
    const draft = new WalletDraft();
    const result = edit(draft);
    await this.apply(draft);
    return result;
  }

  /** Stores what a command has changed and tells those who listen. Within a command. */
  async apply(draft: WalletDraft): Promise<void> {
    const { changes, news } = draft.finish();
    if (changes.puts.length > 0 || changes.deletes.length > 0) await this.#commit(changes);
    if (news.changed.length > 0 || news.met.length > 0) this.#parts.onTransactions(this, news);
  }

  /** Beside the changes it is noted which version of the program wrote last. */
  async #commit(changes: StoreChanges): Promise<void> {
    const { clientVersion } = this.#parts;
    const flags = changes.puts.find((record) => record.kind === 'wallet') ?? this.flags;
    const isNews = flags.lastClientVersion !== clientVersion;
    const puts = isNews ? [...changes.puts, { ...flags, lastClientVersion: clientVersion }] : changes.puts;
    await this.#store(() => this.store.commit({ ...changes, puts }));
    if (puts.some(({ kind }) => kind === 'wallet')) this.#flags = null;
  }

  async #store<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `Wallet "${this.name}" could not be saved: ${reason}. It does nothing more until it is loaded again (${this.store.path}: mend what stands in the way, then unloadwallet and loadwallet); what was answered before is saved.`;
      this.#failure = new WalletFailedError(message, { cause });
      this.log.warn(message);
      // Nobody can lock it later (R14).
      this.lockNow();
      throw this.#failure;
    }
  }

  /** Changes the flags of the wallet. Within a command. */
  async setFlags(flags: Partial<Omit<WalletRecord, 'kind' | 'id'>>): Promise<void> {
    const draft = new WalletDraft();
    draft.put({ ...this.flags, ...flags });
    await this.apply(draft);
    this.books.flags.avoidsReuse = this.flags.avoidsReuse;
  }

  // --- the chain ------------------------------------------------------------------------------------------------------

  /** Begins to follow chain and mempool. */
  attach(): void {
    this.#unfollow = this.chain.follow({
      lastBlock: () => (this.#failure !== null || this.#follower.hasFailed ? null : this.lastBlock.blockHash),
      tipChanged: () => this.#follower.wake(),
      transactionAdded: (transaction) => this.#hear({ kind: 'added', transaction }),
      transactionRemoved: (transaction, reason) => this.#hear({ kind: 'removed', transaction, reason }),
    });
    this.#follower.wake();
  }

  /** Takes in what waits in the mempool already. */
  hearMempool(): void {
    for (const transaction of this.chain.mempoolTransactions()) this.#hear({ kind: 'added', transaction });
  }

  /** News are taken in together, as one command in the place of the first. */
  #hear(news: MempoolNews): void {
    this.#news.push(news);
    if (this.#news.length > 1) return;
    this.run(() => this.#takeNews()).catch(() => undefined);
  }

  async #takeNews(): Promise<void> {
    const { transactions } = this.books;
    const { nowSec } = this.host;
    while (this.#news.length > 0) {
      const all = this.#news.splice(0);
      await this.changeNow(function* (draft) {
        for (const news of all) {
          if (news.kind === 'added') yield* transactions.transactionAdded(news.transaction, nowSec(), draft.books);
          else transactions.transactionRemoved(news.transaction, news.reason, draft.books);
        }
      });
    }
  }

  /** Looks through blocks again; null when a scan is going on. */
  rescan(startHeight: number, stopHeight: number | null, needsSecrets: boolean): Promise<RescanResult> | null {
    return this.#rescan.start(startHeight, stopHeight, needsSecrets);
  }

  /** Ends a scan that was asked for; false when there is none. */
  abortRescan(): boolean {
    return this.#rescan.abort();
  }

  // --- the passphrase -------------------------------------------------------------------------------------------------

  /** Makes the secrets usable for a while; false when the passphrase is wrong. */
  unlock(passphrase: string, durationSec: number): Promise<boolean> {
    return this.run(async () => {
      if ((await this.secrets.unlock(passphrase)) !== null) return false;
      const { scripts } = this.books;
      await this.changeNow((draft) => scripts.topUp(draft.books));
      const untilSec = this.host.nowSec() + durationSec;
      this.#unlockedUntilSec = untilSec;
      this.#cancelRelock?.();
      this.#cancelRelock = this.host.after(durationSec * 1000, () => this.#relock(untilSec));
      this.#parts.onLockChanged(this);
      return true;
    });
  }

  /** A scan that needs the secrets is not left alone in the middle. */
  #relock(untilSec: number): void {
    void this.#rescan.untilSecretsAreFree().then(() =>
      this.run(() => {
        if (this.#unlockedUntilSec === untilSec) this.lockNow();
      }).catch(() => undefined),
    );
  }

  /** Forgets what opens the secrets. */
  lock(): Promise<void> {
    return this.run(() => this.lockNow());
  }

  /** The same within a command. */
  lockNow(): void {
    this.#cancelRelock?.();
    this.#cancelRelock = null;
    this.#unlockedUntilSec = 0;
    if (!this.hasPassphrase || this.isLocked) return;
    this.secrets.lock();
    this.#parts.onLockChanged(this);
  }

  /** Another passphrase; false when the first is wrong. A wallet that is unlocked stays so. */
  changePassphrase(before: string, after: string): Promise<boolean> {
    return this.run(async () => {
      const changed = await this.#store(() => this.secrets.changePassphrase(before, after));
      if (changed.ok && !changed.value) this.#warnOfRemains();
      return changed.ok;
    });
  }

  /** Gives the wallet a passphrase; it is locked then. Within a command. */
  async encryptNow(passphrase: string): Promise<boolean> {
    const encrypted = await this.#store(() => this.secrets.encrypt(passphrase));
    if (encrypted.ok && !encrypted.value) this.#warnOfRemains();
    return encrypted.ok;
  }

  #warnOfRemains(): void {
    this.log.warn(`Wallet "${this.name}": the old file could not be overwritten; parts of it may remain on the disk`);
  }

  // --- the end --------------------------------------------------------------------------------------------------------

  /** Stops in order: what was begun is finished, the file is closed, others may open it. */
  async close(): Promise<void> {
    await this.abandon();
    await this.#parts.lock.release();
  }

  /** The same without a word about the lock: whoever has it releases it. */
  async abandon(): Promise<void> {
    this.#unfollow?.();
    this.#rescan.abort();
    await this.#follower.stop();
    await this.#rescan.untilDone();
    await this.#saveLastBlock();
    await this.#queue.close();
    this.lockNow();
    await this.store.close();
  }

  /** So that the next start begins here. */
  async #saveLastBlock(): Promise<void> {
    const { transactions, view } = this.books;
    const { tip } = view;
    if (tip === null || this.#failure !== null) return;
    const stored = this.store.get('best-block', 'best')?.blocks[0];
    if (stored?.height === tip.height) return;
    try {
      await this.run(async () => {
        const draft = new WalletDraft();
        transactions.saveTip(draft.books);
        await this.apply(draft);
      });
    } catch (error) {
      if (!(error instanceof WalletFailedError)) throw error;
    }
  }
}
