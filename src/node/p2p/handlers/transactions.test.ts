import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, makeTx, pay, spend } from '../../../../test/model/block-builder.ts';
import { deeds, fate, lines, ManagerWorld, sentOf } from '../../../../test/model/manager-world.ts';
import {
  askedFor,
  childOf,
  inventory,
  legacy,
  loose,
  MSG_TX,
  MSG_WITNESS_TX,
  MSG_WTX,
  TransactionWorld,
  wtx,
} from '../../../../test/model/transaction-world.ts';
import { rejectTx } from '../../../kernel/consensus/reject.ts';
import { type MempoolReject, rejectPolicy } from '../../../kernel/policy/policy-reject.ts';
import { formatHash } from '../../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../../kernel/primitives/transaction.ts';
import { toHex } from '../../../kernel/util/bytes.ts';

const TRANSACTION = makeTx([spend({ txid: fakeTxid(1), index: 0 })], [pay(1)]);

test('whoever sends a transaction to a node that wants none is disconnected', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join();
  const effects = world.say(peer, { type: 'tx', transaction: TRANSACTION });
  assert.equal(fate(effects, peer), 'disconnected');
  assert.deepEqual(lines(effects), [`transaction sent in violation of protocol, disconnecting peer=${peer.id}`]);
});

test('over connections for blocks alone no transaction is taken in any case; otherwise permissions and options decide', async () => {
  const relaying = { takesTransactions: true };
  const open = await ManagerWorld.open({ local: relaying });
  const tx = { type: 'tx', transaction: TRANSACTION } as const;
  const full = open.join({ kind: 'outbound-full-relay' });
  assert.deepEqual(
    deeds(open.say(full, tx)).map(({ type }) => type),
    ['submit-transaction'],
  );
  const blocks = open.join({ kind: 'block-relay-only' });
  assert.equal(fate(open.say(blocks, tx), blocks), 'disconnected');
  const blocksOnly = await ManagerWorld.open({ local: { ...relaying, isBlocksOnly: true } });
  const trusted = blocksOnly.join({ permissions: ['relay'] });
  assert.deepEqual(
    deeds(blocksOnly.say(trusted, tx)).map(({ type }) => type),
    ['submit-transaction'],
  );
  const stranger = blocksOnly.join();
  assert.equal(fate(blocksOnly.say(stranger, tx), stranger), 'disconnected');
});

test('what our version message says about transactions follows from the kind of connection and the options', async () => {
  const relays = (world: ManagerWorld, options: Parameters<ManagerWorld['connect']>[0]): boolean =>
    sentOf(world.connect(options).effects, 'version')[0]!.relay;
  const none = await ManagerWorld.open();
  const open = await ManagerWorld.open({ local: { takesTransactions: true } });
  const blocksOnly = await ManagerWorld.open({ local: { takesTransactions: true, isBlocksOnly: true } });
  for (const kind of ['outbound-full-relay', 'manual', 'addr-fetch'] as const) {
    assert.deepEqual(
      [none, open, blocksOnly].map((world) => relays(world, { kind })),
      [false, true, false],
      kind,
    );
  }
  for (const kind of ['block-relay-only', 'feeler'] as const) assert.equal(relays(open, { kind }), false, kind);
  assert.equal(relays(blocksOnly, { kind: 'manual', permissions: ['relay'] }), true);
});

test('a transaction that was announced is fetched, checked, kept, and told to others', async () => {
  const world = await TransactionWorld.open();
  const peer = world.join({ kind: 'outbound-full-relay' });
  const transaction = loose();
  const heard = world.announce(peer, MSG_WTX, transaction.wtxid);
  assert.deepEqual(lines(heard), [`got inv: wtx ${formatHash(transaction.wtxid)} new peer=${peer.id}`]);
  const asked = world.tick();
  assert.deepEqual(askedFor(asked), [wtx(transaction)]);
  assert.ok(lines(asked).includes(`Requesting wtx ${formatHash(transaction.wtxid)} peer=${peer.id}`));
  assert.equal(peer.lastTransactionSec, 0);
  const checked = world.send(peer, transaction);
  assert.equal(world.isInPool(transaction), true);
  assert.equal(peer.lastTransactionSec, world.world.nowSec);
  const name = `${formatHash(transaction.txid)} (wtxid=${formatHash(transaction.wtxid)})`;
  assert.deepEqual(lines(checked), [`AcceptToMemoryPool: peer=${peer.id}: accepted ${name}`]);
  assert.deepEqual(
    lines(world.announce(world.join(), MSG_WTX, transaction.wtxid))
      .at(-1)
      ?.includes(' have '),
    true,
  );
  assert.deepEqual(askedFor(world.tick(60_000)), []);
});

