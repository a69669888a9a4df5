import assert from 'node:assert/strict';
import test from 'node:test';
import { makeTx, outputOf, pay, spend } from '../../../test/model/block-builder.ts';
import { type Plain, RpcWorld } from '../../../test/model/rpc-world.ts';
import { createSnapshotLedger, type SnapshotLedger } from '../../../test/model/snapshot-world.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { toHex } from '../../kernel/util/bytes.ts';

const BASE = 110;

/** A node that knows all headers of a ledger and has its first hundred blocks. */
async function openBehind(t: test.TestContext, ledger: SnapshotLedger, hasWallets = false): Promise<RpcWorld> {
  const world = await RpcWorld.open(t, {
    params: ledger.params,
    indexes: ['transactions'],
    requiresStandard: false,
    hasWallets,
  });
  for (const { header } of ledger.branch.blocks) await world.call('submitheader', toHex(header.serialized()));
  await submit(world, ledger, 1, 100);
  await writeFile(world, ledger.bytes);
  return world;
}

async function submit(world: RpcWorld, { branch }: SnapshotLedger, first: number, last: number): Promise<void> {
  for (let height = first; height <= last; height++) {
    assert.equal(await world.call('submitblock', toHex(branch.at(height).serialized())), null);
  }
}

async function writeFile(world: RpcWorld, bytes: Uint8Array): Promise<void> {
  const file = await world.files.open('utxo.dat', 'create');
  await file.truncate(0);
  await file.write(0, bytes);
  await file.close();
}

/** Everything that a caller could see of a change. */
async function describe(world: RpcWorld): Promise<Plain> {
  const [{ chainstates }, coins] = [await world.call('getchainstates'), await world.call('gettxoutsetinfo')];
  const chains = chainstates.map(({ blocks, bestblockhash, validated }: Plain) => [blocks, bestblockhash, validated]);
  return { chains, coins, tip: await world.call('getbestblockhash') };
}

test('S17: loadtxoutset refuses a file with anything wrong with its own sentence, and the node is as it was', async (t) => {
  const ledger = await createSnapshotLedger({ baseHeight: BASE });
  const world = await openBehind(t, ledger);
  const before = await describe(world);
  const head = 5 + 2 + 4 + 32 + 8;
  const count = ledger.bytes[43]! + 256 * ledger.bytes[44]!;
  const patch =
    (at: number, ...values: readonly number[]) =>
    (bytes: Uint8Array): Uint8Array => {
      bytes.set(values, at);
      return bytes;
    };
  const noCoins = 'Unable to load UTXO snapshot: Population failed:';
  const cases: readonly (readonly [what: string, change: (bytes: Uint8Array) => Uint8Array, refusal: string])[] = [
    ['bad magic', patch(0, 0xf0), '-22 Unable to parse metadata: Invalid UTXO set snapshot magic bytes. '],
    [
      'version',
      patch(5, 1),
      '-22 Unable to parse metadata: Version of snapshot 1 does not match any of the supported versions.',
    ],
    [
      'network',
      patch(7, 0xf9, 0xbe, 0xb4, 0xd9),
      '-22 Unable to parse metadata: The network of the snapshot (main) does not match the network of this node (regtest).',
    ],
    [
      'unknown network',
      patch(7, 0, 0, 0, 0),
      '-22 Unable to parse metadata: This snapshot has been created for an unrecognized network.',
    ],
    ['cut within the head', (bytes) => bytes.slice(0, 20), '-22 Unable to parse metadata: The file is too short'],
    [
      'unknown base',
      patch(11, 1, 2, 3),
      '-32603 Unable to load UTXO snapshot: assumeutxo block hash in snapshot metadata not recognized (hash: ',
    ],
    [
      'truncated',
      (bytes) => bytes.slice(0, bytes.length - 5),
      `-32603 ${noCoins} Bad snapshot format or truncated snapshot after deserializing ${count - 1} coins. (`,
    ],
    [
      'extra coins',
      (bytes) => Uint8Array.from([...bytes, 0]),
      `-32603 ${noCoins} Bad snapshot - coins left over after deserializing ${count} coins. (`,
    ],
    [
      'count too large',
      patch(43, (count + 1) % 256),
      `-32603 ${noCoins} Bad snapshot format or truncated snapshot after deserializing ${count} coins. (`,
    ],
    [
      'count too small',
      patch(43, (count - 1) % 256),
      `-32603 ${noCoins} Bad snapshot - coins left over after deserializing ${count - 1} coins. (`,
    ],
    [
      'coins of a transaction',
      patch(head + 32, 0xfd, 0xff, 0xff),
      `-32603 ${noCoins} Mismatch in coins count in snapshot metadata and actual snapshot data. (`,
    ],
    [
      'a coin from above the base',
      patch(head + 34, 0x84, 0x58),
      `-32603 ${noCoins} Bad snapshot data after deserializing 0 coins. (`,
    ],
    ['another txid', patch(head, 0xff, 0xff), `-32603 ${noCoins} Bad snapshot content hash: expected `],
    ['another output', patch(head + 33, 7), `-32603 ${noCoins} Bad snapshot content hash: expected `],
  ];
  for (const [what, change, refusal] of cases) {
    await writeFile(world, change(ledger.bytes.slice()));
    const told = await world.refusal('loadtxoutset', 'utxo.dat');
    assert.equal(told.slice(0, refusal.length), refusal, what);
    assert.deepEqual(await describe(world), before, what);
  }
  assert.equal(await world.refusal('loadtxoutset', 'none.dat'), "-8 Couldn't open file none.dat for reading.");
});

