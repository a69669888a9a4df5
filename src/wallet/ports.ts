// The doors of the wallet to its host, beside the chain (chain-source.ts): its files, chance for keys, the time, the work of turning a
// passphrase into a key.

/** The files of one folder. Every call that changes something is durable when it resolves; names have no separators in them. */
export interface WalletFolder {
  /** The whole file; null when there is none. Throws on any other failure. */
  read(name: string): Promise<Uint8Array | null>;
  /** Adds to the end of a file that exists. */
  append(name: string, bytes: Uint8Array): Promise<void>;
  /** Puts a file in the place of another or of none, all or nothing: written beside it, synced, renamed, the folder synced. */
  replace(name: string, bytes: Uint8Array): Promise<void>;
  /** Makes a file that must not exist yet. */
  create(name: string, bytes: Uint8Array): Promise<void>;
  /** Cuts a file to a length. */
  truncate(name: string, length: number): Promise<void>;
  /** Overwrites a file with zeros and removes it. */
  wipe(name: string): Promise<void>;
  /** Names of the files. */
  list(): Promise<readonly string[]>;
}

/** Where wallets lie: one folder for each. */
export interface WalletHome {
  /** The folder of a wallet, made when `creates`; null when there is none and it is not to be made. */
  open(walletName: string, creates: boolean): Promise<WalletFolder | null>;
  /** Names of all wallets there, in order. */
  list(): Promise<readonly string[]>;
  /** Keeps others from opening the same wallet, until released; null when somebody has it. */
  lock(walletName: string): Promise<{ release(): Promise<void> } | null>;
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

/** What a wallet needs of its host. */
export interface WalletHost {
  readonly secureRandom: SecureRandom;
  readonly deriveKey: DeriveKey;
  /** Seconds since 1970. */
  readonly nowSec: () => number;
  /** Calls `run` once after a while; the returned function forgets it. */
  readonly after: (delayMs: number, run: () => void) => () => void;
  /** Lets everything else have a turn. */
  readonly yieldToHost: () => Promise<void>;
}
