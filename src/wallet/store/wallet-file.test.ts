import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sha256d } from '../../kernel/crypto/sha256.ts';
import { asBlockHash } from '../../kernel/primitives/hashes.ts';
import { concatBytes } from '../../kernel/util/bytes.ts';
import { decodeChanges, encodeChanges, encodeRecordValue, type RecordChange } from './record-change.ts';
import { decodeWalletFile, encodeFrame, encodeWalletFile, type WalletFileFault } from './wallet-file.ts';

const GENESIS = asBlockHash(new Uint8Array(32).fill(9));
const IDENTITY = { walletId: new Uint8Array(16).fill(3), genesisHash: GENESIS, createdSec: 1_700_000_000 };

/** Length of the header and of a frame without payload, as the file format says. */
const HEADER = 84;
const HEAD = 20;

const base = encodeWalletFile(IDENTITY, 0, new Map([['a/1', '1']]));

/** A file with frames after its base. */
function fileWith(...batches: readonly (readonly RecordChange[])[]): Uint8Array {
  const frames = batches.map((changes, i) => encodeFrame(base.header, i + 1, changes));
  return concatBytes(base.bytes, ...frames);
}

function faultOf(bytes: Uint8Array): WalletFileFault | 'opened' {
  const decoded = decodeWalletFile(bytes, GENESIS);
  return decoded.ok ? 'opened' : decoded.error;
}

function recordsOf(bytes: Uint8Array): Readonly<Record<string, string>> {
  const decoded = decodeWalletFile(bytes, GENESIS);
  assert.ok(decoded.ok, decoded.ok ? '' : decoded.error.kind);
  return Object.fromEntries(decoded.value.records);
}

const PUT_2: readonly RecordChange[] = [{ key: 'a/2', text: '"two"' }];
const DELETE_1: readonly RecordChange[] = [
  { key: 'a/1', text: null },
  { key: 'a/3', text: '[3]' },
];

test('records are what the frames make of them, one after another', () => {
  assert.deepEqual(recordsOf(base.bytes), { 'a/1': '1' });
  assert.deepEqual(recordsOf(fileWith(PUT_2)), { 'a/1': '1', 'a/2': '"two"' });
  assert.deepEqual(recordsOf(fileWith(PUT_2, DELETE_1)), { 'a/2': '"two"', 'a/3': '[3]' });
  assert.deepEqual(recordsOf(encodeWalletFile(IDENTITY, 5, new Map()).bytes), {});
});

test('a file that was cut anywhere in its last frame has all frames before it', () => {
  const before = fileWith(PUT_2);
  const whole = fileWith(PUT_2, DELETE_1);
  for (let length = before.length; length < whole.length; length++) {
    const decoded = decodeWalletFile(whole.subarray(0, length), GENESIS);
    assert.ok(decoded.ok);
    assert.equal(decoded.value.end, before.length);
    assert.deepEqual([...decoded.value.records.keys()], ['a/1', 'a/2']);
  }
});

test('a last frame that is not what was written counts as one that was not', () => {
  const before = fileWith(PUT_2);
  const whole = fileWith(PUT_2, DELETE_1);
  for (let at = before.length; at < whole.length; at++) {
    const changed = whole.slice();
    changed[at] = changed[at]! ^ 1;
    assert.deepEqual(recordsOf(changed), { 'a/1': '1', 'a/2': '"two"' });
  }
  assert.deepEqual(recordsOf(concatBytes(before, new Uint8Array(5_000))), { 'a/1': '1', 'a/2': '"two"' });
});

test('any changed bit before a whole frame is damage, which names its place, and nothing is cut', () => {
  const whole = fileWith(PUT_2, DELETE_1);
  const second = base.bytes.length;
  const third = fileWith(PUT_2).length;
  for (let at = HEADER; at < third; at++) {
    const changed = whole.slice();
    changed[at] = changed[at]! ^ 4;
    assert.deepEqual(faultOf(changed), { kind: 'damaged', offset: at < second ? HEADER : second }, `byte ${at}`);
  }
});

test('a frame that is missing, twice there or of another wallet is damage', () => {
  const frame = (sequence: number) => encodeFrame(base.header, sequence, PUT_2);
  const end = base.bytes.length;
  assert.deepEqual(faultOf(concatBytes(base.bytes, frame(2))), { kind: 'damaged', offset: end });
  assert.deepEqual(faultOf(concatBytes(base.bytes, frame(1), frame(1))), {
    kind: 'damaged',
    offset: end + frame(1).length,
  });
  const other = encodeWalletFile({ ...IDENTITY, walletId: new Uint8Array(16) }, 0, new Map([['a/1', '1']]));
  const foreign = encodeFrame(other.header, 1, PUT_2);
  assert.deepEqual(recordsOf(concatBytes(base.bytes, foreign)), { 'a/1': '1' });
  const stale = encodeFrame({ ...base.header, generation: 7 }, 1, PUT_2);
  assert.deepEqual(recordsOf(concatBytes(base.bytes, stale)), { 'a/1': '1' });
});

