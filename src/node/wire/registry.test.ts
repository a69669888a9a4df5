// Every message by its bytes, typed by hand field by field: what comes out of them, what goes back in, and what becomes of bytes that
// are cut, prolonged, altered or made up (W04 to W08, W13 to W16: the part of the codecs).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { asBlockHash, formatHash } from '../../kernel/primitives/hashes.ts';
import { concatBytes, fromHex, toHex } from '../../kernel/util/bytes.ts';
import type { Message, MessageOf } from './messages.ts';
import { formatNetAddress, isValid, parseNetAddress, unspecifiedAddress } from './net-address.ts';
import { AddressList, HashList, InventoryList, TransactionList } from './packed-lists.ts';
import { MAX_ADDR_TO_SEND, MESSAGE_TYPES, type MessageType } from './protocol.ts';
import { decodeMessage, describeDecodeError, encodeMessage } from './registry.ts';

/** A hash of one repeated byte. */
const repeated = (byte: string): string => byte.repeat(32);

/** Header and coinbase of the first block of the main network. */
const HEADER =
  '01000000' +
  repeated('00') +
  '3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a' +
  '29ab5f49ffff001d1dac2b7c';
const COINBASE =
  '01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff001d0104455468652054696d6573203033' +
  '2f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73ffffffff01' +
  '00f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384d' +
  'f7ba0b8d578a4c702b6bf11d5fac00000000';

/** A transaction with one witness item, and the same without. */
const WITNESS_TX = `02000000000101${repeated('aa')}0100000000fdffffff01e803000000000000015101${'02abcd'}00000000`;
const STRIPPED_TX = `0200000001${repeated('aa')}0100000000fdffffff01e8030000000000000151${'00000000'}`;

/** The `version` of a node of 2012, as the Bitcoin wiki shows it, and what later versions put behind it. */
const VERSION_2012 =
  '62ea0000' + // 60002
  '0100000000000000' +
  '11b2d05000000000' +
  '0100000000000000' +
  '00000000000000000000ffff000000000000' +
  '0100000000000000' +
  '00000000000000000000ffff000000000000' +
  '3b2eb35d8ce61765' +
  '0f2f5361746f7368693a302e372e322f' +
  'c03e0300';

const VERSION =
  '81110100' + // 70017
  '4904000000000000' +
  '15cd5b0700000000' +
  '0100000000000000' +
  '00000000000000000000ffff01020304208d' +
  '4904000000000000' +
  '00000000000000000000000000000000' +
  '0000' +
  '0123456789abcdef' +
  '0f2f54616c6c79737469636b3a312e2f' +
  '40420f00' +
  '01';

