// K10: random lives of a wallet against its naive twin. `TALLY_WALLET_STEPS` sets the number of steps, `TALLY_WALLET_SEED` the seed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeTx, pay, spend } from '../../../test/model/block-builder.ts';
import { NaiveWallet } from '../../../test/model/naive-wallet.ts';
import { CHANGE, parseWithSecrets, RECEIVE, StoredBooks } from '../../../test/model/stored-books.ts';
import {
  type LedgerBlock,
  type LedgerListener,
  type LedgerTx,
  toLedgerTx,
  WalletLedger,
} from '../../../test/model/wallet-ledger.ts';
import { nobleSecp256k1 as secp } from '../../kernel/crypto/secp256k1-noble.ts';
import { formatOutpoint, type Outpoint } from '../../kernel/primitives/outpoint.ts';
import type { TransactionOutput } from '../../kernel/primitives/transaction.ts';
import { fromHex, toHex } from '../../kernel/util/bytes.ts';
import { createRng, type Rng } from '../../kernel/util/prng.ts';
import { DescriptorExpander } from '../descriptor/expand.ts';
import { KeyRing } from '../descriptor/key-ring.ts';
import type { AvailableCoin } from './available-coin.ts';
import { ALL_COINS } from './coins.ts';
import { traceOutputs } from './trace.ts';
import type { WalletBooks } from './wallet-books.ts';
import type { TransactionNotes, TxState, WalletTransaction } from './wallet-transaction.ts';

const STEPS = Number(process.env['TALLY_WALLET_STEPS'] ?? 2_000);
const SEED = Number(process.env['TALLY_WALLET_SEED'] ?? 1);
/** After so many steps another wallet begins: histories that grow for ever make every step slower. */
const STEPS_PER_LIFE = 250;
/** Blocks before the first step: rewards are ripe, and there is room for long reorganisations. */
const FIRST_BLOCKS = 120;
const KEYPOOL_SIZE = 12;

/** All scripts that a life may come to, derived without any books. */
const OWN: ReadonlySet<string> = new Set(
  [RECEIVE, CHANGE].flatMap((text) => {
    const { descriptor } = parseWithSecrets(text);
    const expander = new DescriptorExpander(new KeyRing(), secp);
    return Array.from({ length: 400 }, (_, at) => toHex(expander.expand(descriptor, at)![0]!));
  }),
);

function describe(state: TxState): string {
  if (state.kind === 'confirmed') return `confirmed ${state.height} ${state.index}`;
  if (state.kind === 'block-conflicted') return `block-conflicted ${state.height}`;
  return state.kind === 'inactive' && state.isAbandoned ? 'inactive abandoned' : state.kind;
}

/** A wallet, its twin, and the ledger that both follow. */
class Life implements LedgerListener {
  readonly counts: Map<string, number> = new Map();
  readonly wallet: StoredBooks;
  readonly twin: NaiveWallet;
  readonly ledger: WalletLedger;
  nowSec = 1_700_000_000;
  readonly #rng: Rng;
  readonly #given: string[] = [];

