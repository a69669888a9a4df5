import assert from 'node:assert/strict';
import test from 'node:test';
import { mineCoins } from '../../../test/model/rpc-payer.ts';
import { RpcWorld } from '../../../test/model/rpc-world.ts';
import { concatBytes, toHex } from '../../kernel/util/bytes.ts';

async function read(world: RpcWorld, name: string): Promise<Uint8Array> {
  const file = await world.files.open(name, 'read');
  try {
    return await file.read(0, await file.size());
  } finally {
    await file.close();
  }
}

test('all coins go to a file with the form that Bitcoin Core reads, and the hash that gettxoutsetinfo tells', async (t) => {
  const world = await RpcWorld.open(t);
  await mineCoins(world, 3);
  const dumped = await world.call('dumptxoutset', 'all.dat', 'latest');
  const set = await world.call('gettxoutsetinfo');
  assert.deepEqual(
    [dumped.coins_written, dumped.base_hash, dumped.base_height, dumped.txoutset_hash, dumped.nchaintx, dumped.path],
    [set.txouts, set.bestblock, set.height, set.hash_serialized_3, 104, 'all.dat'],
  );
  const bytes = await read(world, 'all.dat');
  // utxo, 0xff, version 2, regtest, hash of the block, 103 coins.
  assert.equal(toHex(bytes.subarray(0, 11)), '7574786fff0200fabfb5da');
  assert.equal(toHex(bytes.slice(11, 43).reverse()), dumped.base_hash);
  assert.equal(toHex(bytes.subarray(43, 51)), '6700000000000000');
  // Then for each transaction its id, one coin, number 0, and the coin: a coinbase's of 50 coins.
  assert.equal(toHex(bytes.subarray(83, 85)), '0100');
  assert.deepEqual(await world.files.list(), ['all.dat']);
  assert.equal(
    await world.refusal('dumptxoutset', 'all.dat', 'latest'),
    '-8 all.dat already exists. If you are sure this is what you want, move it out of the way first',
  );
  const poured: Uint8Array[] = [];
  let isClosed = false;
  world.pipes.set('pipe', {
    write: async (piece) => void poured.push(piece),
    close: () => {
      isClosed = true;
    },
  });
  await (await world.files.open('pipe.incomplete', 'create')).write(0, new Uint8Array(100_000));
  assert.deepEqual(await world.call('dumptxoutset', 'pipe', 'latest'), { ...dumped, path: 'pipe' });
  assert.equal(toHex(concatBytes(...poured)), toHex(bytes), 'a pipe gets the same, whatever a killed process has left');
  assert.deepEqual([isClosed, await world.files.list()], [true, ['all.dat']]);
  const words = 'Please specify "rollback" or "latest"';
  assert.equal(
    await world.refusal('dumptxoutset', 'x', 'bogus'),
    `-8 Invalid snapshot type "bogus" specified. ${words}`,
  );
  assert.match(
    await world.refusal('dumptxoutset', 'x', 'latest', { rollback: 3 }),
    /^-8 Invalid snapshot type "latest"/,
  );
});

test('the coins of an earlier block are those that there were, and the chain stays where it is', async (t) => {
  const world = await RpcWorld.open(t);
  await mineCoins(world, 2);
  await world.call('dumptxoutset', 'then.dat', 'latest');
  const then = await world.call('gettxoutsetinfo');
  await world.call('generatetodescriptor', 20, 'raw(51)');
  const tip = await world.call('getbestblockhash');
  const rolled = await world.call('dumptxoutset', 'back.dat', 'rollback', { rollback: then.height });
  assert.deepEqual([rolled.txoutset_hash, rolled.base_hash], [then.hash_serialized_3, then.bestblock]);
  assert.equal(toHex(await read(world, 'back.dat')), toHex(await read(world, 'then.dat')));
  assert.equal(
    (await world.callNamed('dumptxoutset', { path: 'hash.dat', rollback: then.bestblock })).base_height,
    102,
  );
  assert.equal(await world.call('getbestblockhash'), tip);
  assert.match(await world.refusal('dumptxoutset', 'x', '', { rollback: 500 }), /^-8 Target block height 500 after/);
});