/** One valid instance of every message, written as we write it. */
const SAMPLES: Readonly<Record<MessageType, string>> = {
  version: VERSION,
  verack: '',
  addr: `02${'61bc6649'}0000000000000000${'00'.repeat(15)}010000${'79627683'}4904000000000000${'00'.repeat(10)}ffff01020304208d`,
  addrv2:
    `05${'61bc6649'}00${'0210'}${'00'.repeat(15)}010000` +
    `79627683fd4904${'0104'}01020304208d` +
    `ffffffff01${'0420'}79bcc625184b05194975c28b66b66b0469f7f6556fb1ac3189a79b40dda32f1ff1f2` +
    `00000000ff0000000001000000${'0520'}a2894dabaec08c0051a481a6dac88b64f98232ae42d4b6fd2fa81952dfe36a870000` +
    `0100000000${'0610'}fc0000010002000300040005000600070001`,
  sendaddrv2: '',
  inv: `02${'01000000'}${repeated('11')}${'02000000'}${repeated('22')}`,
  getdata: `01${'02000040'}${repeated('33')}`,
  merkleblock: `${HEADER}0100000001${repeated('44')}0101`,
  getblocks: `8011010001${repeated('55')}${repeated('00')}`,
  getheaders: `8011010002${repeated('55')}${repeated('66')}${repeated('77')}`,
  tx: WITNESS_TX,
  headers: `02${HEADER}00${HEADER}00`,
  block: `${HEADER}02${COINBASE}${WITNESS_TX}`,
  getaddr: '',
  mempool: '',
  ping: '0102030405060708',
  pong: '0807060504030201',
  notfound: `01${'05000000'}${repeated('88')}`,
  filterload: '03010203050000000700000001',
  filteradd: '02abcd',
  filterclear: '',
  sendheaders: '',
  feefilter: 'e803000000000000',
  sendcmpct: '010200000000000000',
  cmpctblock: `${HEADER}efcdab896745230102010203040506a1a2a3a4a5a60200${COINBASE}01${WITNESS_TX}`,
  getblocktxn: `${repeated('99')}0300${'01'}fdffaa`,
  blocktxn: `${repeated('99')}02${STRIPPED_TX}${WITNESS_TX}`,
  getcfilters: `00e8030000${repeated('ab')}`,
  cfilter: `00${repeated('ab')}03019dfe`,
  getcfheaders: `00e8030000${repeated('ab')}`,
  cfheaders: `00${repeated('ab')}${repeated('cd')}02${repeated('01')}${repeated('02')}`,
  getcfcheckpt: `00${repeated('ab')}`,
  cfcheckpt: `00${repeated('ab')}01${repeated('03')}`,
  wtxidrelay: '',
  sendtxrcncl: '010000000807060504030201',
  feature: '0442494d3102abcd',
};

function decode<Type extends MessageType>(type: Type, hex: string): MessageOf<Type> {
  const result = decodeMessage(type, fromHex(hex));
  assert.ok(result.ok, `${type} decodes`);
  assert.equal(result.value?.type, type);
  return result.value as MessageOf<Type>;
}

/** Core's sentence for a payload that does not decode. */
function fault(type: MessageType, hex: string): string {
  const result = decodeMessage(type, fromHex(hex));
  assert.ok(!result.ok, `${type} does not decode`);
  return describeDecodeError(result.error);
}

/** Payload lengths at which a message may end though more could follow, as in Core. */
const TOLERATED_LENGTHS: Readonly<Partial<Record<MessageType, readonly number[]>>> = {
  version: [46, 80, 96, 100],
  ping: [0],
  pong: [0, 1, 2, 3, 4, 5, 6, 7],
};

test('there is a sample of every message', () => {
  assert.deepEqual(
    Object.keys(SAMPLES).sort((a, b) => (a < b ? -1 : 1)),
    [...MESSAGE_TYPES].sort((a, b) => (a < b ? -1 : 1)),
  );
});

test('every message comes back from its bytes, and its bytes from it', () => {
  for (const type of MESSAGE_TYPES) {
    assert.equal(toHex(encodeMessage(decode(type, SAMPLES[type]))), SAMPLES[type], type);
  }
});

test('W04: every message cut at any byte is an error of its own, but where it may end', () => {
  for (const type of MESSAGE_TYPES) {
    const payload = fromHex(SAMPLES[type]);
    for (let length = 0; length < payload.length; length++) {
      const result = decodeMessage(type, payload.subarray(0, length));
      const isTolerated = TOLERATED_LENGTHS[type]?.includes(length) === true;
      assert.equal(result.ok, isTolerated, `${type} cut to ${length}`);
      if (!result.ok) assert.equal(describeDecodeError(result.error), 'DataStream::read(): end of data');
    }
  }
});

test('W04: bytes behind a message change nothing, but end a feature', () => {
  fc.assert(
    fc.property(fc.constantFrom(...MESSAGE_TYPES), fc.uint8Array({ minLength: 1, maxLength: 64 }), (type, tail) => {
      const result = decodeMessage(type, concatBytes(fromHex(SAMPLES[type]), tail));
      if (type === 'feature') assert.ok(!result.ok);
      else assert.ok(result.ok && toHex(encodeMessage(result.value!)) === SAMPLES[type], type);
    }),
    { seed: 404, numRuns: 1000 },
  );
});

