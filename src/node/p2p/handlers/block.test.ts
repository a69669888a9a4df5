import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  blockOf,
  fakeTxid,
  makeTx,
  pay,
  remine,
  repairMerkleRoot,
  spend,
} from '../../../../test/model/block-builder.ts';
import { BranchBuilder, NOW_SEC } from '../../../../test/model/branch-builder.ts';
import { SyncWorld } from '../../../../test/model/sync-world.ts';
import { createRegtestParams } from '../../../kernel/consensus/networks/regtest.ts';
import type { Block } from '../../../kernel/primitives/block.ts';
import { createRng } from '../../../kernel/util/prng.ts';
import { createCompactBlock } from '../compact-block.ts';
import type { Peer } from '../peer.ts';
import { fetchBlock, onBlock, tickDownload } from './block.ts';
import { onCmpctBlock } from './compact.ts';
import { onHeaders } from './headers.ts';

const PARAMS = createRegtestParams();
const GENESIS_SEC = PARAMS.genesis.header.timeSec;
const TODAY_SEC: number = GENESIS_SEC + 3600;

async function give(world: SyncWorld, peer: Peer, block: Block): Promise<void> {
  onBlock(world.context, peer, { type: 'block', block });
  await world.settle();
}

function giveHeaders(world: SyncWorld, peer: Peer, blocks: readonly Block[]): void {
  onHeaders(world.context, peer, { type: 'headers', headers: blocks.map(({ header }) => header) });
}

/** The block with another byte in its coinbase, and the header of before. */
function mutate(block: Block): Block {
  const bytes = block.serialized().slice();
  bytes[bytes.length - 5]! ^= 1;
  return blockOf(bytes);
}

function bytesOf(blockHash: Uint8Array): Buffer {
  return Buffer.from(blockHash);
}

test('blocks that were asked for are stored and connected, in whatever order they come', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC });
  const branch = new BranchBuilder();
  branch.mineMany(40);
  const peer = world.join();
  giveHeaders(world, peer, branch.blocks);
  world.tick();
  const rng = createRng(3);
  while (world.chain.height < 40) {
    const wanted = [...world.download.inFlightOf(peer.id)];
    assert.ok(wanted.length > 0 && wanted.length <= 16);
    await give(world, peer, branch.at(wanted[rng.below(wanted.length)]!));
    world.tick();
  }
  assert.deepEqual(world.takeOffences(), []);
  assert.equal(world.download.inFlightCount, 0);
  assert.equal(peer.lastBlockSec, NOW_SEC);
});

test('a peer that delivers is asked for more in one message, when half of what it was asked for is here', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC });
  const branch = new BranchBuilder();
  branch.mineMany(60);
  const peer = world.join();
  giveHeaders(world, peer, branch.blocks);
  world.tick();
  assert.equal(world.takeRequests(peer).length, 16);
  for (let height = 1; height <= 7; height++) await give(world, peer, branch.at(height));
  assert.deepEqual(world.takeRequests(peer), []);
  await give(world, peer, branch.at(8));
  assert.deepEqual(world.takeRequests(peer), [17, 18, 19, 20, 21, 22, 23, 24]);
});

test('W10: a mutated block is punished and touches nobody but its sender', async () => {
  const world = await SyncWorld.open({ nowSec: TODAY_SEC });
  const branch = new BranchBuilder();
  const block = branch.mine();
  const [honest, attacker] = [world.join(), world.join({ kind: 'inbound' })];
  giveHeaders(world, honest, [block]);
  assert.deepEqual(world.takeRequests(honest), [1]);
  await give(world, attacker, mutate(block));
  assert.deepEqual(world.takeOffences(), [{ peer: attacker.id, offence: 'mutated-block', detail: '' }]);
  assert.ok(world.lines.includes('Block mutated: bad-txnmrklroot, hashMerkleRoot mismatch'));
  assert.ok(world.hasLogged(/^Received mutated block from peer=2$/));
  assert.equal(world.outcomes.length, 0, 'the chain has not seen it');
  assert.ok(world.download.isInFlightFrom(honest.id, 1));
  await give(world, honest, block);
  assert.equal(world.chain.height, 1);
  assert.deepEqual(world.takeOffences(), []);
});

