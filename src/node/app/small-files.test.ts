import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf } from '../../../test/model/manager-world.ts';
import { MemoryDisk } from '../../kernel/chain/memory-disk.ts';
import { MemoryFolder } from '../../kernel/chain/memory-folder.ts';
import { StorageError } from '../../kernel/chain/ports.ts';
import { createRegtestParams } from '../../kernel/consensus/networks/regtest.ts';
import { createRng, type Rng } from '../../kernel/util/prng.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';
import { AddressManager } from '../p2p/addrman.ts';
import { BanList } from '../p2p/ban-list.ts';
import { singleAddressSubnet } from '../p2p/subnet.ts';
import type { AddressEntry } from '../wire/packed-lists.ts';
import { NODE_DEFAULTS } from './node-options.ts';
import { DamagedFileError, SmallFiles } from './small-files.ts';

const NOW = 1_700_000_000;
const { magic } = createRegtestParams();

interface Setup {
  readonly folder: MemoryFolder;
  readonly files: SmallFiles;
  readonly lines: string[];
}

function open(disk: MemoryDisk = new MemoryDisk()): Setup {
  const folder = new MemoryFolder('net', disk);
  const lines: string[] = [];
  const write = (text: string): void => {
    lines.push(text);
  };
  const files = new SmallFiles(folder, magic, { info: write, warn: write, error: write, debug: () => undefined });
  return { folder, files, lines };
}

function entryOf(text: string): AddressEntry {
  return { timeSec: NOW, services: 9n, address: addressOf(text) };
}

/** Tables of so many addresses. */
function addresses(count: number): AddressManager {
  const manager = new AddressManager(createRng(count).bytes(32), createRng(2));
  for (let i = 0; i < count; i++) {
    manager.add([entryOf(`${20 + i}.1.1.1:8333`)], addressOf(`${20 + i}.2.2.2:8333`), 0, NOW);
  }
  assert.equal(manager.size(), count);
  return manager;
}

function bans(...hosts: readonly string[]): BanList {
  const list = new BanList(createRng(3));
  for (const host of hosts) list.ban(singleAddressSubnet(addressOf(`${host}:0`)), NOW + 86_400, NOW);
  return list;
}

async function put(folder: MemoryFolder, name: string, bytes: Uint8Array): Promise<void> {
  const file = await folder.open(name, 'create');
  await file.truncate(0);
  await file.write(0, bytes);
  await file.close();
}

async function get(folder: MemoryFolder, name: string): Promise<Uint8Array> {
  const file = await folder.open(name, 'read');
  return file.read(0, await file.size());
}

const rng = (): Rng => createRng(8);

test('what is saved is loaded again', async () => {
  const { files, lines } = open();
  await files.saveAddresses(addresses(20));
  await files.saveAnchors([entryOf('1.2.3.4:8333'), entryOf('5.6.7.8:8333')]);
  await files.saveBans(bans('9.9.9.9'), NOW);
  assert.equal((await files.loadAddresses(rng(), NODE_DEFAULTS)).size(), 20);
  assert.deepEqual(
    (await files.takeAnchors()).map(({ address }) => address.bytes[0]),
    [1, 5],
  );
  assert.ok((await files.loadBans(rng(), NOW)).isBanned(addressOf('9.9.9.9:0'), NOW));
  assert.deepEqual(lines, [
    'DumpAnchors: Flush 2 outbound block-relay-only peer addresses to anchors.dat',
    'init message: Loading P2P addresses…',
    'Loaded 20 addresses from peers.dat',
    'Loaded 2 addresses from "anchors.dat"',
    'init message: Loading banlist…',
  ]);
});

test('without files there are no addresses, no anchors and no bans, and Core’s words for it', async () => {
  const { files, lines } = open();
  assert.equal((await files.loadAddresses(rng(), NODE_DEFAULTS)).size(), 0);
  assert.deepEqual(await files.takeAnchors(), []);
  assert.deepEqual((await files.loadBans(rng(), NOW)).list(NOW), []);
  assert.deepEqual(lines, [
    'init message: Loading P2P addresses…',
    'Creating peers.dat because the file was not found ("net/peers.dat")',
    'init message: Loading banlist…',
    'Recreating the banlist database',
  ]);
});

