// Answers to those who fetch from us: headers, lists of blocks, blocks, transactions (Core net_processing.cpp: getheaders, getblocks,
// getdata). Each request costs a bounded amount of work, whatever it names (D19).

import { findFork } from '../../../kernel/chain/active-chain.ts';
import { type BlockEntry, NO_ENTRY } from '../../../kernel/chain/block-index.ts';
import { asBlockHash, type BlockHash, formatHash } from '../../../kernel/primitives/hashes.ts';
import type { BlockHeader } from '../../../kernel/primitives/header.ts';
import { isZeroBytes } from '../../../kernel/util/bytes.ts';
import type { InventoryMessage, LocatorMessage } from '../../wire/messages.ts';
import { type InventoryItem, InventoryList } from '../../wire/packed-lists.ts';
import {
  formatInventoryType,
  MAX_HEADERS_RESULTS,
  MAX_INV_SZ,
  MAX_LOCATOR_SZ,
  MSG_BLOCK,
  MSG_TX,
} from '../../wire/protocol.ts';
import type { P2pContext } from '../context.ts';
import type { Peer } from '../peer.ts';

/** Blocks that an answer to getblocks names at most (Core). */
const GETBLOCKS_LIMIT = 500;

/** Blocks below the tip that a pruned node keeps (Core MIN_BLOCKS_TO_KEEP). */
const BLOCKS_KEPT_MIN = 288;

/** Transactions are sent until they are so many bytes, then the peer has to read (Core: as long as its send buffer has room, 1 MB). */
const TRANSACTION_BYTES_PER_TURN = 1_000_000;

/** Most transactions that are looked up at once. Ours; what a peer asks for at once in good faith is a fifth of it (MAX_GETDATA_SZ). */
const TRANSACTIONS_PER_TURN = 5_000;

/** An hour in which blocks that were named may still be fetched from a pruned node (Core). */
const RELAY_WINDOW_SEC = 3600;

function isTooLong(context: P2pContext, peer: Peer, message: LocatorMessage): boolean {
  const { count } = message.locator;
  if (count <= MAX_LOCATOR_SZ) return false;
  context.misbehaving(peer, 'oversize-locator', `${message.type} locator size ${count} > ${MAX_LOCATOR_SZ}`);
  return true;
}

/** The last block of our chain that the locator names. */
function findLocatorFork({ chain }: P2pContext, { locator }: LocatorMessage): BlockEntry {
  const hashes: BlockHash[] = [];
  for (let i = 0; i < locator.count; i++) hashes.push(locator.hash(i));
  return findFork(chain.index, chain.active, hashes);
}

function describeStop(stopHash: BlockHash): string {
  return isZeroBytes(stopHash) ? 'end' : formatHash(stopHash);
}

/** `getheaders` */
export function onGetHeaders(context: P2pContext, peer: Peer, message: LocatorMessage): void {
  if (isTooLong(context, peer, message)) return;
  const { chain } = context;
  const { index, active } = chain;
  // Headers of a chain whose work is too low would begin a sync that the peer must break off.
  const hasWork = active.tip !== NO_ENTRY && index.chainWork(active.tip) >= chain.minimumChainWork;
  if (!hasWork && !peer.permissions.download) {
    context.debug(
      'net',
      `Ignoring getheaders from peer=${peer.id} because active chain has too little work; sending empty response`,
    );
    context.send(peer, { type: 'headers', headers: [] });
    return;
  }
  const start = findFirstHeader(context, peer, message);
  if (start === 'refused') return;
  const height = start === NO_ENTRY ? -1 : index.height(start);
  context.debug('net', `getheaders ${height} to ${describeStop(message.stopHash)} from peer=${peer.id}`);
  const headers: BlockHeader[] = [];
  let last: BlockEntry = NO_ENTRY;
  for (let entry = start; entry !== NO_ENTRY; entry = active.next(entry)) {
    headers.push(index.header(entry));
    last = entry;
    if (headers.length >= MAX_HEADERS_RESULTS || index.hasHash(entry, message.stopHash)) break;
  }
  // Set and not raised: a block that was announced while it was being connected is announced again if the peer is now without it.
  context.relay.noteHeaderSent(peer.id, last === NO_ENTRY ? active.tip : last);
  context.send(peer, { type: 'headers', headers });
}

function findFirstHeader(context: P2pContext, peer: Peer, message: LocatorMessage): BlockEntry | 'refused' {
  const { index, active } = context.chain;
  if (message.locator.count > 0) return active.next(findLocatorFork(context, message));
  const entry = index.find(message.stopHash);
  if (entry === NO_ENTRY) return 'refused';
  if (context.serving.isAllowed(entry)) return entry;
  context.debug(
    'net',
    `ProcessMessage: ignoring request from peer=${peer.id} for old block header that isn't in the main chain`,
  );
  return 'refused';
}

