import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromHex, toHex } from '../../kernel/util/bytes.ts';
import {
  addressOfDestination,
  destinationOfKey,
  formatI2pBase64,
  isDestinationOf,
  parseDestination,
  parseI2pBase64,
} from './i2p-destination.ts';
import { formatNetAddress } from './net-address.ts';

/** A destination of 387 bytes and a certificate of four, and a key behind it. */
const DESTINATION: Uint8Array = new Uint8Array(391).fill(7);
DESTINATION.set([0, 4], 385);
const KEY: Uint8Array = new Uint8Array(391 + 64).fill(9);
KEY.set(DESTINATION);

test('base64 of I2P has other letters, and is padded', () => {
  assert.equal(formatI2pBase64(fromHex('fbfffe00')), '-~~-AA==');
  assert.equal(formatI2pBase64(fromHex('fbff')), '-~8=');
  assert.equal(formatI2pBase64(fromHex('fbfffe')), '-~~-');
  assert.equal(toHex(parseI2pBase64('-~~-AA==')!), 'fbfffe00');
  assert.equal(toHex(parseI2pBase64('-~8=')!), 'fbff');
  assert.equal(toHex(parseI2pBase64('')!), '');
  for (const text of ['+//+AA==', '-~8', '-~8==', '-~9=', '-~~-A===', '=', '====', '-~ =', 'AA=A', '-~~-\n', 'é~~-']) {
    assert.equal(parseI2pBase64(text), null, text);
  }
});

test('base64 of I2P brings back what it was made of', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      assert.deepEqual(parseI2pBase64(formatI2pBase64(bytes)), bytes);
    }),
  );
});

test('the destination of a private key is as long as its certificate makes it, and its address is its hash', () => {
  assert.deepEqual(destinationOfKey(KEY), DESTINATION);
  assert.equal(
    formatNetAddress(addressOfDestination(DESTINATION)),
    '7q3apq7xnkhoj7qnmnn3mfdnheyx56vsp34loasrhbiz3sfpdera.b32.i2p:0',
  );
  for (const length of [0, 386, 390]) assert.equal(destinationOfKey(KEY.slice(0, length)), null, `${length}`);
  const longer = KEY.slice();
  longer.set([0xff, 0xff], 385);
  assert.equal(destinationOfKey(longer), null, 'a certificate that ends behind the key');
});

test('a text is a destination when it is whole and nothing else', () => {
  const text = formatI2pBase64(DESTINATION);
  const address = addressOfDestination(DESTINATION);
  assert.deepEqual(parseDestination(text), address);
  assert.equal(isDestinationOf(text, address), true);
  assert.equal(isDestinationOf(text, { ...address, bytes: new Uint8Array(32) }), false);
  for (const wrong of [DESTINATION.slice(0, 390), KEY, DESTINATION.slice(0, 100), new Uint8Array(0)]) {
    assert.equal(parseDestination(formatI2pBase64(wrong)), null, `${wrong.length} bytes`);
  }
  for (const wrong of [`${text} FROM_PORT=0`, `${text}\r`, 'STREAM STATUS RESULT=I2P_ERROR', '']) {
    assert.equal(parseDestination(wrong), null, wrong);
  }
});
