import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Coin, CoinRef } from '../consensus/coin.ts';
import { fromHex, toHex } from '../util/bytes.ts';
import { createRng } from '../util/prng.ts';
import { CoinSlab } from './coin-slab.ts';
import { CoinTable } from './coin-table.ts';

const MEBIBYTE = 1 << 20;

function outpoint(n: number): Uint8Array {
  const bytes = new Uint8Array(36).fill(0xaa);
  bytes.set([n, n >>> 8, n >>> 16, n >>> 24]);
  return bytes;
}

function coinOf(valueSat: number, scriptBytes: number): CoinRef {
  const scriptPubKey = new Uint8Array(scriptBytes).fill(valueSat);
  return new CoinRef().pointAtCopy({ valueSat, scriptPubKey, height: valueSat, isCoinbase: valueSat % 2 === 1 });
}

function coinAt(slab: CoinSlab, ref: number): Coin {
  return slab.read(ref, new CoinRef()).toCoin();
}

function countEntries(slab: CoinSlab): number {
  let count = 0;
  slab.forEach(() => {
    count++;
  });
  return count;
}

test('entries keep their outpoint, coin and state', () => {
  const slab = new CoinSlab();
  const coins = [coinOf(1, 22), coinOf(2, 0), coinOf(3, 252), coinOf(4, 253), coinOf(5, 10_000), coinOf(6, 70_000)];
  const refs = coins.map((coin, i) => slab.add(outpoint(i), 0, coin, i + 1));
  refs.forEach((ref, i) => {
    assert.ok(ref > 0);
    assert.ok(slab.matches(ref, outpoint(i), 0));
    assert.ok(!slab.matches(ref, outpoint(i + 1), 0));
    assert.equal(slab.state(ref), i + 1);
    slab.setState(ref, 9);
    assert.equal(slab.state(ref), 9);
    assert.deepEqual(coinAt(slab, ref), coins[i]!.toCoin());
  });
});

test('the place of a removed entry goes to the next of its size, and no other', () => {
  const slab = new CoinSlab();
  const first = slab.add(outpoint(1), 0, coinOf(1, 22), 1);
  const second = slab.add(outpoint(2), 0, coinOf(2, 22), 1);
  slab.add(outpoint(3), 0, coinOf(3, 34), 1);
  slab.remove(first);
  slab.remove(second);
  assert.ok(![first, second].includes(slab.add(outpoint(4), 0, coinOf(4, 34), 1)));
  assert.ok(![first, second].includes(slab.add(outpoint(5), 0, null, 1)));
  assert.equal(slab.add(outpoint(6), 0, coinOf(6, 22), 1), second);
  assert.equal(slab.add(outpoint(7), 0, coinOf(7, 22), 1), first);
  assert.deepEqual(coinAt(slab, first), coinOf(7, 22).toCoin());
});

test('a walk visits every entry once, whatever was removed, and may remove as it goes', () => {
  const slab = new CoinSlab();
  const refs = Array.from({ length: 60_000 }, (_, n) =>
    slab.add(outpoint(n), 0, n % 5 === 0 ? null : coinOf(n, n % 90), 1),
  );
  refs.forEach((ref, n) => {
    if (n % 3 === 0) slab.remove(ref);
  });
  const visited = new Set<number>();
  slab.forEach((ref, state) => {
    assert.equal(state, 1);
    assert.ok(!visited.has(ref));
    visited.add(ref);
    slab.remove(ref);
  });
  assert.deepEqual(
    [...visited],
    refs.filter((_, n) => n % 3 !== 0),
  );
  assert.equal(countEntries(slab), 0);
});

test('memory grows by segments, stays while places are used again, and serves again after clear()', () => {
  const slab = new CoinSlab();
  assert.equal(slab.usedBytes, 0);
  // 72 bytes each: 36 outpoint, 4 code, 1 state, 31 output
  const fill = (): number[] => Array.from({ length: 20_000 }, (_, n) => slab.add(outpoint(n), 0, coinOf(n, 22), 1));
  const refs = fill();
  assert.equal(slab.usedBytes, 2 * MEBIBYTE);
  for (const ref of refs) slab.remove(ref);
  fill();
  assert.equal(slab.usedBytes, 2 * MEBIBYTE);
  slab.clear();
  assert.equal(slab.usedBytes, 0);
  assert.equal(countEntries(slab), 0);
  assert.deepEqual(fill(), refs);
});

test('the table finds, replaces and forgets like a Map, through growth and collisions', () => {
  const rng = createRng(5);
  const slab = new CoinSlab();
  const table = new CoinTable(slab, createRng(6));
  const model = new Map<string, number>();
  for (let step = 0; step < 60_000; step++) {
    const key = outpoint(rng.below(9_000));
    const name = toHex(key);
    assert.equal(table.find(key, 0), model.get(name) ?? 0);
    const action = rng.below(10);
    if (action < 6) {
      const ref = slab.add(key, 0, null, 1);
      table.put(ref);
      model.set(name, ref);
    } else if (action < 9 && model.has(name)) {
      table.remove();
      model.delete(name);
    }
    assert.equal(table.size, model.size);
  }
  for (const [name, ref] of model) assert.equal(table.find(fromHex(name), 0), ref);
  table.clear();
  for (const name of model.keys()) assert.equal(table.find(fromHex(name), 0), 0);
});

/** All that an entry says, but for its state. */
function describe(slab: CoinSlab, ref: number): string {
  const start = slab.startOf(ref);
  const bytes = slab.bytesOf(ref).slice(start, start + slab.sizeOf(ref));
  bytes[40]! &= 0x80;
  return `${slab.height(ref)} ${toHex(bytes)}`;
}

test('compacting removes what is not wanted and moves the rest together, in order, across segments', () => {
  const slab = new CoinSlab();
  const rng = createRng(5);
  const count = 60_000;
  const refs = Array.from({ length: count }, (_, n) =>
    slab.add(outpoint(n), 0, rng.below(20) === 0 ? null : coinOf(n, rng.below(8) === 0 ? rng.below(5000) : 22), 3),
  );
  const entries = refs.map((ref) => describe(slab, ref));
  const removed = new Set(refs.filter(() => rng.below(3) === 0));
  for (const ref of removed) slab.remove(ref);
  const kept = new Set(refs.filter((ref) => !removed.has(ref) && rng.below(2) === 0));
  const keptNumbers = refs.flatMap((ref, n) => (kept.has(ref) ? [n] : []));
  const before = slab.usedBytes;
  const moved: number[] = [];
  slab.compact(
    (ref, state) => {
      assert.equal(state, 3);
      assert.ok(!removed.has(ref));
      if (kept.has(ref)) slab.setState(ref, 4);
      return kept.has(ref);
    },
    (ref) => moved.push(ref),
  );
  assert.ok(slab.usedBytes < before / 2, `${slab.usedBytes} of ${before}`);
  assert.equal(moved.length, keptNumbers.length);
  assert.equal(countEntries(slab), moved.length);
  for (const [i, ref] of moved.entries()) {
    const n = keptNumbers[i]!;
    assert.ok(slab.matches(ref, outpoint(n), 0));
    assert.equal(slab.state(ref), 4);
    assert.equal(describe(slab, ref), entries[n]);
  }
  const next = slab.add(outpoint(count), 0, coinOf(1, 22), 1);
  assert.ok(next > moved.at(-1)!, 'further entries go behind them');
  assert.equal(describe(slab, moved.at(-1)!), entries[keptNumbers.at(-1)!]);
});
