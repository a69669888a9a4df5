// What is refused before anybody is dialled; what comes of a dial is proven in test/p2p and test/functional.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RpcWorld } from '../../../test/model/rpc-world.ts';

test('a node that does not encrypt says so, and refuses to try', async (t) => {
  const world = await RpcWorld.open(t);
  const info = (await world.call('getnetworkinfo')) as { readonly localservicesnames: readonly string[] };
  assert.equal(info.localservicesnames.includes('P2P_V2'), false);
  for (const command of ['onetry', 'add', 'remove']) {
    assert.equal(
      await world.refusal('addnode', '127.0.0.1:1', command, true),
      '-8 Error: v2transport requested but not enabled (see -v2transport)',
    );
  }
  assert.equal(
    await world.refusal('addconnection', '127.0.0.1:1', 'outbound-full-relay', true),
    '-8 Error: Adding v2transport connections requires -v2transport init flag to be set.',
  );
  await world.call('addnode', '127.0.0.1:1', 'add', false);
  await world.call('addnode', '127.0.0.1:1', 'remove', false);
});
