import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, makeTx, pay, spend } from '../../../test/model/block-builder.ts';
import { addressOf } from '../../../test/model/manager-world.ts';
import { ManualTime } from '../../../test/model/manual-time.ts';
import { rejectTx } from '../../kernel/consensus/reject.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { rejected, type SingleResult } from '../mempool/accept-result.ts';
import { asPeerId } from '../p2p/peer-id.ts';
import { PrivateBroadcast } from '../p2p/private-broadcast.ts';
import type { Network } from '../wire/net-address.ts';
import { PrivateBroadcaster } from './private-broadcaster.ts';
import { IntakeClosedError } from './transaction-intake.ts';

const NOW = 1_700_000_000;
const MISSING = rejectTx('missing-inputs', 'bad-txns-inputs-missingorspent', 'input-unspent');
const ACCEPTED = { outcome: 'accepted' } as SingleResult;

function payment(n: number): Transaction {
  return makeTx([spend({ txid: fakeTxid(n), index: 0 })], [pay(1)]);
}

/** A broadcaster of which a test answers the dials. */
class World {
  readonly time: ManualTime = new ManualTime(NOW);
  readonly list: PrivateBroadcast = new PrivateBroadcast();
  readonly lines: string[] = [];
  readonly fatal: unknown[] = [];
  readonly reachable: Set<Network> = new Set(['onion']);
  /** Answers to dials under way. */
  readonly dials: ((isConnected: boolean) => void)[] = [];
  readonly judged: Transaction[] = [];
  readonly broadcaster: PrivateBroadcaster;
  verdict: SingleResult | Error = ACCEPTED;
  hasAddresses = true;
  isNetworkActive = true;
  connectionCount = 0;
  #host = 0;

  constructor() {
    const write = (text: string): void => {
      this.lines.push(text);
    };
    this.broadcaster = new PrivateBroadcaster({
      list: this.list,
      intake: {
        submit: async (transaction, options) => {
          assert.deepEqual(options, { isTest: true });
          this.judged.push(transaction);
          if (this.verdict instanceof Error) throw this.verdict;
          return this.verdict;
        },
      },
      clock: this.time,
      timers: this.time,
      log: { info: write, warn: write, error: write, debug: (_category, text) => write(text()) },
      rng: createRng(1),
      rules: () => ({
        addresses: { select: () => this.#pick() },
        reachable: this.reachable,
        isTorProven: true,
        connections: [],
        isOwn: () => false,
        isUnwanted: () => false,
      }),
      connectionCount: () => this.connectionCount,
      isNetworkActive: () => this.isNetworkActive,
      dial: () =>
        new Promise((resolve) => {
          this.dials.push(resolve);
        }),
      onFatal: (error) => this.fatal.push(error),
    });
    this.broadcaster.start();
  }

  #pick() {
    if (!this.hasAddresses) return null;
    const address = addressOf(`44.1.2.${++this.#host % 250}:8333`);
    return { address, services: 9n, timeSec: NOW, lastTrySec: 0 };
  }

  /** Answers all dials that are under way. */
  async answer(isConnected: boolean): Promise<number> {
    const dials = this.dials.splice(0);
    for (const resolve of dials) {
      if (isConnected) this.connectionCount++;
      resolve(isConnected);
    }
    await this.time.settle();
    return dials.length;
  }
}

test('a transaction is sent over three connections', async () => {
  const world = new World();
  const transaction = payment(1);
  assert.equal(world.broadcaster.send(transaction), 'added');
  assert.equal(world.dials.length, 3);
  assert.equal(await world.answer(true), 3);
  assert.deepEqual([world.dials.length, world.list.connectionsToOpen], [0, 0]);
  const name = `txid=${formatHash(transaction.txid)}, wtxid=${formatHash(transaction.wtxid)}`;
  assert.equal(world.lines[0], `Requesting 3 new connections due to ${name}`);
  assert.equal(world.lines.at(-1), 'Socket connected to 44.1.2.3:8333; remaining connections to open: 0');
  assert.equal(world.broadcaster.send(transaction), 'already');
  assert.equal(
    world.lines.at(-1),
    `Ignoring unnecessary request to schedule an already scheduled transaction: ${name}`,
  );
});

test('an attempt that fails is followed by another one elsewhere, a tenth of a second later', async () => {
  const world = new World();
  world.broadcaster.send(payment(1));
  assert.equal(await world.answer(false), 3);
  assert.equal(world.dials.length, 0);
  await world.time.advance(99);
  assert.equal(world.dials.length, 0);
  await world.time.advance(1);
  assert.equal(world.dials.length, 3);
  world.broadcaster.abort(payment(1).txid);
  await world.answer(false);
  await world.time.advance(10_000);
  assert.equal(world.dials.length, 0, 'nobody needs them any more');
  assert.match(world.lines.at(-1)!, /^Failed to connect to .*, will not retry, no more connections needed$/);
});

