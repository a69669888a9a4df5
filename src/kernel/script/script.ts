// Scripts as ranges of bytes: walking their operations, the shape of pushes, and the predicates that consensus asks of an
// output or input script (Core script/script.h, script.cpp; BIP16, BIP141, BIP341). A script is always (bytes, start, end)
// inside some larger buffer, and nothing here allocates except the encoders. Running a script is interpreter.ts, counting
// signature operations sigops.ts, naming an output's template solver.ts.

import { readU16, readU32, writeU16, writeU32 } from '../encoding/numbers.ts';
import { OP } from './opcodes.ts';

/** Longest script that may run outside tapscript, in bytes; a longer output can never be spent (Core MAX_SCRIPT_SIZE). */
export const MAX_SCRIPT_SIZE = 10_000;

/** Longest element that a script may push, in bytes (Core MAX_SCRIPT_ELEMENT_SIZE). */
export const MAX_SCRIPT_ELEMENT_SIZE = 520;

/** Most keys of an OP_CHECKMULTISIG (Core MAX_PUBKEYS_PER_MULTISIG). */
export const MAX_PUBKEYS_PER_MULTISIG = 20;

/** Most keys of a tapscript OP_CHECKSIGADD multisig template (Core MAX_PUBKEYS_PER_MULTI_A). */
export const MAX_PUBKEYS_PER_MULTI_A = 999;

/** Highest opcode that means something outside tapscript (Core MAX_OPCODE, OP_NOP10). */
export const MAX_OPCODE = 0xb9;

/** Opcode that {@link ScriptCursor} reports where no operation could be read (Core OP_INVALIDOPCODE). */
export const INVALID_OPCODE = 0xff;

/**
 * Bytes from an opcode to its data: 1 for most operations, and the length field of OP_PUSHDATA1, 2 and 4 on top. So the data
 * of the push at `p` starts at `p + pushPrefixLength(bytes[p])`.
 */
export function pushPrefixLength(opcode: number): number {
  if (opcode < OP.OP_PUSHDATA1 || opcode > OP.OP_PUSHDATA4) return 1;
  if (opcode === OP.OP_PUSHDATA1) return 2;
  return opcode === OP.OP_PUSHDATA2 ? 3 : 5;
}

/**
 * Position after the operation that starts at `position`, or -1 when it is a push that runs past `end` (Core GetScriptOp
 * false). The caller has checked `position < end`.
 */
export function nextOpPosition(bytes: Uint8Array, position: number, end: number): number {
  const opcode = bytes[position]!;
  if (opcode > OP.OP_PUSHDATA4) return position + 1;
  if (opcode < OP.OP_PUSHDATA1) {
    const next = position + 1 + opcode;
    return next <= end ? next : -1;
  }
  const dataStart = position + pushPrefixLength(opcode);
  if (dataStart > end) return -1;
  const next = dataStart + readPushDataLength(bytes, position, opcode);
  return next <= end ? next : -1;
}

function readPushDataLength(bytes: Uint8Array, position: number, opcode: number): number {
  if (opcode === OP.OP_PUSHDATA1) return bytes[position + 1]!;
  if (opcode === OP.OP_PUSHDATA2) return readU16(bytes, position + 1);
  return readU32(bytes, position + 1);
}

/**
 * Walks the operations of a script without allocating.
 *
 * @example
 * const cursor = new ScriptCursor().reset(bytes, start, end);
 * while (cursor.next()) visit(cursor.opcode, cursor.dataStart, cursor.dataEnd);
 * if (cursor.bad) … // the walk stopped at a push that runs past the end
 */
export class ScriptCursor {
  bytes: Uint8Array;
  /** Where the next operation starts. */
  position = 0;
  /** End of the script. */
  end = 0;
  /** Where the current operation starts. */
  opStart = 0;
  /** The current operation; {@link INVALID_OPCODE} when `next` has returned false. */
  opcode: number = INVALID_OPCODE;
  /** Range of the data that the current operation pushes; empty for operations that push none. */
  dataStart = 0;
  dataEnd = 0;
  /** True when the walk ended at a push that runs past the end of the script. */
  bad = false;

