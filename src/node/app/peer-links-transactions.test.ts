import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, makeTx, outputOf, pay, spend } from '../../../test/model/block-builder.ts';
import type { FakeConnection } from '../../../test/model/fake-network.ts';
import { Shell } from '../../../test/model/links-shell.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { rejected, type SingleResult } from '../mempool/accept-result.ts';
import type { PeerId } from '../p2p/peer-id.ts';
import type { Message } from '../wire/messages.ts';
import type { PeerLink } from './peer-link.ts';
import type { TransactionJudge } from './peer-links.ts';
import { IntakeClosedError } from './transaction-intake.ts';

/** Says what a test wants it to say, when the test wants it. */
class Judge implements TransactionJudge {
  readonly waiting: { readonly transactions: readonly Transaction[]; settle(error?: unknown): void }[] = [];
  /** Transactions that have no parents here. */
  readonly orphans: Set<Transaction> = new Set();

  submit(transaction: Transaction): Promise<SingleResult> {
    return this.#wait([transaction], () => {
      const isOrphan = this.orphans.has(transaction);
      const kind = isOrphan ? 'missing-inputs' : 'consensus';
      const reject = { kind, reason: 'bad-txns-in-belowout', rule: 'inputs-cover-outputs' } as never;
      return rejected(reject, null, isOrphan ? [outputOf(transaction).txid] : []);
    });
  }

  submitPackage(): never {
    assert.fail('no package is found here');
  }

  #wait<T>(transactions: readonly Transaction[], verdict: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (error?: unknown): void => (error === undefined ? resolve(verdict()) : reject(error));
      this.waiting.push({ transactions, settle });
    });
  }
}

async function open(): Promise<{ shell: Shell; judge: Judge }> {
  const judge = new Judge();
  return { shell: await Shell.open(3, judge), judge };
}

function transaction(n: number): Transaction {
  return makeTx([spend({ txid: fakeTxid(n), index: 0 })], [pay(1_000)]);
}

function tx(n: number): Message {
  return { type: 'tx', transaction: transaction(n) };
}

function ping(nonce: bigint): Message {
  return { type: 'ping', nonce };
}

function typesHeard(connection: FakeConnection): string[] {
  return connection.hear().map(({ type }) => type);
}

test('what a peer says after a transaction waits for its verdict, and others do not', async () => {
  const { shell, judge } = await open();
  const { connection } = await shell.join();
  const { connection: other } = await shell.join();
  connection.say(tx(1), ping(1n), tx(2), ping(2n));
  other.say(ping(3n), tx(3), ping(4n));
  await shell.time.settle();
  assert.deepEqual([typesHeard(connection), typesHeard(other), judge.waiting.length], [[], ['pong'], 2]);
  judge.waiting.shift()!.settle();
  await shell.time.settle();
  assert.deepEqual([typesHeard(connection), typesHeard(other), judge.waiting.length], [['pong'], [], 2]);
  for (const { settle } of judge.waiting) settle();
  await shell.time.settle();
  assert.deepEqual([typesHeard(connection), typesHeard(other)], [['pong'], ['pong']]);
  assert.deepEqual(shell.fatal, []);
});

test('blocks that a peer asked for are served while its transaction is judged', async () => {
  const { shell, judge } = await open();
  const { connection } = await shell.join();
  connection.say(shell.getData(1, 2), tx(1), ping(1n));
  await shell.time.settle();
  assert.deepEqual([typesHeard(connection), judge.waiting.length], [['block', 'block'], 1]);
  judge.waiting[0]!.settle();
  await shell.time.settle();
  assert.deepEqual(typesHeard(connection), ['pong']);
});

test('a peer that goes while its transaction is judged, and one that comes back, are no harm', async () => {
  const { shell, judge } = await open();
  const { connection } = await shell.join();
  connection.say(tx(1));
  await shell.time.settle();
  connection.cut();
  await shell.time.settle();
  assert.equal(shell.links.links.size, 0);
  judge.waiting[0]!.settle();
  await shell.time.settle();
  assert.deepEqual(shell.fatal, []);
});

