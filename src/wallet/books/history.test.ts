import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, makeTx, outputOf, pay, spend } from '../../../test/model/block-builder.ts';
import { p2wpkh } from '../../../test/model/loose-transaction.ts';
import { StoredBooks } from '../../../test/model/stored-books.ts';
import { asBlockHash, formatHash } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import type { AvailableCoin } from './available-coin.ts';
import { traceOutputs } from './trace.ts';
import type { SeenBlock } from './tx-book.ts';

const NOW = 1_700_000_000;

function blockAt(height: number): SeenBlock {
  const bytes = new Uint8Array(32).fill(1);
  bytes[0] = height & 255;
  bytes[1] = height >> 8;
  return { blockHash: asBlockHash(bytes), height, timeSec: NOW + height, maxTimeSec: NOW + height };
}

/** A wallet that was paid 1,000 and 2,000, and sent 500 of the first with 40 of fee. */
function createWallet(avoidsReuse = false) {
  const wallet = new StoredBooks({ avoidsReuse }).addUsual();
  const { books } = wallet;
  const mine = (height: number, ...transactions: readonly Transaction[]): void =>
    wallet.connect(blockAt(height), transactions, NOW + height);
  const [scriptA, scriptB, change] = [wallet.newScript(), wallet.newScript(), wallet.newScript('change')];
  wallet.do((changes) => {
    books.addresses.set(toHex(scriptA), 'alice', 'receive', changes);
    books.addresses.set(toHex(scriptB), '', 'receive', changes);
    books.transactions.skipTo(blockAt(0), changes);
  });
  const paidA = makeTx([spend({ txid: fakeTxid(1), index: 0 })], [pay(1_000, scriptA)]);
  const paidB = makeTx([spend({ txid: fakeTxid(2), index: 0 })], [pay(7, p2wpkh(3)), pay(2_000, scriptB)]);
  mine(1, paidA);
  mine(2, paidB);
  const sent = makeTx([spend(outputOf(paidA))], [pay(460, change), pay(500, p2wpkh(4))]);
  const enter = (): void => wallet.enter(sent, NOW + 3);
  return { wallet, books, mine, paidA, paidB, sent, enter, scriptA, scriptB, change };
}

function valuesOf(coins: readonly AvailableCoin[]): readonly number[] {
  return coins.map(({ valueSat }) => valueSat).sort((a, b) => a - b);
}

test('a list of payments has an entry for each output that matters, newest first', () => {
  const { books, sent, paidA, paidB, enter, scriptA } = createWallet();
  enter();
  const entries = [...books.history.latest()];
  assert.deepEqual(
    entries.map(({ transaction, category, index, amountSat, feeSat, label }) => [
      [sent, paidB, paidA].findIndex(({ txid }) => txid.every((byte, i) => byte === transaction.txid[i])),
      category,
      index,
      amountSat,
      feeSat,
      label,
    ]),
    [
      [0, 'send', 1, -500, -40, null],
      [1, 'receive', 1, 2_000, null, ''],
      [2, 'receive', 0, 1_000, null, 'alice'],
    ],
  );
  assert.deepEqual(
    [...books.history.latest({ label: 'alice' })].map(({ scriptHex }) => scriptHex),
    [toHex(scriptA)],
  );
  const withChange = books.history.entriesOf(books.view.find(sent.txid)!, { includesChange: true });
  assert.deepEqual(
    withChange.map(({ category, amountSat }) => [category, amountSat]),
    [
      ['send', -460],
      ['send', -500],
      ['receive', 460],
    ],
  );
});

test('a transaction as a whole: what the wallet has less, and the fee beside it', () => {
  const { books, sent, paidA, enter } = createWallet();
  enter();
  assert.deepEqual(books.history.summarize(books.view.find(sent.txid)!), { amountSat: -500, feeSat: -40 });
  assert.deepEqual(books.history.summarize(books.view.find(paidA.txid)!), { amountSat: 1_000, feeSat: null });
});

