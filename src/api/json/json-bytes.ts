// JSON as bytes, written field by field straight from the bytes that it shows: no value per field, no text that is made to be copied.
// For answers of many megabytes; whatever is written here is ASCII and needs no escape, so that bytes and characters are the same.

import { COIN } from '../../kernel/primitives/amount.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { assert } from '../../kernel/util/assert.ts';

/** Length from which bytes are handed over. */
const PIECE_BYTES: number = 128 * 1024;

/** Room behind that for what is written before anybody looks. */
const SPARE_BYTES: number = 16 * 1024;

/** Bytes that are made digits before anybody looks how much there is. */
const HEX_AT_ONCE: number = 32 * 1024;

/** Most digits of a safe integer, with its sign. */
const INTEGER_LENGTH_MAX = 17;

/** Most characters of an amount: sign, whole bitcoins of a safe integer, point, decimals. */
const AMOUNT_LENGTH_MAX = 19;

const AMOUNT_DECIMALS = 8;

const HIGH_DIGITS: Uint8Array = hexDigits((byte) => byte >>> 4);
const LOW_DIGITS: Uint8Array = hexDigits((byte) => byte & 15);

function hexDigits(digitOf: (byte: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => digitOf(byte).toString(16).charCodeAt(0));
}

/** Writes `length` digits of a number, zeros in front, and returns the position behind them. */
function writeDigits(target: Uint8Array, at: number, value: number, length: number): number {
  let rest = value;
  for (let i = at + length - 1; i >= at; i--) {
    const next = Math.floor(rest / 10);
    target[i] = 48 + (rest - 10 * next);
    rest = next;
  }
  return at + length;
}

function countDigits(value: number): number {
  let count = 1;
  for (let bound = 10; value >= bound; bound *= 10) count++;
  return count;
}

/** Code of `"`. */
const QUOTE = 0x22;
/** Code of `,`. */
const COMMA = 0x2c;
/** Code of `:`. */
const COLON = 0x3a;

/** A text of JSON that grows at its end. */
export class JsonBytes {
  #bytes: Uint8Array = new Uint8Array(PIECE_BYTES + SPARE_BYTES);
  #length = 0;
  #needsComma = false;

  /** What has been written since the last {@link take}, and room behind it; replaced when it grows. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Bytes written since the last {@link take}. */
  get length(): number {
    return this.#length;
  }

  /** True when there is enough to be handed over. */
  get isFull(): boolean {
    return this.#length >= PIECE_BYTES;
  }