test('who announces by txid is asked by txid, with the witness if it serves witnesses', async () => {
  const world = await TransactionWorld.open();
  const modern = world.join({ kind: 'outbound-full-relay', byTxid: true });
  const [first, second] = [loose(), loose()];
  world.announce(modern, MSG_TX, first.txid);
  assert.deepEqual(askedFor(world.tick()), [`${MSG_WITNESS_TX} ${toHex(first.txid)}`]);
  const old = world.join({ byTxid: true, version: { services: 1n } });
  world.announce(old, MSG_TX, second.txid);
  assert.deepEqual(askedFor(world.tick(2_000)), [`${MSG_TX} ${toHex(second.txid)}`]);
});

test('a node that is far behind asks for nothing and checks nothing, and keeps whoever tells it of transactions', async () => {
  const world = await TransactionWorld.open({ tipAgeSec: 30 * 24 * 3600 });
  assert.equal(world.world.chain.isInitialDownload, true);
  const peer = world.join({ kind: 'outbound-full-relay' });
  const transaction = loose();
  assert.deepEqual(deeds(world.announce(peer, MSG_WTX, transaction.wtxid)), []);
  assert.deepEqual(askedFor(world.tick(60_000)), []);
  assert.deepEqual(deeds(world.send(peer, transaction)), []);
});

test('a peer that has not got a transaction makes room for the next at once', async () => {
  const world = await TransactionWorld.open();
  const peers = [world.join(), world.join()];
  const transaction = loose();
  for (const peer of peers) world.announce(peer, MSG_WTX, transaction.wtxid);
  assert.equal(askedFor(world.tick(1_999)).length, 0);
  const effects = world.tick(1);
  const first = peers.find(
    (peer) =>
      sentOf(
        effects.filter((one) => 'peer' in one && one.peer === peer.id),
        'getdata',
      ).length > 0,
  )!;
  const second = peers.find((peer) => peer !== first)!;
  assert.deepEqual(askedFor(world.tick(100)), []);
  world.say(first, inventory('notfound', MSG_WTX, transaction.wtxid));
  const next = world.tick(100);
  assert.deepEqual(askedFor(next), [wtx(transaction)]);
  assert.equal(sentOf(next, 'getdata').length, 1);
  assert.ok(
    next.some((effect) => effect.type === 'send' && effect.peer === second.id && effect.message.type === 'getdata'),
  );
});

test('more notfound than we could have asked for is no answer', async () => {
  const world = await TransactionWorld.open();
  const [first, second] = [world.join({ kind: 'outbound-full-relay' }), world.join()];
  const transaction = loose();
  for (const peer of [first, second]) world.announce(peer, MSG_WTX, transaction.wtxid);
  world.tick(2_000);
  const many = Array.from({ length: 5_017 }, () => transaction.wtxid);
  world.say(first, inventory('notfound', MSG_WTX, ...many));
  assert.deepEqual(askedFor(world.tick()), []);
  world.say(first, inventory('notfound', MSG_WTX, ...many.slice(1)));
  assert.deepEqual(askedFor(world.tick()), [wtx(transaction)]);
});

test('a peer that does not answer loses its turn after a minute', async () => {
  const world = await TransactionWorld.open();
  const [first, second] = [world.join({ kind: 'outbound-full-relay' }), world.join()];
  const transaction = loose();
  for (const peer of [first, second]) world.announce(peer, MSG_WTX, transaction.wtxid);
  world.tick();
  assert.deepEqual(askedFor(world.tick(59_999)), []);
  const late = world.tick(1);
  assert.deepEqual(askedFor(late), [wtx(transaction)]);
  assert.ok(lines(late).includes(`timeout of inflight wtx ${formatHash(transaction.wtxid)} from peer=${first.id}`));
  assert.equal(fate(late, first), 'kept');
});

// --- verdicts

