import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LessonChain } from './lesson-chain.ts';
import { countChangedBits, hashText } from './lesson-hash.ts';
import { createLessonKey, flipBit, signText, verifyText } from './lesson-keys.ts';
import { LessonMiner } from './lesson-miner.ts';
import { LessonRace } from './lesson-race.ts';
import { lowerTarget, readMainSource } from './lesson-source.ts';

test('a text has the digest that other programs compute, and one letter changes about half of it', () => {
  const digest = hashText('hello');
  assert.equal(digest.hex, '9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50');
  assert.equal(digest.bits.length, 256);
  assert.deepEqual([digest.zeroBits, digest.bits.slice(0, 8).map(Number).join('')], [0, '10010101']);
  const changed = countChangedBits(digest, hashText('hallo'));
  assert.ok(changed > 90 && changed < 166, `${changed} of 256`);
  assert.equal(countChangedBits(digest, hashText('hello')), 0);
});

test('the search counts every attempt by its zeros, stops at the first that wins, and the kernel agrees with its nonce', () => {
  const source = lowerTarget(readMainSource(), 8);
  const chain = new LessonChain(source.blocks, source.consensus);
  chain.setReward(1, 1);
  chain.mendContents(1);
  const miner = new LessonMiner(chain.header(1));
  assert.deepEqual([miner.state.attempts, miner.state.bestHash, miner.state.nonce], [0, '', null]);
  miner.step(10);
  while (miner.state.nonce === null) miner.step(100);
  const { attempts, counts, nonce, bestHash, bestBits, lastHash } = miner.state;
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    attempts,
  );
  assert.equal(nonce, attempts - 1);
  assert.equal(bestHash, lastHash);
  assert.ok(bestBits >= 8);
  miner.step(100);
  assert.equal(miner.state.attempts, attempts);
  chain.setNonce(1, nonce);
  assert.equal(chain.pages[1]!.hash, bestHash);
  assert.equal(chain.pages[1]!.faults.work, null);
});

test('a signature holds for its text and its key alone: no bit of it can be turned over', () => {
  const { secret, publicKey } = createLessonKey();
  const text = 'I pay the baker 5 coins';
  const signature = signText(secret, text);
  assert.equal(verifyText(publicKey, text, signature), true);
  assert.equal(verifyText(publicKey, 'I pay the baker 6 coins', signature), false);
  for (const bit of [0, 7, 255, 256, 300, 511]) {
    const forged = flipBit(signature, bit);
    assert.notEqual(forged, signature);
    assert.equal(verifyText(publicKey, text, forged), false, String(bit));
    assert.equal(flipBit(forged, bit), signature);
  }
  assert.equal(verifyText(createLessonKey().publicKey, text, signature), false);
});

test('who has three quarters of the power makes three quarters of the attempts, and wins about so many pages', () => {
  const race = new LessonRace([3, 1], 4, 'a race');
  race.step(16_000);
  const wins = race.wins.filter(({ miner }) => miner === 0).length;
  // About 1000 pages; one standard deviation of the share is 1.4 percent.
  assert.ok(race.wins.length > 850 && race.wins.length < 1150, String(race.wins.length));
  const share = wins / race.wins.length;
  assert.ok(share > 0.68 && share < 0.82, String(share));
  assert.equal(
    race.wins.reduce((sum, { attempts }) => sum + attempts, race.attempts),
    16_000,
  );
});

test('without power nobody wins, and whoever gets some begins to', () => {
  const race = new LessonRace([0, 0], 2, 'nobody');
  race.step(1000);
  assert.deepEqual([race.wins.length, race.attempts], [0, 0]);
  race.setPower(1, 2);
  race.step(1000);
  assert.ok(race.wins.length > 0);
  assert.ok(race.wins.every(({ miner }) => miner === 1));
});
