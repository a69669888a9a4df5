import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EXAMPLE_ASMAP, EXAMPLE_ASMAP_VERSION } from '../../../test/model/example-asmap.ts';
import { sha256d } from '../../kernel/crypto/sha256.ts';
import { concatBytes, fromHex, toHex } from '../../kernel/util/bytes.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { formatNetAddress, type NetAddress, parseNetAddress } from '../wire/net-address.ts';
import { NetGroups } from '../wire/net-groups.ts';
import { AddressManager } from './addrman.ts';
import { decodePeersFile, encodePeersFile } from './peers-file.ts';

const MAGIC = fromHex('fabfb5da');
const KEY_ONE = `01${'00'.repeat(31)}`;
const NOW = 1_700_000_000;

function int32(...values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, i) => {
    view.setInt32(4 * i, value, true);
  });
  return new Uint8Array(view.buffer);
}

/** The lists of 1,024 buckets, all empty but those given. */
function buckets(filled: Readonly<Record<number, readonly number[]>> = {}): Uint8Array {
  const lists = Array.from({ length: 1_024 }, (_, bucket) => filled[bucket] ?? []);
  return concatBytes(...lists.map((list) => int32(list.length, ...list)));
}

function withChecksum(...parts: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(...parts);
  return concatBytes(content, sha256d(content));
}

function at(text: string): NetAddress {
  const address = parseNetAddress(text, 8333);
  assert.ok(address !== null, text);
  return address;
}

// A file that bitcoind 31.99 wrote (-regtest -test=addrman, setmocktime 1700000000, eight addpeeraddress), taken apart.
const CORE_HEAD = `fabfb5da0424${KEY_ONE}040000000400000000040040`;
const CORE_NEW = [
  '605b032000f15365090520170c56ce72a5a0e62306a3c7084318ee3a46355d17f67896a09c51efbe23fd71208d' +
    '0520170c56ce72a5a0e62306a3c7084318ee3a46355d17f67896a09c51efbe23fd71000000000000000000000000',
  '605b032000f15365090610fc000001000200030004000500060007208d' +
    '0610fc000001000200030004000500060007000000000000000000000000',
  '605b032000f15365090210280300001234abcd0000000000000001b10c' +
    '0210280300001234abcd0000000000000001000000000000000000000000',
  '605b032000f1536509010402000000208d010402000000000000000000000000000000',
];
const CORE_TRIED = [
  '605b032000f153650904206c4a9f21afc17fb33d587397be9c4c693b9b159226d2bd82dadd55f11c646017b10c' +
    '04206c4a9f21afc17fb33d587397be9c4c693b9b159226d2bd82dadd55f11c64601700f153650000000000000000',
  '605b032000f1536509042079bcc625184b05194975c28b66b66b0469f7f6556fb1ac3189a79b40dda32f1f208d' +
    '042079bcc625184b05194975c28b66b66b0469f7f6556fb1ac3189a79b40dda32f1f00f153650000000000000000',
  '605b032000f1536509021012333432243423433234234565464534208d' +
    '02101233343224342343323423456546453400f153650000000000000000',
  '605b032000f1536509010401020304208d01040102030400f153650000000000000000',
];
const CORE_BUCKETS = { 82: [3], 336: [1], 613: [2], 963: [0] };
const CORE_CHECKSUM = '445f714ba19e4caf3e28cce425f07ddf56c9082fac6118691a73b06f259d71c1';
const CORE_FILE = concatBytes(
  fromHex(CORE_HEAD + CORE_NEW.join('') + CORE_TRIED.join('')),
  buckets(CORE_BUCKETS),
  new Uint8Array(32),
  fromHex(CORE_CHECKSUM),
);

function load(bytes: Uint8Array, magic: Uint8Array = MAGIC): AddressManager {
  const loaded = decodePeersFile(bytes, magic, createRng(1));
  assert.ok(loaded.ok, loaded.ok ? '' : loaded.error.message);
  return loaded.value;
}

function fault(bytes: Uint8Array): string {
  const loaded = decodePeersFile(bytes, MAGIC, createRng(1));
  assert.ok(!loaded.ok);
  return `${loaded.error.kind}: ${loaded.error.message}`;
}

function places(manager: AddressManager): string[] {
  return (['new', 'tried'] as const).flatMap((table) =>
    manager
      .entries(table)
      .map(({ info, bucket, position }) => `${table} ${bucket}/${position} ${formatNetAddress(info.address)}`)
      .sort(),
  );
}

