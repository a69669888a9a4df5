import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deeds, fate, lines, ManagerWorld } from '../../../../test/model/manager-world.ts';
import { asBlockHash } from '../../../kernel/primitives/hashes.ts';
import type { Message } from '../../wire/messages.ts';

const HASH = asBlockHash(new Uint8Array(32));

test('W14: whoever asks for a service that we do not offer is disconnected, and not discouraged', async () => {
  const world = await ManagerWorld.open();
  const cases: readonly (readonly [Message, string])[] = [
    [
      { type: 'filterload', filter: new Uint8Array(36_001), hashFunctionCount: 51, tweak: 0, flags: 0 },
      'filterload received despite not offering bloom services',
    ],
    [{ type: 'filteradd', element: new Uint8Array(521) }, 'filteradd received despite not offering bloom services'],
    [{ type: 'filterclear' }, 'filterclear received despite not offering bloom services'],
    [{ type: 'mempool' }, 'mempool request with bloom filters disabled'],
    [
      { type: 'getcfilters', filterType: 0, startHeight: 5, stopHash: HASH },
      'peer requested unsupported block filter type: 0',
    ],
    [
      { type: 'getcfheaders', filterType: 255, startHeight: 0, stopHash: HASH },
      'peer requested unsupported block filter type: 255',
    ],
    [{ type: 'getcfcheckpt', filterType: 1, stopHash: HASH }, 'peer requested unsupported block filter type: 1'],
  ];
  for (const [message, sentence] of cases) {
    const peer = world.join();
    const effects = world.say(peer, message);
    assert.equal(fate(effects, peer), 'disconnected', message.type);
    assert.deepEqual(lines(effects), [`${sentence}, disconnecting peer=${peer.id}`]);
  }
});

test('W14: an empty filter and data for it divide nothing by zero', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join();
  const load: Message = { type: 'filterload', filter: new Uint8Array(0), hashFunctionCount: 0, tweak: 0, flags: 0 };
  assert.equal(fate(world.say(peer, load, { type: 'filteradd', element: new Uint8Array(0) }), peer), 'disconnected');
});

test('a peer that the operator trusts may ask for the mempool in vain', async () => {
  const world = await ManagerWorld.open();
  for (const permission of ['mempool', 'noban'] as const) {
    const peer = world.join({ permissions: [permission] });
    assert.deepEqual(deeds(world.say(peer, { type: 'mempool' })), [], permission);
  }
});
