// Crowds at the door of a node that is a process (D18): thousands of connections from one part of the network, most of which say
// nothing, and fewer file descriptors than there are visitors. The node goes on serving who was there, and forgets the others.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { RawPeer } from '../p2p/raw-peer.ts';
import { findProjectRoot } from '../vectors/folder.ts';
import { until } from './ledger-node.ts';
import { NetworkNode } from './network-programs.ts';
import { runNodeToError } from './node.ts';
import { withFolder } from './programs.ts';

/** Connections of the flood; a night may ask for more. */
const FLOOD_COUNT = Number(process.env['TALLY_FLOOD'] ?? 10_000);

/** Of these so many are open at once on our side. */
const OPEN_MAX = 400;

/** Connections that a node takes at most, and what it has open beside them at most. */
const CONNECTION_COUNT_MAX = 125;
const OTHER_FILES_MAX = 100;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Open files and sockets of a process, or null where the system does not tell. */
function countOpenFiles(pid: number): number | null {
  const path = `/proc/${pid}/fd`;
  return existsSync(path) ? readdirSync(path).length : null;
}

/** A connection that says nothing; what becomes of it is all the same. */
function openSilently(port: number, localAddress?: string): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, ...(localAddress === undefined ? {} : { localAddress }) });
    socket.on('error', () => undefined);
    socket.once('connect', () => resolve(socket));
    socket.once('close', () => resolve(socket));
  });
}

/** Whether a node takes somebody in; it does as soon as it has heard of those who went before. */
async function isLetIn(port: number): Promise<boolean> {
  const peer = await RawPeer.connect(port);
  try {
    await peer.handshake();
    return true;
  } catch {
    return false;
  } finally {
    peer.close();
  }
}

/** Bytes that somebody is sent who connects and waits. */
async function countServed(port: number): Promise<number> {
  const socket = await openSilently(port);
  const count = await new Promise<number>((resolve) => {
    socket.once('data', (chunk) => resolve(chunk.length));
    socket.once('close', () => resolve(0));
    if (socket.destroyed) resolve(0);
  });
  socket.destroy();
  return count;
}

/** Opens connections from one /16 at a time that say nothing; returns those that are still open on our side. */
async function flood(port: number, count: number): Promise<Socket[]> {
  const open: Socket[] = [];
  for (let done = 0; done < count; done += 100) {
    const group = Array.from({ length: Math.min(100, count - done) }, (_, i) => {
      const n = done + i;
      // only Linux has all of 127.0.0.0/8 on its loopback
      return openSilently(port, process.platform === 'linux' ? `127.5.${n >>> 8}.${n & 0xff}` : undefined);
    });
    open.push(...(await Promise.all(group)));
    for (const socket of open.splice(0, Math.max(0, open.length - OPEN_MAX))) socket.destroy();
  }
  return open;
}

test(`D18: ${FLOOD_COUNT} connections from one part of the network push nobody out who was there, and leave nothing behind`, async () => {
  await withFolder(async (folder) => {
    const node = await NetworkNode.start(join(folder, 'node'), ['-regtest', '-peertimeout=5']);
    try {
      const { pid } = node.process;
      const friends: RawPeer[] = [];
      for (let i = 0; i < 4; i++) {
        const friend = await RawPeer.connect(node.port);
        await friend.handshake();
        friends.push(friend);
      }
      const before = countOpenFiles(pid);
      const open = await flood(node.port, FLOOD_COUNT);
      const during = countOpenFiles(pid);
      if (before !== null && during !== null) {
        assert.ok(before <= OTHER_FILES_MAX, `${before} open files before`);
        assert.ok(during <= CONNECTION_COUNT_MAX + OTHER_FILES_MAX, `${during} open files`);
      }
      for (const friend of friends) await friend.sync();
      // those that have said nothing are thrown out after five seconds, though we keep our side open
      const isBefore = async (): Promise<boolean> => (countOpenFiles(pid) ?? 0) <= (before ?? 0);
      await until(isBefore, `at most ${before} open files, as before`);
      for (const socket of open) socket.destroy();
      for (const friend of friends) await friend.sync();
      const newcomer = await RawPeer.connect(node.port);
      await newcomer.handshake();
      await node.stop();
    } finally {
      node.process.signal('SIGKILL');
    }
  });
});

test('D18: a node with few file descriptors takes fewer connections, and one with too few says so', async () => {
  await withFolder(async (folder) => {
    const node = await NetworkNode.start(join(folder, 'node'), ['-regtest'], { openFilesMax: 200 });
    try {
      const line = / \[warning\] Reducing -maxconnections from 125 to 40, because of system limitations\.\n/;
      assert.match(node.process.stdout(), line);
      const crowd = await Promise.all(Array.from({ length: 300 }, () => openSilently(node.port)));
      const friend = await RawPeer.connect(node.port).catch(() => null);
      for (const socket of crowd) socket.destroy();
      friend?.close();
      await until(() => isLetIn(node.port), 'room for somebody who comes late');
      node.process.signal('SIGTERM');
      assert.equal((await node.process.ended).code, 0);
    } finally {
      node.process.signal('SIGKILL');
    }
    const error = await runNodeToError(folder, ['-regtest', '-bind=127.0.0.1:0', '-connect=0'], { openFilesMax: 100 });
    assert.match(error, /^Error: Not enough file descriptors available\. 100 available, 160 required\.\n/);
  });
});

/** Listens with the platform's network, says where, and answers every connection with one byte. */
const LISTENING_PROGRAM = `
import { TcpNetwork } from './dist/src/platform/node/tcp-network.js';
const network = new TcpNetwork();
const listener = await network.listen({ host: '127.0.0.1', port: 0 }, (connection) => {
  connection.start({ onBytes() {}, onSent() {}, onClosed() {} });
  connection.send(Uint8Array.of(1));
});
console.log('port ' + listener.local.port);
`;

test('D18: a listener without a file descriptor left loses the connection that came, and not itself', async () => {
  const args = ['--input-type=module', '--eval', LISTENING_PROGRAM];
  const child = spawn('sh', ['-c', 'ulimit -n 40 && exec "$0" "$@"', process.execPath, ...args], {
    cwd: findProjectRoot(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = new Promise<number | null>((resolve) => void child.once('exit', resolve));
  try {
    let said = '';
    for await (const text of child.stdout.setEncoding('utf8')) {
      said += String(text);
      if (/port \d+\n/.test(said)) break;
    }
    const port = Number(/port (\d+)/.exec(said)?.[1]);
    for (let round = 0; round < 3; round++) {
      const crowd = await Promise.all(Array.from({ length: 100 }, () => openSilently(port)));
      await pause(100);
      const servedCount = crowd.filter((socket) => socket.bytesRead + socket.readableLength > 0).length;
      assert.ok(servedCount < 100, `${servedCount} of 100 were served with 40 descriptors`);
      for (const socket of crowd) socket.destroy();
      await until(async () => (await countServed(port)) === 1, 'somebody who comes when there is room to be served');
    }
    assert.equal(child.exitCode, null);
  } finally {
    child.kill('SIGTERM');
    await closed;
  }
});
