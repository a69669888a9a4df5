import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FakeConnection, versionMessage } from '../../../test/model/fake-network.ts';
import { HANDSHAKE_MS, Shell } from '../../../test/model/links-shell.ts';
import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import { StorageError } from '../../kernel/chain/ports.ts';
import type { Message } from '../wire/messages.ts';
import { HashList } from '../wire/packed-lists.ts';

function ping(nonce: bigint): Message {
  return { type: 'ping', nonce };
}

function typesHeard(connection: FakeConnection): string[] {
  return connection.hear().map(({ type }) => type);
}

test('messages go in one by one and answers come out in order, and behind a first pong what was due', async () => {
  const shell = await Shell.open();
  const { connection } = shell.adopt();
  connection.say(versionMessage(), { type: 'verack' }, ping(1n), ping(2n));
  assert.deepEqual(typesHeard(connection), [], 'not within the call that brings the bytes');
  await shell.time.settle();
  assert.deepEqual(typesHeard(connection), [
    'version',
    'wtxidrelay',
    'sendaddrv2',
    'verack',
    'sendcmpct',
    'pong',
    'ping',
    'getheaders',
    'pong',
  ]);
});

test('D04: the flood of one peer does not keep the message of another waiting', async () => {
  const shell = await Shell.open();
  const { connection: flood } = await shell.join();
  const { connection: other } = await shell.join();
  for (let i = 0; i < 1000; i++) flood.say(ping(BigInt(i)));
  other.say(ping(7n));
  shell.time.tickMs = 1;
  await shell.time.yieldToHost();
  assert.equal(other.hearOf('pong').length, 1);
  assert.ok(flood.hearOf('pong').length < 10);
});

test('D05: a peer that does not take its answers has no further message handled until it does, and others have', async () => {
  const shell = await Shell.open();
  const { connection } = await shell.join();
  const { connection: other } = await shell.join();
  connection.takes = false;
  connection.queuedBytes = 1_000_001;
  connection.say(ping(1n), ping(2n));
  other.say(ping(3n));
  await shell.time.settle();
  assert.deepEqual([typesHeard(connection), typesHeard(other)], [[], ['pong']]);
  connection.drain();
  await shell.time.settle();
  assert.deepEqual(typesHeard(connection), ['pong', 'pong']);
});

test('a peer that does not read is watched all the same: what it owes us falls due', async () => {
  const shell = await Shell.open();
  const { connection, link } = await shell.join();
  shell.links.tick();
  connection.takes = false;
  connection.queuedBytes = 2_000_000;
  await shell.time.advance(20 * 60_000 - 1000);
  connection.sayRaw('junk', new Uint8Array(0));
  await shell.time.advance(2000);
  assert.equal(shell.world.manager.peers.get(link.id)?.pingNonce !== null, true);
  link.lastSentMs = shell.time.nowMs;
  shell.links.tick();
  assert.ok(
    shell.lines.some((line) => line.startsWith('ping timeout: 1201')),
    shell.lines.at(-1),
  );
  assert.equal(connection.closeCount, 1);
});

test('while a block is read for a peer nothing else is done for it, so that answers keep their order', async () => {
  const shell = await Shell.open();
  const { connection } = await shell.join();
  shell.reader.isSlow = true;
  connection.say(shell.getData(1, 2), ping(1n));
  await shell.time.settle();
  assert.deepEqual([typesHeard(connection), shell.reader.waiting.length], [[], 1]);
  shell.reader.waiting.shift()!();
  await shell.time.settle();
  assert.deepEqual([typesHeard(connection), shell.reader.waiting.length], [['block'], 1]);
  shell.reader.waiting.shift()!();
  await shell.time.settle();
  assert.deepEqual(typesHeard(connection), ['block', 'pong']);
});