test('the end of the intake is no failure, and anything else is one; nothing more is handled of that peer', async () => {
  const { shell, judge } = await open();
  const { connection } = await shell.join();
  const { connection: other } = await shell.join();
  connection.say(tx(1), ping(1n));
  other.say(tx(2), ping(2n));
  await shell.time.settle();
  judge.waiting[0]!.settle(new IntakeClosedError('closed'));
  await shell.time.settle();
  assert.deepEqual(shell.fatal, []);
  judge.waiting[1]!.settle(new RangeError('a bug'));
  await shell.time.settle();
  assert.deepEqual(shell.fatal.map(String), ['RangeError: a bug']);
  assert.deepEqual([typesHeard(connection), typesHeard(other)], [[], []]);
});

test('stop waits for the verdicts that are under way', async () => {
  const { shell, judge } = await open();
  const { connection } = await shell.join();
  connection.say(tx(1), tx(2));
  await shell.time.settle();
  let isStopped = false;
  const stopping = shell.links.stop().then(() => {
    isStopped = true;
  });
  await shell.time.settle();
  assert.deepEqual([isStopped, connection.isOver], [false, true]);
  judge.waiting[0]!.settle();
  await stopping;
  await shell.time.settle();
  assert.deepEqual([judge.waiting.length, shell.fatal], [1, []]);
});

// --- the regular work

/** Notes whose regular work is done; every look at the clock takes a millisecond. */
function watchTicks(shell: Shell): PeerId[] {
  const { manager } = shell.world;
  const ticked: PeerId[] = [];
  const plain = manager.tick.bind(manager);
  manager.tick = (id, now) => {
    ticked.push(id);
    return plain(id, now);
  };
  shell.time.tickMs = 1;
  return ticked;
}

async function joinMany(shell: Shell, count: number): Promise<{ connection: FakeConnection; link: PeerLink }[]> {
  const joined: { connection: FakeConnection; link: PeerLink }[] = [];
  for (let i = 0; i < count; i++) joined.push(await shell.join());
  return joined;
}

test('D12: the regular work on many peers leaves the host its turns, and does each of them once', async () => {
  const { shell } = await open();
  const peers = await joinMany(shell, 30);
  const ticked = watchTicks(shell);
  const before = shell.time.yieldCount;
  shell.links.tick();
  const atOnce = ticked.length;
  assert.ok(atOnce >= 1 && atOnce < 30, `${atOnce} at a stretch`);
  // Whoever is impatient does not begin another round.
  shell.links.tick();
  shell.links.tick();
  assert.equal(ticked.length, atOnce);
  await shell.time.settle();
  assert.deepEqual(
    ticked,
    peers.map(({ link }) => link.id),
  );
  const yields = shell.time.yieldCount - before;
  assert.ok(yields >= 10, `${yields} pauses`);
  shell.links.tick();
  await shell.time.settle();
  assert.equal(ticked.length, 60);
});

test('peers that go and come while the regular work is done', async () => {
  const { shell } = await open();
  const peers = await joinMany(shell, 20);
  const ticked = watchTicks(shell);
  shell.links.tick();
  const gone = peers.at(-1)!;
  gone.connection.cut();
  const { link: late } = shell.adopt();
  await shell.time.settle();
  assert.equal(ticked.length, 19);
  assert.ok(!ticked.includes(gone.link.id) && !ticked.includes(late.id));
  shell.links.tick();
  await shell.time.settle();
  assert.equal(ticked.length, 39);
  assert.ok(ticked.includes(late.id));
});

test('stop waits for the regular work, which ends early; afterwards nothing is done', async () => {
  const { shell } = await open();
  await joinMany(shell, 20);
  const ticked = watchTicks(shell);
  shell.links.tick();
  const atOnce = ticked.length;
  await shell.links.stop();
  shell.links.tick();
  await shell.time.settle();
  assert.deepEqual([ticked.length, shell.links.links.size, shell.fatal], [atOnce, 0, []]);
});

test('a bug in the regular work is told, at whatever stretch', async () => {
  const { shell } = await open();
  const peers = await joinMany(shell, 20);
  const ticked = watchTicks(shell);
  const { manager } = shell.world;
  const plain = manager.tick.bind(manager);
  manager.tick = (id, now) => {
    if (id === peers.at(-1)!.link.id) throw new RangeError('a bug');
    return plain(id, now);
  };
  shell.links.tick();
  await shell.time.settle();
  assert.deepEqual([ticked.length, shell.fatal.map(String)], [19, ['RangeError: a bug']]);
});
