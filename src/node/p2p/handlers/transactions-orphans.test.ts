import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, makeTx, outputOf, pay, spend } from '../../../../test/model/block-builder.ts';
import { deeds, fate, lines } from '../../../../test/model/manager-world.ts';
import {
  askedFor,
  childOf,
  legacy,
  loose,
  MSG_TX,
  MSG_WTX,
  malleated,
  parentTx,
  TOO_CHEAP,
  TransactionWorld,
} from '../../../../test/model/transaction-world.ts';
import { rejectTx } from '../../../kernel/consensus/reject.ts';
import { rejectPolicy } from '../../../kernel/policy/policy-reject.ts';
import { formatHash } from '../../../kernel/primitives/hashes.ts';
import { toHex } from '../../../kernel/util/bytes.ts';

test('the parents of an orphan are asked for by txid, and the orphan is taken when they are there', async () => {
  const world = await TransactionWorld.open();
  const peer = world.join();
  const [first, second] = [loose(), loose()];
  const orphan = childOf(first, second);
  const effects = world.send(peer, orphan);
  assert.match(lines(effects)[0]!, /was not accepted: bad-txns-inputs-missingorspent$/);
  assert.equal(world.world.manager.txDownload.orphanage.size, 1);
  // two seconds since it connected to us, two since it is by txid
  assert.deepEqual(askedFor(world.tick(3_999)), []);
  assert.deepEqual(askedFor(world.tick(1)).sort(), [parentTx(first), parentTx(second)].sort());
  world.send(peer, first);
  assert.equal(world.isInPool(orphan), false);
  const last = world.send(peer, second);
  assert.equal(world.isInPool(orphan), true);
  assert.ok(lines(last).some((line) => line.startsWith('   accepted orphan tx ')));
  assert.equal(world.world.manager.txDownload.orphanage.size, 0);
  assert.equal(peer.lastTransactionSec, world.world.nowSec);
});

test('parents that are in the mempool, in a block lately or an orphan themselves are not asked for', async () => {
  const world = await TransactionWorld.open();
  const peer = world.join({ kind: 'outbound-full-relay' });
  const [pooled, confirmed, grandparent] = [loose(), loose(), loose()];
  const parentOrphan = makeTx([spend(outputOf(grandparent))], [pay(7)]);
  world.send(peer, pooled);
  world.world.manager.blockConnected(world.world.branch.fork().mine({ transactions: [confirmed] }), world.world.now);
  world.send(peer, parentOrphan);
  assert.deepEqual(askedFor(world.tick(2_000)), [parentTx(grandparent)]);
  const missing = loose();
  world.send(peer, childOf(pooled, confirmed, parentOrphan, missing));
  assert.deepEqual(askedFor(world.tick(2_000)), [parentTx(missing)]);
});

test('parents that come while an orphan waits to ask for them are not asked for', async () => {
  const world = await TransactionWorld.open();
  const [spy, honest] = [world.join(), world.join()];
  const [arrives, missing] = [loose(), loose()];
  world.send(spy, childOf(arrives, missing));
  world.send(honest, arrives);
  assert.deepEqual(askedFor(world.tick(4_000)), [parentTx(missing)]);
});

test('everybody who announces an orphan may be asked for its parents', async () => {
  const world = await TransactionWorld.open();
  const [first, second, third] = [world.join(), world.join(), world.join()];
  const parent = loose();
  const orphan = childOf(parent);
  for (const peer of [first, second]) world.announce(peer, MSG_WTX, orphan.wtxid);
  world.tick(2_000);
  world.send(first, orphan);
  assert.deepEqual(lines(world.announce(third, MSG_WTX, orphan.wtxid)), [
    `got inv: wtx ${formatHash(orphan.wtxid)} have peer=${third.id}`,
  ]);
  const { orphanage } = world.world.manager.txDownload;
  assert.deepEqual(
    [first, second, third].map(({ id }) => orphanage.hasFrom(orphan.wtxid, id)),
    [true, true, true],
  );
  const askers = new Set<number>();
  for (let i = 0; i < 3; i++) {
    for (const effect of world.tick(i === 0 ? 4_000 : 60_000)) {
      if (effect.type === 'send' && effect.message.type === 'getdata') askers.add(effect.peer);
    }
  }
  assert.deepEqual([...askers].sort(), [first.id, second.id, third.id]);
});

