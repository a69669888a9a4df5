// The two ciphers of encrypted connections (BIP324): FSChaCha20 for the lengths of packets and FSChaCha20Poly1305 for what is in
// them. "FS" is for forward secrecy: after every 224 uses each derives its next key from the current one and forgets that, so that
// whoever takes the keys of a running connection cannot read what went over it before. Mirrors Core's classes of these names.

import { chacha20 } from '@noble/ciphers/chacha.js';
import { assert } from '../util/assert.ts';
import { EMPTY_BYTES } from '../util/bytes.ts';
import { AEAD_KEY_BYTES, AEAD_NONCE_BYTES, AEAD_TAG_BYTES, type ChaCha20Poly1305 } from './chacha20-poly1305.ts';

/** Uses of a key (BIP324 REKEY_INTERVAL). */
export const REKEY_INTERVAL = 224;

/** Stands where the number of the packet does when a key is derived; no packet has it (BIP324). */
const REKEY_PACKET = 0xffffffff;

/** A nonce: 32 bits, then 64, least significant first. Epochs are far from 2^53. */
function writeNonce(nonce: Uint8Array, low: number, epoch: number): void {
  const view = new DataView(nonce.buffer, nonce.byteOffset);
  view.setUint32(0, low, true);
  view.setUint32(4, epoch % 2 ** 32, true);
  view.setUint32(8, Math.floor(epoch / 2 ** 32), true);
}

/** A stream cipher for pieces of one length. Encrypting and decrypting are the same; each direction has its own object. */
export class FsChaCha20 {
  readonly #pieceBytes: number;
  readonly #nonce: Uint8Array = new Uint8Array(AEAD_NONCE_BYTES);
  readonly #key: Uint8Array;
  /** The stream of this epoch: as much as its pieces need, then the next key. */
  readonly #stream: Uint8Array;
  #count = 0;
  #epoch = 0;

  constructor(key: Uint8Array, pieceBytes: number) {
    assert(key.length === AEAD_KEY_BYTES, 'FsChaCha20: a key of 32 bytes');
    this.#key = key.slice();
    this.#pieceBytes = pieceBytes;
    this.#stream = new Uint8Array(REKEY_INTERVAL * pieceBytes + AEAD_KEY_BYTES);
    this.#startEpoch();
  }

  /** Turns a piece into its ciphertext, or back, where it stands. */
  cryptInPlace(piece: Uint8Array): void {
    assert(piece.length === this.#pieceBytes, 'FsChaCha20: pieces of one length');
    const at = this.#count * this.#pieceBytes;
    for (let i = 0; i < piece.length; i++) {
      piece[i] = piece[i]! ^ this.#stream[at + i]!;
      this.#stream[at + i] = 0;
    }
    this.#count++;
    if (this.#count < REKEY_INTERVAL) return;
    this.#key.set(this.#stream.subarray(-AEAD_KEY_BYTES));
    this.#count = 0;
    this.#epoch++;
    this.#startEpoch();
  }

  #startEpoch(): void {
    writeNonce(this.#nonce, 0, this.#epoch);
    chacha20(this.#key, this.#nonce, this.#stream.fill(0), this.#stream);
  }
}

/** An AEAD for packets of any length, one after another. Each direction has its own object. */
export class FsChaCha20Poly1305 {
  readonly #aead: ChaCha20Poly1305;
  readonly #nonce: Uint8Array = new Uint8Array(AEAD_NONCE_BYTES);
  readonly #key: Uint8Array;
  #count = 0;
  #epoch = 0;

  constructor(key: Uint8Array, aead: ChaCha20Poly1305) {
    assert(key.length === AEAD_KEY_BYTES, 'FsChaCha20Poly1305: a key of 32 bytes');
    this.#key = key.slice();
    this.#aead = aead;
  }

  /** Encrypts a packet where it stands: its contents, with room for the tag behind them. */
  sealInPlace(associated: Uint8Array, bytes: Uint8Array): void {
    writeNonce(this.#nonce, this.#count, this.#epoch);
    this.#aead.sealInPlace(this.#key, this.#nonce, associated, bytes);
    this.#advance();
  }

  /** The contents of a packet; null when it is not what the other side sealed, and nothing can be opened from then on. */
  open(associated: Uint8Array, sealed: Uint8Array): Uint8Array | null {
    writeNonce(this.#nonce, this.#count, this.#epoch);
    const contents = this.#aead.open(this.#key, this.#nonce, associated, sealed);
    this.#advance();
    return contents;
  }

  #advance(): void {
    this.#count++;
    if (this.#count < REKEY_INTERVAL) return;
    // The next key is what 32 bytes of zeros become under the current one.
    const stream = new Uint8Array(AEAD_KEY_BYTES + AEAD_TAG_BYTES);
    writeNonce(this.#nonce, REKEY_PACKET, this.#epoch);
    this.#aead.sealInPlace(this.#key, this.#nonce, EMPTY_BYTES, stream);
    this.#key.set(stream.subarray(0, AEAD_KEY_BYTES));
    stream.fill(0);
    this.#count = 0;
    this.#epoch++;
  }
}