/** Kinds of refusals (Core invalid_txs.py and the mempool's own), each with what it says. */
const REFUSALS: readonly MempoolReject[] = [
  rejectTx('consensus', 'bad-txns-vin-empty', 'tx-inputs'),
  rejectTx('consensus', 'bad-txns-vout-empty', 'tx-outputs'),
  rejectTx('consensus', 'bad-txns-oversize', 'tx-size'),
  rejectTx('consensus', 'bad-txns-vout-negative', 'output-not-negative'),
  rejectTx('consensus', 'bad-txns-vout-toolarge', 'output-max-money'),
  rejectTx('consensus', 'bad-txns-inputs-duplicate', 'inputs-distinct'),
  rejectTx('consensus', 'bad-txns-in-belowout', 'no-overdraft'),
  rejectTx('consensus', 'coinbase', 'coinbase-only-in-block'),
  rejectTx('premature-spend', 'bad-txns-premature-spend-of-coinbase', 'coinbase-maturity'),
  rejectTx('premature-spend', 'non-final', 'sequence-lock'),
  rejectPolicy('not-standard', 'version', 'standard-version'),
  rejectPolicy('not-standard', 'tx-size', 'standard-weight'),
  rejectPolicy('not-standard', 'tx-size-small', 'standard-stripped-size'),
  rejectPolicy('not-standard', 'scriptpubkey', 'standard-output-script'),
  rejectPolicy('inputs-not-standard', 'bad-txns-nonstandard-inputs', 'standard-legacy-sigops'),
  rejectPolicy('not-standard', 'mempool-script-verify-flag-failed (OP_RETURN was encountered)', 'standard-script'),
  rejectPolicy('witness-mutated', 'bad-witness-nonstandard', 'witness-program'),
  rejectPolicy('conflict', 'txn-same-nonwitness-data-in-mempool', 'mempool-new-witness'),
  rejectPolicy('mempool-policy', 'too-large-cluster', 'cluster-limits'),
];

test('W18: whatever is wrong with a transaction, it is not kept or told to anybody, is remembered by wtxid, and its sender stays', async () => {
  for (const reject of REFUSALS) {
    const world = await TransactionWorld.open();
    const [sender, other, old] = [world.join(), world.join(), world.join({ byTxid: true })];
    const transaction = loose();
    world.faults.set(toHex(transaction.wtxid), reject);
    const effects = world.send(sender, transaction);
    assert.equal(fate(effects, sender), 'kept', reject.reason);
    const name = `${formatHash(transaction.txid)} (wtxid=${formatHash(transaction.wtxid)})`;
    assert.deepEqual(lines(effects), [`${name} from peer=${sender.id} was not accepted: ${reject.reason}`]);
    world.send(other, transaction);
    assert.deepEqual(world.judged, [toHex(transaction.wtxid)], `${reject.reason}: checked once`);
    world.announce(other, MSG_WTX, transaction.wtxid);
    assert.deepEqual(askedFor(world.tick(10_000)), [], reject.reason);
    assert.equal(world.isInPool(transaction), false);
    assert.equal(world.world.manager.txDownload.orphanage.size, 0);
    assert.deepEqual(sentOf(world.tick(60_000), 'inv'), []);
    // Under the same txid another witness may be right: only what no witness can mend is remembered by txid.
    world.announce(old, MSG_TX, transaction.txid);
    const isAsked = askedFor(world.tick(10_000)).length > 0;
    assert.equal(isAsked, reject.kind !== 'inputs-not-standard', reject.reason);
  }
});

test('W18: a transaction whose witness was stripped is not remembered: the whole one may come', async () => {
  const world = await TransactionWorld.open();
  const [sender, other] = [world.join(), world.join({ byTxid: true })];
  const transaction = legacy();
  world.faults.set(
    toHex(transaction.wtxid),
    rejectPolicy(
      'witness-stripped',
      'mempool-script-verify-flag-failed (Witness program was passed an empty witness)',
      'standard-script',
    ),
  );
  world.send(sender, transaction);
  world.announce(other, MSG_TX, transaction.txid);
  assert.equal(askedFor(world.tick(10_000)).length, 1);
  assert.equal(world.world.manager.extraTransactions.count, 0);
});

