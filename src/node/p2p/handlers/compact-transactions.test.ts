import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fakeTxid, makeTx, outputOf, pay, spend } from '../../../../test/model/block-builder.ts';
import { allPrefilled, CompactWorld, colliding, missingOf, numbered } from '../../../../test/model/compact-world.ts';
import type { BlockReject } from '../../../kernel/consensus/reject.ts';
import { buildBlock } from '../../../kernel/primitives/block.ts';
import { asBlockHash, type BlockHash } from '../../../kernel/primitives/hashes.ts';
import { equalBytes, toHex } from '../../../kernel/util/bytes.ts';
import type { ConnectionKind } from '../connection-kind.ts';
import { onBlock, onBlockChecked } from './block.ts';
import { announceCompact, onGetBlockTxn, preferGiver } from './compact.ts';

// --- blocktxn -------------------------------------------------------------------------------------------------------------

test('W11: wrong transactions lead to the whole block, and more of them to an offence', async () => {
  const world = await CompactWorld.open();
  const peer = world.join('inbound', 'announces');
  const block = world.branch.mine({ transactions: numbered(2) });
  const { blockHash } = block.header;
  world.sendCompact(peer, block);
  world.take();
  world.sendTransactions(peer, blockHash, numbered(2, 50));
  assert.deepEqual(world.take(), ['0 getdata block × 1']);
  assert.deepEqual(world.offences, []);
  assert.equal(world.download.isInFlightFrom(peer.id, world.entryOf(block)), true);
  // Another compact block does not begin it anew.
  world.sendCompact(peer, block);
  assert.deepEqual(world.take(), []);
  world.sendTransactions(peer, blockHash, missingOf(block));
  assert.deepEqual(world.offences, ['0 unrequested-reconstruction']);
  assert.equal(world.download.inFlightCount, 0);
  assert.equal(world.submitted.length, 0);
  world.sendTransactions(peer, blockHash, missingOf(block));
  assert.deepEqual(world.offences, ['0 unrequested-reconstruction']);
  assert.match(world.lines.at(-1)!, /weren't expecting/);
});

test('W11: transactions that nobody asked for are ignored', async () => {
  const world = await CompactWorld.open();
  const [peer, other] = [world.join('inbound', 'announces'), world.join('inbound', 'announces')];
  const block = world.branch.mine({ transactions: numbered(1) });
  const { blockHash } = block.header;
  world.sendTransactions(peer, blockHash, missingOf(block));
  world.sendTransactions(peer, world.chain.tipHash, missingOf(block));
  world.request(other, block);
  world.sendTransactions(other, blockHash, missingOf(block));
  world.sendCompact(other, block);
  world.sendTransactions(peer, blockHash, missingOf(block));
  assert.deepEqual(world.take(), ['1 getblocktxn 1']);
  assert.deepEqual([...world.offences, ...world.submitted], []);
  world.leave(other);
  world.sendTransactions(other, blockHash, missingOf(block));
  assert.equal(world.submitted.length, 0);
});

test('W11: too few or too many transactions are an offence', async () => {
  for (const count of [0, 1, 3]) {
    const world = await CompactWorld.open();
    const peer = world.join('inbound', 'announces');
    const block = world.branch.mine({ transactions: numbered(2) });
    world.sendCompact(peer, block);
    world.sendTransactions(peer, block.header.blockHash, [...missingOf(block), ...numbered(1, 9)].slice(0, count));
    assert.deepEqual(world.offences, ['0 invalid-block-transactions']);
    assert.equal(world.download.inFlightCount, 0);
    world.check();
  }
});

test('W10, W11: wrong transactions of a later peer leave the download of the first alone', async () => {
  const world = await CompactWorld.open({ blockCount: 101 });
  const [honest, attacker] = [world.join('inbound', 'announces'), world.join('inbound', 'announces')];
  const block = world.branch.mine({ transactions: [world.branch.spendCoinbase(1)] });
  const entry = world.request(honest, block);
  world.sendCompact(honest, block);
  world.sendCompact(attacker, block);
  assert.deepEqual(world.take(), ['0 getblocktxn 1', '1 getblocktxn 1']);
  world.sendTransactions(attacker, block.header.blockHash, numbered(1, 30));
  assert.match(world.lines.at(-1)!, /Peer 1 sent us a compact block but it failed to reconstruct, waiting on first/);
  assert.deepEqual(world.take(), []);
  assert.deepEqual(world.download.inFlightPeers(entry), [honest.id]);
  world.sendTransactions(honest, block.header.blockHash, missingOf(block));
  assert.deepEqual(await world.connectSubmitted(), ['connected']);
  assert.deepEqual(world.offences, []);
});

test('W10: a mutated block from somebody else leaves a block that is being rebuilt alone, and is punished', async () => {
  const world = await CompactWorld.open({ blockCount: 101 });
  const [honest, attacker] = [world.join('outbound-full-relay', 'low'), world.join('inbound', 'announces')];
  const block = world.branch.mine({ transactions: [world.branch.spendCoinbase(1)] });
  const entry = world.request(honest, block);
  world.sendCompact(honest, block);
  assert.deepEqual(world.take(), ['0 getblocktxn 1']);
  const mutated = buildBlock(block.header, [block.transaction(0), ...numbered(1)]);
  onBlock(world.context, attacker, { type: 'block', block: mutated });
  assert.deepEqual(world.offences, ['1 mutated-block']);
  assert.deepEqual(world.download.inFlightPeers(entry), [honest.id]);
  world.sendTransactions(honest, block.header.blockHash, missingOf(block));
  assert.deepEqual(await world.connectSubmitted(), ['connected']);
  assert.equal(toHex(world.chain.tipHash), toHex(block.header.blockHash));
  assert.equal(world.offences.length, 1);
});

test('W10: a mutated witness in blocktxn is refused before the chain sees it, and the block is welcome later', async () => {
  const world = await CompactWorld.open();
  const peer = world.join('inbound', 'announces');
  const witness = [Uint8Array.of(1)];
  const block = world.branch.mine({
    transactions: [makeTx([spend({ txid: fakeTxid(1), index: 0 }, { witness })], [pay(1)])],
  });
  const mutated = makeTx([spend({ txid: fakeTxid(1), index: 0 }, { witness: [Uint8Array.of(2)] })], [pay(1)]);
  assert.equal(toHex(mutated.txid), toHex(block.transaction(1).txid));
  world.sendCompact(peer, block);
  world.sendTransactions(peer, block.header.blockHash, [mutated]);
  assert.deepEqual(world.take(), ['0 getblocktxn 1', '0 getdata block × 1']);
  assert.equal(world.submitted.length, 0);
  assert.equal(world.chain.index.isFailed(world.entryOf(block)), false);
  assert.match(world.lines.at(-1)!, /^\[validation\] Block mutated: bad-witness-merkle-match, /);
});

test('C02: a rebuilt block that breaks a rule is refused by the chain, and its giver is not punished', async () => {
  const world = await CompactWorld.open({ blockCount: 101 });
  const peer = world.join('inbound', 'announces');
  const coin = outputOf(world.branch.at(1).transaction(0));
  const twice = makeTx([spend(coin), spend(coin)], [pay(1)]);
  const block = world.branch.mine({ transactions: [twice] });
  world.sendCompact(peer, block);
  world.sendTransactions(peer, block.header.blockHash, [twice]);
  let reject: BlockReject | null = null;
  world.chain.signals.blockChecked.subscribe((checked) => {
    reject = checked.reject;
  });
  assert.deepEqual(await world.connectSubmitted(), ['rejected']);
  assert.equal((reject as BlockReject | null)?.reason, 'bad-txns-inputs-duplicate');
  const giver = { peer: peer.id, isCompact: true };
  world.download.handedOver(block.header.blockHash, giver);
  onBlockChecked(world.context, block, reject);
  assert.deepEqual(world.offences, []);
  assert.equal(world.chain.height, 101);
});

// --- getblocktxn ----------------------------------------------------------------------------------------------------------

test('W13, D17: transactions of recent blocks are sent one by one, of older blocks only the whole', async () => {
  const world = await CompactWorld.open({ blockCount: 20 });
  const peer = world.join();
  const ask = (height: number, ...indexes: readonly number[]): void => {
    const { blockHash } = world.branch.at(height).header;
    onGetBlockTxn(world.context, peer, { type: 'getblocktxn', blockHash, indexes: Uint16Array.from(indexes) });
  };
  ask(20, 0);
  ask(10, 0);
  ask(10);
  assert.deepEqual(world.served.splice(0), [
    { entry: world.entryOf(world.branch.at(20)), form: { transactions: [0] } },
    { entry: world.entryOf(world.branch.at(10)), form: { transactions: [0] } },
    { entry: world.entryOf(world.branch.at(10)), form: { transactions: [] } },
  ]);
  ask(9, 0);
  ask(9, 500);
  const whole = { entry: world.entryOf(world.branch.at(9)), form: 'block' };
  assert.deepEqual(world.served.splice(0), [whole, whole]);
  assert.match(world.lines.at(-1)!, /Peer 0 sent us a getblocktxn for a block > 10 deep/);
  assert.deepEqual(world.offences, []);
});

test('W13: a place beyond the block is an offence, a block that we do not have is not', async () => {
  const world = await CompactWorld.open({ blockCount: 12 });
  const peer = world.join();
  const ask = (blockHash: BlockHash, ...indexes: readonly number[]): void =>
    onGetBlockTxn(world.context, peer, { type: 'getblocktxn', blockHash, indexes: Uint16Array.from(indexes) });
  const known = world.branch.mine();
  world.chain.acceptHeaders([known.header], world.nowSec);
  ask(known.header.blockHash, 0);
  ask(asBlockHash(new Uint8Array(32).fill(3)), 0);
  assert.deepEqual(world.lines, [
    "[net] Peer 0 sent us a getblocktxn for a block we don't have",
    "[net] Peer 0 sent us a getblocktxn for a block we don't have",
  ]);
  assert.deepEqual(world.offences, []);
  ask(world.branch.at(12).header.blockHash, 0, 1);
  ask(world.branch.at(12).header.blockHash, 65_535);
  assert.deepEqual(world.offences, ['0 bad-getblocktxn-index', '0 bad-getblocktxn-index']);
  assert.deepEqual(world.served, []);
});

// --- announcing -----------------------------------------------------------------------------------------------------------

test('a new block goes at once to those who want it so, have the block before it, and do not have it', async () => {
  const world = await CompactWorld.open();
  const giver = world.join('inbound', 'announces');
  const wanting = world.join('inbound', 'wants');
  const behind = world.join('inbound', 'wants');
  const plain = world.join('inbound', 'low');
  const old = world.join('inbound', 'wants');
  old.version = 70_014;
  const { tip } = world.chain.active;
  for (const peer of [giver, wanting, plain, old]) world.relay.noteHeaderSent(peer.id, tip);
  const block = world.branch.mine();
  world.sendCompact(giver, block, allPrefilled(block));
  world.sendMode(giver, 1);
  await world.connectSubmitted();
  world.take();
  const entry = world.entryOf(block);
  announceCompact(world.context, block, entry);
  assert.deepEqual(
    world.sent.map(({ peer }) => peer),
    [wanting.id],
  );
  const { message } = world.sent.pop()!;
  assert.ok(message.type === 'cmpctblock');
  assert.equal(equalBytes(message.header.blockHash, block.header.blockHash), true);
  assert.equal(world.compact.recall(entry), message);
  assert.equal(world.relay.peerHasHeader(wanting.id, entry, -1), true);
  assert.equal(world.relay.peerHasHeader(behind.id, entry, -1), false);
  announceCompact(world.context, block, entry);
  assert.deepEqual(world.take(), []);
});

test('blocks that are not next, invalid ones, and all while far behind, are not announced', async () => {
  const world = await CompactWorld.open();
  const peer = world.join('inbound', 'wants');
  world.relay.noteHeaderSent(peer.id, world.chain.active.tip);
  const fork = world.branch.fork(1);
  const side = fork.mine();
  await world.chain.submitBlock(side, world.nowSec);
  announceCompact(world.context, side, world.entryOf(side));
  assert.deepEqual(world.take(), []);
  const invalid = world.branch.fork().mineOverpaid();
  await world.chain.submitBlock(invalid, world.nowSec);
  announceCompact(world.context, invalid, world.entryOf(invalid));
  assert.deepEqual(world.take(), []);
  const far = await CompactWorld.open({ tipAgeSec: 3 * 24 * 60 * 60 });
  const other = far.join('inbound', 'wants');
  far.relay.noteHeaderSent(other.id, far.chain.active.tip);
  const block = far.branch.mine();
  const { last } = far.chain.acceptHeaders([block.header], far.nowSec);
  announceCompact(far.context, block, last);
  assert.deepEqual(far.take(), []);
});

test('who gave the newest valid block is asked to announce the next ones', async () => {
  const world = await CompactWorld.open();
  const [first, second] = [world.join(), world.join()];
  const block = world.branch.mine();
  await world.chain.submitBlock(block, world.nowSec);
  preferGiver(world.context, block.header.blockHash, first.id);
  assert.deepEqual(world.take(), ['0 sendcmpct 1']);
  assert.equal(world.compact.isAnnouncer(first.id), true);
  preferGiver(world.context, block.header.blockHash, first.id);
  assert.deepEqual(world.take(), []);
  // Something else is in flight: this block is not the newest.
  world.request(second, world.branch.mine());
  preferGiver(world.context, block.header.blockHash, second.id);
  assert.deepEqual(world.take(), []);
  world.leave(second);
  preferGiver(world.context, block.header.blockHash, second.id);
  for (let i = 0; i < 3; i++) preferGiver(world.context, block.header.blockHash, world.join().id);
  assert.deepEqual(
    world.take().map((text) => text.split(' ').slice(1).join(' ')),
    ['sendcmpct 1', 'sendcmpct 1', 'sendcmpct 1', 'sendcmpct 0'],
  );
});

// --- whatever is sent -----------------------------------------------------------------------------------------------------

test('W11: no order of messages from five peers crashes, leaves a partial block behind, or hands over a wrong block', async () => {
  const kinds: readonly ConnectionKind[] = ['inbound', 'outbound-full-relay', 'inbound', 'inbound', 'manual'];
  const step = fc.record({
    peer: fc.nat(kinds.length - 1),
    block: fc.nat(2),
    what: fc.constantFrom('compact', 'whole', 'colliding', 'malformed', 'right', 'wrong', 'short', 'request', 'leave'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const world = await CompactWorld.open();
      const peers = kinds.map((kind) => world.join(kind, 'announces'));
      const { branch } = world;
      const blocks = [branch.fork(), branch.fork(), branch.fork()].map((fork, i) =>
        fork.mine({ transactions: numbered(2, 10 * i) }),
      );
      for (const { peer: p, block: b, what } of steps) {
        const [peer, block] = [peers[p]!, blocks[b]!];
        const { blockHash } = block.header;
        if (what === 'compact') world.sendCompact(peer, block);
        else if (what === 'whole') world.sendCompact(peer, block, allPrefilled(block));
        else if (what === 'colliding') world.sendCompact(peer, block, colliding());
        else if (what === 'malformed')
          world.sendCompact(peer, block, { prefilled: [{ index: 9, transaction: block.transaction(0) }] });
        else if (what === 'right') world.sendTransactions(peer, blockHash, missingOf(block));
        else if (what === 'wrong') world.sendTransactions(peer, blockHash, numbered(2, 77));
        else if (what === 'short') world.sendTransactions(peer, blockHash, numbered(1, 77));
        else if (what === 'leave') {
          world.leave(peer);
          peers[p] = world.join(kinds[p]!, 'low');
        } else {
          const { last } = world.chain.acceptHeaders([block.header], world.nowSec);
          world.download.request(peer.id, last, 0);
        }
        world.check();
      }
      for (const { block } of world.submitted) {
        assert.ok(blocks.some((original) => equalBytes(original.serialized(), block.serialized())));
      }
    }),
    { numRuns: 60 },
  );
});