/** Reads all that a message holds, so that nothing lazy hides. */
function readAll(message: Message): void {
  for (const part of Object.values(message)) {
    if (part instanceof AddressList) for (const entry of part) formatNetAddress(entry.address);
    if (part instanceof TransactionList) for (let i = 0; i < part.count; i++) assert.ok(part.transaction(i).txid);
    if (part instanceof HashList) for (let i = 0; i < part.count; i++) assert.equal(part.hash(i).length, 32);
    if (part instanceof InventoryList)
      for (let i = 0; i < part.count; i++) assert.ok(part.hash(i) && part.type(i) >= 0);
  }
}

/** Decodes, and encodes what came out: that decodes to the same again. */
function checkStable(type: MessageType, payload: Uint8Array): void {
  const first = decodeMessage(type, payload);
  if (!first.ok) return;
  readAll(first.value!);
  const again = encodeMessage(first.value!);
  const second = decodeMessage(type, again);
  assert.ok(second.ok, type);
  assert.equal(toHex(encodeMessage(second.value!)), toHex(again), type);
}

test('W04: bytes that were made up decode or are a DecodeError, and nothing else', () => {
  fc.assert(fc.property(fc.constantFrom(...MESSAGE_TYPES), fc.uint8Array({ maxLength: 200 }), checkStable), {
    seed: 405,
    numRuns: 5000,
  });
});

test('W04: bytes that were altered decode or are a DecodeError, and nothing else', () => {
  const edit = fc.record({ at: fc.nat(), value: fc.constantFrom(0, 1, 2, 0x7f, 0xfc, 0xfd, 0xfe, 0xff) });
  fc.assert(
    fc.property(fc.constantFrom(...MESSAGE_TYPES), fc.array(edit, { minLength: 1, maxLength: 4 }), (type, edits) => {
      const payload = fromHex(SAMPLES[type]);
      if (payload.length === 0) return;
      for (const { at, value } of edits) payload[at % payload.length] = value;
      checkStable(type, payload);
    }),
    { seed: 406, numRuns: 10_000 },
  );
});

/** What stands before the first count of a message, for all messages that have one. */
const BEFORE_COUNT: Readonly<Partial<Record<MessageType, string>>> = {
  addr: '',
  addrv2: '',
  inv: '',
  getdata: '',
  notfound: '',
  merkleblock: `${HEADER}01000000`,
  getblocks: '80110100',
  getheaders: '80110100',
  headers: '',
  block: HEADER,
  filterload: '',
  filteradd: '',
  cmpctblock: `${HEADER}0000000000000000`,
  getblocktxn: repeated('99'),
  blocktxn: repeated('99'),
  cfilter: `00${repeated('ab')}`,
  cfheaders: `00${repeated('ab')}${repeated('cd')}`,
  cfcheckpt: `00${repeated('ab')}`,
};

test('W05: counts that are too large, not in their shortest form, or promise more than there is allocate nothing', () => {
  for (const [type, before] of Object.entries(BEFORE_COUNT) as [MessageType, string][]) {
    const reserved = process.memoryUsage().arrayBuffers;
    assert.equal(fault(type, `${before}ffffffffffffffffff`), 'ReadCompactSize(): size too large', type);
    assert.equal(fault(type, `${before}fe01000002`), 'ReadCompactSize(): size too large', type);
    assert.equal(fault(type, `${before}fd0100`), 'non-canonical ReadCompactSize()', type);
    assert.equal(fault(type, `${before}fe00000002`), 'DataStream::read(): end of data', type);
    assert.equal(fault(type, `${before}fe00000002${'00'.repeat(100)}`), 'DataStream::read(): end of data', type);
    assert.ok(process.memoryUsage().arrayBuffers - reserved < 1_000_000, type);
  }
});

// --- handshake