  constructor(bytes: Uint8Array = new Uint8Array(0), start = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  /** Starts over on another script. */
  reset(bytes: Uint8Array, start: number, end: number): this {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
    this.opcode = INVALID_OPCODE;
    this.opStart = start;
    this.dataStart = start;
    this.dataEnd = start;
    this.bad = false;
    return this;
  }

  /** Moves to the next operation; false at the end of the script and at a push that runs past it ({@link bad}). */
  next(): boolean {
    const start = this.position;
    if (start >= this.end) {
      this.opcode = INVALID_OPCODE;
      this.dataStart = start;
      this.dataEnd = start;
      return false;
    }
    const after = nextOpPosition(this.bytes, start, this.end);
    if (after < 0) return this.stop(start);
    const opcode = this.bytes[start]!;
    this.opStart = start;
    this.opcode = opcode;
    this.dataStart = start + pushPrefixLength(opcode);
    this.dataEnd = after;
    this.position = after;
    return true;
  }

  /** Length of the data that the current operation pushes. */
  get dataLength(): number {
    return this.dataEnd - this.dataStart;
  }

  private stop(opStart: number): false {
    this.opStart = opStart;
    this.opcode = INVALID_OPCODE;
    this.dataStart = this.end;
    this.dataEnd = this.end;
    this.position = this.end;
    this.bad = true;
    return false;
  }
}

/** The number 0 … 16 that OP_0, OP_1 … OP_16 stand for (Core DecodeOP_N). */
export function decodeSmallInteger(opcode: number): number {
  return opcode === OP.OP_0 ? 0 : opcode - OP.OP_1 + 1;
}

/** The opcode that pushes the number 0 … 16 (Core EncodeOP_N). */
export function encodeSmallInteger(value: number): number {
  return value === 0 ? OP.OP_0 : OP.OP_1 + value - 1;
}

/** True for OP_1 … OP_16. */
export function isSmallInteger(opcode: number): boolean {
  return opcode >= OP.OP_1 && opcode <= OP.OP_16;
}

/**
 * True when a push of this data by this opcode (OP_0 … OP_PUSHDATA4) is the shortest there is (Core CheckMinimalPush, BIP62
 * rules 3 and 4).
 */
export function isMinimalPush(opcode: number, bytes: Uint8Array, dataStart: number, dataEnd: number): boolean {
  const length = dataEnd - dataStart;
  if (length === 0) return opcode === OP.OP_0;
  if (length === 1) {
    const byte = bytes[dataStart]!;
    return opcode === 1 && !(byte >= 1 && byte <= 16) && byte !== 0x81;
  }
  if (length <= 75) return opcode === length;
  if (length <= 0xff) return opcode === OP.OP_PUSHDATA1;
  if (length <= 0xffff) return opcode === OP.OP_PUSHDATA2;
  return true;
}

/** Length in bytes of the push that {@link encodePush} writes for `dataLength` bytes. */
export function pushLength(dataLength: number): number {
  if (dataLength < OP.OP_PUSHDATA1) return 1 + dataLength;
  if (dataLength <= 0xff) return 2 + dataLength;
  return (dataLength <= 0xffff ? 3 : 5) + dataLength;
}

/** Writes opcode and length field of a push of `dataLength` bytes and returns the position after them. */
export function writePushPrefixAt(target: Uint8Array, position: number, dataLength: number): number {
  if (dataLength < OP.OP_PUSHDATA1) {
    target[position] = dataLength;
    return position + 1;
  }
  if (dataLength <= 0xff) {
    target[position] = OP.OP_PUSHDATA1;
    target[position + 1] = dataLength;
    return position + 2;
  }
  if (dataLength <= 0xffff) {
    target[position] = OP.OP_PUSHDATA2;
    writeU16(target, position + 1, dataLength);
    return position + 3;
  }
  target[position] = OP.OP_PUSHDATA4;
  writeU32(target, position + 1, dataLength);
  return position + 5;
}

/**
 * The canonical push of these bytes (Core `CScript() << data`): always opcode, length, data. Small numbers are not turned into
 * OP_1 … OP_16; that is script-builder.ts's work.
 */
export function encodePush(data: Uint8Array): Uint8Array {
  const encoded = new Uint8Array(pushLength(data.length));
  encoded.set(data, writePushPrefixAt(encoded, 0, data.length));
  return encoded;
}

/** OP_HASH160, 20 bytes, OP_EQUAL and nothing else (BIP16; Core IsPayToScriptHash). */
export function isP2sh(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start === 23 && bytes[start] === OP.OP_HASH160 && bytes[start + 1] === 20 && bytes[start + 22] === OP.OP_EQUAL
  );
}

