import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BlockHash, parseBlockHash } from '../../kernel/primitives/hashes.ts';
import {
  formatLongPollId,
  isTemplateStale,
  parseLongPollId,
  type TemplateBasis,
  TemplateWatch,
} from './template-watch.ts';

const HASH = '0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206';

function tipOf(hex: string): BlockHash {
  const hash = parseBlockHash(hex);
  assert(hash !== null);
  return hash;
}

function basis(transactionsUpdated: number, tip: string = HASH): TemplateBasis {
  return { tip: tipOf(tip), transactionsUpdated };
}

test('a long poll ends at once when the tip moves, whatever the transactions do', () => {
  const watch = new TemplateWatch(basis(7), 1000);
  assert.deepEqual(watch.look(basis(7), 1000), { isOver: false, lookAtMs: 61_000 });
  assert.deepEqual(watch.look(basis(7, '00'.repeat(32)), 1001), { isOver: true });
});

test('new transactions end a long poll after a minute, and then within ten seconds', () => {
  const watch = new TemplateWatch(basis(7), 0);
  assert.deepEqual(watch.look(basis(8), 59_999), { isOver: false, lookAtMs: 60_000 });
  assert.deepEqual(watch.look(basis(8), 60_000), { isOver: true });
  const idle = new TemplateWatch(basis(7), 0);
  assert.deepEqual(idle.look(basis(7), 60_000), { isOver: false, lookAtMs: 70_000 });
  assert.deepEqual(idle.look(basis(8), 69_999), { isOver: false, lookAtMs: 70_000 });
  assert.deepEqual(idle.look(basis(7), 70_000), { isOver: false, lookAtMs: 80_000 });
  assert.deepEqual(idle.look(basis(6), 80_000), { isOver: true });
});

test('a tip that is not known ends a long poll at the first look', () => {
  assert.deepEqual(new TemplateWatch(basis(7, 'ff'.repeat(32)), 0).look(basis(7), 0), { isOver: true });
});

test('the id of a template is the hash of its parent and the count of changes', () => {
  assert.equal(formatLongPollId(basis(42)), `${HASH}42`);
  assert.deepEqual(parseLongPollId(`${HASH}42`), basis(42));
  assert.deepEqual(parseLongPollId(HASH), basis(0));
  assert.deepEqual(parseLongPollId(`${HASH} 9x`), basis(9));
  assert.deepEqual(parseLongPollId(`${HASH}x9`), basis(0));
  assert.equal(parseLongPollId(HASH.slice(1)), null);
  assert.equal(parseLongPollId(`g${HASH.slice(1)}42`), null);
  assert.equal(parseLongPollId(''), null);
});

test('a template is kept for five seconds on the same tip, and for ever while nothing happens', () => {
  assert.equal(isTemplateStale(basis(1), 100, basis(1), 10_000), false);
  assert.equal(isTemplateStale(basis(1), 100, basis(2), 105), false);
  assert.equal(isTemplateStale(basis(1), 100, basis(2), 106), true);
  assert.equal(isTemplateStale(basis(1), 100, basis(1, '00'.repeat(32)), 100), true);
});