test('a version says who speaks, as it came', () => {
  const message = decode('version', VERSION);
  assert.deepEqual(
    { ...message, receiver: formatNetAddress(message.receiver) },
    {
      type: 'version',
      version: 70017,
      services: 1097n,
      timeSec: 123456789,
      receiverServices: 1n,
      receiver: '1.2.3.4:8333',
      nonce: 0xefcdab8967452301n,
      userAgent: '/Tallystick:1./',
      startHeight: 1_000_000,
      relay: true,
    },
  );
  const { version, userAgent, startHeight, relay } = decode('version', VERSION_2012);
  assert.deepEqual([version, userAgent, startHeight, relay], [60002, '/Satoshi:0.7.2/', 212672, true]);
});

test('W06: a version may lack its end, and what it lacks is as in Core', () => {
  const cut = (bytes: number): readonly unknown[] => {
    const { nonce, userAgent, startHeight, relay } = decode('version', VERSION.slice(0, 2 * bytes));
    return [nonce, userAgent, startHeight, relay];
  };
  assert.deepEqual(cut(46), [1n, '', -1, true]);
  assert.deepEqual(cut(80), [0xefcdab8967452301n, '', -1, true]);
  assert.deepEqual(cut(96), [0xefcdab8967452301n, '/Tallystick:1./', -1, true]);
  assert.deepEqual(cut(100), [0xefcdab8967452301n, '/Tallystick:1./', 1_000_000, true]);
  assert.equal(fault('version', VERSION.slice(0, 40)), 'DataStream::read(): end of data');
});

test('W06: a version may say odd things, but its user agent has 256 bytes at most', () => {
  const message: MessageOf<'version'> = {
    type: 'version',
    version: -1,
    services: 0xffffffffffffffffn,
    timeSec: -1,
    receiverServices: 0n,
    receiver: unspecifiedAddress(),
    nonce: 0n,
    userAgent: 'é'.repeat(256),
    startHeight: -1,
    relay: false,
  };
  const hex = toHex(encodeMessage(message));
  assert.equal(hex.length, 2 * (46 + 34 + 3 + 256 + 5));
  assert.deepEqual(decode('version', hex), message);
  const longer = encodeMessage({ ...message, userAgent: 'a'.repeat(257) });
  assert.equal(fault('version', toHex(longer)), 'String length limit exceeded');
});

test('W07: sendcmpct and sendtxrcncl say what they say, whatever it means', () => {
  assert.deepEqual(decode('sendcmpct', '026300000000000000'), { type: 'sendcmpct', announce: 2, version: 99n });
  assert.deepEqual(decode('sendtxrcncl', SAMPLES.sendtxrcncl), {
    type: 'sendtxrcncl',
    version: 1,
    salt: 0x0102030405060708n,
  });
});

test('W07: a feature has a name of 4 to 80 bytes, data of at most 512, and nothing behind', () => {
  const feature = (featureId: string, dataBytes: number): string =>
    toHex(encodeMessage({ type: 'feature', featureId, data: new Uint8Array(dataBytes) }));
  assert.deepEqual(decode('feature', '0442494d3102abcd'), {
    type: 'feature',
    featureId: 'BIM1',
    data: fromHex('abcd'),
  });
  assert.equal(decode('feature', feature('a'.repeat(80), 512)).data.length, 512);
  assert.equal(fault('feature', feature('abc', 0)), 'bad length');
  assert.equal(fault('feature', feature('a'.repeat(81), 0)), 'String length limit exceeded');
  assert.equal(fault('feature', feature('abcd', 513)), 'Vector length limit exceeded');
  assert.equal(fault('feature', `${feature('abcd', 0)}00`), 'trailing bytes');
});

// --- control

