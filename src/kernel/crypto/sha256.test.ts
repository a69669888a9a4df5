import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { concatBytes, fromHex, toHex } from '../util/bytes.ts';
import {
  Sha256Hasher,
  sha256,
  sha256d,
  sha256dGappedInto,
  sha256dInto,
  sha256dOfThreeInto,
  sha256dPairsInto,
  sha256Into,
  taggedHash,
} from './sha256.ts';

const vectors = process.env['TALLY_VECTORS'] ?? '../shared/vectors';

function node(data: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(data).digest());
}

function sample(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7 + seed * 101) & 0xff);
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function digestOf(hasher: Sha256Hasher): Uint8Array {
  const out = new Uint8Array(32);
  hasher.digestInto(out, 0);
  return out;
}

test('the examples of FIPS 180-4 and the hash of the genesis block', () => {
  assert.equal(toHex(sha256(ascii('abc'))), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  assert.equal(
    toHex(sha256(ascii('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'))),
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  );
  assert.equal(
    toHex(sha256(ascii('a'.repeat(1_000_000)))),
    'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0',
  );
  const genesis = fromHex(
    '0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e' +
      '67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c',
  );
  assert.equal(toHex(sha256d(genesis).reverse()), '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f');
});

test('all NIST short messages of SHA-256', { skip: !existsSync(`${vectors}/crypto/nist`) && 'vectors absent' }, () => {
  const text = readFileSync(`${vectors}/crypto/nist/SHA256ShortMsg.rsp`, 'utf8');
  let count = 0;
  for (const [, bits, message, digest] of text.matchAll(/Len = (\d+)\s+Msg = ([0-9a-f]+)\s+MD = ([0-9a-f]+)/g)) {
    assert.equal(toHex(sha256(fromHex(message!).subarray(0, Number(bits) / 8))), digest);
    count++;
  }
  assert.equal(count, 65);
});

test('every length up to 300 and around each limit agrees with other implementations', () => {
  const lengths = Array.from({ length: 301 }, (_, i) => i);
  for (const limit of [1000, 65536, 131072]) {
    for (let difference = -66; difference <= 66; difference++) lengths.push(limit + difference);
  }
  const hasher = new Sha256Hasher();
  const out = new Uint8Array(32);
  for (const length of lengths) {
    const data = sample(length, length);
    const once = node(data);
    assert.deepEqual(sha256(data), once);
    assert.deepEqual(sha256(data), nobleSha256(data));
    assert.deepEqual(sha256d(data), node(once));
    assert.deepEqual(digestOf(hasher.reset().update(data)), once);
    hasher.digestDoubleInto(out, 0);
    assert.deepEqual(out, node(once));
  }
});

test('ranges are hashed at their offsets, and the result may overwrite its own input', () => {
  const data = sample(500);
  for (const [into, whole] of [
    [sha256Into, sha256],
    [sha256dInto, sha256d],
  ] as const) {
    for (const [start, end] of [
      [0, 0],
      [1, 34],
      [3, 131],
      [5, 134],
      [13, 499],
    ] as const) {
      const copy = data.slice();
      const expected = whole(data.slice(start, end));
      into(copy, start, end, copy, 60);
      assert.deepEqual(copy.slice(60, 92), expected);
      assert.deepEqual(copy.slice(0, 60), data.slice(0, 60));
      assert.deepEqual(copy.slice(92), data.slice(92));
    }
  }
});

test('any way of cutting a message into parts gives the same digest', () => {
  const data = sample(300_000);
  const part = fc.oneof(fc.nat(70), fc.nat(200), fc.nat(3), fc.nat(70_000));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 40 }), fc.nat(64), (parts, start) => {
      const hasher = new Sha256Hasher();
      let at = start;
      for (const length of parts) {
        const end = Math.min(at + length, data.length);
        hasher.update(data, at, end);
        at = end;
      }
      assert.deepEqual(digestOf(hasher), node(data.subarray(start, at)));
    }),
    { numRuns: 300 },
  );
});

