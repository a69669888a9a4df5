// Generated chains: valid in every rule, as their sheets say, and the same for the same seed.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { computeMemoryUtxoStats } from '../../src/kernel/chain/utxo-hash.ts';
import { contextualCheckHeader } from '../../src/kernel/consensus/header-check.ts';
import { writeU32 } from '../../src/kernel/encoding/numbers.ts';
import { formatHash, parseTxid } from '../../src/kernel/primitives/hashes.ts';
import { concatBytes, reversedBytes, toHex } from '../../src/kernel/util/bytes.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { loadSecp256k1 } from '../../src/platform/node/secp256k1.ts';
import { TestChain } from '../model/block-builder.ts';
import { LedgerReplay, replayFile } from '../model/ledger-replay.ts';
import { allBackends } from '../vectors/backends.ts';
import { CoinPool } from './chain-coins.ts';
import { openChainFile, writeChainFile } from './chain-file.ts';
import { type GeneratedChain, generateChain } from './chain-generator.ts';
import { COIN_KINDS, REALISTIC } from './chain-profile.ts';

const secp = loadSecp256k1().backend;
const chain = generateChain({ transactions: 2000, seed: 1, secp });

function serialize({ blocks }: GeneratedChain): string {
  return blocks.map((block) => toHex(block.serialized())).join('\n');
}

test('a generated chain of 2,000 transactions is valid in every rule, and its coins are those of the replay', () => {
  const node = new TestChain(chain.params, secp);
  const replay = new LedgerReplay();
  replay.connect(chain.params.genesis.serialized());
  for (const block of chain.blocks) {
    const nowSec = block.header.timeSec;
    assert.equal(contextualCheckHeader(block.header, node.branch, node.params, nowSec), null);
    assert.equal(node.connect(block), null);
    replay.connect(block.serialized());
  }
  const result = replay.result();
  assert.equal(result.height, chain.summary.height);
  assert.equal(result.tipHash, chain.summary.tipHash);
  assert.equal(result.tipHash, formatHash(node.branch.blockHash(node.height)));
  assert.equal(result.coinCount, node.coins.count);
  const stats = computeMemoryUtxoStats(node.coins, { serialized: true, muhash: true });
  assert.equal(result.hashSerialized, toHex(reversedBytes(stats.hashSerialized3!)));
  assert.equal(result.muhash, toHex(reversedBytes(stats.muhash!)));
  // nothing of subsidies and fees is lost; up to height 149 each block adds 50 coins
  assert.ok(result.height < 150);
  assert.equal(result.totalSat, BigInt(result.height) * 5_000_000_000n);
});

test('the sheet of a generated chain counts what its blocks hold', () => {
  const { blocks, summary } = chain;
  let inputs = 0;
  let outputs = 0;
  let transactions = 0;
  let witnessless = 0;
  for (const block of blocks) {
    for (let i = 0; i < block.txCount; i++) {
      const transaction = block.transaction(i);
      outputs += transaction.outputCount;
      if (i === 0) continue;
      transactions++;
      inputs += transaction.inputCount;
      if (!transaction.hasWitness) witnessless++;
    }
  }
  assert.equal(transactions, 2000);
  assert.deepEqual([summary.transactions, summary.inputs, summary.outputs], [transactions, inputs, outputs]);
  assert.equal(
    summary.blockBytes,
    blocks.reduce((sum, block) => sum + block.totalSize, 0),
  );
  assert.ok(witnessless > 0 && witnessless < 400);
  const kinds = COIN_KINDS.map((kind) => summary.inputsByKind[kind]);
  assert.ok(kinds.every((count) => count > 0.02 * inputs));
  assert.equal(summary.work.signatures, inputs + summary.inputsByKind['p2wsh-multisig']);
  assert.equal(summary.work.tweakChecks, summary.inputsByKind['p2tr-script']);
  for (const { name } of REALISTIC.shapes) assert.ok((summary.transactionsByShape[name] ?? 0) > 0, name);
});

