// The field of twelve bytes that a message's type is written in: its text, then zeros (protocol.h CMessageHeader). In the plain form
// every message has one, in the encrypted form those that have no short number.

import { fromByteText, toByteText } from './byte-text.ts';

/** Bytes of a command, filled up with zeros (protocol.h MESSAGE_TYPE_SIZE). */
export const COMMAND_BYTES = 12;

/** What such a field holds. */
export interface CommandField {
  readonly command: string;
  /** What stands behind the command is zeros, and the command is readable. */
  readonly isValid: boolean;
}

/** Reads the field, which is all of `field`. */
export function readCommandField(field: Uint8Array): CommandField {
  const zeroAt = field.indexOf(0);
  const command = zeroAt < 0 ? field : field.subarray(0, zeroAt);
  return {
    command: toByteText(command),
    isValid: command.every(isReadable) && field.subarray(command.length).every((byte) => byte === 0),
  };
}

/** Writes the field at an offset where there are zeros. */
export function writeCommandField(bytes: Uint8Array, at: number, command: string): void {
  bytes.set(fromByteText(command), at);
}

/** Blank to tilde (Core CMessageHeader::IsMessageTypeValid). */
function isReadable(byte: number): boolean {
  return byte >= 0x20 && byte <= 0x7e;
}
