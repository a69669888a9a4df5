// Numbers and names of the peer-to-peer protocol that everyone on the network shares: versions, service bits, inventory types,
// message types, limits. Mirrors Core's protocol.h, node/protocol_version.h and the limits of net.h and net_processing.h. What a
// node decides for itself (timeouts, numbers of connections, windows) belongs to p2p/.

// --- versions (node/protocol_version.h)

/** The version that we speak. */
export const PROTOCOL_VERSION = 70017;
/** Peers older than this are dropped. */
export const MIN_PEER_PROTO_VERSION = 31800;
/** Pings carry a nonce and are answered above this version (BIP31). */
export const BIP0031_VERSION = 60000;
/** `sendheaders` from this version on (BIP130). */
export const SENDHEADERS_VERSION = 70012;
/** `feefilter` from this version on (BIP133). */
export const FEEFILTER_VERSION = 70013;
/** Compact blocks from this version on (BIP152). */
export const SHORT_IDS_BLOCKS_VERSION = 70014;
/** A peer from this version on is not punished for passing on a compact block that turns out invalid (BIP152). */
export const INVALID_CB_NO_BAN_VERSION = 70015;
/** `wtxidrelay` from this version on (BIP339). */
export const WTXID_RELAY_VERSION = 70016;
/** `feature` from this version on (BIP434). */
export const FEATURE_VERSION = 70017;
/** The one version of compact blocks that is spoken: short ids over wtxids (BIP152; Core CMPCTBLOCKS_VERSION). */
export const CMPCTBLOCKS_VERSION = 2n;
/** What stands in the version field of a locator, which nobody reads (Core CBlockLocator::DUMMY_VERSION). */
export const LOCATOR_DUMMY_VERSION = 70016;
/** Version of transaction reconciliation that is spoken (BIP330; Core TXRECONCILIATION_VERSION). */
export const TXRECONCILIATION_VERSION = 1;

// --- service bits (protocol.h)

/** No services. */
export const NODE_NONE = 0n;
/** Serves the whole chain. */
export const NODE_NETWORK: bigint = 1n << 0n;
/** Serves bloom-filtered connections (BIP111). */
export const NODE_BLOOM: bigint = 1n << 2n;
/** Serves blocks and transactions with their witnesses (BIP144). */
export const NODE_WITNESS: bigint = 1n << 3n;
/** Serves block filters (BIP157). */
export const NODE_COMPACT_FILTERS: bigint = 1n << 6n;
/** Serves at least the last 288 blocks (BIP159). */
export const NODE_NETWORK_LIMITED: bigint = 1n << 10n;
/** Speaks the encrypted transport (BIP324). */
export const NODE_P2P_V2: bigint = 1n << 11n;

const SERVICE_NAMES: ReadonlyMap<bigint, string> = new Map([
  [NODE_NETWORK, 'NETWORK'],
  [NODE_BLOOM, 'BLOOM'],
  [NODE_WITNESS, 'WITNESS'],
  [NODE_COMPACT_FILTERS, 'COMPACT_FILTERS'],
  [NODE_NETWORK_LIMITED, 'NETWORK_LIMITED'],
  [NODE_P2P_V2, 'P2P_V2'],
]);

/** Names of the service bits that are set, lowest first; unknown ones as `UNKNOWN[2^n]` (Core serviceFlagsToStr). */
export function formatServices(services: bigint): string[] {
  const names: string[] = [];
  for (let bit = 0; bit < 64; bit++) {
    const service = 2n ** BigInt(bit);
    if ((services & service) !== 0n) names.push(SERVICE_NAMES.get(service) ?? `UNKNOWN[2^${bit}]`);
  }
  return names;
}

/** True when a peer with these services keeps addresses worth asking for (Core MayHaveUsefulAddressDB). */
export function mayHaveUsefulAddresses(services: bigint): boolean {
  return (services & (NODE_NETWORK | NODE_NETWORK_LIMITED)) !== 0n;
}

// --- inventory types (protocol.h GetDataMsg)

/** Added to a type in `getdata`: with the witness (BIP144). */
export const MSG_WITNESS_FLAG = 0x40000000;
/** The type without flags. */
export const MSG_TYPE_MASK = 0x3fffffff;
/** A transaction by its txid. */
export const MSG_TX = 1;
/** A block. */
export const MSG_BLOCK = 2;
/** A block through the bloom filter, as `merkleblock`; in `getdata` only (BIP37). */
export const MSG_FILTERED_BLOCK = 3;
/** A block as `cmpctblock`; in `getdata` only (BIP152). */
export const MSG_CMPCT_BLOCK = 4;
/** A transaction by its wtxid (BIP339). */
export const MSG_WTX = 5;
/** A block with its witnesses; in `getdata` only (BIP144). */
export const MSG_WITNESS_BLOCK = 0x40000002;
/** A transaction by its txid, with its witness; in `getdata` only (BIP144). */
export const MSG_WITNESS_TX = 0x40000001;

/** True for the types that name a transaction (Core CInv::IsGenTxMsg). */
export function isTransactionInventory(type: number): boolean {
  return type === MSG_TX || type === MSG_WTX || type === MSG_WITNESS_TX;
}

