import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromHex } from '../util/bytes.ts';
import { SipHash } from './siphash.ts';

const vectors = process.env['TALLY_VECTORS'] ?? '../shared/vectors';
const absent = !existsSync(`${vectors}/formats/hash`) && 'vectors absent';

/** Key bytes of two 64-bit numbers in hexadecimal, most significant digit first. */
function keyOf(k0: string, k1: string): Uint8Array {
  return Uint8Array.from([...fromHex(k0).reverse(), ...fromHex(k1).reverse()]);
}

test('the example of the SipHash paper', () => {
  const key = Uint8Array.from({ length: 16 }, (_, i) => i);
  const message = Uint8Array.from({ length: 15 }, (_, i) => i);
  const sip = new SipHash(key).hash(message);
  assert.equal(sip.toBigInt(), 0xa129ca6149be45e5n);
  assert.equal(sip.high, 0xa129ca61);
  assert.equal(sip.low, 0x49be45e5);
});

interface CoreCase {
  readonly key: readonly [string, string];
  readonly input: readonly string[];
  /** `siphash13uj` is another function (a hasher of newer releases for internal tables); nothing here speaks it. */
  readonly expected: { readonly siphash24: string; readonly siphash13uj?: string };
}

test('all SipHash-2-4 cases of Core’s tests, in the general and the specialised forms', { skip: absent }, () => {
  const cases = JSON.parse(readFileSync(`${vectors}/formats/hash/siphash.json`, 'utf8')) as readonly CoreCase[];
  const specialised = { hash256: 0, hash256WithU32: 0 };
  for (const { key, input, expected } of cases) {
    const sip = new SipHash(keyOf(...key));
    const message = fromHex(input.join(''));
    const value = BigInt(`0x${expected.siphash24}`);
    assert.equal(sip.hash(message).toBigInt(), value);
    if (message.length === 32) {
      specialised.hash256++;
      assert.equal(sip.hash256(message, 0).toBigInt(), value);
    }
    if (message.length === 36) {
      specialised.hash256WithU32++;
      const extra = new DataView(message.buffer).getUint32(32, true);
      assert.equal(sip.hash256WithU32(message, 0, extra).toBigInt(), value);
    }
  }
  assert.equal(cases.length, 146);
  assert(specialised.hash256 > 0 && specialised.hash256WithU32 > 0);
});

test('all Wycheproof cases of SipHash-2-4', { skip: absent }, () => {
  const file = JSON.parse(readFileSync(`${vectors}/crypto/wycheproof/siphash_2_4_test.json`, 'utf8')) as {
    testGroups: { tests: { key: string; msg: string; tag: string; result: string; comment: string }[] }[];
  };
  let count = 0;
  for (const { tests } of file.testGroups) {
    for (const { key, msg, tag, result, comment } of tests) {
      const value = new SipHash(fromHex(key)).hash(fromHex(msg)).toBigInt();
      assert.equal(
        value ===
          BigInt(
            `0x${[...fromHex(tag)]
              .reverse()
              .map((b) => b.toString(16).padStart(2, '0'))
              .join('')}`,
          ),
        result === 'valid',
        comment,
      );
      count++;
    }
  }
  assert.equal(count, 40);
});

/** SipHash-2-4 as its paper writes it, in 64-bit arithmetic. */
function naiveSipHash(key: Uint8Array, message: Uint8Array): bigint {
  const mask = (1n << 64n) - 1n;
  const word = (bytes: Uint8Array): bigint => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const rotate = (x: bigint, bits: bigint): bigint => ((x << bits) | (x >> (64n - bits))) & mask;
  const [k0, k1] = [word(key.subarray(0, 8)), word(key.subarray(8, 16))];
  let [v0, v1, v2, v3] = [
    k0 ^ 0x736f6d6570736575n,
    k1 ^ 0x646f72616e646f6dn,
    k0 ^ 0x6c7967656e657261n,
    k1 ^ 0x7465646279746573n,
  ];
  const rounds = (count: number): void => {
    for (let i = 0; i < count; i++) {
      v0 = (v0 + v1) & mask;
      v1 = rotate(v1, 13n) ^ v0;
      v0 = rotate(v0, 32n);
      v2 = (v2 + v3) & mask;
      v3 = rotate(v3, 16n) ^ v2;
      v0 = (v0 + v3) & mask;
      v3 = rotate(v3, 21n) ^ v0;
      v2 = (v2 + v1) & mask;
      v1 = rotate(v1, 17n) ^ v2;
      v2 = rotate(v2, 32n);
    }
  };
  const padded = new Uint8Array((message.length & ~7) + 8);
  padded.set(message);
  padded[padded.length - 1] = message.length & 0xff;
  for (let at = 0; at < padded.length; at += 8) {
    const m = word(padded.subarray(at, at + 8));
    v3 ^= m;
    rounds(2);
    v0 ^= m;
  }
  v2 ^= 0xffn;
  rounds(4);
  return v0 ^ v1 ^ v2 ^ v3;
}

test('ranges of any length agree with a naive twin', () => {
  const key = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(key, fc.uint8Array({ maxLength: 300 }), fc.nat(20), (keyBytes, message, start) => {
      const from = Math.min(start, message.length);
      const sip = new SipHash(keyBytes);
      assert.equal(sip.hash(message, from).toBigInt(), naiveSipHash(keyBytes, message.subarray(from)));
    }),
    { numRuns: 500 },
  );
});
