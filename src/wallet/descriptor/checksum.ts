// The checksum of output descriptors (BIP380): eight letters that find mistyped characters. It says nothing about what is inside.

import { err, ok, type Result } from '../../kernel/util/result.ts';

/** Characters that a descriptor may contain, in the order that gives each its number. */
const INPUT_LETTERS =
  '0123456789()[],\'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~ijklmnopqrstuvwxyzABCDEFGH`#"\\ ';
const CHECKSUM_LETTERS = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const CHECKSUM_LENGTH = 8;

/** Generator of the code, for each of the five bits that leave the remainder; 40 bits, so not for bit operators. */
const GENERATOR: readonly bigint[] = [0xf5dee51989n, 0xa9fdca3312n, 0x1bab10e32dn, 0x3706b1677an, 0x644d626ffdn];

function step(remainder: bigint, value: number): bigint {
  const top = remainder >> 35n;
  let next = ((remainder & 0x7ffffffffn) << 5n) ^ BigInt(value);
  GENERATOR.forEach((word, bit) => {
    if (((top >> BigInt(bit)) & 1n) === 1n) next ^= word;
  });
  return next;
}

/** The checksum of a descriptor without one; null when a character may not stand in a descriptor. */
export function computeDescriptorChecksum(text: string): string | null {
  let remainder = 1n;
  let group = 0;
  let count = 0;
  for (const character of text) {
    const position = INPUT_LETTERS.indexOf(character);
    if (position < 0) return null;
    // The low five bits of every character, and after three characters their high bits together.
    remainder = step(remainder, position % 32);
    group = group * 3 + Math.floor(position / 32);
    if (++count === 3) {
      remainder = step(remainder, group);
      group = 0;
      count = 0;
    }
  }
  if (count > 0) remainder = step(remainder, group);
  for (let i = 0; i < CHECKSUM_LENGTH; i++) remainder = step(remainder, 0);
  remainder ^= 1n;
  let checksum = '';
  for (let i = CHECKSUM_LENGTH - 1; i >= 0; i--) {
    checksum += CHECKSUM_LETTERS[Number((remainder >> BigInt(5 * i)) & 31n)]!;
  }
  return checksum;
}

/** A descriptor of our own making, with its checksum. */
export function addDescriptorChecksum(text: string): string {
  return `${text}#${computeDescriptorChecksum(text)}`;
}

/** The descriptor without its checksum, which is checked where there is one; the error is a sentence (Core CheckChecksum). */
export function stripDescriptorChecksum(text: string, isRequired: boolean): Result<string, string> {
  const parts = text.split('#');
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