test('E09: a damaged table of addresses is for a person to decide about; the file stays as it is', async () => {
  const { folder, files } = open();
  await files.saveAddresses(addresses(20));
  const good = await get(folder, 'peers.dat');
  const flip = (at: number): Uint8Array => good.map((byte, i) => (i === at ? byte ^ 4 : byte));
  const damaged = [0, 4, 6, 40, good.length - 1].map(flip);
  for (const bytes of [new Uint8Array(0), good.subarray(0, 3), good.subarray(0, good.length - 1), ...damaged]) {
    await put(folder, 'peers.dat', bytes);
    const refusal = await files.loadAddresses(rng(), NODE_DEFAULTS).catch((error: unknown) => error);
    if (!(refusal instanceof DamagedFileError)) {
      assert.ok(await folder.exists('peers.dat.bak'), 'or it looked like one of a newer program');
      continue;
    }
    assert.match(refusal.message, /^Invalid or corrupt peers\.dat \(.+\)\. If you believe this is a bug/);
    assert.match(refusal.message, /you can move the file \("net\/peers\.dat"\) out of the way/);
    assert.deepEqual(await get(folder, 'peers.dat'), bytes);
  }
});

test('E09: files of absurd length are not read into memory', async () => {
  const { folder, files, lines } = open();
  for (const name of ['peers.dat', 'anchors.dat', 'banlist.json']) {
    const file = await folder.open(name, 'create');
    // A hole takes no room; reading it would.
    await file.write(2 ** 32, Uint8Array.of(1));
    await file.close();
  }
  await assert.rejects(
    files.loadAddresses(rng(), NODE_DEFAULTS),
    /Invalid or corrupt peers\.dat \(The file is too long\)/,
  );
  assert.deepEqual(await files.takeAnchors(), []);
  assert.deepEqual((await files.loadBans(rng(), NOW)).list(NOW), []);
  assert.ok(lines.includes('banlist.json is put aside: the file is too long. No bans are in force'));
});

test('E09: damaged anchors are gone, and the node starts without them', async () => {
  const { folder, files, lines } = open();
  await files.saveAnchors([entryOf('1.2.3.4:8333')]);
  const good = await get(folder, 'anchors.dat');
  for (const bytes of [new Uint8Array(0), good.subarray(1), good.map((byte, i) => (i === 9 ? byte ^ 1 : byte))]) {
    await put(folder, 'anchors.dat', bytes);
    assert.deepEqual(await files.takeAnchors(), []);
    assert.equal(await folder.exists('anchors.dat'), false);
  }
  assert.deepEqual(lines.slice(1), Array(3).fill('anchors.dat could not be read and was removed'));
});

test('anchors are tried once: a crash loop does not try the same two for ever', async () => {
  const { folder, files } = open();
  await files.saveAnchors([entryOf('1.2.3.4:8333')]);
  assert.equal((await files.takeAnchors()).length, 1);
  for (let seed = 0; seed < 20; seed++) {
    assert.deepEqual(await open(folder.disk.crash(createRng(seed))).files.takeAnchors(), []);
  }
});

test('E09: a damaged list of bans is put aside, and its bans are lost with a warning', async () => {
  for (const text of ['', '{', '[]', '{"banned_nets": 5}', '{"banned_nets": [{}]}', '\u0000\u00ff']) {
    const { folder, files, lines } = open();
    await put(folder, 'banlist.json', encodeUtf8(text));
    const list = await files.loadBans(rng(), NOW);
    assert.deepEqual(list.list(NOW), []);
    assert.deepEqual(await get(folder, 'banlist.json.bak'), encodeUtf8(text));
    assert.match(lines[1]!, /^banlist\.json is put aside: .+\. No bans are in force$/);
    assert.equal(lines[2], 'Recreating the banlist database');
  }
});

