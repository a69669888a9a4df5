// Compact blocks (BIP152; Core net_processing.cpp: sendcmpct, cmpctblock, getblocktxn, blocktxn, ProcessCompactBlockTxns). A peer
// announces a block by its header and short ids, or answers so when asked; what of it is in our pools is put in place, the rest is
// asked for, and when that does not work out the whole block is.
//
// While one peer lets us wait, up to two others may be asked for their transactions of the same block, so that nobody can hold a
// block up by being first; the last of these places is kept for a peer that we chose ourselves. A block that was put together is
// nobody's fault when it turns out invalid: compact blocks may be passed on before they are validated.

import { type BlockEntry, NO_ENTRY } from '../../../kernel/chain/block-index.ts';
import { isActiveAt } from '../../../kernel/consensus/deployments.ts';
import { formatReject } from '../../../kernel/consensus/reject.ts';
import type { Block } from '../../../kernel/primitives/block.ts';
import { type BlockHash, formatHash } from '../../../kernel/primitives/hashes.ts';
import type { BlockHeader } from '../../../kernel/primitives/header.ts';
import type { BlockTxnMessage, CmpctBlockMessage, GetBlockTxnMessage, SendCmpctMessage } from '../../wire/messages.ts';
import { InventoryList, TransactionList } from '../../wire/packed-lists.ts';
import { CMPCTBLOCKS_VERSION, INVALID_CB_NO_BAN_VERSION, MSG_BLOCK, MSG_WITNESS_BLOCK } from '../../wire/protocol.ts';
import { BLOCKS_IN_FLIGHT_PER_PEER, PEERS_PER_BLOCK_MAX } from '../block-download.ts';
import type { P2pContext } from '../context.ts';
import { formatHeaderReject } from '../header-reject.ts';
import { findBlockOffence } from '../misbehavior.ts';
import { asHealthChain } from '../outbound-health.ts';
import { PartialBlock } from '../partial-block.ts';
import type { Peer } from '../peer.ts';
import type { PeerId } from '../peer-id.ts';
import { askForHeaders, processHeaders } from './headers.ts';
import { serveNext } from './serve.ts';

/** Compact blocks are put together up to so far above the tip (Core); above, our pools will not help. */
const REBUILD_AHEAD_MAX = 2;

/** Transactions of blocks deeper than this below the tip are not sent one by one (Core MAX_BLOCKTXN_DEPTH). */
const TRANSACTIONS_DEPTH_MAX = 10;

const NO_TRANSACTIONS: TransactionList = TransactionList.of([]);

/** `sendcmpct` */
export function onSendCmpct(context: P2pContext, peer: Peer, message: SendCmpctMessage): void {
  if (message.announce > 1) {
    context.misbehaving(peer, 'invalid-sendcmpct');
    return;
  }
  // Version 1 had short ids of txids; of later ones we know nothing.
  if (message.version !== CMPCTBLOCKS_VERSION) return;
  context.compact.receiveMode(peer.id, message.announce === 1);
}

// --- a compact block comes in ---------------------------------------------------------------------------------------------

/** `cmpctblock` */
export function onCmpctBlock(context: P2pContext, peer: Peer, message: CmpctBlockMessage): void {
  if (!isWelcome(context, peer)) return;
  const entry = takeHeader(context, peer, message.header);
  if (entry === NO_ENTRY) return;
  const { chain, download, compact } = context;
  const { index, active } = chain;
  // What was handed to the chain is as good as stored.
  if (index.hasData(entry) || download.isArriving(entry)) return;
  const isRequested = download.isInFlightFrom(peer.id, entry);
  if (!isRequested && !compact.isAnnouncer(peer.id)) {
    context.debug('cmpctblock', `peer=${peer.id}, not marked as high-bandwidth, sent us an unsolicited compact block!`);
    return;
  }
  if (index.compareWork(entry, active.tip) <= 0 || index.txCount(entry) !== 0) {
    // There is something better, or we had it and pruned it: our pools know nothing of it.
    if (isRequested) askForBlock(context, peer, entry);
    return;
  }
  if (!download.isInFlight(entry) && !download.canFetchDirectly(context.nowSec)) return;
  if (index.height(entry) <= active.height + REBUILD_AHEAD_MAX) rebuild(context, peer, entry, message);
  else if (isRequested) askForBlock(context, peer, entry);
  else processHeaders(context, peer, [message.header], 'compact-block-as-headers');
}