test('W16: a ping has a nonce or nothing, and a short pong is an answer without one', () => {
  assert.deepEqual(decode('ping', SAMPLES.ping), { type: 'ping', nonce: 0x0807060504030201n });
  assert.deepEqual(decode('ping', ''), { type: 'ping', nonce: null });
  assert.equal(fault('ping', '01020304050607'), 'DataStream::read(): end of data');
  assert.deepEqual(decode('pong', '01020304050607'), { type: 'pong', nonce: null });
  assert.deepEqual(decode('pong', '0000000000000000'), { type: 'pong', nonce: 0n });
  assert.deepEqual(decode('pong', `${SAMPLES.pong}00`), { type: 'pong', nonce: 0x0102030405060708n });
  assert.equal(encodeMessage({ type: 'ping', nonce: null }).length, 0);
});

test('W16: a fee filter may be no amount of money', () => {
  assert.equal(decode('feefilter', 'e803000000000000').feeRateSat, 1000);
  assert.equal(decode('feefilter', 'ffffffffffffffff').feeRateSat, -1);
  assert.equal(decode('feefilter', '0140075af0750700').feeRateSat, 21e14 + 1);
  assert.ok(decode('feefilter', 'ffffffffffffff7f').feeRateSat > 21e14);
});

test('W16: messages that nobody speaks any more are nobody’s', () => {
  for (const command of ['alert', 'reject', 'checkorder', '', 'VERSION']) {
    assert.deepEqual(decodeMessage(command, fromHex('00')), { ok: true, value: null });
  }
});

// --- addresses

test('addr holds addresses in IPv6', () => {
  const entries = [...decode('addr', SAMPLES.addr).entries];
  assert.deepEqual(
    entries.map(({ timeSec, services, address }) => [timeSec, services, formatNetAddress(address)]),
    [
      [0x4966bc61, 0n, '[::1]:0'],
      [0x83766279, 1097n, '1.2.3.4:8333'],
    ],
  );
});

test('addrv2 holds addresses of all networks, with services of any size', () => {
  const entries = [...decode('addrv2', SAMPLES.addrv2).entries];
  assert.deepEqual(
    entries.map(({ timeSec, services, address }) => [timeSec, services, formatNetAddress(address)]),
    [
      [0x4966bc61, 0n, '[::1]:0'],
      [0x83766279, 1097n, '1.2.3.4:8333'],
      [0xffffffff, 1n, 'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:61938'],
      [0, 0x100000000n, 'ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p:0'],
      [1, 0n, '[fc00:1:2:3:4:5:6:7]:1'],
    ],
  );
});

test('services of 64 bits survive addrv2 exactly', () => {
  for (const services of [0xffffffffffffffffn, 0x0020000000000001n, 0xffffffffn, 0xfdn, 0n]) {
    const address = parseNetAddress('1.2.3.4', 1)!;
    const payload = encodeMessage({ type: 'addrv2', entries: AddressList.of([{ timeSec: 7, services, address }]) });
    assert.equal(decode('addrv2', toHex(payload)).entries.entry(0).services, services);
  }
  assert.equal(fault('addrv2', `0100000000ff00000000000000000104${'00'.repeat(8)}`), 'non-canonical ReadCompactSize()');
});

/** An addrv2 of one entry: its network, length and address. */
const addrv2Of = (hex: string): string => `0100000000${'00'}${hex}208d`;

test('W15: an address with a length that its network does not have spoils the message', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['010501020304ff', 'BIP155 IPv4 address with length 5 (should be 4)'],
    ['02040000000000', 'BIP155 IPv6 address with length 4 (should be 16)'],
    ['04000000000000', 'BIP155 TORv3 address with length 0 (should be 32)'],
    ['05030000000000', 'BIP155 I2P address with length 3 (should be 32)'],
    ['06010000000000', 'BIP155 CJDNS address with length 1 (should be 16)'],
    ['01fd010201020304', 'Address too long: 513 > 512'],
    ['aafe0000000201020304050607', 'Address too long: 33554432 > 512'],
    ['0104', 'DataStream::read(): end of data'],
    [`aafd0002${'00'.repeat(100)}`, 'DataStream::read(): end of data'],
  ];
  for (const [hex, sentence] of cases) assert.equal(fault('addrv2', addrv2Of(hex)), sentence, hex);
});