test('an orphan of a refused parent is not kept, and neither are its descendants', async () => {
  const world = await TransactionWorld.open();
  const peer = world.join();
  const parent = legacy();
  world.faults.set(toHex(parent.wtxid), rejectPolicy('not-standard', 'tx-size', 'standard-weight'));
  world.send(peer, parent);
  const child = childOf(parent);
  const effects = world.send(peer, child);
  const line = `not keeping orphan with rejected parents ${formatHash(child.txid)} (wtxid=${formatHash(child.wtxid)})`;
  assert.ok(lines(effects).includes(line));
  world.send(peer, childOf(child));
  assert.equal(world.world.manager.txDownload.orphanage.size, 0);
  const old = world.join({ byTxid: true });
  world.announce(old, MSG_TX, child.txid);
  assert.deepEqual(askedFor(world.tick(60_000)), [], 'no witness would help');
});

test('a wrong witness in front does not keep the right transaction away', async () => {
  const world = await TransactionWorld.open();
  const [mallory, alice] = [world.join(), world.join()];
  const parent = loose();
  const good = childOf(parent);
  const bad = malleated(good);
  assert.deepEqual(bad.txid, good.txid);
  world.faults.set(
    toHex(bad.wtxid),
    rejectPolicy('not-standard', 'mempool-script-verify-flag-failed (x)', 'standard-script'),
  );
  world.send(mallory, bad);
  world.send(alice, good);
  assert.equal(world.world.manager.txDownload.orphanage.size, 2);
  world.send(alice, parent);
  assert.equal(world.isInPool(good), true);
  assert.equal(world.world.manager.txDownload.orphanage.size, 0);
});

test('D08: orphans are tried again one a turn, whatever becomes of them', async () => {
  const world = await TransactionWorld.open();
  const { manager } = world.world;
  const peer = world.join({ kind: 'outbound-full-relay' });
  const outputs = Array.from({ length: 300 }, () => pay(1));
  const parent = makeTx([spend({ txid: fakeTxid(77_777), index: 0 })], outputs);
  const orphans = outputs.map((_, i) => makeTx([spend(outputOf(parent, i))], [pay(1)]));
  for (const orphan of orphans) {
    world.send(peer, orphan);
    world.faults.set(toHex(orphan.wtxid), rejectTx('consensus', 'bad-txns-in-belowout', 'no-overdraft'));
  }
  world.isJudging = false;
  world.send(peer, parent);
  const [submitted] = world.waiting.splice(0);
  assert.equal(submitted?.type, 'submit-transaction');
  world.pool.add({ transaction: parent });
  manager.transactionChecked(
    peer.id,
    parent,
    {
      outcome: 'accepted',
      entry: null,
      vsize: 1,
      feeSat: 1,
      replaced: [],
      feerate: { feeSat: 1, size: 1 },
      wtxids: [],
    },
    world.world.now,
  );
  for (let turn = 0; turn < 300; turn++) {
    assert.equal(manager.hasOrphanToReconsider(peer.id), true);
    const effects = deeds(manager.reconsiderOrphan(peer.id, world.world.now));
    assert.deepEqual(
      effects.map(({ type }) => type),
      ['submit-transaction'],
    );
    assert.equal(manager.hasOrphanToReconsider(peer.id), false, 'not before the verdict');
    const [effect] = effects;
    const transaction = effect?.type === 'submit-transaction' ? effect.transaction : parent;
    const reject = world.faults.get(toHex(transaction.wtxid))!;
    const told = manager.transactionChecked(
      peer.id,
      transaction,
      { outcome: 'rejected', reject, judged: null, missingParents: [] },
      world.world.now,
    );
    assert.equal(fate(told, peer), 'kept');
  }
  assert.equal(manager.txDownload.orphanage.size, 0);
});

