// The simulated network: what goes in at one end comes out at the other, and everything that may go wrong in between.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../src/kernel/util/prng.ts';
import type { Connection, Network } from '../../src/node/ports.ts';
import { MachineLife } from '../../src/sim/machine.ts';
import { WINDOW_BYTES } from '../../src/sim/sim-link.ts';
import { type NetworkOptions, SimNet } from '../../src/sim/sim-net.ts';
import { World } from '../../src/sim/world.ts';
import { HOST } from './hosts.ts';

const A = '20.0.0.1';
const B = '21.0.0.1';
const PORT = 1000;
const CALM: NetworkOptions = {
  latencyMinMs: 10,
  latencyMaxMs: 50,
  bytesPerSec: 1_000_000,
  shredPerMille: 1000,
  refusePerMille: 0,
};

class Side {
  readonly connection: Connection;
  bytes: number[] = [];
  pieces = 0;
  sent = 0;
  closed: string | null | undefined;

  constructor(connection: Connection) {
    this.connection = connection;
    connection.start({
      onBytes: (bytes) => {
        this.bytes.push(...bytes);
        this.pieces++;
      },
      onSent: () => {
        this.sent++;
      },
      onClosed: (reason) => {
        this.closed = reason;
      },
    });
  }
}

class Pair {
  readonly world: World;
  readonly net: SimNet;
  readonly lives: MachineLife[];
  readonly networks: Network[];

  constructor(options: Partial<NetworkOptions> = {}) {
    this.world = new World(5, HOST);
    this.net = new SimNet(this.world, { ...CALM, ...options });
    this.lives = [A, B].map((address, owner) => {
      this.net.addHost(address, owner);
      return new MachineLife(this.world, owner);
    });
    this.networks = [A, B].map((address, owner) => this.net.powerOn(address, this.lives[owner]!));
  }

  async connect(): Promise<[Side, Side]> {
    let far: Side | null = null;
    const { world, networks } = this;
    await networks[1]!.listen({ host: B, port: PORT }, (connection) => {
      far = new Side(connection);
    });
    const near = await world.until(networks[0]!.dial({ host: B, port: PORT }, 5000), 'a connection');
    return [new Side(near), far!];
  }
}

function count(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7) % 251);
}

test('bytes arrive in order, in other pieces, and both sides know each other', async () => {
  const pair = new Pair();
  const [near, far] = await pair.connect();
  assert.deepEqual([near.connection.remote, far.connection.remote.host], [{ host: B, port: PORT }, A]);
  const sent = count(5000);
  for (let at = 0; at < sent.length; at += 100) near.connection.send(sent.slice(at, at + 100));
  await pair.world.run(pair.world.nowMs + 10_000);
  assert.deepEqual(far.bytes, [...sent]);
  assert.ok(far.pieces > 60, `${far.pieces} pieces`);
});

test('a slow line takes its time, and what waits is told', async () => {
  const pair = new Pair({ bytesPerSec: 10_000, shredPerMille: 0 });
  const [near, far] = await pair.connect();
  const startMs = pair.world.nowMs;
  near.connection.send(count(50_000));
  assert.ok(near.connection.queuedBytes > 20_000);
  await pair.world.run(startMs + 3000);
  assert.ok(far.bytes.length < 35_000);
  await pair.world.run(startMs + 6000);
  assert.equal(far.bytes.length, 50_000);
  assert.equal(near.connection.queuedBytes, 0);
  assert.ok(near.sent > 0);
});

test('who does not read makes the other wait, and loses nothing', async () => {
  const pair = new Pair({ shredPerMille: 0 });
  const [near, far] = await pair.connect();
  far.connection.setReading(false);
  near.connection.send(count(3 * WINDOW_BYTES));
  await pair.world.run(pair.world.nowMs + 60_000);
  assert.equal(far.bytes.length, 0);
  assert.ok(near.connection.queuedBytes >= WINDOW_BYTES);
  far.connection.setReading(true);
  await pair.world.run(pair.world.nowMs + 60_000);
  assert.equal(far.bytes.length, 3 * WINDOW_BYTES);
});

test('a one-way blockade holds one direction back until it ends', async () => {
  const pair = new Pair({ shredPerMille: 0 });
  const [near, far] = await pair.connect();
  pair.net.setBlocked(A, B, true);
  near.connection.send(Uint8Array.of(1, 2));
  far.connection.send(Uint8Array.of(3));
  await pair.world.run(pair.world.nowMs + 5000);
  assert.deepEqual([near.bytes, far.bytes], [[3], []]);
  await assert.rejects(pair.world.until(pair.networks[0]!.dial({ host: B, port: PORT }, 700), 'a dial'), /ETIMEDOUT/);
  pair.net.setBlocked(A, B, false);
  assert.deepEqual(far.bytes, [1, 2]);
});

test('an orderly end comes after what was sent; nothing is told twice', async () => {
  const pair = new Pair();
  const [near, far] = await pair.connect();
  near.connection.send(Uint8Array.of(9));
  near.connection.close();
  assert.equal(near.closed, undefined);
  await pair.world.run(pair.world.nowMs + 1000);
  assert.deepEqual([near.closed, far.closed, far.bytes], [null, null, [9]]);
});

test('a process that dies resets its connections; a machine without power says nothing until it is back', async () => {
  const killed = new Pair();
  const [, far] = await killed.connect();
  killed.lives[0]!.end();
  killed.net.powerOff(A, true);
  await killed.world.run(killed.world.nowMs + 1000);
  assert.equal(far.closed, 'connection reset by peer');

  const dark = new Pair();
  const [near] = await dark.connect();
  dark.lives[1]!.end();
  dark.net.powerOff(B, false);
  near.connection.send(Uint8Array.of(1));
  await dark.world.run(dark.world.nowMs + 60_000);
  assert.equal(near.closed, undefined);
  dark.net.powerOn(B, new MachineLife(dark.world, 1));
  near.connection.send(Uint8Array.of(2));
  await dark.world.run(dark.world.nowMs + 1000);
  assert.equal(near.closed, 'connection reset by peer');
});

test('nobody there: refused; no machine there: no answer; a name leads to its addresses and those below it', async () => {
  const { world, net, networks } = new Pair();
  const dial = (host: string): Promise<unknown> => world.until(networks[0]!.dial({ host, port: PORT }, 3000), 'a dial');
  await assert.rejects(dial(B), /ECONNREFUSED/);
  await assert.rejects(dial('99.9.9.9'), /ETIMEDOUT/);
  net.setName('seed.invalid', [A, B]);
  assert.deepEqual(await world.until(networks[0]!.resolve('x9.seed.invalid'), 'a name'), [A, B]);
  await assert.rejects(world.until(networks[0]!.resolve('other.invalid'), 'a name'), /ENOTFOUND/);
});

test('a reset in between ends the connection for both', async () => {
  const pair = new Pair();
  const [near, far] = await pair.connect();
  pair.net.reset(1, createRng(1));
  await pair.world.run(pair.world.nowMs + 1000);
  assert.deepEqual([near.closed, far.closed], ['connection reset by peer', 'connection reset by peer']);
});