test('W15: an address of an unknown network is of no use, and the next is kept', () => {
  const unknown = ['030af1f2f3f4f5f6f7f8f9fa', 'aa0401020304', 'aa00', `aafd0002${'ab'.repeat(512)}`];
  for (const hex of unknown) {
    const { entries } = decode('addrv2', `02${addrv2Of(hex).slice(2)}${addrv2Of('010401020304').slice(2)}`);
    assert.equal(entries.count, 2);
    assert.equal(isValid(entries.entry(0).address), false, hex);
    assert.equal(formatNetAddress(entries.entry(1).address), '1.2.3.4:8333', hex);
  }
});

test('W15: other networks do not hide in IPv6, but for internal addresses of files', () => {
  const addressOf = (hex: string): string => formatNetAddress(decode('addrv2', addrv2Of(hex)).entries.entry(0).address);
  assert.equal(addressOf('02100102030405060708090a0b0c0d0e0f10'), '[102:304:506:708:90a:b0c:d0e:f10]:8333');
  assert.equal(addressOf('021000000000000000000000ffff01020304'), '[::]:8333');
  assert.equal(addressOf('0210fd87d87eeb430102030405060708090a'), '[::]:8333');
  assert.equal(addressOf('0210fd6b88c08724ca978112ca1bbdcafac2'), 'zklycewkdo64v6wc.internal:8333');
  const payload = encodeMessage(decode('addrv2', addrv2Of('0210fd6b88c08724ca978112ca1bbdcafac2')));
  assert.equal(toHex(payload), addrv2Of('0210fd6b88c08724ca978112ca1bbdcafac2'));
});

test('W15: port 0 and no entries at all are fine', () => {
  assert.equal(decode('addrv2', '00').entries.count, 0);
  assert.equal(decode('addr', '00').entries.count, 0);
  assert.equal(decode('addrv2', '0100000000000104010203040000').entries.entry(0).address.port, 0);
});

// --- inventory

test('an inventory is read item by item, whatever its types', () => {
  const { items } = decode('inv', `02efbeadde${repeated('11')}02000000${repeated('22')}`);
  assert.deepEqual([items.count, items.type(0), items.type(1)], [2, 0xdeadbeef, 2]);
  assert.equal(toHex(items.hash(1)), repeated('22'));
  const again = InventoryList.of([
    { type: items.type(0), hash: items.hash(0) },
    { type: items.type(1), hash: items.hash(1) },
  ]);
  assert.deepEqual(again.bytes, items.bytes);
});

test('W08: codecs read lists of any length, so that the rules on counts can punish', () => {
  const inventory = (count: number): InventoryList => new InventoryList(new Uint8Array(36 * count));
  const read = (message: Message): Message => decode(message.type, toHex(encodeMessage(message)));
  for (const [type, count] of [
    ['inv', 50_001],
    ['getdata', 50_001],
    ['notfound', 60_000],
  ] as const) {
    const message = read({ type, items: inventory(count) }) as MessageOf<'inv'>;
    assert.equal(message.items.count, count);
  }
  const entry = { timeSec: 0, services: 0n, address: unspecifiedAddress() };
  for (const type of ['addr', 'addrv2'] as const) {
    const entries = AddressList.of(new Array(MAX_ADDR_TO_SEND + 1).fill(entry));
    assert.equal((read({ type, entries }) as MessageOf<'addr'>).entries.count, 1001);
  }
  const locator = new HashList<ReturnType<typeof asBlockHash>>(new Uint8Array(32 * 102));
  const stopHash = asBlockHash(new Uint8Array(32));
  assert.equal((read({ type: 'getheaders', locator, stopHash }) as MessageOf<'getheaders'>).locator.count, 102);
  const [header] = decode('headers', SAMPLES.headers).headers;
  const headers = new Array(2001).fill(header);
  assert.equal((read({ type: 'headers', headers }) as MessageOf<'headers'>).headers.length, 2001);
});