test('what is new since a block, and what none has confirmed', () => {
  const { books, enter } = createWallet();
  enter();
  const amounts = (height: number | null): readonly number[] =>
    [...books.history.since(height)].map(({ amountSat }) => amountSat);
  assert.deepEqual(amounts(null), [1_000, 2_000, -500]);
  assert.deepEqual(amounts(1), [2_000, -500]);
  assert.deepEqual(amounts(2), [-500]);
});

test('pages follow each other without gap or overlap while the list grows', () => {
  const { wallet, books, mine, scriptB } = createWallet();
  for (let height = 3; height < 60; height++) {
    mine(height, makeTx([spend({ txid: fakeTxid(100 + height), index: 0 })], [pay(height, scriptB)]));
  }
  const seen: number[] = [];
  for (let page = books.history.before(null, 10); page.length > 0; page = books.history.before(seen.at(-1)!, 10)) {
    seen.push(...page.map(({ orderPosition }) => orderPosition));
    wallet.enter(makeTx([spend({ txid: fakeTxid(1_000 + seen.length), index: 0 })], [pay(1, scriptB)]), NOW);
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 59 }, (_, i) => 58 - i),
  );
});

test('balances: own change is trusted, payments of others are pending, minimum depth leaves out what is young', () => {
  const { wallet, books, enter, scriptB } = createWallet();
  assert.equal(books.balances.total().trustedSat, 3_000);
  assert.equal(books.balances.total({ minDepth: 2 }).trustedSat, 1_000);
  enter();
  assert.deepEqual(books.balances.total(), {
    trustedSat: 2_460,
    untrustedPendingSat: 0,
    immatureSat: 0,
    usedSat: 0,
    nonmempoolSat: 0,
  });
  wallet.enter(makeTx([spend({ txid: fakeTxid(3), index: 0 })], [pay(30, scriptB)]), NOW);
  assert.equal(books.balances.total().untrustedPendingSat, 30);
  books.flags.spendsUnconfirmedChange = false;
  assert.deepEqual([books.balances.total().trustedSat, books.balances.total().untrustedPendingSat], [2_000, 490]);
});

test('coins that a transaction outside of the mempool spends are reserved for it, and said to be', () => {
  const { wallet, books, sent } = createWallet();
  wallet.run((changes) => books.transactions.addOwn(sent, {}, NOW, changes));
  assert.equal(books.balances.total().trustedSat, 2_000);
  const { trustedSat, nonmempoolSat } = books.balances.total({ includesNonmempool: true });
  assert.deepEqual([trustedSat, nonmempoolSat], [3_000, -1_000]);
  assert.deepEqual(valuesOf(books.coins.available({})), [2_000]);
});

test('a balance is not computed again while nothing changes', () => {
  const { books, mine } = createWallet();
  const first = books.balances.total();
  assert.equal(books.balances.total(), first, 'the same object');
  mine(3);
  assert.notEqual(books.balances.total(), first);
});

test('coins that were spent in a block are not looked at any more', () => {
  const { wallet, books, mine, scriptB } = createWallet();
  let last = makeTx([spend({ txid: fakeTxid(8), index: 0 })], [pay(90_000, scriptB)]);
  mine(3, last);
  for (let height = 4; height < 104; height++) {
    last = makeTx([spend(outputOf(last))], [pay(90_000, scriptB)]);
    mine(height, last);
  }
  assert.equal(books.view.ordered.length, 103);
  assert.equal(books.view.live.size, 3);
  const received = books.balances.received([toHex(scriptB)]);
  assert.equal(received.valueSat, 2_000 + 101 * 90_000);
  assert.equal(received.txids[0], formatHash(last.txid), 'the newest first');
  wallet.restart();
  assert.equal(wallet.books.view.live.size, 3);
});

