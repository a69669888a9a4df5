import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TEST_RNG } from '../../../test/model/block-builder.ts';
import { describeCoins } from '../../../test/model/coins-model.ts';
import { toHex } from '../util/bytes.ts';
import { type Coin, CoinRef } from './coin.ts';
import { CoinsOverlay } from './coins-overlay.ts';
import { type CoinsWriter, NO_COINS } from './coins-view.ts';
import { MemoryCoins } from './memory-coins.ts';
import { SpentCoins } from './spent-coins.ts';

function outpoint(n: number): Uint8Array {
  const bytes = new Uint8Array(36);
  bytes[0] = n & 0xff;
  bytes[1] = n >>> 8;
  bytes[32] = n & 1;
  return bytes;
}

function coinOf(valueSat: number, script: Uint8Array = Uint8Array.of(0x51), height = 1, isCoinbase = false): CoinRef {
  return new CoinRef().pointAtCopy({ valueSat, scriptPubKey: script, height, isCoinbase });
}

/** Writes down what an overlay hands on. */
function recorder(): CoinsWriter & { readonly calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    putCoin: (bytes, at, coin, isFresh) => {
      calls.push(`put ${bytes[at]} ${coin.valueSat}${isFresh ? ' fresh' : ''}`);
    },
    removeCoin: (bytes, at) => {
      calls.push(`remove ${bytes[at]}`);
    },
  };
}

function flushed(overlay: CoinsOverlay): string[] {
  const writer = recorder();
  overlay.flushInto(writer);
  return writer.calls;
}

function baseWith(...numbers: readonly number[]): MemoryCoins {
  const base = new MemoryCoins(TEST_RNG);
  for (const n of numbers) base.putCoin(outpoint(n), 0, coinOf(n));
  return base;
}

const scratch = new CoinRef();

test('a packed coin gives back the plain one, whatever its height and script', () => {
  const coins: Coin[] = [
    { valueSat: 0, scriptPubKey: new Uint8Array(0), height: 0, isCoinbase: false },
    { valueSat: 2_100_000_000_000_000, scriptPubKey: new Uint8Array(252).fill(3), height: 1, isCoinbase: true },
    { valueSat: 1, scriptPubKey: new Uint8Array(253).fill(3), height: 0x7fffffff, isCoinbase: true },
    { valueSat: 1, scriptPubKey: new Uint8Array(70_000).fill(3), height: 0x7fffffff, isCoinbase: false },
  ];
  const base = new MemoryCoins(TEST_RNG);
  const overlay = new CoinsOverlay(base, TEST_RNG);
  const spent = new SpentCoins(0);
  coins.forEach((coin, n) => {
    base.putCoin(outpoint(n), 0, new CoinRef().pointAtCopy(coin));
  });
  coins.forEach((coin, n) => {
    assert.ok(overlay.spendCoin(outpoint(n), 0, scratch));
    assert.deepEqual(scratch.toCoin(), coin);
    spent.append(scratch);
  });
  coins.forEach((coin, n) => {
    assert.deepEqual(spent.read(n, scratch).toCoin(), coin);
    assert.deepEqual(
      [spent.height(n), spent.isCoinbase(n), spent.valueSat(n)],
      [coin.height, coin.isCoinbase, coin.valueSat],
    );
    assert.deepEqual(spent.bytes.slice(spent.scriptStart(n), spent.scriptEnd(n)), coin.scriptPubKey);
    assert.deepEqual(spent.outputs(n, 1).script(0), coin.scriptPubKey);
  });
});

test('a coin made and spent above the base leaves no trace', () => {
  const overlay = new CoinsOverlay(baseWith(), TEST_RNG);
  overlay.addCoin(outpoint(5), 0, coinOf(50), false);
  assert.ok(overlay.hasCoin(outpoint(5), 0));
  assert.ok(overlay.spendCoin(outpoint(5), 0, scratch));
  assert.equal(scratch.valueSat, 50);
  assert.equal(overlay.hasCoin(outpoint(5), 0), false);
  assert.equal(overlay.spendCoin(outpoint(5), 0, scratch), false);
  assert.equal(overlay.changeCount, 0);
  assert.deepEqual(flushed(overlay), []);
});