test('W10: a mutated block does not disturb a compact block that is being rebuilt from another peer', async () => {
  const world = await SyncWorld.open({ nowSec: TODAY_SEC });
  const branch = new BranchBuilder();
  await world.chain.submitBlock(branch.mine(), TODAY_SEC);
  // One transaction that no pool of ours has: the rebuilding has to wait for it.
  const block = branch.mine({ transactions: [makeTx([spend({ txid: fakeTxid(1), index: 0 })], [pay(1)])] });
  const [honest, attacker] = [world.join(), world.join({ kind: 'inbound' })];
  world.compact.receiveMode(honest.id, true);
  giveHeaders(world, honest, [block]);
  assert.deepEqual(world.takeRequests(honest), [2]);
  onCmpctBlock(world.context, honest, createCompactBlock(block, createRng(1)));
  const partial = world.compact.partial(honest.id, 2);
  assert.notEqual(partial, null);
  assert.equal(world.takeOf(honest, 'getblocktxn').length, 1);
  await give(world, attacker, mutate(block));
  assert.equal(world.takeOffences()[0]?.offence, 'mutated-block');
  assert.equal(world.compact.partial(honest.id, 2), partial);
  assert.deepEqual(world.download.inFlightPeers(2), [honest.id]);
});

test('W10: whoever was asked for a block and sends a mutated one is not waited for any longer', async () => {
  const world = await SyncWorld.open({ nowSec: TODAY_SEC });
  const block = new BranchBuilder().mine();
  const [attacker, honest] = [world.join(), world.join()];
  giveHeaders(world, attacker, [block]);
  giveHeaders(world, honest, [block]);
  await give(world, attacker, mutate(block));
  assert.ok(!world.download.isInFlight(1));
  world.tick(honest);
  assert.deepEqual(world.takeRequests(honest), [1]);
});

test('W10: without its parent nothing can be said about a mutated block but that it does not fit', async () => {
  const world = await SyncWorld.open({ nowSec: TODAY_SEC });
  const branch = new BranchBuilder();
  branch.mine();
  const orphan = branch.mine();
  const peer = world.join();
  await give(world, peer, orphan);
  assert.deepEqual(world.takeOffences(), [{ peer: peer.id, offence: 'invalid-block', detail: '' }]);
  assert.ok(world.hasLogged(/^ProcessNewBlock: AcceptBlock FAILED \(prev-blk-not-found\)$/));
});

test('W19: whoever sends an invalid block is punished, unless only its time is too new', async () => {
  const cases: readonly { readonly name: string; readonly isPunished: boolean; make(branch: BranchBuilder): Block }[] =
    [
      { name: 'bad-cb-amount', isPunished: true, make: (branch) => branch.mineOverpaid() },
      { name: 'bad-txns-inputs-missingorspent', isPunished: true, make: (branch) => branch.mineMissing() },
      { name: 'time-too-new', isPunished: false, make: (branch) => branch.mine({ timeSec: NOW_SEC + 7201 }) },
      { name: 'time-too-old', isPunished: true, make: (branch) => branch.mine({ timeSec: GENESIS_SEC }) },
      { name: 'bad-diffbits', isPunished: true, make: (branch) => mineHarder(branch) },
      {
        name: 'bad-cb-multiple',
        isPunished: true,
        make: (branch) => {
          const { transactions } = { transactions: [branch.fork().mine().transaction(0)] };
          return branch.mine({ transactions });
        },
      },
      {
        name: 'bad-txns-vout-empty',
        isPunished: true,
        make: (branch) => branch.mine({ transactions: [makeTx([spend({ txid: fakeTxid(1), index: 0 })], [])] }),
      },
    ];
  for (const { name, isPunished, make } of cases) {
    const world = await SyncWorld.open({ nowSec: NOW_SEC });
    const branch = new BranchBuilder();
    await world.chain.submitBlock(branch.mine(), NOW_SEC);
    const peer = world.join({ kind: 'inbound' });
    await give(world, peer, make(branch));
    const wanted = isPunished ? [{ peer: peer.id, offence: 'invalid-block', detail: '' }] : [];
    assert.deepEqual(world.takeOffences(), wanted, name);
    const [outcome] = world.outcomes;
    const reason = outcome?.outcome === 'rejected' ? outcome.reject.reason : null;
    // Those that break a rule about coins are stored first.
    if (name !== 'bad-cb-amount' && name !== 'bad-txns-inputs-missingorspent') assert.equal(reason, name);
    assert.equal(world.chain.height, 1);
  }
});