test('coins are found by value, depth and number', () => {
  const { books, enter } = createWallet();
  const { coins } = books;
  assert.deepEqual(valuesOf(coins.available({ minAmountSat: 1_500 })), [2_000]);
  assert.deepEqual(valuesOf(coins.available({ maxAmountSat: 1_500 })), [1_000]);
  assert.deepEqual(valuesOf(coins.available({ minDepth: 2 })), [1_000]);
  assert.deepEqual(valuesOf(coins.available({ maxDepth: 1 })), [2_000]);
  assert.equal(coins.available({ maxCount: 1 }).length, 1);
  assert.equal(coins.available({ minSumSat: 1 }).length, 1);
  enter();
  const [change] = coins.available({ maxDepth: 0 }, () => ({ ancestorCount: 1, clusterCount: 2 }));
  assert.deepEqual(
    [
      change?.valueSat,
      change?.isFromMe,
      change?.isSafe,
      change?.ancestorCount,
      change?.clusterCount,
      change?.isSolvable,
    ],
    [460, true, true, 1, 2, true],
  );
  assert.deepEqual([...coins.groupByType(coins.available({})).keys()], ['bech32']);
});

test('change of a replacement is not safe to build upon', () => {
  const { wallet, books, sent, enter } = createWallet();
  enter();
  const original = books.view.find(sent.txid)!;
  wallet.do((changes) => books.transactions.setNotes(original, { replacesTxid: '00'.repeat(32) }, changes));
  assert.deepEqual(valuesOf(books.coins.available({})), [2_000]);
  assert.deepEqual(valuesOf(books.coins.available({ includesUnsafe: true })), [460, 2_000]);
});

test('a wallet that avoids using addresses again keeps their coins apart', () => {
  const { wallet, books, mine, enter, scriptA } = createWallet(true);
  enter();
  mine(3, makeTx([spend({ txid: fakeTxid(4), index: 0 })], [pay(5, scriptA)]));
  assert.equal(books.balances.total().usedSat, 5);
  assert.equal(books.balances.total({ includesUsedAddresses: true }).usedSat, 0);
  assert.deepEqual(valuesOf(books.coins.available({})), [460, 2_000]);
  assert.deepEqual(valuesOf(books.coins.available({ includesUsedAddresses: true })), [5, 460, 2_000]);
  wallet.restart();
  assert.equal(wallet.books.balances.total().usedSat, 5);
});

test('money by address, and all that an address ever received', () => {
  const { books, enter, scriptA, scriptB, change, paidB } = createWallet();
  enter();
  assert.deepEqual(
    [...books.balances.byAddress()],
    [
      [toHex(scriptB), 2_000],
      [toHex(change), 460],
    ],
  );
  assert.deepEqual(
    [books.balances.received([toHex(scriptA)]).valueSat, books.balances.received([toHex(scriptA)]).depth],
    [1_000, 2],
  );
  assert.equal(books.balances.received([toHex(scriptB)], { minDepth: 2 }).valueSat, 0);
  assert.deepEqual(books.balances.received([toHex(scriptB)]).txids, [books.view.find(paidB.txid)!.txidText]);
  assert.deepEqual(books.addresses.labels(), ['', 'alice']);
  assert.deepEqual(books.addresses.scriptsOf('alice'), [toHex(scriptA)]);
});

test('the trace of a coin leads back to the payments that it comes from', () => {
  const { books, sent, mine, paidB, change } = createWallet();
  const joined = makeTx([spend(outputOf(sent)), spend(outputOf(paidB, 1))], [pay(2_400, change)]);
  mine(3, sent, joined);
  const trace = traceOutputs(books.view, books.view.ownOutputsOf(books.view.find(joined.txid)!));
  assert.deepEqual(
    trace.steps.map(({ kind, distance, outputs, spentSat, paidSat }) => [
      kind,
      distance,
      outputs.map(({ valueSat }) => valueSat),
      spentSat,
      paidSat,
    ]),
    [
      ['own', 0, [2_400], 2_460, 2_400],
      ['own', 1, [460], 1_000, 960],
      ['received', 1, [2_000], 0, 2_007],
      ['received', 2, [1_000], 0, 1_000],
    ],
  );
  assert.deepEqual(
    trace.origins.map(({ valueSat }) => valueSat),
    [2_000, 1_000],
  );
  assert.deepEqual([trace.isCut, trace.valueSat], [false, 2_400]);
  const short = traceOutputs(books.view, books.view.ownOutputsOf(books.view.find(joined.txid)!), 2);
  assert.deepEqual([short.steps.length, short.isCut], [2, true]);
});