/** `getblocks`: the way of before headers came first, still spoken by small clients. */
export function onGetBlocks(context: P2pContext, peer: Peer, message: LocatorMessage): void {
  if (isTooLong(context, peer, message)) return;
  const { index, active } = context.chain;
  const start = active.next(findLocatorFork(context, message));
  const from = start === NO_ENTRY ? -1 : index.height(start);
  const limit = `limit ${GETBLOCKS_LIMIT}`;
  context.debug('net', `getblocks ${from} to ${describeStop(message.stopHash)} ${limit} from peer=${peer.id}`);
  const hashes: BlockHash[] = [];
  for (let entry = start; entry !== NO_ENTRY; entry = active.next(entry)) {
    if (index.hasHash(entry, message.stopHash) || mayBePruned(context, entry)) break;
    hashes.push(index.blockHash(entry));
    if (hashes.length === GETBLOCKS_LIMIT) break;
  }
  context.relay.queueInventory(peer.id, hashes, hashes.length === GETBLOCKS_LIMIT);
}

function mayBePruned({ chain, params }: P2pContext, entry: BlockEntry): boolean {
  if (!chain.isPruning) return false;
  const { index, active } = chain;
  const likely = BLOCKS_KEPT_MIN - Math.floor(RELAY_WINDOW_SEC / params.consensus.pow.spacingSec);
  return !index.hasData(entry) || index.height(entry) <= active.height - likely;
}

/** `getdata` */
export function onGetData(context: P2pContext, peer: Peer, message: InventoryMessage): void {
  const { items } = message;
  if (items.count > MAX_INV_SZ) {
    context.misbehaving(peer, 'oversize-getdata', String(items.count));
    return;
  }
  context.debug('net', `received getdata (${items.count} invsz) peer=${peer.id}`);
  if (items.count > 0) {
    const first = (): string => `${formatInventoryType(items.type(0))} ${formatHash(asBlockHash(items.hash(0)))}`;
    context.debug('net', () => `received getdata for: ${first()} peer=${peer.id}`);
  }
  context.serving.add(peer.id, items);
  serveNext(context, peer);
}

/** Answers the next request that waits; called again by the shell as long as some do, for a block without a verdict a while later. */
export function serveNext(context: P2pContext, peer: Peer): void {
  const serving = context.serving.takeNext(
    {
      id: peer.id,
      localServices: peer.localServices,
      hasNoBan: peer.permissions.noban,
      isUnlimited: peer.permissions.download,
      bloomFilter: peer.bloomFilter,
    },
    context.nowSec,
    context.nowMs,
  );
  if (serving.type === 'transactions') {
    context.serving.skip(peer.id, serveTransactions(context, peer, serving.items));
  } else if (serving.type === 'over-target') {
    context.misbehaving(peer, 'historical-block-limit');
  } else if (serving.type === 'below-threshold') {
    context.misbehaving(peer, 'block-below-limited-threshold');
  } else if (serving.type === 'block') {
    context.serveBlock(peer, serving.entry, serving.form);
    if (context.relay.takeContinuation(peer.id, serving.entry)) context.serving.tellTipNext(peer.id);
  } else if (serving.type === 'tip') {
    sendTipInventory(context, peer);
  }
}

/** Sends transactions, and says which of them it does not get. Returns how many of `items` are answered. */
function serveTransactions(context: P2pContext, peer: Peer, items: InventoryList): number {
  const limit = Math.min(items.count, TRANSACTIONS_PER_TURN);
  const missing: InventoryItem[] = [];
  let bytes = 0;
  let count = 0;
  while (count < limit && bytes < TRANSACTION_BYTES_PER_TURN) {
    const item = { type: items.type(count), hash: items.hash(count) };
    const transaction = context.txServing.find(peer.id, item.type, item.hash);
    count++;
    if (transaction === null) missing.push(item);
    else {
      context.send(peer, { type: 'tx', transaction, isStripped: item.type === MSG_TX });
      bytes += transaction.totalSize;
    }
  }
  // Who wants to hear of no transactions is not told of missing ones either.
  const isTold = missing.length > 0 && peer.mayWantTransactions;
  if (isTold) context.send(peer, { type: 'notfound', items: InventoryList.of(missing) });
  return count;
}

/** Makes the peer ask for the next stretch of blocks. */
function sendTipInventory(context: P2pContext, peer: Peer): void {
  const { index, active } = context.chain;
  const items = InventoryList.of([{ type: MSG_BLOCK, hash: index.blockHash(active.tip) }]);
  context.send(peer, { type: 'inv', items });
}