/** A block whose bits are lower than those of its branch. */
function mineHarder(branch: BranchBuilder): Block {
  for (let i = 0; ; i++) {
    const block = branch.fork().mine({ bits: 0x207ffffe, timeSec: branch.tip.header.timeSec + 1 + i });
    // Nearly every second block has enough work for either.
    if (block.header.blockHash[31]! < 0x7f) return block;
  }
}

test('W19: an invalid block that came as a compact block is not held against its peer', async () => {
  const world = await SyncWorld.open({ nowSec: TODAY_SEC });
  const branch = new BranchBuilder();
  const block = branch.mineOverpaid();
  const peer = world.join();
  world.compact.receiveMode(peer.id, true);
  giveHeaders(world, peer, [block]);
  onCmpctBlock(world.context, peer, createCompactBlock(block, createRng(1)));
  await world.settle();
  assert.equal(world.outcomes[0]?.outcome, 'stored');
  assert.deepEqual(world.takeOffences(), []);
  assert.equal(world.chain.height, 0);
});

test('W19: the first who gave a block answers for it, not who repeats it', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC });
  const branch = new BranchBuilder();
  const [first, bad] = [branch.mine(), branch.mineOverpaid()];
  const [giver, echo] = [world.join(), world.join({ kind: 'inbound' })];
  giveHeaders(world, giver, [first, bad]);
  world.tick(giver);
  await give(world, giver, bad);
  await give(world, echo, bad);
  assert.deepEqual(world.takeOffences(), []);
  await give(world, giver, first);
  assert.deepEqual(world.takeOffences(), [{ peer: giver.id, offence: 'invalid-block', detail: '' }]);
  assert.equal(world.chain.height, 1);
});

test('W19: a block that is being stored is not handed over again by whoever repeats it', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC });
  const block = new BranchBuilder().mine();
  const peer = world.join();
  giveHeaders(world, peer, [block]);
  for (let i = 0; i < 5; i++) onBlock(world.context, peer, { type: 'block', block });
  await world.settle();
  assert.equal(world.outcomes.length, 1);
});

test('W20: blocks that nobody asked for are stored only when they may soon be the tip', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC });
  const main = new BranchBuilder();
  const side = main.fork();
  main.mineMany(3);
  for (const block of main.blocks) await world.chain.submitBlock(block, NOW_SEC);
  const peer = world.join({ kind: 'inbound' });
  side.mineMany(320);
  const stored = async (height: number): Promise<boolean> => {
    await give(world, peer, side.at(height));
    return world.chain.index.hasData(world.chain.index.find(side.at(height).header.blockHash));
  };
  assert.equal(await stored(1), false, 'less work');
  assert.equal(await stored(2), false, 'less work');
  assert.equal(await stored(3), true, 'the same work');
  giveHeaders(world, peer, side.blocks);
  assert.equal(await stored(291), true, '288 above the tip');
  assert.equal(await stored(292), false, '289 above the tip');
  assert.deepEqual(world.takeOffences(), []);
  assert.deepEqual(bytesOf(world.chain.tipHash), bytesOf(main.tip.header.blockHash));
});

test('W20: a block that nobody asked for and that is below the minimum of work leaves no trace', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC, minimumChainWork: 100n });
  const block = new BranchBuilder().mine();
  const peer = world.join({ kind: 'inbound' });
  await give(world, peer, block);
  assert.equal(world.chain.index.count, 1);
  assert.deepEqual(world.takeOffences(), []);
  assert.ok(
    world.hasLogged(/^AcceptBlockHeader: not adding new block header [\da-f]{64}, missing anti-dos proof-of-work/),
  );
});

test('E10: no block is fetched from a peer whose chain is below the minimum of work', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC, minimumChainWork: 100n });
  const branch = new BranchBuilder();
  branch.mineMany(10);
  const trusted = world.join({ hasNoBan: true });
  giveHeaders(world, trusted, branch.blocks);
  assert.equal(world.chain.index.count, 11);
  world.tick();
  assert.equal(world.download.inFlightCount, 0);
});

