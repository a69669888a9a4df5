// Random changes of the pool against its naive twin. `TALLY_MEMPOOL_STEPS` sets their number, `TALLY_MEMPOOL_SEED` the seed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, outputOf } from '../../../test/model/block-builder.ts';
import { idOf, NaiveMempool, spellOut } from '../../../test/model/naive-mempool.ts';
import { blockOf, coin, createPool, factsOf, payment, START_SEC } from '../../../test/model/pool-fixture.ts';
import { compareFeerate } from '../../kernel/policy/fee-frac.ts';
import { asTxid } from '../../kernel/primitives/hashes.ts';
import type { Outpoint } from '../../kernel/primitives/outpoint.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { fromHex, toHex } from '../../kernel/util/bytes.ts';
import { createRng, type Rng } from '../../kernel/util/prng.ts';
import type { AdditionFacts, MempoolEntry } from './entry.ts';
import type { Mempool } from './mempool.ts';

const STEPS = Number(process.env['TALLY_MEMPOOL_STEPS'] ?? 2_500);
const SEED = Number(process.env['TALLY_MEMPOOL_SEED'] ?? 1);

/** Room for some hundred entries. */
const BYTES_MAX = 80_000;
const EXPIRY_SEC = 20_000;
const CLUSTER_COUNT_MAX = 12;

/** A pool and its twin, which are always changed together. */
class Pair {
  readonly pool: Mempool = createPool({
    mempoolBytesMax: BYTES_MAX,
    expirySec: EXPIRY_SEC,
    clusterCountMax: CLUSTER_COUNT_MAX,
    clusterWeightMax: 12_000,
  });
  readonly twin: NaiveMempool = new NaiveMempool();
  readonly counts: Map<string, number> = new Map();
  nowSec: number = START_SEC;
  /** What the last blocks took out, oldest first: it may come back. */
  mined: AdditionFacts[] = [];
  readonly #rng: Rng;
  readonly #facts: Map<string, AdditionFacts> = new Map();
  #nextCoin = 1;