test('a transaction goes out with or without its witness', () => {
  const { transaction } = decode('tx', WITNESS_TX);
  assert.equal(transaction.hasWitness, true);
  assert.equal(toHex(encodeMessage({ type: 'tx', transaction, isStripped: true })), STRIPPED_TX);
  assert.equal(toHex(encodeMessage({ type: 'tx', transaction, isStripped: false })), WITNESS_TX);
});

// --- blocks

test('a locator is read newest first', () => {
  const { locator, stopHash } = decode('getheaders', SAMPLES.getheaders);
  assert.deepEqual(
    [locator.count, toHex(locator.hash(0)), toHex(locator.hash(1))],
    [2, repeated('55'), repeated('66')],
  );
  assert.equal(toHex(stopHash), repeated('77'));
  assert.deepEqual(HashList.of([locator.hash(0), locator.hash(1)]).bytes, locator.bytes);
});

test('headers are views of their message, and their transaction counts are not believed', () => {
  const payload = fromHex(`02${HEADER}fdff00${HEADER}05`);
  const result = decodeMessage('headers', payload);
  assert.ok(result.ok);
  const { headers } = result.value as MessageOf<'headers'>;
  assert.equal(headers.length, 2);
  for (const header of headers) {
    assert.equal(header.bytes.buffer, payload.buffer);
    assert.equal(formatHash(header.blockHash), '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f');
  }
});

test('a block is its payload and goes out with or without its witnesses', () => {
  const payload = fromHex(SAMPLES.block);
  const result = decodeMessage('block', payload);
  assert.ok(result.ok);
  const { block } = result.value as MessageOf<'block'>;
  assert.equal(block.bytes, payload);
  assert.deepEqual([block.txCount, block.transaction(1).hasWitness], [2, true]);
  assert.equal(encodeMessage({ type: 'block', block }).buffer, payload.buffer);
  assert.equal(
    toHex(encodeMessage({ type: 'block', block, isStripped: true })),
    `${HEADER}02${COINBASE}${STRIPPED_TX}`,
  );
});

test('a merkle block is a header and a tree', () => {
  const { header, tree } = decode('merkleblock', SAMPLES.merkleblock).merkleBlock;
  assert.equal(header.nonce, 2083236893);
  assert.deepEqual([tree.txCount, toHex(tree.hashes), toHex(tree.flags)], [1, repeated('44'), '01']);
});

// --- compact blocks

test('a compact block holds absolute places', () => {
  const message = decode('cmpctblock', SAMPLES.cmpctblock);
  assert.equal(message.nonce, 0x0123456789abcdefn);
  assert.equal(toHex(message.shortIds), '010203040506a1a2a3a4a5a6');
  assert.deepEqual(
    message.prefilled.map(({ index, transaction }) => [index, toHex(transaction.serialized())]),
    [
      [0, COINBASE],
      [2, WITNESS_TX],
    ],
  );
});

test('W13: places of a request are told as differences, and beyond 16 bits they are an error', () => {
  assert.deepEqual([...decode('getblocktxn', SAMPLES.getblocktxn).indexes], [0, 2, 43_778]);
  const request = (hex: string): string => `${repeated('99')}${hex}`;
  assert.deepEqual([...decode('getblocktxn', request('01fdffff')).indexes], [65_535]);
  assert.deepEqual([...decode('getblocktxn', request('0200fdfeff')).indexes], [0, 65_535]);
  assert.equal(fault('getblocktxn', request('0200fdffff')), 'differential value overflow');
  assert.equal(fault('getblocktxn', request('02fdfffffdffff')), 'differential value overflow');
  assert.equal(fault('getblocktxn', request('01fe00000100')), 'differential value overflow');
  assert.equal(fault('getblocktxn', request('01fe01000002')), 'ReadCompactSize(): size too large');
  assert.equal(decode('getblocktxn', request(`fe00000100${'00'.repeat(65_536)}`)).indexes.length, 65_536);
  assert.equal(fault('getblocktxn', request(`fe01000100${'00'.repeat(65_537)}`)), 'differential value overflow');
});

