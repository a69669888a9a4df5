// The wallets of a program: made, loaded, unloaded, restored; several at once (Core WalletContext, wallet/load.cpp). Failures are values
// with Core's sentences, to which is added what a person can do.

import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import { assert } from '../../kernel/util/assert.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import type { ChainSource } from '../chain-source.ts';
import { type WalletFolder, type WalletHome, type WalletHost, type WalletLock, WalletNameError } from '../ports.ts';
import { restoreBackup, withdrawRestored, writeBackup } from '../store/backup.ts';
import { MemoryWalletFolder } from '../store/memory-home.ts';
import { WALLET_FILE } from '../store/record-log.ts';
import { WalletStore } from '../store/wallet-store.ts';
import { assembleWallet, type WalletGround, type WalletPlace } from './assemble-wallet.ts';
import { BlockWalk } from './block-walk.ts';
import { Broadcaster } from './broadcaster.ts';
import { BlocksMissingError, describeMissingHistory, findFirstHeight, TIMESTAMP_WINDOW_SEC } from './chain-follower.ts';
import { createWalletFile, type NewWalletOptions } from './new-wallet.ts';
import type { Wallet } from './wallet.ts';
import { fault, openFault, restoreFault, VERIFICATION_FAILED, type WalletFault } from './wallet-fault.ts';
import type { WalletSettings } from './wallet-settings.ts';
import { createWatchOnlyFile } from './watch-only.ts';

/** A wallet that was made or loaded. */
export interface ManagedWallet {
  readonly wallet: Wallet;
  readonly warnings: readonly string[];
}

/** Which wallets are loaded at the next start. */
export interface StartupList {
  /** Adds or removes one; rejects when that could not be noted. */
  set(walletName: string, isLoaded: boolean): Promise<void>;
}

/** What wallets are managed with. */
export interface WalletManagerParts extends WalletGround {
  readonly home: WalletHome;
  /** The settings as they are now; the error is a sentence. */
  readonly readSettings: () => Result<
    { readonly settings: WalletSettings; readonly warnings: readonly string[] },
    string
  >;
  readonly startup: StartupList;
  /** A wallet was loaded, or is about to be unloaded. */
  readonly onListChanged?: () => void;
}

/** How a wallet is made. */
export interface CreateWalletOptions extends NewWalletOptions {
  readonly name: string;
  /** Whether it is loaded at the next start; null leaves that as it is. */
  readonly loadsOnStartup: boolean | null;
}

async function hasWallet(folder: WalletFolder): Promise<boolean> {
  return (await folder.list()).includes(WALLET_FILE);
}

/** Manages them. */
export class WalletManager {
  readonly chain: ChainSource;
  readonly host: WalletHost;
  readonly secp: Secp256k1;
  readonly #parts: WalletManagerParts;
  readonly #wallets: Map<string, Wallet> = new Map();
  /** Names of wallets on their way in or out. */
  readonly #busy: Set<string> = new Set();
  readonly #broadcaster: Broadcaster;
  #isClosing = false;

  constructor(parts: WalletManagerParts) {
    this.#parts = parts;
    this.chain = parts.chain;
    this.host = parts.host;
    this.secp = parts.secp;
    this.#broadcaster = new Broadcaster(parts.host, parts.rng.fork('broadcast'), () => this.#wallets.values());
  }

