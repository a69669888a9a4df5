import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { SipHash } from '../crypto/siphash.ts';
import { fromHex, toHex } from '../util/bytes.ts';
import { writeCompactSizeAt } from './compact-size.ts';
import { decodeGolombSet, encodeGolombSet, multiplyHigh } from './golomb.ts';
import { ByteReader } from './reader.ts';

const vectors = process.env['TALLY_VECTORS'] ?? '../shared/vectors';
const KEY = Uint8Array.from({ length: 16 }, (_, i) => 17 * i);

/** The output scripts of a serialized block, found without the kernel's own views. */
function outputScripts(block: Uint8Array): Uint8Array[] {
  const reader = new ByteReader(block);
  const scripts: Uint8Array[] = [];
  reader.skip(80, 'header');
  for (let txCount = reader.compactSize('transactions'); txCount > 0; txCount--) {
    reader.skip(4, 'version');
    const hasWitness = block[reader.position] === 0;
    if (hasWitness) reader.skip(2, 'marker and flag');
    const inputCount = reader.compactSize('inputs');
    for (let i = 0; i < inputCount; i++) {
      reader.skip(36, 'outpoint');
      reader.varBytes('scriptSig');
      reader.skip(4, 'sequence');
    }
    for (let outputs = reader.compactSize('outputs'); outputs > 0; outputs--) {
      reader.skip(8, 'value');
      scripts.push(reader.varBytes('scriptPubKey'));
    }
    for (let i = 0; hasWitness && i < inputCount; i++) {
      for (let items = reader.compactSize('witness'); items > 0; items--) reader.varBytes('witness item');
    }
    reader.skip(4, 'locktime');
  }
  reader.finish('block');
  return scripts;
}

type FilterRow = readonly [number, string, string, readonly string[], string, string, string, string];

test('the filters of all BIP158 test blocks', { skip: !existsSync(`${vectors}/filters`) && 'vectors absent' }, () => {
  const rows = (JSON.parse(readFileSync(`${vectors}/filters/blockfilters.json`, 'utf8')) as unknown[]).slice(1);
  for (const [, hashHex, blockHex, spentHex, , filterHex, , note] of rows as FilterRow[]) {
    const key = fromHex(hashHex).reverse().slice(0, 16);
    const OP_RETURN = 0x6a;
    const outputs = outputScripts(fromHex(blockHex)).filter((script) => script.length > 0 && script[0] !== OP_RETURN);
    const elements = [...outputs, ...spentHex.map(fromHex).filter((script) => script.length > 0)];
    assert.equal(toHex(encodeGolombSet(key, elements)), filterHex, note);
    const decoded = decodeGolombSet(key, fromHex(filterHex));
    assert(decoded.ok, note);
    assert(
      elements.every((element) => decoded.value.match(element)),
      note,
    );
    assert.equal(decoded.value.matchAny([Uint8Array.of(1, 2, 3)]), false, note);
    if (elements.length > 0) assert(decoded.value.matchAny([Uint8Array.of(1, 2, 3), elements.at(-1)!]), note);
  }
  assert.equal(rows.length, 10);
});

test('the high half of a product is exact', () => {
  const u32 = fc.oneof(
    fc.nat(2 ** 31 - 1),
    fc.integer({ min: 2 ** 32 - 9, max: 2 ** 32 - 1 }),
    fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  );
  const range = fc.oneof(fc.nat(9), fc.maxSafeNat(), fc.constant(Number.MAX_SAFE_INTEGER), fc.constant(2 ** 53));
  fc.assert(
    fc.property(u32, u32, range, (high, low, factor) => {
      const product = ((BigInt(high) << 32n) | BigInt(low)) * BigInt(factor);
      assert.equal(multiplyHigh(high, low, factor), Number(product >> 64n));
    }),
    { numRuns: 5000 },
  );
});

/** The encoding written out from BIP158 with text for bits. */
function naiveEncode(elements: readonly Uint8Array[], p: number, m: number): Uint8Array {
  const distinct = new Map(elements.map((element) => [toHex(element), element]));
  const range = BigInt(distinct.size * m);
  const numbers = [...distinct.values()].map((element) => (new SipHash(KEY).hash(element).toBigInt() * range) >> 64n);
  numbers.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  let bits = '';
  let last = 0n;
  for (const number of numbers) {
    const difference = number - last;
    bits += '1'.repeat(Number(difference >> BigInt(p)));
    bits += `0${p === 0 ? '' : (difference & ((1n << BigInt(p)) - 1n)).toString(2).padStart(p, '0')}`;
    last = number;
  }
  const count = new Uint8Array(9);
  const prefix = [...count.slice(0, writeCompactSizeAt(count, 0, distinct.size))];
  const bytes = bits.match(/.{1,8}/g)?.map((group) => Number.parseInt(group.padEnd(8, '0'), 2)) ?? [];
  return Uint8Array.from([...prefix, ...bytes]);
}

test('any elements, repeated ones too, are encoded as BIP158 says and then match', () => {
  const parameters = fc.constantFrom({ p: 19, m: 784931 }, { p: 10, m: 1024 }, { p: 0, m: 1 }, { p: 3, m: 50 });
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 80 }), parameters, (elements, kind) => {
      const encoded = encodeGolombSet(KEY, elements, kind);
      assert.deepEqual(encoded, naiveEncode(elements, kind.p, kind.m));
      const decoded = decodeGolombSet(KEY, encoded, kind);
      assert(decoded.ok);
      assert.equal(decoded.value.count, new Set(elements.map(toHex)).size);
      for (const element of elements) assert(decoded.value.match(element));
      assert.equal(decoded.value.matchAny(elements), elements.length > 0);
      assert.equal(decoded.value.matchAny([]), false);
    }),
    { numRuns: 300 },
  );
});

test('hostile bytes give a set or an error after work bounded by their length', () => {
  const wrong: readonly (readonly [string, string])[] = [
    ['', 'SpanReader::read(): end of data'],
    ['01', 'SpanReader::read(): end of data'], // no bits
    ['01ffffff', 'SpanReader::read(): end of data'], // unary without end
    ['0100', 'SpanReader::read(): end of data'], // 7 of 19 bits
    ['01000000ff', 'trailing bytes'],
    ['0000', 'trailing bytes'],
    ['fe00000002', 'SpanReader::read(): end of data'], // 33,554,432 elements in no bytes
    ['fe01000002', 'ReadCompactSize(): size too large'],
    ['fd0100', 'non-canonical ReadCompactSize()'],
  ];
  for (const [hex, reason] of wrong) {
    const decoded = decodeGolombSet(KEY, fromHex(hex));
    assert(!decoded.ok, hex);
    assert.equal(decoded.error.reason, reason, hex);
  }
  assert(decodeGolombSet(KEY, fromHex('00')).ok);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const decoded = decodeGolombSet(KEY, bytes);
      if (decoded.ok) decoded.value.matchAny([bytes, KEY]);
      else assert.equal(decoded.error.name, 'DecodeError');
    }),
    { numRuns: 2000 },
  );
});
