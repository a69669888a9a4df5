// Invalid blocks over real sockets: each is refused with Core's reason, and its sender pays for it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRegtestParams } from '../../src/kernel/consensus/networks/regtest.ts';
import { makeCoinbase, pay } from '../model/block-builder.ts';
import { BranchBuilder } from '../model/branch-builder.ts';
import { INVALID_BLOCKS, type InvalidBlock } from './invalid-blocks.ts';
import { NodeFixture, sharedBranch } from './node-fixture.ts';
import { blockMessage, headersOf } from './requests.ts';

/** High enough that the first coinbases can be spent. */
const HEIGHT = 110;

/** An address of its own for each sender: as the peer connects, and as the node sees it. */
function senderOf(i: number): { readonly from: string; readonly host: string } {
  return { from: `127.7.7.${i + 1}`, host: `7.7.${i + 1}.${i + 1}` };
}

/** Sends the blocks of a row, the bad one last, and looks at what comes of it. */
async function expectRefused(
  fixture: NodeFixture,
  { name, reason, fate, make }: InvalidBlock,
  i: number,
): Promise<void> {
  const blocks = make(sharedBranch(HEIGHT));
  const bad = blocks.at(-1)!;
  const { from, host } = senderOf(i);
  const sender = await fixture.join({ from });
  const before = fixture.lines.length;
  for (const block of blocks.slice(0, -1)) {
    sender.send(blockMessage(block));
    await fixture.tipIs(block);
  }
  sender.send(blockMessage(bad));
  await sender.closed().catch((error: unknown) => assert.fail(`${name}: ${error} ${fixture.verdict(bad)}`));
  const lines = fixture.lines.slice(before).join('\n');
  if (fate === 'punished as mutated') {
    assert.equal(fixture.verdict(bad), undefined, `${name}: the chain has not seen it`);
    assert.match(lines, new RegExp(`Block mutated: ${reason}`), name);
    assert.match(lines, /Misbehaving: peer=\d+: mutated block/, name);
  } else {
    assert.equal(fixture.verdict(bad), reason, name);
    assert.match(lines, /Misbehaving: peer=\d+/, name);
  }
  assert.equal(fixture.node.isUnwelcome(host), true, `${name}: its sender is remembered`);
}

test('W19: each block that breaks a rule is refused with its reason, and its sender is thrown out and remembered', async (t) => {
  const fixture = await NodeFixture.start(t, { branch: sharedBranch(HEIGHT) });
  const further: InvalidBlock[] = [];
  for (const [i, row] of INVALID_BLOCKS.entries()) {
    if (row.make(sharedBranch(HEIGHT)).length > 1) further.push(row);
    else await expectRefused(fixture, row, i);
  }
  assert.equal(fixture.chain.height, HEIGHT);
  assert.ok(INVALID_BLOCKS.length >= 50, `${INVALID_BLOCKS.length} rows`);
  // those with valid blocks before them move the tip, and come last
  assert.equal(further.length, 1);
  for (const row of further) await expectRefused(fixture, row, 200);

  // after all of this a valid block is welcome
  const honest = await fixture.join();
  const branch = sharedBranch(HEIGHT);
  const [first, second] = branch.mineMany(2);
  honest.send(headersOf(first!, second!), blockMessage(first!), blockMessage(second!));
  await fixture.tipIs(second!);
});

test('W19: a block whose time is too new is refused, its sender stays, and later it is welcome', async (t) => {
  const fixture = await NodeFixture.start(t);
  const branch = sharedBranch(10);
  const block = branch.mine({ timeSec: fixture.nowSec + 7260 });
  const sender = await fixture.join({ from: senderOf(0).from });
  sender.send(blockMessage(block));
  await fixture.until(() => fixture.verdict(block) === 'time-too-new', 'a verdict');
  await sender.sync();
  assert.equal(fixture.node.isUnwelcome(senderOf(0).host), false);
  fixture.clock.shiftWall(120);
  sender.send(blockMessage(block));
  await fixture.tipIs(block);
});

test('W19: bytes that are no block cost the message, and their sender stays', async (t) => {
  const fixture = await NodeFixture.start(t);
  const sender = await fixture.join();
  const bytes = sharedBranch(10).mine().serialized();
  const header = bytes.subarray(0, 80);
  const undecodable = [
    // the count in a longer form
    Buffer.concat([header, Buffer.from('fd0100', 'hex'), bytes.subarray(81)]),
    Buffer.concat([header, Buffer.of(2), bytes.subarray(81)]),
    bytes.subarray(0, bytes.length - 1),
    header,
  ];
  for (const payload of undecodable) sender.sendPayload('block', payload);
  await sender.sync();
  assert.equal(fixture.countLines(/ProcessMessages\(block, \d+ bytes\): Exception '/), undecodable.length);
  assert.equal(fixture.countLines(/Exception 'non-canonical ReadCompactSize\(\)' caught/), 1);
  assert.equal(fixture.countLines(/Misbehaving/), 0);
  assert.equal(fixture.verdicts.length, 0);
});

test('W19: a block without transactions is refused', async (t) => {
  const fixture = await NodeFixture.start(t);
  const sender = await fixture.join();
  const header = sharedBranch(10).mine().serialized().subarray(0, 80);
  sender.sendPayload('block', Buffer.concat([header, Buffer.of(0)]));
  await sender.closed();
  assert.equal(fixture.countLines(/Misbehaving: peer=0/), 1);
});

test('W19: a coinbase that takes the place of an unspent one is refused', async (t) => {
  const network = createRegtestParams({ activationHeights: { bip34: 1000 } });
  const branch = new BranchBuilder(network);
  branch.mineMany(3);
  const fixture = await NodeFixture.start(t, { branch });
  const coinbase = makeCoinbase({ height: 4, outputs: [pay(1)] });
  const next = branch.fork();
  const first = next.mine({ coinbase });
  const second = next.mine({ coinbase });
  const sender = await fixture.join();
  sender.send(blockMessage(first));
  await fixture.tipIs(first);
  sender.send(blockMessage(second));
  await sender.closed();
  assert.deepEqual([fixture.verdict(first), fixture.verdict(second)], [null, 'bad-txns-BIP30']);
});

test('W19: a block upon an invalid one is refused, and one that was refused before says nothing new about its sender', async (t) => {
  const fixture = await NodeFixture.start(t);
  const branch = sharedBranch(10);
  const bad = branch.mineOverpaid();
  const child = branch.mine();
  const first = await fixture.join();
  first.send(blockMessage(bad));
  await first.closed();
  assert.equal(fixture.verdict(bad), 'bad-cb-amount');
  const second = await fixture.join();
  second.send(blockMessage(bad));
  await fixture.until(() => fixture.verdict(bad) === 'duplicate-invalid', 'a verdict');
  await second.sync();
  const third = await fixture.join();
  third.send(blockMessage(child));
  await third.closed();
  assert.equal(fixture.verdict(child), 'bad-prevblk');
});
