// Every message of the protocol as plain data, and their union. The codecs are in messages/, side by side with these by
// conversation; registry.ts finds the one for a command. What a message means, how many items it may hold and when it may come is
// p2p/'s business.
//
// Conventions: `type` is the command on the wire. Hashes are 32 bytes in internal order. 64-bit nonces and salts are bigint. A
// decoded message shares the memory of its payload, which holds nothing else; treat it as frozen.

import type { Block } from '../../kernel/primitives/block.ts';
import type { BlockHash } from '../../kernel/primitives/hashes.ts';
import type { BlockHeader } from '../../kernel/primitives/header.ts';
import type { MerkleBlock } from '../../kernel/primitives/partial-merkle-tree.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import type { NetAddress } from './net-address.ts';
import type { AddressList, HashList, InventoryList, TransactionList } from './packed-lists.ts';

// --- handshake

/** The first message of a connection: who speaks, what it can do, how far it is. */
export interface VersionMessage {
  readonly type: 'version';
  /** int32: the newest protocol version that the sender speaks. */
  readonly version: number;
  /** Service bits of the sender, all 64. */
  readonly services: bigint;
  /** Clock of the sender, seconds since 1970, int64; may be negative. Exact within ±2^53. */
  readonly timeSec: number;
  /** Services of the receiver, as the sender believes. */
  readonly receiverServices: bigint;
  /** Address of the receiver as the sender sees it; `[::]` where it does not tell. */
  readonly receiver: NetAddress;
  /** Tells a connection to oneself; 1 when the message ends before it. */
  readonly nonce: bigint;
  /** BIP14, one character per byte, as it came: clean it with sanitizeText before anybody sees it. */
  readonly userAgent: string;
  /** int32: height of the sender's chain; -1 when the message ends before it. */
  readonly startHeight: number;
  /** The sender wants transactions announced from the start (BIP37); true when the message ends before it. */
  readonly relay: boolean;
}

/** Messages that say all by their name. */
export interface EmptyMessage {
  readonly type: 'verack' | 'wtxidrelay' | 'sendaddrv2' | 'sendheaders' | 'getaddr' | 'mempool' | 'filterclear';
}

/** Names a feature that the sender has, between `version` and `verack` (BIP434). Whoever sends a malformed one is dropped. */
export interface FeatureMessage {
  readonly type: 'feature';
  /** 4 to 80 bytes, one character per byte, as it came. */
  readonly featureId: string;
  /** At most 512 bytes. */
  readonly data: Uint8Array;
}

/** Offers transaction reconciliation (BIP330). */
export interface SendTxRcnclMessage {
  readonly type: 'sendtxrcncl';
  /** uint32 */
  readonly version: number;
  readonly salt: bigint;
}

/** Offers compact blocks and says whether to announce blocks with them (BIP152). */
export interface SendCmpctMessage {
  readonly type: 'sendcmpct';
  /** 1: announce new blocks as `cmpctblock`; 0: do not. Any other byte breaks a rule. */
  readonly announce: number;
  readonly version: bigint;
}

// --- control

/** Asks for a `pong`. */
export interface PingMessage {
  readonly type: 'ping';
  /** Null: none, as versions up to BIP0031_VERSION send it. */
  readonly nonce: bigint | null;
}

/** Answers a `ping`. */
export interface PongMessage {
  readonly type: 'pong';
  /** Null: the payload was too short to hold one, which ends the waiting for an answer all the same. */
  readonly nonce: bigint | null;
}

/** Asks not to announce transactions that pay less (BIP133). */
export interface FeeFilterMessage {
  readonly type: 'feefilter';
  /** Satoshis per 1,000 vbytes, int64; may be out of money range. Exact within ±2^53. */
  readonly feeRateSat: number;
}

// --- addresses

/** Addresses of nodes: `addr`, which holds IPv4 and IPv6, and `addrv2`, which holds all networks (BIP155). */
export interface AddrMessage {
  readonly type: 'addr' | 'addrv2';
  readonly entries: AddressList;
}

// --- inventory

/** What the sender has (`inv`), wants (`getdata`), or has not (`notfound`). */
export interface InventoryMessage {
  readonly type: 'inv' | 'getdata' | 'notfound';
  readonly items: InventoryList;
}

/** One transaction. */
export interface TxMessage {
  readonly type: 'tx';
  readonly transaction: Transaction;
  /** Only to send: leaves the witness out, for who asked for MSG_TX. */
  readonly isStripped?: boolean;
}

// --- blocks

/** Asks for what follows the newest known hash of a locator: as `inv` or as `headers`. */
export interface LocatorMessage {
  readonly type: 'getblocks' | 'getheaders';
  /** Newest first. */
  readonly locator: HashList<BlockHash>;
  /** Where to stop; zero: as far as the answer may go. With no locator, the one header that is wanted. */
  readonly stopHash: BlockHash;
}

