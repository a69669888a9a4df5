// What the books of a wallet ask to be stored, as plain data that JSON can hold: texts and whole numbers. Hashes are in the order that
// people read, scripts and transactions in hexadecimal. Where a record lies and how it is framed is the store's; a record is replaced
// or removed as a whole, and what one command changed is stored all or nothing.

/** A descriptor of the wallet with its range; secrets are not here. */
export interface DescriptorRecord {
  readonly kind: 'descriptor';
  /** SHA-256 of `text`, hexadecimal. */
  readonly id: string;
  /** As it was given, with public keys only, without checksum (Core ToString). */
  readonly text: string;
  /** With hardened steps walked as far as the secrets allowed, so that it can be expanded without them (Core ToNormalizedString). */
  readonly expandableText: string;
  /** Earliest moment that its outputs may have been paid at, in seconds. */
  readonly createdSec: number;
  /** First position, and the one after the last. */
  readonly rangeStart: number;
  readonly rangeEnd: number;
  /** The position of the next address. */
  readonly nextIndex: number;
  /** What new addresses of its output type are for, when they come from here. */
  readonly activeFor: AddressUse | null;
}

/** Who is given an address: others, to pay to; or the wallet itself, for what is left over. */
export type AddressUse = 'receive' | 'change';

/** Public keys of a descriptor whose row of keys is hardened, for positions from `from` on: nobody can derive them without secrets. */
export interface DescriptorKeysRecord {
  readonly kind: 'descriptor-keys';
  /** `descriptor id:from`. */
  readonly id: string;
  readonly descriptorId: string;
  readonly from: number;
  /** For each position the keys of all hardened rows, in the order of the text, hexadecimal. */
  readonly publicKeys: readonly (readonly string[])[];
}

/** The bytes of a transaction: stored once. */
export interface TransactionRecord {
  readonly kind: 'transaction';
  /** Its txid. */
  readonly id: string;
  readonly hex: string;
}

/** Where a transaction stands, and what is noted about it: stored again at every change. */
export interface TransactionStateRecord {
  readonly kind: 'transaction-state';
  /** Its txid. */
  readonly id: string;
  readonly state: StoredTxState;
  readonly orderPosition: number;
  readonly timeReceivedSec: number;
  readonly timeSmartSec: number;
  readonly comment?: string;
  readonly commentTo?: string;
  readonly replacesTxid?: string;
  readonly replacedByTxid?: string;
}

/** The mempool is not stored: what waited there is inactive until the node says again that it does. */
export type StoredTxState =
  | { readonly kind: 'confirmed'; readonly blockHash: string; readonly height: number; readonly index: number }
  | { readonly kind: 'block-conflicted'; readonly blockHash: string; readonly height: number }
  | { readonly kind: 'inactive'; readonly isAbandoned: boolean };

/** What an address is for, as Core's RPC calls it. */
export type AddressPurpose = 'receive' | 'send' | 'refund';

/** An entry of the address book. */
export interface AddressRecord {
  readonly kind: 'address';
  /** The output script, hexadecimal. */
  readonly id: string;
  /** Null: only a change address, or known for having been spent from. */
  readonly label: string | null;
  readonly purpose: AddressPurpose | null;
  /** Coins of it were spent before: kept while the wallet avoids using addresses again. */
  readonly isUsed: boolean;
}

/** A coin that is not to be chosen until it is unlocked. */
export interface LockedCoinRecord {
  readonly kind: 'locked-coin';
  /** `txid:index`. */
  readonly id: string;
}

/** How far the chain was followed: the last block, and some before it, each further back than the one before (Core's locator). */
export interface BestBlockRecord {
  readonly kind: 'best-block';
  readonly id: 'best';
  /** From the last one down. */
  readonly blocks: readonly { readonly height: number; readonly blockHash: string }[];
}

/** Everything that the books store. */
export type BookRecord =
  | DescriptorRecord
  | DescriptorKeysRecord
  | TransactionRecord
  | TransactionStateRecord
  | AddressRecord
  | LockedCoinRecord
  | BestBlockRecord;

/** The name of a record. */
export interface BookRecordName {
  readonly kind: BookRecord['kind'];
  readonly id: string;
}

/** Transactions that there is something to tell of, by their texts. */
export interface TransactionNews {
  /** New, or elsewhere now. */
  readonly changed: readonly string[];
  /** Made here, come by in a block or the mempool, or put out by a block: known before or not (where Core runs -walletnotify). */
  readonly met: readonly string[];
}

/** What a command changed. To be stored in one piece before anybody is answered. */
export interface BookChanges {
  /** Each record once, as it is now. */
  readonly puts: readonly BookRecord[];
  readonly deletes: readonly BookRecordName[];
  /** Transactions for those who listen. */
  readonly news: TransactionNews;
}

/** Work in slices of a few milliseconds: whoever runs it may pause after each. The machine is not to be used otherwise meanwhile. */
export type BookSteps<T = BookChanges> = Generator<undefined, T, void>;
