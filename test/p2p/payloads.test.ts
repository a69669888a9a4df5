// Payloads over real sockets: cut, prolonged, with counts that lie, with more items than there may be, and with odd contents.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_ENTRY } from '../../src/kernel/chain/block-index.ts';
import type { BlockHash } from '../../src/kernel/primitives/hashes.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { createCompactBlock } from '../../src/node/p2p/compact-block.ts';
import type { Message } from '../../src/node/wire/messages.ts';
import { parseHost } from '../../src/node/wire/net-address.ts';
import { AddressList, HashList, TransactionList } from '../../src/node/wire/packed-lists.ts';
import { MESSAGE_TYPES, type MessageType, MSG_BLOCK, MSG_TX, NODE_NETWORK } from '../../src/node/wire/protocol.ts';
import { encodeMessage } from '../../src/node/wire/registry.ts';
import { fakeTxid, makeTx, pay, spend } from '../model/block-builder.ts';
import { mineHeaders } from './header-run.ts';
import { NodeFixture, sharedBranch } from './node-fixture.ts';
import { makeVersion, type RawPeer } from './raw-peer.ts';
import { blockMessage, fakeHash, fakeHashes, headersOf, inventory, invOf, locatorMessage } from './requests.ts';

const BRANCH = sharedBranch(10);

/** What a payload leads to when it is whole: nothing that ends the connection, or its end. */
type Fate = 'stays' | 'ends';

/** A valid payload of each type, and what comes of it after the handshake. */
const PAYLOADS: Readonly<Record<MessageType, readonly [Uint8Array, Fate]>> = makePayloads();

function makePayloads(): Record<MessageType, readonly [Uint8Array, Fate]> {
  const { tip } = BRANCH;
  const next = BRANCH.fork().mine();
  const transaction = makeTx([spend({ txid: fakeTxid(1), index: 0 }, { witness: [new Uint8Array(3)] })], [pay(1)]);
  const entry = { timeSec: 1_300_000_000, services: NODE_NETWORK, address: parseHost('8.8.4.4', 8333)! };
  const hash = tip.header.blockHash as BlockHash;
  const filterAsk = { filterType: 0, startHeight: 1, stopHash: hash };
  const of = (message: Message, fate: Fate = 'stays'): readonly [Uint8Array, Fate] => [encodeMessage(message), fate];
  // a proof without transactions: header, count of the block, one hash, one byte of flags
  const merkleblock = Buffer.concat([tip.header.serialized(), Buffer.of(1, 0, 0, 0, 1), hash, Buffer.of(1, 0)]);
  return {
    version: of(makeVersion()),
    verack: of({ type: 'verack' }),
    addr: of({ type: 'addr', entries: AddressList.of([entry, entry]) }),
    addrv2: of({ type: 'addrv2', entries: AddressList.of([entry, entry]) }),
    sendaddrv2: of({ type: 'sendaddrv2' }, 'ends'),
    inv: of(inventory('inv', MSG_BLOCK, [hash, hash])),
    getdata: of(inventory('getdata', MSG_TX, fakeHashes(2))),
    merkleblock: [merkleblock, 'stays'],
    getblocks: of(locatorMessage('getblocks', [hash, hash])),
    getheaders: of(locatorMessage('getheaders', [hash, hash])),
    tx: of({ type: 'tx', transaction }, 'ends'),
    headers: of(headersOf(BRANCH.at(1), BRANCH.at(2))),
    block: of(blockMessage(tip)),
    getaddr: of({ type: 'getaddr' }),
    mempool: of({ type: 'mempool' }, 'ends'),
    ping: of({ type: 'ping', nonce: 1n }),
    pong: of({ type: 'pong', nonce: 1n }),
    notfound: of(inventory('notfound', MSG_TX, fakeHashes(2))),
    filterload: of({ type: 'filterload', filter: new Uint8Array(5), hashFunctionCount: 3, tweak: 0, flags: 0 }, 'ends'),
    filteradd: of({ type: 'filteradd', element: new Uint8Array(20) }, 'ends'),
    filterclear: of({ type: 'filterclear' }, 'ends'),
    sendheaders: of({ type: 'sendheaders' }),
    feefilter: of({ type: 'feefilter', feeRateSat: 1000 }),
    sendcmpct: of({ type: 'sendcmpct', announce: 0, version: 2n }),
    cmpctblock: of(createCompactBlock(next, createRng(1))),
    getblocktxn: of({ type: 'getblocktxn', blockHash: hash, indexes: Uint16Array.of(0) }),
    blocktxn: of({ type: 'blocktxn', blockHash: hash, transactions: TransactionList.of([tip.transaction(0)]) }),
    getcfilters: of({ type: 'getcfilters', ...filterAsk }, 'ends'),
    cfilter: of({ type: 'cfilter', filterType: 0, blockHash: hash, filter: new Uint8Array(4) }),
    getcfheaders: of({ type: 'getcfheaders', ...filterAsk }, 'ends'),
    cfheaders: of({
      type: 'cfheaders',
      filterType: 0,
      stopHash: hash,
      previousFilterHeader: hash,
      filterHashes: HashList.of(fakeHashes(2)),
    }),
    getcfcheckpt: of({ type: 'getcfcheckpt', filterType: 0, stopHash: hash }, 'ends'),
    cfcheckpt: of({ type: 'cfcheckpt', filterType: 0, stopHash: hash, filterHeaders: HashList.of(fakeHashes(2)) }),
    wtxidrelay: of({ type: 'wtxidrelay' }, 'ends'),
    sendtxrcncl: of({ type: 'sendtxrcncl', version: 1, salt: 1n }),
    feature: of({ type: 'feature', featureId: 'bip999', data: new Uint8Array(3) }, 'ends'),
  };
}

