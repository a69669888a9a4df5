import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHostRng } from './host-rng.ts';

test('numbers of the host stay below their bound, small and large', () => {
  const rng = createHostRng();
  for (const bound of [1, 2, 3, 7, 1000, 2 ** 32, 2 ** 32 + 1, 2 ** 53]) {
    for (let i = 0; i < 2000; i++) {
      const value = rng.below(bound);
      assert.ok(Number.isSafeInteger(value) && value >= 0 && value < bound, `${value} below ${bound}`);
    }
  }
});

test('numbers of the host are about equally likely', () => {
  const rng = createHostRng();
  const counts = new Array<number>(6).fill(0);
  for (let i = 0; i < 60_000; i++) counts[rng.below(6)]!++;
  // Six standard deviations of a binomial with 60,000 draws of one in six.
  for (const count of counts) assert.ok(Math.abs(count - 10_000) < 550, String(counts));
});

test('two sources of the host, and two draws, differ', () => {
  const draws = [createHostRng(), createHostRng(), createHostRng().fork('x')].map((rng) => rng.bytes(16).join());
  assert.equal(new Set(draws).size, 3);
  assert.equal(createHostRng().bytes(0).length, 0);
});
