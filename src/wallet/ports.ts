// The doors of the wallet to its host, beside the chain (chain-source.ts): its files, chance for keys, the time, the work of turning a
// passphrase into a key.

/**
 * The files of one folder. Every call that changes something is durable when it resolves; when it fails, the file is what it was,
 * except that `append` may leave a part of the bytes. Names have no separators in them. Failures are thrown.
 */
export interface WalletFolder {
  /** How the host names the folder: for messages to people. */
  readonly path: string;
  /** The whole file; null when there is none. */
  read(name: string): Promise<Uint8Array | null>;
  /** Adds to a file that ends at `end`; refused when it ends elsewhere, since somebody else has changed it then. */
  append(name: string, end: number, bytes: Uint8Array): Promise<void>;
  /**
   * Puts a file in the place of another or of none, all or nothing: written beside it, synced, renamed, the folder synced. What was
   * there before is then overwritten with zeros; false when only that has failed, or when it has other names, whose owner keeps it.
   */
  replace(name: string, bytes: Uint8Array): Promise<boolean>;
  /** Makes a file that must not exist yet, all or nothing. */
  create(name: string, bytes: Uint8Array): Promise<void>;
  /** Cuts a file to a length. */
  truncate(name: string, length: number): Promise<void>;
  /** Overwrites a file with zeros, unless it has other names, and removes it. */
  wipe(name: string): Promise<void>;
  /** Wipes what calls that never came to their end have left beside the files. */
  sweep(): Promise<void>;
  /** Names of the files. */
  list(): Promise<readonly string[]>;
}

/** Keeps others from opening a wallet. */
export interface WalletLock {
  /** Nothing of it stays in the folder. */
  release(): Promise<void>;
}

/** Where wallets lie: one folder for each. Names that lead out of it, or to no folder, are refused with a WalletNameError. */
export interface WalletHome {
  /** The folder of a wallet, made when `creates`; null when there is none and it is not to be made. */
  open(walletName: string, creates: boolean): Promise<WalletFolder | null>;
  /** Where the folder of a wallet is, or would be. */
  pathOf(walletName: string): string;
  /** Names of all wallets there, in order. */
  list(): Promise<readonly string[]>;
  /** Keeps others from opening the same wallet, until released; null when somebody has it. The folder must exist. */
  lock(walletName: string): Promise<WalletLock | null>;
  /** A file anywhere on the host that somebody names as a backup; null when there is none. */
  readBackup(path: string): Promise<Uint8Array | null>;
  /** Puts a backup there, all or nothing, in the place of an older one if there is a file. A wallet of this home is never overwritten. */
  writeBackup(path: string, bytes: Uint8Array): Promise<void>;
  /** Makes a file there; false when something has that name. */
  writeNew(path: string, bytes: Uint8Array): Promise<boolean>;
}

/** A name under which no wallet can be kept: none of this home can have it, or its folder cannot be made. The message is a sentence. */
export class WalletNameError extends Error {
  override readonly name = 'WalletNameError';
}

/** Chance for keys, salts and nonces. Fills the array or throws; never less. */
export type SecureRandom = (bytes: Uint8Array) => void;

/** The work that makes trying passphrases dear. */
export interface ScryptCost {
  /** A power of two. */
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** scrypt (RFC 7914), 32 bytes, off the caller's thread where the host can. */
export type DeriveKey = (passphrase: Uint8Array, salt: Uint8Array, cost: ScryptCost) => Promise<Uint8Array>;

/** PBKDF2 with HMAC-SHA512, 2,048 rounds, 64 bytes (BIP39), off the caller's thread where the host can. */
export type DeriveSeed = (password: Uint8Array, salt: Uint8Array) => Promise<Uint8Array>;

/** What a wallet needs of its host. */
export interface WalletHost {
  readonly secureRandom: SecureRandom;
  readonly deriveKey: DeriveKey;
  /** Where the host has none, JavaScript does the work. */
  readonly deriveSeed?: DeriveSeed;
  /** Seconds since 1970. */
  readonly nowSec: () => number;
  /** Calls `run` once after a while; the returned function forgets it. */
  readonly after: (delayMs: number, run: () => void) => () => void;
  /** Lets everything else have a turn. */
  readonly yieldToHost: () => Promise<void>;
}

/** The host gives what no key may be made of: nothing is made then (K01, K12). */
export class HostFaultError extends Error {
  override readonly name = 'HostFaultError';
  readonly code: 'entropy' | 'key-derivation' | 'cipher';

  constructor(code: HostFaultError['code'], message: string) {
    super(message);
    this.code = code;
  }
}