/** What must not change by messages that cannot be read. */
function describeState({ chain, node }: NodeFixture): unknown {
  return [chain.height, chain.index.count, node.peers().length, node.banList.list(0).length];
}

// --- W04

test('W04: every message cut at any byte is confined to itself: its sender stays and nothing changes', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peer = await fixture.joinQuiet();
  const before = describeState(fixture);
  let cutCount = 0;
  let readableCount = 0;
  for (const type of MESSAGE_TYPES) {
    // a malformed feature is an offence (W07)
    if (type === 'feature') continue;
    const [payload] = PAYLOADS[type];
    for (let length = 0; length < payload.length; length++) {
      peer.sendPayload(type, payload.subarray(0, length));
      cutCount++;
    }
    await peer.sync();
    // an empty ping and a short pong have a meaning; a version may end early, and is one too many in any case
    const readable = type === 'ping' ? 1 : type === 'pong' ? payload.length : type === 'version' ? 4 : 0;
    readableCount += readable;
    const lines = fixture.countLines(new RegExp(`ProcessMessages\\(${type}, \\d+ bytes\\): Exception '.*' caught`));
    assert.equal(lines, payload.length - readable, type);
    assert.deepEqual(describeState(fixture), before, type);
  }
  assert.ok(cutCount > 1500, `${cutCount} messages`);
  const endOfData = fixture.countLines(/Exception 'DataStream::read\(\): end of data' caught/);
  assert.equal(endOfData, cutCount - readableCount);
  assert.deepEqual(peer.types, [], 'no answers');
});

test('W04: bytes behind a message change nothing', async (t) => {
  const fixture = await NodeFixture.start(t);
  const rng = createRng(4);
  for (const type of MESSAGE_TYPES) {
    const [payload, fate] = PAYLOADS[type];
    for (const count of fate === 'ends' ? [64] : [1, 2, 8, 32, 64]) {
      const peer = await fixture.join();
      const rest = rng.bytes(count);
      // one more byte of a nonce or of an optional field is none of these
      peer.sendPayload(type, Buffer.concat([payload, rest]));
      if (fate === 'ends') await peer.closed();
      else await peer.sync();
      peer.close();
    }
  }
  assert.equal(fixture.countLines(/Exception/), 1, 'the feature');
  assert.equal(fixture.chain.height, BRANCH.height);
});

// --- W05

/** A count of a list of each type, at the place where it stands, and bytes before it. */
const LISTS: readonly (readonly [MessageType, number])[] = [
  ['inv', 0],
  ['getdata', 0],
  ['notfound', 0],
  ['addr', 0],
  ['addrv2', 0],
  ['headers', 0],
  ['getheaders', 4],
  ['getblocks', 4],
  ['tx', 4],
  ['block', 80],
  ['cmpctblock', 88],
  ['getblocktxn', 32],
  ['blocktxn', 32],
  ['merkleblock', 84],
  ['cfheaders', 65],
  ['cfcheckpt', 33],
  ['filterload', 0],
  ['filteradd', 0],
];

