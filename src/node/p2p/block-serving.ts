// What a peer asks us for, and which of it it gets (Core ProcessGetData, ProcessGetBlockData). Requests wait per peer and are
// answered one block at a time, in order, so that nobody can make us read more than it takes from us (D04, D05, D17). A queue holds
// the bytes of one getdata; the next message of the peer is handled when it is empty.

import { type BlockEntry, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { VALIDITY } from '../../kernel/chain/block-status.ts';
import type { ConsensusParams } from '../../kernel/consensus/params.ts';
import { INVENTORY_ITEM_BYTES, InventoryList } from '../wire/packed-lists.ts';
import {
  isBlockInventory,
  isTransactionInventory,
  MSG_BLOCK,
  MSG_CMPCT_BLOCK,
  MSG_FILTERED_BLOCK,
} from '../wire/protocol.ts';
import type { BloomFilter } from './bloom-filter.ts';
import { type ChainView, isTipOfToday } from './chain-view.ts';
import { isLimitedPeer } from './desirable-services.ts';
import type { BlockForm } from './effects.ts';
import type { PeerId } from './peer-id.ts';
import { proofEquivalentTime } from './proof-time.ts';
import { UploadTarget } from './upload-target.ts';

/** Blocks off the active chain are served for so long (Core STALE_RELAY_AGE_LIMIT: a month), else they would tell who we are (E12). */
const STALE_RELAY_AGE_MAX_SEC: number = 30 * 24 * 60 * 60;

/** Blocks below the tip that a pruned node serves (BIP159), and two for blocks that come meanwhile. */
const LIMITED_DEPTH_MAX: number = 288 + 2;

/** Blocks below the tip up to which compact blocks are sent (Core MAX_CMPCTBLOCK_DEPTH). */
const COMPACT_DEPTH_MAX = 5;

/** Blocks older than this, in time, count as historical for -maxuploadtarget (Core HISTORICAL_BLOCK_AGE: a week). */
const HISTORICAL_BLOCK_AGE_SEC: number = 7 * 24 * 60 * 60;

/** Longest wait for the verdict on a block that a peer asks for; ours, Core connects it there and then. */
const VERDICT_WAIT_MS = 20_000;

/** What is to be done next for a peer. */
export type Serving =
  /** The queue is empty. */
  | { readonly type: 'done' }
  /** Something was passed over; there is more. */
  | { readonly type: 'more' }
  | { readonly type: 'block'; readonly entry: BlockEntry; readonly form: BlockForm }
  /** The next block is stored and about to be judged: to be asked again then. */
  | { readonly type: 'wait' }
  /** An answer to getblocks was cut and is fetched to its end: the peer is to hear of the tip, and to go on asking. */
  | { readonly type: 'tip' }
  /** It asked a pruned node for too old a block, and would wait for ever. */
  | { readonly type: 'below-threshold' }
  /** The day's amount is used up, and what is left is for new blocks (-maxuploadtarget). */
  | { readonly type: 'over-target' }
  /** Transactions up to the next block: still in the queue, {@link BlockServing.skip} takes those out that were answered. */
  | { readonly type: 'transactions'; readonly items: InventoryList };

/** What decides about a peer's requests. */
export interface ServedPeer {
  readonly id: PeerId;
  readonly localServices: bigint;
  readonly hasNoBan: boolean;
  /** It may fetch old blocks however much was sent (permission `download`). */
  readonly isUnlimited: boolean;
  /** What `merkleblock` shows it (BIP37); null: nothing. */
  readonly bloomFilter: BloomFilter | null;
}

interface Queue {
  readonly items: InventoryList;
  next: number;
  /** Since when the next block waits for its verdict, monotonic; null: it does not. */
  waitingSinceMs: number | null;
}

/** Requests of peers. */
export class BlockServing {
  readonly #chain: ChainView;
  readonly #consensus: ConsensusParams;
  readonly #uploadTarget: UploadTarget;
  readonly #queues: Map<PeerId, Queue> = new Map();
  readonly #tipsDue: Set<PeerId> = new Set();

  constructor(chain: ChainView, consensus: ConsensusParams, uploadTarget: UploadTarget = new UploadTarget(0)) {
    this.#chain = chain;
    this.#consensus = consensus;
    this.#uploadTarget = uploadTarget;
  }

  peerLeft(id: PeerId): void {
    this.#queues.delete(id);
    this.#tipsDue.delete(id);
  }

  /** True while requests of a peer wait: none of its messages is handled until they are answered. */
  isBusy(id: PeerId): boolean {
    return this.#queues.has(id) || this.#tipsDue.has(id);
  }

  /** Bytes that the requests of a peer take. */
  queuedBytes(id: PeerId): number {
    return this.#queues.get(id)?.items.bytes.length ?? 0;
  }

  /** The peer is to hear of the tip when the block that it gets now is sent, and before it gets anything else. */
  tellTipNext(id: PeerId): void {
    this.#tipsDue.add(id);
  }

  /** Queues what a getdata asks for. The queue of the peer is empty. */
  add(id: PeerId, items: InventoryList): void {
    if (items.count > 0) this.#queues.set(id, { items, next: 0, waitingSinceMs: null });
  }

  /** Whether the next request of a peer waits for a verdict: it is of no use to ask again before something has happened. */
  isWaiting(id: PeerId): boolean {
    return (this.#queues.get(id)?.waitingSinceMs ?? null) !== null;
  }

  /** The next request of a peer: a look at the transactions up to the next block, or one block, which is taken. */
  takeNext(peer: ServedPeer, nowSec: number, nowMs: number): Serving {
    if (this.#tipsDue.delete(peer.id)) return { type: 'tip' };
    const queue = this.#queues.get(peer.id);
    if (queue === undefined) return { type: 'done' };
    const items = transactionsAtHead(queue);
    if (items !== null) return { type: 'transactions', items };
    if (this.#mustWait(queue, nowMs)) return { type: 'wait' };
    const item = queue.next++;
    const serving = this.#serve(peer, queue.items.type(item), queue.items.hash(item), nowSec, nowMs);
    this.#dropIfDone(peer.id, queue);
    return serving;
  }

  /** Takes the next `count` requests of a peer out: they are answered. */
  skip(id: PeerId, count: number): void {
    const queue = this.#queues.get(id);
    if (queue === undefined) return;
    queue.next += count;
    this.#dropIfDone(id, queue);
  }

  /**
   * Whether the next block has just been stored and will be connected in a moment: it was announced before it was, and who asks for
   * it would otherwise get no answer (the ActivateBestChain within Core's ProcessGetBlockData).
   */
  #mustWait(queue: Queue, nowMs: number): boolean {
    const { index, active } = this.#chain;
    const entry = index.find(queue.items.hash(queue.next));
    const isUnjudged =
      entry !== NO_ENTRY &&
      index.hasData(entry) &&
      index.isLinked(entry) &&
      !index.isFailed(entry) &&
      !index.isValid(entry, VALIDITY.scripts) &&
      index.compareWork(entry, active.tip) > 0;
    const mustWait = isUnjudged && nowMs - (queue.waitingSinceMs ?? nowMs) < VERDICT_WAIT_MS;
    queue.waitingSinceMs = mustWait ? (queue.waitingSinceMs ?? nowMs) : null;
    return mustWait;
  }

  #dropIfDone(id: PeerId, queue: Queue): void {
    if (queue.next >= queue.items.count) this.#queues.delete(id);
  }

  #serve(peer: ServedPeer, type: number, hash: Uint8Array, nowSec: number, nowMs: number): Serving {
    if (!isBlockInventory(type)) return { type: 'more' };
    const { index, active } = this.#chain;
    const entry = index.find(hash);
    if (entry === NO_ENTRY || !this.isAllowed(entry)) return { type: 'more' };
    if (!peer.isUnlimited && this.#isOverTarget(entry, type, nowMs)) return { type: 'over-target' };
    const depth = active.height - index.height(entry);
    if (isLimitedPeer(peer.localServices) && !peer.hasNoBan && depth > LIMITED_DEPTH_MAX)
      return { type: 'below-threshold' };
    if (!index.hasData(entry)) return { type: 'more' };
    const form = this.#chooseForm(type, peer.bloomFilter, depth, nowSec);
    return form === null ? { type: 'more' } : { type: 'block', entry, form };
  }

  #isOverTarget(entry: BlockEntry, type: number, nowMs: number): boolean {
    const { index } = this.#chain;
    const ageSec = index.timeSec(index.bestHeader) - index.timeSec(entry);
    const isHistory = ageSec > HISTORICAL_BLOCK_AGE_SEC || type === MSG_FILTERED_BLOCK;
    return isHistory && this.#uploadTarget.isReachedForHistory(nowMs);
  }

  /** Null: nothing is sent. */
  #chooseForm(type: number, filter: BloomFilter | null, depth: number, nowSec: number): BlockForm | null {
    switch (type) {
      case MSG_BLOCK:
        return 'stripped-block';
      case MSG_FILTERED_BLOCK:
        // Without a filter there is no answer.
        return filter === null ? null : { filter };
      case MSG_CMPCT_BLOCK:
        return depth <= COMPACT_DEPTH_MAX && isTipOfToday(this.#chain, this.#consensus.pow.spacingSec, nowSec)
          ? 'compact-block'
          : 'block';
      default:
        return 'block';
    }
  }

  /** Whether anybody may have the block: it is on the active chain, or was a while ago (Core BlockRequestAllowed). */
  isAllowed(entry: BlockEntry): boolean {
    const { index, active } = this.#chain;
    if (active.contains(entry)) return true;
    const best = index.bestHeader;
    return (
      index.isValid(entry, VALIDITY.scripts) &&
      index.timeSec(best) - index.timeSec(entry) < STALE_RELAY_AGE_MAX_SEC &&
      proofEquivalentTime(index, best, entry, best, this.#consensus.pow.spacingSec) < STALE_RELAY_AGE_MAX_SEC
    );
  }
}

/** The transactions before the next block, as a view of the request. Null: there is none. */
function transactionsAtHead({ items, next }: Queue): InventoryList | null {
  let end = next;
  while (end < items.count && isTransactionInventory(items.type(end))) end++;
  if (end === next) return null;
  return new InventoryList(items.bytes.subarray(next * INVENTORY_ITEM_BYTES, end * INVENTORY_ITEM_BYTES));
}
