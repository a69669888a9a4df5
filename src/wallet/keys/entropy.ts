// Chance for keys, salts and nonces, taken from the host and looked at before it is used (K01). Nobody can tell good chance from bad by
// looking; but sources fail in ways that show: they throw, give zeros, give the same again, or leave a part of the array as it was
// (CVE-2023-39910 and the browsers of 2011 to 2015 are why this is not left to trust). Then no key is made.

import { assert } from '../../kernel/util/assert.ts';
import { compareBytes } from '../../kernel/util/bytes.ts';
import { HostFaultError, type SecureRandom } from '../ports.ts';

/** Less than this is for no key, no salt and no nonce. */
const LENGTH_MIN = 16;

/**
 * Draws until each byte has been seen to change. A good source leaves a byte as it was once in 256 times: that it does so in all draws
 * happens once in 2^128.
 */
const DRAWS_MAX = 16;

/** Draws bytes that a key may be made of; throws when the source shows a fault. */
export function drawEntropy(secureRandom: SecureRandom, length: number): Uint8Array {
  assert(length >= LENGTH_MIN, 'entropy: enough for a key');
  const draws: Uint8Array[] = [];
  const untouched = new Set(Array.from({ length }, (_, i) => i));
  while (draws.length < 2 || untouched.size > 0) {
    if (draws.length === DRAWS_MAX) throw fault('it leaves a part of what it should fill as it was');
    // Each draw finds the array filled otherwise, so that bytes that stay as they were give themselves away.
    const before = draws.length % 2 === 0 ? 0x00 : 0xff;
    const draw = new Uint8Array(length).fill(before);
    fill(secureRandom, draw);
    if (draw.every((byte) => byte === draw[0])) throw fault('all its bytes are the same');
    if (draws.some((other) => compareBytes(other, draw) === 0)) throw fault('it gives the same again');
    for (const i of untouched) {
      if (draw[i] !== before) untouched.delete(i);
    }
    draws.push(draw);
  }
  const drawn = draws.pop()!;
  for (const draw of draws) draw.fill(0);
  return drawn;
}

function fill(secureRandom: SecureRandom, bytes: Uint8Array): void {
  try {
    secureRandom(bytes);
  } catch (error) {
    throw fault(error instanceof Error ? error.message : String(error));
  }
}

function fault(what: string): HostFaultError {
  return new HostFaultError('entropy', `the source of chance of this machine is not fit for keys: ${what}`);
}