function isWelcome(context: P2pContext, peer: Peer): boolean {
  if (context.local.isBlocksOnly) {
    context.debug('cmpctblock', `peer=${peer.id} sent us a compact block even though we are blocksonly!`);
    return false;
  }
  if (context.compact.providesCompact(peer.id)) return true;
  context.debug('cmpctblock', `peer=${peer.id} sent us a compact block despite never having sent us a SENDCMPCT!`);
  return false;
}

/** Takes the header in and notes that the peer has the block; NO_ENTRY when that is the end of it. */
function takeHeader(context: P2pContext, peer: Peer, header: BlockHeader): BlockEntry {
  const { chain, download, headersSync, health } = context;
  const { index } = chain;
  const parent = index.find(header.previousBlockHash);
  if (parent === NO_ENTRY) {
    if (!chain.isInitialDownload) askForHeaders(context, peer, index.bestHeader);
    return NO_ENTRY;
  }
  if (headersSync.workWith(parent, header) < headersSync.workThreshold) {
    context.debug('net', `Ignoring low-work compact block from peer ${peer.id}`);
    return NO_ENTRY;
  }
  const isNew = index.find(header.blockHash) === NO_ENTRY;
  const { last: entry, reject } = chain.acceptHeaders([header], context.nowSec, true);
  if (reject !== null) {
    context.debug('validation', () => formatHeaderReject(header, reject) ?? formatReject(reject));
    const offence = findBlockOffence(reject.kind, 'compact-header', peer.kind === 'inbound');
    if (offence !== null) context.misbehaving(peer, offence);
    else context.debug('net', `peer=${peer.id}: invalid header via cmpctblock`);
    return NO_ENTRY;
  }
  if (isNew) logNewHeader(context, peer, entry);
  download.peerHasBlock(peer.id, header.blockHash);
  health.blockAnnounced(peer.id, entry, isNew, asHealthChain(chain), context.nowMs);
  return entry;
}

/** Core LogBlockHeader: who was first with a header tells of selfish mining, so that everybody sees it. */
function logNewHeader(context: P2pContext, peer: Peer, entry: BlockEntry): void {
  const { index, isInitialDownload } = context.chain;
  const what = `hash=${formatHash(index.blockHash(entry))} height=${index.height(entry)}`;
  const text = `Saw new cmpctblock header ${what} peer=${peer.id}`;
  if (isInitialDownload) context.debug('validation', text);
  else context.info(text);
}

/** Asks for the whole block, with its witnesses if the peer has them; it is in flight from the peer already. */
function askForBlock(context: P2pContext, peer: Peer, entry: BlockEntry): void {
  const type = context.download.role(peer.id)?.blockType ?? MSG_BLOCK;
  const items = InventoryList.of([{ type, hash: context.chain.index.blockHash(entry) }]);
  context.send(peer, { type: 'getdata', items });
}

/** Puts the block together as far as it goes, and asks the peer for the rest if it may. */
function rebuild(context: P2pContext, peer: Peer, entry: BlockEntry, message: CmpctBlockMessage): void {
  const { download, compact, nowMs } = context;
  const asked = [...download.inFlightPeers(entry)];
  const isRequested = asked.includes(peer.id);
  const isFirst = asked.length === 0 || asked[0] === peer.id;
  const hasRoom = asked.length < PEERS_PER_BLOCK_MAX && download.inFlightOf(peer.id).length < BLOCKS_IN_FLIGHT_PER_PEER;
  if (!isRequested && !hasRoom) {
    rebuildAtOnce(context, peer, entry, message);
    return;
  }
  if (isRequested && compact.partial(peer.id, entry) !== null) {
    context.debug('net', 'Peer sent us compact block we were already syncing!');
    return;
  }
  if (!isRequested) download.request(peer.id, entry, nowMs);
  const partial = compact.startPartial(peer.id, entry);
  const status = partial.begin(message, compact.pools.pool, compact.pools.extra);
  if (status === 'invalid') {
    giveUp(context, peer, entry);
    context.misbehaving(peer, 'invalid-compact-block');
  } else if (status === 'failed') {
    if (isFirst) askForBlock(context, peer, entry);
    else giveUp(context, peer, entry);
  } else {
    const missing = partial.missing();
    if (missing.length === 0) fillPartial(context, peer, entry, NO_TRANSACTIONS);
    else if (isFirst || mayRace(context, peer, entry, asked.length)) askForTransactions(context, peer, entry, missing);
    else giveUp(context, peer, entry);
  }
}

