import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ANYONE, NOBODY } from '../../../test/model/block-builder.ts';
import { packScriptBatch, type Spend, spendScripts } from '../../../test/model/script-batch.ts';
import type { ScriptFailure } from '../consensus/script-job.ts';
import { nobleSecp256k1 } from '../crypto/secp256k1-noble.ts';
import { InputVerifier } from '../script/verify.ts';
import { AssertionError } from '../util/assert.ts';
import { createRng } from '../util/prng.ts';
import { BatchJudge, InputClaims, type SharedBatch, shareBatch } from './shared-batch.ts';

function share(spends: readonly Spend[], isShared = false): SharedBatch {
  return shareBatch(packScriptBatch(spends, 0, isShared));
}

function judgeOf(batch: SharedBatch): BatchJudge {
  return new BatchJudge(batch, new InputVerifier(nobleSecp256k1));
}

test('every input is claimed once, in rising order, whoever claims', () => {
  const rng = createRng(3);
  for (const inputCount of [1, 2, 15, 16, 17, 1000]) {
    const scripts = new Array<Uint8Array>(inputCount).fill(ANYONE);
    const { claims } = share([spendScripts(scripts)]);
    const threads = [1, 2, 3].map(() => new InputClaims(claims));
    let next = 0;
    for (;;) {
      const thread = threads[rng.below(3)]!;
      const countMax = 1 + rng.below(40);
      if (!thread.take(countMax)) break;
      assert.equal(thread.start, next);
      assert.ok(thread.end > next && thread.end - next <= countMax);
      next = thread.end;
    }
    assert.equal(next, inputCount);
  }
});

test('claims get smaller towards the end', () => {
  const { claims } = share([spendScripts(new Array<Uint8Array>(1000).fill(ANYONE))]);
  const thread = new InputClaims(claims);
  const sizes: number[] = [];
  while (thread.take(32)) sizes.push(thread.end - thread.start);
  assert.equal(sizes[0], 32);
  assert.deepEqual(sizes.slice(-16), new Array(16).fill(1));
  assert.deepEqual(
    sizes,
    sizes.slice().sort((a, b) => b - a),
  );
});

test('nothing is claimed or wanted from the limit on, and the limit only falls', () => {
  const { claims } = share([spendScripts(new Array<Uint8Array>(100).fill(ANYONE))]);
  const thread = new InputClaims(claims);
  assert.ok(thread.isWanted(99));
  thread.lowerLimit(3);
  thread.lowerLimit(50);
  assert.deepEqual([thread.isWanted(2), thread.isWanted(3)], [true, false]);
  let claimed = 0;
  while (thread.take(2)) claimed = thread.end;
  assert.equal(claimed, 3);
});

test('threads that take turns at random count every good input and find the first bad one', () => {
  const rng = createRng(4);
  for (let round = 0; round < 40; round++) {
    const scripts = Array.from({ length: 20 }, () => new Array<Uint8Array>(1 + rng.below(9)).fill(ANYONE));
    const inputCount = scripts.reduce((sum, { length }) => sum + length, 0);
    const isGood = round % 4 === 0;
    if (!isGood) for (let i = 0; i < 3; i++) scripts[rng.below(20)]![0] = NOBODY;
    const batch = share(scripts.map(spendScripts));
    const judges = [1, 2, 3].map(() => judgeOf(batch));
    const busy = new Set(judges);
    while (busy.size > 0) {
      const judge = judges[rng.below(3)]!;
      if (!judge.judgeNext(1 + rng.below(5))) busy.delete(judge);
    }
    const goodCount = judges.reduce((sum, judge) => sum + judge.goodCount, 0);
    const first = firstOf(judges.map(({ failure }) => failure));
    const expected = scripts.findIndex(([script]) => script === NOBODY);
    assert.equal(goodCount === inputCount, isGood);
    assert.deepEqual(first, isGood ? null : { txIndex: expected + 1, inputIndex: 0, error: 'OP_RETURN' });
  }
});

function firstOf(failures: readonly (ScriptFailure | null)[]): ScriptFailure | null {
  const found = failures.filter((failure) => failure !== null);
  return found.sort((a, b) => a.txIndex - b.txIndex)[0] ?? null;
}

test('a block in shared memory is not copied, any other is, once', () => {
  const spends = [spendScripts([ANYONE])];
  const shared = packScriptBatch(spends, 0, true);
  assert.equal(shareBatch(shared).block.buffer, shared.block.bytes.buffer);
  const plain = packScriptBatch(spends, 0, false);
  const { block, claims, spentBytes, spentOffsets } = shareBatch(plain);
  assert.deepEqual(Buffer.from(block), Buffer.from(plain.block.bytes));
  for (const { buffer } of [block, claims, spentBytes, spentOffsets]) assert.ok(buffer instanceof SharedArrayBuffer);
});

test('jobs that are not those of the whole block are a bug and stop the batch', () => {
  const { block, connected } = packScriptBatch([spendScripts([ANYONE]), spendScripts([ANYONE])], 0);
  const { scriptJobs } = connected;
  for (const jobs of [[], scriptJobs.slice(1), [...scriptJobs].reverse(), [scriptJobs[0]!, scriptJobs[0]!]]) {
    assert.throws(() => shareBatch({ block, connected: { ...connected, scriptJobs: jobs } }), AssertionError);
  }
});