test('D18: at most four attempts are under way, and at most 64 connections open', async () => {
  const world = new World();
  for (let n = 0; n < 100; n++) world.broadcaster.send(payment(n));
  assert.equal(world.dials.length, 4);
  let count = 0;
  while (world.dials.length > 0) count += await world.answer(true);
  assert.equal(count, 64);
  assert.equal(world.list.connectionsToOpen, 300 - 64);
  world.connectionCount--;
  world.broadcaster.wake();
  assert.equal(world.dials.length, 1, 'one has gone');
});

test('without addresses it looks again after half a second, without a way after five', async () => {
  const world = new World();
  world.hasAddresses = false;
  world.broadcaster.send(payment(1));
  assert.equal(world.lines.at(-1), 'Connections needed but addrman keeps returning bad addresses, will retry');
  world.hasAddresses = true;
  await world.time.advance(499);
  assert.equal(world.dials.length, 0);
  await world.time.advance(1);
  assert.equal(world.dials.length, 3);
  world.reachable.clear();
  await world.answer(false);
  await world.time.advance(100);
  assert.equal(world.lines.at(-1), 'Unable to open -privatebroadcast connections: neither Tor nor I2P is reachable');
  world.reachable.add('onion');
  await world.time.advance(4_999);
  assert.equal(world.dials.length, 0);
  await world.time.advance(1);
  assert.equal(world.dials.length, 3);
});

test('while the network is turned off nobody is called', async () => {
  const world = new World();
  world.isNetworkActive = false;
  world.broadcaster.send(payment(1));
  assert.equal(world.dials.length, 0);
  world.isNetworkActive = true;
  await world.time.advance(5_000);
  assert.equal(world.dials.length, 3);
});

test('what has not come back is tried again, if the mempool would still take it, and otherwise given up', async () => {
  const world = new World();
  const transaction = payment(1);
  world.broadcaster.send(transaction);
  await world.answer(true);
  await world.time.advance(200_000);
  assert.deepEqual(world.judged, [], 'five minutes have not gone by');
  await world.time.advance(300_000);
  assert.ok(world.judged.length >= 1);
  const name = `txid=${formatHash(transaction.txid)} wtxid=${formatHash(transaction.wtxid)}`;
  assert.ok(world.lines.includes(`Reattempting broadcast of stale ${name}`));
  assert.equal(world.dials.length, Math.min(4, world.judged.length));
  world.verdict = rejected(MISSING);
  await world.time.advance(200_000);
  assert.deepEqual(world.broadcaster.list(), []);
  assert.ok(world.lines.includes(`Giving up broadcast attempts for ${name}: bad-txns-inputs-missingorspent`));
  assert.deepEqual(world.fatal, []);
});

test('what a peer has confirmed is tried again two to four minutes after that', async () => {
  const world = new World();
  world.broadcaster.send(payment(1));
  world.list.choose(asPeerId(1), addressOf('44.1.2.3:8333'), { nowMs: world.time.nowMs, nowSec: NOW });
  world.list.confirmed(asPeerId(1), { nowMs: world.time.nowMs, nowSec: NOW });
  await world.time.advance(119_000);
  assert.equal(world.judged.length, 0);
  await world.time.advance(121_000);
  assert.ok(world.judged.length >= 1);
});

test('stopping makes no more connections, and waits for what is under way', async () => {
  const world = new World();
  world.broadcaster.send(payment(1));
  let isStopped = false;
  const stopping = world.broadcaster.stop().then(() => {
    isStopped = true;
  });
  await world.time.settle();
  assert.equal(isStopped, false);
  await world.answer(false);
  await stopping;
  await world.time.advance(600_000);
  assert.deepEqual([world.dials.length, world.judged.length, world.time.timerCount], [0, 0, 0]);
});

test('a node that stops while it tries one again has not failed, and anything else is told', async () => {
  for (const [error, fatal] of [
    [new IntakeClosedError('closed'), []],
    [new TypeError('a bug'), [new TypeError('a bug')]],
  ] as const) {
    const world = new World();
    world.verdict = error;
    world.broadcaster.send(payment(1));
    await world.time.advance(500_000);
    assert.deepEqual(world.fatal.slice(0, 1), fatal);
  }
});