/** Whether the peer is asked for transactions of a block for which `askedCount` others were asked before. */
function mayRace({ compact, download }: P2pContext, peer: Peer, entry: BlockEntry, askedCount: number): boolean {
  if (!compact.isAnnouncer(peer.id)) return false;
  // The last place is for an outbound peer, unless one was asked already.
  const isLastPlace = askedCount >= PEERS_PER_BLOCK_MAX - 1;
  return peer.kind !== 'inbound' || !isLastPlace || download.isInFlightFromOutbound(entry);
}

function askForTransactions(context: P2pContext, peer: Peer, entry: BlockEntry, missing: readonly number[]): void {
  const blockHash = context.chain.index.blockHash(entry);
  context.send(peer, { type: 'getblocktxn', blockHash, indexes: Uint16Array.from(missing) });
}

/** The block is not fetched from the peer any more, and its partial block goes with the request; others may be asked. */
function giveUp(context: P2pContext, peer: Peer, entry: BlockEntry): void {
  context.download.cancel(peer.id, entry, context.nowMs);
}

/** Puts the block together if nothing is missing: it is in flight from others, and need not be waited for then. */
function rebuildAtOnce(context: P2pContext, peer: Peer, entry: BlockEntry, message: CmpctBlockMessage): void {
  const partial = new PartialBlock();
  const { pool, extra } = context.compact.pools;
  if (partial.begin(message, pool, extra) !== 'ok') return;
  const result = partial.fill(NO_TRANSACTIONS, isSegwitActive(context, entry));
  // What is in flight from others stays so until the block is stored: a bad one must not get in their way (W10).
  if (result.status === 'ok') handOver(context, peer, result.block);
}

function isSegwitActive({ chain, params }: P2pContext, entry: BlockEntry): boolean {
  return isActiveAt(params.consensus, 'segwit', chain.index.height(entry));
}

/** Hands a rebuilt block to the chain. Its work was checked with its header, which is why it counts as requested. */
function handOver(context: P2pContext, peer: Peer, block: Block): void {
  context.download.handedOver(block.header.blockHash, { peer: peer.id, isCompact: true });
  context.submitBlock(peer, block, { isRequested: true, hasEnoughWork: true });
}

// --- transactions that were missing ---------------------------------------------------------------------------------------

/** `blocktxn` */
export function onBlockTxn(context: P2pContext, peer: Peer, message: BlockTxnMessage): void {
  const entry = context.chain.index.find(message.blockHash);
  fillPartial(context, peer, entry, message.transactions);
}

function fillPartial(context: P2pContext, peer: Peer, entry: BlockEntry, transactions: TransactionList): void {
  const { compact, download } = context;
  const partial = compact.partial(peer.id, entry);
  if (partial === null) {
    context.debug('net', `Peer ${peer.id} sent us block transactions for block we weren't expecting`);
    return;
  }
  if (download.isArriving(entry)) {
    // Somebody else was faster.
    giveUp(context, peer, entry);
    return;
  }
  if (!partial.isOpen) {
    giveUp(context, peer, entry);
    context.misbehaving(peer, 'unrequested-reconstruction');
    context.debug('net', `Peer ${peer.id} sent compact block transactions multiple times`);
    return;
  }
  const isFirst = download.wasFirstInFlight(peer.id, entry);
  const result = partial.fill(transactions, isSegwitActive(context, entry));
  if (result.status === 'failed' && result.reject !== null) {
    context.debug('validation', `Block mutated: ${formatReject(result.reject)}`);
  }
  if (result.status === 'invalid') {
    giveUp(context, peer, entry);
    context.misbehaving(peer, 'invalid-block-transactions');
  } else if (result.status === 'ok') {
    logRebuilt(context, result.block, partial, transactions);
    giveUp(context, peer, entry);
    handOver(context, peer, result.block);
  } else if (isFirst) {
    // The partial block stays, spent, so that the peer cannot begin again with another compact block.
    askForBlock(context, peer, entry);
  } else {
    giveUp(context, peer, entry);
    context.debug(
      'net',
      `Peer ${peer.id} sent us a compact block but it failed to reconstruct, waiting on first download to complete`,
    );
  }
}

