// Who this node talks to, whom it refuses, which other nodes run on this machine, and how another machine joins.

import { queryOptions } from '@tanstack/react-query';
import type { RpcClient } from '../../api/client.ts';

/** A connection. */
export interface Peer {
  readonly id: number;
  readonly address: string;
  readonly agent: string;
  readonly isInbound: boolean;
  /** Nobody on the way can read what is said (BIP324). */
  readonly isEncrypted: boolean;
  /** Kind of connection, in the node's words. */
  readonly kind: string;
  /** Null: not measured yet. */
  readonly pingSec: number | null;
  /** Of the last block that both have; null: not known. */
  readonly height: number | null;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly connectedSec: number;
}

interface PeerAnswer {
  readonly id: number;
  readonly addr: string;
  readonly subver: string;
  readonly inbound: boolean;
  readonly connection_type: string;
  readonly transport_protocol_type: string;
  readonly pingtime?: number;
  readonly synced_blocks: number;
  readonly bytessent: number;
  readonly bytesrecv: number;
  readonly conntime: number;
}

/** Traffic and round trips are no events: who looks at them asks this often. */
const PEERS_LOOK_MS = 5000;

/** The connections. */
export function peersQuery(client: RpcClient) {
  return queryOptions({
    queryKey: ['peers', 'list'],
    refetchInterval: PEERS_LOOK_MS,
    queryFn: async (): Promise<readonly Peer[]> => {
      const peers = await client.call<readonly PeerAnswer[]>('getpeerinfo');
      return peers.map((peer) => ({
        id: peer.id,
        address: peer.addr,
        agent: peer.subver,
        isInbound: peer.inbound,
        isEncrypted: peer.transport_protocol_type === 'v2',
        kind: peer.connection_type,
        pingSec: peer.pingtime ?? null,
        height: peer.synced_blocks < 0 ? null : peer.synced_blocks,
        sentBytes: peer.bytessent,
        receivedBytes: peer.bytesrecv,
        connectedSec: peer.conntime,
      }));
    },
  });
}

/** An address that is refused. */
export interface BannedAddress {
  readonly address: string;
  readonly banned_until: number;
}

/** The addresses that are refused. */
export function bannedQuery(client: RpcClient) {
  return queryOptions({
    queryKey: ['peers', 'banned'],
    queryFn: (): Promise<readonly BannedAddress[]> => client.call<readonly BannedAddress[]>('listbanned'),
  });
}

/** Connects to a node, now and again. */
export async function addPeer(client: RpcClient, address: string): Promise<void> {
  await client.call('addnode', [address, 'add']);
}

/** Ends a connection; one that was asked for is not made again. */
export async function disconnectPeer(client: RpcClient, peer: Peer): Promise<void> {
  if (peer.kind === 'manual') await client.call('addnode', [peer.address, 'remove']).catch(() => undefined);
  await client.call('disconnectnode', ['', peer.id]);
}

/** A day. */
const BAN_SEC = 86_400;

/** Refuses an address for a day. */
export async function banPeer(client: RpcClient, peer: Peer): Promise<void> {
  await client.call('setban', [hostOf(peer.address), 'add', BAN_SEC]);
}

/** Refuses an address no more. */
export async function unbanAddress(client: RpcClient, address: string): Promise<void> {
  await client.call('setban', [address, 'remove']);
}

/** An address without its port; what has brackets loses them. */
export function hostOf(address: string): string {
  const match = /^\[([^\]]+)\](?::\d+)?$|^([^:]+):\d+$/.exec(address);
  return match?.[1] ?? match?.[2] ?? address;
}

/** One more node on this machine. */
export interface LedgerNode {
  readonly id: number;
  readonly state: 'starting' | 'running' | 'stopping' | 'stopped' | 'failed';
  readonly port?: number;
  readonly webport?: number;
  readonly height?: number;
  readonly fault?: string;
}

/** How often nodes are looked at: their starts and stops are seen soon. */
const NODES_LOOK_MS = 3000;

/** The further nodes on this machine. */
export function nodesQuery(client: RpcClient) {
  return queryOptions({
    queryKey: ['nodes', 'list'],
    refetchInterval: NODES_LOOK_MS,
    queryFn: (): Promise<readonly LedgerNode[]> => client.call<readonly LedgerNode[]>('listledgernodes'),
  });
}

/** Starts a node: a new one, or one that was stopped. */
export function startNode(client: RpcClient, id: number | null): Promise<LedgerNode> {
  return client.call<LedgerNode>('startledgernode', id === null ? [] : [id]);
}

/** Stops a node in order. */
export function stopNode(client: RpcClient, id: number): Promise<LedgerNode> {
  return client.call<LedgerNode>('stopledgernode', [id]);
}

/** A link that opens the page of a node once. */
export function createNodeLink(client: RpcClient, id: number): Promise<string> {
  return client.call<string>('getledgernodelink', [id]);
}

/** How another machine joins. */
export interface JoinAdvice {
  /** Whether other machines can connect now. */
  readonly open: boolean;
  readonly places: readonly string[];
  readonly command?: string;
  /** The file with the rules of the ledger that the other machine needs, too. */
  readonly chainparams?: string;
}

/** How another machine joins. */
export function joinQuery(client: RpcClient) {
  return queryOptions({
    queryKey: ['nodes', 'join'],
    queryFn: (): Promise<JoinAdvice> => client.call<JoinAdvice>('getjoincommand'),
  });
}

/** Listens for other machines, or no more. */
export function setOpen(client: RpcClient, isOpen: boolean): Promise<JoinAdvice> {
  return client.call<JoinAdvice>(isOpen ? 'openledger' : 'closeledger');
}
