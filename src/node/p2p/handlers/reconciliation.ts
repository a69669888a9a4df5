// The negotiation of BIP330 (Core net_processing.cpp: sendtxrcncl, and what version and verack do about it), where the operator wants
// it (-txreconciliation).

import type { SendTxRcnclMessage } from '../../wire/messages.ts';
import { TXRECONCILIATION_VERSION, WTXID_RELAY_VERSION } from '../../wire/protocol.ts';
import type { P2pContext } from '../context.ts';
import { formatPeerForLog } from '../misbehavior.ts';
import type { Peer } from '../peer.ts';
import { refusesTransactions } from './transaction-refusal.ts';

/** Tells a peer before our verack that we could, if it wants transactions and can name them by wtxid. */
export function offerReconciliation(context: P2pContext, peer: Peer): void {
  const { txReconciliation, local } = context;
  if (txReconciliation === null || local.isBlocksOnly || !local.takesTransactions) return;
  if (peer.version < WTXID_RELAY_VERSION || !peer.wantsTransactions || peer.kind === 'addr-fetch') return;
  context.debug('txreconciliation', `Pre-register peer=${peer.id}`);
  const salt = txReconciliation.preRegister(peer.id);
  context.send(peer, { type: 'sendtxrcncl', version: TXRECONCILIATION_VERSION, salt });
}

/** The peer is gone, or its verack has come without all that is needed. */
export function forgetReconciliation(context: P2pContext, peer: Peer): void {
  if (context.txReconciliation?.forget(peer.id) !== true) return;
  context.debug('txreconciliation', `Forget txreconciliation state of peer=${peer.id}`);
}

/** To be called with the verack of a peer: what was not agreed on by now will not be. */
export function settleReconciliation(context: P2pContext, peer: Peer): void {
  const isAgreed = peer.announcesByWtxid && context.txReconciliation?.isRegistered(peer.id) === true;
  if (!isAgreed) forgetReconciliation(context, peer);
}

/** `sendtxrcncl` */
export function onSendTxRcncl(context: P2pContext, peer: Peer, message: SendTxRcnclMessage): void {
  const { txReconciliation } = context;
  if (txReconciliation === null) {
    context.debug(
      'net',
      `sendtxrcncl from peer=${peer.id} ignored, as our node does not have txreconciliation enabled`,
    );
  } else if (peer.stage === 'established') {
    context.misbehaving(peer, 'late-sendtxrcncl');
  } else if (refusesTransactions(context, peer)) {
    context.misbehaving(peer, 'refused-sendtxrcncl');
  } else if (!peer.wantsTransactions) {
    context.misbehaving(peer, 'contradictory-sendtxrcncl');
  } else {
    const outcome = txReconciliation.register(peer.id, message.version);
    if (outcome === 'already') context.misbehaving(peer, 'repeated-sendtxrcncl');
    else if (outcome === 'bad-version') context.misbehaving(peer, 'bad-sendtxrcncl');
    else if (outcome === 'unexpected') {
      context.debug('net', `Ignore unexpected txreconciliation signal from ${formatPeerForLog({ id: peer.id })}`);
    } else {
      const direction = peer.kind === 'inbound' ? 1 : 0;
      context.debug('txreconciliation', `Register peer=${peer.id} (inbound=${direction})`);
    }
  }
}
