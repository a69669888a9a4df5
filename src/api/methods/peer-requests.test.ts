// What is refused before any peer is asked; what a peer then gets is proven in test/p2p.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RpcWorld } from '../../../test/model/rpc-world.ts';

test('a block is asked of a peer only where its header is known, it is not here, and there is such a peer', async (t) => {
  const world = await RpcWorld.open(t);
  const unknown = '00'.repeat(32);
  assert.equal(await world.refusal('getblockfrompeer', unknown, 0), '-1 Block header missing');
  assert.equal(
    await world.refusal('getblockfrompeer', '1234', 0),
    "-8 blockhash must be of length 64 (not 4, for '1234')",
  );
  const here = await world.call('getbestblockhash');
  assert.equal(await world.refusal('getblockfrompeer', here, 0), '-1 Block already downloaded');
});

test('a message for a peer has a type that fits, bytes in hexadecimal, and a peer to go to', async (t) => {
  const world = await RpcWorld.open(t);
  const long = await world.refusal('sendmsgtopeer', 0, 'a'.repeat(13), '');
  assert.equal(long, '-8 Error: msg_type too long, max length is 12');
  assert.equal(await world.refusal('sendmsgtopeer', 0, 'pïng', ''), '-8 Error: msg_type is not plain text');
  assert.equal(await world.refusal('sendmsgtopeer', 0, 'addr', 'zz'), '-8 Error parsing input for msg');
  const huge = await world.refusal('sendmsgtopeer', 0, 'addr', '00'.repeat(2 ** 24 - 13));
  assert.equal(huge, '-8 Error: msg too long, max length is 16777202');
  assert.equal(await world.refusal('sendmsgtopeer', 0, 'addr', 'ff'), '-1 Error: Could not send message to peer');
});
