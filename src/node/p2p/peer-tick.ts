// The regular work on one peer (Core SendMessages): what has become due, and what it has not been told yet.

import { NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { InventoryList } from '../wire/packed-lists.ts';
import { MSG_BLOCK, SENDHEADERS_VERSION } from '../wire/protocol.ts';
import type { P2pContext } from './context.ts';
import { sendAddresses } from './handlers/addr.ts';
import { tickDownload } from './handlers/block.ts';
import { maybeSendFeeFilter } from './handlers/fee-filter.ts';
import { tickHeaders } from './handlers/headers.ts';
import { maybeSendPing } from './handlers/ping.ts';
import { isPrivate, tickPrivate } from './handlers/private-broadcast.ts';
import { requestTransactions } from './handlers/transactions.ts';
import type { Peer } from './peer.ts';

/** A connection that only fetches addresses ends after so long (Core: ten times AVG_ADDRESS_BROADCAST_INTERVAL). */
const ADDR_FETCH_TIMEOUT_MS: number = 10 * 30 * 1000;

/** Does everything that is due for a peer. */
export function tickPeer(context: P2pContext, peer: Peer): void {
  if (peer.stage !== 'established') return;
  if (isPrivate(peer)) {
    tickPrivate(context, peer);
    return;
  }
  if (peer.kind === 'addr-fetch' && context.nowMs - peer.connectedAtMs > ADDR_FETCH_TIMEOUT_MS) {
    context.misbehaving(peer, 'addr-fetch-timeout');
    return;
  }
  maybeSendPing(context, peer);
  if (peer.isDisconnecting) return;
  sendAddresses(context, peer);
  maybeSendSendHeaders(context, peer);
  tickHeaders(context, peer);
  announceTip(context, peer);
  announceTransactions(context, peer);
  tickDownload(context, peer);
  if (peer.isDisconnecting) return;
  requestTransactions(context, peer);
  maybeSendFeeFilter(context, peer);
}

/** Asks to be told of blocks by their headers, once the first sync with the peer is over (BIP130; Core MaybeSendSendHeaders). */
function maybeSendSendHeaders(context: P2pContext, peer: Peer): void {
  if (peer.hasSentSendHeaders || peer.version < SENDHEADERS_VERSION) return;
  const { chain, download } = context;
  const best = download.bestKnown(peer.id);
  if (best === NO_ENTRY || chain.index.chainWork(best) <= chain.minimumChainWork) return;
  context.send(peer, { type: 'sendheaders' });
  peer.hasSentSendHeaders = true;
}

/** Tells a peer of transactions when its time has come. */
function announceTransactions(context: P2pContext, peer: Peer): void {
  const items = context.txRelay.tick(peer.id, context.nowMs);
  if (items !== null) context.send(peer, { type: 'inv', items });
}

/** Tells a peer of blocks that it may not know. */
export function announceTip(context: P2pContext, peer: Peer): void {
  if (peer.stage !== 'established' || peer.isDisconnecting || isPrivate(peer)) return;
  const announcements = context.relay.takeAnnouncements(peer.id, {
    bestKnown: context.download.bestKnown(peer.id),
    wantsHeaders: peer.wantsHeaders,
    wantsCompact: context.compact.wantsAnnouncements(peer.id),
  });
  for (const one of announcements) {
    if (one.type === 'headers') {
      context.send(peer, { type: 'headers', headers: one.headers });
    } else if (one.type === 'inv') {
      const items = one.blockHashes.map((hash) => ({ type: MSG_BLOCK, hash }));
      context.send(peer, { type: 'inv', items: InventoryList.of(items) });
    } else {
      const recent = context.compact.recall(one.entry);
      if (recent !== null) context.send(peer, recent);
      else context.serveBlock(peer, one.entry, 'compact-block');
    }
  }
}
