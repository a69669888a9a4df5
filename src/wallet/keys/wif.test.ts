import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { concatBytes, fromHex, toHex } from '../../kernel/util/bytes.ts';
import { formatBase58Check } from './base58check.ts';
import { formatWif, parseWif } from './wif.ts';

const MAIN = 128;
const TEST = 239;

function kindOf(text: string, versionByte: number): string {
  const parsed = parseWif(text, versionByte);
  return parsed.ok ? 'accepted' : parsed.error.kind;
}

/** A text with a right checksum around any payload. */
function forge(...parts: readonly Uint8Array[]): string {
  return formatBase58Check(concatBytes(...parts));
}

test('the key of the wiki page reads and writes, compressed and not', () => {
  const secret = '0c28fca386c7a227600b2fe50b7cae11ec86d3bf1fbe471be89827e19d72aa1d';
  const pairs = [
    ['5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ', false],
    ['KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98617', true],
  ] as const;
  for (const [text, isCompressed] of pairs) {
    const parsed = parseWif(text, MAIN);
    assert.ok(parsed.ok);
    assert.equal(toHex(parsed.value.secret), secret);
    assert.equal(parsed.value.isCompressed, isCompressed);
    assert.equal(formatWif({ secret: fromHex(secret), isCompressed }, MAIN), text);
  }
});

test('a key of another network is refused', () => {
  assert.equal(kindOf('5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ', TEST), 'wrong-network');
});

test('secrets are 1 to order - 1 (K07)', () => {
  const order = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141';
  const cases = [
    ['00'.repeat(32), 'secret-out-of-range'],
    [`${'00'.repeat(31)}01`, 'accepted'],
    [`${order.slice(0, -2)}40`, 'accepted'],
    [order, 'secret-out-of-range'],
    [`${order.slice(0, -2)}42`, 'secret-out-of-range'],
    ['ff'.repeat(32), 'secret-out-of-range'],
  ] as const;
  for (const [secret, kind] of cases) {
    assert.equal(kindOf(forge(Uint8Array.of(MAIN), fromHex(secret)), MAIN), kind, secret);
  }
  assert.throws(() => formatWif({ secret: fromHex(order), isCompressed: true }, MAIN), { name: 'AssertionError' });
});

test('lengths and the mark of compressed keys are exact', () => {
  const secret = new Uint8Array(32).fill(7);
  const version = Uint8Array.of(MAIN);
  assert.equal(kindOf(forge(version, secret, Uint8Array.of(1)), MAIN), 'accepted');
  assert.equal(kindOf(forge(version, secret, Uint8Array.of(2)), MAIN), 'bad-compression-mark');
  assert.equal(kindOf(forge(version, secret, Uint8Array.of(1, 1)), MAIN), 'bad-length');
  assert.equal(kindOf(forge(version, secret.subarray(1)), MAIN), 'bad-length');
  assert.equal(kindOf(forge(new Uint8Array(0)), MAIN), 'bad-length');
});

test('errors never repeat the text, which may be a secret with a typing error (R14)', () => {
  const text = '5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTK';
  const parsed = parseWif(text, MAIN);
  assert.ok(!parsed.ok);
  assert.ok(!JSON.stringify(parsed).includes(text.slice(2, 12)));
});

test('every key comes back from its text', () => {
  const keys = fc.tuple(fc.uint8Array({ minLength: 32, maxLength: 32, min: 1, max: 254 }), fc.boolean());
  fc.assert(
    fc.property(keys, ([secret, isCompressed]) => {
      const parsed = parseWif(formatWif({ secret, isCompressed }, TEST), TEST);
      assert.deepEqual(parsed.ok ? parsed.value : null, { secret, isCompressed });
    }),
  );
});

test('any text gives a key or an error, never an exception', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof parseWif(text, MAIN).ok === 'boolean'));
});
