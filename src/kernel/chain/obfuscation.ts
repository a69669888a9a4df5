// The veil over block and undo files (Core util/obfuscation.h): every byte is combined with a byte of an 8-byte key by exclusive
// or, so that no virus scanner finds in them what somebody put into a transaction. It hides nothing from anybody: the key lies
// beside the files in xor.dat. The zero key leaves the bytes as they are.

import { assert } from '../util/assert.ts';
import { isZeroBytes } from '../util/bytes.ts';

/** Bytes of the key. */
export const OBFUSCATION_KEY_BYTES = 8;

/** Shorter ranges are done byte by byte: a view of words costs more than it saves. */
const WORD_LOOP_BYTES_MIN = 64;

/** Applies the key of a folder of files; doing it twice undoes it. */
export class Obfuscation {
  readonly key: Uint8Array;
  readonly isActive: boolean;
  /** The key as two native 32-bit words for each phase in which an aligned word may begin. */
  readonly #words: readonly Uint32Array[];

  constructor(key: Uint8Array) {
    assert(key.length === OBFUSCATION_KEY_BYTES, 'a key of 8 bytes');
    this.key = key.slice();
    this.isActive = !isZeroBytes(key);
    this.#words = Array.from({ length: OBFUSCATION_KEY_BYTES }, (_, phase) => rotatedWords(key, phase));
  }

  /** Applies the key in place to `bytes`, which lie at `position` of their file. */
  apply(bytes: Uint8Array, position: number): void {
    if (!this.isActive) return;
    const { length } = bytes;
    if (length < WORD_LOOP_BYTES_MIN) {
      this.#applyBytes(bytes, 0, length, position);
      return;
    }
    const head = (4 - (bytes.byteOffset % 4)) % 4;
    const wordCount = 2 * Math.floor((length - head) / 8);
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset + head, wordCount);
    const key = this.#words[(position + head) % OBFUSCATION_KEY_BYTES]!;
    const even = key[0]!;
    const odd = key[1]!;
    for (let i = 0; i < wordCount; i += 2) {
      words[i] = words[i]! ^ even;
      words[i + 1] = words[i + 1]! ^ odd;
    }
    this.#applyBytes(bytes, 0, head, position);
    this.#applyBytes(bytes, head + 4 * wordCount, length, position);
  }

  #applyBytes(bytes: Uint8Array, start: number, end: number, position: number): void {
    for (let i = start; i < end; i++) bytes[i] = bytes[i]! ^ this.key[(position + i) % OBFUSCATION_KEY_BYTES]!;
  }
}

function rotatedWords(key: Uint8Array, phase: number): Uint32Array {
  const words = new Uint32Array(2);
  const bytes = new Uint8Array(words.buffer);
  for (let i = 0; i < OBFUSCATION_KEY_BYTES; i++) bytes[i] = key[(phase + i) % OBFUSCATION_KEY_BYTES]!;
  return words;
}
