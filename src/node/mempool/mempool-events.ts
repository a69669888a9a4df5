// What the mempool tells whoever listens, and in which order. Every change is complete before anything is told of it: a listener
// that looks sees the pool after the whole change. It must not change the pool itself.
//
//   removed          one for each entry that left, in the order of their sequence numbers
//   removedForBlock  after those of a block, also when no entry left
//   added            when acceptance says so (Mempool.tellAdded), which is after the pool was limited: an entry that did not
//                    survive that has a `removed` and never had an `added`, as in Core
//   trimmed          after the `removed` of those for whom memory was too small
//
// Sequence numbers (Core GetAndIncrementSequence) rise by one with every added and every removed, without a gap.

import { Signal, type SignalSource } from '../../kernel/util/signal.ts';
import type { MempoolEntry } from './entry.ts';

/** Why an entry left (Core MemPoolRemovalReason, RemovalReasonToString). */
export type RemovalReason =
  /** It waited too long. */
  | 'expiry'
  /** Memory or a cluster was full. */
  | 'sizelimit'
  /** The chain changed and it is no longer valid in the next block. */
  | 'reorg'
  /** It is in a block. */
  | 'block'
  /** A block spends one of its coins in another way. */
  | 'conflict'
  /** Another one took its place. */
  | 'replaced';

/** How an addition came about, for the estimation of fees (Core NewMempoolTransactionInfo). */
export interface AdditionCircumstances {
  /** True when limits of fees were not applied, as after a reorganisation. */
  readonly bypassedLimits: boolean;
  readonly isInPackage: boolean;
  /** True when the chain was up to date. */
  readonly isChainCurrent: boolean;
  readonly hasMempoolParents: boolean;
}

/** An entry came. */
export interface AddedEvent extends AdditionCircumstances {
  readonly entry: MempoolEntry;
  readonly sequence: number;
}

/** An entry left. */
export interface RemovedEvent {
  readonly entry: MempoolEntry;
  readonly reason: RemovalReason;
  readonly sequence: number;
  /** It was one of our own that nobody had fetched. */
  readonly wasUnbroadcast: boolean;
}

/** Entries left because a block contains them. */
export interface RemovedForBlockEvent {
  /** In the order of the block. */
  readonly entries: readonly MempoolEntry[];
  readonly height: number;
}

/** Entries left because memory was full. */
export interface TrimmedEvent {
  readonly count: number;
  /** The highest feerate that left and what comes must pay on top of it, in satoshis per 1,000 virtual bytes. */
  readonly minimumFeerate: number;
}

/** What left the pool because of a block. */
export interface BlockRemovals {
  /** The entries that the block contains, in its order. */
  readonly entries: readonly MempoolEntry[];
  /** Entries that spend what the block spends in another way, each with its descendants. */
  readonly conflicts: readonly MempoolEntry[];
}

/** The signals of the mempool, as listeners see them. */
export interface MempoolSignals {
  readonly added: SignalSource<AddedEvent>;
  readonly removed: SignalSource<RemovedEvent>;
  readonly removedForBlock: SignalSource<RemovedForBlockEvent>;
  readonly trimmed: SignalSource<TrimmedEvent>;
}

/** The signals of the mempool, as it emits them. */
export class MempoolEmitters implements MempoolSignals {
  readonly added: Signal<AddedEvent> = new Signal();
  readonly removed: Signal<RemovedEvent> = new Signal();
  readonly removedForBlock: Signal<RemovedForBlockEvent> = new Signal();
  readonly trimmed: Signal<TrimmedEvent> = new Signal();
}