function logRebuilt(context: P2pContext, block: Block, partial: PartialBlock, requested: TransactionList): void {
  context.debug('cmpctblock', () => {
    const { prefilled, pool, extra } = partial.counts;
    let bytes = 0;
    for (let i = 0; i < requested.count; i++) bytes += requested.transaction(i).totalSize;
    return (
      `Successfully reconstructed block ${formatHash(block.header.blockHash)} with ${prefilled} txn prefilled, ` +
      `${pool} txn from mempool (incl at least ${extra} from extra pool) and ${requested.count} txn (${bytes} bytes) requested`
    );
  });
}

// --- others put a block together ------------------------------------------------------------------------------------------

/** `getblocktxn` */
export function onGetBlockTxn(context: P2pContext, peer: Peer, message: GetBlockTxnMessage): void {
  const { index, active } = context.chain;
  const { blockHash, indexes } = message;
  const entry = index.find(blockHash);
  if (entry === NO_ENTRY || !index.hasData(entry)) {
    context.debug('net', `Peer ${peer.id} sent us a getblocktxn for a block we don't have`);
    return;
  }
  if (index.height(entry) < active.height - TRANSACTIONS_DEPTH_MAX) {
    // Whoever makes us read old blocks has to take all of what was read (D17).
    context.debug('net', `Peer ${peer.id} sent us a getblocktxn for a block > ${TRANSACTIONS_DEPTH_MAX} deep`);
    context.serving.add(peer.id, InventoryList.of([{ type: MSG_WITNESS_BLOCK, hash: blockHash }]));
    serveNext(context, peer);
    return;
  }
  const last = indexes.at(-1) ?? -1;
  if (last >= index.txCount(entry)) {
    context.misbehaving(peer, 'bad-getblocktxn-index');
    return;
  }
  context.debug(
    'cmpctblock',
    () =>
      `peer=${peer.id} sent us a GETBLOCKTXN for block ${formatHash(blockHash)}, ` +
      `sending a BLOCKTXN with ${indexes.length} txns.`,
  );
  context.serveBlock(peer, entry, { transactions: Array.from(indexes) });
}

// --- new blocks of ours ---------------------------------------------------------------------------------------------------

/**
 * Announces a block that was just stored to every peer that wants compact blocks, before it is validated (Core NewPoWValidBlock):
 * its header has work and its bytes are those of its header. Peers that have the block before it get it, once per height; all
 * others hear of it when it is the tip.
 */
export function announceCompact(context: P2pContext, block: Block, entry: BlockEntry): void {
  const { chain, compact, relay, download } = context;
  const { index, active } = chain;
  const parent = index.parent(entry);
  const isNext = entry === active.tip || (parent === active.tip && !index.isFailed(entry));
  if (chain.isInitialDownload || !isNext || !isSegwitActive(context, entry)) return;
  const message = compact.remember(entry, index.height(entry), block);
  if (message === null) return;
  for (const peer of context.peers.values()) {
    if (peer.isDisconnecting || peer.version < INVALID_CB_NO_BAN_VERSION) continue;
    if (!compact.wantsAnnouncements(peer.id)) continue;
    const best = download.bestKnown(peer.id);
    if (relay.peerHasHeader(peer.id, entry, best) || !relay.peerHasHeader(peer.id, parent, best)) continue;
    const hash = formatHash(index.blockHash(entry));
    context.debug('net', `PeerManager::NewPoWValidBlock sending header-and-ids ${hash} to peer=${peer.id}`);
    context.send(peer, message);
    relay.noteHeaderSent(peer.id, entry);
  }
}

/**
 * A block from a peer was found valid: the peer is asked to announce the next one by a compact block, if this one is the best that
 * we know of, that is, when nothing else is in flight (the second half of Core BlockChecked).
 */
export function preferGiver(context: P2pContext, blockHash: BlockHash, giver: PeerId): void {
  const { chain, download, compact } = context;
  const own = download.inFlightPeers(chain.index.find(blockHash)).length;
  if (chain.isInitialDownload || download.inFlightCount !== own) return;
  for (const change of compact.preferPeer(giver)) {
    const peer = context.peers.get(change.peer);
    const announce = change.announces ? 1 : 0;
    if (peer !== undefined) context.send(peer, { type: 'sendcmpct', announce, version: CMPCTBLOCKS_VERSION });
  }
}
