import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BranchBuilder, NOW_SEC } from '../../test/model/branch-builder.ts';
import { ManualTime } from '../../test/model/manual-time.ts';
import { ServiceWorld } from '../../test/model/service-world.ts';
import type { Chainstate } from '../kernel/chain/chainstate.ts';
import { createMemoryPorts, openMemoryChain } from '../kernel/chain/memory-chain.ts';
import { formatHash } from '../kernel/primitives/hashes.ts';
import type { Mempool } from '../node/mempool/mempool.ts';
import type { WalletNews } from './app-ports.ts';
import type { EndReason, EventFollower, EventSink } from './event-follower.ts';
import { EVENT_FOLLOWERS_MAX, EventLog } from './events.ts';

/** An event as a follower reads it. */
interface Told {
  readonly type: string;
  readonly cursor: string;
  readonly [name: string]: unknown;
}

/** A connection that keeps what it is sent. */
class Ear implements EventSink {
  readonly told: Told[] = [];
  endReason: EndReason | null = null;
  /** False: it takes nothing more. */
  #hasRoom = true;
  #resume: (() => void) | null = null;

  async ready(): Promise<boolean> {
    while (!this.#hasRoom) await new Promise<void>((resolve) => (this.#resume = resolve));
    return this.endReason === null;
  }

  send(text: string): void {
    this.told.push(JSON.parse(text) as Told);
  }

  end(reason: EndReason): void {
    this.endReason = reason;
  }

  setRoom(hasRoom: boolean): void {
    this.#hasRoom = hasRoom;
    this.#resume?.();
  }

  /** Types with what tells them apart. */
  get lines(): readonly string[] {
    return this.told.map(({ type, height, hash, resumed }) =>
      [type, height, type.startsWith('block') ? String(hash).slice(0, 8) : '', type === 'hello' ? resumed : '']
        .filter((part) => part !== undefined && part !== null && part !== '')
        .join(' '),
    );
  }

  get cursor(): string {
    return this.told.at(-1)!.cursor;
  }
}

const IDLE = {
  isMining: false,
  share: 1,
  threadCount: 1,
  hashRate: 0,
  hashCount: 0,
  height: null,
  transactionCount: 0,
  rewardSat: 0,
  blocksWon: 0,
};

/** A ledger and its log. */
class Desk {
  readonly branch: BranchBuilder;
  readonly time: ManualTime = new ManualTime(NOW_SEC);
  readonly chain: Chainstate;
  readonly log: EventLog;
  readonly failures: unknown[] = [];
  peerCount = 0;
  miner = IDLE;

  constructor(chain: Chainstate, branch: BranchBuilder, run = '0123456789abcdef', pool: Mempool | null = null) {
    this.chain = chain;
    this.branch = branch;
    this.log = new EventLog({
      network: 'regtest',
      chain,
      pool,
      peers: () => ({ type: 'peers', count: this.peerCount }),
      miner: () => this.miner as never,
      timers: this.time,
      run,
      onFailure: (error) => this.failures.push(error),
    });
  }

  static async open(blockCount: number): Promise<Desk> {
    const branch = new BranchBuilder();
    const chain = await openMemoryChain(branch.network, {}, createMemoryPorts());
    await chain.activate(NOW_SEC);
    const desk = new Desk(chain, branch);
    await desk.mine(blockCount);
    return desk;
  }

  async mine(count: number, branch: BranchBuilder = this.branch): Promise<void> {
    for (const block of branch.mineMany(count)) await this.chain.submitBlock(block, NOW_SEC);
  }

  async submit(branch: BranchBuilder, fromHeight: number): Promise<void> {
    for (const block of branch.blocks.slice(fromHeight - 1)) await this.chain.submitBlock(block, NOW_SEC);
  }

