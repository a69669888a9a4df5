// The witness on ledgers so small that everything can be counted by hand.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PlainLedger, type PlainTransaction, replayWallet } from './wallet-replay.ts';

const MINE = new Set(['aa', 'ab']);

/** `5 aa` pays five satoshis to the script aa. */
function tx(txid: string, spends: readonly string[], ...outputs: readonly string[]): PlainTransaction {
  const pay = (text: string): { valueSat: number; script: string } => {
    const [value, script] = text.split(' ');
    return { valueSat: Number(value), script: script! };
  };
  return { txid, isCoinbase: spends.length === 0, spends, outputs: outputs.map(pay) };
}

/** A first page, pages with these transactions, and empty ones up to a height. */
function ledger(
  pages: readonly (readonly PlainTransaction[])[],
  height: number,
  ...waiting: PlainTransaction[]
): PlainLedger {
  const all = [[tx('first', [], '50 aa')], ...pages];
  while (all.length <= height) all.push([]);
  return { pages: all, waiting };
}

const REWARD = tx('reward', [], '50 aa', '7 cc');

test('a reward is too young with a hundred confirmations, and money with one more; the first page’s was never a coin', () => {
  const young = replayWallet(ledger([[REWARD]], 100), MINE);
  assert.deepEqual([young.immatureSat, young.trustedSat, young.coins.size], [50, 0, 0]);
  assert.deepEqual(
    [...young.touched, ...young.netSat],
    [
      ['reward', 100],
      ['reward', 0],
    ],
  );
  const ripe = replayWallet(ledger([[REWARD]], 101), MINE);
  assert.deepEqual([ripe.immatureSat, ripe.trustedSat], [0, 50]);
  assert.deepEqual([...ripe.coins], [['reward:0', { valueSat: 50, confirmations: 101 }]]);
});

test('own change is trusted while it waits, along a chain of own transactions, and what others pay is not', () => {
  const pays = tx('pays', ['reward:0'], '20 cc', '29 ab');
  const again = tx('again', ['pays:1'], '10 cc', '18 aa');
  const gift = tx('gift', ['reward:1'], '6 aa');
  const facts = replayWallet(ledger([[REWARD]], 101, again, gift, pays), MINE);
  assert.deepEqual([facts.trustedSat, facts.pendingSat], [18, 6]);
  assert.deepEqual(
    [...facts.netSat],
    [
      ['reward', 50],
      ['again', -11],
      ['gift', 6],
      ['pays', -21],
    ],
  );
  assert.deepEqual(
    [...facts.feesSat],
    [
      ['again', 1],
      ['pays', 1],
    ],
  );
  const mixed = tx('mixed', ['pays:1', 'gift:0'], '30 aa');
  assert.equal(replayWallet(ledger([[REWARD]], 101, mixed, gift, pays), MINE).pendingSat, 30);
});

test('what an idle transaction spends is no coin, but still money', () => {
  const idle = tx('idle', ['reward:0'], '49 cc');
  const facts = replayWallet(ledger([[REWARD]], 101), MINE, [idle]);
  assert.deepEqual([facts.trustedSat, facts.idleSat, facts.coins.size], [50, -50, 0]);
});

test('on another branch nothing remains of what was on the first', () => {
  const pays = tx('pays', ['reward:0'], '20 cc', '29 ab');
  const first = replayWallet(ledger([[REWARD], [pays]], 103), MINE);
  assert.deepEqual([first.trustedSat, first.touched.get('pays')], [29, 102]);
  const second = replayWallet(ledger([[REWARD], []], 103), MINE);
  assert.deepEqual([second.trustedSat, second.touched.has('pays')], [50, false]);
});

test('a coin that is spent twice is no ledger', () => {
  const one = tx('one', ['reward:0'], '50 aa');
  const two = tx('two', ['reward:0'], '50 ab');
  assert.throws(() => replayWallet(ledger([[REWARD]], 101, one, two), MINE), /spent by one and by two/);
});
