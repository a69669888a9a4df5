// What must hold of a chain between two commands, looked at from outside and without thrift (Core CheckBlockIndex).

import assert from 'node:assert/strict';
import { NO_ENTRY } from '../../src/kernel/chain/block-index.ts';
import { VALIDITY } from '../../src/kernel/chain/block-status.ts';
import type { Chainstate } from '../../src/kernel/chain/chainstate.ts';

/** Asserts that index, active chain and candidates agree with one another. */
export function checkChain(chain: Chainstate): void {
  const { index, active, candidates } = chain.state;
  const { tip } = active;
  assert.ok(!index.isFailed(index.bestHeader), 'the best header is not invalid');
  for (let entry = 0; entry < index.count; entry++) {
    const parent = index.parent(entry);
    const isFirst = parent === NO_ENTRY;
    assert.equal(index.height(entry), isFirst ? 0 : index.height(parent) + 1);
    assert.ok(isFirst || index.chainWork(entry) > index.chainWork(parent));
    assert.equal(index.isLinked(entry), index.txCount(entry) > 0 && (isFirst || index.isLinked(parent)));
    const sum = index.txCount(entry) + (isFirst ? 0 : index.chainTxCount(parent));
    assert.equal(index.chainTxCount(entry), index.isLinked(entry) ? sum : 0);
    assert.ok(!index.hasUndo(entry) || index.hasData(entry), 'undo data without a block');
    assert.ok(!index.hasData(entry) || index.txCount(entry) > 0);
    assert.equal(
      index.isValid(entry, VALIDITY.transactions) || index.isFailed(entry),
      index.txCount(entry) > 0 || index.isFailed(entry),
    );
    assert.ok(isFirst || index.isFailed(entry) || !index.isFailed(parent), 'a valid block on an invalid one');
    assert.ok(
      index.isFailed(entry) || index.compareWork(entry, index.bestHeader) <= 0,
      'a header better than the best',
    );
    const isCandidate = index.isLinked(entry) && !index.isFailed(entry) && index.comparePreference(entry, tip) >= 0;
    assert.equal(candidates.has(entry), isCandidate, `block ${entry} at height ${index.height(entry)} as a candidate`);
    if (active.contains(entry) && !isFirst) {
      assert.ok(index.isValid(entry, VALIDITY.scripts) && index.hasUndo(entry), 'a connected block');
    }
  }
  assert.equal(candidates.best, tip, 'the tip is the best candidate');
}
