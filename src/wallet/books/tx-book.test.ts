import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, makeTx, outputOf, pay, spend } from '../../../test/model/block-builder.ts';
import { p2wpkh } from '../../../test/model/loose-transaction.ts';
import { CHANGE, parseWithSecrets, RECEIVE, StoredBooks } from '../../../test/model/stored-books.ts';
import { nobleSecp256k1 as secp } from '../../kernel/crypto/secp256k1-noble.ts';
import { asBlockHash, formatHash } from '../../kernel/primitives/hashes.ts';
import type { Transaction, TransactionData } from '../../kernel/primitives/transaction.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { DescriptorExpander } from '../descriptor/expand.ts';
import { KeyRing } from '../descriptor/key-ring.ts';
import { ALL_COINS } from './coins.ts';
import type { SeenBlock } from './tx-book.ts';
import type { WalletTransaction } from './wallet-transaction.ts';

const NOW = 1_700_000_000;

function blockAt(height: number, branch = 0, timeSec: number = NOW + 600 * height): SeenBlock {
  const bytes = new Uint8Array(32).fill(branch);
  bytes[0] = height & 255;
  bytes[1] = height >> 8;
  return { blockHash: asBlockHash(bytes), height, timeSec, maxTimeSec: timeSec + 50 };
}

/** A wallet on a chain of empty blocks. */
class Scene {
  readonly wallet: StoredBooks;
  height = 0;
  branch = 0;
  #money = 0;

  constructor(keypoolSize = 10) {
    this.wallet = new StoredBooks({ keypoolSize }).addUsual();
    this.wallet.do((changes) => this.transactions.skipTo(blockAt(0), changes));
  }

  get transactions() {
    return this.wallet.books.transactions;
  }

  get view() {
    return this.wallet.books.view;
  }

  known(transaction: Transaction): WalletTransaction {
    const found = this.view.find(transaction.txid);
    assert.ok(found !== null, 'the transaction is known');
    return found;
  }

  state(transaction: Transaction): string {
    const { state } = this.known(transaction);
    return state.kind === 'inactive' && state.isAbandoned ? 'abandoned' : state.kind;
  }

