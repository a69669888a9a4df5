// Compact blocks over real sockets: what a liar can do to a block that is being rebuilt, and what can be asked of ours.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Block, buildBlock } from '../../src/kernel/primitives/block.ts';
import { asBlockHash } from '../../src/kernel/primitives/hashes.ts';
import { buildTransaction, type Transaction } from '../../src/kernel/primitives/transaction.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { createCompactBlock } from '../../src/node/p2p/compact-block.ts';
import type { CmpctBlockMessage, Message, MessageOf } from '../../src/node/wire/messages.ts';
import { TransactionList } from '../../src/node/wire/packed-lists.ts';
import { MSG_WITNESS_BLOCK } from '../../src/node/wire/protocol.ts';
import type { BranchBuilder } from '../model/branch-builder.ts';
import { NodeFixture, sharedBranch } from './node-fixture.ts';
import type { RawPeer } from './raw-peer.ts';
import { blockMessage, fakeHash } from './requests.ts';

/** High enough that the first coinbases can be spent. */
const HEIGHT = 110;

const COMPACT: Message = { type: 'sendcmpct', announce: 0, version: 2n };

/** Everything that a test about rebuilding needs. */
interface Scene {
  readonly fixture: NodeFixture;
  /** Goes on from the node's tip. */
  readonly branch: BranchBuilder;
  /** Was asked to announce blocks by compact blocks. */
  readonly honest: RawPeer;
  /** The next block: three transactions, and a commitment to witnesses. */
  readonly block: Block;
}

async function makeScene(t: TestContext): Promise<Scene> {
  const branch = sharedBranch(HEIGHT);
  const fixture = await NodeFixture.start(t, { branch: sharedBranch(HEIGHT) });
  const honest = await fixture.joinQuiet({ negotiation: [COMPACT] });
  const first = branch.mine();
  honest.send(blockMessage(first));
  await fixture.tipIs(first);
  assert.equal((await honest.expect('sendcmpct')).announce, 1);
  honest.takeAll();
  const transactions = [branch.spendCoinbase(1), branch.spendCoinbase(2), branch.spendCoinbase(3)];
  return { fixture, branch, honest, block: branch.mine({ transactions, commits: true }) };
}

function compact(block: Block, rest: Partial<CmpctBlockMessage> = {}): CmpctBlockMessage {
  return { ...createCompactBlock(block, createRng(1)), ...rest };
}

function blocktxn(block: Block, ...transactions: readonly Transaction[]): MessageOf<'blocktxn'> {
  const blockHash = asBlockHash(block.header.blockHash);
  return { type: 'blocktxn', blockHash, transactions: TransactionList.of(transactions) };
}

const all = (block: Block): Transaction[] => Array.from({ length: block.txCount }, (_, i) => block.transaction(i));

/** The block with other transactions under the same header. */
function mutate(block: Block, change: (transactions: Transaction[]) => readonly Transaction[]): Block {
  return buildBlock(block.header, change(all(block)));
}

/** A transaction with another locktime: another txid. */
function altered(transaction: Transaction): Transaction {
  return buildTransaction({
    version: transaction.version,
    locktime: 1,
    inputs: [{ prevout: transaction.prevout(0), scriptSig: transaction.scriptSig(0), sequence: 0 }],
    outputs: [{ valueSat: 1, scriptPubKey: Uint8Array.of(0x51) }],
  });
}

/** The coinbase with another witness: the same txid, another wtxid. */
function withWitness(coinbase: Transaction, witness: readonly Uint8Array[]): Transaction {
  return buildTransaction({
    version: coinbase.version,
    locktime: coinbase.locktime,
    inputs: [
      { prevout: coinbase.prevout(0), scriptSig: coinbase.scriptSig(0), sequence: coinbase.sequence(0), witness },
    ],
    outputs: Array.from({ length: coinbase.outputCount }, (_, j) => ({
      valueSat: coinbase.valueSat(j),
      scriptPubKey: coinbase.scriptPubKey(j),
    })),
  });
}

// --- W10

