// Fee filters (BIP133; Core net_processing.cpp: feefilter, MaybeSendFeefilter): which transactions a peer wants to hear of, and
// which we want.

import { formatFeerate } from '../../../kernel/policy/feerate.ts';
import { MAX_MONEY } from '../../../kernel/primitives/amount.ts';
import type { FeeFilterMessage } from '../../wire/messages.ts';
import { FEEFILTER_VERSION } from '../../wire/protocol.ts';
import type { P2pContext } from '../context.ts';
import type { Peer } from '../peer.ts';

/** `feefilter`; a rate that is no amount of money changes nothing (W16), nor one from a peer that wants no transactions at all. */
export function onFeeFilter(context: P2pContext, peer: Peer, { feeRateSat }: FeeFilterMessage): void {
  if (feeRateSat < 0 || feeRateSat > MAX_MONEY) return;
  if (peer.mayWantTransactions) peer.feeFilterSat = feeRateSat;
  context.debug('net', () => `received: feefilter of ${formatFeerate(feeRateSat)} from peer=${peer.id}`);
}

/**
 * Tells a peer below which rate transactions are of no use to us. Not told: who may send us none, and who is to send all of them
 * (permission `forcerelay`).
 */
export function maybeSendFeeFilter(context: P2pContext, peer: Peer): void {
  const { local, chain, feeFilter, nowMs, nowSec } = context;
  if (!local.takesTransactions || local.isBlocksOnly || peer.version < FEEFILTER_VERSION) return;
  if (peer.permissions.forcerelay || peer.kind === 'block-relay-only') return;
  const { isInitialDownload } = chain;
  const feeRateSat = feeFilter.tick(peer.id, { nowMs, nowSec, isInitialDownload });
  if (feeRateSat !== null) context.send(peer, { type: 'feefilter', feeRateSat });
}
