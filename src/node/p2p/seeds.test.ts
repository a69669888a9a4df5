import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromHex } from '../../kernel/util/bytes.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { formatNetAddress } from '../wire/net-address.ts';
import { ageFixedSeeds, decodeFixedSeeds, FIXED_SEEDS_SOURCE, readSeedAnswer, seedHost, seedSource } from './seeds.ts';

const NOW_SEC = 1_700_000_000;
const DAY_SEC = 86_400;

test('E05: seeds are asked for nodes with the whole chain and witnesses', () => {
  assert.equal(seedHost('seed.example.org.'), 'x9.seed.example.org.');
  assert.equal(seedSource('seed.example.org.').network, 'internal');
  assert.notDeepEqual(seedSource('seed.example.org.'), seedSource('other.example.org.'));
});

test('E05: of a thousand addresses of one seed 32 are used, with ages of three to seven days', () => {
  const answers = Array.from({ length: 1000 }, (_, i) => `8.${i >>> 8}.${i & 255}.8`);
  const entries = readSeedAnswer(answers, 8333, NOW_SEC, createRng(1));
  assert.equal(entries.length, 32);
  assert.equal(formatNetAddress(entries[31]!.address), '8.0.31.8:8333');
  const ages = entries.map((entry) => NOW_SEC - entry.timeSec);
  assert.ok(ages.every((age) => age >= 3 * DAY_SEC && age <= 7 * DAY_SEC));
  assert.ok(new Set(ages).size > 20);
  assert.ok(entries.every((entry) => entry.services === 9n));
});

test('E05: what is no address in an answer is passed over', () => {
  const answers = [
    '',
    'localhost',
    '8.8.8.8',
    '300.1.1.1',
    '::',
    '0.0.0.0',
    '2404:6800::1',
    '8.8.8.8:53',
    '\0',
    'x'.repeat(10_000),
  ];
  const entries = readSeedAnswer(answers, 8333, NOW_SEC, createRng(1));
  assert.deepEqual(
    entries.map((entry) => formatNetAddress(entry.address)),
    ['8.8.8.8:8333', '[2404:6800::1]:8333'],
  );
  assert.deepEqual(readSeedAnswer([], 8333, NOW_SEC, createRng(1)), []);
  const junk = Array.from({ length: 1_000_000 }, () => 'junk');
  assert.deepEqual(readSeedAnswer([...junk, '8.8.8.8'], 8333, NOW_SEC, createRng(1)), []);
});

test('T02: with a clock near 1970 the ages of seeds end at 0', () => {
  assert.ok(readSeedAnswer(['8.8.8.8'], 8333, 5, createRng(1)).every((entry) => entry.timeSec === 0));
});

test('fixed seeds are read in the form of BIP155, and get ages of one to two weeks', () => {
  // 8.8.8.8:8333, [2404:6800::1]:8333, a CJDNS address, and one of a network that nobody knows
  const bytes = fromHex(
    '010408080808208d' +
      '021024046800000000000000000000000001208d' +
      '0610fc11f76916e6361158ae1d4afcf757a4208d' +
      '6303010203208d',
  );
  const seeds = decodeFixedSeeds(bytes);
  assert.ok(seeds.ok);
  assert.deepEqual(seeds.value.map(formatNetAddress), [
    '8.8.8.8:8333',
    '[2404:6800::1]:8333',
    '[fc11:f769:16e6:3611:58ae:1d4a:fcf7:57a4]:8333',
  ]);
  const entries = ageFixedSeeds(seeds.value, NOW_SEC, createRng(1));
  assert.ok(entries.every(({ timeSec }) => NOW_SEC - timeSec >= 7 * DAY_SEC && NOW_SEC - timeSec <= 14 * DAY_SEC));
  assert.equal(FIXED_SEEDS_SOURCE.network, 'internal');
});

test('fixed seeds that are cut short, or have a wrong length, give an error', () => {
  assert.equal(decodeFixedSeeds(fromHex('010408080808208d0104080808')).ok, false);
  assert.equal(decodeFixedSeeds(fromHex('01050808080808208d')).ok, false);
  assert.deepEqual(decodeFixedSeeds(new Uint8Array(0)), { ok: true, value: [] });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void decodeFixedSeeds(bytes)));
});
