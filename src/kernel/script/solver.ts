// Naming the template of an output script and taking it apart (Core script/solver.cpp). The names are those of Core's RPC. A
// template says how an output is meant to be spent; whether a spend is good only running the scripts can tell.

import { OP } from './opcodes.ts';
import {
  decodeSmallInteger,
  isMinimalPush,
  isP2a,
  isP2pkh,
  isP2sh,
  isPushOnly,
  isSmallInteger,
  MAX_PUBKEYS_PER_MULTI_A,
  MAX_PUBKEYS_PER_MULTISIG,
  ScriptCursor,
  witnessProgramVersion,
} from './script.ts';
import { decodeScriptNumber, SCRIPT_NUMBER_BYTES_MAX } from './script-number.ts';

/** The template of an output script with what it holds; arrays are views into the script. */
export type OutputTemplate =
  | { readonly type: 'nonstandard' }
  | { readonly type: 'anchor' }
  | { readonly type: 'pubkey'; readonly publicKey: Uint8Array }
  | { readonly type: 'pubkeyhash'; readonly keyHash: Uint8Array }
  | { readonly type: 'scripthash'; readonly scriptHash: Uint8Array }
  | { readonly type: 'multisig'; readonly required: number; readonly publicKeys: readonly Uint8Array[] }
  | { readonly type: 'nulldata' }
  | { readonly type: 'witness_v0_keyhash'; readonly keyHash: Uint8Array }
  | { readonly type: 'witness_v0_scripthash'; readonly scriptHash: Uint8Array }
  | { readonly type: 'witness_v1_taproot'; readonly outputKey: Uint8Array }
  | { readonly type: 'witness_unknown'; readonly version: number; readonly program: Uint8Array };

/** Name of a template, as in Core's RPC (GetTxnOutputType). */
export type OutputType = OutputTemplate['type'];

/** A script that asks for `required` signatures by some of these keys; the keys are views. */
export interface MultisigTemplate {
  readonly required: number;
  readonly publicKeys: readonly Uint8Array[];
}

/** Name of the template of an output script. */
export function classifyOutput(bytes: Uint8Array, start: number, end: number): OutputType {
  if (isP2sh(bytes, start, end)) return 'scripthash';
  const version = witnessProgramVersion(bytes, start, end);
  if (version >= 0) return classifyWitnessProgram(bytes, start, end, version);
  if (end > start && bytes[start] === OP.OP_RETURN && isPushOnly(bytes, start + 1, end)) return 'nulldata';
  if (isPayToPublicKey(bytes, start, end)) return 'pubkey';
  if (isP2pkh(bytes, start, end)) return 'pubkeyhash';
  return matchMultisig(bytes, start, end) === null ? 'nonstandard' : 'multisig';
}

function classifyWitnessProgram(bytes: Uint8Array, start: number, end: number, version: number): OutputType {
  const length = end - start - 2;
  if (version === 0) {
    if (length === 20) return 'witness_v0_keyhash';
    return length === 32 ? 'witness_v0_scripthash' : 'nonstandard';
  }
  if (version === 1 && length === 32) return 'witness_v1_taproot';
  return isP2a(bytes, start, end) ? 'anchor' : 'witness_unknown';
}

/** The template of an output script with its keys, hashes or program (Core Solver). */
export function solveOutput(bytes: Uint8Array, start: number, end: number): OutputTemplate {
  const type = classifyOutput(bytes, start, end);
  switch (type) {
    case 'pubkey':
      return { type, publicKey: bytes.subarray(start + 1, end - 1) };
    case 'pubkeyhash':
      return { type, keyHash: bytes.subarray(start + 3, start + 23) };
    case 'scripthash':
      return { type, scriptHash: bytes.subarray(start + 2, start + 22) };
    case 'multisig':
      return { type, ...matchMultisig(bytes, start, end)! };
    case 'witness_v0_keyhash':
      return { type, keyHash: bytes.subarray(start + 2, end) };
    case 'witness_v0_scripthash':
      return { type, scriptHash: bytes.subarray(start + 2, end) };
    case 'witness_v1_taproot':
      return { type, outputKey: bytes.subarray(start + 2, end) };
    case 'witness_unknown':
      return { type, version: witnessProgramVersion(bytes, start, end), program: bytes.subarray(start + 2, end) };
    default:
      return { type };
  }
}