test('hashers interleave freely, share beginnings, and go on after a digest', () => {
  interface Twin {
    readonly hasher: Sha256Hasher;
    message: Uint8Array;
  }
  type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
  const step = fc.record({
    who: fc.nat(3),
    what: fc.constantFrom('update', 'u8', 'u32', 'i64', 'compactSize', 'copy', 'digest', 'double', 'reset', 'tagged'),
    other: fc.nat(3),
    bytes: fc.uint8Array({ maxLength: 200 }),
    value: fc.oneof(fc.nat(300), fc.nat(0x20000), fc.maxSafeNat()),
  });
  const tag = concatBytes(node(ascii('TapSighash')), node(ascii('TapSighash')));
  const apply = (twins: readonly Twin[], { who, what, other, bytes, value }: Step): void => {
    const twin = twins[who]!;
    const { hasher } = twin;
    const view = new DataView(new ArrayBuffer(9));
    const append = (more: Uint8Array): void => {
      twin.message = concatBytes(twin.message, more);
    };
    const out = new Uint8Array(32);
    if (what === 'update') {
      append(bytes);
      hasher.update(bytes);
    } else if (what === 'u8') {
      append(Uint8Array.of(value & 0xff));
      hasher.updateU8(value & 0xff);
    } else if (what === 'u32') {
      view.setUint32(0, value % 2 ** 32, true);
      append(new Uint8Array(view.buffer, 0, 4));
      hasher.updateU32(other < 2 ? value % 2 ** 32 : (value % 2 ** 32) | 0);
    } else if (what === 'i64') {
      const signed = other < 2 ? value : -value;
      view.setBigInt64(0, BigInt(signed), true);
      append(new Uint8Array(view.buffer, 0, 8));
      hasher.updateI64(signed);
    } else if (what === 'compactSize') {
      const width = value < 0xfd ? 1 : value <= 0xffff ? 3 : value <= 0xffffffff ? 5 : 9;
      view.setUint8(0, width === 1 ? value : width === 3 ? 0xfd : width === 5 ? 0xfe : 0xff);
      if (width > 1) view.setBigUint64(1, BigInt(value), true);
      append(new Uint8Array(view.buffer, 0, width));
      hasher.updateCompactSize(value);
    } else if (what === 'copy') {
      hasher.copyFrom(twins[other]!.hasher);
      twin.message = twins[other]!.message;
    } else if (what === 'digest') {
      hasher.digestInto(out, 0);
      assert.deepEqual(out, node(twin.message));
    } else if (what === 'double') {
      hasher.digestDoubleInto(out, 0);
      assert.deepEqual(out, node(node(twin.message)));
    } else if (what === 'reset') {
      hasher.reset();
      twin.message = new Uint8Array(0);
    } else {
      hasher.resetTagged('TapSighash');
      twin.message = tag;
    }
  };
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const twins = Array.from({ length: 4 }, () => ({ hasher: new Sha256Hasher(), message: new Uint8Array(0) }));
      for (const each of steps) apply(twins, each);
      for (const { hasher, message } of twins) assert.deepEqual(digestOf(hasher), node(message));
    }),
    { numRuns: 400 },
  );
});

test('integers are appended little-endian, the signed ones in two’s complement', () => {
  const hasher = new Sha256Hasher();
  hasher
    .updateU32(0x01020304)
    .updateU32(-2)
    .updateU32(0xfffffffe)
    .updateI64(-1)
    .updateI64(21e14)
    .updateCompactSize(0xfd);
  const message = fromHex('04030201' + 'feffffff' + 'feffffff' + 'ffffffffffffffff' + '0040075af0750700' + 'fdfd00');
  assert.deepEqual(digestOf(hasher), node(message));
});

