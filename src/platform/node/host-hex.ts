// Hexadecimal texts of long byte arrays by Node's own code.

import { Buffer } from 'node:buffer';

/** The text of bytes, as kernel/util/bytes.ts toHex gives it. */
export function encodeHexByHost(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