  constructor(rng: Rng) {
    this.#rng = rng;
    let lastSequence = 0;
    this.pool.signals.removed.subscribe(({ entry, reason, sequence }) => {
      assert.ok(sequence > lastSequence, 'numbers rise');
      lastSequence = sequence;
      const id = idOf(entry.transaction);
      // removals that the twin does not foresee: it takes them over and compares afterwards
      if (reason === 'replaced' || reason === 'sizelimit') this.twin.remove(id, reason);
      this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1);
    });
  }

  step(): void {
    this.nowSec += this.#rng.below(100);
    const dice = this.#rng.below(100);
    if (dice < 75) this.addSome();
    else if (dice < 77) this.removeOne();
    else if (dice < 80) this.mine();
    else if (dice < 83) this.reorganise();
    else if (dice < 85) this.expire();
    else if (dice < 95) this.prioritise();
    else this.broadcast();
    this.trim();
    this.compare();
  }

  /** Any entry, or null. */
  #any(): MempoolEntry | null {
    if (this.pool.size === 0) return null;
    return [...this.pool.entries()][this.#rng.below(this.pool.size)]!;
  }

  /** A new coin, an output of an entry, or a coin that is spent already. */
  #prevout(): Outpoint {
    const dice = this.#rng.below(10);
    const entry = dice < 6 ? this.#any() : null;
    if (entry === null) return coin(this.#nextCoin++);
    const { transaction } = entry;
    if (dice === 0) return transaction.prevout(this.#rng.below(transaction.inputCount));
    return outputOf(transaction, this.#rng.below(transaction.outputCount));
  }

  #newTransaction(parents: readonly Transaction[]): Transaction {
    const rng = this.#rng;
    const prevouts = new Map<string, Outpoint>();
    const add = (prevout: Outpoint): unknown => prevouts.set(`${toHex(prevout.txid)}:${prevout.index}`, prevout);
    for (let i = rng.below(3) + (parents.length === 0 ? 1 : 0); i > 0; i--) add(this.#prevout());
    for (const parent of parents) add(outputOf(parent, rng.below(parent.outputCount)));
    const shape = { outputs: 1 + rng.below(3), hasWitness: rng.below(2) === 0, scriptBytes: 10 + rng.below(200) };
    return payment([...prevouts.values()], shape);
  }

  /** A change set of one to three transactions, with whatever they replace; applied, or given up. */
  addSome(): void {
    const { pool, twin } = this;
    const facts: AdditionFacts[] = [];
    for (let i = this.#rng.below(6) === 0 ? 3 : 1; i > 0; i--) {
      const transaction = this.#newTransaction(facts.slice(-1).map((fact) => fact.transaction));
      facts.push(this.#factsOf(transaction));
    }
    const direct = facts.flatMap(({ transaction }) => [...twin.conflicts(transaction)]);
    const gone = twin.descendants(direct);
    const own = facts.map(({ transaction }) => idOf(transaction));
    // a transaction that needs what it replaces, or two that spend the same, would never be staged
    const spent = facts.flatMap(({ transaction }) => spellOut({ ...facts[0]!, transaction } as never).spends);
    if (new Set(spent).size < spent.length || own.some((id) => twin.has(id))) return;
    if (facts.some(({ transaction }) => spellOut({ transaction } as never).from.some((id) => gone.has(id)))) return;
    const change = pool.begin();
    for (const id of gone) change.stageRemoval(pool.get(fromHex(id))!);
    const staged = facts.map((fact) => change.stageAddition(fact));
    const ancestors = new Set(change.ancestors(staged[0]!).map(({ transaction }) => idOf(transaction)));
    assert.deepEqual(ancestors, twin.ancestors(spellOut(staged[0]!).from.filter((id) => twin.has(id))));
    const fits = change.fitsLimits();
    if (fits && this.#rng.below(3) === 0) this.#checkDiagrams(change.diagrams()!, gone, facts);
    if (!fits || this.#rng.below(8) === 0) {
      change.abort();
      return;
    }
    change.apply();
    for (const fact of facts) {
      twin.add(fact);
      this.#facts.set(idOf(fact.transaction), fact);
    }
    for (const entry of staged) {
      pool.tellAdded(entry, {
        bypassedLimits: false,
        isInPackage: facts.length > 1,
        isChainCurrent: true,
        hasMempoolParents: ancestors.size > 0,
      });
      twin.sequence++;
    }
  }

  #factsOf(transaction: Transaction): AdditionFacts {
    const rng = this.#rng;
    return factsOf(transaction, {
      feeSat: rng.below(20_000),
      sigopsCost: rng.below(40),
      timeSec: this.nowSec - rng.below(5_000),
      sequence: this.pool.sequence,
      spendsCoinbase: rng.below(10) === 0,
    });
  }

  /** What the diagrams gain is what is added, less what is taken out. */
  #checkDiagrams(
    diagrams: { readonly before: readonly { feeSat: number }[]; readonly after: readonly { feeSat: number }[] },
    gone: ReadonlySet<string>,
    facts: readonly AdditionFacts[],
  ): void {
    const sum = (chunks: readonly { feeSat: number }[]): number => chunks.reduce((all, { feeSat }) => all + feeSat, 0);
    let gainSat = 0;
    for (const { transaction, feeSat } of facts) gainSat += feeSat + (this.twin.deltas.get(idOf(transaction)) ?? 0);
    for (const id of gone) gainSat -= this.twin.modifiedFee(id);
    assert.equal(sum(diagrams.after) - sum(diagrams.before), gainSat);
  }

  removeOne(): void {
    const entry = this.#any();
    if (entry === null) return;
    const expected = this.twin.descendants([idOf(entry.transaction)]);
    this.#removed(this.pool.removeRecursive(entry, 'reorg'), expected, 'reorg');
  }

  /** Checks what the pool removed and removes it from the twin, in the pool's order. */
  #removed(entries: readonly MempoolEntry[], expected: ReadonlySet<string>, reason: 'reorg' | 'expiry'): void {
    const ids = entries.map(({ transaction }) => idOf(transaction));
    assert.deepEqual(new Set(ids), expected);
    for (const id of ids) this.twin.remove(id, reason);
  }

  /** A block with some entries and their ancestors, and now and then a transaction that spends what an entry spends. */
  mine(): void {
    const { pool, twin } = this;
    const wanted = new Set<string>();
    for (let i = this.#rng.below(12); i > 0 && pool.size > 0; i--) wanted.add(idOf(this.#any()!.transaction));
    const inBlock = twin.ancestors(wanted);
    const transactions = pool
      .sorted()
      .flatMap(({ transaction }) => (inBlock.has(idOf(transaction)) ? [transaction] : []));
    const victim = this.#any();
    if (this.#rng.below(2) === 0 && victim !== null && !inBlock.has(idOf(victim.transaction))) {
      transactions.push(payment([victim.transaction.prevout(0)], { locktime: this.#nextCoin++ }));
    }
    const conflictsWithBlock = transactions.some((tx) =>
      [...twin.conflicts(tx)].some((id) => inBlock.has(id) && id !== idOf(tx)),
    );
    if (conflictsWithBlock) return;
    this.mined = transactions.flatMap((transaction) => this.#facts.get(idOf(transaction)) ?? []);
    const result = pool.removeForBlock(blockOf(transactions), 1, this.nowSec);
    const expected = twin.block(transactions);
    assert.deepEqual(
      result.entries.map(({ transaction }) => idOf(transaction)),
      expected.entries,
    );
    assert.deepEqual(new Set(result.conflicts.map(({ transaction }) => idOf(transaction))), expected.conflicts);
    twin.isFalling = true;
    twin.fellSec = this.nowSec;
  }

  /** What was mined last comes back, one by one as acceptance does it; then some entries are no longer valid. */
  reorganise(): void {
    const { pool, twin } = this;
    const back: MempoolEntry[] = [];
    for (const fact of this.mined) {
      const id = idOf(fact.transaction);
      if (twin.has(id)) continue;
      const change = pool.begin();
      // what it spends may be spent by now, or its parent may be gone for good: then its children cannot stay
      change.stageAddition(fact);
      if (twin.conflicts(fact.transaction).size > 0 || !change.fitsLimits()) {
        change.abort();
        const expected = twin.descendants(twin.children(id));
        this.#removed(pool.removeTransaction(fact.transaction, 'reorg'), expected, 'reorg');
        continue;
      }
      change.apply();
      twin.add(fact);
      back.push(pool.get(fact.transaction.txid)!);
    }
    this.mined = [];
    pool.linkChildren(back);
    const invalid = [...pool.entries()].filter(({ spendsCoinbase }) => spendsCoinbase && this.#rng.below(2) === 0);
    const expected = twin.descendants(invalid.map(({ transaction }) => idOf(transaction)));
    this.#removed(
      pool.removeForReorg((entry) => invalid.includes(entry)),
      expected,
      'reorg',
    );
  }

  expire(): void {
    if (this.#rng.below(4) === 0) this.nowSec += EXPIRY_SEC / 6;
    const old = [...this.twin.entries.values()].filter(({ timeSec }) => timeSec < this.nowSec - EXPIRY_SEC);
    const expected = this.twin.descendants(old.map(({ id }) => id));
    this.#removed(this.pool.expire(this.nowSec), expected, 'expiry');
  }

  prioritise(): void {
    const { pool, twin } = this;
    const [oldest] = twin.deltas.keys();
    let txid = this.#any()?.transaction.txid ?? fakeTxid(1);
    // Additions stay when their transactions leave: the oldest are taken back, so that they do not fill the pool.
    if (twin.deltas.size > 40) txid = asTxid(fromHex(oldest!));
    else if (this.#rng.below(4) === 0) txid = fakeTxid(this.#rng.below(5));
    const known = twin.deltas.get(toHex(txid)) ?? 0;
    const isTakenBack = twin.deltas.size > 40 || (known !== 0 && this.#rng.below(3) === 0);
    const deltaSat = isTakenBack ? -known : this.#rng.below(20_000) - 10_000;
    twin.prioritise(toHex(txid), deltaSat);
    assert.equal(pool.prioritise(txid, deltaSat), twin.deltas.get(toHex(txid)) ?? 0);
  }

  broadcast(): void {
    const entry = this.#any();
    if (entry === null) return;
    const { txid } = entry.transaction;
    if (this.#rng.below(3) > 0) {
      this.pool.addUnbroadcast(txid);
      this.twin.unbroadcast.add(toHex(txid));
    } else assert.equal(this.pool.removeUnbroadcast(txid), this.twin.unbroadcast.delete(toHex(txid)));
  }

  /** What is evicted is the end of the order of mining; its feerates raise the minimum. */
  trim(): void {
    const { pool, twin } = this;
    const order = pool.sorted();
    const feerates = order.map(({ ref }) => pool.graph.chunkFeerate(ref));
    pool.trimToSize();
    assert.ok(pool.usedBytes <= BYTES_MAX);
    const evicted = order.slice(pool.size);
    assert.ok(
      evicted.every((entry) => !pool.contains(entry)),
      'the last ones in the order',
    );
    for (const { feeSat, size } of feerates.slice(pool.size)) {
      const wanted = Math.floor((feeSat * 1_000) / Math.ceil(size / 4)) + 100;
      if (wanted <= twin.minimum) continue;
      twin.minimum = wanted;
      twin.isFalling = false;
    }
  }

  compare(): void {
    const { pool, twin } = this;
    pool.sanityCheck();
    assert.equal(pool.size, twin.entries.size);
    let vsize = 0;
    let feeSat = 0;
    for (const entry of pool.entries()) {
      const spelled = spellOut(entry);
      assert.deepEqual(spelled, twin.entries.get(spelled.id));
      assert.equal(entry.modifiedFeeSat, twin.modifiedFee(spelled.id));
      vsize += spelled.vsize;
      feeSat += spelled.feeSat;
    }
    assert.equal(pool.totalVsize, vsize);
    assert.equal(pool.totalFeeSat, feeSat);
    assert.equal(pool.sequence, twin.sequence);
    assert.equal(pool.transactionsUpdated, twin.updates);
    assert.deepEqual(pool.unbroadcast().map(toHex), [...twin.unbroadcast].sort());
    assert.deepEqual(
      pool.prioritised().map(({ txid, deltaSat }) => [toHex(txid), deltaSat]),
      [...twin.deltas].sort(([a], [b]) => (a < b ? -1 : 1)),
    );
    assert.equal(pool.minimumFeerate(this.nowSec), twin.minimumFeerate(this.nowSec, pool.usedBytes / BYTES_MAX));
    this.#compareOrder();
    this.#compareOne();
  }

  /** Parents come before children, feerates of chunks fall, and comparing any two neighbours says the same. */
  #compareOrder(): void {
    const { pool, twin } = this;
    const seen = new Set<string>();
    const order = pool.sorted();
    assert.equal(order.length, pool.size);
    let before: MempoolEntry | null = null;
    for (const entry of order) {
      assert.ok(before === null || pool.graph.compareMiningOrder(before.ref, entry.ref) < 0);
      before = entry;
    }
    let last: { feeSat: number; size: number } | null = null;
    for (const { transaction, ref } of order) {
      const id = idOf(transaction);
      assert.ok([...twin.parents(id)].every((parent) => seen.has(parent)));
      seen.add(id);
      const feerate = pool.graph.chunkFeerate(ref);
      assert.ok(last === null || compareFeerate(feerate, last) <= 0);
      last = feerate;
    }
  }

  /** Everything that can be asked of one entry. */
  #compareOne(): void {
    const { pool, twin } = this;
    const entry = this.#any();
    if (entry === null) return;
    const id = idOf(entry.transaction);
    const ids = (entries: readonly MempoolEntry[]): Set<string> =>
      new Set(entries.map(({ transaction }) => idOf(transaction)));
    assert.deepEqual(ids(pool.parents(entry)), twin.parents(id));
    assert.deepEqual(ids(pool.children(entry)), twin.children(id));
    assert.deepEqual(ids(pool.ancestors(entry)), twin.ancestors([id]));
    assert.deepEqual(ids(pool.descendants(entry)), twin.descendants([id]));
    assert.deepEqual(ids(pool.cluster(entry)), twin.cluster(id));
    assert.ok(pool.cluster(entry).length <= CLUSTER_COUNT_MAX);
  }
}

test(`after each of ${STEPS} random changes the pool is what its naive twin is`, (context) => {
  const pair = new Pair(createRng(SEED));
  for (let step = 0; step < STEPS; step++) {
    try {
      pair.step();
    } catch (error) {
      throw new Error(`seed ${SEED}, step ${step}`, { cause: error });
    }
  }
  const kinds = Object.fromEntries([...pair.counts].sort());
  context.diagnostic(JSON.stringify({ ...kinds, size: pair.pool.size, usedBytes: pair.pool.usedBytes }));
  assert.deepEqual(Object.keys(kinds), ['block', 'conflict', 'expiry', 'reorg', 'replaced', 'sizelimit']);
});
