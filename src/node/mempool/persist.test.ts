import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, outputOf } from '../../../test/model/block-builder.ts';
import { addTo, coin, createPool, payment, START_SEC } from '../../../test/model/pool-fixture.ts';
import { concatBytes, fromHex, joinBytes, toHex } from '../../kernel/util/bytes.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { encodeMempoolFile, type MempoolSnapshot, takeSnapshot } from './persist.ts';
import { MempoolFileReader, type PersistedItem, type PersistVerdict } from './persist-decode.ts';

const KEY = fromHex('0102030405060708');

const EMPTY: MempoolSnapshot = { entries: [], deltas: [], unbroadcast: [] };

/** The file of a snapshot in one piece. */
function encode(snapshot: MempoolSnapshot, key: Uint8Array | null): Uint8Array {
  return joinBytes([...encodeMempoolFile(snapshot, key)]);
}

/** What is read of a file that comes in chunks of some length. */
function read(file: Uint8Array, chunkBytes: number = file.length): { items: PersistedItem[]; verdict: PersistVerdict } {
  const reader = new MempoolFileReader();
  const items: PersistedItem[] = [];
  const takeAll = (): void => {
    for (let item = reader.next(); item !== null; item = reader.next()) items.push(item);
  };
  for (let at = 0; at < file.length && reader.verdict === null; at += chunkBytes) {
    reader.feed(file.subarray(at, at + chunkBytes));
    takeAll();
  }
  reader.end();
  takeAll();
  assert.notEqual(reader.verdict, null);
  return { items, verdict: reader.verdict! };
}

/** Items as text. */
function spell(items: readonly PersistedItem[]): string[] {
  return items.map((item) => {
    if (item.type === 'unbroadcast') return `unbroadcast ${toHex(item.txid)}`;
    if (item.type === 'delta') return `delta ${toHex(item.txid)} ${item.deltaSat}`;
    return `entry ${toHex(item.transaction.serialized())} ${item.timeSec} ${item.deltaSat}`;
  });
}

/** A pool with a chain, a witness, additions to fees of present and absent transactions, and one that waits to be asked for. */
function samplePool(): { snapshot: MempoolSnapshot; text: string[] } {
  const pool = createPool();
  const parent = payment([coin(1)], { outputs: 2 });
  const child = payment([outputOf(parent, 1), coin(2)], { hasWitness: true });
  addTo(pool, parent, { timeSec: START_SEC });
  addTo(pool, child, { timeSec: START_SEC + 5 });
  pool.prioritise(child.txid, -300);
  pool.prioritise(fakeTxid(7), 2_000_000_000_000_000);
  pool.prioritise(fakeTxid(6), -1);
  pool.addUnbroadcast(parent.txid);
  const text = [
    `entry ${toHex(parent.serialized())} 1700000000 0`,
    `entry ${toHex(child.serialized())} 1700000005 -300`,
    `delta ${toHex(fakeTxid(6))} -1`,
    `delta ${toHex(fakeTxid(7))} 2000000000000000`,
    `unbroadcast ${toHex(parent.txid)}`,
  ];
  return { snapshot: takeSnapshot(pool), text };
}

test('the bytes are those of Core: version, count, entries, map of deltas, set of txids', () => {
  const transaction = payment([coin(1)]);
  const snapshot: MempoolSnapshot = {
    entries: [{ transaction, timeSec: 0x65000000, feeSat: 100, modifiedFeeSat: 98 }],
    deltas: [{ txid: fakeTxid(3), deltaSat: 258 }],
    unbroadcast: [fakeTxid(4)],
  };
  const expected = [
    '0100000000000000',
    '0100000000000000',
    toHex(transaction.serialized()),
    '0000006500000000',
    'feffffffffffffff',
    '01',
    toHex(fakeTxid(3)),
    '0201000000000000',
    '01',
    toHex(fakeTxid(4)),
  ];
  assert.equal(toHex(encode(snapshot, null)), expected.join(''));
});