test('a coin of the base is spent once, seen by nobody after that, and removed at the end', () => {
  const base = baseWith(1, 2);
  const overlay = new CoinsOverlay(base, TEST_RNG);
  assert.ok(overlay.spendCoin(outpoint(1), 0, scratch));
  assert.equal(overlay.spendCoin(outpoint(1), 0, scratch), false);
  assert.equal(overlay.readCoin(outpoint(1), 0, scratch), false);
  assert.ok(base.hasCoin(outpoint(1), 0));
  assert.deepEqual(flushed(overlay), ['remove 1']);
});

test('a coin put back after its base coin was spent is not fresh', () => {
  const overlay = new CoinsOverlay(baseWith(1), TEST_RNG);
  overlay.spendCoin(outpoint(1), 0, scratch);
  overlay.addCoin(outpoint(1), 0, coinOf(99), false);
  assert.ok(overlay.readCoin(outpoint(1), 0, scratch));
  assert.equal(scratch.valueSat, 99);
  assert.deepEqual(flushed(overlay), ['put 1 99']);
});

test('a coin put back and spent again is removed from the base', () => {
  const overlay = new CoinsOverlay(baseWith(1), TEST_RNG);
  overlay.spendCoin(outpoint(1), 0, scratch);
  overlay.addCoin(outpoint(1), 0, coinOf(99), false);
  overlay.spendCoin(outpoint(1), 0, scratch);
  assert.equal(scratch.valueSat, 99);
  assert.deepEqual(flushed(overlay), ['remove 1']);
});

test('a coin that may overwrite replaces one of the base or one above it, and stays fresh only when it was', () => {
  const overlay = new CoinsOverlay(baseWith(1), TEST_RNG);
  overlay.addCoin(outpoint(1), 0, coinOf(10), true);
  overlay.addCoin(outpoint(2), 0, coinOf(20), false);
  overlay.addCoin(outpoint(2), 0, coinOf(21), true);
  overlay.addCoin(outpoint(3), 0, coinOf(30), true);
  assert.deepEqual(flushed(overlay), ['put 1 10', 'put 2 21 fresh', 'put 3 30']);
});

test('a coin over an unspent one is a bug, unless it may overwrite', () => {
  const overlay = new CoinsOverlay(baseWith(), TEST_RNG);
  overlay.addCoin(outpoint(1), 0, coinOf(10), false);
  assert.throws(() => overlay.addCoin(outpoint(1), 0, coinOf(11), false), { name: 'AssertionError' });
});

test('outputs that nobody can spend are not added: OP_RETURN first, or more than 10,000 bytes', () => {
  const overlay = new CoinsOverlay(NO_COINS, TEST_RNG);
  overlay.addCoin(outpoint(1), 0, coinOf(1, Uint8Array.of(0x6a)), false);
  overlay.addCoin(outpoint(2), 0, coinOf(1, new Uint8Array(10_001)), false);
  overlay.addCoin(outpoint(3), 0, coinOf(1, new Uint8Array(10_000)), false);
  overlay.addCoin(outpoint(4), 0, coinOf(1, new Uint8Array(0)), false);
  overlay.addCoin(outpoint(5), 0, coinOf(1, Uint8Array.of(0x51, 0x6a)), false);
  assert.deepEqual(flushed(overlay), ['put 3 1 fresh', 'put 4 1 fresh', 'put 5 1 fresh']);
});

test('reset forgets the changes, also with another base', () => {
  const overlay = new CoinsOverlay(baseWith(1), TEST_RNG);
  overlay.spendCoin(outpoint(1), 0, scratch);
  overlay.reset();
  assert.ok(overlay.hasCoin(outpoint(1), 0));
  overlay.reset(baseWith(2));
  assert.equal(overlay.hasCoin(outpoint(1), 0), false);
  assert.ok(overlay.hasCoin(outpoint(2), 0));
  assert.deepEqual(flushed(overlay), []);
});

test('coins in memory take back the space of spent ones and keep the others', () => {
  const coins = new MemoryCoins(TEST_RNG);
  const script = new Uint8Array(500).fill(1);
  for (let n = 0; n < 2000; n++) coins.putCoin(outpoint(n), 0, coinOf(n, script));
  for (let n = 0; n < 2000; n++) if (n % 10 !== 0) coins.removeCoin(outpoint(n), 0);
  assert.equal(coins.count, 200);
  assert.deepEqual(
    [...coins.entries()].map(({ coin }) => coin.valueSat),
    Array.from({ length: 200 }, (_, i) => 10 * i),
  );
  for (let n = 0; n < 2000; n++) assert.equal(coins.hasCoin(outpoint(n), 0), n % 10 === 0);
});

