// What every Network must do (src/node/ports.ts): one suite for the real one and for any other. An implementation gives a fresh
// network and a host on which it can listen.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concatBytes } from '../../src/kernel/util/bytes.ts';
import { ConnectError, type Connection, type Listener, type Network } from '../../src/node/ports.ts';

/** How to get a network. */
export interface NetworkSetup {
  readonly name: string;
  readonly host: string;
  open(): { readonly network: Network; close(): Promise<void> };
  /** Lets what is under way arrive. */
  settle(): Promise<void>;
  /** Waits for a promise of the network, whose time may have to be driven. */
  wait<T>(promise: Promise<T>): Promise<T>;
}

/** One end of a connection that keeps what it hears. */
class Ear {
  readonly connection: Connection;
  readonly chunks: Uint8Array[] = [];
  sentCount = 0;
  closedReasons: (string | null)[] = [];

  constructor(connection: Connection) {
    this.connection = connection;
    connection.start({
      onBytes: (bytes) => {
        assert.equal(this.closedReasons.length, 0, 'no bytes after the end');
        this.chunks.push(bytes);
      },
      onSent: () => {
        this.sentCount++;
      },
      onClosed: (reason) => {
        this.closedReasons.push(reason);
      },
    });
  }

  get received(): Uint8Array {
    return concatBytes(...this.chunks);
  }
}

const WAIT_ROUNDS = 2000;

/** Runs the suite. */
export function runNetworkSuite(setup: NetworkSetup): void {
  const { name, host, settle, wait } = setup;

  const until = async (what: string, isTrue: () => boolean): Promise<void> => {
    for (let i = 0; i < WAIT_ROUNDS; i++) {
      if (isTrue()) return;
      await settle();
    }
    assert.fail(`waited in vain for ${what}`);
  };

  const withPair = async (action: (near: Ear, far: Ear, listener: Listener, network: Network) => Promise<void>) => {
    const { network, close } = setup.open();
    const arrived: Ear[] = [];
    const listener = await wait(network.listen({ host, port: 0 }, (connection) => arrived.push(new Ear(connection))));
    try {
      const near = new Ear(await wait(network.dial(listener.local, 5000)));
      await until('the other end', () => arrived.length === 1);
      await action(near, arrived[0]!, listener, network);
      near.connection.close();
      arrived[0]!.connection.close();
    } finally {
      await Promise.race([listener.close(), settle()]);
      await close();
    }
  };

  test(`${name}: both ends know where they are, and a port that was left open has a number`, () =>
    withPair(async (near, far, listener) => {
      assert.ok(listener.local.port > 0);
      assert.deepEqual(near.connection.remote, listener.local);
      assert.deepEqual(far.connection.local, listener.local);
      assert.deepEqual(far.connection.remote, near.connection.local);
    }));

  test(`${name}: bytes arrive whole and in order, both ways`, () =>
    withPair(async (near, far) => {
      const sent: Uint8Array[] = [];
      for (let i = 0; i < 200; i++) {
        const bytes = new Uint8Array(1 + ((i * 37) % 5000)).fill(i);
        sent.push(bytes);
        near.connection.send(bytes);
      }
      far.connection.send(Uint8Array.of(1, 2, 3));
      const all = concatBytes(...sent);
      await until('everything', () => far.received.length === all.length && near.received.length === 3);
      assert.deepEqual(far.received, all);
      assert.deepEqual(near.received, Uint8Array.of(1, 2, 3));
      assert.equal(near.connection.queuedBytes, 0);
    }));

  test(`${name}: sending tells nothing within the call, and what did not leave at once is told of later`, () =>
    withPair(async (near, far) => {
      near.connection.send(new Uint8Array(100_000));
      assert.deepEqual([near.sentCount, far.chunks.length], [0, 0]);
      const wasQueued = near.connection.queuedBytes > 0;
      await until('everything', () => far.received.length === 100_000);
      await until('an empty queue', () => near.connection.queuedBytes === 0);
      assert.ok(!wasQueued || near.sentCount > 0);
    }));

  test(`${name}: the end is told once to each side, and nothing can be sent any more`, () =>
    withPair(async (near, far) => {
      near.connection.close();
      assert.equal(near.closedReasons.length, 0, 'not from within the call');
      await until('the end', () => near.closedReasons.length === 1 && far.closedReasons.length === 1);
      near.connection.close();
      near.connection.send(Uint8Array.of(9));
      far.connection.send(Uint8Array.of(9));
      await settle();
      assert.deepEqual([near.closedReasons.length, far.closedReasons.length], [1, 1]);
      assert.equal(far.received.length, 0);
    }));

  test(`D05: ${name}: who does not read makes the sender's queue grow, and nobody else's memory`, () =>
    withPair(async (near, far) => {
      far.connection.setReading(false);
      await settle();
      const piece = new Uint8Array(256 * 1024);
      const pieces = 64;
      for (let i = 0; i < pieces; i++) near.connection.send(piece);
      for (let i = 0; i < 20; i++) await settle();
      const held = far.received.length;
      assert.ok(near.connection.queuedBytes > 0, 'the queue is at the sender');
      assert.ok(held < pieces * piece.length, 'not everything has come');
      far.connection.setReading(true);
      await until('the rest', () => far.received.length === pieces * piece.length);
      await until('an empty queue', () => near.connection.queuedBytes === 0);
    }));

  test(`${name}: nobody listens: an error with a code, soon`, async () => {
    const { network, close } = setup.open();
    try {
      const listener = await wait(network.listen({ host, port: 0 }, (connection) => connection.close()));
      const { local } = listener;
      await wait(listener.close());
      await assert.rejects(
        wait(network.dial(local, 5000)),
        (error) => error instanceof ConnectError && error.code !== '',
      );
    } finally {
      await close();
    }
  });

  test(`${name}: a place can be listened at once`, async () => {
    const { network, close } = setup.open();
    try {
      const listener = await wait(network.listen({ host, port: 0 }, (connection) => connection.close()));
      await assert.rejects(
        wait(network.listen(listener.local, (connection) => connection.close())),
        (error) => error instanceof ConnectError && error.code === 'EADDRINUSE',
      );
      await wait(listener.close());
    } finally {
      await close();
    }
  });

  test(`${name}: a numeric address is its own name`, async () => {
    const { network, close } = setup.open();
    try {
      assert.deepEqual(await wait(network.resolve(host)), [host]);
    } finally {
      await close();
    }
  });
}