test('two blocks that are on their way to one peer arrive in the order in which they were wanted', async () => {
  const shell = await Shell.open();
  const { connection, link } = await shell.join();
  shell.reader.isSlow = true;
  const entry = (height: number): BlockEntry =>
    shell.world.chain.index.find(shell.world.branch.at(height).header.blockHash);
  for (const height of [2, 1]) {
    shell.links.apply([{ type: 'serve-block', peer: link.id, entry: entry(height), form: 'block' }]);
  }
  connection.say(ping(1n));
  await shell.time.settle();
  assert.equal(shell.reader.waiting.length, 1, 'one read at a time');
  shell.reader.waiting.shift()!();
  await shell.time.settle();
  shell.reader.waiting.shift()!();
  await shell.time.settle();
  const heard = connection.hear();
  assert.deepEqual(
    heard.map((message) => (message.type === 'block' ? message.block.header.blockHash : message.type)),
    [shell.world.branch.at(2).header.blockHash, shell.world.branch.at(1).header.blockHash, 'pong'],
  );
});

test('an answer to getblocks is fetched to its end: the name of the tip follows the last block, and does not overtake it', async () => {
  const shell = await Shell.open(503);
  const { connection } = await shell.join();
  const { branch } = shell.world;
  const first = HashList.of([branch.network.genesis.header.blockHash as never]);
  connection.say({ type: 'getblocks', locator: first, stopHash: new Uint8Array(32) as never });
  await shell.time.settle();
  shell.links.tick();
  assert.equal(connection.hearOf('inv')[0]?.items.count, 500);
  connection.say(shell.getData(500), ping(1n));
  await shell.time.settle();
  const heard = connection.hear();
  assert.deepEqual(
    heard.map(({ type }) => type),
    ['block', 'inv', 'pong'],
  );
});

test('a peer that goes while its block is read is not looked for', async () => {
  const shell = await Shell.open();
  const { connection, link } = await shell.join();
  shell.reader.isSlow = true;
  connection.say(shell.getData(1, 2, 3));
  await shell.time.settle();
  connection.cut('gone');
  shell.reader.waiting.shift()!();
  await shell.time.settle();
  assert.deepEqual([shell.fatal, shell.gone, shell.reader.waiting.length], [[], [link.id], 0]);
  assert.equal(shell.world.manager.hasRequests(link.id), false);
  await shell.links.stop();
});

test('S06: a block that cannot be read costs its peer the connection and nobody else', async () => {
  const shell = await Shell.open();
  const { connection } = await shell.join();
  const { connection: other } = await shell.join();
  shell.reader.failure = new StorageError('failed', 'blk00000.dat', 'EIO');
  connection.say(shell.getData(1), ping(1n));
  other.say(ping(2n));
  await shell.time.settle();
  assert.deepEqual([connection.isOver, typesHeard(other), shell.fatal], [true, ['pong'], []]);
  assert.ok(shell.lines.includes('Cannot load block from disk, disconnecting peer=1'));
});

test('J01: a bug while a block is read stops the node, and is told once', async () => {
  const shell = await Shell.open();
  const { connection } = await shell.join();
  const bug = new TypeError('a bug');
  shell.reader.failure = bug;
  connection.say(shell.getData(1));
  await shell.time.settle();
  assert.deepEqual(shell.fatal, [bug]);
  await shell.links.stop();
});

test('W01: a stream that is none ends, with a line that says why', async () => {
  const shell = await Shell.open();
  const { connection } = await shell.join();
  connection.giveBytes(new TextEncoder().encode('GET / HTTP/1.1\r\nHost: node\r\n\r\n'));
  await shell.time.settle();
  assert.ok(connection.isOver);
  assert.ok(shell.lines.includes('Header error: Wrong MessageStart 47455420 received, peer=1'));
  assert.ok(shell.lines.includes('receiving message bytes failed, disconnecting peer=1'));
});

test('W04: a message that cannot be decoded is told of, and its sender stays', async () => {
  const shell = await Shell.open();
  const { connection } = await shell.join();
  connection.sayRaw('inv', Uint8Array.of(2, 0, 0));
  connection.sayRaw('getheaders', new Uint8Array(3));
  connection.say(ping(1n));
  await shell.time.settle();
  assert.deepEqual(typesHeard(connection), ['pong']);
  assert.equal(
    shell.lines.filter((line) => line.startsWith('ProcessMessages(') && line.includes('Exception')).length,
    2,
  );
});

