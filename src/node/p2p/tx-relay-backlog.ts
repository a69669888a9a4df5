// Transactions that peers are still to be told of. Of each peer one bit per transaction, at the place of its handle in the mempool
// (`ref`): 300,000 transactions take 64 kB of a peer. All peers share one order in which transactions are taken: lists, one for
// each rank of fee rate, linked through arrays, the oldest first. A transaction is in it as long as somebody is to be told of it
// and the mempool has it, so that nothing here outgrows the mempool.
//
// The order is that of the moment when a transaction was queued, which is near enough to say what goes first when there is too
// much to tell (tx-relay.ts sorts what it takes by the mempool's exact order). A rank spans an eighth of an octave of fee rates.

import type { FeeFrac } from '../../kernel/policy/fee-frac.ts';
import { assert } from '../../kernel/util/assert.ts';
import type { RelayEntry } from './tx-relay-pool.ts';

/** Ranks of fee rates: 32 octaves of eight. Ours. */
const RANKS = 256;
const RANKS_PER_OCTAVE = 8;

/** Virtual bytes or weight units that a rate speaks of. */
const SIZE_PER_RATE = 1_000;

/** Handles are below this, far beyond what any mempool has held. Ours, against a pool that does not keep them small. */
const REFS_MAX: number = 2 ** 24;

/** No transaction. */
const NONE = -1;

/** The bits of a word. */
const BITS: readonly number[] = Array.from({ length: 32 }, (_, i) => 2 ** i);

/** A length of at least `count`, doubled as often as it takes. */
function grownLength(count: number, length: number): number {
  let grown = Math.max(length, 16);
  while (grown < count) grown *= 2;
  return grown;
}

/** The rank of a fee rate; the highest comes first. */
export function rankOf({ feeSat, size }: FeeFrac): number {
  if (feeSat <= 0 || size <= 0) return 0;
  const rank = Math.floor(RANKS_PER_OCTAVE * Math.log2(1 + (SIZE_PER_RATE * feeSat) / size));
  return Math.min(rank, RANKS - 1);
}

/** What one peer is still to be told of; {@link RelayBacklog} alone changes it. */
export class PeerBacklog {
  count = 0;
  #bits: Uint32Array = new Uint32Array(0);

  /** Memory of the bits. */
  get sizeBytes(): number {
    return this.#bits.byteLength;
  }