test('W05: counts beyond all limits, not in their shortest form, or of more than there is, allocate nothing', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peer = await fixture.joinQuiet();
  const before = describeState(fixture);
  const counts: readonly (readonly [string, RegExp])[] = [
    ['ffffffffffffffffff', /Exception 'ReadCompactSize\(\): size too large' caught/],
    ['fe01000002', /Exception 'ReadCompactSize\(\): size too large' caught/],
    ['fdfc00', /Exception 'non-canonical ReadCompactSize\(\)' caught/],
    ['fe00000002', /Exception 'DataStream::read\(\): end of data' caught/],
  ];
  for (const [countHex, line] of counts) {
    const count = Buffer.from(countHex, 'hex');
    fixture.lines.length = 0;
    const arrayBytes = process.memoryUsage().arrayBuffers;
    for (const [type, at] of LISTS) {
      peer.sendPayload(type, Buffer.concat([PAYLOADS[type][0].subarray(0, at), count, new Uint8Array(100)]));
    }
    await peer.sync();
    assert.equal(fixture.countLines(line), LISTS.length, countHex);
    assert.ok(process.memoryUsage().arrayBuffers - arrayBytes < 4_000_000, 'no room was made for what was promised');
  }
  assert.deepEqual(describeState(fixture), before);
  assert.deepEqual(peer.types, []);
});

// --- W08

/** A new peer sends a message, and stays. */
async function expectToStay(fixture: NodeFixture, message: Message): Promise<RawPeer> {
  const peer = await fixture.join();
  peer.send(message);
  await peer.sync();
  return peer;
}

/** A new peer sends a message, and is thrown out with these words. */
async function expectOut(fixture: NodeFixture, message: Message, line: RegExp): Promise<void> {
  const peer = await fixture.join();
  peer.send(message);
  await peer.closed();
  assert.equal(fixture.countLines(line), 1, `${line}`);
}

test('W08: an inv has 50,000 items at most, a getdata too, and a notfound any number', async (t) => {
  const fixture = await NodeFixture.start(t);
  const many = fakeHashes(60_000);
  await expectToStay(fixture, inventory('inv', 0x7777, many.slice(0, 50_000)));
  await expectOut(
    fixture,
    inventory('inv', 0x7777, many.slice(0, 50_001)),
    /Misbehaving: peer=1: inv message size = 50001$/,
  );
  await expectToStay(fixture, inventory('getdata', 0x7777, many.slice(0, 50_000)));
  const getdata = inventory('getdata', 0x7777, many.slice(0, 50_001));
  await expectOut(fixture, getdata, /Misbehaving: peer=3: getdata message size = 50001$/);
  await expectToStay(fixture, inventory('notfound', MSG_TX, many));
});

test('W08: an addr or addrv2 has 1,000 entries at most', async (t) => {
  const fixture = await NodeFixture.start(t);
  const entry = { timeSec: 1_300_000_000, services: NODE_NETWORK, address: parseHost('8.8.4.4', 8333)! };
  const entries = (count: number) => AddressList.of(Array.from({ length: count }, () => entry));
  await expectToStay(fixture, { type: 'addr', entries: entries(1000) });
  await expectOut(fixture, { type: 'addr', entries: entries(1001) }, /Misbehaving: peer=1: addr message size = 1001$/);
  await expectToStay(fixture, { type: 'addrv2', entries: entries(1000) });
  const addrv2: Message = { type: 'addrv2', entries: entries(1001) };
  await expectOut(fixture, addrv2, /Misbehaving: peer=3: addrv2 message size = 1001$/);
});

test('W08: a headers has 2,000 headers at most, which are taken in', async (t) => {
  const fixture = await NodeFixture.start(t);
  const headers = mineHeaders(BRANCH.tip.header, 2001);
  const peer = await expectToStay(fixture, { type: 'headers', headers: headers.slice(0, 2000) });
  await peer.expect('getheaders');
  assert.notEqual(fixture.chain.index.find(headers[1999]!.blockHash), NO_ENTRY);
  await expectOut(fixture, { type: 'headers', headers }, /Misbehaving: peer=1: headers message size = 2001$/);
  assert.equal(fixture.chain.index.find(headers[2000]!.blockHash), NO_ENTRY);
});

test('W08: a locator has 101 hashes at most', async (t) => {
  const fixture = await NodeFixture.start(t);
  for (const type of ['getheaders', 'getblocks'] as const) {
    await expectToStay(fixture, locatorMessage(type, fakeHashes(101)));
    const line = new RegExp(`${type} locator size 102 > 101, disconnecting peer=\\d+$`);
    await expectOut(fixture, locatorMessage(type, fakeHashes(102)), line);
  }
});