/** Headers, each after the one before. */
export interface HeadersMessage {
  readonly type: 'headers';
  readonly headers: readonly BlockHeader[];
}

/** One block. */
export interface BlockMessage {
  readonly type: 'block';
  readonly block: Block;
  /** Only to send: leaves all witnesses out, for who asked for MSG_BLOCK. */
  readonly isStripped?: boolean;
}

/** A header with a proof for the transactions that matched a bloom filter (BIP37). */
export interface MerkleBlockMessage {
  readonly type: 'merkleblock';
  readonly merkleBlock: MerkleBlock;
}

// --- compact blocks (BIP152)

/** A transaction that comes along in a compact block. */
export interface PrefilledTransaction {
  /** Its place in the block. May be larger than any block allows: whoever rebuilds the block checks. */
  readonly index: number;
  readonly transaction: Transaction;
}

/** A block as its header and short names of its transactions. */
export interface CmpctBlockMessage {
  readonly type: 'cmpctblock';
  readonly header: BlockHeader;
  /** Salts the short ids. */
  readonly nonce: bigint;
  /** SHORT_ID_BYTES of each, little-endian, one after another: the transactions that are not prefilled, in block order. */
  readonly shortIds: Uint8Array;
  /** By index, ascending. With the short ids at most COMPACT_BLOCK_TX_COUNT_MAX. */
  readonly prefilled: readonly PrefilledTransaction[];
}

/** Asks for transactions of a block by their places. */
export interface GetBlockTxnMessage {
  readonly type: 'getblocktxn';
  readonly blockHash: BlockHash;
  /** Ascending. May lie beyond the block. */
  readonly indexes: Uint16Array;
}

/** Answers a `getblocktxn`. */
export interface BlockTxnMessage {
  readonly type: 'blocktxn';
  readonly blockHash: BlockHash;
  readonly transactions: TransactionList;
}

// --- bloom filters (BIP37)

/** Sets the filter through which transactions and blocks are sent. */
export interface FilterLoadMessage {
  readonly type: 'filterload';
  readonly filter: Uint8Array;
  /** uint32; may be above MAX_HASH_FUNCS, which the receiver judges. */
  readonly hashFunctionCount: number;
  /** uint32 */
  readonly tweak: number;
  /** How matches change the filter, a byte. */
  readonly flags: number;
}

/** Adds an element to the filter. */
export interface FilterAddMessage {
  readonly type: 'filteradd';
  readonly element: Uint8Array;
}

// --- block filters (BIP157)

/** Asks for filters or for filter headers of a stretch of blocks. */
export interface GetCFiltersMessage {
  readonly type: 'getcfilters' | 'getcfheaders';
  /** 0: basic (BIP158). A byte. */
  readonly filterType: number;
  /** uint32 */
  readonly startHeight: number;
  readonly stopHash: BlockHash;
}

/** Filter of one block. */
export interface CFilterMessage {
  readonly type: 'cfilter';
  readonly filterType: number;
  readonly blockHash: BlockHash;
  readonly filter: Uint8Array;
}

/** Hashes of filters, and the filter header before them. */
export interface CFHeadersMessage {
  readonly type: 'cfheaders';
  readonly filterType: number;
  readonly stopHash: BlockHash;
  readonly previousFilterHeader: Uint8Array;
  readonly filterHashes: HashList;
}

/** Asks for filter headers at even distances. */
export interface GetCFCheckptMessage {
  readonly type: 'getcfcheckpt';
  readonly filterType: number;
  readonly stopHash: BlockHash;
}

/** Filter headers, CFCHECKPT_INTERVAL blocks apart. */
export interface CFCheckptMessage {
  readonly type: 'cfcheckpt';
  readonly filterType: number;
  readonly stopHash: BlockHash;
  readonly filterHeaders: HashList;
}

/** Any message. */
export type Message =
  | VersionMessage
  | EmptyMessage
  | FeatureMessage
  | SendTxRcnclMessage
  | SendCmpctMessage
  | PingMessage
  | PongMessage
  | FeeFilterMessage
  | AddrMessage
  | InventoryMessage
  | TxMessage
  | LocatorMessage
  | HeadersMessage
  | BlockMessage
  | MerkleBlockMessage
  | CmpctBlockMessage
  | GetBlockTxnMessage
  | BlockTxnMessage
  | FilterLoadMessage
  | FilterAddMessage
  | GetCFiltersMessage
  | CFilterMessage
  | CFHeadersMessage
  | GetCFCheckptMessage
  | CFCheckptMessage;

type Narrow<M, Type> = M extends { readonly type: infer Types }
  ? Type extends Types
    ? M & { readonly type: Type }
    : never
  : never;

/** The message of one type. */
export type MessageOf<Type extends Message['type']> = Narrow<Message, Type>;
