// The bytes of ZMTP 3.1, the protocol of ZeroMQ over streams (rfc.zeromq.org/spec/37): greeting, frames, commands and what the
// command READY says. Without encryption (mechanism NULL), and as a publisher speaks it. A frame is
//
//   flags as uint8 · length as uint8, or as big-endian uint64 where the flag LONG is set · bytes

import { writeU32 } from '../../kernel/encoding/numbers.ts';
import { concatBytes } from '../../kernel/util/bytes.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';

/** Bits of the first byte of a frame. The others are zero. */
export const ZMTP_FLAG: Readonly<Record<'more' | 'long' | 'command', number>> = Object.freeze({
  /** Further frames of the same message follow. */
  more: 1,
  /** The length has eight bytes. */
  long: 2,
  command: 4,
});

/** Bytes of a greeting. */
export const ZMTP_GREETING_BYTES = 64;

/** Where a greeting has what. */
export const ZMTP_GREETING_AT: Readonly<Record<'signatureEnd' | 'version' | 'mechanism' | 'asServer', number>> =
  Object.freeze({ signatureEnd: 9, version: 10, mechanism: 12, asServer: 32 });

/** What the signature begins and ends with. */
export const ZMTP_SIGNATURE: Readonly<Record<'first' | 'last', number>> = Object.freeze({ first: 0xff, last: 0x7f });

/** The name of the mechanism, padded with zeros. */
export const ZMTP_NULL_MECHANISM: Uint8Array = padded(encodeUtf8('NULL'), 20);

/** Longest message that is put together: a copy costs less than several pieces in every queue. */
const JOINED_BYTES_MAX = 16 * 1024;

/** Longest length that has one byte. */
const SHORT_LENGTH_MAX = 255;

function padded(bytes: Uint8Array, length: number): Uint8Array {
  const whole = new Uint8Array(length);
  whole.set(bytes);
  return whole;
}

/** What a publisher says first: version 3.1, no encryption. */
export function encodeZmtpGreeting(): Uint8Array {
  const greeting = new Uint8Array(ZMTP_GREETING_BYTES);
  greeting[0] = ZMTP_SIGNATURE.first;
  // What version 1 takes for the length of an identity: whoever speaks only that is told that we do not.
  greeting[8] = 1;
  greeting[ZMTP_GREETING_AT.signatureEnd] = ZMTP_SIGNATURE.last;
  greeting[ZMTP_GREETING_AT.version] = 3;
  greeting[ZMTP_GREETING_AT.version + 1] = 1;
  greeting.set(ZMTP_NULL_MECHANISM, ZMTP_GREETING_AT.mechanism);
  return greeting;
}

/** Bytes before those of a frame. */
function headLength(length: number): number {
  return length <= SHORT_LENGTH_MAX ? 2 : 9;
}

/** Writes what stands before the bytes of a frame; returns the position behind it. */
function writeHeadAt(target: Uint8Array, at: number, flags: number, length: number): number {
  if (length <= SHORT_LENGTH_MAX) {
    target[at] = flags;
    target[at + 1] = length;
    return at + 2;
  }
  target[at] = flags | ZMTP_FLAG.long;
  new DataView(target.buffer, target.byteOffset).setBigUint64(at + 1, BigInt(length));
  return at + 9;
}

/** Bytes of a message with these parts. */
export function zmtpMessageLength(parts: readonly Uint8Array[]): number {
  let length = 0;
  for (const part of parts) length += headLength(part.length) + part.length;
  return length;
}

/** A message in pieces to be sent one after another: one piece, or, where it is long, parts that are not copied. */
export function encodeZmtpMessage(parts: readonly Uint8Array[]): readonly Uint8Array[] {
  const length = zmtpMessageLength(parts);
  const isJoined = length <= JOINED_BYTES_MAX;
  const bytes = new Uint8Array(isJoined ? length : 9 * parts.length);
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const [i, part] of parts.entries()) {
    const start = at;
    at = writeHeadAt(bytes, at, i < parts.length - 1 ? ZMTP_FLAG.more : 0, part.length);
    if (isJoined) bytes.set(part, at);
    else pieces.push(bytes.subarray(start, at), part);
    if (isJoined) at += part.length;
  }
  return isJoined ? [bytes] : pieces;
}

/** A command: its name, and what belongs to it. */
export function encodeZmtpCommand(name: string, data: Uint8Array): Uint8Array {
  const body = concatBytes(Uint8Array.of(name.length), encodeUtf8(name), data);
  const head = new Uint8Array(headLength(body.length));
  writeHeadAt(head, 0, ZMTP_FLAG.command, body.length);
  return concatBytes(head, body);
}

/** A property of the command READY. */
export function encodeZmtpProperty(name: string, value: string): Uint8Array {
  const length = new Uint8Array(4);
  // Big-endian, unlike everything of Bitcoin.
  writeU32(length, 0, value.length);
  return concatBytes(Uint8Array.of(name.length), encodeUtf8(name), length.reverse(), encodeUtf8(value));
}
