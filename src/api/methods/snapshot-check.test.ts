import assert from 'node:assert/strict';
import test from 'node:test';
import { mineCoins, PAYEE_ADDRESS, pay } from '../../../test/model/rpc-payer.ts';
import { RpcWorld } from '../../../test/model/rpc-world.ts';
import { createRng } from '../../kernel/util/prng.ts';

/** A change of the bytes of a file. */
type Change = (bytes: Uint8Array) => Uint8Array;

const HEAD_BYTES = 51;

function set(at: number, ...values: readonly number[]): Change {
  return (bytes) => {
    bytes.set(values, at);
    return bytes;
  };
}

async function writeFile(world: RpcWorld, name: string, bytes: Uint8Array): Promise<void> {
  const file = await world.files.open(name, 'create');
  await file.truncate(0);
  await file.write(0, bytes);
  await file.close();
}

async function readFile(world: RpcWorld, name: string): Promise<Uint8Array> {
  const file = await world.files.open(name, 'read');
  const bytes = (await file.read(0, await file.size())).slice();
  await file.close();
  return bytes;
}

test('S17: a snapshot file with anything wrong is refused with its own sentence, and the chain is as it was', async (t) => {
  const world = await RpcWorld.open(t);
  const coins = await mineCoins(world, 2);
  const payment = await pay(world, [coins[0]!], { [PAYEE_ADDRESS]: 49.999 });
  await world.call('sendrawtransaction', payment.hex);
  await world.call('generatetodescriptor', 1, 'raw(51)');
  await world.call('dumptxoutset', 'good.dat', 'latest');
  await world.call('generatetodescriptor', 3, 'raw(51)');
  const good = await readFile(world, 'good.dat');
  const before = [await world.call('gettxoutsetinfo'), await world.call('getbestblockhash')];

  const checked = await world.call('verifysnapshot', 'good.dat');
  assert.deepEqual([checked.valid, checked.base_height, checked.coins], [true, 103, 103]);

  const longer: Change = (bytes) => Uint8Array.from([...bytes, 0]);
  const cases: readonly (readonly [what: string, change: Change, problem: RegExp])[] = [
    ['bad magic', set(0, 0x74), /^Invalid UTXO set snapshot magic bytes/],
    ['version', set(5, 3), /^Version of snapshot 3 does not match any of the supported versions\.$/],
    [
      'network',
      set(7, 0xf9, 0xbe, 0xb4, 0xd9),
      /^The network of the snapshot \(main\) does not match the network of this node \(regtest\)\.$/,
    ],
    ['unknown base', set(11, 1, 2, 3), /^Did not find snapshot start blockheader [0-9a-f]{64}$/],
    ['no coins at all', (bytes) => bytes.slice(0, 20), /^The file is too short/],
    [
      'truncated',
      (bytes) => bytes.slice(0, bytes.length - 5),
      /^Bad snapshot format or truncated snapshot after deserializing 10\d coins$/,
    ],
    ['extra coins', longer, /^Bad snapshot - coins left over after deserializing 103 coins$/],
    ['count too small', set(43, 102), /^Bad snapshot - coins left over after deserializing 102 coins$/],
    ['count too large', set(43, 104), /^Bad snapshot format or truncated snapshot after deserializing 103 coins$/],
    ['coins of a transaction', set(HEAD_BYTES + 32, 200), /^Mismatch in coins count in snapshot metadata/],
    // Code 0xff 0x7e is VARINT for height 8,254.
    [
      'one altered coin: its height',
      set(HEAD_BYTES + 34, 0xff, 0x7e),
      /^Bad snapshot data after deserializing 0 coins/,
    ],
    [
      'one altered txid',
      set(HEAD_BYTES + 31, 0x77),
      /^Bad snapshot content hash: expected [0-9a-f]{64}, got [0-9a-f]{64}$/,
    ],
    ['transactions out of order', set(HEAD_BYTES, 0xff), /transactions are not in order$/],
  ];
  for (const [what, change, problem] of cases) {
    await writeFile(world, 'bad.dat', change(good.slice()));
    const told = await world.call('verifysnapshot', 'bad.dat');
    assert.equal(told.valid, false, what);
    assert.match(told.problem, problem, what);
  }
  const rng = createRng(5);
  for (let round = 0; round < 100; round++) {
    const bytes = good.slice();
    const at = rng.below(bytes.length);
    bytes[at]! ^= 1 << rng.below(8);
    await writeFile(world, 'bad.dat', bytes);
    assert.equal((await world.call('verifysnapshot', 'bad.dat')).valid, false, `byte ${at}`);
  }
  assert.deepEqual([await world.call('gettxoutsetinfo'), await world.call('getbestblockhash')], before);
  assert.equal(await world.refusal('verifysnapshot', 'none.dat'), "-8 Couldn't open file none.dat for reading.");
});