  has(ref: number): boolean {
    return ((this.#bits[ref >>> 5] ?? 0) & BITS[ref & 31]!) !== 0;
  }

  /** False when it was there. */
  add(ref: number): boolean {
    if (this.has(ref)) return false;
    const word = ref >>> 5;
    if (word >= this.#bits.length) {
      const bits = new Uint32Array(grownLength(word + 1, this.#bits.length));
      bits.set(this.#bits);
      this.#bits = bits;
    }
    this.#bits[word]! |= BITS[ref & 31]!;
    this.count++;
    return true;
  }

  /** False when it was not there. */
  delete(ref: number): boolean {
    if (!this.has(ref)) return false;
    this.#bits[ref >>> 5]! &= ~BITS[ref & 31]!;
    this.count--;
    return true;
  }

  /** Calls `visit` with each, in the order of the handles. */
  visit(visit: (ref: number) => void): void {
    for (let word = 0; word < this.#bits.length; word++) {
      for (let rest = this.#bits[word]!; rest !== 0; rest &= rest - 1) visit(32 * word + 31 - Math.clz32(rest & -rest));
    }
  }
}

/** See the top of the file. */
export class RelayBacklog {
  readonly #peers: Set<PeerBacklog> = new Set();
  readonly #heads: Int32Array = new Int32Array(RANKS).fill(NONE);
  readonly #tails: Int32Array = new Int32Array(RANKS).fill(NONE);
  /** By handle: the entry while it is listed, its neighbours in its list, its rank, and how many peers are to be told of it. */
  readonly #entries: (RelayEntry | null)[] = [];
  #next: Int32Array = new Int32Array(0);
  #previous: Int32Array = new Int32Array(0);
  #ranks: Uint8Array = new Uint8Array(0);
  #waiting: Int32Array = new Int32Array(0);
  #size = 0;

  /** Transactions that anybody is to be told of. */
  get size(): number {
    return this.#size;
  }

  /** A peer that is to be told of transactions from now on. */
  addPeer(): PeerBacklog {
    const peer = new PeerBacklog();
    this.#peers.add(peer);
    return peer;
  }

  removePeer(peer: PeerBacklog): void {
    this.clear(peer);
    this.#peers.delete(peer);
  }

  /** A peer is to be told of an entry of this rank; the rank of one that is listed stays. */
  add(peer: PeerBacklog, entry: RelayEntry, rank: number): void {
    const { ref } = entry;
    if (this.#listed(ref) !== entry) {
      this.#forget(ref);
      this.#list(entry, rank);
    }
    if (peer.add(ref)) this.#waiting[ref]!++;
  }

  /** Moves an entry that is listed to a higher rank, behind those that are there. */
  raise(entry: RelayEntry, rank: number): void {
    const { ref } = entry;
    if (this.#listed(ref) !== entry || this.#ranks[ref]! >= rank) return;
    this.#unlink(ref);
    this.#link(ref, rank);
  }

  /** The peer has been told of an entry, or need not be. */
  delete(peer: PeerBacklog, entry: RelayEntry): void {
    if (this.#listed(entry.ref) === entry) this.#deleteRef(peer, entry.ref);
  }

  /** Nobody is to be told of it any more: it has left the mempool. */
  drop(entry: RelayEntry): void {
    if (this.#listed(entry.ref) === entry) this.#forget(entry.ref);
  }

  /** The peer need not be told of anything that is queued. */
  clear(peer: PeerBacklog): void {
    peer.visit((ref) => {
      this.#deleteRef(peer, ref);
    });
  }

  /**
   * Calls `visit` with what a peer is to be told of, best first, until it returns false. It may delete what it is given, and
   * nothing else.
   */
  visit(peer: PeerBacklog, visit: (entry: RelayEntry) => boolean): void {
    let left = peer.count;
    for (let rank = RANKS - 1; rank >= 0 && left > 0; rank--) {
      let ref = this.#heads[rank]!;
      while (ref !== NONE && left > 0) {
        const next = this.#next[ref]!;
        if (peer.has(ref)) {
          left--;
          if (!visit(this.#entries[ref]!)) return;
        }
        ref = next;
      }
    }
  }

  /** Lists, counts and bits agree. */
  sanityCheck(): void {
    let listed = 0;
    for (let rank = 0; rank < RANKS; rank++) {
      let previous = NONE;
      for (let ref = this.#heads[rank]!; ref !== NONE; ref = this.#next[ref]!) {
        let waiting = 0;
        for (const peer of this.#peers) if (peer.has(ref)) waiting++;
        assert(this.#ranks[ref] === rank && this.#previous[ref] === previous, 'backlog: the list is linked both ways');
        assert(waiting > 0 && waiting === this.#waiting[ref], 'backlog: somebody waits for what is listed');
        assert(this.#entries[ref]?.ref === ref, 'backlog: at the place of its handle');
        previous = ref;
        listed++;
      }
      assert(this.#tails[rank] === previous, 'backlog: the end of the list');
    }
    assert(listed === this.#size, 'backlog: as many as are listed');
    for (const peer of this.#peers) {
      let count = 0;
      peer.visit((ref) => {
        count++;
        assert(this.#listed(ref) !== null, 'backlog: what a peer waits for is listed');
      });
      assert(count === peer.count, 'backlog: as many bits as counted');
    }
  }

  #listed(ref: number): RelayEntry | null {
    return this.#entries[ref] ?? null;
  }

  #list(entry: RelayEntry, rank: number): void {
    const { ref } = entry;
    assert(Number.isInteger(ref) && ref >= 0 && ref < REFS_MAX, 'backlog: a small handle');
    if (ref >= this.#next.length) this.#grow(ref + 1);
    while (this.#entries.length <= ref) this.#entries.push(null);
    this.#entries[ref] = entry;
    this.#size++;
    this.#link(ref, rank);
  }

  #grow(count: number): void {
    const length = grownLength(count, this.#next.length);
    const grown = <T extends Int32Array | Uint8Array>(array: T, larger: T): T => {
      larger.set(array);
      return larger;
    };
    this.#next = grown(this.#next, new Int32Array(length));
    this.#previous = grown(this.#previous, new Int32Array(length));
    this.#ranks = grown(this.#ranks, new Uint8Array(length));
    this.#waiting = grown(this.#waiting, new Int32Array(length));
  }

  #link(ref: number, rank: number): void {
    const tail = this.#tails[rank]!;
    this.#ranks[ref] = rank;
    this.#previous[ref] = tail;
    this.#next[ref] = NONE;
    if (tail === NONE) this.#heads[rank] = ref;
    else this.#next[tail] = ref;
    this.#tails[rank] = ref;
  }

  #unlink(ref: number): void {
    const rank = this.#ranks[ref]!;
    const previous = this.#previous[ref]!;
    const next = this.#next[ref]!;
    if (previous === NONE) this.#heads[rank] = next;
    else this.#next[previous] = next;
    if (next === NONE) this.#tails[rank] = previous;
    else this.#previous[next] = previous;
  }

  #deleteRef(peer: PeerBacklog, ref: number): void {
    if (peer.delete(ref) && --this.#waiting[ref]! === 0) this.#unlist(ref);
  }

  /** Takes whatever is listed under a handle from everybody. */
  #forget(ref: number): void {
    if (this.#listed(ref) === null) return;
    for (const peer of this.#peers) peer.delete(ref);
    this.#waiting[ref] = 0;
    this.#unlist(ref);
  }

  #unlist(ref: number): void {
    this.#unlink(ref);
    this.#entries[ref] = null;
    this.#size--;
  }
}
