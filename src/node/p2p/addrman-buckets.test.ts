import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXAMPLE_ASMAP } from '../../../test/model/example-asmap.ts';
import { sha256d } from '../../kernel/crypto/sha256.ts';
import { createRng } from '../../kernel/util/prng.ts';
import type { NetAddress, Network } from '../wire/net-address.ts';
import { netGroup } from '../wire/net-group.ts';
import { NetGroups } from '../wire/net-groups.ts';
import { BucketHasher } from './addrman-buckets.ts';
import { AddrTables } from './addrman-tables.ts';

/** The key of Core's deterministic address manager: the number 1, little-endian. */
const KEY_ONE = Uint8Array.of(1, ...new Array<number>(31).fill(0));

function ipv4(a: number, b: number, c: number, d: number, port = 8333): NetAddress {
  return { network: 'ipv4', bytes: Uint8Array.of(a, b, c, d), port };
}

function words(network: Network, text: string, port: number): NetAddress {
  const bytes = text.split(':').flatMap((word) => [Number.parseInt(word, 16) >>> 8, Number.parseInt(word, 16) & 255]);
  return { network, bytes: Uint8Array.from(bytes), port };
}

/** The first 32 bytes of base32 text: the key of an onion service or the hash of an I2P destination. */
function base32(network: Network, text: string, port: number): NetAddress {
  const bits = [...text]
    .map((c) => 'abcdefghijklmnopqrstuvwxyz234567'.indexOf(c).toString(2).padStart(5, '0'))
    .join('');
  const bytes = Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(bits.slice(8 * i, 8 * i + 8), 2));
  return { network, bytes, port };
}

test('places under the key 1 are those that Core’s getrawaddrman shows in its functional test', () => {
  const tables = new AddrTables(KEY_ONE, createRng(0));
  const i2p = 'c4gfnttsuwqomiygupdqqqyy5y5emnk5c73hrfvatri67prd7vyq';
  const onion1 = 'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd';
  const onion2 = 'nrfj6inpyf73gpkyool35hcmne5zwfmse3jl3aw23vk7chdemalyaqad';
  const told: readonly (readonly [NetAddress, bucket: number, position: number])[] = [
    [ipv4(2, 0, 0, 0), 82, 8],
    [words('cjdns', 'fc00:1:2:3:4:5:6:7', 8333), 336, 24],
    [base32('i2p', i2p, 8333), 963, 46],
    [words('ipv6', '2803:0:1234:abcd:0:0:0:1', 45324), 613, 6],
  ];
  for (const [address, bucket, position] of told)
    assert.deepEqual(tables.newPlace(address, address), { bucket, position });
  const connected: readonly (readonly [NetAddress, bucket: number, position: number])[] = [
    [ipv4(1, 2, 3, 4), 6, 33],
    [words('ipv6', '1233:3432:2434:2343:3234:2345:6546:4534', 8333), 197, 34],
    [base32('onion', onion1, 8333), 72, 61],
    [base32('onion', onion2, 45324), 139, 46],
  ];
  for (const [address, bucket, position] of connected)
    assert.deepEqual(tables.triedPlace(address), { bucket, position });
});

test("E01: with a map of autonomous systems places follow from these: Core's caddrinfo_get_tried_bucket and its sibling", () => {
  const groups = new NetGroups(EXAMPLE_ASMAP);
  const key = (number: number): Uint8Array => sha256d(Uint8Array.of(number, 0, 0, 0));
  const tables = new AddrTables(key(1), createRng(0), groups);
  const a = ipv4(250, 1, 1, 1);
  const b = ipv4(250, 1, 2, 1);
  assert.equal(tables.triedPlace(a).bucket, 236);
  assert.equal(tables.newPlace(b, b).bucket, 795);
  assert.equal(tables.newPlace({ ...b, port: 9999 }, b).bucket, 795, 'ports do not matter');
  const other = new AddrTables(key(2), createRng(0), groups);
  assert.notEqual(other.triedPlace(a).bucket, 236);
  assert.notEqual(other.newPlace(b, b).bucket, 795);

  const count = (bucketOf: (i: number) => number): number =>
    new Set(Array.from({ length: 255 }, (_, i) => bucketOf(i))).size;
  assert.equal(
    count((i) => tables.triedPlace(ipv4(250, i, 1, 1)).bucket),
    8,
    'one system, eight buckets',
  );
  assert.ok(count((i) => tables.triedPlace(ipv4(101, i, 1, 1)).bucket) > 8);
  assert.equal(
    count((i) => tables.newPlace(a, ipv4(250, i, 1, 1)).bucket),
    1,
    'one system tells of it',
  );
  assert.ok(count((i) => tables.newPlace(a, ipv4(101, i, 1, 1)).bucket) > 1);
});

test('E01: one group of sources reaches at most 64 new buckets, whatever addresses it tells of', () => {
  const hasher = new BucketHasher(createRng(1).bytes(32));
  const source = netGroup(ipv4(250, 1, 0, 0));
  const reached = new Set<number>();
  for (let i = 0; i < 20_000; i++) reached.add(hasher.newBucket(netGroup(ipv4(1 + (i % 200), i >>> 8, 0, 1)), source));
  assert.ok(reached.size <= 64, `${reached.size}`);
  assert.ok(reached.size >= 55, `${reached.size}: 64 draws of 1,024 buckets hit 62 different ones on average`);
});

test('E01: the addresses of one group reach at most 8 tried buckets, and one source tells all of a group into one bucket', () => {
  const tables = new AddrTables(createRng(2).bytes(32), createRng(0));
  const tried = new Set<number>();
  const told = new Set<number>();
  for (let i = 0; i < 2_000; i++) {
    const address = ipv4(250, 1, i >>> 8, i & 255);
    tried.add(tables.triedPlace(address).bucket);
    told.add(tables.newPlace(address, ipv4(7, 7, 7, 7)).bucket);
  }
  assert.ok(tried.size <= 8 && tried.size >= 6, `${tried.size}`);
  assert.equal(told.size, 1);
});

test('another key puts the same address elsewhere', () => {
  const places = new Set<string>();
  for (let seed = 0; seed < 50; seed++) {
    const tables = new AddrTables(createRng(seed).bytes(32), createRng(0));
    const { bucket, position } = tables.newPlace(ipv4(1, 2, 3, 4), ipv4(5, 6, 7, 8));
    places.add(`${bucket}/${position}`);
  }
  assert.ok(places.size >= 49);
});