test('loadtxoutset sets the node on the block of the file, and blocks below are verified behind it', async (t) => {
  const ledger = await createSnapshotLedger({ baseHeight: BASE });
  const world = await openBehind(t, ledger);
  const loaded = await world.call('loadtxoutset', 'utxo.dat');
  const base = await world.call('getblockhash', BASE);
  assert.deepEqual([loaded.base_height, loaded.tip_hash, loaded.path], [BASE, base, 'utxo.dat']);
  const txOutSet = await world.call('gettxoutsetinfo');
  assert.deepEqual([txOutSet.height, txOutSet.txouts, txOutSet.bestblock], [BASE, loaded.coins_loaded, base]);
  const info = await world.call('getblockchaininfo');
  assert.deepEqual([info.blocks, info.backgroundvalidation.snapshotheight], [BASE, BASE]);
  assert.equal(info.backgroundvalidation.blocks, 100);
  assert.equal(info.backgroundvalidation.bestblockhash, await world.call('getblockhash', 100));
  const { chainstates } = await world.call('getchainstates');
  assert.deepEqual(
    chainstates.map(({ blocks, validated, snapshot_blockhash }: Plain) => [blocks, validated, snapshot_blockhash]),
    [
      [100, true, undefined],
      [BASE, false, base],
    ],
  );
  assert.equal(await world.refusal('getblock', base), '-1 Block not available (not fully downloaded)');
  const header = await world.call('getblockheader', base);
  assert.equal(header.nTx, 0);
  assert.equal((await world.call('getchaintxstats', 1)).window_tx_count, undefined);
  assert.deepEqual((await world.call('getnetworkinfo')).localservicesnames.includes('NETWORK'), false);
  assert.match(
    await world.refusal('loadtxoutset', 'utxo.dat'),
    /^-32603 Unable to load UTXO snapshot: Can't activate a snapshot-based chainstate more than once\. /,
  );
  assert.match(await world.refusal('invalidateblock', base), /^-20 The chain began with a snapshot/);

  await submit(world, ledger, BASE + 1, BASE + 4);
  assert.deepEqual((await world.call('getindexinfo')).txindex, { synced: true, best_block_height: 100 });
  const early = formatHash(ledger.branch.at(105).transaction(0).txid);
  assert.match(
    await world.refusal('getrawtransaction', early),
    /^-5 No such mempool transaction\. Blockchain transactions are still in the process of being indexed\./,
  );
  await submit(world, ledger, 101, BASE);
  assert.equal((await world.call('getrawtransaction', early, 1)).confirmations, BASE + 4 - 105 + 1);
  const after = await world.call('getchainstates');
  assert.deepEqual(
    [after.chainstates.length, after.chainstates[0].blocks, after.chainstates[0].validated],
    [1, BASE + 4, true],
  );
  assert.equal((await world.call('getblockchaininfo')).backgroundvalidation, undefined);
  assert.ok((await world.call('getnetworkinfo')).localservicesnames.includes('NETWORK'));
  await submit(world, ledger, BASE + 5, BASE + 5);
  assert.deepEqual((await world.call('getindexinfo')).txindex, { synced: true, best_block_height: BASE + 5 });
  assert.equal((await world.call('getchaintxstats', 1, base)).window_tx_count, 2);
});

test('loadtxoutset waits for an empty mempool', async (t) => {
  const ledger = await createSnapshotLedger({ baseHeight: BASE });
  const world = await openBehind(t, ledger);
  const coinbase = ledger.branch.at(1).transaction(0);
  const payment = makeTx([spend(outputOf(coinbase))], [pay(10_000), pay(coinbase.valueSat(0) - 20_000)]);
  const transaction = toHex(payment.serialized());
  await world.call('sendrawtransaction', transaction, 0, 100);
  assert.match(
    await world.refusal('loadtxoutset', 'utxo.dat'),
    /^-32603 Unable to load UTXO snapshot: Can't activate a snapshot when mempool not empty\. /,
  );
});

test('a wallet that is open while a snapshot is loaded follows the blocks below it first, and misses nothing', async (t) => {
  const ledger = await createSnapshotLedger({ baseHeight: BASE });
  const world = await openBehind(t, ledger, true);
  await world.call('createwallet', 'w', true);
  const { descriptor } = await world.call('getdescriptorinfo', `raw(${toHex(pay(0).scriptPubKey)})`);
  const [imported] = await world.call('importdescriptors', [{ desc: descriptor, timestamp: 'now' }]);
  assert.equal(imported.success, true);
  const before = (await world.call('getwalletinfo')).txcount;
  await world.call('loadtxoutset', 'utxo.dat');
  await submit(world, ledger, BASE + 1, BASE + 4);
  const info = await world.call('getwalletinfo');
  assert.deepEqual([info.lastprocessedblock.height, info.txcount], [100, before]);
  await submit(world, ledger, 101, 105);
  assert.equal((await world.call('getwalletinfo')).lastprocessedblock.height, 105);
  assert.equal((await world.call('rescanblockchain', 1)).stop_height, 105);
  await submit(world, ledger, 106, BASE);
  const after = await world.call('getwalletinfo');
  assert.deepEqual([after.lastprocessedblock.height, after.txcount], [BASE + 4, before + 2 * (BASE + 4 - 100)]);
});
