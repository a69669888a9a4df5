import assert from 'node:assert/strict';
import test from 'node:test';
import { parseHex, toHex, useHostHex } from '../../kernel/util/bytes.ts';
import { HOST_HEX } from './host-hex.ts';

test('the host writes and reads hexadecimal text as the kernel does, long or short, whole arrays or parts', () => {
  const bytes = Uint8Array.from({ length: 20_001 }, (_, i) => (i * 7 + (i >>> 8)) % 256);
  const parts = [bytes, bytes.subarray(3, 17), bytes.subarray(1, 9_000), bytes.subarray(5, 5)];
  const texts = parts.map(toHex);
  const faulty = [`${texts[0]!.slice(0, -1)}g`, `${texts[0]}0`, `\u0130\u0131${texts[0]}`, ` ${texts[0]} `];
  const refusals = faulty.map(parseHex);
  useHostHex(HOST_HEX);
  assert.deepEqual(parts.map(toHex), texts);
  for (const [i, text] of texts.entries())
    assert.deepEqual(parseHex(text.toUpperCase()), { ok: true, value: parts[i] });
  assert.deepEqual(faulty.map(parseHex), refusals);
  assert.deepEqual(refusals[0], { ok: false, error: { kind: 'hex-bad-digit', position: 40_001 } });
  assert.equal(texts[0]!.slice(0, 8), '00070e15');
});