test('bans that are over are left out, and a list that has not changed is not written', async () => {
  const { folder, files } = open();
  const list = bans('9.9.9.9');
  await files.saveBans(list, NOW);
  const { changeCount } = folder.disk;
  await files.saveBans(list, NOW);
  assert.equal(folder.disk.changeCount, changeCount);
  await files.saveBans(list, NOW + 86_402);
  assert.ok(folder.disk.changeCount > changeCount);
  assert.deepEqual((await files.loadBans(rng(), NOW)).list(NOW), []);
});

test('S05: a list of bans that could not be written is written the next time', async () => {
  const { folder, files } = open();
  const list = bans('9.9.9.9');
  folder.disk.inject = ({ kind }) => (kind === 'sync' ? { kind: 'fail', code: 'disk-full', message: 'full' } : null);
  await assert.rejects(files.saveBans(list, NOW), StorageError);
  assert.ok(list.isDirty);
  folder.disk.inject = null;
  await files.saveBans(list, NOW);
  assert.equal((await files.loadBans(rng(), NOW)).list(NOW).length, 1);
});

test('two saves at the same time leave the file of the later one, whole', async () => {
  const { files } = open();
  await Promise.all([
    files.saveAddresses(addresses(30)),
    files.saveAddresses(addresses(3)),
    files.saveAddresses(addresses(17)),
  ]);
  assert.equal((await files.loadAddresses(rng(), NODE_DEFAULTS)).size(), 17);
});

test('S13: a power cut while files are saved leaves each of them old or new, and the node starts', async () => {
  const save = async ({ files }: Setup): Promise<void> => {
    await files.saveAddresses(addresses(9));
    await files.saveBans(bans('2.2.2.2'), NOW);
    await files.saveAnchors([entryOf('2.2.2.2:8333')]);
  };
  const first = open();
  await first.files.saveAddresses(addresses(5));
  await first.files.saveBans(bans('1.1.1.1'), NOW);
  await first.files.saveAnchors([entryOf('1.1.1.1:8333')]);
  const before = first.folder.disk.changeCount;
  const whole = open(first.folder.disk.kill());
  const start = whole.folder.disk.changeCount;
  await save(whole);
  const changes = whole.folder.disk.changeCount - start;
  assert.ok(before > 0 && changes >= 15, `${changes} changes`);
  const seen = new Set<string>();
  for (let change = 1; change <= changes + 1; change++) {
    const run = open(first.folder.disk.kill());
    const stopAt = run.folder.disk.changeCount + change;
    run.folder.disk.inject = (operation) =>
      operation.change >= stopAt || run.folder.disk.changeCount >= stopAt
        ? { kind: 'fail', code: 'failed', message: 'no power' }
        : null;
    await save(run).catch(() => undefined);
    for (let image = 0; image < 20; image++) {
      const { files, lines } = open(run.folder.disk.crash(createRng(1000 * change + image)));
      const size = (await files.loadAddresses(rng(), NODE_DEFAULTS)).size();
      const banned = (await files.loadBans(rng(), NOW)).list(NOW).map(({ subnet }) => subnet.bytes[0]);
      const anchors = (await files.takeAnchors()).map(({ address }) => address.bytes[0]);
      assert.ok(size === 5 || size === 9, `${size} addresses`);
      assert.ok(banned.length === 1 && (banned[0] === 1 || banned[0] === 2), `bans ${banned}`);
      assert.ok(anchors.length === 1 && (anchors[0] === 1 || anchors[0] === 2), `anchors ${anchors}`);
      assert.ok(!lines.some((line) => /put aside|could not|Creating|Recreating/.test(line)), lines.join('\n'));
      seen.add(`${size} ${banned} ${anchors}`);
    }
  }
  assert.ok(seen.has('5 1 1') && seen.has('9 2 2') && seen.size >= 3, [...seen].join(', '));
});