test('under a key everything behind the key is combined with it, by its place in the file', () => {
  // version 2, length and key; then, from place 17 on, 8 bytes of count and two of 00, with key bytes 2, 3, 4, 5, 6, 7, 8, 1, 2, 3
  assert.equal(toHex(encode(EMPTY, KEY)), '0200000000000000080102030405060708' + '02030405060708010203');
  const zero = new Uint8Array(8);
  assert.equal(toHex(encode(EMPTY, zero)), '0200000000000000080000000000000000' + '00000000000000000000');
});

test('what is written is read again, with a key and without, in chunks of any length', () => {
  const { snapshot, text } = samplePool();
  for (const key of [null, KEY, new Uint8Array(8)]) {
    const file = encode(snapshot, key);
    for (const chunkBytes of [1, 2, 3, 7, 16, 17, 18, 100, 1_000_000]) {
      const { items, verdict } = read(file, chunkBytes);
      assert.deepEqual(spell(items), text, `chunks of ${chunkBytes}`);
      assert.deepEqual(verdict, { kind: 'complete' });
    }
    assert.deepEqual(spell(read(concatBytes(file, KEY)).items), text, 'bytes behind the end are not looked at');
  }
});

test('a pool that reads its file has the same entries, deltas and unbroadcast transactions', () => {
  const { snapshot } = samplePool();
  const pool = createPool();
  for (const item of read(encode(snapshot, KEY)).items) {
    if (item.type === 'unbroadcast') pool.addUnbroadcast(item.txid);
    else if (item.type === 'delta') pool.prioritise(item.txid, item.deltaSat);
    else {
      pool.prioritise(item.transaction.txid, item.deltaSat);
      addTo(pool, item.transaction, { timeSec: item.timeSec });
    }
  }
  pool.sanityCheck();
  assert.deepEqual(encode(takeSnapshot(pool), KEY), encode(snapshot, KEY));
});

test('M11: cut off at every byte, a file gives all items that are whole, and says that it was cut off', () => {
  const { snapshot, text } = samplePool();
  for (const key of [null, KEY]) {
    const file = encode(snapshot, key);
    let most = 0;
    for (let length = 0; length < file.length; length++) {
      const { items, verdict } = read(file.subarray(0, length), 64);
      assert.deepEqual(verdict, { kind: 'truncated' }, `${length} bytes`);
      assert.deepEqual(spell(items), text.slice(0, items.length));
      assert.ok(items.length >= most, 'more bytes, no fewer items');
      most = items.length;
    }
    assert.equal(most, text.length - 1);
  }
});

test('M11: versions and keys that are not known end the reading before anything is read', () => {
  const { snapshot } = samplePool();
  for (const version of [0, 3, 255]) {
    const file = encode(snapshot, KEY);
    file[0] = version;
    assert.deepEqual(read(file), { items: [], verdict: { kind: 'bad-version' } });
  }
  const high = encode(snapshot, null);
  high[7] = 1;
  assert.deepEqual(read(high), { items: [], verdict: { kind: 'bad-version' } });
  for (const length of [0, 7, 9, 0xfd, 0xff]) {
    const file = encode(snapshot, KEY);
    file[8] = length;
    assert.deepEqual(read(file), { items: [], verdict: { kind: 'bad-key' } });
  }
  assert.deepEqual(read(new Uint8Array(0)), { items: [], verdict: { kind: 'truncated' } });
});

test('M11: under a key that is not the right one nothing that is read is what was written', () => {
  const { snapshot, text } = samplePool();
  for (let i = 0; i < 8; i++) {
    const file = encode(snapshot, KEY);
    file[9 + i]! ^= 0x10;
    assert.ok(spell(read(file).items).every((line) => !text.includes(line)));
  }
});

