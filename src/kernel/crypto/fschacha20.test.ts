import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chacha20, chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { EMPTY_BYTES, fromHex } from '../util/bytes.ts';
import { AEAD_TAG_BYTES, nobleChaCha20Poly1305 } from './chacha20-poly1305.ts';
import { FsChaCha20, FsChaCha20Poly1305 } from './fschacha20.ts';

const KEY = fromHex(`${'00'.repeat(31)}07`);

/** Three epochs and a piece of the fourth. */
const COUNT = 3 * 224 + 5;

/** Nonces written out: 32 bits, 64 bits. */
function nonceOf(low: number, epoch: number): Uint8Array {
  return Uint8Array.of(
    low % 256,
    low === 0xffffffff ? 255 : 0,
    low === 0xffffffff ? 255 : 0,
    low === 0xffffffff ? 255 : 0,
    epoch,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  );
}

test('lengths: the stream of an epoch covers 224 pieces, and the 32 bytes after them are the next key', () => {
  const cipher = new FsChaCha20(KEY, 3);
  let key = KEY;
  for (let i = 0; i < COUNT; i++) {
    const epoch = Math.floor(i / 224);
    const stream = chacha20(key, nonceOf(0, epoch), new Uint8Array(224 * 3 + 32));
    const piece = Uint8Array.of(1, 2, 3);
    cipher.cryptInPlace(piece);
    const at = (i % 224) * 3;
    assert.deepEqual([...piece], [1 ^ stream[at]!, 2 ^ stream[at + 1]!, 3 ^ stream[at + 2]!], `piece ${i}`);
    if (i % 224 === 223) key = stream.slice(224 * 3);
  }
});

test('packets: each has its number, and every 224 of them the key is what zeros become under the last one', () => {
  const cipher = new FsChaCha20Poly1305(KEY, nobleChaCha20Poly1305);
  const opener = new FsChaCha20Poly1305(KEY, nobleChaCha20Poly1305);
  let key: Uint8Array = KEY;
  for (let i = 0; i < COUNT; i++) {
    const epoch = Math.floor(i / 224);
    const associated = Uint8Array.of(i % 251);
    const bytes = new Uint8Array((i % 40) + AEAD_TAG_BYTES).fill(9, 0, i % 40);
    const contents = bytes.slice(0, i % 40);
    cipher.sealInPlace(associated, bytes);
    assert.deepEqual(
      bytes,
      chacha20poly1305(key, nonceOf(i % 224, epoch), associated).encrypt(contents),
      `packet ${i}`,
    );
    assert.deepEqual(opener.open(associated, bytes), contents);
    if (i % 224 === 223) {
      key = chacha20poly1305(key, nonceOf(0xffffffff, epoch), EMPTY_BYTES).encrypt(new Uint8Array(32)).slice(0, 32);
    }
  }
});

test('a packet is opened in its place in the order alone', () => {
  const cipher = new FsChaCha20Poly1305(KEY, nobleChaCha20Poly1305);
  const opener = new FsChaCha20Poly1305(KEY, nobleChaCha20Poly1305);
  const [first, second] = [new Uint8Array(20), new Uint8Array(20)];
  cipher.sealInPlace(EMPTY_BYTES, first);
  cipher.sealInPlace(EMPTY_BYTES, second);
  assert.equal(opener.open(EMPTY_BYTES, second), null);
  assert.deepEqual(opener.open(EMPTY_BYTES, second), new Uint8Array(4));
});
