import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY_BYTES, fromHex, toHex } from '../util/bytes.ts';
import { AEAD_TAG_BYTES, nobleChaCha20Poly1305 as cipher } from './chacha20-poly1305.ts';

/** RFC 8439, 2.8.2. */
const KEY = fromHex('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f');
const NONCE = fromHex('070000004041424344454647');
const ASSOCIATED = fromHex('50515253c0c1c2c3c4c5c6c7');
const MESSAGE =
  "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
const SEALED =
  'd31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36' +
  '92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd060' +
  '0691';

function seal(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(message.length + AEAD_TAG_BYTES);
  bytes.set(message);
  cipher.sealInPlace(KEY, NONCE, ASSOCIATED, bytes);
  return bytes;
}

test('a message is sealed where it stands as in RFC 8439, and opened again', () => {
  const message = Uint8Array.from(MESSAGE, (character) => character.charCodeAt(0));
  const sealed = seal(message);
  assert.equal(toHex(sealed), SEALED);
  assert.deepEqual(cipher.open(KEY, NONCE, ASSOCIATED, sealed), message);
});

test('nothing is opened that was changed, was cut short or belongs to something else', () => {
  const sealed = seal(Uint8Array.of(1, 2, 3));
  for (let at = 0; at < sealed.length; at++) {
    const changed = sealed.slice();
    changed[at] = changed[at]! ^ 1;
    assert.equal(cipher.open(KEY, NONCE, ASSOCIATED, changed), null, `byte ${at}`);
    assert.equal(cipher.open(KEY, NONCE, ASSOCIATED, sealed.subarray(0, at)), null, `${at} bytes`);
  }
  assert.equal(cipher.open(KEY, NONCE, EMPTY_BYTES, sealed), null);
});
