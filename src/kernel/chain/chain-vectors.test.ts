import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { assertCoinsEqualReplay, ChainWorld } from '../../../test/model/chain-world.ts';
import { skipWithout, vectorsPath } from '../../../test/vectors/folder.ts';
import { createNetworkParams, type NetworkName } from '../consensus/networks/all.ts';
import { formatHash } from '../primitives/hashes.ts';
import { fromHex } from '../util/bytes.ts';
import { createRng } from '../util/prng.ts';
import type { Chainstate } from './chainstate.ts';

/** A clock that no block of the past is ahead of. */
const LATE_SEC = 0xffffffff;

function read(t: TestContext, path: string): Uint8Array | null {
  const full = join(vectorsPath(), path);
  if (!existsSync(full)) {
    skipWithout(t, full);
    return null;
  }
  return new Uint8Array(readFileSync(full));
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

async function openNetwork(name: NetworkName): Promise<Chainstate> {
  return new ChainWorld({ params: createNetworkParams(name), fileBytesMax: 1 << 20 }).open();
}

/** Blocks of a file of magic, length and block, one after another. */
function splitFile(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const blocks: Uint8Array[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    blocks.push(bytes.slice(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return blocks;
}

async function submitAll(chain: Chainstate, blocks: readonly Uint8Array[]): Promise<string[]> {
  const outcomes: string[] = [];
  for (const block of blocks) outcomes.push((await chain.submitBlock(block, LATE_SEC)).outcome);
  return outcomes;
}

describe('real chains', () => {
  it('follows the main network from its first block to height 438, in order and shuffled', async (t) => {
    const bytes = read(t, 'blocks/mainnet/runs/first-100k-blocks.dat');
    if (bytes === null) return;
    const blocks = splitFile(bytes);
    const chain = await openNetwork('main');
    const outcomes = await submitAll(chain, blocks);
    assert.deepEqual([outcomes[0], ...new Set(outcomes.slice(1))], ['duplicate', 'connected']);
    assert.equal(chain.height, 438);
    await assertCoinsEqualReplay(chain, LATE_SEC);
    const shuffled = await openNetwork('main');
    await shuffled.acceptHeaders(
      Array.from({ length: 438 }, (_, i) => chain.index.header(chain.active.at(i + 1))),
      LATE_SEC,
    );
    const rng = createRng(1);
    const order = blocks.map((block) => ({ block, key: rng.nextU32() })).sort((a, b) => a.key - b.key);
    await submitAll(
      shuffled,
      order.map(({ block }) => block),
    );
    assert.equal(formatHash(shuffled.tipHash), formatHash(chain.tipHash));
    await assertCoinsEqualReplay(shuffled, LATE_SEC);
    assert.equal((await chain.verify(LATE_SEC, { level: 4, blockCount: 0 })).outcome, 'verified');
  });

  it('follows a signet to height 120, challenge of every block included', async (t) => {
    const bytes = read(t, 'blocks/signet/blocks.json');
    if (bytes === null) return;
    const rows = JSON.parse(text(bytes)) as { block: string; height: number }[];
    const chain = await openNetwork('signet');
    const outcomes = await submitAll(
      chain,
      rows.map(({ block }) => fromHex(block)),
    );
    assert.deepEqual([outcomes[0], ...new Set(outcomes.slice(1))], ['duplicate', 'connected']);
    assert.equal(chain.height, 120);
    await assertCoinsEqualReplay(chain, LATE_SEC);
  });

  it('follows 150 blocks of regtest', async (t) => {
    const bytes = read(t, 'blocks/regtest/regtest_blocks.txt');
    if (bytes === null) return;
    const blocks = text(bytes).trim().split('\n').map(fromHex);
    const chain = await openNetwork('regtest');
    await submitAll(chain, blocks);
    assert.equal(chain.height, 150);
    await assertCoinsEqualReplay(chain, LATE_SEC);
  });

  it('reorganises between two branches of 10 and 11 blocks (C35)', async (t) => {
    const bytes = read(t, 'blocks/regtest/test_reorg.json');
    if (bytes === null) return;
    const [short, long] = (JSON.parse(text(bytes)) as string[][]).map((branch) => branch.map(fromHex));
    const chain = await openNetwork('regtest');
    assert.deepEqual(new Set(await submitAll(chain, short!)), new Set(['connected']));
    assert.equal(chain.height, 10);
    const before = chain.tipHash;
    const outcomes = await submitAll(chain, long!);
    assert.equal(outcomes.at(-1), 'connected');
    assert.equal(chain.height, 16);
    assert.equal(chain.index.height(chain.active.fork(chain.index.find(before))), 5);
    await assertCoinsEqualReplay(chain, LATE_SEC);
  });
});
