// From whom no transactions are taken (Core RejectIncomingTxs): our version message tells them so.

import type { P2pContext } from '../context.ts';
import type { Peer } from '../peer.ts';

/** Whether transactions from the peer are unwelcome. */
export function refusesTransactions(context: P2pContext, peer: Peer): boolean {
  if (!context.local.takesTransactions || peer.kind === 'block-relay-only' || peer.kind === 'feeler') return true;
  return context.local.isBlocksOnly && !peer.permissions.relay;
}
