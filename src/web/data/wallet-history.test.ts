import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutLatest, mergeHistory, type SinceAnswer } from './wallet-history.ts';

type Answer = SinceAnswer['transactions'][number];

function received(txid: string, blockheight: number | undefined, tipHeight: number): Answer {
  const place =
    blockheight === undefined
      ? { confirmations: 0 }
      : { confirmations: tipHeight - blockheight + 1, blockheight, blockhash: `block-${blockheight}` };
  return { txid, vout: 0, category: 'receive', address: 'a', amount: 0.5, time: 1000, ...place };
}

test('the first answer is the history', () => {
  const history = mergeHistory(undefined, {
    transactions: [received('one', 10, 100), received('two', undefined, 100)],
    lastblock: 'block-95',
  });
  assert.deepEqual(
    history.entries.map(({ txid, height, amountSat, kind }) => [txid, height, amountSat, kind]),
    [
      ['one', 10, 50_000_000, 'in'],
      ['two', null, 50_000_000, 'in'],
    ],
  );
  assert.equal(history.settledHeight, 95);
});

test('news take the place of all that was not settled', () => {
  const first = mergeHistory(undefined, {
    transactions: [received('old', 10, 100), received('young', 97, 100), received('waiting', undefined, 100)],
    lastblock: 'block-95',
  });
  // After a small reorganisation 'young' is gone, and 'waiting' has been confirmed.
  const second = mergeHistory(first, { transactions: [received('waiting', 98, 101)], lastblock: 'block-96' });
  assert.deepEqual(
    second.entries.map(({ txid, height }) => [txid, height]),
    [
      ['old', 10],
      ['waiting', 98],
    ],
  );
  assert.equal(second.settledHeight, 96);
});

test('an answer without blocks keeps what was settled', () => {
  const first = mergeHistory(undefined, { transactions: [received('old', 10, 100)], lastblock: 'block-95' });
  const second = mergeHistory(first, { transactions: [], lastblock: 'block-99' });
  const third = mergeHistory(second, { transactions: [received('new', 104, 104)], lastblock: 'block-99' });
  assert.deepEqual(
    third.entries.map(({ txid }) => txid),
    ['old', 'new'],
  );
});

test('the fee is above zero, and what was given up or excluded counts for nothing', () => {
  const sent: Answer = {
    txid: 's',
    vout: 1,
    category: 'send',
    amount: -1.5,
    fee: -0.00001234,
    confirmations: 0,
    time: 5,
    abandoned: true,
  };
  const orphan: Answer = { txid: 'o', vout: 0, category: 'orphan', amount: 50, confirmations: 0, time: 6 };
  const replaced: Answer = { ...received('r', undefined, 100), replaced_by_txid: 'n', mempoolconflicts: ['n'] };
  const rival: Answer = { ...received('c', undefined, 100), mempoolconflicts: ['n'] };
  const kept: Answer = { ...received('k', 9, 100), replaced_by_txid: 'n' };
  const transactions = [sent, orphan, replaced, rival, kept];
  const { entries } = mergeHistory(undefined, { transactions, lastblock: 'x' });
  assert.deepEqual(
    entries.map(({ kind, amountSat, feeSat, isVoid }) => [kind, amountSat, feeSat, isVoid]),
    [
      ['out', -150_000_000, 1234, true],
      ['mined', 5_000_000_000, null, true],
      ['in', 50_000_000, null, true],
      ['in', 50_000_000, null, true],
      ['in', 50_000_000, null, false],
    ],
  );
});

test('of a short history all entries are the latest', () => {
  const latest = cutLatest([received('one', 10, 100), received('two', 11, 100)]);
  assert.deepEqual([latest.isAll, latest.entries.map(({ txid }) => txid)], [true, ['one', 'two']]);
});

test('of a long history no transaction is shown in part', () => {
  const newest = Array.from({ length: 38 }, (_, i) => received(`t${i}`, i + 20, 100));
  const latest = cutLatest([received('cut', 10, 100), received('cut', 10, 100), ...newest]);
  assert.deepEqual([latest.isAll, latest.entries.length, latest.entries[0]?.txid], [false, 38, 't0']);
  // One that has more entries than are fetched is better shown in part than not at all.
  const huge = cutLatest(Array.from({ length: 40 }, () => received('huge', 10, 100)));
  assert.deepEqual([huge.isAll, huge.entries.length], [false, 40]);
});