test('what was refused may come again after the next block', async () => {
  const world = await TransactionWorld.open();
  const peer = world.join({ kind: 'outbound-full-relay' });
  const transaction = loose();
  world.faults.set(toHex(transaction.wtxid), rejectTx('premature-spend', 'non-final', 'sequence-lock'));
  world.send(peer, transaction);
  world.announce(peer, MSG_WTX, transaction.wtxid);
  assert.deepEqual(askedFor(world.tick()), []);
  const { entry } = await world.world.grow();
  world.world.manager.tipChanged(entry, entry, world.world.now);
  world.announce(peer, MSG_WTX, transaction.wtxid);
  assert.deepEqual(askedFor(world.tick()), [wtx(transaction)]);
});

test('what is in a block is not fetched, until the block is taken back', async () => {
  const world = await TransactionWorld.open();
  const peer = world.join({ kind: 'outbound-full-relay' });
  const [confirmed, orphan] = [loose(), childOf(loose())];
  world.send(peer, orphan);
  world.announce(peer, MSG_WTX, confirmed.wtxid);
  const block = world.world.branch.fork().mine({ transactions: [confirmed, orphan] });
  const effects = world.world.manager.blockConnected(block, world.world.now);
  assert.deepEqual(lines(effects), ['Erased 1 orphan transaction(s) included or conflicted by block']);
  world.announce(peer, MSG_WTX, confirmed.wtxid);
  const byTxid = world.join({ kind: 'manual', byTxid: true });
  world.announce(byTxid, MSG_TX, confirmed.txid);
  const asked = askedFor(world.tick(10_000));
  assert.deepEqual(
    [asked.length, asked.some((one) => one.endsWith(toHex(confirmed.txid)))],
    [1, false],
    'the parent alone',
  );
  world.world.manager.blockDisconnected(world.world.now);
  world.announce(peer, MSG_WTX, confirmed.wtxid);
  assert.deepEqual(askedFor(world.tick()), [wtx(confirmed)]);
});

test('a transaction is not checked twice, nor fetched, while its verdict is awaited', async () => {
  const world = await TransactionWorld.open();
  const [sender, other] = [world.join(), world.join({ kind: 'outbound-full-relay' })];
  const transaction = loose();
  world.isJudging = false;
  world.send(sender, transaction);
  world.announce(other, MSG_WTX, transaction.wtxid);
  assert.deepEqual(askedFor(world.tick()), []);
  assert.deepEqual(deeds(world.send(other, transaction)), []);
  assert.equal(world.waiting.length, 1);
  world.judgeWaiting();
  assert.equal(world.isInPool(transaction), true);
  assert.deepEqual(askedFor(world.tick(10_000)), []);
});

test('a verdict that comes when the peer has gone counts all the same', async () => {
  const world = await TransactionWorld.open();
  const [gone, other] = [world.join(), world.join({ kind: 'outbound-full-relay' })];
  const [good, bad] = [loose(), loose()];
  world.faults.set(toHex(bad.wtxid), rejectPolicy('not-standard', 'dust', 'standard-dust'));
  for (const transaction of [good, bad]) {
    world.isJudging = false;
    world.send(gone, transaction);
    if (transaction === bad) world.world.leave(gone);
    world.judgeWaiting();
  }
  assert.equal(world.isInPool(good), true);
  world.announce(other, MSG_WTX, bad.wtxid);
  assert.deepEqual(askedFor(world.tick()), []);
  world.world.manager.txDownload.sanityCheck();
});

// --- permissions

test('what a peer with the permission forcerelay sends again is told to others again', async () => {
  const world = await TransactionWorld.open();
  const [gateway, listener] = [
    world.join({ permissions: ['forcerelay'] }),
    world.join({ kind: 'outbound-full-relay' }),
  ];
  world.tick();
  const [known, refused] = [loose(), loose()];
  world.send(gateway, known);
  world.tick(60_000);
  world.faults.set(toHex(refused.wtxid), rejectPolicy('not-standard', 'dust', 'standard-dust'));
  world.send(gateway, refused);
  const name = (one: Transaction): string => `${formatHash(one.txid)} (wtxid=${formatHash(one.wtxid)})`;
  assert.deepEqual(lines(world.send(gateway, known)), [`Force relaying tx ${name(known)} from peer=${gateway.id}`]);
  assert.deepEqual(lines(world.send(gateway, refused)), [
    `Not relaying non-mempool transaction ${name(refused)} from forcerelay peer=${gateway.id}`,
  ]);
  assert.deepEqual(lines(world.send(listener, known)), []);
});