  /** Others pay to a script. */
  payment(script: Uint8Array = this.wallet.newScript(), rest: Partial<TransactionData> = {}): Transaction {
    return makeTx([spend({ txid: fakeTxid(++this.#money), index: 0 })], [pay(10_000, script)], rest);
  }

  mine(...transactions: readonly Transaction[]): SeenBlock {
    this.height++;
    const block = blockAt(this.height, this.branch);
    this.wallet.connect(block, transactions, NOW + 600 * this.height);
    return block;
  }

  mineMany(count: number): void {
    for (let i = 0; i < count; i++) this.mine();
  }

  rewind(height: number): void {
    this.height = height;
    this.wallet.do((changes) => this.transactions.rewind(blockAt(height, this.branch), changes));
    this.branch++;
  }

  enter(transaction: Transaction): Transaction {
    this.wallet.enter(transaction, NOW);
    return transaction;
  }

  leave(transaction: Transaction, reason: 'expiry' | 'replaced' | 'conflict' | 'block'): void {
    this.wallet.do((changes) => this.transactions.transactionRemoved(transaction, reason, changes));
  }

  addOwn(transaction: Transaction): Transaction {
    this.wallet.run((changes) => this.transactions.addOwn(transaction, {}, NOW, changes));
    return transaction;
  }

  coinNames(): readonly string[] {
    return this.wallet.books.coins.available(ALL_COINS).map(({ name }) => name);
  }
}

function scriptOf(text: string, position: number): Uint8Array {
  return new DescriptorExpander(new KeyRing(), secp).expand(parseWithSecrets(text).descriptor, position)![0]!;
}

test('a payment goes from the mempool into a block, and back when the block goes', () => {
  const scene = new Scene();
  const payment = scene.enter(scene.payment());
  assert.equal(scene.state(payment), 'in-mempool');
  scene.leave(payment, 'block');
  assert.equal(scene.state(payment), 'in-mempool', 'the block is not passed yet');
  scene.mine(payment);
  scene.mineMany(2);
  assert.equal(scene.view.depth(scene.known(payment)), 3);
  scene.rewind(0);
  assert.equal(scene.state(payment), 'inactive');
  scene.wallet.do((changes) => scene.transactions.refreshMempool(() => true, changes));
  assert.equal(scene.state(payment), 'in-mempool');
});

test('what the mempool tells late does not undo a block', () => {
  const scene = new Scene();
  const payment = scene.payment();
  scene.mine(payment);
  scene.enter(payment);
  assert.equal(scene.state(payment), 'confirmed');
  scene.leave(payment, 'expiry');
  assert.equal(scene.state(payment), 'confirmed');
});

test('a double spend in a block excludes a payment and what follows from it, for as long as it is there', () => {
  const scene = new Scene();
  const payment = scene.enter(scene.payment());
  const child = scene.addOwn(makeTx([spend(outputOf(payment))], [pay(9_000, scene.wallet.newScript('change'))]));
  scene.enter(child);
  const double = makeTx([spend(payment.prevout(0))], [pay(1, p2wpkh(9))]);
  scene.leave(child, 'conflict');
  scene.leave(payment, 'conflict');
  scene.mine(double);
  scene.mine();
  assert.deepEqual([scene.state(payment), scene.state(child)], ['block-conflicted', 'block-conflicted']);
  assert.equal(scene.view.depth(scene.known(child)), -2);
  assert.equal(scene.view.find(double.txid), null, 'it is not of this wallet');
  scene.wallet.restart();
  assert.equal(scene.state(child), 'block-conflicted');
  scene.rewind(0);
  assert.deepEqual([scene.state(payment), scene.state(child)], ['inactive', 'inactive']);
});

test('transactions of the mempool exclude others until they leave it', () => {
  const scene = new Scene();
  const payment = scene.enter(scene.payment());
  scene.mine(payment);
  const spent = scene.addOwn(makeTx([spend(outputOf(payment))], [pay(9_000, p2wpkh(1))]));
  assert.deepEqual(scene.coinNames(), [], 'kept for the transaction that waits');
  const other = scene.enter(makeTx([spend(outputOf(payment))], [pay(8_000, p2wpkh(2))]));
  const blocker = formatHash(other.txid);
  assert.deepEqual([...scene.known(spent).mempoolConflicts], [blocker]);
  assert.deepEqual(scene.view.conflictsOf(scene.known(spent)), [blocker]);
  scene.leave(other, 'expiry');
  assert.equal(scene.known(spent).mempoolConflicts.size, 0);
});

test('met is what is come by, not what changes with it', () => {
  const scene = new Scene();
  const { wallet } = scene;
  const names = (...transactions: readonly Transaction[]) => transactions.map(({ txid }) => formatHash(txid));
  const funding = scene.payment();
  scene.mine(funding);
  assert.deepEqual(wallet.news.met, names(funding));
  const first = scene.addOwn(makeTx([spend(outputOf(funding, 0))], [pay(9_000, p2wpkh(5))]));
  assert.deepEqual(wallet.news.met, names(first));
  scene.enter(first);
  assert.deepEqual(wallet.news.met, names(first));
  const second = makeTx([spend(outputOf(funding, 0))], [pay(8_000, p2wpkh(5))]);
  scene.leave(first, 'replaced');
  assert.deepEqual(wallet.news, { changed: names(first), met: [] });
  scene.enter(second);
  assert.deepEqual(wallet.news, { changed: names(second, first), met: names(second) });
  const third = makeTx([spend(outputOf(funding, 0))], [pay(7_000, p2wpkh(5))]);
  const before = scene.height;
  scene.mine(third);
  assert.deepEqual(wallet.news.met, names(third));
  scene.leave(second, 'conflict');
  assert.deepEqual(wallet.news, { changed: names(first), met: names(second) });
  scene.rewind(before);
  assert.deepEqual(wallet.news.met, names(third));
});

test('an abandoned transaction gives its coins back, with all that follow from it', () => {
  const scene = new Scene();
  const payment = scene.payment();
  scene.mine(payment);
  const spent = scene.addOwn(makeTx([spend(outputOf(payment))], [pay(9_000, scene.wallet.newScript('change'))]));
  const child = scene.addOwn(makeTx([spend(outputOf(spent))], [pay(8_000, p2wpkh(1))]));
  const abandon = (tx: Transaction) =>
    scene.wallet.do((changes) => scene.transactions.abandon(scene.known(tx), changes));
  assert.equal(scene.transactions.canAbandon(scene.known(payment)), false);
  assert.equal(abandon(payment), false);
  assert.equal(abandon(spent), true);
  assert.deepEqual([scene.state(spent), scene.state(child)], ['abandoned', 'abandoned']);
  assert.deepEqual(scene.coinNames(), [`${formatHash(payment.txid)}:0`]);
  scene.wallet.restart();
  assert.equal(scene.state(child), 'abandoned');
  scene.enter(spent);
  assert.equal(scene.state(spent), 'in-mempool');
});

test('a reward whose block goes is nothing any more', () => {
  const scene = new Scene();
  const none = { txid: fakeTxid(0).fill(0), index: 0xffffffff } as const;
  const reward = makeTx([spend(none, { scriptSig: Uint8Array.of(1, 1) })], [pay(50, scene.wallet.newScript())]);
  scene.mine(reward);
  assert.equal(scene.view.blocksToMaturity(scene.known(reward)), 100);
  scene.mineMany(99);
  assert.equal(scene.wallet.books.balances.total().immatureSat, 50);
  scene.mine();
  assert.equal(scene.wallet.books.balances.total().trustedSat, 50);
  const spent = scene.enter(makeTx([spend(outputOf(reward))], [pay(40, scene.wallet.newScript('change'))]));
  scene.leave(spent, 'conflict');
  scene.rewind(0);
  assert.deepEqual([scene.state(reward), scene.state(spent)], ['abandoned', 'abandoned']);
  assert.equal(scene.wallet.books.history.entriesOf(scene.known(reward))[0]?.category, 'orphan');
});

test('version 3 allows an unconfirmed transaction one child, and its other outputs wait', () => {
  const scene = new Scene();
  const parent = makeTx(
    [spend({ txid: fakeTxid(77), index: 0 })],
    [pay(5_000, scene.wallet.newScript()), pay(6_000, p2wpkh(5))],
    { version: 3 },
  );
  scene.enter(parent);
  const sibling = scene.addOwn(makeTx([spend(outputOf(parent))], [pay(4_000, p2wpkh(6))], { version: 3 }));
  // Somebody else spends the other output: nothing of it is the wallet's.
  const child = scene.enter(makeTx([spend(outputOf(parent, 1))], [pay(5_500, p2wpkh(7))], { version: 3 }));
  assert.equal(scene.known(parent).trucChild, formatHash(child.txid));
  assert.deepEqual([...scene.known(sibling).mempoolConflicts], [formatHash(child.txid)]);
  scene.leave(child, 'replaced');
  assert.equal(scene.known(parent).trucChild, null);
  assert.equal(scene.known(sibling).mempoolConflicts.size, 0);
});

test('times follow the order of the list, and old blocks are taken at their word', () => {
  const scene = new Scene();
  const first = scene.payment();
  // The block says a later time than the clock: the clock counts.
  scene.wallet.connect(blockAt(1, 0, NOW + 4_000), [first], NOW);
  assert.equal(scene.known(first).timeSmartSec, NOW);
  const second = scene.payment();
  // The block says an earlier time than the last transaction: not before that.
  scene.wallet.connect(blockAt(2, 0, NOW - 4_000), [second], NOW + 9);
  assert.equal(scene.known(second).timeSmartSec, NOW);
  const third = scene.payment();
  scene.wallet.connect(blockAt(3, 0, NOW - 9_000), [third], NOW + 20, true);
  assert.equal(scene.known(third).timeSmartSec, NOW - 9_000 + 50);
  assert.equal(scene.known(third).timeReceivedSec, NOW + 20);
});

test('the same transaction with other signatures keeps what was noted about it', () => {
  const scene = new Scene();
  const data = { prevout: { txid: fakeTxid(5), index: 1 }, script: scene.wallet.newScript() };
  const original = makeTx([spend(data.prevout)], [pay(700, data.script)]);
  scene.wallet.run((changes) => scene.transactions.addOwn(original, { comment: 'rent' }, NOW, changes));
  const clone = makeTx([spend(data.prevout, { scriptSig: Uint8Array.of(0x51) })], [pay(700, data.script)]);
  scene.mine(clone);
  assert.equal(scene.known(clone).notes.comment, 'rent');
  assert.equal(scene.state(original), 'block-conflicted');
});

test('a locked coin is unlocked when it is spent, and a stored lock outlives a restart', () => {
  const scene = new Scene();
  const [kept, spent] = [scene.payment(), scene.payment()];
  scene.mine(kept, spent);
  const { locks } = scene.wallet.books;
  const nameOf = (tx: Transaction): string => `${formatHash(tx.txid)}:0`;
  scene.wallet.do((changes) => {
    locks.lock(nameOf(kept), true, changes);
    locks.lock(nameOf(spent), true, changes);
  });
  assert.deepEqual(scene.wallet.books.coins.available({}), []);
  scene.enter(makeTx([spend(outputOf(spent))], [pay(1, p2wpkh(1))]));
  assert.deepEqual([...locks.names()], [nameOf(kept)]);
  scene.wallet.restart();
  assert.deepEqual([...scene.wallet.books.locks.names()], [nameOf(kept)]);
});

test('outputs of known transactions become the wallet’s when it learns their script', () => {
  const scene = new Scene(2);
  const strange = scriptOf(`wpkh(${CHANGE.slice(5, -5)}/5/*)`, 0);
  const mixed = makeTx(
    [spend({ txid: fakeTxid(9), index: 0 })],
    [pay(100, scene.wallet.newScript()), pay(200, strange)],
  );
  scene.mine(mixed);
  assert.equal(scene.wallet.books.balances.total().trustedSat, 100);
  assert.ok(scene.wallet.add(`raw(${toHex(strange)})`).ok);
  scene.wallet.do((changes) => scene.transactions.adoptOutputs(changes));
  assert.equal(scene.wallet.books.balances.total().trustedSat, 300);
});

test('a transaction that is taken out leaves no trace', () => {
  const scene = new Scene();
  const payment = scene.payment();
  scene.mine(payment);
  const spent = scene.enter(makeTx([spend(outputOf(payment))], [pay(9_000, p2wpkh(1))]));
  scene.wallet.do((changes) => scene.transactions.remove(scene.known(spent), changes));
  assert.deepEqual(scene.coinNames(), [`${formatHash(payment.txid)}:0`]);
  scene.wallet.do((changes) => scene.transactions.remove(scene.known(payment), changes));
  assert.deepEqual(scene.coinNames(), []);
  scene.wallet.restart();
  assert.equal(scene.view.ordered.length, 0);
  const isOurs = scene.wallet.run((changes) =>
    scene.transactions.importConfirmed(blockAt(1), 4, payment, NOW, changes),
  );
  assert.equal(isOurs, true);
  assert.deepEqual(scene.coinNames(), [`${formatHash(payment.txid)}:0`]);
});

test('a stored transaction that is not what its name says is refused when the wallet is opened', () => {
  const scene = new Scene();
  const [first, second] = [scene.payment(), scene.payment()];
  scene.mine(first, second);
  const nameOf = (tx: Transaction): string => `transaction/${formatHash(tx.txid)}`;
  const other = JSON.parse(scene.wallet.records.get(nameOf(second))!) as { hex: string };
  scene.wallet.records.set(
    nameOf(first),
    JSON.stringify({ kind: 'transaction', id: formatHash(first.txid), hex: other.hex }),
  );
  assert.throws(() => scene.wallet.restart(), {
    name: 'BookRecordError',
    kind: 'transaction',
    what: formatHash(first.txid),
  });
  scene.wallet.records.delete(nameOf(first));
  assert.throws(() => scene.wallet.restart(), { name: 'BookRecordError' });
});

test('the way back to the chain is found though only some blocks are stored', () => {
  const scene = new Scene();
  scene.mineMany(500);
  scene.mine(scene.payment());
  scene.wallet.restart();
  assert.equal(scene.view.tip?.height, 501);
  const fork = scene.view.findFork((blockHash) => {
    const height = blockHash[0]! + 256 * blockHash[1]!;
    return height <= 496 ? height : null;
  });
  assert.equal(fork?.height, 496);
  const deep = scene.view.findFork((blockHash) => (blockHash[0]! + 256 * blockHash[1]! <= 300 ? 1 : null));
  assert.ok(deep !== null && deep.height <= 300);
  assert.equal(
    scene.view.findFork(() => null),
    null,
  );
  const stored = JSON.parse(scene.wallet.records.get('best-block/best')!) as { blocks: unknown[] };
  assert.ok(stored.blocks.length < 24, `${stored.blocks.length} blocks are stored`);
});

test('K13: all money is found by reading the chain again with an old backup', () => {
  const scene = new Scene(5);
  const old = new Map(scene.wallet.records);
  const blocks: [SeenBlock, Transaction[]][] = [];
  let sumSat = 0;
  for (let i = 0; i < 40; i++) {
    // Three new addresses at a time, each paid: the backup knows the first five.
    const payments = [0, 1, 2].map(() => scene.payment());
    blocks.push([scene.mine(...payments), payments]);
    sumSat += 30_000;
  }
  assert.equal(scene.wallet.books.balances.total().trustedSat, sumSat);
  const restored = new StoredBooks({ keypoolSize: 5 });
  for (const [name, text] of old) restored.records.set(name, text);
  restored.restart();
  for (const [block, transactions] of blocks) restored.connect(block, transactions, NOW, true);
  assert.equal(restored.books.balances.total().trustedSat, sumSat);
  assert.equal(toHex(restored.newScript()), toHex(scriptOf(RECEIVE, 120)));
  // Reading it once more changes nothing.
  const before = restored.books.view.ordered.map(({ txidText, state }) => [txidText, state]);
  for (const [block, transactions] of blocks) {
    restored.run((changes) => restored.books.transactions.scanBlock(block, transactions, NOW, changes));
    assert.deepEqual(restored.news.changed, []);
  }
  assert.deepEqual(
    restored.books.view.ordered.map(({ txidText, state }) => [txidText, state]),
    before,
  );
});