test('a file that Core wrote loads, each address at the place that getrawaddrman showed', () => {
  const manager = load(CORE_FILE);
  assert.deepEqual(places(manager), [
    'new 336/24 [fc00:1:2:3:4:5:6:7]:8333',
    'new 613/6 [2803:0:1234:abcd::1]:45324',
    'new 82/8 2.0.0.0:8333',
    'new 963/46 c4gfnttsuwqomiygupdqqqyy5y5emnk5c73hrfvatri67prd7vyq.b32.i2p:8333',
    'tried 139/46 nrfj6inpyf73gpkyool35hcmne5zwfmse3jl3aw23vk7chdemalyaqad.onion:45324',
    'tried 197/34 [1233:3432:2434:2343:3234:2345:6546:4534]:8333',
    'tried 6/33 1.2.3.4:8333',
    'tried 72/61 pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:8333',
  ]);
  const info = manager.info(at('1.2.3.4:8333'))!;
  assert.deepEqual([info.timeSec, info.services, info.lastSuccessSec, info.attempts], [NOW, 9n, NOW, 0]);
  assert.equal(formatNetAddress(info.source), '1.2.3.4:0');
  assert.deepEqual([manager.size('cjdns', 'new'), manager.size('onion', 'tried')], [1, 2]);
});

test('what we write has the bytes of Core’s file, but for the order of the addresses', () => {
  const written = encodePeersFile(load(CORE_FILE), MAGIC);
  assert.equal(written.length, CORE_FILE.length);
  assert.equal(toHex(written.subarray(0, 50)), CORE_HEAD);
  for (const entry of [...CORE_NEW, ...CORE_TRIED]) assert.ok(toHex(written).includes(entry), entry);
  assert.equal(toHex(written.subarray(-32)), toHex(sha256d(written.subarray(0, -32))));
  assert.deepEqual(places(load(written)), places(load(CORE_FILE)));
});

/** A manager with addresses in both tables, some in several buckets, some with failures. */
function createFilled(seed: number, count: number): AddressManager {
  const rng = createRng(seed);
  const manager = new AddressManager(rng.bytes(32), rng);
  for (let i = 0; i < count; i++) {
    const address = at(`${1 + rng.below(120)}.${rng.below(50)}.${rng.below(4)}.1:${8_333 + rng.below(2)}`);
    const entry = { timeSec: NOW - rng.below(3_000_000), services: BigInt(rng.below(2 ** 40)), address };
    manager.add([entry], at(`${130 + rng.below(90)}.${rng.below(256)}.1.1:0`), 7_200, NOW);
    if (rng.below(4) === 0) manager.good(address, NOW - rng.below(1_000_000));
    if (rng.below(4) === 0) manager.attempt(address, true, NOW);
  }
  return manager;
}

test('E09: writing and reading keeps every address with its places and its history', () => {
  const manager = createFilled(7, 6_000);
  const again = load(encodePeersFile(manager, MAGIC));
  assert.deepEqual(places(again), places(manager));
  assert.ok(manager.entries('new').some(({ info }) => info.refCount > 1));
  for (const { info } of [...manager.entries('new'), ...manager.entries('tried')]) {
    // of attempts only the time of the last success is kept
    assert.deepEqual(again.info(info.address), { ...info, lastTrySec: 0, source: { ...info.source, port: 0 } });
  }
  assert.equal(load(encodePeersFile(new AddressManager(fromHex(KEY_ONE), createRng(0)), MAGIC)).size(), 0);
});

/** As in Core's feature_addrman: format 1, without addresses. */
function emptyFile(change: {
  readonly magic?: string;
  readonly compatibility?: number;
  readonly key?: string;
  readonly newCount?: number;
  readonly triedCount?: number;
}): Uint8Array {
  const head = fromHex(`${change.magic ?? 'fabfb5da'}01`);
  const counts = int32(change.newCount ?? 0, change.triedCount ?? 0, 1_024 ^ (1 << 30));
  const key = fromHex(change.key ?? KEY_ONE);
  return withChecksum(head, Uint8Array.of(change.compatibility ?? 36), key, counts, buckets());
}

test('E09: files of Core’s feature_addrman are refused in its words', () => {
  assert.equal(load(emptyFile({})).size(), 0);
  assert.equal(
    fault(emptyFile({ compatibility: 0 })),
    'corrupt: Corrupted addrman database: The compat value (0) is lower than the expected minimum value 32.: iostream error',
  );
  assert.equal(
    fault(emptyFile({ compatibility: 143 })),
    'unsupported-version: Unsupported format of addrman database: 1. It is compatible with formats >=111, ' +
      'but the maximum supported by this version of Tallystick is 4.: iostream error',
  );
  assert.equal(fault(emptyFile({}).subarray(0, -1)), 'corrupt: AutoFile::read: end of file: iostream error');
  assert.equal(fault(emptyFile({ magic: '0a03cf40' })), 'corrupt: Invalid network magic number');
  const wrongSum = emptyFile({});
  wrongSum.fill(0x61, -32);
  assert.equal(fault(wrongSum), 'corrupt: Checksum mismatch, data corrupted');
  assert.equal(
    fault(emptyFile({ key: '00'.repeat(32) })),
    'corrupt: Corrupt data. Consistency check failed with code -16: iostream error',
  );
});