  /** What was written since the last time, which is the caller's now. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = new Uint8Array(PIECE_BYTES + SPARE_BYTES);
    this.#length = 0;
    return taken;
  }

  /** Makes room for so many bytes more and returns where they go. */
  #reserve(count: number): number {
    const needed = this.#length + count;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    return this.#length;
  }

  // --- pieces of text ----------------------------------------------------------------------------------------------------------------

  /** Appends characters as they are: ASCII that needs no escape. */
  text(text: string): void {
    const at = this.#reserve(text.length);
    const bytes = this.#bytes;
    for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
    this.#length = at + text.length;
  }

  /** Appends bytes as hexadecimal digits. */
  hex(source: Uint8Array, start: number, end: number): void {
    let at = this.#reserve(2 * (end - start));
    const bytes = this.#bytes;
    for (let i = start; i < end; i++) {
      const byte = source[i]!;
      bytes[at] = HIGH_DIGITS[byte]!;
      bytes[at + 1] = LOW_DIGITS[byte]!;
      at += 2;
    }
    this.#length = at;
  }

  /** Appends bytes as hexadecimal digits, however many, and stops whenever there is enough to be handed over. */
  *longHex(source: Uint8Array, start: number, end: number): Generator<Uint8Array, void, void> {
    for (let at = start; at < end; at += HEX_AT_ONCE) {
      this.hex(source, at, Math.min(end, at + HEX_AT_ONCE));
      if (this.isFull) yield this.take();
    }
  }

  /** Lets `write` append at most `count` bytes: it is told where, and tells where they end. */
  append(count: number, write: (target: Uint8Array, at: number) => number): void {
    const at = this.#reserve(count);
    this.#length = write(this.#bytes, at);
  }

  /** Goes back to where {@link length} was, in the same field. */
  rewind(length: number): void {
    this.#length = length;
  }

  // --- fields; the key of an item of an array, or of the whole, is '' ------------------------------------------------------------------

  /** Begins a field, after a comma where one is due; its value follows. */
  begin(key: string): void {
    let at = this.#reserve(key.length + 4);
    const bytes = this.#bytes;
    if (this.#needsComma) bytes[at++] = COMMA;
    this.#needsComma = true;
    if (key !== '') {
      bytes[at++] = QUOTE;
      for (let i = 0; i < key.length; i++) bytes[at++] = key.charCodeAt(i);
      bytes[at++] = QUOTE;
      bytes[at++] = COLON;
    }
    this.#length = at;
  }

  /** Appends a quote, at the begin or the end of a text that is written in parts. */
  quote(): void {
    const at = this.#reserve(1);
    this.#bytes[at] = QUOTE;
    this.#length = at + 1;
  }

  #open(key: string, bracket: string): void {
    this.begin(key);
    this.text(bracket);
    this.#needsComma = false;
  }

  #close(bracket: string): void {
    this.text(bracket);
    this.#needsComma = true;
  }

  /** Begins an object. */
  openObject(key: string): void {
    this.#open(key, '{');
  }

  /** Ends the object that was begun last. */
  closeObject(): void {
    this.#close('}');
  }

  /** Begins an array. */
  openArray(key: string): void {
    this.#open(key, '[');
  }

  /** Ends the array that was begun last. */
  closeArray(): void {
    this.#close(']');
  }

  /** A field whose value is an ASCII text without anything to escape. */
  textField(key: string, text: string): void {
    this.begin(key);
    this.quote();
    this.text(text);
    this.quote();
  }

  /** A field of `true` or `false`. */
  flagField(key: string, isSet: boolean): void {
    this.begin(key);
    this.text(isSet ? 'true' : 'false');
  }

  /** A field of a safe integer that is not negative. */
  integerField(key: string, value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, 'json: plain numbers are safe integers');
    this.begin(key);
    const at = this.#reserve(INTEGER_LENGTH_MAX);
    this.#length = writeDigits(this.#bytes, at, value, countDigits(value));
  }

  /** A field of an amount in bitcoin, always with 8 decimals; a safe integer of satoshis of either sign. */
  amountField(key: string, valueSat: number): void {
    this.begin(key);
    if (valueSat < 0) this.text('-');
    const absolute = Math.abs(valueSat);
    const whole = Math.floor(absolute / COIN);
    let at = this.#reserve(AMOUNT_LENGTH_MAX);
    at = writeDigits(this.#bytes, at, whole, countDigits(whole));
    this.#bytes[at++] = 0x2e;
    this.#length = writeDigits(this.#bytes, at, absolute - whole * COIN, AMOUNT_DECIMALS);
  }

  /** A field of bytes in hexadecimal. */
  hexField(key: string, source: Uint8Array, start: number, end: number): void {
    this.begin(key);
    this.quote();
    this.hex(source, start, end);
    this.quote();
  }

  /** A field of a hash as people read it: reversed. */
  hashField(key: string, source: Uint8Array, start: number): void {
    this.begin(key);
    this.quote();
    let at = this.#reserve(2 * HASH_BYTES);
    const bytes = this.#bytes;
    for (let i = start + HASH_BYTES - 1; i >= start; i--) {
      const byte = source[i]!;
      bytes[at] = HIGH_DIGITS[byte]!;
      bytes[at + 1] = LOW_DIGITS[byte]!;
      at += 2;
    }
    this.#length = at;
    this.quote();
  }
}