test('W10: mutated blocks of others touch nothing of a block that is being rebuilt', async (t) => {
  const { fixture, honest, block } = await makeScene(t);
  honest.send(compact(block));
  const ask = await honest.expect('getblocktxn');
  assert.deepEqual([...ask.indexes], [1, 2, 3]);

  const mutants: readonly Block[] = [
    mutate(block, ([coinbase, first, second, third]) => [coinbase!, altered(first!), second!, third!]),
    mutate(block, ([coinbase, first, second]) => [coinbase!, first!, second!]),
    // the tail twice, with the same root (CVE-2012-2459)
    mutate(block, (transactions) => [...transactions, ...transactions.slice(2)]),
    // another witness nonce: the wrong commitment
    mutate(block, ([coinbase, ...rest]) => [withWitness(coinbase!, [new Uint8Array(32).fill(1)]), ...rest]),
    mutate(block, ([coinbase, ...rest]) => [withWitness(coinbase!, []), ...rest]),
  ];
  for (const [i, mutant] of mutants.entries()) {
    const attacker = await fixture.join({ from: `127.3.3.${i + 1}` });
    attacker.send(blockMessage(mutant));
    await attacker.closed();
    assert.equal(fixture.node.isUnwelcome(`3.3.${i + 1}.${i + 1}`), true, `mutant ${i}`);
  }
  assert.equal(fixture.countLines(/Misbehaving: peer=\d+: mutated block$/), mutants.length);
  assert.equal(fixture.verdict(block), undefined, 'nothing was said about the genuine block');
  assert.deepEqual([fixture.peers().length, fixture.peers()[0]!.inFlightCount], [1, 1]);

  honest.send(blocktxn(block, ...all(block).slice(1)));
  await fixture.tipIs(block);
  assert.equal(fixture.countLines(/Successfully reconstructed block \w{64} with 1 txn prefilled/), 1);
  await honest.sync();
});

test('W10: a mutated block before the genuine one does not keep the genuine one out', async (t) => {
  const { fixture, honest, block } = await makeScene(t);
  const attacker = await fixture.join();
  attacker.send(blockMessage(mutate(block, ([coinbase, ...rest]) => [coinbase!, ...rest, ...rest.slice(1)])));
  await attacker.closed();
  honest.send(blockMessage(block));
  await fixture.tipIs(block);
});

// --- W11

test('W11: wrong transactions lead to a request for the whole block, and more of them to an offence', async (t) => {
  const { fixture, honest, block } = await makeScene(t);
  honest.send(compact(block));
  await honest.expect('getblocktxn');
  const [, first, second, third] = all(block);
  honest.send(blocktxn(block, altered(first!), second!, third!));
  const { items } = await honest.expect('getdata');
  assert.deepEqual([items.count, items.type(0)], [1, MSG_WITNESS_BLOCK]);
  assert.deepEqual(items.hash(0), block.header.blockHash);
  assert.equal(fixture.verdict(block), undefined);

  honest.send(blocktxn(block, first!, second!, third!));
  await honest.closed();
  assert.equal(fixture.countLines(/Misbehaving: peer=0: previous compact block reconstruction attempt failed$/), 1);
  // the block is not lost with the one who failed to give it
  const other = await fixture.join();
  other.send(blockMessage(block));
  await fixture.tipIs(block);
});

test('W11: the whole block after wrong transactions is taken', async (t) => {
  const { fixture, honest, block } = await makeScene(t);
  honest.send(compact(block));
  await honest.expect('getblocktxn');
  const [, first, second, third] = all(block);
  honest.send(blocktxn(block, first!, altered(second!), third!));
  await honest.expect('getdata');
  honest.send(blockMessage(block));
  await fixture.tipIs(block);
  await honest.sync();
});

