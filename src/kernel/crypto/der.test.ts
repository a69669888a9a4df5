// DER signatures: every oddity that the lax reader takes or refuses, the strict form, low S, and the encoder. Expected
// values were worked out by hand from Core's rules.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { concatBytes, fromHex, toHex } from '../util/bytes.ts';
import {
  encodeSignatureDer,
  isHighS,
  isLowSDerSignature,
  isStrictDerSignature,
  normalizeS,
  parseSignatureLax,
} from './der.ts';

const R32 = '934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8';
const S32 = '2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5';
const HIGH_S32 = 'dbbd3162d46e9f9bef7feb87c16dc13b4f6568a87f4e83f728e2443ba586675c';
const ORDER = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141';
const ORDER_MINUS_1 = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140';
const HALF_ORDER = '7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0';
const HALF_ORDER_PLUS_1 = '7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1';
const ZEROS = '00'.repeat(64);

/** What the lax reader makes of a text: r||s, or null. The bytes lie inside a larger array, to prove the range. */
function readLax(hex: string): string | null {
  const bytes = concatBytes(fromHex('3006'), fromHex(hex), fromHex('02010102010130'));
  const out = new Uint8Array(64).fill(0xee);
  const parsed = parseSignatureLax(bytes, 2, 2 + hex.length / 2, out);
  if (!parsed) assert.equal(toHex(out), ZEROS, 'a refused signature leaves zeros');
  return parsed ? toHex(out) : null;
}

function small(r: number, s: number): string {
  return r.toString(16).padStart(64, '0') + s.toString(16).padStart(64, '0');
}

function isStrict(hex: string): boolean {
  const bytes = concatBytes(fromHex('30'), fromHex(hex), fromHex('01'));
  return isStrictDerSignature(bytes, 1, 1 + hex.length / 2);
}

test('the lax reader takes what a strict reader takes', () => {
  assert.equal(readLax('3006020101020102'), small(1, 2));
  assert.equal(readLax(`3045022100${R32}0220${S32}`), R32 + S32);
});

const ACCEPTED: readonly (readonly [what: string, hex: string, expected: string])[] = [
  ['a sequence length that is too small', '3000020101020102', small(1, 2)],
  ['a sequence length that is too large', '307f020101020102', small(1, 2)],
  ['a sequence length in long form, whatever it says', '3082ffff020101020102', small(1, 2)],
  ['a sequence length of indefinite form', '3080020101020102', small(1, 2)],
  ['a sequence length of many bytes', '308701020304050607020101020102', small(1, 2)],
  ['bytes after the end', '3006020101020102ffff', small(1, 2)],
  ['integer lengths in long form', '300802810101028200010200', small(1, 2)],
  ['integer lengths padded with zeros', '300002860000000000010102010200', small(1, 2)],
  ['an integer length of indefinite form as zero', '30060280020102', small(0, 2)],
  ['integers of no bytes', '300402000200', small(0, 0)],
  ['padded integers', '30000204000000010203000002', small(1, 2)],
  ['negative integers as positive', `30440220${R32}0220${HIGH_S32}`, R32 + HIGH_S32],
  ['r of 40 bytes, the first 8 zero', `30000228${'00'.repeat(8)}${R32}0220${S32}`, R32 + S32],
  ['r of 33 significant bytes as zero', `3000022101${R32}0220${S32}`, ZEROS],
  ['s of 33 significant bytes as zero', `30000220${R32}022101${S32}`, ZEROS],
  ['r of the order as zero', `3000022100${ORDER}020101`, ZEROS],
  ['s of the order as zero', `3000020101022100${ORDER}`, ZEROS],
  ['r and s one below the order', `30000220${ORDER_MINUS_1}0220${ORDER_MINUS_1}`, ORDER_MINUS_1 + ORDER_MINUS_1],
  ['r of 65536 bytes, its length in three', `30000283010000${'00'.repeat(65535)}05020102`, small(5, 2)],
];

for (const [what, hex, expected] of ACCEPTED) {
  test(`the lax reader takes ${what}`, () => assert.equal(readLax(hex), expected));
}

