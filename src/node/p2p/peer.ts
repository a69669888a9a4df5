// What is known of a peer apart from what single machines remember of it (headers, downloads, addresses, compact blocks: each of
// those keeps its own table by PeerId). Plain data; handshake.ts and the handlers change it.

import type { NetAddress } from '../wire/net-address.ts';
import type { TransportProtocol } from '../wire/transport.ts';
import type { BloomFilter } from './bloom-filter.ts';
import type { ConnectionKind } from './connection-kind.ts';
import type { NetPermissions } from './net-permissions.ts';
import type { PeerId } from './peer-id.ts';

/** How far the negotiation is. */
export type HandshakeStage =
  /** Nothing has come yet. */
  | 'awaiting-version'
  /** Their version has come, ours is sent, with our verack. */
  | 'awaiting-verack'
  /** Both veracks: the connection is in use (Core fSuccessfullyConnected). */
  | 'established';

/** What is known of a peer from the start. */
export interface PeerFacts {
  readonly id: PeerId;
  readonly kind: ConnectionKind;
  /** Where it is connected from or to. */
  readonly address: NetAddress;
  /** It came in where Tor brings what it has for us: `address` is that of Tor, and not its own (Core m_inbound_onion). */
  readonly isInboundOnion?: boolean;
  /** Our end of the connection. */
  readonly localAddress: NetAddress;
  /** The name that the operator gave for it, when it was dialled by name. */
  readonly name: string | null;
  readonly permissions: NetPermissions;
  /** The address for lines of the log, where the operator wants it there (-logips). */
  readonly addressForLog?: string;
  /** What our version message says to it: our services, and a nonce by which we know ourselves. */
  readonly localServices: bigint;
  readonly localNonce: bigint;
}

/** A peer. */
export interface Peer extends PeerFacts {
  readonly connectedAtMs: number;
  readonly connectedAtSec: number;

  stage: HandshakeStage;
  /** The form of its stream: encrypted or plain, as far as that is certain. */
  transport: TransportProtocol;
  /** It is to be ended: nothing more is sent to it or taken from it. */
  isDisconnecting: boolean;

  // --- what it said of itself
  /** The lower of its and our protocol version; 0 before its version came. */
  version: number;
  services: bigint;
  userAgent: string;
  /** Height of its chain when it connected, as it says. */
  startHeight: number;
  /** It wants transactions announced (fRelay of its version, or a filter). */
  wantsTransactions: boolean;
  /** It does, or may still say so by a bloom filter (Core: it has a TxRelay). */
  mayWantTransactions: boolean;
  /** It wants to hear only of what this matches (BIP37); null: of everything. */
  bloomFilter: BloomFilter | null;
  announcesByWtxid: boolean;
  wantsAddrV2: boolean;
  /** It wants new blocks announced by their header (BIP130). */
  wantsHeaders: boolean;
  /** We told it that we want them so, too. */
  hasSentSendHeaders: boolean;
  /** Lowest fee rate of transactions that it wants to hear of, in satoshi per 1,000 vbytes (BIP133). */
  feeFilterSat: number;

  /** Our address as it sees it; null before its version came. */
  seenLocalAddress: NetAddress | null;
  /** It has all the services that we look for in a peer. */
  hasWantedServices: boolean;

  // --- how lively it is
  /** Nonce of the ping under way; null: none. */
  pingNonce: bigint | null;
  pingSentMs: number;
  /** A ping is to be sent as soon as possible (RPC ping). */
  isPingQueued: boolean;
  /** Best and last round trip in milliseconds; null: none yet. */
  pingMinMs: number | null;
  pingLastMs: number | null;
  /** Their clock minus ours when they connected, in seconds. */
  timeOffsetSec: number;
  /** When it last gave us a block or a transaction that was new to us; 0: never. For eviction. */
  lastBlockSec: number;
  lastTransactionSec: number;
}

/** A peer that has just connected. */
export function createPeer(facts: PeerFacts, nowMs: number, nowSec: number): Peer {
  return {
    ...facts,
    connectedAtMs: nowMs,
    connectedAtSec: nowSec,
    stage: 'awaiting-version',
    transport: 'v1',
    isDisconnecting: false,
    version: 0,
    services: 0n,
    userAgent: '',
    startHeight: -1,
    wantsTransactions: false,
    mayWantTransactions: false,
    bloomFilter: null,
    announcesByWtxid: false,
    wantsAddrV2: false,
    wantsHeaders: false,
    hasSentSendHeaders: false,
    feeFilterSat: 0,
    seenLocalAddress: null,
    hasWantedServices: false,
    pingNonce: null,
    pingSentMs: Number.NEGATIVE_INFINITY,
    isPingQueued: false,
    pingMinMs: null,
    pingLastMs: null,
    timeOffsetSec: 0,
    lastBlockSec: 0,
    lastTransactionSec: 0,
  };
}
