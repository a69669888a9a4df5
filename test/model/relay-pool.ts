// A mempool for tests of relay: transactions that a test makes up, mined in an order that the test decides. Slow and plain, except
// that transactions need no bytes, so that there can be hundreds of thousands. Counts how often it is asked.

import { asTxid, asWtxid } from '../../src/kernel/primitives/hashes.ts';
import type { Transaction } from '../../src/kernel/primitives/transaction.ts';
import { toHex } from '../../src/kernel/util/bytes.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { Signal } from '../../src/kernel/util/signal.ts';
import type { TransactionPool } from '../../src/node/p2p/partial-block.ts';
import { asPeerId } from '../../src/node/p2p/peer-id.ts';
import type { RelayPeerFacts } from '../../src/node/p2p/tx-relay.ts';
import type { RelayEntry, RelayPool } from '../../src/node/p2p/tx-relay-pool.ts';
import { parseNetAddress } from '../../src/node/wire/net-address.ts';

/** What a test decides about an entry; absent: 1,000 satoshis for 100 virtual bytes, alone, and now. */
export interface FakeEntryOptions {
  readonly transaction?: Transaction;
  readonly feeSat?: number;
  readonly vsize?: number;
  /** Fee of the 100 virtual bytes' worth of chunk that it is mined in; absent: its own. */
  readonly chunkFeeSat?: number;
  readonly parents?: readonly FakeEntry[];
  readonly sequence?: number;
}

/** A transaction of the pool. */
export interface FakeEntry extends RelayEntry {
  chunkFeeSat: number;
  readonly parents: readonly FakeEntry[];
}

/** What relay knows of a peer that connected and announces by wtxid; `number` makes it another one. */
export function relayPeer(number: number, facts: Partial<RelayPeerFacts> = {}): RelayPeerFacts {
  return {
    id: asPeerId(number),
    kind: 'inbound',
    address: parseNetAddress('44.3.2.1', 8333)!,
    localAddress: parseNetAddress('55.5.5.5', 8333)!,
    seenLocalAddress: null,
    permissions: { noban: false },
    wantsTransactions: true,
    mayWantTransactions: true,
    bloomFilter: null,
    announcesByWtxid: true,
    feeFilterSat: 0,
    ...facts,
  };
}

/** A pool that tests fill. */
export class FakeRelayPool implements RelayPool {
  options: { minRelayFeerate: number } = { minRelayFeerate: 100 };
  sequence = 1;
  minimumFeerateSat = 0;
  readonly signals: { readonly removed: Signal<{ readonly entry: RelayEntry }> } = { removed: new Signal() };
  readonly waitingForFetch: Set<string> = new Set();
  /** How often two entries were compared, and entries looked up. */
  compareCount = 0;
  lookUpCount = 0;
  readonly #entries: (FakeEntry | undefined)[] = [];
  readonly #byTxid: Map<string, FakeEntry> = new Map();
  readonly #byWtxid: Map<string, FakeEntry> = new Map();
  readonly #rng = createRng(77);

  readonly graph: RelayPool['graph'] = {
    chunkFeerate: (ref) => ({ feeSat: this.#at(ref).chunkFeeSat, size: 100 }),
    compareMiningOrder: (a, b) => {
      this.compareCount++;
      return this.#compare(this.#at(a), this.#at(b));
    },
  };

  readonly view: TransactionPool = {
    count: 0,
    forEachTransaction: (visit) => {
      for (const { transaction } of this.entries()) if (!visit(transaction.wtxid, 0, transaction)) return;
    },
  };

  /** A transaction has come. */
  add(options: FakeEntryOptions = {}): FakeEntry {
    const { feeSat = 1_000, vsize = 100, chunkFeeSat = (100 * feeSat) / vsize, parents = [] } = options;
    const transaction = options.transaction ?? this.#invent();
    let ref = 0;
    while (this.#entries[ref] !== undefined) ref++;
    return this.#put({ transaction, feeSat, vsize, chunkFeeSat, parents, ref, sequence: options.sequence ?? -1 });
  }

  /** So many transactions at once, all alike. */
  addMany(count: number): FakeEntry[] {
    const alike = { feeSat: 1_000, vsize: 100, chunkFeeSat: 1_000, parents: [], sequence: -1 };
    const first = this.#entries.length;
    return Array.from({ length: count }, (_, i) =>
      this.#put({ ...alike, transaction: this.#invent(), ref: first + i }),
    );
  }

  /** A transaction has gone. */
  remove(entry: FakeEntry): void {
    this.#entries[entry.ref] = undefined;
    this.#byTxid.delete(toHex(entry.transaction.txid));
    this.#byWtxid.delete(toHex(entry.transaction.wtxid));
    this.sequence++;
    this.signals.removed.emit({ entry });
  }

  get(txid: Uint8Array): FakeEntry | null {
    this.lookUpCount++;
    return this.#byTxid.get(toHex(txid)) ?? null;
  }

  getByWtxid(wtxid: Uint8Array): FakeEntry | null {
    this.lookUpCount++;
    return this.#byWtxid.get(toHex(wtxid)) ?? null;
  }

  contains(entry: RelayEntry): boolean {
    this.lookUpCount++;
    return this.#entries[entry.ref] === entry;
  }

  ancestors(entry: RelayEntry): FakeEntry[] {
    const found = new Set<FakeEntry>([entry as FakeEntry]);
    for (const one of found) for (const parent of one.parents) found.add(parent);
    return [...found];
  }

  *entries(): Iterable<FakeEntry> {
    for (const entry of this.#entries) if (entry !== undefined) yield entry;
  }

  minimumFeerate(): number {
    return this.minimumFeerateSat;
  }

  unbroadcast(): Uint8Array[] {
    return [...this.#byTxid.values()]
      .map(({ transaction }) => transaction.txid)
      .filter((txid) => this.waitingForFetch.has(toHex(txid)));
  }

  addUnbroadcast(txid: Uint8Array): void {
    this.waitingForFetch.add(toHex(txid));
  }

  removeUnbroadcast(txid: Uint8Array): void {
    this.waitingForFetch.delete(toHex(txid));
  }

  #put(entry: FakeEntry): FakeEntry {
    const own = entry.sequence < 0 ? { ...entry, sequence: this.sequence } : entry;
    this.sequence++;
    this.#entries[own.ref] = own;
    this.#byTxid.set(toHex(own.transaction.txid), own);
    this.#byWtxid.set(toHex(own.transaction.wtxid), own);
    return own;
  }

  #at(ref: number): FakeEntry {
    const entry = this.#entries[ref];
    if (entry === undefined) throw new Error(`fake pool: no entry ${ref}`);
    return entry;
  }

  #compare(a: FakeEntry, b: FakeEntry): number {
    if (a === b) return 0;
    if (this.ancestors(b).includes(a)) return -1;
    if (this.ancestors(a).includes(b)) return 1;
    return b.chunkFeeSat - a.chunkFeeSat || a.ref - b.ref;
  }

  /** A transaction of which there is nothing but names. */
  #invent(): Transaction {
    const txid = asTxid(this.#rng.bytes(32));
    const wtxid = asWtxid(this.#rng.bytes(32));
    return { txid, wtxid, totalSize: 200 } as Partial<Transaction> as Transaction;
  }
}