const REFUSED: readonly (readonly [what: string, hex: string])[] = [
  ['nothing', ''],
  ['a lone tag', '30'],
  ['another tag than a sequence', '3106020101020102'],
  ['a sequence whose length of the length passes the end', '3089020101020102'],
  ['a sequence whose length of the length takes all', '3086020101020102'],
  ['a sequence without contents', '3000'],
  ['another tag than an integer for r', '3006030101020102'],
  ['r without a length', '300602'],
  ['r longer than the rest', '300602070102010203'],
  ['r with a length of four significant bytes', '3006028401000000020102'],
  ['r with a length of a length past the end', '300602ff01020102'],
  ['no s', '3003020101'],
  ['another tag than an integer for s', '3006020101030102'],
  ['s without a length', '300602010102'],
  ['s longer than the rest', '3006020101020201'],
  ['s with a length of four significant bytes', '3006020101028401000000'],
  ['s with a length of a length past the end', '30060201010285010203'],
];

for (const [what, hex] of REFUSED) {
  test(`the lax reader refuses ${what}`, () => assert.equal(readLax(hex), null));
}

test('a high s is turned into the low one that verifies alike', () => {
  const signature = fromHex(R32 + HIGH_S32);
  assert.equal(isHighS(signature), true);
  assert.equal(normalizeS(signature), true);
  assert.equal(toHex(signature), R32 + S32);
  assert.equal(normalizeS(signature), false);
  assert.equal(toHex(signature), R32 + S32);
});

test('half the order is low, one more is high, and they are each other negated', () => {
  const half = fromHex(R32 + HALF_ORDER);
  assert.equal(normalizeS(half), false);
  const more = fromHex(R32 + HALF_ORDER_PLUS_1);
  assert.equal(normalizeS(more), true);
  assert.equal(toHex(more), R32 + HALF_ORDER);
});

test('zero stays zero and order minus one becomes one', () => {
  const zero = new Uint8Array(64);
  assert.equal(normalizeS(zero), false);
  assert.equal(toHex(zero), ZEROS);
  const last = fromHex('00'.repeat(32) + ORDER_MINUS_1);
  assert.equal(normalizeS(last), true);
  assert.equal(toHex(last), small(0, 1));
});

test('low S is judged after the lax reading', () => {
  const scratch = new Uint8Array(64);
  const judge = (hex: string): boolean => isLowSDerSignature(fromHex(hex), 0, hex.length / 2, scratch);
  assert.equal(judge(`3045022100${R32}0220${S32}`), true);
  assert.equal(judge(`3046022100${R32}022100${HIGH_S32}`), false);
  assert.equal(judge(`3046022100${R32}022100${ORDER}`), true, 's of the order counts as zero');
  assert.equal(judge('30'), false);
});

test('strict signatures of all sizes pass with their hash type byte', () => {
  assert.equal(isStrict('300602010102010201'), true);
  assert.equal(isStrict('300602010002010001'), true, 'zero has one byte');
  assert.equal(isStrict('30080202008002020080ff'), true, 'a zero before a high bit, any hash type');
  assert.equal(isStrict(`3046022100${R32}022100${HIGH_S32}01`), true);
});

const NOT_STRICT: readonly (readonly [what: string, hex: string])[] = [
  ['empty', ''],
  ['too short', '3005020101020001'],
  ['too long', `3047022200${'01'.repeat(33)}022100${HIGH_S32}01`],
  ['of another type', '310602010102010201'],
  ['without a hash type byte', '3006020101020102'],
  ['with a total length too small', '300502010102010201'],
  ['with a total length too large', '300702010102010201'],
  ['with an r longer than all', '300602ff0102010201'],
  ['with an r that leaves no place for s', '300602040102010201'],
  ['with lengths that do not add up', '30070201010201020301'],
  ['with another tag for r', '300603010102010201'],
  ['with another tag for s', '300602010103010201'],
  ['with an empty r', '300602000202010201'],
  ['with an empty s', '300602020102020001'],
  ['with a negative r', '300602018102010201'],
  ['with a negative s', '300602010102018201'],
  ['with a padded r', '30070202000102010201'],
  ['with a padded s', '30070201010202000201'],
];

for (const [what, hex] of NOT_STRICT) {
  test(`a signature ${what} is not strict`, () => assert.equal(isStrict(hex), false));
}

test('the encoder writes the shortest positive integers', () => {
  assert.equal(toHex(encodeSignatureDer(fromHex(small(1, 2)))), '3006020101020102');
  assert.equal(toHex(encodeSignatureDer(fromHex(ZEROS))), '3006020100020100');
  assert.equal(toHex(encodeSignatureDer(fromHex(small(0x80, 0x7f)))), '30070202008002017f');
  assert.equal(toHex(encodeSignatureDer(fromHex(R32 + S32))), `3045022100${R32}0220${S32}`);
});