  /** The wallets that are loaded, in the order in which they were. */
  list(): readonly Wallet[] {
    return [...this.#wallets.values()];
  }

  /** A loaded wallet; null when there is none of that name. */
  get(name: string): Wallet | null {
    return this.#wallets.get(name) ?? null;
  }

  /** Names of the wallets that are stored. */
  listStored(): Promise<readonly string[]> {
    return this.#parts.home.list();
  }

  /** Makes a wallet and loads it. */
  create(options: CreateWalletOptions): Promise<Result<ManagedWallet, WalletFault>> {
    const { name, hasPrivateKeys, passphrase } = options;
    if (name === '') return Promise.resolve(fault('bad-parameter', 'Wallet name cannot be empty'));
    if (passphrase !== null && !hasPrivateKeys) {
      const message =
        'Passphrase provided but private keys are disabled. A passphrase is only used to encrypt private keys, so cannot be used for wallets with private keys disabled.';
      return Promise.resolve(fault('failed', message));
    }
    return this.#exclusively(name, async () => {
      const settings = this.#parts.readSettings();
      if (!settings.ok) return fault('failed', `Wallet creation failed. ${settings.error}`);
      const folder = await this.#openFolder(name, true);
      if (!folder.ok) return folder;
      if ((await folder.value.list()).includes(WALLET_FILE)) {
        const { path } = folder.value;
        return fault(
          'failed',
          `${VERIFICATION_FAILED} Failed to create database path '${path}'. Database already exists.`,
        );
      }
      return this.#withLock(name, async (lock) => {
        const parts = { ...this.#parts, settings: settings.value.settings, rng: this.#parts.rng.fork(`new ${name}`) };
        const created = await createWalletFile(folder.value, options, parts);
        if (!created.ok && options.passphrase === null)
          return fault('failed', `Wallet creation failed. ${created.error}`);
        if (!created.ok) return fault('encryption', `Error: Wallet created but failed to encrypt. ${created.error}`);
        return this.#open({ name, folder: folder.value, lock, isNew: true }, options.loadsOnStartup);
      });
    });
  }

  /** Loads a wallet. */
  load(name: string, loadsOnStartup: boolean | null): Promise<Result<ManagedWallet, WalletFault>> {
    if (this.#wallets.has(name)) {
      return Promise.resolve(fault('already-loaded', `Wallet "${name}" is already loaded.`));
    }
    return this.#exclusively(name, async () => {
      const folder = await this.#openFolder(name, false);
      if (!folder.ok) return folder;
      if (!(await hasWallet(folder.value))) {
        const { path } = folder.value;
        return fault(
          'not-found',
          `${VERIFICATION_FAILED} Failed to load database path '${path}'. Data is not in recognized format.`,
        );
      }
      return this.#withLock(name, (lock) => {
        return this.#open({ name, folder: folder.value, lock, isNew: false }, loadsOnStartup);
      });
    });
  }

  /** Unloads a wallet; warnings, or null when somebody is doing that already. */
  async unload(wallet: Wallet, loadsOnStartup: boolean | null): Promise<readonly string[] | null> {
    const { name } = wallet;
    if (this.#wallets.get(name) !== wallet || this.#busy.has(name)) return null;
    this.#busy.add(name);
    try {
      this.#wallets.delete(name);
      this.#parts.onListChanged?.();
      await wallet.close();
      return await this.#noteStartup(name, loadsOnStartup);
    } finally {
      this.#busy.delete(name);
    }
  }

  /** Makes a wallet out of a backup and loads it. */
  restore(
    name: string,
    backupPath: string,
    loadsOnStartup: boolean | null,
  ): Promise<Result<ManagedWallet, WalletFault>> {
    const { home } = this.#parts;
    if (name === '') return Promise.resolve(fault('bad-parameter', 'Wallet name cannot be empty'));
    return this.#exclusively(name, async () => {
      const bytes = await home.readBackup(backupPath);
      if (bytes === null) return fault('bad-parameter', 'Backup file does not exist');
      const there = await this.#openFolder(name, false);
      if (!there.ok && there.error.kind !== 'not-found') return there;
      if (there.ok && (await hasWallet(there.value))) return restoreFault(there.value);
      // First without a trace: what is no wallet makes no folder.
      const checked = await restoreBackup(new MemoryWalletFolder(), { path: backupPath, bytes }, this.#genesisHash());
      if (!checked.ok) return openFault(home.pathOf(name), checked.error);
      const folder = await this.#openFolder(name, true);
      if (!folder.ok) return folder;
      return this.#withLock(name, async (lock) => {
        const restored = await restoreBackup(folder.value, { path: backupPath, bytes }, this.#genesisHash());
        if (!restored.ok) return restoreFault(folder.value);
        const opened = await this.#open({ name, folder: folder.value, lock, isNew: false }, loadsOnStartup);
        if (!opened.ok) await withdrawRestored(folder.value, bytes);
        return opened;
      });
    });
  }

  /** Puts a copy of a wallet's file somewhere; false when something else is there. */
  backup(wallet: Wallet, path: string): Promise<boolean> {
    return wallet.run(async () => {
      // Whoever restores it begins here, which matters where older blocks are gone.
      await wallet.editNow((draft) => wallet.books.transactions.saveTip(draft.books));
      return (await writeBackup(wallet.store, this.#parts.home, path)) === null;
    });
  }

  /** Makes a file anywhere of a wallet that watches what this one has; the error is a sentence. */
  exportWatchOnly(wallet: Wallet, path: string): Promise<Result<null, string>> {
    return wallet.runSynchronised(async () => {
      const file = await createWatchOnlyFile(wallet);
      if (!file.ok) return file;
      const isMade = await this.#parts.home.writeNew(path, file.value);
      return isMade ? ok(null) : err(`Export destination '${path}' already exists`);
    });
  }

  /** Hands transactions of a wallet that wait nowhere to the node again; peers are not told. */
  resubmit(wallet: Wallet): Promise<void> {
    return this.#broadcaster.resubmit(wallet, { relays: false, isForced: true });
  }

  /** Unloads all wallets; none is loaded any more. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#broadcaster.stop();
    for (const wallet of [...this.list()].reverse()) await this.unload(wallet, null);
  }

  // --- inside ---------------------------------------------------------------------------------------------------------

  /** One thing at a time with the wallet of a name. */
  async #exclusively(
    name: string,
    body: () => Promise<Result<ManagedWallet, WalletFault>>,
  ): Promise<Result<ManagedWallet, WalletFault>> {
    if (this.#isClosing) return fault('failed', 'The program is stopping.');
    if (this.#busy.has(name)) return fault('failed', 'Wallet already loading.');
    this.#busy.add(name);
    try {
      return await body();
    } finally {
      this.#busy.delete(name);
    }
  }

  async #openFolder(name: string, creates: boolean): Promise<Result<WalletFolder, WalletFault>> {
    const { home } = this.#parts;
    try {
      const folder = await home.open(name, creates);
      if (folder !== null) return ok(folder);
      const path = home.pathOf(name);
      return fault('not-found', `${VERIFICATION_FAILED} Failed to load database path '${path}'. Path does not exist.`);
    } catch (error) {
      if (error instanceof WalletNameError) return fault('failed', `${VERIFICATION_FAILED} ${error.message}`);
      throw error;
    }
  }

  /** Keeps the lock when a wallet comes of it. */
  async #withLock(
    name: string,
    body: (lock: WalletLock) => Promise<Result<ManagedWallet, WalletFault>>,
  ): Promise<Result<ManagedWallet, WalletFault>> {
    const lock = await this.#parts.home.lock(name);
    if (lock === null) {
      return fault(
        'failed',
        `${VERIFICATION_FAILED} Unable to obtain an exclusive lock on wallet "${name}": another program has it open.`,
      );
    }
    let isKept = false;
    try {
      const managed = await body(lock);
      isKept = managed.ok;
      return managed;
    } finally {
      if (!isKept) await lock.release();
    }
  }

  async #open(place: WalletPlace, loadsOnStartup: boolean | null): Promise<Result<ManagedWallet, WalletFault>> {
    const { name, folder } = place;
    const settings = this.#parts.readSettings();
    if (!settings.ok) return fault('failed', `Wallet loading failed. ${settings.error}`);
    const store = await WalletStore.open(
      folder,
      settings.value.settings.allowsOtherChains ? null : this.#genesisHash(),
    );
    if (!store.ok) return openFault(folder.path, store.error);
    const wallet = await assembleWallet(place, store.value, settings.value.settings, this.#parts);
    if (!wallet.ok) return wallet;
    const reached = await this.#catchUp(wallet.value);
    if (reached !== null) return reached;
    this.#wallets.set(name, wallet.value);
    this.#parts.onListChanged?.();
    await this.resubmit(wallet.value);
    const warnings = [...settings.value.warnings, ...(await this.#noteStartup(name, loadsOnStartup))];
    return ok({ wallet: wallet.value, warnings });
  }

  /** The height from which on blocks are here, when a wallet needs earlier ones that are on their way; else null. */
  #findMissingHistory({ books, lastBlock }: Wallet): number | null {
    const { chain } = this.#parts;
    const begin = chain.historyHeight();
    const { birthSec } = books.scripts;
    if (begin === null || birthSec === null) return null;
    const from = chain.heightOf(lastBlock.blockHash) ?? 0;
    const needed = findFirstHeight(chain, birthSec - TIMESTAMP_WINDOW_SEC, from);
    return needed === null || needed >= begin || needed === chain.tip().height ? null : begin;
  }

  /** Follows the chain up to its tip; a failure when blocks are missing. */
  async #catchUp(wallet: Wallet): Promise<{ readonly ok: false; readonly error: WalletFault } | null> {
    const { scripts } = wallet.books;
    try {
      if (!wallet.isLocked) await wallet.change((draft) => scripts.topUp(draft.books));
      await this.#announce(wallet);
      const missing = this.#findMissingHistory(wallet);
      if (missing !== null) {
        await wallet.abandon();
        return fault('failed', `Wallet loading failed. ${describeMissingHistory(missing)}`);
      }
      wallet.attach();
      await wallet.untilSynchronised();
      wallet.hearMempool();
      return null;
    } catch (error) {
      // The lock is released by whoever holds it.
      await wallet.abandon();
      if (!(error instanceof BlocksMissingError)) throw error;
      return fault('failed', `Wallet loading failed. ${error.message}`);
    }
  }

  async #announce(wallet: Wallet): Promise<void> {
    const { chain, log } = this.#parts;
    const { name, lastBlock } = wallet;
    const height = chain.heightOf(lastBlock.blockHash) ?? lastBlock.height;
    const count = chain.tip().height - height;
    if (count <= 0) return;
    log.info(`[${name}] Rescanning last ${count} blocks (from block ${height})...`);
    const first = chain.blockAt(height + 1);
    if (first !== null) await new BlockWalk(wallet).announce(first);
  }

  async #noteStartup(name: string, loadsOnStartup: boolean | null): Promise<readonly string[]> {
    if (loadsOnStartup === null) return [];
    try {
      await this.#parts.startup.set(name, loadsOnStartup);
      return [];
    } catch {
      const maybe = loadsOnStartup ? 'may not be loaded' : 'may still be loaded';
      return [`Wallet load on startup setting could not be updated, so wallet ${maybe} next node startup.`];
    }
  }

  #genesisHash() {
    const genesis = this.chain.blockAt(0);
    assert(genesis !== null, 'wallets: the chain has a first block');
    return genesis.blockHash;
  }
}
