// Scripts as people read them: Core's ScriptToAsmStr, one word per operation. It is for eyes and RPC answers, not for reading
// back: a push of up to four bytes shows as a number whatever its encoding, and the ways to push the same bytes look alike.

import { isStrictDerSignature } from '../crypto/der.ts';
import { toHex } from '../util/bytes.ts';
import { OP, opName } from './opcodes.ts';
import { isUnspendable, ScriptCursor } from './script.ts';
import { decodeScriptNumber } from './script-number.ts';

/** Longest push that is shown as a number. */
const NUMBER_BYTES_MAX = 4;

/** Hash types that have a name; a signature with another is no signature to show (Core mapSigHashTypes). */
const HASH_TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [0x01, 'ALL'],
  [0x81, 'ALL|ANYONECANPAY'],
  [0x02, 'NONE'],
  [0x82, 'NONE|ANYONECANPAY'],
  [0x03, 'SINGLE'],
  [0x83, 'SINGLE|ANYONECANPAY'],
]);

/** How to show a script. */
export interface ScriptFormatOptions {
  /** Show the last byte of what looks like an ECDSA signature as `[ALL]`, `[SINGLE|ANYONECANPAY]` …; meant for scriptSigs. */
  readonly decodeHashTypes?: boolean;
}

/** The operations of a script as words; `[error]` ends it where a push runs past the end (Core ScriptToAsmStr). */
export function formatScript(bytes: Uint8Array, start: number, end: number, options: ScriptFormatOptions = {}): string {
  // Data behind OP_RETURN may look like a signature and is none.
  const decodeHashTypes = options.decodeHashTypes === true && !isUnspendable(bytes, start, end);
  const words: string[] = [];
  const cursor = new ScriptCursor(bytes, start, end);
  while (cursor.next()) {
    if (cursor.opcode > OP.OP_PUSHDATA4) words.push(opName(cursor.opcode));
    else words.push(formatPush(bytes, cursor.dataStart, cursor.dataEnd, decodeHashTypes));
  }
  if (cursor.bad) words.push('[error]');
  return words.join(' ');
}

function formatPush(bytes: Uint8Array, start: number, end: number, decodeHashTypes: boolean): string {
  const length = end - start;
  if (length <= NUMBER_BYTES_MAX) {
    return String(decodeScriptNumber(bytes, start, length, NUMBER_BYTES_MAX, false));
  }
  const typeName = decodeHashTypes ? signatureHashTypeName(bytes, start, end) : undefined;
  if (typeName === undefined) return toHex(bytes.subarray(start, end));
  return `${toHex(bytes.subarray(start, end - 1))}[${typeName}]`;
}

function signatureHashTypeName(bytes: Uint8Array, start: number, end: number): string | undefined {
  const name = HASH_TYPE_NAMES.get(bytes[end - 1]!);
  return name !== undefined && isStrictDerSignature(bytes, start, end) ? name : undefined;
}