test('E09: giant and negative counts are refused before anything is made for them', () => {
  const sentence = (name: string, count: number, max: number): string =>
    `corrupt: Corrupt AddrMan serialization: ${name}=${count}, should be in [0, ${max}]: iostream error`;
  for (const count of [-1, 16_385, 2 ** 31 - 1, -(2 ** 31)]) {
    assert.equal(fault(emptyFile({ triedCount: count })), sentence('nTried', count, 16_384));
  }
  for (const count of [-1, 65_537, 2 ** 31 - 1]) {
    assert.equal(fault(emptyFile({ newCount: count })), sentence('nNew', count, 65_536));
  }
  // the largest that may be, and no addresses behind; buckets without end, with entries without end
  const endOfFile = 'corrupt: AutoFile::read: end of file: iostream error';
  const head = fromHex(`fabfb5da0424${KEY_ONE}`);
  assert.equal(fault(concatBytes(head, int32(65_536, 16_384, 1_024 ^ (1 << 30)))), endOfFile);
  assert.equal(fault(concatBytes(head, int32(0, 0, (2 ** 31 - 1) ^ (1 << 30)), new Uint8Array(4_000))), endOfFile);
  assert.equal(fault(concatBytes(head, int32(0, 0, 1_024 ^ (1 << 30), 2 ** 31 - 1), new Uint8Array(4_000))), endOfFile);
  const manyBuckets = withChecksum(
    head,
    int32(0, 0, 1_030 ^ (1 << 30)),
    buckets(),
    int32(0, 0, -5, 0, 0, 0),
    new Uint8Array(32),
  );
  assert.equal(load(manyBuckets).size(), 0);
});

test('E09: faults within addresses are said in Core’s words', () => {
  const file = (entry: string): Uint8Array =>
    withChecksum(fromHex(`fabfb5da0424${KEY_ONE}`), int32(1, 0, 1_024 ^ (1 << 30)), fromHex(entry));
  const entry = CORE_NEW[3]!;
  assert.equal(
    fault(file(entry.replace('605b0320', '605b0360'))),
    'corrupt: Unsupported CAddress disk format version: iostream error',
  );
  assert.equal(
    fault(file(entry.replace('0104', '0105'))),
    'corrupt: BIP155 IPv4 address with length 5 (should be 4): iostream error',
  );
  assert.equal(fault(file(entry.replace('0104', '01fd0102'))), 'corrupt: Address too long: 513 > 512: iostream error');
  assert.equal(fault(file(entry.replace('09', 'fd0900'))), 'corrupt: non-canonical ReadCompactSize(): iostream error');
});

test('E09: a file cut anywhere is an error, and no more than an error', () => {
  for (let length = 0; length < CORE_FILE.length; length += length < 700 || length > 4_600 ? 1 : 37) {
    assert.equal(fault(CORE_FILE.subarray(0, length)), 'corrupt: AutoFile::read: end of file: iostream error');
  }
});

test('E09: a file with any bit turned is refused, by its checksum at the latest', () => {
  for (let byte = 0; byte < CORE_FILE.length; byte += byte < 700 || byte > 4_600 ? 1 : 29) {
    const turned = CORE_FILE.slice();
    turned[byte]! ^= 1 << (byte % 8);
    const message = fault(turned);
    assert.match(message, /^(corrupt|unsupported-version): [A-Z]/);
  }
});

test('E09: bytes without meaning behind a good head never throw, and cost no more than they are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(70_000), fc.nat(17_000), (noise, newCount, triedCount) => {
      const bytes = concatBytes(
        fromHex(`fabfb5da0424${KEY_ONE}`),
        int32(newCount, triedCount, 1_024 ^ (1 << 30)),
        noise,
      );
      assert.equal(decodePeersFile(bytes, MAGIC, createRng(0)).ok, false);
    }),
    { numRuns: 300 },
  );
});

