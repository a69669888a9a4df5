// The replay against what Bitcoin Core has published about two chains: a witness must be trustworthy itself.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildCoreSetHashChain, buildCoreUnitTestChain, type CoreChain } from './core-regtest.ts';
import { LedgerReplay, type ReplayResult } from './ledger-replay.ts';

function replay({ blocks }: CoreChain): ReplayResult {
  const ledger = new LedgerReplay();
  for (const block of blocks) ledger.connect(block.serialized());
  return ledger.result();
}

test('the replay of the chain of Core’s unit tests has the coins that Core assumes at height 110', () => {
  const chain = buildCoreUnitTestChain();
  const result = replay(chain);
  assert.equal(result.height, 110);
  assert.equal(result.coinCount, chain.coinCount);
  assert.equal(result.totalSat, chain.totalSat);
  assert.equal(result.hashSerialized, chain.hashSerialized);
});

test('the replay of a chain with a spend has both hashes that Core’s functional test expects', () => {
  const chain = buildCoreSetHashChain();
  const result = replay(chain);
  assert.equal(result.coinCount, chain.coinCount);
  assert.equal(result.totalSat, chain.totalSat);
  assert.equal(result.hashSerialized, chain.hashSerialized);
  assert.equal(result.muhash, chain.muhash);
});

test('the empty set has the hashes that Core gives it', () => {
  const result = new LedgerReplay().result();
  assert.equal(result.coinCount, 0);
  // SHA-256 twice of nothing, and the published hash of the empty MuHash
  assert.equal(result.hashSerialized, '56944c5d3f98413ef45cf54545538103cc9f298e0575820ad3591376e2e0f65d');
  assert.equal(result.muhash, 'dd5ad2a105c2d29495f577245c357409002329b9f4d6182c0af3dc2f462555c8');
});

test('the replay refuses what no valid chain has: a gap, a coin spent twice, bytes left over', () => {
  const { blocks } = buildCoreSetHashChain();
  const bytes = blocks.map((block) => block.serialized());
  const ledger = new LedgerReplay();
  ledger.connect(bytes[0]!);
  assert.throws(() => ledger.connect(bytes[2]!), /does not follow/);
  const other = new LedgerReplay();
  for (const block of bytes.slice(0, 101)) other.connect(block);
  other.coins.clear();
  assert.throws(() => other.connect(bytes[101]!), /which is no coin/);
  assert.throws(() => new LedgerReplay().connect(Uint8Array.from([...bytes[0]!, 0])), /bytes are left/);
});
