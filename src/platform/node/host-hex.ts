// Hexadecimal texts of long byte arrays, written and read by Node's own code.

import { Buffer } from 'node:buffer';
import type { HostHex } from '../../kernel/util/bytes.ts';

const DIGITS = /^[0-9a-fA-F]*$/;

/** Node's own code for kernel/util/bytes.ts useHostHex. */
export const HOST_HEX: HostHex = Object.freeze({
  encode: (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex'),
  // Node would read up to the first character that is no digit, and say nothing.
  decode: (text: string) => (DIGITS.test(text) ? new Uint8Array(Buffer.from(text, 'hex')) : null),
});