  constructor(rng: Rng) {
    this.#rng = rng;
    const avoidsReuse = rng.below(2) === 0;
    this.wallet = new StoredBooks({ keypoolSize: KEYPOOL_SIZE, avoidsReuse });
    this.twin = new NaiveWallet((scriptHex) => OWN.has(scriptHex), avoidsReuse);
    this.ledger = new WalletLedger(rng, this);
    this.twin.mempool = this.ledger.mempool;
    this.twin.blocks.push(this.ledger.tip);
    this.wallet.addUsual();
    this.wallet.do((changes) => this.books.transactions.skipTo(this.ledger.tip, changes));
    for (let i = 0; i < FIRST_BLOCKS; i++) this.ledger.mine(i < 10 ? this.#reward() : this.#foreign(50_000_000));
  }

  get books(): WalletBooks {
    return this.wallet.books;
  }

  added(tx: LedgerTx): void {
    this.twin.entered(tx);
    this.wallet.enter(tx.tx, this.nowSec);
  }

  removed(tx: LedgerTx, reason: Parameters<LedgerListener['removed']>[1]): void {
    this.wallet.do((changes) => this.books.transactions.transactionRemoved(tx.tx, reason, changes));
  }

  rewound(to: LedgerBlock): void {
    this.twin.rewind(to.height);
    this.wallet.do((changes) => this.books.transactions.rewind(to, changes));
  }

  connected(block: LedgerBlock): void {
    this.nowSec = Math.max(this.nowSec, block.timeSec);
    this.twin.connect(block);
    this.#connect(block);
  }

  settled(): void {
    const ids = this.ledger.mempool;
    this.wallet.do((changes) => {
      const isThere = (txid: Uint8Array): boolean =>
        ids.has(formatOutpoint({ txid: txid as Outpoint['txid'], index: 0 }).slice(0, 64));
      this.books.transactions.refreshMempool(isThere, changes);
    });
  }

  step(): void {
    this.nowSec += this.#rng.below(60);
    const [name, act] = this.#draw();
    if (act()) this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    this.check();
  }

  #draw(): readonly [name: string, act: () => boolean] {
    const dice = this.#rng.below(100);
    if (dice < 20) return ['receive', () => this.ledger.enter(this.#payment())];
    if (dice < 42) return ['mine', () => this.#mine()];
    if (dice < 60) return ['spend', () => this.#spendSome({})];
    if (dice < 66) return ['spend unconfirmed', () => this.#spendSome({ includesUnsafe: true, maxDepth: 0 })];
    if (dice < 73) return ['replace', () => this.#replaceOwn()];
    if (dice < 80) return ['outside double spend', () => this.#doubleSpend()];
    if (dice < 84) return ['evict', () => this.#evict()];
    if (dice < 88) return ['abandon', () => this.#abandon()];
    if (dice < 91) return ['rebroadcast', () => this.#rebroadcast()];
    if (dice < 95) return ['reorganise', () => this.#reorganise()];
    if (dice < 97) return ['lock', () => this.#lockOrUnlock()];
    return ['restart', () => this.#restart()];
  }

  #pick<T>(items: readonly T[]): T | undefined {
    return items.length === 0 ? undefined : items[this.#rng.below(items.length)];
  }

  /** An own script: a new one, or one that was given out before. */
  #ownScript(use: 'receive' | 'change'): Uint8Array {
    if (use === 'receive' && this.#given.length > 0 && this.#rng.below(3) === 0)
      return fromHex(this.#pick(this.#given)!);
    const script = this.wallet.newScript(use);
    const scriptHex = toHex(script);
    assert.ok(OWN.has(scriptHex) && !this.#given.includes(scriptHex), 'never the same address twice');
    this.#given.push(scriptHex);
    return script;
  }

  #foreign(valueSat: number): TransactionOutput {
    return pay(valueSat, Uint8Array.of(0, 20, ...this.#rng.bytes(20)));
  }

  #payment(prevout: Outpoint = this.ledger.freshOutpoint()): LedgerTx {
    const outputs = [pay(1_000 + this.#rng.below(1_000_000), this.#ownScript('receive')), this.#foreign(5_000)];
    if (this.#rng.below(4) === 0) outputs.push(pay(777, this.#ownScript('receive')));
    return toLedgerTx(makeTx([spend(prevout)], outputs));
  }

  #reward(): TransactionOutput {
    return this.#rng.below(3) === 0 ? pay(50_000_000, this.#ownScript('receive')) : this.#foreign(50_000_000);
  }

  #mine(): boolean {
    const unseen = this.#rng.below(5) === 0 ? [this.#payment()] : [];
    this.ledger.mine(this.#reward(), unseen);
    return true;
  }

  #spendSome(filter: Parameters<WalletBooks['coins']['available']>[0]): boolean {
    const coins = this.books.coins.available(filter);
    const chosen = coins.filter(() => this.#rng.below(3) === 0).slice(0, 3);
    if (chosen.length === 0) return false;
    this.#commit(this.#build(chosen), {}, this.#rng.below(5) > 0);
    return true;
  }

  #build(coins: readonly Pick<AvailableCoin, 'outpoint' | 'valueSat'>[]): LedgerTx {
    const sum = coins.reduce((total, { valueSat }) => total + valueSat, 0);
    const sent = 1 + this.#rng.below(sum);
    const outputs = [this.#rng.below(6) === 0 ? pay(sent, this.#ownScript('receive')) : this.#foreign(sent)];
    if (sum - sent > 500) outputs.push(pay(sum - sent - this.#rng.below(400), this.#ownScript('change')));
    return toLedgerTx(
      makeTx(
        coins.map(({ outpoint }) => spend(outpoint)),
        outputs,
      ),
    );
  }

  /** Stored first, told to the node then. */
  #commit(tx: LedgerTx, notes: TransactionNotes, broadcasts: boolean): void {
    this.twin.see(tx);
    this.wallet.run((changes) => this.books.transactions.addOwn(tx.tx, notes, this.nowSec, changes));
    if (broadcasts) this.ledger.enter(tx);
  }

  #inMempool(): readonly WalletTransaction[] {
    return this.books.view.ordered.filter(({ state }) => state.kind === 'in-mempool');
  }

  #replaceOwn(): boolean {
    const original = this.#pick(
      this.#inMempool().filter((tx) => this.books.view.spentBy(tx).every((own) => own !== null)),
    );
    if (original === undefined) return false;
    const inputs = this.books.view.spentBy(original).map((own) => ({
      outpoint: { txid: own!.from.txid, index: own!.index },
      valueSat: own!.valueSat,
    }));
    const tx = this.#build(inputs);
    this.#commit(tx, { replacesTxid: original.txidText }, true);
    const replacement = this.books.view.get(tx.id)!;
    this.wallet.do((changes) => this.books.transactions.markReplaced(original, replacement, changes));
    return true;
  }

  /** Somebody spends what a transaction of the wallet spends: in the mempool, or in a block that nobody expected. */
  #doubleSpend(): boolean {
    const victim = this.#pick(
      this.books.view.ordered.filter(({ state, isCoinbase }) => state.kind !== 'confirmed' && !isCoinbase),
    );
    if (victim === undefined) return false;
    const prevout = victim.transaction.prevout(this.#rng.below(victim.transaction.inputCount));
    const inputs = [spend({ txid: prevout.txid.slice() as Outpoint['txid'], index: prevout.index })];
    const outputs = [this.#rng.below(3) === 0 ? pay(900, this.#ownScript('receive')) : this.#foreign(900)];
    const tx = toLedgerTx(makeTx(inputs, outputs, { locktime: 1 + this.#rng.below(1_000_000) }));
    if (this.#rng.below(2) === 0) return this.ledger.enter(tx);
    this.ledger.mine(this.#reward(), [tx]);
    return true;
  }

  #evict(): boolean {
    const tx = this.#pick([...this.ledger.mempool.values()]);
    if (tx === undefined) return false;
    this.ledger.evict(tx, this.#rng.below(2) === 0 ? 'size-limit' : 'expiry');
    return true;
  }

  #inactive(): readonly WalletTransaction[] {
    return this.books.view.ordered.filter(({ state }) => state.kind === 'inactive');
  }

  #abandon(): boolean {
    const subject = this.#pick(this.#inactive());
    if (subject === undefined) return false;
    this.twin.abandon(subject.txidText);
    this.wallet.do((changes) => assert.ok(this.books.transactions.abandon(subject, changes)));
    return true;
  }

  #rebroadcast(): boolean {
    const subject = this.#pick(this.#inactive());
    return (
      subject !== undefined &&
      this.ledger.canEnter(toLedgerTx(subject.transaction)) &&
      this.ledger.enter(toLedgerTx(subject.transaction))
    );
  }

  #reorganise(): boolean {
    const most = this.#rng.below(8) === 0 ? 120 : 6;
    const depth = Math.min(1 + this.#rng.below(most), this.ledger.tip.height);
    if (depth === 0) return false;
    const unseen = this.#rng.below(2) === 0 ? [this.#payment()] : [];
    this.ledger.reorganise(depth, () => this.#reward(), unseen);
    return true;
  }

  #lockOrUnlock(): boolean {
    const { locks } = this.books;
    const locked = this.#pick([...locks.names()]);
    const coin = this.#pick(this.books.coins.available({}));
    if (locked !== undefined && this.#rng.below(2) === 0) this.wallet.do((changes) => locks.unlock(locked, changes));
    else if (coin !== undefined) this.wallet.do((changes) => locks.lock(coin.name, true, changes));
    return true;
  }

  /** What the wallet knows, as text. */
  snapshot(): unknown {
    const { view, addresses, locks, scripts, balances, coins } = this.books;
    return {
      tip: [view.tip?.height, toHex(view.tip?.blockHash ?? new Uint8Array())],
      transactions: view.ordered.map((tx) => [
        tx.txidText,
        describe(tx.state),
        tx.orderPosition,
        tx.timeReceivedSec,
        tx.timeSmartSec,
        tx.notes,
        [...tx.mempoolConflicts].sort((a, b) => (a < b ? -1 : 1)),
      ]),
      addresses: [...addresses.entries()],
      locks: [...locks.names()],
      descriptors: [...scripts.descriptors()].map((descriptor) => descriptor.record()),
      balance: balances.total({ includesNonmempool: true }),
      coins: coins
        .available(ALL_COINS)
        .map(({ name }) => name)
        .sort((a, b) => (a < b ? -1 : 1)),
    };
  }

  #restart(): boolean {
    const before = this.snapshot();
    this.wallet.restart();
    // Blocks that had nothing for the wallet may not have been noted: they are passed again.
    const { height } = this.books.view.tip!;
    for (const block of this.ledger.blocks.slice(height + 1)) this.#connect(block);
    for (const { tx } of this.ledger.mempool.values()) this.wallet.enter(tx, this.nowSec);
    assert.deepEqual(this.snapshot(), before, 'the same after a restart');
    return true;
  }

  #connect(block: LedgerBlock): void {
    const txs = block.txs.map(({ tx }) => tx);
    this.wallet.connect(block, txs, this.nowSec);
  }

  check(): void {
    const { view, balances, coins } = this.books;
    const facts = this.twin.facts();
    assert.equal(view.ordered.length, this.twin.known.size);
    for (const tx of view.ordered) {
      assert.equal(describe(tx.state), facts.states.get(tx.txidText), tx.txidText);
      const blockers = facts.blockers.get(tx.txidText)!;
      assert.deepEqual(new Set(tx.mempoolConflicts), blockers, tx.txidText);
    }
    for (const includesNonmempool of [false, true]) {
      const balance = balances.total({ includesNonmempool });
      assert.deepEqual(balance, this.twin.balance(facts, includesNonmempool));
      const { nonmempoolSat, ...sums } = balance;
      for (const sum of Object.values(sums)) assert.ok(sum >= 0, 'nothing negative');
    }
    const found = new Set(coins.available(ALL_COINS).map(({ name }) => name));
    assert.deepEqual(found, new Set(this.twin.coins(facts).map(({ name }) => name)));
    for (const coin of coins.available({}))
      assert.ok(found.has(coin.name) && !coin.isLocked && coin.isSafe && !coin.isImmature);
    this.#checkOne();
  }

  /** Sums and origins of one transaction. */
  #checkOne(): void {
    const { view, history } = this.books;
    const subject = this.#pick(view.ordered);
    if (subject === undefined) return;
    const { debitSat, creditSat } = this.twin.sums(subject.txidText);
    assert.deepEqual([subject.debitSat, subject.creditSat], [debitSat, creditSat]);
    const { amountSat, feeSat } = history.summarize(subject);
    const counted = view.isImmature(subject) ? 0 : creditSat;
    assert.equal(amountSat + (feeSat ?? 0), counted - debitSat);
    const trace = traceOutputs(view, view.ownOutputsOf(subject));
    for (const { transaction, spent, kind } of trace.steps) {
      assert.equal(transaction.isCoinbase, kind === 'reward');
      for (const output of spent)
        assert.ok(trace.steps.some(({ outputs }) => outputs.some(({ name }) => name === output.name)));
    }
  }

  /** Another wallet of the same descriptors reads the chain from its start. */
  checkRescan(): void {
    const reached = Math.max(...[...this.books.scripts.descriptors()].map(({ rangeEnd }) => rangeEnd));
    const fresh = new StoredBooks({ keypoolSize: KEYPOOL_SIZE }).addUsual(reached);
    for (const block of this.ledger.blocks) {
      const txs = block.txs.map(({ tx }) => tx);
      fresh.connect(block, txs, this.nowSec, true);
    }
    for (const { tx } of this.ledger.mempool.values()) fresh.enter(tx, this.nowSec);
    const options = { includesNonmempool: true, includesUsedAddresses: true };
    const { nonmempoolSat: _, ...here } = this.books.balances.total(options);
    const { nonmempoolSat: __, ...there } = fresh.books.balances.total(options);
    assert.deepEqual(there, here, 'the same money after a rescan');
    const stands = (books: WalletBooks): readonly string[] =>
      books.view.ordered
        .filter(({ state }) => state.kind === 'confirmed' || state.kind === 'in-mempool')
        .map((tx) => `${tx.txidText} ${describe(tx.state)}`)
        .sort((a, b) => (a < b ? -1 : 1));
    assert.deepEqual(stands(fresh.books), stands(this.books));
  }
}

test('K10: the books of a wallet agree with lists after every random step, after restarts and after rescans', () => {
  const rng = createRng(SEED);
  const counts: Map<string, number> = new Map();
  let life = new Life(rng);
  for (let step = 0; step < STEPS; step++) {
    if (step % STEPS_PER_LIFE === 0) life = new Life(rng);
    life.step();
    if ((step + 1) % STEPS_PER_LIFE !== 0) continue;
    life.checkRescan();
    for (const [name, count] of life.counts) counts.set(name, (counts.get(name) ?? 0) + count);
    life.counts.clear();
  }
  assert.equal(counts.size, 12, `every kind of step happened: ${[...counts.keys()].join(', ')}`);
});