/** True when `length` bytes from `start` have the length that their first byte asks of a public key (Core ValidSize). */
function hasPublicKeySize(bytes: Uint8Array, start: number, length: number): boolean {
  const first = bytes[start];
  if (length === 33) return first === 2 || first === 3;
  return length === 65 && (first === 4 || first === 6 || first === 7);
}

function isPayToPublicKey(bytes: Uint8Array, start: number, end: number): boolean {
  const keyLength = end - start - 2;
  return (
    (keyLength === 33 || keyLength === 65) &&
    bytes[start] === keyLength &&
    bytes[end - 1] === OP.OP_CHECKSIG &&
    hasPublicKeySize(bytes, start + 1, keyLength)
  );
}

/** `m keys… n OP_CHECKMULTISIG` with 1 ≤ m ≤ n ≤ 20 and keys of valid size, or null (Core MatchMultisig). */
export function matchMultisig(bytes: Uint8Array, start: number, end: number): MultisigTemplate | null {
  if (end <= start || bytes[end - 1] !== OP.OP_CHECKMULTISIG) return null;
  const cursor = new ScriptCursor(bytes, start, end);
  cursor.next();
  const required = readNumber(cursor, 1, MAX_PUBKEYS_PER_MULTISIG);
  if (required < 0) return null;
  const publicKeys: Uint8Array[] = [];
  while (cursor.next() && hasPublicKeySize(bytes, cursor.dataStart, cursor.dataLength)) {
    if (publicKeys.push(bytes.subarray(cursor.dataStart, cursor.dataEnd)) > MAX_PUBKEYS_PER_MULTISIG) return null;
  }
  const keyCount = readNumber(cursor, required, MAX_PUBKEYS_PER_MULTISIG);
  if (keyCount !== publicKeys.length || cursor.position + 1 !== end) return null;
  return { required, publicKeys };
}

/** `key OP_CHECKSIG (key OP_CHECKSIGADD)… m OP_NUMEQUAL` of a tapscript, or null (Core MatchMultiA). */
export function matchMultiA(bytes: Uint8Array, start: number, end: number): MultisigTemplate | null {
  if (end <= start || bytes[start] !== 32 || bytes[end - 1] !== OP.OP_NUMEQUAL) return null;
  const publicKeys: Uint8Array[] = [];
  let position = start;
  while (end - position >= 34) {
    const check = publicKeys.length === 0 ? OP.OP_CHECKSIG : OP.OP_CHECKSIGADD;
    if (bytes[position] !== 32 || bytes[position + 33] !== check) return null;
    publicKeys.push(bytes.subarray(position + 1, position + 33));
    position += 34;
  }
  if (publicKeys.length === 0 || publicKeys.length > MAX_PUBKEYS_PER_MULTI_A) return null;
  const cursor = new ScriptCursor(bytes, position, end);
  if (!cursor.next() || cursor.position + 1 !== end) return null;
  const required = readNumber(cursor, 1, publicKeys.length);
  return required < 0 ? null : { required, publicKeys };
}

/** The number in `min` … `max` that the cursor's operation pushes in its shortest form, or -1. */
function readNumber(cursor: ScriptCursor, min: number, max: number): number {
  const { opcode, bytes, dataStart, dataEnd, dataLength } = cursor;
  let value = Number.NaN;
  if (isSmallInteger(opcode)) value = decodeSmallInteger(opcode);
  else if (opcode >= 1 && opcode <= OP.OP_PUSHDATA4 && isMinimalPush(opcode, bytes, dataStart, dataEnd)) {
    value = decodeScriptNumber(bytes, dataStart, dataLength, SCRIPT_NUMBER_BYTES_MAX, true);
  }
  return value >= min && value <= max ? value : -1;
}