  async follow(after: string | null, ear: Ear = new Ear()): Promise<Ear> {
    assert.ok(this.log.follow(after, ear) !== null);
    await this.time.settle();
    return ear;
  }
}

/** First letters of the hash of a block, as people write it. */
function nameOf(branch: BranchBuilder, height: number): string {
  return formatHash(branch.at(height).header.blockHash).slice(0, 8);
}

test('who follows without a cursor is told of what happens from then on', async () => {
  const desk = await Desk.open(2);
  const ear = await desk.follow(null);
  assert.deepEqual(ear.lines, ['hello 2 false']);
  await desk.mine(1);
  await desk.time.settle();
  assert.deepEqual(ear.lines.slice(1), [`block-connected 3 ${nameOf(desk.branch, 3)}`, 'tip 3']);
  const { cursor, hash, previousHash, ...rest } = ear.told[1]!;
  assert.equal(previousHash, formatHash(desk.branch.at(2).header.blockHash));
  assert.deepEqual(rest, {
    type: 'block-connected',
    height: 3,
    time: desk.branch.at(3).header.timeSec,
    transactionCount: 1,
    size: desk.branch.at(3).totalSize,
    weight: desk.branch.at(3).weightWu,
    feesSat: 0,
    rewardSat: 5_000_000_000,
  });
  assert.ok(cursor.startsWith(`3-${String(hash)}_`), cursor);
});

test('a cursor of the same run goes on with the very next event, whichever it was', async () => {
  const desk = await Desk.open(1);
  const first = await desk.follow(null);
  await desk.mine(3);
  await desk.time.settle();
  for (const [i, { cursor }] of first.told.entries()) {
    const again = await desk.follow(cursor);
    assert.deepEqual(again.lines, ['hello 4 true', ...first.lines.slice(i + 1)]);
    assert.equal(again.told[0]!.cursor, cursor, 'a greeting moves nobody on');
  }
});

test('after a restart the pages since the cursor are told out of the files', async () => {
  const desk = await Desk.open(1);
  const before = await desk.follow(null);
  desk.log.close();
  assert.equal(before.endReason, 'stopped');
  await desk.mine(3);
  const later = new Desk(desk.chain, desk.branch, 'fedcba9876543210');
  const ear = await later.follow(before.cursor);
  const pages = [2, 3, 4].map((height) => `block-connected ${height} ${nameOf(desk.branch, height)}`);
  assert.deepEqual(ear.lines, ['hello 4 true', ...pages, 'tip 4', 'pool']);
  await later.mine(1);
  await later.time.settle();
  assert.deepEqual(ear.lines.slice(-2), [`block-connected 5 ${nameOf(desk.branch, 5)}`, 'tip 5']);
  // Wherever reading is cut off, it goes on from there.
  for (const [i, { cursor }] of ear.told.entries()) {
    const again = await later.follow(cursor);
    const seen: readonly string[] = [...ear.lines.slice(0, i + 1), ...again.lines].filter((line) =>
      line.startsWith('block'),
    );
    assert.deepEqual(
      seen,
      ear.lines.filter((line) => line.startsWith('block')),
    );
  }
});

test('a reorganisation while somebody was away is told from their branch down, then up', async () => {
  const desk = await Desk.open(4);
  const ear = await desk.follow(null);
  desk.log.close();
  const other = desk.branch.fork(2);
  other.mineMany(4);
  await desk.submit(other, 3);
  assert.equal(desk.chain.height, 6);
  const later = new Desk(desk.chain, other, 'fedcba9876543210');
  const back = await later.follow(ear.cursor);
  assert.deepEqual(back.lines, [
    'hello 6 true',
    `block-disconnected 4 ${nameOf(desk.branch, 4)}`,
    `block-disconnected 3 ${nameOf(desk.branch, 3)}`,
    ...[3, 4, 5, 6].map((height) => `block-connected ${height} ${nameOf(other, height)}`),
    'tip 6',
    'pool',
  ]);
});

test('a reorganisation while somebody follows is told in the same order', async () => {
  const desk = await Desk.open(2);
  const ear = await desk.follow(null);
  const other = desk.branch.fork(1);
  other.mineMany(2);
  await desk.submit(other, 2);
  await desk.time.settle();
  assert.deepEqual(ear.lines.slice(1), [
    `block-disconnected 2 ${nameOf(desk.branch, 2)}`,
    `block-connected 2 ${nameOf(other, 2)}`,
    `block-connected 3 ${nameOf(other, 3)}`,
    'tip 3',
  ]);
});

test('pages that a crash has taken, and their hashes with them, are taken back by height', async () => {
  const desk = await Desk.open(3);
  await desk.chain.flush(NOW_SEC);
  const ear = await desk.follow(null);
  await desk.mine(2);
  await desk.time.settle();
  // Another program with the same first three pages: it has never heard of the fourth and fifth.
  const survivor = desk.branch.fork(3);
  const chain = await openMemoryChain(desk.branch.network, {}, createMemoryPorts());
  await chain.activate(NOW_SEC);
  const later = new Desk(chain, survivor, 'fedcba9876543210');
  await later.submit(survivor, 1);
  await later.mine(1);
  const back = await later.follow(ear.cursor);
  const { height, hash } = back.told[1]!;
  assert.deepEqual(back.lines, [
    'hello 4 true',
    'rewound 3',
    `block-connected 4 ${nameOf(survivor, 4)}`,
    'tip 4',
    'pool',
  ]);
  assert.deepEqual([height, hash], [3, formatHash(desk.branch.at(3).header.blockHash)]);
});

test('a log that is made while the chain is about to tell of pages tells of none twice', async () => {
  const desk = await Desk.open(1);
  const ears: Ear[] = [];
  let late: Desk | null = null;
  // The first to hear of a page makes the log: the chain has the page already, and others have yet to be told.
  const unsubscribe = desk.chain.signals.blockChecked.subscribe(() => {
    late ??= new Desk(desk.chain, desk.branch, 'fedcba9876543210');
    ears.push(new Ear());
    late.log.follow(null, ears.at(-1)!);
  });
  await desk.mine(1);
  unsubscribe();
  await desk.mine(1);
  await desk.time.settle();
  const pages = ears[0]!.lines.filter((line) => line.startsWith('block'));
  assert.deepEqual(pages, [`block-connected 3 ${nameOf(desk.branch, 3)}`]);
  assert.equal(ears[0]!.lines[0], 'hello 2 false');
});

test('pages that are kept no more cannot be told, and that is said', async () => {
  const desk = await Desk.open(1);
  const ear = await desk.follow(null);
  desk.log.close();
  await desk.mine(3);
  // As pruning does.
  desk.chain.index.clearData(desk.chain.active.at(3));
  const later = new Desk(desk.chain, desk.branch, 'fedcba9876543210');
  const back = await later.follow(ear.cursor);
  assert.deepEqual(back.lines, ['hello 4 true', `block-connected 2 ${nameOf(desk.branch, 2)}`, 'reset', 'pool']);
  await later.mine(1);
  await later.time.settle();
  assert.deepEqual(back.lines.slice(-2), [`block-connected 5 ${nameOf(desk.branch, 5)}`, 'tip 5']);
  assert.deepEqual(later.failures, []);
});

test('start is a cursor before the first page', async () => {
  const desk = await Desk.open(2);
  const ear = await desk.follow('start');
  const pages = [0, 1, 2].map((height) => `block-connected ${height} ${nameOf(desk.branch, height)}`);
  assert.deepEqual(ear.lines, ['hello 2 true', ...pages, 'tip 2', 'pool']);
});

test('a cursor that says nothing, or speaks of another ledger, begins anew and says so', async () => {
  const desk = await Desk.open(2);
  const stranger = `7-${'ab'.repeat(32)}_5-${'cd'.repeat(32)}_0123456789abcdee_9`;
  const wrongHeight = `1-${formatHash(desk.branch.at(2).header.blockHash)}_1-${'cd'.repeat(32)}_0123456789abcdee_9`;
  for (const cursor of [
    '',
    'x',
    '<script>',
    '9'.repeat(100_000),
    `${stranger}9999999999999999`,
    stranger,
    wrongHeight,
  ]) {
    const ear = await desk.follow(cursor);
    assert.deepEqual(ear.lines, ['hello 2 false', 'reset', 'pool'], cursor.slice(0, 80));
    await desk.mine(0);
  }
  assert.deepEqual(desk.failures, []);
});

test('R09: a follower that takes nothing costs nobody anything, and is dropped when what it has not read is gone', async () => {
  const desk = await Desk.open(1);
  const slow = await desk.follow(null);
  const quick = await desk.follow(null);
  slow.setRoom(false);
  for (let i = 1; i <= 10_000; i++) {
    desk.log.progress({ task: 'count', id: String(i), done: i, total: 10_000, unit: 'events', isOver: false });
    if (i % 200 === 0) await desk.time.advance(250);
  }
  await desk.time.advance(250);
  assert.equal(quick.told.filter(({ type }) => type === 'progress').length, 10_000);
  assert.equal(quick.endReason, null);
  assert.equal(slow.endReason, 'too-slow');
  assert.equal(slow.told.length, 1, 'nothing was kept for it');
  assert.equal(desk.log.followerCount, 1);
});

test('R09: there is a bound to the number of followers, and those who go make room', async () => {
  const desk = await Desk.open(1);
  const followers: EventFollower[] = [];
  for (let i = 0; i < EVENT_FOLLOWERS_MAX; i++) followers.push(desk.log.follow(null, new Ear())!);
  assert.equal(desk.log.follow(null, new Ear()), null);
  followers[7]!.stop();
  assert.ok(desk.log.follow(null, new Ear()) !== null);
});

test('peers are told when they change, the miner every second while it is on and once when it is off', async () => {
  const desk = await Desk.open(1);
  const ear = await desk.follow(null);
  await desk.time.advance(3000);
  assert.deepEqual(ear.lines.slice(1), []);
  desk.peerCount = 2;
  desk.miner = { ...IDLE, isMining: true, share: 0.25, hashRate: 1234.6 };
  await desk.time.advance(2000);
  desk.miner = IDLE;
  await desk.time.advance(3000);
  assert.deepEqual(ear.lines.slice(1), ['peers', 'miner', 'miner', 'miner']);
  const { cursor: _, ...told } = ear.told[2]!;
  assert.deepEqual(told, {
    type: 'miner',
    isOn: true,
    share: 0.25,
    hashesPerSecond: 1235,
    hashes: 0,
    height: null,
    rewardSat: 0,
    blocksWon: 0,
  });
});

test('what comes in quick succession is told once, as it was last', async () => {
  const desk = await Desk.open(1);
  const ear = await desk.follow(null);
  let tell: (news: WalletNews) => void = () => undefined;
  desk.log.followWallets({
    follow: (listener) => {
      tell = listener;
      return () => undefined;
    },
  });
  for (let done = 1; done <= 50; done++) {
    desk.log.progress({ task: 'rescan', id: 'a', done, total: 50, unit: 'blocks', isOver: done === 50 });
    tell({ name: 'purse', what: 'changed' });
  }
  tell({ name: '符', what: 'loaded' });
  await desk.time.advance(250);
  const told = ear.told.slice(1).map(({ cursor: _, ...rest }) => rest);
  assert.deepEqual(told, [
    { type: 'progress', task: 'rescan', id: 'a', done: 50, total: 50, unit: 'blocks', isOver: true },
    { type: 'wallet', name: 'purse', what: 'changed' },
    { type: 'wallet', name: '符', what: 'loaded' },
  ]);
});

test('a log that nobody has followed for a minute keeps nothing but its place', async () => {
  const desk = await Desk.open(1);
  const ear = new Ear();
  const follower = desk.log.follow(null, ear)!;
  await desk.time.settle();
  follower.stop();
  await desk.mine(1);
  await desk.time.advance(59_000);
  const block = `block-connected 2 ${nameOf(desk.branch, 2)}`;
  const soon = await desk.follow(ear.cursor);
  assert.deepEqual(soon.lines, ['hello 2 true', block, 'tip 2'], 'out of the ring');
  const again = new Ear();
  const last = desk.log.follow(ear.cursor, again)!;
  await desk.time.settle();
  soon.endReason = 'stopped';
  await desk.mine(1);
  await desk.time.settle();
  last.stop();
  assert.equal(desk.log.followerCount, 0);
  await desk.time.advance(61_000);
  assert.equal(desk.time.timerCount, 0, 'it sleeps');
  const late = await desk.follow(ear.cursor);
  const third = `block-connected 3 ${nameOf(desk.branch, 3)}`;
  assert.deepEqual(late.lines, ['hello 3 true', block, third, 'tip 3', 'pool'], 'out of the files');
});

test('transactions are told as they come and go, and as a whole to those who have missed some', async () => {
  const world = await ServiceWorld.open({ coinCount: 3 });
  const desk = new Desk(world.base.chain, new BranchBuilder(), '0123456789abcdef', world.mempool);
  const ear = await desk.follow(null);
  const payment = world.base.payment([world.base.coin()]);
  const [entry] = await world.add(payment);
  await desk.time.settle();
  const txid = formatHash(payment.txid);
  const { cursor, ...told } = ear.told[1]!;
  assert.deepEqual(told, {
    type: 'transaction-added',
    txid,
    wtxid: formatHash(payment.wtxid),
    vsize: entry!.vsize,
    weight: payment.weightWu,
    feeSat: entry!.feeSat,
    outputsSat: payment.valueSat(0) + (payment.outputCount > 1 ? payment.valueSat(1) : 0),
    time: entry!.timeSec,
  });
  assert.ok(cursor.endsWith('_1') || cursor.endsWith('_2'), cursor);
  const later = new Desk(world.base.chain, desk.branch, 'fedcba9876543210', world.mempool);
  const back = await later.follow(ear.cursor);
  const { cursor: _, ...pool } = back.told.at(-1)!;
  assert.deepEqual(pool, { type: 'pool', count: 1, vsize: entry!.vsize, feesSat: entry!.feeSat, txids: [txid] });
});
