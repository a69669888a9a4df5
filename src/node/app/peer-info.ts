// A connection as others may see it: plain data, for RPC, the app and the simulation (Core CNodeStats, CNodeStateStats).

import type { ConnectionKind } from '../p2p/connection-kind.ts';
import type { Peer } from '../p2p/peer.ts';
import type { PeerId } from '../p2p/peer-id.ts';
import type { PeerManager } from '../p2p/peer-manager.ts';
import { formatHost, formatNetAddress } from '../wire/net-address.ts';
import type { PeerLink } from './peer-link.ts';

/** What an idle peer costs: mostly the filter of addresses that it knows (27 kB), then tables of the machines. Measured, rounded up. */
const IDLE_PEER_BYTES = 40_000;

/** What a node tells of a connection. */
export interface PeerInfo {
  readonly id: PeerId;
  readonly kind: ConnectionKind;
  /** Numeric address, without port. */
  readonly host: string;
  /** With port. */
  readonly address: string;
  readonly isEstablished: boolean;
  readonly version: number;
  readonly userAgent: string;
  readonly services: bigint;
  readonly startHeight: number;
  readonly connectedAtSec: number;
  readonly pingMinMs: number | null;
  readonly timeOffsetSec: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  /** Blocks that are asked of it. */
  readonly inFlightCount: number;
  /** Bytes of memory that are kept for it, by our own account. */
  readonly memoryBytes: number;
}

/** Tells of a connection. */
export function describePeer(manager: PeerManager, peer: Peer, link: PeerLink): PeerInfo {
  return {
    id: peer.id,
    kind: peer.kind,
    host: formatHost(peer.address),
    address: formatNetAddress(peer.address),
    isEstablished: peer.stage === 'established',
    version: peer.version,
    userAgent: peer.userAgent,
    services: peer.services,
    startHeight: peer.startHeight,
    connectedAtSec: peer.connectedAtSec,
    pingMinMs: peer.pingMinMs,
    timeOffsetSec: peer.timeOffsetSec,
    bytesReceived: link.receivedBytes,
    bytesSent: link.transport.sent.totalBytes,
    inFlightCount: manager.download.inFlightOf(peer.id).length,
    memoryBytes:
      IDLE_PEER_BYTES +
      link.heldBytes +
      manager.serving.queuedBytes(peer.id) +
      manager.headersSync.presyncBytes(peer.id) +
      (peer.bloomFilter?.sizeBytes ?? 0),
  };
}
