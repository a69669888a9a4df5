import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '../util/bytes.ts';
import { type Block, buildBlock, decodeBlock } from './block.ts';
import { asTxid, formatHash } from './hashes.ts';
import { buildHeader, decodeHeader } from './header.ts';
import { buildTransaction } from './transaction.ts';

const GENESIS =
  '0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a' +
  '9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c01010000000100000000000000000000000000000000000000000000000000000000000000' +
  '00ffffffff4d04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66' +
  '207365636f6e64206261696c6f757420666f722062616e6b73ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105c' +
  'd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000';

test('the genesis block is read field by field', () => {
  const result = decodeBlock(fromHex(GENESIS));
  assert.ok(result.ok);
  const block = result.value;
  assert.equal(block.header.version, 1);
  assert.equal(block.header.timeSec, 1231006505);
  assert.equal(block.header.bits, 0x1d00ffff);
  assert.equal(block.header.nonce, 2083236893);
  assert.equal(formatHash(block.header.blockHash), '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f');
  assert.equal(formatHash(block.header.merkleRoot), '4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b');
  assert.equal(block.txCount, 1);
  assert.equal(block.totalSize, 285);
  assert.equal(block.strippedSize, 285);
  assert.equal(block.weightWu, 1140);
  assert.ok(block.transaction(0).isCoinbase);
  assert.deepEqual(block.txids(), block.header.merkleRoot as Uint8Array);
  assert.equal(block.transaction(0), block.transaction(0));
});

test('a block built from its parts has the same bytes', () => {
  const result = decodeBlock(fromHex(GENESIS));
  assert.ok(result.ok);
  const { header } = result.value;
  const again = buildHeader({
    version: header.version,
    previousBlockHash: header.previousBlockHash,
    merkleRoot: header.merkleRoot,
    timeSec: header.timeSec,
    bits: header.bits,
    nonce: header.nonce,
  });
  assert.equal(toHex(buildBlock(again, [result.value.transaction(0)]).serialized()), GENESIS);
});

test('every prefix of a block is refused, and so are bytes after it unless asked for', () => {
  const whole = fromHex(GENESIS);
  for (let length = 0; length < whole.length; length++) {
    const result = decodeBlock(whole.subarray(0, length));
    assert.ok(!result.ok && result.error.reason === 'SpanReader::read(): end of data', `prefix of ${length} bytes`);
  }
  const longer = fromHex(`${GENESIS}0000`);
  const refused = decodeBlock(longer);
  assert.ok(!refused.ok && refused.error.reason === 'trailing bytes');
  const allowed = decodeBlock(longer, { allowTrailing: true });
  assert.ok(allowed.ok);
  assert.equal(allowed.value.totalSize, 285);
  assert.equal(allowed.value.serialized().length, 285);
});

test('C34: the transaction count has one encoding only', () => {
  for (const count of ['fd0100', 'fe01000000', 'ff0100000000000000']) {
    const result = decodeBlock(fromHex(GENESIS.slice(0, 160) + count + GENESIS.slice(162)));
    assert.ok(!result.ok && result.error.reason === 'non-canonical ReadCompactSize()', count);
  }
});

test('a count of transactions that the bytes cannot hold is refused before anything is allocated', () => {
  const result = decodeBlock(fromHex(`${GENESIS.slice(0, 160)}fe00000002${'00'.repeat(60)}`));
  assert.ok(!result.ok && result.error.reason === 'SpanReader::read(): end of data');
});

test('a count of transactions that is too large yields to the first transaction that fails', () => {
  const result = decodeBlock(fromHex(`${GENESIS.slice(0, 160)}fe000000020100000000010000`));
  assert.ok(!result.ok && result.error.reason === 'Superfluous witness record');
});

test('a header is exactly 80 bytes', () => {
  assert.ok(decodeHeader(fromHex(GENESIS.slice(0, 160))).ok);
  const short = decodeHeader(fromHex(GENESIS.slice(0, 158)));
  assert.ok(!short.ok && short.error.reason === 'SpanReader::read(): end of data');
  const long = decodeHeader(fromHex(GENESIS.slice(0, 162)));
  assert.ok(!long.ok && long.error.reason === 'trailing bytes');
});

test('wtxids of a block are those of its transactions, whoever asks first', () => {
  const witness = [Uint8Array.of(1, 2, 3)];
  const build = (): Block => {
    const spends = [undefined, witness, undefined, witness].map((stack, i) =>
      buildTransaction({
        version: 2,
        inputs: [
          {
            prevout: { txid: asTxid(new Uint8Array(32).fill(i + 1)), index: 0 },
            scriptSig: new Uint8Array(i * 50),
            sequence: 0,
            ...(stack === undefined ? {} : { witness: stack }),
          },
        ],
        outputs: [],
        locktime: i,
      }),
    );
    const header = decodeHeader(fromHex(GENESIS).subarray(0, 80));
    assert.ok(header.ok);
    return buildBlock(header.value, spends);
  };
  const [asked, packed] = [build(), build()];
  const wtxids = Array.from({ length: 4 }, (_, i) => toHex(asked.transaction(i).wtxid)).join('');
  const early = packed.transaction(1);
  assert.equal(toHex(packed.wtxids()), wtxids);
  assert.equal(toHex(asked.wtxids()), wtxids);
  assert.equal(early.wtxid.buffer, packed.wtxids().buffer);
  assert.equal(packed.transaction(3).wtxid.buffer, packed.wtxids().buffer);
  assert.equal(packed.wtxids(), packed.wtxids());
});
