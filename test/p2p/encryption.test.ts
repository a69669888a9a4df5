// Encrypted connections (BIP324) of whole nodes over TCP: between two of them with a listener in between, with nodes that know of plain
// ones alone, and with strangers who stop halfway.

import assert from 'node:assert/strict';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { nobleSecp256k1 } from '../../src/kernel/crypto/secp256k1-noble.ts';
import { equalBytes } from '../../src/kernel/util/bytes.ts';
import type { FullPeerInfo } from '../../src/node/app/peer-details.ts';
import type { Encryption } from '../../src/node/ports.ts';
import { createHostEncryption } from '../../src/platform/node/host-encryption.ts';
import { NodeFixture, sharedBranch } from './node-fixture.ts';
import { makeVersion, RawPeer, REGTEST_MAGIC } from './raw-peer.ts';

const encryption: Encryption = createHostEncryption(nobleSecp256k1);

/** Listens on this machine until the test is over; every connection is handed to `onConnection`. */
async function listen(t: TestContext, onConnection: (socket: Socket) => void): Promise<number> {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}

/** Somebody on the line to a port, who writes down what goes over it in both directions. */
async function tap(t: TestContext, port: number): Promise<{ readonly port: number; readonly heard: Buffer[] }> {
  const heard: Buffer[] = [];
  const tapped = await listen(t, (near) => {
    const far = connect({ host: '127.0.0.1', port });
    far.on('error', () => undefined);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (bytes: Buffer) => {
        heard.push(bytes);
        to.write(bytes);
      });
      from.on('close', () => to.destroy());
    }
  });
  return { port: tapped, heard };
}

/** The one connection of a node, once it is in use. */
async function onlyPeer(fixture: NodeFixture): Promise<FullPeerInfo> {
  await fixture.until(() => fixture.peers().some(({ isEstablished }) => isEstablished), 'a connection');
  const peers = fixture.node.control.peers();
  assert.equal(peers.length, 1);
  return peers[0]!;
}

test('two nodes encrypt: whoever listens learns nothing, blocks arrive, and both know the same session', async (t) => {
  const called = await NodeFixture.start(t, { encryption });
  const line = await tap(t, called.port);
  const caller = await NodeFixture.start(t, { encryption, node: { connect: [`127.0.0.1:${line.port}`] } });
  const [theirs, ours] = [await onlyPeer(called), await onlyPeer(caller)];
  assert.deepEqual([theirs.transport, ours.transport], ['v2', 'v2']);
  assert.equal(ours.sessionId?.length, 32);
  assert.ok(equalBytes(ours.sessionId!, theirs.sessionId!));
  assert.ok(caller.countLines(/start sending v2 handshake to peer=0$/) === 1);
  assert.ok(caller.countLines(/New manual peer connected: transport: v2/) === 1);

  const branch = sharedBranch(called.branch.height);
  const block = branch.mine();
  await called.node.submitBlock(block);
  await caller.tipIs(block);
  const heard = Buffer.concat(line.heard);
  assert.ok(heard.length > 1000);
  for (const secret of [REGTEST_MAGIC, Buffer.from('version'), Buffer.from('/Tallystick'), block.header.bytes]) {
    assert.equal(heard.includes(Buffer.from(secret)), false);
  }
  assert.equal((theirs.services >> 11n) & 1n, 1n, 'it says that it can');
});

test('a plain peer is spoken to plainly by a node that can encrypt', async (t) => {
  const fixture = await NodeFixture.start(t, { encryption });
  const peer = await fixture.join();
  await peer.sync();
  assert.deepEqual([(await onlyPeer(fixture)).transport, (await onlyPeer(fixture)).sessionId], ['v1', null]);
});

test('a node that was told not to encrypt is plain in both directions, and says so', async (t) => {
  const plain = await NodeFixture.start(t, { encryption, node: { encryptsConnections: false } });
  const caller = await NodeFixture.start(t, {
    encryption,
    node: { encryptsConnections: false, connect: [`127.0.0.1:${plain.port}`] },
  });
  const peers = [await onlyPeer(plain), await onlyPeer(caller)];
  assert.deepEqual(
    peers.map(({ transport, services }) => [transport, (services >> 11n) & 1n]),
    [
      ['v1', 0n],
      ['v1', 0n],
    ],
  );
});

test('a node that knows of plain connections alone is dialled again without encryption, once it has hung up', async (t) => {
  const plain = await NodeFixture.start(t);
  const caller = await NodeFixture.start(t, { encryption, node: { connect: [`127.0.0.1:${plain.port}`] } });
  const peer = await onlyPeer(caller);
  assert.deepEqual([peer.transport, peer.id], ['v1', 1]);
  assert.equal(caller.countLines(/retrying with v1 transport protocol for peer=0$/), 1);
  assert.equal(plain.countLines(/Header error: Wrong MessageStart/), 1);
  assert.equal((await onlyPeer(plain)).transport, 'v1');
});

test('who hangs up after a word of the handshake is not dialled again at once: he can encrypt', async (t) => {
  const starts: Buffer[] = [];
  const port = await listen(t, (socket) => {
    socket.on('data', (bytes) => {
      starts.push(bytes);
      socket.end(Buffer.alloc(10, 0x11));
    });
  });
  const caller = await NodeFixture.start(t, { encryption });
  await caller.node.control.connectOnce(`127.0.0.1:${port}`, 'manual');
  await caller.until(() => starts.length > 0 && caller.peers().length === 0, 'the connection is over');
  assert.equal(caller.countLines(/retrying with v1/), 0);
  assert.ok(!starts[0]!.subarray(0, 4).equals(REGTEST_MAGIC));
});

test('who is dialled plainly by wish hears a plain greeting first', async (t) => {
  let greet: (peer: RawPeer) => void = () => undefined;
  const greeted = new Promise<RawPeer>((resolve) => {
    greet = resolve;
  });
  const port = await listen(t, (socket) => greet(new RawPeer(socket)));
  const caller = await NodeFixture.start(t, { encryption });
  await caller.node.control.connectOnce(`127.0.0.1:${port}`, 'outbound-full-relay', false);
  const peer = caller.adopt(await greeted);
  await peer.expect('version');
  peer.send(makeVersion({ timeSec: caller.nowSec }), { type: 'verack' });
  assert.equal((await onlyPeer(caller)).transport, 'v1');
});

test('D01: who stops within the handshake is let go after its time, and is not held against his address', async (t) => {
  const fixture = await NodeFixture.start(t, { encryption });
  for (const said of [Buffer.alloc(1, 0x22), Buffer.alloc(64, 0x22), Buffer.alloc(4000, 0x22)]) {
    const stranger = connect({ host: '127.0.0.1', port: fixture.port, localAddress: '127.9.8.7' });
    const isOver = new Promise<void>((resolve) => {
      stranger.on('close', () => resolve());
    });
    stranger.on('data', () => undefined);
    stranger.write(said);
    await fixture.until(() => fixture.peers().some(({ bytesReceived }) => bytesReceived === said.length), 'bytes came');
    await fixture.until(() => fixture.peers().some(({ bytesSent }) => bytesSent >= 64), 'a key was sent');
    assert.equal(fixture.node.control.peers()[0]!.transport, 'detecting');
    fixture.clock.shift(61);
    await isOver;
    await fixture.until(() => fixture.peers().length === 0, 'nobody is there');
  }
  assert.equal(fixture.countLines(/V2 handshake timeout, disconnecting peer=\d$/), 3);
  assert.equal(fixture.node.isUnwelcome('9.8.7.7'), false);
});
