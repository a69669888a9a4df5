import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { concatBytes, fromHex, toHex } from '../util/bytes.ts';
import { decodeBlock } from './block.ts';
import { formatHash } from './hashes.ts';
import { computeMerkleRoot } from './merkle.ts';
import {
  buildPartialMerkleTree,
  decodeMerkleBlock,
  encodeMerkleBlock,
  extractMatches,
  type PartialMerkleTree,
} from './partial-merkle-tree.ts';

const vectors = process.env['TALLY_VECTORS'] ?? '../shared/vectors';
const skip = !existsSync(`${vectors}/p2p`) && 'vectors absent';

function leaf(number: number): Uint8Array {
  return new Uint8Array(createHash('sha256').update(String(number)).digest());
}

function packedTxids(count: number): Uint8Array {
  return concatBytes(...Array.from({ length: count }, (_, i) => leaf(i)));
}

/** Decodes, extracts, compares with the header and encodes again. */
function provedBy(bytes: Uint8Array): { positions: number[]; txidsHex: string[]; txCount: number } {
  const decoded = decodeMerkleBlock(bytes);
  assert(decoded.ok);
  const { header, tree } = decoded.value;
  const extracted = extractMatches(tree);
  assert(extracted.ok);
  assert.deepEqual(extracted.value.merkleRoot, header.merkleRoot.slice());
  assert.deepEqual(encodeMerkleBlock(decoded.value), bytes);
  const { matches } = extracted.value;
  return {
    positions: matches.map(({ position }) => position),
    txidsHex: matches.map(({ txid }) => formatHash(txid)),
    txCount: tree.txCount,
  };
}

test('the proofs of block 830000 show the transaction that their name says', { skip }, () => {
  const names = readdirSync(`${vectors}/p2p/txoutproof`);
  for (const name of names) {
    const { positions, txCount } = provedBy(new Uint8Array(readFileSync(`${vectors}/p2p/txoutproof/${name}`)));
    assert.deepEqual(positions, [Number(/-(\d+)\.bin$/.exec(name)![1])]);
    assert.equal(txCount, 1851);
  }
  assert.equal(names.length, 6);
});

test('the merkleblock of block 100,000’s time proves transactions of the block itself', { skip }, () => {
  const hexOf = (name: string): Uint8Array =>
    fromHex(readFileSync(`${vectors}/p2p/rust-bitcoin/${name}`, 'utf8').trim());
  const block = decodeBlock(hexOf('block_13b8a.hex'));
  assert(block.ok);
  const bytes = hexOf('merkle_block.hex');
  const { positions, txidsHex, txCount } = provedBy(bytes);
  assert.equal(txCount, 9);
  assert.deepEqual(
    txidsHex,
    positions.map((position) => formatHash(block.value.transaction(position).txid)),
  );
  const tree = buildPartialMerkleTree(block.value.txids(), (position) => positions.includes(position));
  assert.deepEqual(encodeMerkleBlock({ header: block.value.header, tree }), bytes);
});

test('the merkleblock of a block with one transaction, and of one in which nothing matched', { skip }, () => {
  const one = new Uint8Array(readFileSync(`${vectors}/p2p/bitcoin-ruby/filteredblock-0.bin`));
  assert.deepEqual(provedBy(one), {
    positions: [0],
    txidsHex: ['63194f18be0af63f2c6bc9dc0f777cbefed3d9415c4af83f3ee3a3d669c00cb5'],
    txCount: 1,
  });
  const txids = packedTxids(12);
  const tree = buildPartialMerkleTree(txids, () => false);
  assert.equal(tree.hashes.length, 32);
  assert.deepEqual(tree.flags, Uint8Array.of(0));
  const extracted = extractMatches(tree);
  assert(extracted.ok);
  assert.deepEqual(extracted.value, { merkleRoot: computeMerkleRoot(txids).root, matches: [] });
});

