import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { remine } from '../../../test/model/block-builder.ts';
import { BranchBuilder, NOW_SEC } from '../../../test/model/branch-builder.ts';
import { absenceNotice, areVectorsRequired, vectorsPath } from '../../../test/vectors/folder.ts';
import { createNetworkParams } from '../consensus/networks/all.ts';
import type { ChainParams } from '../consensus/params.ts';
import { BlockHeader, buildHeader } from '../primitives/header.ts';
import { createRng } from '../util/prng.ts';
import { BlockIndex, NO_ENTRY } from './block-index.ts';
import { acceptHeader, type HeaderContext } from './header-acceptance.ts';
import { IndexBranch } from './index-branch.ts';

function contextOf(params: ChainParams): HeaderContext {
  const index = new BlockIndex(createRng(1));
  index.add(params.genesis.header, NO_ENTRY);
  return { index, branch: new IndexBranch(index), consensus: params.consensus };
}

function outcomeOf(context: HeaderContext, header: BlockHeader, nowSec = NOW_SEC, hasEnoughWork = true): string {
  const accepted = acceptHeader(context, header, nowSec, hasEnoughWork);
  return accepted.outcome === 'rejected' ? accepted.reject.reason : accepted.outcome;
}

describe('accepting headers', () => {
  it('names every outcome', () => {
    const main = new BranchBuilder();
    main.mineMany(4);
    const side = main.fork(2);
    side.mineMany(4);
    const context = contextOf(main.network);
    const { index } = context;
    assert.equal(outcomeOf(context, main.at(2).header), 'prev-blk-not-found');
    for (const { header } of main.blocks) assert.equal(outcomeOf(context, header), 'extended');
    assert.equal(outcomeOf(context, main.at(3).header), 'duplicate');
    assert.equal(outcomeOf(context, main.network.genesis.header), 'duplicate');
    assert.equal(outcomeOf(context, side.at(3).header, NOW_SEC, false), 'too-little-chainwork');
    assert.equal(outcomeOf(context, side.at(3).header), 'forked');
    assert.equal(outcomeOf(context, side.at(4).header), 'forked');
    const accepted = acceptHeader(context, side.at(5).header, NOW_SEC);
    assert.deepEqual(accepted, { outcome: 'reorganised', entry: 7, fork: 2 });
    index.markFailed(7);
    assert.equal(outcomeOf(context, side.at(5).header), 'duplicate-invalid');
    assert.equal(outcomeOf(context, side.at(6).header), 'bad-prevblk');
    assert.equal(index.count, 8, 'nothing refused is remembered');
  });

  it('hands on the verdict of the rules', () => {
    const builder = new BranchBuilder();
    builder.mineMany(12);
    const context = contextOf(builder.network);
    for (const { header } of builder.blocks) acceptHeader(context, header, NOW_SEC);
    const late = builder.fork().mine({ timeSec: NOW_SEC + 7201 }).header;
    assert.equal(outcomeOf(context, late), 'time-too-new');
    assert.equal(outcomeOf(context, late, NOW_SEC + 1), 'extended');
    const old = builder.fork().mine({ timeSec: builder.at(6).header.timeSec }).header;
    assert.equal(outcomeOf(context, old), 'time-too-old');
    const ancient = remine(builder.fork().mine({ version: 1 }), builder.network.consensus).header;
    assert.equal(outcomeOf(context, ancient), 'bad-version(0x00000001)');
    const { version, previousBlockHash, merkleRoot, timeSec } = builder.tip.header;
    const workless = buildHeader({ version, previousBlockHash, merkleRoot, timeSec, bits: 0x1d00ffff, nonce: 1 });
    assert.equal(outcomeOf(context, workless), 'high-hash');
  });

  it('takes in the first 10,237 headers of the main network', (t) => {
    const raw = readVector('headers/mainnet/headers.gz');
    if (raw === null) return t.skip(absenceNotice(vectorsPath()));
    const params = createNetworkParams('main');
    const context = contextOf(params);
    const headers = Array.from({ length: raw.length / 80 }, (_, i) => new BlockHeader(raw, 80 * i));
    const start = performance.now();
    const outcomes = new Map<string, number>();
    for (const header of headers) {
      const outcome = outcomeOf(context, header);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    const elapsedMs = performance.now() - start;
    t.diagnostic(`${Math.round(headers.length / elapsedMs)} headers per ms`);
    assert.equal(headers.length, 10_237);
    assert.deepEqual([...outcomes].sort(), [
      ['duplicate', 1],
      ['extended', 10_236],
    ]);
    const last = context.index.bestHeader;
    assert.equal(context.index.height(last), 10_236);
    assert.equal(context.index.chainWork(last), 10_237n * 0x1_0001_0001n);
    return undefined;
  });
});

function readVector(path: string): Uint8Array | null {
  try {
    return new Uint8Array(gunzipSync(readFileSync(join(vectorsPath(), path))));
  } catch (error) {
    if (areVectorsRequired()) throw error;
    return null;
  }
}
