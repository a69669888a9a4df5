// Everything that is known of a connection, as getpeerinfo tells it (Core CNodeStats, CNodeStateStats).

import { NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { networkOfPeer } from '../p2p/addr-local.ts';
import { listPermissions, type PermissionName } from '../p2p/net-permissions.ts';
import type { Peer } from '../p2p/peer.ts';
import type { PeerManager } from '../p2p/peer-manager.ts';
import { formatNetAddress } from '../wire/net-address.ts';
import type { TransportProtocol } from '../wire/transport.ts';
import { describePeer, type PeerInfo } from './peer-info.ts';
import type { PeerLink } from './peer-link.ts';

/** What {@link PeerInfo} has, and the rest. */
export interface FullPeerInfo extends PeerInfo {
  /** As the operator wrote it, where it was dialled by name. */
  readonly name: string | null;
  readonly localAddress: string;
  /** Our address as the peer sees it. */
  readonly seenLocalAddress: string | null;
  /** `unroutable` for addresses that do not exist on the internet, such as our own machine's (Core ConnectedThroughNetwork). */
  readonly network: string;
  readonly relaysTransactions: boolean;
  /** When bytes last left and came; 0: none did. */
  readonly lastSentSec: number;
  readonly lastReceivedSec: number;
  readonly lastTransactionSec: number;
  readonly lastBlockSec: number;
  readonly pingLastMs: number | null;
  /** How long a ping has been waiting for its answer. */
  readonly pingWaitMs: number | null;
  readonly isHighBandwidthTo: boolean;
  readonly isHighBandwidthFrom: boolean;
  readonly presyncHeight: number;
  readonly syncedHeadersHeight: number;
  readonly syncedBlocksHeight: number;
  readonly inFlightHeights: readonly number[];
  readonly isAddrRelayEnabled: boolean;
  readonly addrProcessedCount: number;
  readonly addrLimitedCount: number;
  readonly permissions: readonly PermissionName[];
  /** Sequence number of the mempool when it was last told of transactions; transactions that it is to be told of. */
  readonly invSequence: number;
  readonly invWaitingCount: number;
  readonly feeFilterSat: number;
  /** The form of its stream; and for an encrypted one what both ends know of it (BIP324). */
  readonly transport: TransportProtocol;
  readonly sessionId: Uint8Array | null;
  readonly sentByType: ReadonlyMap<string, number>;
  readonly receivedByType: ReadonlyMap<string, number>;
}

/** Tells everything of a connection. */
export function describePeerFully(manager: PeerManager, peer: Peer, link: PeerLink, nowMs: number): FullPeerInfo {
  const { id } = peer;
  const { index } = manager.chain;
  const heightOf = (entry: number): number => (entry === NO_ENTRY ? -1 : index.height(entry));
  const addr = manager.addrRelay.peer(id);
  const relayed = manager.txRelay.state(id);
  return {
    ...describePeer(manager, peer, link),
    name: peer.name,
    localAddress: formatNetAddress(peer.localAddress),
    seenLocalAddress: peer.seenLocalAddress === null ? null : formatNetAddress(peer.seenLocalAddress),
    network: networkOfPeer(peer),
    relaysTransactions: peer.wantsTransactions,
    lastSentSec: link.lastSentSec,
    lastReceivedSec: link.lastReceivedSec,
    lastTransactionSec: peer.lastTransactionSec,
    lastBlockSec: peer.lastBlockSec,
    pingLastMs: peer.pingLastMs,
    pingWaitMs: peer.pingNonce === null ? null : nowMs - peer.pingSentMs,
    isHighBandwidthTo: manager.compact.isAnnouncer(id),
    isHighBandwidthFrom: manager.compact.wantsAnnouncements(id),
    presyncHeight: manager.headersSync.presyncHeight(id),
    syncedHeadersHeight: heightOf(manager.download.bestKnown(id)),
    syncedBlocksHeight: heightOf(manager.download.lastCommon(id)),
    inFlightHeights: manager.download.inFlightOf(id).map(heightOf),
    isAddrRelayEnabled: addr !== undefined && addr.known !== null,
    addrProcessedCount: addr?.processedCount ?? 0,
    addrLimitedCount: addr?.rateLimitedCount ?? 0,
    permissions: listPermissions(peer.permissions),
    invSequence: relayed?.lastSequence ?? 0,
    invWaitingCount: relayed?.waitingCount ?? 0,
    feeFilterSat: peer.feeFilterSat,
    transport: link.transport.protocol,
    sessionId: link.transport.sessionId,
    sentByType: link.transport.sent.bytesByType,
    receivedByType: link.transport.received.bytesByType,
  };
}