test('W11: transactions of a block that nobody asked for are ignored', async (t) => {
  const { fixture, honest, block } = await makeScene(t);
  honest.send(blocktxn(block, ...all(block).slice(1)));
  honest.send({ ...blocktxn(block), blockHash: fakeHash(5) });
  honest.send(blocktxn(fixture.branch.tip));
  await honest.sync();
  assert.equal(fixture.countLines(/Peer 0 sent us block transactions for block we weren't expecting/), 3);
  assert.equal(fixture.hasHeader(block), false);
});

test('W11: too few or too many transactions are an offence', async (t) => {
  for (const count of [2, 4]) {
    const { fixture, honest, block } = await makeScene(t);
    honest.send(compact(block));
    await honest.expect('getblocktxn');
    const [, first, second, third] = all(block);
    honest.send(blocktxn(block, ...[first!, second!, third!, third!].slice(0, count)));
    await honest.closed();
    const line = /Misbehaving: peer=0: invalid compact block\/non-matching block transactions$/;
    assert.equal(fixture.countLines(line), 1);
    assert.equal(fixture.verdict(block), undefined);
  }
});

test('W11: a compact block that cannot be is an offence, and one whose block is invalid is none', async (t) => {
  const { fixture, branch, honest, block } = await makeScene(t);
  const outside = { index: 9, transaction: block.transaction(0) };
  honest.send(compact(block, { prefilled: [outside] }));
  await honest.closed();
  assert.equal(fixture.countLines(/Misbehaving: peer=0: invalid compact block$/), 1);

  // invalid, and complete: passed on in good faith before it was validated (BIP152)
  const announcer = await fixture.joinQuiet({ negotiation: [COMPACT] });
  announcer.send(blockMessage(block));
  await fixture.tipIs(block);
  await announcer.expect('sendcmpct');
  const invalid = branch.mineOverpaid();
  announcer.send(compact(invalid));
  await fixture.until(() => fixture.verdict(invalid) === 'bad-cb-amount', 'a verdict');
  await announcer.sync();
});

test('W11: a compact block from somebody who was not asked to announce so is not rebuilt', async (t) => {
  const { fixture, block } = await makeScene(t);
  const stranger = await fixture.joinQuiet({ negotiation: [COMPACT] });
  stranger.send(compact(block));
  await stranger.expectNothing(150, 'getdata', 'sendheaders');
  assert.equal(fixture.countLines(/not marked as high-bandwidth, sent us an unsolicited compact block!$/), 1);
});

// --- W13

test('W13: transactions beyond a block are an offence to ask for', async (t) => {
  const { fixture, block, honest } = await makeScene(t);
  honest.send(blockMessage(block));
  await fixture.tipIs(block);
  const blockHash = asBlockHash(block.header.blockHash);
  honest.takeAll();
  honest.send({ type: 'getblocktxn', blockHash, indexes: Uint16Array.of(1, 3) });
  const { transactions } = await honest.expect('blocktxn');
  const wtxids = [transactions.transaction(0), transactions.transaction(1)].map(({ wtxid }) => wtxid);
  assert.deepEqual(wtxids, [block.transaction(1).wtxid, block.transaction(3).wtxid]);

  honest.send({ type: 'getblocktxn', blockHash, indexes: Uint16Array.of(0, 4) });
  await honest.closed();
  assert.equal(fixture.countLines(/Misbehaving: peer=0: getblocktxn with out-of-bounds tx indices$/), 1);
});

test('W13: differences that add up to more than 16 bits are an exception', async (t) => {
  const { fixture, honest, block } = await makeScene(t);
  const overflow = Buffer.concat([block.header.blockHash, Buffer.from('02fdfffffdffff', 'hex')]);
  honest.sendPayload('getblocktxn', overflow);
  await honest.sync();
  assert.equal(
    fixture.countLines(/ProcessMessages\(getblocktxn, 39 bytes\): Exception 'differential value overflow' caught/),
    1,
  );
  // 65,535 short ids and one transaction that comes along
  const tooMany = Buffer.concat([
    block.header.serialized(),
    Buffer.alloc(8),
    Buffer.from('fdffff', 'hex'),
    Buffer.alloc(6 * 65_535),
    Buffer.of(1, 0),
    block.transaction(0).serialized(),
  ]);
  honest.sendPayload('cmpctblock', tooMany);
  await honest.sync();
  assert.equal(
    fixture.countLines(/ProcessMessages\(cmpctblock, \d+ bytes\): Exception 'indexes overflowed 16 bits' caught/),
    1,
  );
});

test('W13: of a block deeper than ten the whole is sent, and of one that we do not have nothing', async (t) => {
  const { fixture, honest } = await makeScene(t);
  // the tip is one above the branch that the node started with
  const deep = fixture.branch.at(HEIGHT - 10);
  const recent = fixture.branch.at(HEIGHT - 9);
  const ask = (hash: Uint8Array): Message => {
    return { type: 'getblocktxn', blockHash: asBlockHash(hash), indexes: Uint16Array.of(0) };
  };
  honest.send(ask(deep.header.blockHash));
  const sent = await honest.expect('block');
  assert.deepEqual(sent.block.header.blockHash, deep.header.blockHash);
  honest.send(ask(recent.header.blockHash));
  assert.equal((await honest.expect('blocktxn')).transactions.count, 1);
  honest.send(ask(fakeHash(1)));
  await honest.expectNothing(0, 'getheaders', 'sendheaders');
});