test('batches of merkle pairs of every size up to 40, and beyond the staging area, are hashed in place', () => {
  for (const count of [...Array.from({ length: 41 }, (_, i) => i), 1023, 1024, 1025, 2051]) {
    const hashes = sample(64 * count + 5, count);
    const expected = hashes.slice();
    for (let i = 0; i < count; i++) expected.set(node(node(hashes.slice(64 * i, 64 * i + 64))), 32 * i);
    sha256dPairsInto(hashes, count);
    assert.deepEqual(hashes.slice(0, 32 * count), expected.slice(0, 32 * count));
    assert.deepEqual(hashes.slice(64 * count), expected.slice(64 * count));
  }
});

test('three ranges are hashed twice as if they lay one after another, of any lengths, also beyond the staging area', () => {
  const data = sample(80_000, 5);
  const out = new Uint8Array(40);
  for (const [a, b, c] of [
    [0, 0, 0],
    [4, 0, 4],
    [4, 1, 4],
    [4, 57, 4],
    [4, 300, 4],
    [33, 129, 64],
    [4, 65_528, 4],
    [4, 65_529, 4],
    [4, 70_000, 4],
  ] as const) {
    const message = concatBytes(data.subarray(1, 1 + a), data.subarray(50, 50 + b), data.subarray(73_000, 73_000 + c));
    sha256dOfThreeInto(data, 1, 1 + a, 50, 50 + b, 73_000, 73_000 + c, out, 8);
    assert.deepEqual(out.slice(8), node(node(message)));
  }
});

test('messages with gaps are hashed twice without them, in batches, however long and wherever they lie', () => {
  const data = sample(400_000, 5);
  const shapes = [
    [4, 0, 0, 0],
    [0, 0, 0, 9],
    [2, 1, 0, 0],
    [2, 56, 300, 1],
    [0, 200, 0, 0],
    [2, 65_000, 1_000, 3],
    [0, 65_528, 0, 0],
    [0, 65_529, 0, 0],
    [2, 60, 3, 0],
    [2, 70_000, 90_000, 5],
    [100, 100, 100, 0],
  ] as const;
  const offsets: number[] = [];
  const expected: Uint8Array[] = [];
  let at = 7;
  for (let round = 0; round < 30; round++) {
    // The long ones are in the first round only.
    for (const [gapBefore, body, gapAfter, apart] of round === 0 ? shapes : shapes.filter(([, body]) => body < 1000)) {
      const bodyStart = at + 4 + gapBefore;
      const end = bodyStart + body + gapAfter + 4;
      offsets.push(at, bodyStart, bodyStart + body, end);
      const parts = [
        data.subarray(at, at + 4),
        data.subarray(bodyStart, bodyStart + body),
        data.subarray(end - 4, end),
      ];
      expected.push(node(node(concatBytes(...parts))));
      at = end + apart;
    }
  }
  assert.ok(at < data.length);
  const before = data.slice();
  const out = new Uint8Array(32 * expected.length);
  sha256dGappedInto(data, Uint32Array.from(offsets), out);
  expected.forEach((digest, i) => {
    assert.deepEqual(out.slice(32 * i, 32 * i + 32), digest, `message ${i}`);
  });
  assert.deepEqual(data, before, 'the messages themselves are not touched');
  sha256dGappedInto(data, new Uint32Array(0), out);
});

test('a tagged hash is the hash of the tag twice and the message', () => {
  const tag = node(ascii('BIP0340/challenge'));
  const parts = [sample(32), sample(1), sample(100)];
  const expected = node(concatBytes(tag, tag, ...parts));
  assert.deepEqual(taggedHash('BIP0340/challenge', ...parts), expected);
  assert.deepEqual(taggedHash('BIP0340/challenge', ...parts), expected);
  assert.deepEqual(taggedHash('BIP0340/challenge'), node(concatBytes(tag, tag)));
  assert.throws(() => taggedHash('ключ'), { name: 'AssertionError' });
});