// --- W14

test('W14: bloom filters, which we do not offer, end the connection whatever is in them', async (t) => {
  const fixture = await NodeFixture.start(t);
  const load = { type: 'filterload', hashFunctionCount: 3, tweak: 0, flags: 0 } as const;
  const loads = [
    { ...load, filter: new Uint8Array(36_000) },
    { ...load, filter: new Uint8Array(36_001) },
    { ...load, filter: new Uint8Array(5), hashFunctionCount: 51 },
    { ...load, filter: new Uint8Array(0) },
  ];
  for (const message of loads) {
    const peer = await fixture.join();
    // the element that would have to be put into an empty filter comes right behind
    peer.send(message, { type: 'filteradd', element: new Uint8Array(32) });
    await peer.closed();
  }
  assert.equal(fixture.countLines(/filterload received despite not offering bloom services, disconnecting/), 4);
  for (const length of [0, 520, 521]) {
    const peer = await fixture.join();
    peer.send({ type: 'filteradd', element: new Uint8Array(length) });
    await peer.closed();
  }
  assert.equal(fixture.countLines(/filteradd received despite not offering bloom services, disconnecting/), 3);
  await expectOut(
    fixture,
    { type: 'filterclear' },
    /filterclear received despite not offering bloom services, disconnecting/,
  );
  await expectOut(fixture, { type: 'mempool' }, /mempool request with bloom filters disabled, disconnecting/);
});

test('W14: block filters, which we do not offer, end the connection whatever is asked for', async (t) => {
  const fixture = await NodeFixture.start(t);
  const tipHash = BRANCH.tip.header.blockHash as BlockHash;
  const asks = [
    { filterType: 0, startHeight: 0, stopHash: tipHash },
    { filterType: 255, startHeight: 0, stopHash: tipHash },
    { filterType: 0, startHeight: 0, stopHash: fakeHash(1) },
    { filterType: 0, startHeight: 11, stopHash: tipHash },
    { filterType: 0, startHeight: 0xffffffff, stopHash: tipHash },
  ];
  for (const ask of asks) {
    for (const type of ['getcfilters', 'getcfheaders', 'getcfcheckpt'] as const) {
      const peer = await fixture.join();
      peer.send(
        type === 'getcfcheckpt' ? { type, filterType: ask.filterType, stopHash: ask.stopHash } : { type, ...ask },
      );
      await peer.closed();
    }
  }
  assert.equal(fixture.countLines(/peer requested unsupported block filter type: (0|255), disconnecting/), 15);
});

// --- W15

/** The entry of an addrv2 as bytes. */
function addrv2Entry(network: number, address: Uint8Array, port = 8333): Buffer {
  const head = Buffer.from('00007d4d09', 'hex');
  const length =
    address.length < 0xfd ? Buffer.of(address.length) : Buffer.of(0xfd, address.length & 0xff, address.length >>> 8);
  return Buffer.concat([head, Buffer.of(network), length, address, Buffer.of(port >>> 8, port & 0xff)]);
}

test('W15: an address that is too long, or has a length that its network does not have, spoils the message alone', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peer = await fixture.join();
  const spoiled: readonly (readonly [Buffer, RegExp])[] = [
    [addrv2Entry(1, new Uint8Array(513)), /Exception 'Address too long: 513 > 512' caught/],
    [addrv2Entry(99, new Uint8Array(513)), /Exception 'Address too long: 513 > 512' caught/],
    [addrv2Entry(1, new Uint8Array(5)), /Exception 'BIP155 IPv4 address with length 5 \(should be 4\)' caught/],
    [addrv2Entry(4, new Uint8Array(10)), /Exception 'BIP155 TORv3 address with length 10 \(should be 32\)' caught/],
  ];
  for (const [entry, line] of spoiled) {
    fixture.lines.length = 0;
    peer.sendPayload('addrv2', Buffer.concat([Buffer.of(1), entry]));
    await peer.sync();
    assert.equal(fixture.countLines(line), 1);
  }
});