test('a base that is not whole is never taken for a torn end', () => {
  const records = new Map(Array.from({ length: 4 }, (_, i) => [`a/${i}`, `"${'x'.repeat(900_000)}"`] as const));
  const { bytes, header } = encodeWalletFile(IDENTITY, 0, records);
  assert.equal(header.baseFrameCount, 2);
  assert.equal(faultOf(bytes), 'opened');
  const firstEnd = HEADER + HEAD + 2 * (900_000 + 7);
  assert.deepEqual(faultOf(bytes.subarray(0, firstEnd)), { kind: 'truncated', offset: firstEnd });
  assert.deepEqual(faultOf(bytes.subarray(0, bytes.length - 1)), { kind: 'damaged', offset: firstEnd });
});

test('what is no wallet, of a later format, cut in the header or of another ledger says so', () => {
  assert.deepEqual(faultOf(new Uint8Array(0)), { kind: 'not-a-wallet' });
  assert.deepEqual(faultOf(new Uint8Array(1_000)), { kind: 'not-a-wallet' });
  assert.deepEqual(faultOf(base.bytes.subarray(0, 40)), { kind: 'truncated', offset: 40 });
  assert.deepEqual(faultOf(base.bytes.subarray(0, HEADER)), { kind: 'truncated', offset: HEADER });
  for (let at = 8; at < HEADER; at++) {
    const changed = base.bytes.slice();
    changed[at] = changed[at]! ^ 1;
    assert.deepEqual(faultOf(changed), { kind: 'damaged', offset: 0 }, `byte ${at}`);
  }
  const later = base.bytes.slice();
  later[8] = 2;
  later.set(sha256d(later.subarray(0, HEADER - 8)).subarray(0, 8), HEADER - 8);
  assert.deepEqual(faultOf(later), { kind: 'unknown-format', got: 2, expected: 1 });
  const ofOther = encodeWalletFile({ ...IDENTITY, genesisHash: asBlockHash(new Uint8Array(32)) }, 0, new Map()).bytes;
  assert.equal((faultOf(ofOther) as WalletFileFault).kind, 'other-ledger');
  assert.ok(decodeWalletFile(ofOther, null).ok);
});

test('any bytes after a header are read or refused, and no more work is done than the file is worth', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      const decoded = decodeWalletFile(concatBytes(base.bytes, bytes), GENESIS);
      assert.ok(decoded.ok && decoded.value.end === base.bytes.length);
    }),
    { numRuns: 200 },
  );
  // Marks of frames that claim to be as long as what is left: each would be hashed to the end of the file.
  const marks = Uint8Array.from({ length: 2_000_000 }, (_, i) => [1, 0x46, 0x52, 2, 0, 0, 8, 0][i % 8]!);
  assert.deepEqual(faultOf(concatBytes(base.bytes, marks)), { kind: 'damaged', offset: base.bytes.length });
});

test('changes come back from their lines, whatever letters are in them', () => {
  const changes: readonly RecordChange[] = [
    {
      key: 'address/00ff',
      text: encodeRecordValue({ label: 'a\tb\n"ü\u{1f600}\u007f\u2028\ud800', n: [1, null, true] }),
    },
    { key: 'x', text: null },
    { key: 'y', text: '""' },
  ];
  const bytes = encodeChanges(changes);
  assert.ok(bytes.every((byte) => byte < 0x7f));
  assert.deepEqual(decodeChanges(bytes), changes);
  assert.equal(JSON.parse(changes[0]!.text!).label, 'a\tb\n"ü\u{1f600}\u007f\u2028\ud800');
});

test('lines that no wallet writes are none', () => {
  const decode = (text: string) => decodeChanges(Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
  for (const text of ['a', '\n', '\t1\n', 'a b\t1\n', 'a\t1\nb', 'a\t\u0080\n', 'a\t\u0000\n', 'a\r\n']) {
    assert.equal(decode(text), null, JSON.stringify(text));
  }
  assert.deepEqual(decode(''), []);
  assert.deepEqual(decode('a\t1\nb\n'), [
    { key: 'a', text: '1' },
    { key: 'b', text: null },
  ]);
});
