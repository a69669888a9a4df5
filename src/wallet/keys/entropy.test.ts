import assert from 'node:assert/strict';
import { randomFillSync } from 'node:crypto';
import { test } from 'node:test';
import { toHex } from '../../kernel/util/bytes.ts';
import { HostFaultError, type SecureRandom } from '../ports.ts';
import { drawEntropy } from './entropy.ts';

const good: SecureRandom = (bytes) => {
  randomFillSync(bytes);
};

function refuses(source: SecureRandom, sentence: RegExp): void {
  assert.throws(
    () => drawEntropy(source, 32),
    (error: unknown) => error instanceof HostFaultError && error.code === 'entropy' && sentence.test(error.message),
  );
}

test('K01: a source that throws makes no key', () => {
  refuses(() => {
    throw new Error('ENOSYS');
  }, /not fit for keys: ENOSYS/);
});

test('K01: a source that does nothing, or gives zeros or any other single byte, makes no key', () => {
  refuses(() => {}, /all its bytes are the same/);
  refuses((bytes) => bytes.fill(0), /all its bytes are the same/);
  refuses((bytes) => bytes.fill(0x5a), /all its bytes are the same/);
});

test('K01: a source that repeats itself makes no key', () => {
  refuses((bytes) => bytes.set(Uint8Array.from(bytes, (_, i) => i)), /gives the same again/);
  let count = 0;
  const ofTwo: SecureRandom = (bytes) => {
    count++;
    bytes.set(Uint8Array.from(bytes, (_, i) => (count % 2 === 0 ? i : i + 1)));
    // One byte stays as it was in every draw, so that more than two are made.
    bytes[0] = count % 2 === 0 ? 0xff : 0x00;
  };
  refuses(ofTwo, /gives the same again/);
});

test('K01: a source that fills all but one byte makes no key, whichever byte it is', () => {
  for (const missing of [0, 17, 31]) {
    refuses((bytes) => {
      const before = bytes[missing]!;
      randomFillSync(bytes);
      bytes[missing] = before;
    }, /leaves a part/);
  }
});

test('K01: a source that fills 31 bytes of 32 makes no key', () => {
  refuses((bytes) => {
    randomFillSync(bytes.subarray(0, 31));
  }, /leaves a part/);
});

/** Keys that are drawn to see whether two are the same; nightly runs draw a million. */
const KEY_COUNT = Number(process.env['TALLY_KEYS'] ?? 100_000);

test(`K01: ${KEY_COUNT} keys of the system are all different`, () => {
  const seen = new Set<string>();
  for (let i = 0; i < KEY_COUNT; i++) seen.add(toHex(drawEntropy(good, 16)));
  assert.equal(seen.size, KEY_COUNT);
});

test('a draw is as long as asked for, and what it was made from is wiped', () => {
  const handed: Uint8Array[] = [];
  const drawn = drawEntropy((bytes) => {
    randomFillSync(bytes);
    handed.push(bytes);
  }, 24);
  assert.equal(drawn.length, 24);
  assert.equal(handed.at(-1), drawn);
  for (const other of handed.slice(0, -1)) assert.ok(other.every((byte) => byte === 0));
});
