import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BranchBuilder } from '../../../test/model/branch-builder.ts';
import { deeds, fate, lines, ManagerWorld } from '../../../test/model/manager-world.ts';
import { asBlockHash, type BlockHash } from '../../kernel/primitives/hashes.ts';
import { NODE_COMPACT_FILTERS, NODE_NETWORK, NODE_WITNESS } from '../wire/protocol.ts';
import type { Effect } from './effects.ts';
import type { FilterPortion } from './filter-serving.ts';
import type { Peer } from './peer.ts';

const LONG: BranchBuilder = new BranchBuilder();
LONG.mineMany(2005);

function hashAt(height: number): BlockHash {
  return asBlockHash(LONG.at(height).header.blockHash);
}

async function setUp(): Promise<{ readonly world: ManagerWorld; readonly join: () => Peer }> {
  const world = await ManagerWorld.open({ branch: LONG });
  const localServices = NODE_NETWORK | NODE_WITNESS | NODE_COMPACT_FILTERS;
  return { world, join: () => world.join({ localServices }) };
}

function portionsOf(effects: readonly Effect[]): FilterPortion[] {
  return effects.flatMap((effect) => (effect.type === 'serve-filters' ? [effect.portion] : []));
}

/** Heights that a portion is about. */
function heightsOf({ chain: { index } }: ManagerWorld, portion: FilterPortion): number[] {
  return portion.entries.map((entry) => index.height(entry));
}

test('a thousand filters are read fifty at a time, and the next message waits until all are sent', async () => {
  const { world, join } = await setUp();
  const peer = join();
  const first = world.say(peer, { type: 'getcfilters', filterType: 0, startHeight: 6, stopHash: hashAt(1005) });
  const seen: number[] = [];
  let portions = portionsOf(first);
  for (let count = 1; ; count++) {
    assert.equal(portions.length, 1);
    const heights = heightsOf(world, portions[0]!);
    assert.equal(heights.length, 50);
    seen.push(...heights);
    if (!world.manager.hasRequests(peer.id)) {
      assert.equal(count, 20);
      break;
    }
    portions = portionsOf(world.manager.serveNext(peer.id, world.now));
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 1000 }, (_, i) => 6 + i),
  );
});

test('hashes of filters come with what is before them, from the first block on as well', async () => {
  const { world, join } = await setUp();
  const peer = join();
  const { index } = world.chain;
  const ask = (startHeight: number, stop: number): FilterPortion => {
    const effects = world.say(peer, { type: 'getcfheaders', filterType: 0, startHeight, stopHash: hashAt(stop) });
    return portionsOf(effects)[0]!;
  };
  const middle = ask(5, 7);
  assert.deepEqual(heightsOf(world, middle), [5, 6, 7]);
  assert.equal(middle.type === 'hashes' ? index.height(middle.before) : null, 4);
  const start = ask(0, 1999);
  assert.equal(start.type === 'hashes' ? start.before : null, -1);
  assert.equal(start.entries.length, 2000);
  assert.equal(world.manager.hasRequests(peer.id), false);
});

test('checkpoints are the headers of every thousandth block', async () => {
  const { world, join } = await setUp();
  const peer = join();
  const ask = (height: number): number[] => {
    const effects = world.say(peer, { type: 'getcfcheckpt', filterType: 0, stopHash: hashAt(height) });
    return heightsOf(world, portionsOf(effects)[0]!);
  };
  assert.deepEqual(ask(999), []);
  assert.deepEqual(ask(1000), [1000]);
  assert.deepEqual(ask(2005), [1000, 2000]);
});

test('W14: whoever asks for more filters than may be asked for, or for none that there are, is disconnected', async () => {
  const { world, join } = await setUp();
  const unknown = asBlockHash(new Uint8Array(32).fill(1));
  const cases = [
    [
      { type: 'getcfilters', filterType: 0, startHeight: 0, stopHash: hashAt(1000) },
      'peer requested too many cfilters/cfheaders: 1001 / 1000',
    ],
    [
      { type: 'getcfheaders', filterType: 0, startHeight: 0, stopHash: hashAt(2000) },
      'peer requested too many cfilters/cfheaders: 2001 / 2000',
    ],
    [
      { type: 'getcfheaders', filterType: 0, startHeight: 1000, stopHash: hashAt(999) },
      'peer sent invalid getcfilters/getcfheaders with start height 1000 and stop height 999',
    ],
    [
      { type: 'getcfilters', filterType: 0, startHeight: 0xffffffff, stopHash: hashAt(5) },
      'peer sent invalid getcfilters/getcfheaders with start height 4294967295 and stop height 5',
    ],
    [
      { type: 'getcfcheckpt', filterType: 0, stopHash: unknown },
      `peer requested invalid block hash: ${'01'.repeat(32)}`,
    ],
    [
      { type: 'getcfcheckpt', filterType: 255, stopHash: hashAt(5) },
      'peer requested unsupported block filter type: 255',
    ],
  ] as const;
  for (const [message, sentence] of cases) {
    const peer = join();
    const effects = world.say(peer, message);
    assert.equal(fate(effects, peer), 'disconnected', sentence);
    assert.deepEqual(lines(effects), [`${sentence}, disconnecting peer=${peer.id}`]);
    assert.deepEqual(portionsOf(effects), []);
  }
});

test('a peer that leaves in the middle of an answer leaves nothing behind', async () => {
  const { world, join } = await setUp();
  const peer = join();
  world.say(peer, { type: 'getcfilters', filterType: 0, startHeight: 0, stopHash: hashAt(999) });
  assert.ok(world.manager.hasRequests(peer.id));
  world.leave(peer);
  assert.equal(world.manager.hasRequests(peer.id), false);
  assert.deepEqual(deeds(world.manager.serveNext(peer.id, world.now)), []);
});
