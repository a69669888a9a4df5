import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { fakeTxid, makeCoinbase, makeTx, pay, spend } from '../../../test/model/block-builder.ts';
import { buildBlock } from '../../kernel/primitives/block.ts';
import { asBlockHash, asMerkleRoot } from '../../kernel/primitives/hashes.ts';
import { BlockHeader, buildHeader } from '../../kernel/primitives/header.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { SHORT_ID_BYTES } from '../wire/protocol.ts';
import { createCompactBlock, ShortIdHasher } from './compact-block.ts';

const HEADER = buildHeader({
  version: 42,
  previousBlockHash: asBlockHash(new Uint8Array(32).fill(7)),
  merkleRoot: asMerkleRoot(new Uint8Array(32).fill(9)),
  timeSec: 1_700_000_000,
  bits: 0x207fffff,
  nonce: 3,
});

const u64 = (n: bigint): bigint => BigInt.asUintN(64, n);
const rotl = (n: bigint, by: bigint): bigint => u64((n << by) | (n >> (64n - by)));

/** SipHash-2-4 of 32 bytes, as its paper writes it down. */
function slowSipHash(k0: bigint, k1: bigint, data: Buffer): bigint {
  let v0 = 0x736f6d6570736575n ^ k0;
  let v1 = 0x646f72616e646f6dn ^ k1;
  let v2 = 0x6c7967656e657261n ^ k0;
  let v3 = 0x7465646279746573n ^ k1;
  const round = (): void => {
    v0 = u64(v0 + v1);
    v2 = u64(v2 + v3);
    v1 = rotl(v1, 13n) ^ v0;
    v3 = rotl(v3, 16n) ^ v2;
    v0 = rotl(v0, 32n);
    v2 = u64(v2 + v1);
    v0 = u64(v0 + v3);
    v1 = rotl(v1, 17n) ^ v2;
    v3 = rotl(v3, 21n) ^ v0;
    v2 = rotl(v2, 32n);
  };
  for (const word of [0, 8, 16, 24].map((at) => data.readBigUInt64LE(at)).concat(32n << 56n)) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
  v2 ^= 0xffn;
  for (let i = 0; i < 4; i++) round();
  return v0 ^ v1 ^ v2 ^ v3;
}

/** The short id of BIP152, step by step. */
function slowShortId(header: Uint8Array, nonce: bigint, wtxid: Uint8Array): bigint {
  const nonceBytes = Buffer.alloc(8);
  nonceBytes.writeBigUInt64LE(nonce);
  const digest = createHash('sha256').update(header).update(nonceBytes).digest();
  return slowSipHash(digest.readBigUInt64LE(0), digest.readBigUInt64LE(8), Buffer.from(wtxid)) & 0xffffffffffffn;
}

test('short ids are the low six bytes of SipHash under a key that one SHA-256 of header and nonce gives', () => {
  const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const bytes80 = fc.uint8Array({ minLength: 80, maxLength: 80 });
  fc.assert(
    fc.property(bytes80, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), bytes32, (header, nonce, wtxid) => {
      const hasher = new ShortIdHasher(new BlockHeader(header), nonce);
      const expected = slowShortId(header, nonce, wtxid);
      hasher.hash(wtxid, 0);
      assert.equal(BigInt(hasher.high) * 2n ** 32n + BigInt(hasher.low), expected);
      const out = new Uint8Array(8).fill(0xee);
      hasher.writeInto(wtxid, 0, out, 1);
      assert.equal(Buffer.from(out).readUIntLE(1, 6), Number(expected));
      assert.deepEqual([out[0], out[7]], [0xee, 0xee]);
    }),
  );
});

test('a wtxid is hashed where it lies among others', () => {
  const wtxids = createRng(1).bytes(96);
  const hasher = new ShortIdHasher(HEADER, 5n);
  const alone = new ShortIdHasher(HEADER, 5n).hash(wtxids.slice(32, 64), 0);
  hasher.hash(wtxids, 0).hash(wtxids, 32);
  assert.deepEqual([hasher.low, hasher.high], [alone.low, alone.high]);
});

test('a compact block names all transactions by their wtxids and sends the coinbase along', () => {
  const witness = [Uint8Array.of(1, 2, 3)];
  const transactions = [
    makeCoinbase({ height: 5, outputs: [pay(50)], witness: [new Uint8Array(32)] }),
    makeTx([spend({ txid: fakeTxid(1), index: 0 })], [pay(1)]),
    makeTx([spend({ txid: fakeTxid(2), index: 0 }, { witness })], [pay(2)]),
  ];
  const block = buildBlock(HEADER, transactions);
  const message = createCompactBlock(block, createRng(1));
  assert.equal(message.type, 'cmpctblock');
  assert.equal(toHex(message.header.serialized()), toHex(HEADER.serialized()));
  assert.equal(message.prefilled.length, 1);
  assert.equal(message.prefilled[0]!.index, 0);
  assert.equal(toHex(message.prefilled[0]!.transaction.serialized()), toHex(transactions[0]!.serialized()));
  assert.equal(message.shortIds.length, 2 * SHORT_ID_BYTES);
  for (const i of [1, 2]) {
    const expected = slowShortId(HEADER.serialized(), message.nonce, transactions[i]!.wtxid);
    assert.equal(Buffer.from(message.shortIds).readUIntLE(6 * (i - 1), 6), Number(expected));
  }
  assert.notEqual(createCompactBlock(block, createRng(2)).nonce, message.nonce);
  assert.ok(message.nonce >= 0n && message.nonce < 2n ** 64n);
});
