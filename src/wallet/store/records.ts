// All records of a wallet: those of its books (books/records.ts) and those of the wallet itself. Each has a kind and a name within its
// kind; names and values are stored as `kind/id` and JSON. What comes out of a file is checked against its shape (record-shapes.ts).

import type { BookRecord } from '../books/records.ts';
import type { SealedKey } from '../vault/vault.ts';

/** What holds for the wallet as a whole (Core wallet flags). */
export interface WalletRecord {
  readonly kind: 'wallet';
  readonly id: 'wallet';
  /** False: it never holds a secret (Core WALLET_FLAG_DISABLE_PRIVATE_KEYS). */
  readonly hasPrivateKeys: boolean;
  /** Made without keys, and still without any (Core WALLET_FLAG_BLANK_WALLET). */
  readonly isBlank: boolean;
  /** Coins of addresses that were spent from are not chosen (Core WALLET_FLAG_AVOID_REUSE). */
  readonly avoidsReuse: boolean;
  /** Its keys are on a device that signs (Core WALLET_FLAG_EXTERNAL_SIGNER); absent: they are not. */
  readonly hasExternalSigner?: boolean;
  /** The program that wrote last, as Core writes versions; absent before that was noted. */
  readonly lastClientVersion?: number;
}

/** A root of keys and where it comes from. Its secret, and words if there are some, are in secret records. */
export interface HdRootRecord {
  readonly kind: 'hd-root';
  /** The name of its extended key (secret-codec.ts). */
  readonly id: string;
  /** Its extended public key as text. */
  readonly publicText: string;
  readonly source: 'mnemonic' | 'random' | 'imported';
  readonly createdSec: number;
  /** New descriptors are made from it. */
  readonly isActive: boolean;
  /** Somebody has shown to have written the words down. */
  readonly isBackedUp: boolean;
}

/** A secret, as it is or encrypted. */
export interface SecretRecord {
  readonly kind: 'secret';
  /** Its form and name (secret-codec.ts). */
  readonly id: string;
  /** Of an extended key the fingerprint, by which descriptors name their origin, hexadecimal; null for other forms. */
  readonly fingerprint: string | null;
  readonly isEncrypted: boolean;
  /** Hexadecimal. */
  readonly data: string;
}

/** How the key that encrypts secrets is kept. There is one when the wallet has a passphrase. */
export interface EncryptionRecord {
  readonly kind: 'encryption';
  readonly id: 'encryption';
  readonly key: SealedKey;
}

/** Everything that is stored. */
export type StoredRecord = BookRecord | WalletRecord | HdRootRecord | SecretRecord | EncryptionRecord;

/** Kinds of records that are the books'. */
export const BOOK_KINDS: readonly BookRecord['kind'][] = [
  'descriptor',
  'descriptor-keys',
  'transaction',
  'transaction-state',
  'address',
  'locked-coin',
  'best-block',
];

/** Kinds of records. */
export type RecordKind = StoredRecord['kind'];

/** Records of one kind. */
export type RecordOf<K extends RecordKind> = Extract<StoredRecord, { readonly kind: K }>;

/** The name of a record. */
export interface RecordName {
  readonly kind: RecordKind;
  readonly id: string;
}

/** Changes that are stored together, all or none; those of the books are such. */
export interface StoreChanges {
  readonly puts: readonly StoredRecord[];
  readonly deletes: readonly RecordName[];
}
