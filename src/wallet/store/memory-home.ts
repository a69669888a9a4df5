// Wallets in memory: the doors of ports.ts without a host, for tests and for a wallet that is to leave no trace. A fault can be
// injected before each change.

import { concatBytes } from '../../kernel/util/bytes.ts';
import type { WalletFolder, WalletHome, WalletLock } from '../ports.ts';

/** What is about to be done to a folder in memory. */
export interface FolderChange {
  readonly kind: 'append' | 'replace' | 'create' | 'truncate' | 'wipe';
  readonly name: string;
  /** Length of what is written. */
  readonly length: number;
}

/** What goes wrong instead: the error that is thrown, and for an append how many bytes were written before it. */
export interface FolderFault {
  readonly error: Error;
  readonly writtenBytes?: number;
}

/** A folder in memory. */
export class MemoryWalletFolder implements WalletFolder {
  readonly path: string;
  /** The files, for tests to look at and to tamper with. */
  readonly files: Map<string, Uint8Array> = new Map();
  /** Asked before every change. */
  inject: ((change: FolderChange) => FolderFault | null) | null = null;

  constructor(path = 'memory') {
    this.path = path;
  }

  async read(name: string): Promise<Uint8Array | null> {
    return this.files.get(name)?.slice() ?? null;
  }

  async append(name: string, end: number, bytes: Uint8Array): Promise<void> {
    const before = this.#existing(name);
    if (before.length !== end) throw new Error(`${this.path}/${name} does not end at ${end}`);
    const fault = this.#ask('append', name, bytes.length);
    const written = fault === null ? bytes : bytes.subarray(0, fault.writtenBytes ?? 0);
    this.files.set(name, concatBytes(before, written));
    if (fault !== null) throw fault.error;
  }

  async replace(name: string, bytes: Uint8Array): Promise<boolean> {
    this.#begin('replace', name, bytes.length);
    this.files.set(name, bytes.slice());
    return true;
  }

  async create(name: string, bytes: Uint8Array): Promise<void> {
    if (this.files.has(name)) throw new Error(`${this.path}/${name} exists`);
    this.#begin('create', name, bytes.length);
    this.files.set(name, bytes.slice());
  }

  async truncate(name: string, length: number): Promise<void> {
    const before = this.#existing(name);
    this.#begin('truncate', name, length);
    this.files.set(name, before.slice(0, length));
  }

  async wipe(name: string): Promise<void> {
    this.#existing(name);
    this.#begin('wipe', name, 0);
    this.files.delete(name);
  }

  /** Nothing here is ever left half done. */
  async sweep(): Promise<void> {}

  async list(): Promise<readonly string[]> {
    return [...this.files.keys()];
  }

  #existing(name: string): Uint8Array {
    const bytes = this.files.get(name);
    if (bytes === undefined) throw new Error(`no such file: ${this.path}/${name}`);
    return bytes;
  }

  #ask(kind: FolderChange['kind'], name: string, length: number): FolderFault | null {
    return this.inject?.({ kind, name, length }) ?? null;
  }

  #begin(kind: FolderChange['kind'], name: string, length: number): void {
    const fault = this.#ask(kind, name, length);
    if (fault !== null) throw fault.error;
  }
}

/** Folders in memory by the names of their wallets. All names are good. */
export class MemoryWalletHome implements WalletHome {
  readonly folders: Map<string, MemoryWalletFolder> = new Map();
  /** Backups by their paths. */
  readonly backups: Map<string, Uint8Array> = new Map();
  readonly #locked: Set<string> = new Set();

  async open(walletName: string, creates: boolean): Promise<MemoryWalletFolder | null> {
    const folder = this.folders.get(walletName);
    if (folder !== undefined || !creates) return folder ?? null;
    const made = new MemoryWalletFolder(this.pathOf(walletName));
    this.folders.set(walletName, made);
    return made;
  }

  pathOf(walletName: string): string {
    return `memory/${walletName}`;
  }

  async list(): Promise<readonly string[]> {
    const names = [...this.folders].filter(([, folder]) => folder.files.size > 0).map(([name]) => name);
    return names.sort((a, b) => (a < b ? -1 : 1));
  }

  async lock(walletName: string): Promise<WalletLock | null> {
    if (this.#locked.has(walletName)) return null;
    this.#locked.add(walletName);
    return {
      release: async () => {
        this.#locked.delete(walletName);
      },
    };
  }

  async readBackup(path: string): Promise<Uint8Array | null> {
    return this.backups.get(path)?.slice() ?? null;
  }

  async writeBackup(path: string, bytes: Uint8Array): Promise<void> {
    this.backups.set(path, bytes.slice());
  }

  async writeNew(path: string, bytes: Uint8Array): Promise<boolean> {
    if (this.backups.has(path)) return false;
    this.backups.set(path, bytes.slice());
    return true;
  }
}