test('M11: a transaction that is none ends the reading; those before it are there', () => {
  const { snapshot, text } = samplePool();
  const file = encode(snapshot, null);
  const second = 16 + snapshot.entries[0]!.transaction.totalSize + 16;
  // the flag of the witness
  file[second + 5] = 7;
  const { items, verdict } = read(file);
  assert.deepEqual(spell(items), text.slice(0, 1));
  assert.deepEqual(verdict, { kind: 'damaged', reason: 'Unknown transaction optional data' });
});

test('M11: counts that promise too much cost nothing', () => {
  const huge = concatBytes(fromHex('0100000000000000'), fromHex('ffffffffffffffff'));
  assert.deepEqual(read(huge), { items: [], verdict: { kind: 'truncated' } });
  const deltas = concatBytes(fromHex('0100000000000000'), fromHex('0000000000000000'), fromHex('feffffff01'));
  assert.deepEqual(
    read(deltas),
    { items: [], verdict: { kind: 'truncated' } },
    '33,554,431 deltas of which none comes',
  );
  const more = concatBytes(fromHex('0100000000000000'), fromHex('0000000000000000'), fromHex('fe01000002'));
  const tooLarge = { kind: 'damaged', reason: 'ReadCompactSize(): size too large' };
  assert.deepEqual(read(more), { items: [], verdict: tooLarge });
});

test('M11: a transaction without end is given up at the size of a block', () => {
  const reader = new MempoolFileReader();
  // one entry: version, one input, a scriptSig of 32 megabytes of which the file has five
  const start = concatBytes(fromHex('02000000'), Uint8Array.of(1), new Uint8Array(36), fromHex('fe00000002'));
  reader.feed(concatBytes(fromHex('0100000000000000'), fromHex('0100000000000000'), start));
  let chunks = 0;
  for (; chunks < 500 && reader.verdict === null; chunks++) {
    assert.equal(reader.next(), null);
    reader.feed(new Uint8Array(10_000));
  }
  assert.deepEqual(reader.verdict, { kind: 'damaged', reason: 'SpanReader::read(): end of data' });
  assert.ok(chunks > 400 && chunks < 500, 'four megabytes and not much more');
});

test('M11: random damage never throws, and what is handed over before it is right', () => {
  const { snapshot, text } = samplePool();
  const rng = createRng(11);
  for (let round = 0; round < 3_000; round++) {
    const key = round % 2 === 0 ? null : KEY;
    const file = encode(snapshot, key);
    const firstEnd = (key === null ? 16 : 25) + snapshot.entries[0]!.transaction.totalSize + 16;
    const at = rng.below(file.length);
    file[at]! ^= 1 + rng.below(255);
    const { items } = read(file, 1 + rng.below(200));
    if (at < firstEnd) continue;
    assert.equal(spell(items)[0], text[0], 'damage behind the first entry');
  }
});

test('M11: a million entries are written and read in pieces, one at a time', (context) => {
  const transaction = payment([coin(1)]);
  const count = 1_000_000;
  const entry = { transaction, timeSec: START_SEC, feeSat: 1, modifiedFeeSat: 1 };
  const entries = new Array<typeof entry>(count).fill(entry);
  const reader = new MempoolFileReader();
  let pieces = 0;
  let largest = 0;
  let found = 0;
  const startMs = performance.now();
  for (const piece of encodeMempoolFile({ ...EMPTY, entries }, KEY)) {
    pieces++;
    largest = Math.max(largest, piece.length);
    reader.feed(piece);
    for (let item = reader.next(); item !== null; item = reader.next()) found++;
  }
  reader.end();
  assert.equal(reader.next(), null);
  context.diagnostic(`${(performance.now() - startMs).toFixed(0)} ms in ${pieces} pieces`);
  assert.deepEqual(reader.verdict, { kind: 'complete' });
  assert.equal(reader.entryCount, count);
  assert.equal(found, count);
  assert.ok(largest < 300_000);
});