test('W15: entries that are of no use are passed over, and the good one behind them is kept', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peer = await fixture.join();
  const useless = [
    addrv2Entry(99, new Uint8Array(16)),
    addrv2Entry(99, new Uint8Array(512)),
    addrv2Entry(99, new Uint8Array(0)),
    // an onion service of the second version
    addrv2Entry(3, new Uint8Array(10).fill(7)),
    // 9.9.9.9 inside IPv6
    addrv2Entry(2, Buffer.from('00000000000000000000ffff09090909', 'hex')),
    addrv2Entry(1, Buffer.of(127, 0, 0, 1)),
  ];
  const good = addrv2Entry(1, Buffer.of(8, 8, 4, 4));
  const noPort = addrv2Entry(1, Buffer.of(8, 8, 4, 5), 0);
  // each address costs a token, and there is one every ten seconds
  fixture.clock.shift(200);
  await peer.sync();
  peer.sendPayload('addrv2', Buffer.concat([Buffer.of(8), ...useless, good, noPort]));
  await peer.sync();
  assert.equal(fixture.countLines(/Received addr: 8 addresses \(8 processed, 0 rate-limited\) from peer=0$/), 1);
  assert.equal(
    fixture.countLines(/Added 2 addresses \(of 2\) from 127.0.0.1: 0 tried, 2 new$/),
    1,
    fixture.lines.join('\n'),
  );
  peer.sendPayload('addrv2', Buffer.of(0));
  peer.sendPayload('addr', Buffer.of(0));
  await peer.sync();
});

// --- W16

test('W16: pings, pongs, fee filters and inventory of odd forms harm nobody', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peer = await fixture.joinQuiet();
  for (let length = 0; length < 8; length++) peer.sendPayload('ping', new Uint8Array(length));
  peer.sendPayload('pong', new Uint8Array(3));
  peer.send({ type: 'pong', nonce: 0n }, { type: 'pong', nonce: 99n });
  await peer.expectNothing();
  assert.equal(fixture.countLines(/ProcessMessages\(ping, [1-7] bytes\): Exception/), 7);
  assert.equal(fixture.countLines(/pong peer=0: Unsolicited pong without ping/), 2);

  for (const feeRateSat of [-1, 2_100_000_000_000_001, 0, 1000]) peer.send({ type: 'feefilter', feeRateSat });
  await peer.expectNothing();
  assert.equal(fixture.countLines(/received: feefilter of 0\.0000[01]000 BTC\/kvB from peer=0$/), 2);
  assert.equal(fixture.countLines(/received: feefilter of /), 2);

  peer.send(inventory('inv', 0, fakeHashes(1)), inventory('inv', 0xffffffff, fakeHashes(1)));
  peer.sendPayload('reject', Buffer.from('\x05block\x10\x03bad', 'latin1'));
  peer.sendPayload('alert', new Uint8Array(200).fill(0xff));
  await peer.expectNothing();
  assert.equal(fixture.countLines(/Unknown inv type (0|4294967295) received from peer=0$/), 2);
  assert.equal(fixture.countLines(/Unknown message type "(reject|alert)" from peer=0$/), 2);
});

test('W16: a pong of zero or a short one ends the waiting for an answer, another nonce does not', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peers: RawPeer[] = [];
  for (let i = 0; i < 3; i++) {
    const peer = await fixture.connect({ ignoresPings: true });
    await peer.handshake();
    await peer.expect('ping');
    peers.push(peer);
  }
  const [zero, short, other] = peers as [RawPeer, RawPeer, RawPeer];
  zero.send({ type: 'pong', nonce: 0n });
  short.sendPayload('pong', new Uint8Array(7));
  other.send({ type: 'pong', nonce: 12_345n });
  for (const peer of peers) await peer.sync();
  for (const [id, problem] of ['Nonce zero', 'Short payload', 'Nonce mismatch'].entries()) {
    assert.equal(fixture.countLines(new RegExp(`pong peer=${id}: ${problem}, \\w+ expected`)), 1);
  }
  // the first two are asked again after two minutes, the third is waited for until 20 minutes are over
  for (const seconds of [121, 600]) {
    fixture.clock.shift(seconds);
    for (const peer of peers) await peer.sync();
  }
  for (const peer of [zero, short]) {
    const { nonce } = await peer.expect('ping');
    peer.send({ type: 'pong', nonce });
    await peer.sync();
  }
  fixture.clock.shift(600);
  await other.closed();
  assert.equal(fixture.countLines(/ping timeout: 13\d\d\.\d+s, disconnecting peer=2$/), 1);
  for (const peer of [zero, short]) await peer.sync();
});

test('W16: a block that was announced and is known changes nothing', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peer = await fixture.joinQuiet();
  peer.send(invOf(BRANCH.tip, BRANCH.at(1)), inventory('inv', MSG_BLOCK, []));
  await peer.expectNothing(150, 'sendheaders');
});