/** True for the types that name a block (Core CInv::IsGenBlkMsg). */
export function isBlockInventory(type: number): boolean {
  return type === MSG_BLOCK || type === MSG_FILTERED_BLOCK || type === MSG_CMPCT_BLOCK || type === MSG_WITNESS_BLOCK;
}

const INVENTORY_NAMES: ReadonlyMap<number, string> = new Map([
  [MSG_TX, 'tx'],
  [MSG_WTX, 'wtx'],
  [MSG_BLOCK, 'block'],
  [MSG_FILTERED_BLOCK, 'merkleblock'],
  [MSG_CMPCT_BLOCK, 'cmpctblock'],
]);

/** The name of a type as the log has it (Core CInv::GetMessageType); of one that nobody knows, its digits. */
export function formatInventoryType(type: number): string {
  const name = INVENTORY_NAMES.get(type & MSG_TYPE_MASK);
  if (name === undefined) return `0x${(type >>> 0).toString(16).padStart(8, '0')}`;
  return (type & MSG_WITNESS_FLAG) === 0 ? name : `witness-${name}`;
}

// --- limits

/** Longest payload; a longer one ends the connection from its header alone (net.h). */
export const MAX_PROTOCOL_MESSAGE_LENGTH = 4_000_000;
/** Longest user agent in bytes (net.h). */
export const MAX_SUBVERSION_LENGTH = 256;
/** Most items of an `inv` or `getdata` (net_processing.cpp). */
export const MAX_INV_SZ = 50_000;
/** Most items of a `getdata` that we send (net_processing.cpp). */
export const MAX_GETDATA_SZ = 1000;
/** Most hashes of a locator (net_processing.cpp). */
export const MAX_LOCATOR_SZ = 101;
/** Most headers of a `headers` (net_processing.h). */
export const MAX_HEADERS_RESULTS = 2000;
/** Most addresses of an `addr` or `addrv2` (net_processing.cpp). */
export const MAX_ADDR_TO_SEND = 1000;
/** Most filters that a `getcfilters` may ask for (net_processing.cpp; BIP157). */
export const MAX_GETCFILTERS_SIZE = 1000;
/** Most filter hashes that a `getcfheaders` may ask for (net_processing.cpp; BIP157). */
export const MAX_GETCFHEADERS_SIZE = 2000;
/** Blocks between two filter headers of a `cfcheckpt` (BIP157). */
export const CFCHECKPT_INTERVAL = 1000;
/** Longest bloom filter in bytes (common/bloom.h; BIP37). */
export const MAX_BLOOM_FILTER_SIZE = 36_000;
/** Most hash functions of a bloom filter (common/bloom.h; BIP37). */
export const MAX_HASH_FUNCS = 50;
/** Longest element of a `filteradd` in bytes: the longest element that a script can push (script.h MAX_SCRIPT_ELEMENT_SIZE). */
export const MAX_FILTERADD_BYTES = 520;
/** Shortest name of a feature in bytes (BIP434). */
export const MIN_FEATUREID_LENGTH = 4;
/** Longest name of a feature in bytes (protocol.h; BIP434). */
export const MAX_FEATUREID_LENGTH = 80;
/** Longest data of a feature in bytes (protocol.h; BIP434). */
export const MAX_FEATUREDATA_LENGTH = 512;
/** Longest address of an `addrv2` in bytes (netaddress.h MAX_ADDRV2_SIZE; BIP155). */
export const MAX_ADDRV2_SIZE = 512;
/** Bytes of a short id (blockencodings.h SHORTTXIDS_LENGTH; BIP152). */
export const SHORT_ID_BYTES = 6;
/** Transactions of a block that compact blocks can number: indexes have 16 bits (blockencodings.h; BIP152). */
export const COMPACT_BLOCK_TX_COUNT_MAX = 0xffff;

// --- message types

/** Every message type that is spoken, in the order of Core's ALL_NET_MESSAGE_TYPES (protocol.h). */
export const MESSAGE_TYPES = [
  'version',
  'verack',
  'addr',
  'addrv2',
  'sendaddrv2',
  'inv',
  'getdata',
  'merkleblock',
  'getblocks',
  'getheaders',
  'tx',
  'headers',
  'block',
  'getaddr',
  'mempool',
  'ping',
  'pong',
  'notfound',
  'filterload',
  'filteradd',
  'filterclear',
  'sendheaders',
  'feefilter',
  'sendcmpct',
  'cmpctblock',
  'getblocktxn',
  'blocktxn',
  'getcfilters',
  'cfilter',
  'getcfheaders',
  'cfheaders',
  'getcfcheckpt',
  'cfcheckpt',
  'wtxidrelay',
  'sendtxrcncl',
  'feature',
] as const;

/** Name of a message that is spoken. */
export type MessageType = (typeof MESSAGE_TYPES)[number];

const KNOWN_TYPES: ReadonlySet<string> = new Set(MESSAGE_TYPES);

/** True when a command names a message that is spoken. */
export function isMessageType(command: string): command is MessageType {
  return KNOWN_TYPES.has(command);
}

const UNSAFE_CHARACTERS = /[^A-Za-z0-9 .,;\-_/:?@()]/g;

/** Text of a peer with everything left out that could play tricks in a log or a page (Core SanitizeString). */
export function sanitizeText(text: string): string {
  return text.replace(UNSAFE_CHARACTERS, '');
}
