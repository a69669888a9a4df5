// A change of the mempool that is looked at before it is made: transactions to add, entries to take out for them (Core
// CTxMemPool::ChangeSet). It lives on the staging level of the graph, so there is one at a time, and nothing else may change the
// pool meanwhile. It ends with apply() or abort().

import type { FeeFrac } from '../../kernel/policy/fee-frac.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { assert } from '../../kernel/util/assert.ts';
import { equalRange } from '../../kernel/util/bytes.ts';
import { type AdditionFacts, type MempoolEntry, PoolEntry } from './entry.ts';
import { findParents } from './mempool-family.ts';
import type { MempoolIndex } from './mempool-index.ts';
import { addSaturating, type FeeDeltas } from './prioritise.ts';
import { computeTieBreak, type TxGraph } from './tx-graph.ts';

/** What a change set needs of its pool. */
export interface ChangeSetHost {
  readonly graph: TxGraph;
  readonly index: MempoolIndex;
  readonly deltas: FeeDeltas;
  readonly bytesPerSigop: number;
  /** Called once at the end, when the graph has already changed or stayed as it was: what enters and what leaves. */
  changeSetEnded(additions: readonly PoolEntry[], removals: readonly PoolEntry[]): void;
}

/** Feerate diagrams, as chunks best first, of the clusters that a change touches. Sizes are weight units. */
export interface ChangeDiagrams {
  readonly before: readonly FeeFrac[];
  readonly after: readonly FeeFrac[];
}

/** A change of the mempool in preparation; made by {@link Mempool.begin}. */
export class ChangeSet {
  readonly #host: ChangeSetHost;
  readonly #additions: PoolEntry[] = [];
  readonly #removals: Set<PoolEntry> = new Set();
  #isOpen = true;
  /** True once the additions are linked to their parents. */
  #isLinked = false;

  /** For the pool: begins the staging level of its graph. */
  constructor(host: ChangeSetHost) {
    this.#host = host;
    host.graph.startStaging();
  }

  /** False once it was applied or aborted. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The staged additions, in order. */
  get additions(): readonly MempoolEntry[] {
    return this.#additions;
  }

  /** The staged removals, in order. */
  get removals(): readonly MempoolEntry[] {
    return [...this.#removals];
  }

  /**
   * Stages a transaction: parents before children, and all before the first question about limits or diagrams. The entry has its
   * size and its modified fee; it is in the pool only after {@link apply}.
   */
  stageAddition(facts: AdditionFacts): MempoolEntry {
    assert(this.#isOpen && !this.#isLinked, 'change set: additions come before questions');
    const { graph, deltas, bytesPerSigop } = this.#host;
    const { txid } = facts.transaction;
    assert(this.#staged(txid, 0) === null, 'change set: a transaction is staged once');
    const modifiedFeeSat = addSaturating(facts.feeSat, deltas.get(txid));
    const entry = new PoolEntry(facts, modifiedFeeSat, bytesPerSigop, (feeSat, weightWu) =>
      graph.add(feeSat, weightWu, computeTieBreak(txid)),
    );
    this.#additions.push(entry);
    return entry;
  }

  /** Stages that an entry leaves; its descendants are to be staged too. Staging it again changes nothing. */
  stageRemoval(entry: MempoolEntry): void {
    assert(this.#isOpen && entry instanceof PoolEntry && this.#host.index.contains(entry), 'change set: a known entry');
    if (this.#removals.has(entry)) return;
    this.#host.graph.remove(entry.ref);
    this.#removals.add(entry);
  }

  /**
   * The entries of the pool that a staged one descends from, in no useful order; staged parents are not among them (Core
   * CalculateMemPoolAncestors).
   */
  ancestors(entry: MempoolEntry): MempoolEntry[] {
    const { graph, index } = this.#host;
    const refs = findParents(index, entry.transaction).map((parent) => parent.ref);
    return refs.length === 0 ? [] : graph.ancestorsOfAll(refs, 'main').map((ref) => index.entry(ref)!);
  }

  /** True when no cluster grows beyond the limits (Core CheckMemPoolPolicyLimits). */
  fitsLimits(): boolean {
    this.#link();
    return !this.#host.graph.isOversized('top');
  }

  /** Diagrams of the touched clusters before and after; null when a cluster would be too large (Core CalculateChunksForRBF). */
  diagrams(): ChangeDiagrams | null {
    if (!this.fitsLimits()) return null;
    const { main, staging } = this.#host.graph.stagedDiagrams();
    return { before: main, after: staging };
  }

  /** Makes the change: removals leave with the reason `replaced`, additions enter, and then listeners are told. */
  apply(): void {
    this.#link();
    this.#isOpen = false;
    this.#host.graph.commitStaging();
    this.#host.changeSetEnded(this.#additions, [...this.#removals]);
  }

  /** Gives the change up: nothing has happened. Does nothing after the end. */
  abort(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#host.graph.abortStaging();
    this.#host.changeSetEnded([], []);
  }

  /** The staged addition with a txid, or null. There are as many as a package has at most, so they are walked. */
  #staged(txids: Uint8Array, at: number): PoolEntry | null {
    for (const entry of this.#additions) {
      if (equalRange(entry.transaction.txid, 0, txids, at, HASH_BYTES)) return entry;
    }
    return null;
  }

  /** Tells the graph what the additions spend. Children that are in the pool already are linked by {@link Mempool.linkChildren}. */
  #link(): void {
    assert(this.#isOpen, 'change set: open');
    if (this.#isLinked) return;
    this.#isLinked = true;
    const { graph, index } = this.#host;
    for (const { transaction, ref } of this.#additions) {
      for (let i = 0; i < transaction.inputCount; i++) {
        const at = transaction.prevoutStart(i);
        const parent = index.find(transaction.bytes, at) ?? this.#staged(transaction.bytes, at);
        if (parent !== null && !this.#removals.has(parent)) graph.addDependency(parent.ref, ref);
      }
    }
  }
}