test('W13: a compact block numbers 65,535 transactions at most', () => {
  const compact = (shortIdCount: number): Message => {
    const { header, prefilled } = decode('cmpctblock', SAMPLES.cmpctblock);
    return { type: 'cmpctblock', header, nonce: 0n, shortIds: new Uint8Array(6 * shortIdCount), prefilled };
  };
  assert.equal(decode('cmpctblock', toHex(encodeMessage(compact(65_533)))).shortIds.length, 6 * 65_533);
  assert.equal(fault('cmpctblock', toHex(encodeMessage(compact(65_534)))), 'indexes overflowed 16 bits');
});

test('W13: the place of a prefilled transaction has 16 bits as a difference, and more in all for the receiver to judge', () => {
  const prefilled = (...differences: readonly string[]): string =>
    `${HEADER}000000000000000000${`0${differences.length}`}${differences.map((hex) => hex + STRIPPED_TX).join('')}`;
  assert.equal(fault('cmpctblock', prefilled('fe00000100')), 'CompactSize exceeds limit of type');
  const message = decode('cmpctblock', prefilled('fdffff', 'fdffff'));
  assert.deepEqual(
    message.prefilled.map(({ index }) => index),
    [65_535, 131_071],
  );
});

test('transactions of a blocktxn are made when they are asked for', () => {
  const { blockHash, transactions } = decode('blocktxn', SAMPLES.blocktxn);
  assert.equal(toHex(blockHash), repeated('99'));
  assert.equal(transactions.count, 2);
  assert.equal(transactions.transaction(1), transactions.transaction(1));
  assert.deepEqual(transactions.transaction(0).txid, transactions.transaction(1).txid);
  const again = TransactionList.of([transactions.transaction(0), transactions.transaction(1)]);
  assert.equal(toHex(encodeMessage({ type: 'blocktxn', blockHash, transactions: again })), SAMPLES.blocktxn);
});

// --- filters

test('W14: bloom filters and elements beyond the limits are read, for the receiver to judge', () => {
  const filter = new Uint8Array(36_001);
  const message: Message = { type: 'filterload', filter, hashFunctionCount: 51, tweak: 0xffffffff, flags: 255 };
  assert.deepEqual(decode('filterload', toHex(encodeMessage(message))), message);
  const add: Message = { type: 'filteradd', element: new Uint8Array(521) };
  assert.deepEqual(decode('filteradd', toHex(encodeMessage(add))), add);
  assert.equal(decode('filterload', '00320000000000000000').filter.length, 0);
});

test('requests for block filters say type, start and stop', () => {
  const stopHash = asBlockHash(fromHex(repeated('ab')));
  for (const type of ['getcfilters', 'getcfheaders'] as const) {
    assert.deepEqual(decode(type, SAMPLES[type]), { type, filterType: 0, startHeight: 1000, stopHash });
  }
  assert.deepEqual(decode('getcfcheckpt', SAMPLES.getcfcheckpt), { type: 'getcfcheckpt', filterType: 0, stopHash });
});

test('answers about block filters hold filters, hashes and headers', () => {
  assert.equal(toHex(decode('cfilter', SAMPLES.cfilter).filter), '019dfe');
  const { previousFilterHeader, filterHashes } = decode('cfheaders', SAMPLES.cfheaders);
  assert.equal(toHex(previousFilterHeader), repeated('cd'));
  assert.deepEqual([filterHashes.count, toHex(filterHashes.hash(1))], [2, repeated('02')]);
  assert.equal(toHex(decode('cfcheckpt', SAMPLES.cfcheckpt).filterHeaders.hash(0)), repeated('03'));
});
