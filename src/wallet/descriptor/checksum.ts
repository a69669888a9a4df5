// The checksum of output descriptors (BIP380): eight letters that find mistyped characters. It says nothing about what is inside.

import { err, ok, type Result } from '../../kernel/util/result.ts';

/** Characters that a descriptor may contain, in the order that gives each its number. */
const INPUT_LETTERS =
  '0123456789()[],\'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~ijklmnopqrstuvwxyzABCDEFGH`#"\\ ';
const CHECKSUM_LETTERS = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
/** Letters of a checksum. */
export const CHECKSUM_LENGTH = 8;

/** Longest descriptor that is read: a tree of many leaves is far below, and a longer one would hold everybody up (R15). */
export const DESCRIPTOR_LENGTH_MAX = 1_000_000;

/** Number of each character code in {@link INPUT_LETTERS}; -1: it may not stand in a descriptor. */
const POSITIONS: Int8Array = Int8Array.from({ length: 128 }, (_, code) =>
  INPUT_LETTERS.indexOf(String.fromCharCode(code)),
);

/** Generator of the code, for each of the five bits that leave the remainder of 40 bits: its upper 8 bits and its lower 32. */
const GENERATOR_HIGH: readonly number[] = [0xf5, 0xa9, 0x1b, 0x37, 0x64];
const GENERATOR_LOW: readonly number[] = [0xdee51989, 0xfdca3312, 0xab10e32d, 0x06b1677a, 0x4d626ffd];

/** What the five bits that leave a remainder turn over in it: the generators of those that are set. */
function turnedBy(generators: readonly number[]): Uint32Array {
  return Uint32Array.from({ length: 32 }, (_, top) =>
    generators.reduce((turned, generator, bit) => (((top >>> bit) & 1) === 0 ? turned : turned ^ generator), 0),
  );
}

const TURNED_HIGH: Uint32Array = turnedBy(GENERATOR_HIGH);
const TURNED_LOW: Uint32Array = turnedBy(GENERATOR_LOW);

/** The remainder of a division that goes on with every character. */
class Remainder {
  #high = 0;
  #low = 1;

  /** Takes five more bits. */
  push(value: number): void {
    const high = this.#high;
    const low = this.#low;
    const top = high >>> 3;
    this.#high = ((high & 7) * 32) ^ (low >>> 27) ^ TURNED_HIGH[top]!;
    this.#low = Math.imul(low, 32) ^ value ^ TURNED_LOW[top]!;
  }

  /** Code of the letter of five of its bits; 0 for the lowest. */
  letterCode(i: number): number {
    const shift = 5 * i;
    const bits = shift < 32 ? this.#low >>> shift : 0;
    const above = shift < 32 ? (shift > 27 ? this.#high * 2 ** (32 - shift) : 0) : this.#high >>> (shift - 32);
    return CHECKSUM_LETTERS.charCodeAt((bits | above) & 31);
  }
}

/** The checksum of a descriptor that comes in pieces. */
export class DescriptorChecksum {
  readonly #remainder: Remainder = new Remainder();
  #group = 0;
  #count = 0;

  /** Goes on with ASCII characters of our own making. */
  pushBytes(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at++) this.#push(POSITIONS[bytes[at]!]!);
  }

  /** Goes on with a piece; false when a character may not stand in a descriptor. */
  push(text: string): boolean {
    for (let at = 0; at < text.length; at++) {
      const position = POSITIONS[text.charCodeAt(at)] ?? -1;
      if (position < 0) return false;
      this.#push(position);
    }
    return true;
  }

  /** The low five bits of every character, and after three characters their high bits together. */
  #push(position: number): void {
    this.#remainder.push(position & 31);
    this.#group = this.#group * 3 + (position >>> 5);
    if (++this.#count === 3) this.#endGroup();
  }

  /** The checksum of all pieces; the last call. */
  finish(): string {
    const letters = new Uint8Array(CHECKSUM_LENGTH);
    this.finishAt(letters, 0);
    return Array.from(letters, (code) => String.fromCharCode(code)).join('');
  }

  /** Writes the checksum of all pieces and returns the position behind it; the last call. */
  finishAt(target: Uint8Array, at: number): number {
    if (this.#count > 0) this.#endGroup();
    // The last one turns the lowest bit over.
    for (let i = 1; i <= CHECKSUM_LENGTH; i++) this.#remainder.push(i === CHECKSUM_LENGTH ? 1 : 0);
    for (let i = 0; i < CHECKSUM_LENGTH; i++) target[at + i] = this.#remainder.letterCode(CHECKSUM_LENGTH - 1 - i);
    return at + CHECKSUM_LENGTH;
  }

  #endGroup(): void {
    this.#remainder.push(this.#group);
    this.#group = 0;
    this.#count = 0;
  }
}

/** The checksum of a descriptor without one; null when a character may not stand in a descriptor. */
export function computeDescriptorChecksum(text: string): string | null {
  const checksum = new DescriptorChecksum();
  return checksum.push(text) ? checksum.finish() : null;
}

/** A descriptor of our own making, with its checksum. */
export function addDescriptorChecksum(text: string): string {
  return `${text}#${computeDescriptorChecksum(text)}`;
}

/** The descriptor without its checksum, which is checked where there is one; the error is a sentence (Core CheckChecksum). */
export function stripDescriptorChecksum(text: string, isRequired: boolean): Result<string, string> {
  if (text.length > DESCRIPTOR_LENGTH_MAX) return err('Descriptor is too long');
  const parts = text.split('#', 3);
  const body = parts[0]!;
  const given = parts[1];
  if (parts.length > 2) return err("Multiple '#' symbols");
  if (given === undefined && isRequired) return err('Missing checksum');
  if (given !== undefined && given.length !== CHECKSUM_LENGTH) {
    return err(`Expected ${CHECKSUM_LENGTH} character checksum, not ${given.length} characters`);
  }
  const computed = computeDescriptorChecksum(body);
  if (computed === null) return err('Invalid characters in payload');
  if (given !== undefined && given !== computed) {
    return err(`Provided checksum '${given}' does not match computed checksum '${computed}'`);
  }
  return ok(body);
}
