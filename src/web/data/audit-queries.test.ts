import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AuditAnswer, checkOfFault } from './audit-queries.ts';
import { formatCoinName, parseCoinName } from './audit-trace.ts';

const AUDIT: AuditAnswer = {
  id: 1,
  verdict: 'bad',
  stage: 'over',
  pagesDone: 7,
  pagesTotal: 9,
  startedAt: 0,
  ledger: 'local',
  firstHash: '00',
  marks: [],
};

function broken(rule: string): AuditAnswer {
  const explanation = { reason: 'x', rule, words: 'w', words_zh: '词', source: 's' };
  return { ...AUDIT, fault: { kind: 'invalid', height: 7, place: 'blk00000.dat', message: 'm', explanation } };
}

test('what is wrong is told at the check that found it', () => {
  const rules = ['merkle-root', 'pow-hash', 'known-parent', 'input-script', 'coinbase-amount', 'coin-exists'];
  assert.deepEqual(
    rules.map((rule) => checkOfFault(broken(rule))),
    ['hashes', 'work', 'links', 'signatures', 'supply', 'amounts'],
  );
  const coins: AuditAnswer = { ...AUDIT, fault: { kind: 'other-coins', place: 'p', message: 'm' } };
  assert.equal(checkOfFault(coins), 'coins');
  assert.equal(checkOfFault(AUDIT), null);
});

test('a coin is read as people write it, and what is none is refused', () => {
  const txid = 'ab'.repeat(32);
  assert.deepEqual(parseCoinName(` ${txid.toUpperCase()}:3 `), { txid, vout: 3 });
  assert.equal(formatCoinName({ txid, vout: 3 }), `${txid}:3`);
  for (const text of ['', txid, `${txid}:`, `${txid}:-1`, `${txid}:4294967296`, `${txid.slice(1)}:0`, `${txid}:0x1`]) {
    assert.equal(parseCoinName(text), null, text);
  }
});