type Step =
  | { readonly do: 'add'; readonly n: number; readonly valueSat: number; readonly scriptBytes: number }
  | { readonly do: 'spend'; readonly n: number }
  | { readonly do: 'flush' }
  | { readonly do: 'reset' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      n: fc.nat(20),
      valueSat: fc.nat(),
      scriptBytes: fc.nat(300),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('spend' as const), n: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ do: 'flush' }, { do: 'reset' }) },
);

test('an overlay over coins in memory does what a Map of texts does, through any additions, spends, flushes and resets', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const base = new MemoryCoins(TEST_RNG);
      const overlay = new CoinsOverlay(base, TEST_RNG);
      let committed = new Map<string, string>();
      let current = new Map<string, string>();
      for (const next of steps) {
        if (next.do === 'flush') {
          overlay.flushInto(base);
          committed = new Map(current);
        } else if (next.do === 'reset') {
          overlay.reset();
          current = new Map(committed);
        } else if (next.do === 'spend') {
          const key = toHex(outpoint(next.n));
          assert.equal(overlay.hasCoin(outpoint(next.n), 0), current.has(key));
          const wasThere = overlay.spendCoin(outpoint(next.n), 0, scratch);
          assert.equal(wasThere ? String(scratch.valueSat) : undefined, current.get(key));
          current.delete(key);
        } else {
          const key = toHex(outpoint(next.n));
          const coin = coinOf(next.valueSat, new Uint8Array(next.scriptBytes));
          overlay.addCoin(outpoint(next.n), 0, coin, current.has(key));
          current.set(key, String(next.valueSat));
        }
      }
      overlay.flushInto(base);
      const actual = [...base.entries()].map(({ outpoint: key, coin }) => `${toHex(key)} ${coin.valueSat}`).sort();
      assert.deepEqual(actual, [...current].map(([key, value]) => `${key} ${value}`).sort());
      assert.equal(base.count, current.size);
      assert.equal(describeCoins(base).length, current.size);
    }),
    { numRuns: 300 },
  );
});

test('an overlay says of which outpoints it knows more than its base', () => {
  const base = new MemoryCoins(TEST_RNG);
  base.putCoin(outpoint(1), 0, coinOf(1));
  base.putCoin(outpoint(2), 0, coinOf(2));
  const overlay = new CoinsOverlay(base, TEST_RNG);
  overlay.spendCoin(outpoint(1), 0, new CoinRef());
  overlay.addCoin(outpoint(3), 0, coinOf(3), false);
  overlay.addCoin(outpoint(4), 0, coinOf(4), false);
  overlay.spendCoin(outpoint(4), 0, new CoinRef());
  assert.deepEqual(
    [1, 2, 3, 4].map((n) => overlay.hasChange(outpoint(n), 0)),
    [true, false, true, false],
  );
});

test('changes over changes hold when those below have gone into the base', () => {
  const base = new MemoryCoins(TEST_RNG);
  base.putCoin(outpoint(1), 0, coinOf(1));
  base.putCoin(outpoint(2), 0, coinOf(2));
  const lower = new CoinsOverlay(base, TEST_RNG);
  const upper = new CoinsOverlay(lower, TEST_RNG);
  const coin = new CoinRef();
  lower.spendCoin(outpoint(1), 0, coin);
  lower.addCoin(outpoint(3), 0, coinOf(3), false);
  lower.addCoin(outpoint(4), 0, coinOf(4), false);
  upper.spendCoin(outpoint(3), 0, coin);
  upper.addCoin(outpoint(1), 0, coinOf(11), false);
  upper.addCoin(outpoint(5), 0, coinOf(5), false);
  lower.flushInto(base);
  upper.rebase(base);
  assert.equal(upper.hasCoin(outpoint(3), 0), false);
  assert.ok(upper.hasCoin(outpoint(4), 0) && upper.hasCoin(outpoint(2), 0));
  upper.flushInto(base);
  const values = [...base.entries()].map((entry) => entry.coin.valueSat).sort((a, b) => a - b);
  assert.deepEqual(values, [2, 4, 5, 11]);
});
