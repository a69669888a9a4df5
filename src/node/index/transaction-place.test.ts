import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromHex, toHex } from '../../kernel/util/bytes.ts';
import { decodePlace, encodePlace } from './transaction-place.ts';

test('S15: places beyond 2 and 4 GiB, and in files beyond 100,000, are written and read', () => {
  const places: readonly (readonly [file: number, offset: number, txOffset: number, hex: string])[] = [
    [0, 8, 1, '000801'],
    [127, 128, 16_511, '7f8000ff7f'],
    [100_000, 2 ** 31, 2 ** 32, '858c2086fefeff008efefeff00'],
  ];
  for (const [file, offset, txOffset, hex] of places) {
    const bytes = encodePlace({ block: { file, offset }, offset: txOffset });
    assert.equal(toHex(bytes), hex);
    assert.deepEqual(decodePlace(bytes), { ok: true, value: { block: { file, offset }, offset: txOffset } });
  }
  assert.equal(decodePlace(fromHex('0008')).ok, false, 'cut off');
  assert.equal(decodePlace(fromHex('00080100')).ok, false, 'something left over');
});

test('no bytes make the decoder throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 260 }), (bytes) => {
      decodePlace(bytes);
    }),
  );
});