test('a generated chain spends coins of its own block, of the blocks before, and old ones', () => {
  const madeAt = new Map<string, number>();
  const ages: number[] = [];
  chain.blocks.forEach((block, place) => {
    for (let i = 0; i < block.txCount; i++) {
      const transaction = block.transaction(i);
      for (let k = 0; i > 0 && k < transaction.inputCount; k++) {
        ages.push(place - madeAt.get(toHex(transaction.prevout(k).txid))!);
      }
      madeAt.set(toHex(transaction.txid), place);
    }
  });
  const share = (isIt: (age: number) => boolean): number => ages.filter(isIt).length / ages.length;
  assert.ok(share((age) => age === 0) > 0.05);
  assert.ok(share((age) => age >= 1 && age <= 10) > 0.3);
  assert.ok(share((age) => age > 20) > 0.1);
});

test('the same seed gives the same bytes, another seed gives others', () => {
  const first = generateChain({ transactions: 300, seed: 7, secp });
  assert.equal(serialize(generateChain({ transactions: 300, seed: 7, secp })), serialize(first));
  assert.notEqual(generateChain({ transactions: 300, seed: 8, secp }).summary.tipHash, first.summary.tipHash);
});

test('every secp256k1 backend makes the same chain', () => {
  const made = allBackends().map((backend) => generateChain({ transactions: 30, seed: 3, secp: backend }));
  for (const other of made) assert.equal(serialize(other), serialize(made[0]!));
});

test('blocks are closed when they are full, by count or by weight', () => {
  const small = generateChain({ transactions: 2000, seed: 2, secp, transactionsPerBlock: 100 });
  const counts = small.blocks.slice(-12, -1).map((block) => block.txCount - 1);
  assert.ok(
    counts.every((count) => count >= 80 && count < 120),
    counts.join(' '),
  );

  const shapes = [{ name: 'exchange', weight: 1, inputs: [50, 50], outputs: [50, 50] }] as const;
  const profile = { ...REALISTIC, shapes, isSigned: false };
  const { summary } = generateChain({ transactions: 2000, seed: 2, secp, transactionsPerBlock: 600, profile });
  assert.ok(summary.largestBlockWeightWu > 3_900_000 && summary.largestBlockWeightWu <= 4_000_000);
  assert.equal(summary.work.signatures, 0);
});

test('a chain in a file is read back as it was made, and its replay is that of its blocks', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chain-file-'));
  try {
    const path = join(folder, 'chain.dat');
    const written = writeChainFile(path, { transactions: 200, seed: 5, secp });
    assert.deepEqual(openChainFile(path), written);
    const { blocks, params } = generateChain({ transactions: 200, seed: 5, secp });
    const records = [params.genesis, ...blocks].map((block) => {
      const size = new Uint8Array(4);
      writeU32(size, 0, block.totalSize);
      return concatBytes(Uint8Array.of(0xfa, 0xbf, 0xb5, 0xda), size, block.serialized());
    });
    assert.equal(toHex(readFileSync(path)), toHex(concatBytes(...records)));
    const result = replayFile(path);
    assert.equal(result.tipHash, written.summary.tipHash);
    assert.equal(result.height, blocks.length);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the pool of coins gives out each coin once, the newest when asked for them', () => {
  const pool = new CoinPool();
  const txid = parseTxid('ab'.repeat(32))!;
  const rng = createRng(1);
  const taken = new Set<number>();
  for (let index = 0; index < 30_000; index++) {
    pool.add(txid, index, 1000 + index, 5);
    if (index % 3 === 2) {
      const coin = pool.take(rng, 10);
      assert.ok(coin.index > index - 40 && coin.valueSat === 1000 + coin.index && coin.address === 5);
      taken.add(coin.index);
    }
  }
  while (pool.count > 0) taken.add(pool.take(rng, Number.MAX_SAFE_INTEGER).index);
  assert.equal(taken.size, 30_000);
  assert.throws(() => pool.take(rng, 1), /no coin/);
});
