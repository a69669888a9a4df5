import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ripemd160 as nobleRipemd160, sha1 as nobleSha1 } from '@noble/hashes/legacy.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { fromHex, toHex } from '../util/bytes.ts';
import { hash160, hash160Into, ripemd160, ripemd160Into, sha1, sha1Into } from './hash160.ts';

const vectors = process.env['TALLY_VECTORS'] ?? '../shared/vectors';

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

test('RIPEMD-160 gives the digests of its authors', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', '9c1185a5c5e9fc54612808977ee8f548b2258d31'],
    ['a', '0bdc9d2d256b3ee9daae347be6f4dc835a467ffe'],
    ['abc', '8eb208f7e05d987a9b044a8e98c6b087f15a0bfc'],
    ['message digest', '5d0689ef49d2fae572b881b123a85ffa21595f36'],
    ['abcdefghijklmnopqrstuvwxyz', 'f71c27109c692c1b56bbdceb5b9d2865b3708dbc'],
    ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '12a053384a9c0c88e405a06c27dcf49ada62eb2b'],
    ['1234567890'.repeat(8), '9b752e45573d4b39f4dbd3323cab82bf63326bfb'],
    ['a'.repeat(1_000_000), '52783243c1697bdbe16d37f97f68f08325dc1528'],
  ];
  for (const [message, digest] of cases) assert.equal(toHex(ripemd160(ascii(message))), digest);
});

test('HASH160 of the generator point is the hash in its well-known address', () => {
  const key = fromHex('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798');
  assert.equal(toHex(hash160(key)), '751e76e8199196d454941c45d1b3a323f1433bd6');
});

test('all NIST short messages of SHA-1', { skip: !existsSync(`${vectors}/crypto/nist`) && 'vectors absent' }, () => {
  const text = readFileSync(`${vectors}/crypto/nist/SHA1ShortMsg.rsp`, 'utf8');
  let count = 0;
  for (const [, bits, message, digest] of text.matchAll(/Len = (\d+)\s+Msg = ([0-9a-f]+)\s+MD = ([0-9a-f]+)/g)) {
    assert.equal(toHex(sha1(fromHex(message!).subarray(0, Number(bits) / 8))), digest);
    count++;
  }
  assert.equal(count, 65);
});

test('every length up to 300 agrees with other implementations', () => {
  for (let length = 0; length <= 300; length++) {
    const data = Uint8Array.from({ length }, (_, i) => (i * 31 + length) & 0xff);
    assert.deepEqual(ripemd160(data), nobleRipemd160(data));
    assert.deepEqual(sha1(data), nobleSha1(data));
    assert.equal(toHex(sha1(data)), createHash('sha1').update(data).digest('hex'));
    assert.deepEqual(hash160(data), nobleRipemd160(nobleSha256(data)));
  }
});

test('messages longer than what is hashed in one call agree with other implementations', () => {
  const data = Uint8Array.from({ length: 200_003 }, (_, i) => (i * 31 + (i >> 9)) & 0xff);
  for (const end of [65_536, 65_537, 65_591, 65_592, 65_600, 200_003]) {
    const message = data.subarray(0, end);
    assert.deepEqual(ripemd160(message), nobleRipemd160(message));
    assert.equal(toHex(sha1(message)), createHash('sha1').update(message).digest('hex'));
    assert.deepEqual(hash160(message), nobleRipemd160(nobleSha256(message)));
  }
});

test('ranges are hashed at their offsets, and the result may overwrite its own input', () => {
  const data = Uint8Array.from({ length: 200 }, (_, i) => i);
  for (const [into, whole] of [
    [ripemd160Into, ripemd160],
    [sha1Into, sha1],
    [hash160Into, hash160],
  ] as const) {
    const copy = data.slice();
    const expected = whole(data.slice(7, 150));
    into(copy, 7, 150, copy, 100);
    assert.deepEqual(copy.slice(100, 120), expected);
    assert.deepEqual(copy.slice(0, 100), data.slice(0, 100));
    assert.deepEqual(copy.slice(120), data.slice(120));
  }
});
