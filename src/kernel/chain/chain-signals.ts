// What the chain tells whoever listens, and in which order. All of it happens inside a command of the chainstate, after what is
// told has happened: a listener that looks sees the state after the event, or, where several blocks were connected at once, the
// state after the last of them.
//
//   headerTipChanged     the best header is another; at the end of every command that brought headers, and, alone of all, within
//                        acceptHeaders, whose caller may be in the middle of something: who listens must not call it back
//   for every step towards a better chain:
//     blockChecked       verdict on a block that was refused, before anything else is told of it
//     blockDisconnected  one for each block taken off, from the tip down; the chain ends with its parent
//     blockChecked       verdict `null` on a block that was connected, just before its blockConnected
//     blockConnected     one for each block connected, from below up
//     (followers)        what must be in step with the chain before anyone hears of it is waited for (Chainstate.followTip)
//     tipChanged         once at the end of the command, when the tip is another than at its beginning
//   scriptChecksChanged  whether scripts are run, or why, is other for a block that is being connected than for the one before
//   flushed              everything up to this tip has survived a power cut
//   pruningLimited       blocks that could go are kept, because somebody needs them
//   pruned               old block files are gone
//   backgroundMoved      the chain that verifies a snapshot was moved; at the end of the command. Nothing else tells of its blocks but
//                        blockChecked and scriptChecksChanged
//   snapshotActivated    the chain goes on with a snapshot; tipChanged follows
//   snapshotValidated    it has come to the snapshot, and the coins were the same
//   damageFound          a verification found that what is stored does not fit together; nothing was done about it
//   blocksMissing        a check of the last blocks ended early, where blocks were pruned or are below a snapshot

import type { BlockReject } from '../consensus/reject.ts';
import type { BlockUndo } from '../consensus/undo.ts';
import type { Block } from '../primitives/block.ts';
import { Signal, type SignalSource } from '../util/signal.ts';
import type { ScriptCheckReason } from './assume-valid.ts';
import type { BlockEntry } from './block-index.ts';
import type { StorageError } from './ports.ts';
import type { PruneLimit } from './prune-holds.ts';

/** A block that became or ceased to be part of the active chain. */
export interface BlockEvent {
  readonly entry: BlockEntry;
  readonly height: number;
  readonly block: Block;
  /** The coins that it spent. */
  readonly undo: BlockUndo;
}

/** A block that was taken off. */
export interface DisconnectedBlockEvent extends BlockEvent {
  /** Because an operator says that it, or one below, is invalid; not for a better branch. */
  readonly isInvalidated: boolean;
}

/** A verdict on a block; null: valid. */
export interface BlockCheckedEvent {
  readonly block: Block;
  readonly reject: BlockReject | null;
}

/** Another tip. */
export interface TipEvent {
  readonly tip: BlockEntry;
  readonly height: number;
  /** The last block that the old and the new chain have in common. */
  readonly fork: BlockEntry;
  /** The tip is far behind what the node is looking for. */
  readonly isInitialDownload: boolean;
}

/** Another best header. */
export interface HeaderTipEvent {
  readonly entry: BlockEntry;
  readonly height: number;
}

/** From a block on, scripts are run, or are not. */
export interface ScriptChecksEvent {
  readonly entry: BlockEntry;
  readonly height: number;
  /** Why they are run; null: they are not. */
  readonly reason: ScriptCheckReason | null;
}

/** Everything up to a tip is on the disk for good. */
export interface FlushedEvent {
  readonly tip: BlockEntry;
  readonly height: number;
}

/** Old block files are gone. */
export interface PrunedEvent {
  /** Their numbers. */
  readonly files: readonly number[];
  /** Height of the highest block that was in them. */
  readonly heightLast: number;
}

/** The chain behind a snapshot, which verifies it. */
export interface BackgroundEvent {
  readonly tip: BlockEntry;
  readonly height: number;
  /** The base block of the snapshot. */
  readonly target: BlockEntry;
}

/** Blocks that were to be checked are not stored: that at `height` and those before it. */
export interface BlocksMissingEvent {
  readonly height: number;
}

/** The signals of a chain, as listeners see them. */
export interface ChainSignals {
  readonly headerTipChanged: SignalSource<HeaderTipEvent>;
  readonly blockChecked: SignalSource<BlockCheckedEvent>;
  readonly blockDisconnected: SignalSource<DisconnectedBlockEvent>;
  readonly blockConnected: SignalSource<BlockEvent>;
  readonly tipChanged: SignalSource<TipEvent>;
  readonly scriptChecksChanged: SignalSource<ScriptChecksEvent>;
  readonly flushed: SignalSource<FlushedEvent>;
  readonly pruningLimited: SignalSource<PruneLimit>;
  readonly pruned: SignalSource<PrunedEvent>;
  readonly backgroundMoved: SignalSource<BackgroundEvent>;
  readonly snapshotActivated: SignalSource<BackgroundEvent>;
  readonly snapshotValidated: SignalSource<BackgroundEvent>;
  readonly damageFound: SignalSource<StorageError>;
  readonly blocksMissing: SignalSource<BlocksMissingEvent>;
}

/** The signals of a chain, as the chain emits them. */
export class ChainEmitters implements ChainSignals {
  readonly headerTipChanged: Signal<HeaderTipEvent> = new Signal();
  readonly blockChecked: Signal<BlockCheckedEvent> = new Signal();
  readonly blockDisconnected: Signal<DisconnectedBlockEvent> = new Signal();
  readonly blockConnected: Signal<BlockEvent> = new Signal();
  readonly tipChanged: Signal<TipEvent> = new Signal();
  readonly scriptChecksChanged: Signal<ScriptChecksEvent> = new Signal();
  readonly flushed: Signal<FlushedEvent> = new Signal();
  readonly pruningLimited: Signal<PruneLimit> = new Signal();
  readonly pruned: Signal<PrunedEvent> = new Signal();
  readonly backgroundMoved: Signal<BackgroundEvent> = new Signal();
  readonly snapshotActivated: Signal<BackgroundEvent> = new Signal();
  readonly snapshotValidated: Signal<BackgroundEvent> = new Signal();
  readonly damageFound: Signal<StorageError> = new Signal();
  readonly blocksMissing: Signal<BlocksMissingEvent> = new Signal();
}