test('any choice of any number of transactions is proved, within the promised size', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 80 }),
      fc.infiniteStream(fc.integer({ min: 0, max: 9 })),
      fc.nat(10),
      (txCount, draws, density) => {
        const chosen = Array.from({ length: txCount }, () => Number(draws.next().value) < density);
        const txids = packedTxids(txCount);
        const tree = buildPartialMerkleTree(txids, (position) => chosen[position]!);
        const extracted = extractMatches(tree);
        assert(extracted.ok);
        assert.deepEqual(extracted.value.merkleRoot, computeMerkleRoot(txids).root);
        const expected = chosen.flatMap((isChosen, position) => (isChosen ? [{ position, txid: leaf(position) }] : []));
        assert.deepEqual(
          extracted.value.matches.map(({ position, txid }) => ({ position, txid: new Uint8Array(txid) })),
          expected,
        );
        const leafCount = Math.min(txCount, 1 + expected.length * Math.ceil(Math.log2(txCount)));
        const encodedBytes = 4 + 1 + tree.hashes.length + 1 + tree.flags.length;
        assert(encodedBytes <= 10 + Math.ceil(32.25 * leafCount)); // as Core's comment promises
      },
    ),
    { numRuns: 300 },
  );
});

test('a tree that does not hold together proves nothing, and says why', () => {
  const tree = buildPartialMerkleTree(packedTxids(7), (position) => position === 3);
  const shorter = (bytes: Uint8Array, by: number): Uint8Array => bytes.slice(0, bytes.length - by);
  const zeros = (length: number): Uint8Array => new Uint8Array(length);
  const cases: readonly (readonly [string, Partial<PartialMerkleTree>])[] = [
    ['no-transactions', { txCount: 0 }],
    ['too-many-transactions', { txCount: 16_667 }],
    ['too-many-transactions', { txCount: 0xffffffff }],
    ['more-hashes-than-transactions', { hashes: zeros(32 * 8) }],
    ['fewer-flags-than-hashes', { flags: zeros(0) }],
    ['flags-exhausted', { txCount: 16_666, flags: Uint8Array.of(0xff) }],
    ['hashes-exhausted', { hashes: shorter(tree.hashes, 32) }],
    ['hashes-left-over', { hashes: concatBytes(tree.hashes, leaf(99)) }],
    ['flags-left-over', { flags: concatBytes(tree.flags, zeros(1)) }],
    // CVE-2012-2459 in a proof: the last transaction of an odd list shown twice
    ['equal-siblings', { txCount: 2, hashes: concatBytes(leaf(1), leaf(1)), flags: Uint8Array.of(0b101) }],
  ];
  assert(extractMatches(tree).ok);
  for (const [reason, change] of cases) {
    const extracted = extractMatches({ ...tree, ...change });
    assert(!extracted.ok, reason);
    assert.equal(extracted.error, reason);
  }
});

test('hostile bytes give a verdict: every prefix, trailing bytes, huge counts, any flipped bit', () => {
  const txids = packedTxids(9);
  const header = fromHex(
    '0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c',
  );
  const tree = buildPartialMerkleTree(txids, (position) => position === 2 || position === 8);
  const { root } = computeMerkleRoot(txids);
  const block = decodeMerkleBlock(concatBytes(header, fromHex('00000000' + '00' + '00')));
  assert(block.ok);
  const bytes = encodeMerkleBlock({ header: block.value.header, tree });
  for (let length = 0; length < bytes.length; length++) {
    const decoded = decodeMerkleBlock(bytes.slice(0, length));
    assert(!decoded.ok);
    assert.equal(decoded.error.reason, 'SpanReader::read(): end of data');
  }
  const trailing = decodeMerkleBlock(concatBytes(bytes, Uint8Array.of(0)));
  assert(!trailing.ok);
  assert.equal(trailing.error.reason, 'trailing bytes');
  const huge = decodeMerkleBlock(concatBytes(header, fromHex('01000000' + 'fe00000002')));
  assert(!huge.ok);
  for (let bit = 8 * 80; bit < 8 * bytes.length; bit++) {
    const flipped = bytes.slice();
    flipped[bit >>> 3] = flipped[bit >>> 3]! ^ (1 << (bit & 7));
    const decoded = decodeMerkleBlock(flipped);
    if (!decoded.ok) continue;
    const extracted = extractMatches(decoded.value.tree);
    // a flag of a txid may be turned: what the tree then proves is still in the block
    if (extracted.ok && toHex(extracted.value.merkleRoot) === toHex(root)) {
      for (const { position, txid } of extracted.value.matches) assert.deepEqual(new Uint8Array(txid), leaf(position));
    }
  }
});
