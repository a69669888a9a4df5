// Why there is a connection (Core ConnectionType), and what follows from it for everyone who asks.

/** Core's types, under the names of the field. */
export type ConnectionKind =
  | 'inbound'
  | 'outbound-full-relay'
  | 'block-relay-only'
  | 'feeler'
  | 'addr-fetch'
  /** For one transaction of our own, through Tor or I2P; see private-broadcast.ts. */
  | 'private-broadcast'
  /** Asked for by the operator: -connect, -addnode, RPC addnode. */
  | 'manual';

/** Whether the connection counts as one of those that we chose ourselves from the address manager for relay. */
export function isOutboundOrBlockRelay(kind: ConnectionKind): boolean {
  return kind === 'outbound-full-relay' || kind === 'block-relay-only';
}