test('what the encoder writes is strict and reads back the same', () => {
  const scalar = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => {
    const copy = bytes.slice();
    copy[0] = copy[0]! & 0x7f;
    return copy;
  });
  fc.assert(
    fc.property(scalar, scalar, fc.nat(31), (r, s, zeros) => {
      r.fill(0, 0, zeros);
      const signature = concatBytes(r, s);
      const der = encodeSignatureDer(signature);
      assert.ok(isStrictDerSignature(concatBytes(der, fromHex('01')), 0, der.length + 1));
      const out = new Uint8Array(64);
      assert.ok(parseSignatureLax(der, 0, der.length, out));
      assert.deepEqual(out, signature);
    }),
    { numRuns: 500 },
  );
});

/** A naive reading of the lax rules, over numbers of any size; null when refused. */
function readLaxModel(bytes: Uint8Array): string | null {
  const rest = [...bytes];
  const order = BigInt(`0x${ORDER}`);
  if (rest.shift() !== 0x30 || rest.length === 0) return null;
  const sequence = rest.shift()!;
  if (sequence & 0x80 && rest.splice(0, sequence & 0x7f).length < (sequence & 0x7f)) return null;
  const values: bigint[] = [];
  for (let which = 0; which < 2; which++) {
    if (rest.shift() !== 0x02 || rest.length === 0) return null;
    let length = BigInt(rest.shift()!);
    if (length & 0x80n) {
      const digits = rest.splice(0, Number(length & 0x7fn));
      if (digits.length < Number(length & 0x7fn)) return null;
      length = digits.reduce((sum, digit) => sum * 256n + BigInt(digit), 0n);
      if (length > 0xffffffn) return null;
    }
    if (length > BigInt(rest.length)) return null;
    values.push(rest.splice(0, Number(length)).reduce((sum, digit) => sum * 256n + BigInt(digit), 0n));
  }
  if (values.some((value) => value >= order)) return ZEROS;
  return values.map((value) => value.toString(16).padStart(64, '0')).join('');
}

test('the lax reader agrees with a naive model on mutated signatures', () => {
  const templates = [
    '3006020101020102',
    `3045022100${R32}0220${S32}`,
    '30810902820001010281020102ff',
    '3000028000028000',
  ];
  const edit = fc.tuple(
    fc.nat(80),
    fc.oneof(fc.constantFrom(0, 1, 2, 0x20, 0x21, 0x7f, 0x80, 0x81, 0x84, 0xff), fc.nat(255)),
  );
  let accepted = 0;
  const property = fc.property(
    fc.constantFrom(...templates),
    fc.array(edit, { maxLength: 4 }),
    fc.nat(100),
    (template, edits, cut) => {
      let bytes = fromHex(template);
      for (const [at, value] of edits) bytes[at % bytes.length] = value;
      if (cut < bytes.length && cut % 4 === 0) bytes = bytes.slice(0, cut);
      const out = new Uint8Array(64);
      const actual = parseSignatureLax(bytes, 0, bytes.length, out) ? toHex(out) : null;
      if (actual !== null) accepted++;
      assert.equal(actual, readLaxModel(bytes));
    },
  );
  fc.assert(property, { numRuns: 5000 });
  assert.ok(accepted > 500, 'the mutations leave enough signatures that read');
});

test('strict and lax readers stay inside their range and never throw on any bytes', () => {
  const anyBytes = fc.array(fc.oneof(fc.constantFrom(0x30, 0x02, 0x00, 0x01, 0x80, 0x81, 0x84), fc.nat(255)), {
    maxLength: 40,
  });
  const out = new Uint8Array(64);
  fc.assert(
    fc.property(anyBytes, (list) => {
      const bytes = Uint8Array.from([0x30, ...list]);
      const whole = parseSignatureLax(bytes, 0, bytes.length, out);
      const alone = toHex(out);
      const padded = concatBytes(fromHex('ffff'), bytes, fromHex('0201050201'));
      assert.equal(parseSignatureLax(padded, 2, 2 + bytes.length, out), whole);
      assert.equal(toHex(out), alone);
      assert.equal(isStrictDerSignature(padded, 2, 2 + bytes.length), isStrictDerSignature(bytes, 0, bytes.length));
    }),
    { numRuns: 2000 },
  );
});