test('a peer that is being disconnected is not listened to, though it has said more', async () => {
  const shell = await Shell.open();
  const { connection } = await shell.join();
  connection.say({ type: 'sendcmpct', announce: 5, version: 2n }, ping(1n), ping(2n));
  await shell.time.settle();
  assert.deepEqual([typesHeard(connection), connection.isOver, shell.gone], [[], true, [1]]);
  assert.deepEqual(shell.discouraged, ['44.1.3.4']);
});

test('W06: a peer that says nothing in its minute goes; T02: a jump of the wall clock hurries nobody', async () => {
  const shell = await Shell.open();
  const { connection } = shell.adopt();
  const { connection: half } = shell.adopt();
  half.say(versionMessage());
  const { connection: good } = await shell.join();
  shell.time.wallMsNow += 10 * 365 * 86_400_000;
  shell.links.tick();
  shell.time.wallMsNow = 0;
  shell.links.tick();
  await shell.time.advance(HANDSHAKE_MS);
  shell.links.tick();
  assert.deepEqual(
    [connection, half, good].map(({ closeCount }) => closeCount),
    [0, 0, 0],
  );
  await shell.time.advance(1);
  shell.links.tick();
  assert.deepEqual(
    [connection, half, good].map(({ closeCount }) => closeCount),
    [1, 1, 0],
  );
  const silent = 'socket no message in first 60 seconds, never received from peer, never sent to peer';
  assert.ok(shell.lines.includes(`${silent}, disconnecting peer=1`));
  assert.ok(shell.lines.includes('version handshake timeout, disconnecting peer=2'));
});

test('when the chain is behind, no message of anybody is handled until there is room', async () => {
  const shell = await Shell.open();
  const { world, time } = shell;
  const { link } = await shell.join();
  const { connection: other } = await shell.join();
  // One block that comes often enough to fill the queue: the chain takes the first, and knows the others.
  const branch = world.branch.fork();
  const block = branch.mine({ coinbaseOutputs: [{ valueSat: 0, scriptPubKey: new Uint8Array(900_000) }] });
  const submit = { type: 'submit-block', peer: link.id, block, isRequested: true, hasEnoughWork: true } as const;
  shell.links.apply(Array(20).fill(submit));
  other.say(ping(1n));
  assert.ok(shell.intake.isFull);
  assert.deepEqual(typesHeard(other), []);
  await time.settle();
  assert.equal(shell.intake.isFull, false);
  assert.deepEqual([typesHeard(other), shell.fatal], [['pong'], []]);
  await shell.intake.stop();
});

test('stop ends every connection, waits for reads under way, and may be called twice', async () => {
  const shell = await Shell.open();
  const { connection } = await shell.join();
  const { connection: other } = await shell.join();
  shell.reader.isSlow = true;
  connection.say(shell.getData(1));
  await shell.time.settle();
  let isStopped = false;
  const stopped = Promise.all([shell.links.stop(), shell.links.stop()]).then(() => {
    isStopped = true;
  });
  await shell.time.settle();
  assert.deepEqual([isStopped, connection.isOver, other.isOver], [false, true, true]);
  shell.reader.waiting.shift()!();
  await stopped;
  assert.deepEqual([shell.links.links.size, shell.fatal], [0, []]);
});

test('a pong follows the verdict on the blocks that came before its ping, and blocks on known ones need not wait', async () => {
  const shell = await Shell.open();
  const { world, time } = shell;
  const { connection } = await shell.join();
  const next = world.branch.fork();
  next.mineMany(2);
  const [first, second] = next.blocks.slice(-2);
  connection.say({ type: 'block', block: first! }, { type: 'block', block: second! }, ping(1n));
  // One turn: the first block is in the intake, and what it stands for is not known yet.
  time.tickMs = 1;
  await time.yieldToHost();
  assert.deepEqual(typesHeard(connection), []);
  await time.settle();
  assert.equal(world.chain.height, world.branch.height + 2);
  assert.ok(typesHeard(connection).includes('pong'));
});
