// Announcements by hash (Core net_processing.cpp: inv, notfound). A block that we do not know leads to a question for headers, at
// most one a message (D03); transactions are not taken from the network yet, so that who announces them has not listened to our
// version message.

import { NO_ENTRY } from '../../../kernel/chain/block-index.ts';
import { asBlockHash, asTxid, type BlockHash, formatHash } from '../../../kernel/primitives/hashes.ts';
import type { InventoryMessage } from '../../wire/messages.ts';
import { MAX_INV_SZ, MSG_BLOCK, MSG_TX, MSG_WTX } from '../../wire/protocol.ts';
import type { P2pContext } from '../context.ts';
import type { Peer } from '../peer.ts';
import { refusesTransactions } from './handshake.ts';
import { askForHeadersTo } from './headers.ts';

/** `inv` */
export function onInv(context: P2pContext, peer: Peer, message: InventoryMessage): void {
  const { items } = message;
  if (items.count > MAX_INV_SZ) {
    context.misbehaving(peer, 'oversize-inv', String(items.count));
    return;
  }
  let lastUnknown: BlockHash | null = null;
  for (let i = 0; i < items.count; i++) {
    const type = items.type(i);
    // Who negotiated wtxids uses nothing else, and the other way round.
    if (type === (peer.announcesByWtxid ? MSG_TX : MSG_WTX)) continue;
    if (type === MSG_BLOCK) {
      const blockHash = asBlockHash(items.hash(i));
      if (noteBlock(context, peer, blockHash)) lastUnknown = blockHash;
    } else if (type === MSG_TX || type === MSG_WTX) {
      if (!refusesTransactions(context, peer)) continue;
      context.misbehaving(peer, 'unwanted-transaction-inv', formatHash(asTxid(items.hash(i))));
      return;
    } else {
      context.debug('net', () => `Unknown inv type ${type} received from peer=${peer.id}`);
    }
  }
  if (lastUnknown !== null) askForHeadersTo(context, peer, lastUnknown);
}

/** True when the block is new to us. */
function noteBlock(context: P2pContext, peer: Peer, blockHash: BlockHash): boolean {
  const { chain, download } = context;
  const isKnown = chain.index.find(blockHash) !== NO_ENTRY;
  const state = isKnown ? 'have' : 'new';
  context.debug('net', () => `got inv: block ${formatHash(blockHash)} ${state} peer=${peer.id}`);
  download.peerHasBlock(peer.id, blockHash);
  return !isKnown;
}

/** `notfound`: says nothing that we act on while no transactions are asked for. */
export function onNotFound(_context: P2pContext, _peer: Peer, _message: InventoryMessage): void {}
