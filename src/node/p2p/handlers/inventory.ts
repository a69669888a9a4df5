// Announcements by hash (Core net_processing.cpp: inv, notfound). A block that we do not know leads to a question for headers, at
// most one a message (D03). Transactions are taken note of and asked for later (tx-download.ts); who announces them although our
// version message refused them has not listened.

import { NO_ENTRY } from '../../../kernel/chain/block-index.ts';
import { asBlockHash, asTxid, type BlockHash, formatHash } from '../../../kernel/primitives/hashes.ts';
import type { InventoryMessage } from '../../wire/messages.ts';
import { isTransactionInventory, MAX_INV_SZ, MSG_BLOCK, MSG_TX, MSG_WTX } from '../../wire/protocol.ts';
import { BLOCKS_IN_FLIGHT_PER_PEER } from '../block-download.ts';
import type { P2pContext } from '../context.ts';
import type { Peer } from '../peer.ts';
import { formatGenTxid, toGenTxid } from '../tx-announcement.ts';
import { ANNOUNCEMENTS_PER_PEER_MAX } from '../tx-download-peers.ts';
import { askForHeadersTo } from './headers.ts';
import { refusesTransactions } from './transaction-refusal.ts';

/** Most that a peer can lack of what we asked for: all that it announced, and blocks (Core). */
const NOT_FOUND_MAX: number = ANNOUNCEMENTS_PER_PEER_MAX + BLOCKS_IN_FLIGHT_PER_PEER;

/** `inv` */
export function onInv(context: P2pContext, peer: Peer, message: InventoryMessage): void {
  const { items } = message;
  if (items.count > MAX_INV_SZ) {
    context.misbehaving(peer, 'oversize-inv', String(items.count));
    return;
  }
  const isRefused = refusesTransactions(context, peer);
  let lastUnknown: BlockHash | null = null;
  for (let i = 0; i < items.count; i++) {
    const type = items.type(i);
    // Who negotiated wtxids uses nothing else, and the other way round.
    if (type === (peer.announcesByWtxid ? MSG_TX : MSG_WTX)) continue;
    if (type === MSG_BLOCK) {
      const blockHash = asBlockHash(items.hash(i));
      if (noteBlock(context, peer, blockHash)) lastUnknown = blockHash;
    } else if (isTransactionInventory(type)) {
      if (isRefused) {
        context.misbehaving(peer, 'unwanted-transaction-inv', formatHash(asTxid(items.hash(i))));
        return;
      }
      noteTransaction(context, peer, type, items.hash(i));
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

/**
 * The peer has a transaction. While we are far behind, we could not check it. What is announced beyond all that may be noted of a
 * peer is passed over before anything is looked up: 50,000 items a message should cost no more than the 5,000 that count (D02).
 */
function noteTransaction(context: P2pContext, peer: Peer, type: number, hash: Uint8Array): void {
  const { chain, txDownload, txRelay } = context;
  if (!chain.isInitialDownload && !txDownload.hasRoom(peer.id)) return;
  txRelay.noteKnown(peer.id, hash);
  if (chain.isInitialDownload) return;
  const id = toGenTxid(type, hash);
  const state = txDownload.announced(peer.id, id, context.nowMs) ? 'have' : 'new';
  context.debug('net', () => `got inv: ${formatGenTxid(id)} ${state} peer=${peer.id}`);
}

/** `notfound`: transactions that the peer has not got are asked of others. More than could be the answer to anything is no answer. */
export function onNotFound(context: P2pContext, peer: Peer, { items }: InventoryMessage): void {
  if (items.count > NOT_FOUND_MAX) return;
  for (let i = 0; i < items.count; i++) {
    if (isTransactionInventory(items.type(i))) context.txDownload.notFound(peer.id, items.hash(i));
  }
}