test('E10: an outbound peer whose chain stays behind ours is asked once more after 20 minutes, and dropped', async () => {
  const world = await SyncWorld.open({ nowSec: TODAY_SEC });
  const branch = new BranchBuilder();
  const block = branch.mine();
  await world.chain.submitBlock(block, TODAY_SEC);
  const peer = world.join({ kind: 'block-relay-only' });
  world.tick();
  world.take(peer);
  world.wait(20 * 60_000 + 1);
  world.tick();
  assert.equal(world.takeOf(peer, 'getheaders').length, 1);
  assert.ok(
    world.hasLogged(/^sending getheaders to outbound peer=1 to verify chain work \(current best known block:<none>, /),
  );
  world.wait(2 * 60_000 + 1);
  world.tick();
  assert.deepEqual(world.takeOffences(), [{ peer: peer.id, offence: 'old-chain', detail: '<none>' }]);
});

test('D14: a staller is dropped after two seconds, the next has four, until blocks are connected again', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC });
  const branch = new BranchBuilder();
  branch.mineMany(1026);
  const peers = [world.join(), world.join(), world.join()];
  for (const peer of peers) giveHeaders(world, peer, branch.blocks);
  // Everything in the window comes but the first block, which the first peer was asked for.
  world.tick();
  for (let i = 0; i < 2000; i++) {
    const peer = peers.find(({ id }) => world.download.inFlightOf(id).some((entry) => entry > 1));
    if (peer === undefined) break;
    await give(world, peer, branch.at(world.download.inFlightOf(peer.id).find((entry) => entry > 1)!));
  }
  world.tick();
  assert.ok(world.hasLogged(/^Stall started peer=1$/));
  world.wait(2001);
  world.tick();
  assert.deepEqual(world.takeOffences(), [{ peer: peers[0]!.id, offence: 'stalled-block-download', detail: '' }]);
  assert.ok(world.hasLogged(/^Increased stalling timeout temporarily to 4 seconds$/));
  world.leave(peers[0]!);
  world.tick();
  assert.ok(world.download.wasFirstInFlight(peers[1]!.id, 1));
  world.wait(3000);
  world.tick();
  assert.deepEqual(world.takeOffences(), []);
  await give(world, peers[1]!, branch.at(1));
  assert.ok(world.hasLogged(/^Decreased stalling timeout to 2 seconds$/));
  assert.equal(world.chain.height, 1024, 'the whole window');
});

test('D14: a block that takes longer than its time costs its peer the connection', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC });
  const block = new BranchBuilder().mine();
  const peer = world.join();
  giveHeaders(world, peer, [block]);
  world.tick();
  world.wait(600_001);
  tickDownload(world.context, peer);
  const [offence] = world.takeOffences();
  assert.equal(offence?.offence, 'block-download-timeout');
  assert.match(offence.detail, /^[\da-f]{64}$/);
});

test('a peer that gave the newest block is asked to announce the next one by a compact block', async () => {
  const world = await SyncWorld.open({ nowSec: TODAY_SEC });
  const branch = new BranchBuilder();
  await world.chain.submitBlock(branch.mine(), TODAY_SEC);
  const block = branch.mine();
  const peer = world.join();
  world.compact.receiveMode(peer.id, false);
  giveHeaders(world, peer, [block]);
  world.take(peer);
  await give(world, peer, block);
  const [mode] = world.takeOf(peer, 'sendcmpct');
  assert.equal(mode?.announce, 1);
});

test('a repaired copy of a block is another block', async () => {
  const world = await SyncWorld.open({ nowSec: TODAY_SEC });
  const block = new BranchBuilder().mine();
  const other = remine(repairMerkleRoot(mutate(block), PARAMS.consensus), PARAMS.consensus);
  const peer = world.join();
  await give(world, peer, other);
  assert.notEqual(world.takeOffences()[0]?.offence, 'mutated-block');
});

test('an operator may have a block asked of one peer, whoever was asked before, if it serves witnesses', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC });
  const branch = new BranchBuilder();
  branch.mineMany(2);
  const first = world.join();
  const second = world.join();
  giveHeaders(world, first, branch.blocks);
  world.tick();
  const entry = world.chain.index.find(branch.at(2).header.blockHash);
  assert.equal(world.takeRequests(first).at(-1), entry);
  assert.equal(fetchBlock(world.context, second, entry), null);
  assert.deepEqual(world.takeRequests(second), [entry]);
  assert.deepEqual(world.download.inFlightPeers(entry), [second.id]);
  const old = world.join({ services: 1n });
  assert.equal(fetchBlock(world.context, old, entry), 'Pre-SegWit peer');
  assert.deepEqual(world.download.inFlightPeers(entry), [second.id]);
});