/** OP_DUP OP_HASH160, 20 bytes, OP_EQUALVERIFY OP_CHECKSIG: the hash is at `start + 3`. */
export function isP2pkh(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start === 25 &&
    bytes[start] === OP.OP_DUP &&
    bytes[start + 1] === OP.OP_HASH160 &&
    bytes[start + 2] === 20 &&
    bytes[start + 23] === OP.OP_EQUALVERIFY &&
    bytes[start + 24] === OP.OP_CHECKSIG
  );
}

/** Version 0 with a 20-byte program (BIP141). */
export function isP2wpkh(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 22 && bytes[start] === OP.OP_0 && bytes[start + 1] === 20;
}

/** Version 0 with a 32-byte program (BIP141; Core IsPayToWitnessScriptHash). */
export function isP2wsh(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 34 && bytes[start] === OP.OP_0 && bytes[start + 1] === 32;
}

/** Version 1 with a 32-byte program (BIP341; Core IsPayToTaproot). */
export function isP2tr(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 34 && bytes[start] === OP.OP_1 && bytes[start + 1] === 32;
}

/** Version 1 with the program 4e73: an output that anyone may spend to raise a fee (Core IsPayToAnchor). */
export function isP2a(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start === 4 &&
    bytes[start] === OP.OP_1 &&
    bytes[start + 1] === 2 &&
    bytes[start + 2] === 0x4e &&
    bytes[start + 3] === 0x73
  );
}

/**
 * Version 0 … 16 of a witness program (BIP141: OP_0 … OP_16 and one direct push of 2 to 40 bytes), or -1 when the script is
 * none. The program itself is `bytes` from `start + 2` to `end`.
 */
export function witnessProgramVersion(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length < 4 || length > 42) return -1;
  const opcode = bytes[start]!;
  if (opcode !== OP.OP_0 && !isSmallInteger(opcode)) return -1;
  return bytes[start + 1]! + 2 === length ? decodeSmallInteger(opcode) : -1;
}

/** True when every operation is a push; OP_RESERVED counts as one, as in Core IsPushOnly. */
export function isPushOnly(bytes: Uint8Array, start: number, end: number): boolean {
  let position = start;
  while (position < end) {
    if (bytes[position]! > OP.OP_16) return false;
    position = nextOpPosition(bytes, position, end);
    if (position < 0) return false;
  }
  return true;
}

/**
 * Start of what the last operation of a push-only script pushes; it ends where the script ends. That is the redeemScript of a
 * scriptSig (BIP16); nothing when the last operation is OP_1 … OP_16. -1 when the script does more than push.
 */
export function lastPushStart(bytes: Uint8Array, start: number, end: number): number {
  let position = start;
  let dataStart = end;
  while (position < end) {
    const opcode = bytes[position]!;
    if (opcode > OP.OP_16) return -1;
    dataStart = position + pushPrefixLength(opcode);
    position = nextOpPosition(bytes, position, end);
    if (position < 0) return -1;
  }
  return dataStart;
}

/**
 * True when no input can ever spend this output, so that it need not be kept: it begins with OP_RETURN or is longer than a
 * script may be (Core IsUnspendable).
 */
export function isUnspendable(bytes: Uint8Array, start: number, end: number): boolean {
  return (end > start && bytes[start] === OP.OP_RETURN) || end - start > MAX_SCRIPT_SIZE;
}

/** True when every operation can be read, is known, and pushes no more than an element may hold (Core HasValidOps). */
export function hasValidOps(bytes: Uint8Array, start: number, end: number): boolean {
  let position = start;
  while (position < end) {
    const opcode = bytes[position]!;
    const next = nextOpPosition(bytes, position, end);
    if (next < 0 || opcode > MAX_OPCODE) return false;
    if (next - position - pushPrefixLength(opcode) > MAX_SCRIPT_ELEMENT_SIZE) return false;
    position = next;
  }
  return true;
}
