// Transactions and what goes with them (Core net_processing.cpp: tx, feefilter). So far this node takes none from the network: its
// version message says so, and who sends one all the same has not listened. What a peer would pay attention to is noted for later.

import { MAX_MONEY } from '../../../kernel/primitives/amount.ts';
import type { FeeFilterMessage, TxMessage } from '../../wire/messages.ts';
import type { P2pContext } from '../context.ts';
import type { Peer } from '../peer.ts';
import { refusesTransactions } from './handshake.ts';

/** `tx` */
export function onTx(context: P2pContext, peer: Peer, _message: TxMessage): void {
  if (refusesTransactions(context, peer)) context.misbehaving(peer, 'unwanted-transaction');
}

/** `feefilter` (BIP133); a rate that is no amount of money changes nothing (W16). */
export function onFeeFilter(context: P2pContext, peer: Peer, { feeRateSat }: FeeFilterMessage): void {
  if (feeRateSat < 0 || feeRateSat > MAX_MONEY) return;
  peer.feeFilterSat = feeRateSat;
  context.debug('net', `received: feefilter of ${feeRateSat} sat/kvB from peer=${peer.id}`);
}