test('old formats load: before BIP155, before maps of autonomous systems, and before the count of buckets was marked', () => {
  const ipv4 = (a: number): string => `00000000000000000000ffff${toHex(Uint8Array.of(a, a, a, a))}`;
  // version of the client, time, services, address, port, source, last success, attempts
  const entry = (a: number): Uint8Array =>
    fromHex(`605b0300${'00f15365'}${'0900000000000000'}${ipv4(a)}208d${ipv4(9)}${'00'.repeat(12)}`);
  const file = (format: number, bucketCount: number, tail: Uint8Array): Uint8Array =>
    withChecksum(
      MAGIC,
      Uint8Array.of(format, 32),
      fromHex(KEY_ONE),
      int32(2, 0, bucketCount),
      entry(5),
      entry(6),
      tail,
    );
  const lists = buckets({ 0: [0], 1: [1, 7, -3] }); // indices of nothing are passed over
  const marked = 1_024 ^ (1 << 30);
  for (const [format, bucketCount, tail] of [
    [0, 1_024, lists],
    [1, marked, lists],
    [2, marked, concatBytes(lists, new Uint8Array(32))],
  ] as const) {
    const manager = load(file(format, bucketCount, tail));
    const found = manager.entries('new').map(({ info, bucket }) => `${bucket} ${formatNetAddress(info.address)}`);
    assert.deepEqual(found, ['0 5.5.5.5:8333', '1 6.6.6.6:8333'], `format ${format}`);
  }
  // filled by another rule: each goes where its source puts it
  const elsewhere = load(file(2, marked, concatBytes(lists, new Uint8Array(32).fill(7))));
  assert.deepEqual(elsewhere.entries('new').length, 2);
  for (const { info, bucket, position } of elsewhere.entries('new')) {
    assert.deepEqual(elsewhere.tables.newPlace(info.address, info.source), { bucket, position });
  }
});

test('addresses that are none any more are left out, and two at one place leave one', () => {
  const bad = [CORE_NEW[3]!.replace('010402000000208d', '010400000000208d'), CORE_NEW[2]!];
  const tried = [CORE_TRIED[3]!.replace('010401020304208d', '0104ffffffff208d'), CORE_TRIED[2]!];
  const content = concatBytes(
    fromHex(`fabfb5da0424${KEY_ONE}`),
    int32(2, 2, 1_024 ^ (1 << 30)),
    fromHex([...bad, ...tried].join('')),
    buckets({ 82: [0], 613: [1] }),
    new Uint8Array(32),
  );
  assert.deepEqual(places(load(withChecksum(content))), [
    'new 613/6 [2803:0:1234:abcd::1]:45324',
    'tried 197/34 [1233:3432:2434:2343:3234:2345:6546:4534]:8333',
  ]);
});

test('an address that stands in the file twice is a fault', () => {
  const entries = fromHex(CORE_NEW[3]! + CORE_NEW[3]!);
  const content = concatBytes(
    fromHex(`fabfb5da0424${KEY_ONE}`),
    int32(2, 0, 1_024 ^ (1 << 30)),
    entries,
    buckets({ 82: [0], 83: [1] }),
    new Uint8Array(32),
  );
  assert.equal(
    fault(withChecksum(content)),
    'corrupt: Corrupt data. Consistency check failed with code -5: iostream error',
  );
});

test('with another map of autonomous systems, or none, every address gets the place that this one gives it', () => {
  const mapped = { groups: new NetGroups(EXAMPLE_ASMAP) };
  const manager = new AddressManager(fromHex(KEY_ONE), createRng(1), mapped);
  for (const text of ['101.1.2.3:8333', '101.2.2.3:8333', '250.7.7.7:8333', '9.9.9.9:8333']) {
    manager.add([{ timeSec: NOW, services: 9n, address: at(text) }], at('250.1.1.1:0'), 0, NOW);
  }
  manager.good(at('250.7.7.7:8333'), NOW);
  const bytes = encodePeersFile(manager, MAGIC);
  assert.equal(toHex(bytes.slice(-64, -32).reverse()), EXAMPLE_ASMAP_VERSION);
  const alike = decodePeersFile(bytes, MAGIC, createRng(1), mapped);
  assert.ok(alike.ok);
  assert.deepEqual(places(alike.value), places(manager));
  const plain = load(bytes);
  assert.deepEqual([plain.size(undefined, 'new'), plain.size(undefined, 'tried'), plain.sanityCheck()], [3, 1, 0]);
  for (const { info, bucket, position } of plain.entries('new')) {
    assert.deepEqual(plain.tables.newPlace(info.address, info.source), { bucket, position });
  }
  assert.notDeepEqual(places(plain), places(manager));
  const back = decodePeersFile(encodePeersFile(plain, MAGIC), MAGIC, createRng(1), mapped);
  assert.ok(back.ok);
  assert.deepEqual(places(back.value), places(manager));
});