// --- packages

test('a parent that pays too little is tried with a child that was there before, and both are taken', async () => {
  const world = await TransactionWorld.open();
  const peer = world.join();
  const parent = loose();
  const child = childOf(parent);
  world.faults.set(toHex(parent.wtxid), TOO_CHEAP);
  world.generous.add(toHex(child.wtxid));
  world.send(peer, child);
  assert.deepEqual(askedFor(world.tick(4_000)), [parentTx(parent)]);
  world.send(peer, parent);
  assert.deepEqual(world.judged.slice(-2), [toHex(parent.wtxid), `${toHex(parent.wtxid)}+${toHex(child.wtxid)}`]);
  assert.deepEqual([world.isInPool(parent), world.isInPool(child)], [true, true]);
  assert.equal(world.world.manager.txDownload.orphanage.size, 0);
});

test('a parent that was refused for its fee is not fetched again until a child asks for it, and is then tried with the child', async () => {
  const world = await TransactionWorld.open();
  const [sender, other] = [world.join({ kind: 'outbound-full-relay' }), world.join({ kind: 'outbound-full-relay' })];
  const parent = loose();
  const child = childOf(parent);
  world.faults.set(toHex(parent.wtxid), TOO_CHEAP);
  world.generous.add(toHex(child.wtxid));
  world.send(sender, parent);
  world.announce(other, MSG_WTX, parent.wtxid);
  assert.deepEqual(askedFor(world.tick()), []);
  world.send(sender, child);
  assert.deepEqual(askedFor(world.tick(2_000)), [parentTx(parent)]);
  world.send(sender, parent);
  assert.equal(world.judged.filter((one) => one === toHex(parent.wtxid)).length, 1, 'not alone again');
  assert.deepEqual([world.isInPool(parent), world.isInPool(child)], [true, true]);
});

test('M05: a package that was refused is not tried again, but another child is; and only with children of the same peer', async () => {
  const world = await TransactionWorld.open();
  const [sender, other] = [world.join({ kind: 'outbound-full-relay' }), world.join({ kind: 'outbound-full-relay' })];
  const parent = loose();
  const [poor, rich] = [childOf(parent), childOf(parent)];
  world.faults.set(toHex(parent.wtxid), TOO_CHEAP);
  world.generous.add(toHex(rich.wtxid));
  world.send(sender, parent, poor, parent);
  const packaged = `${toHex(parent.wtxid)}+${toHex(poor.wtxid)}`;
  assert.deepEqual(world.judged.at(-1), packaged);
  const count = world.judged.length;
  world.send(sender, parent);
  world.send(other, parent);
  assert.equal(world.judged.length, count, 'nothing is tried again');
  world.send(other, rich);
  world.send(sender, parent);
  assert.equal(world.isInPool(parent), false, 'the child is of another peer');
  world.send(other, parent);
  assert.deepEqual([world.isInPool(parent), world.isInPool(rich)], [true, true]);
});

test('one parent that was refused for its fee may be paid for, two may not', async () => {
  const world = await TransactionWorld.open();
  const peer = world.join({ kind: 'outbound-full-relay' });
  const legacies = [legacy(), legacy()];
  for (const parent of legacies) world.faults.set(toHex(parent.wtxid), TOO_CHEAP);
  world.send(peer, ...legacies);
  world.send(peer, childOf(legacies[0]!, loose()));
  assert.equal(world.world.manager.txDownload.orphanage.size, 1);
  world.send(peer, childOf(...legacies));
  assert.equal(world.world.manager.txDownload.orphanage.size, 1);
});
