// A script taken apart for reading a miniscript from its end (Core DecomposeScript, ParseScriptNumber): operations with VERIFY are two,
// and whatever could be written shorter is refused.

import { OP } from '../../../kernel/script/opcodes.ts';
import { decodeSmallInteger, isMinimalPush, isSmallInteger, ScriptCursor } from '../../../kernel/script/script.ts';
import { decodeScriptNumber, SCRIPT_NUMBER_BYTES_MAX } from '../../../kernel/script/script-number.ts';

/** One operation. */
export interface ScriptOp {
  readonly opcode: number;
  /** What is pushed; null for other operations, and for OP_0 to OP_16. */
  readonly data: Uint8Array | null;
}

/** Operations that have a form with VERIFY. */
const WITHOUT_VERIFY: ReadonlyMap<number, number> = new Map([
  [OP.OP_CHECKSIGVERIFY, OP.OP_CHECKSIG],
  [OP.OP_CHECKMULTISIGVERIFY, OP.OP_CHECKMULTISIG],
  [OP.OP_EQUALVERIFY, OP.OP_EQUAL],
  [OP.OP_NUMEQUALVERIFY, OP.OP_NUMEQUAL],
]);
const HAVE_VERIFY: ReadonlySet<number> = new Set(WITHOUT_VERIFY.values());

/** The operations of a script; null when it is cut short, or no miniscript as it could be shorter. */
export function splitScript(script: Uint8Array): readonly ScriptOp[] | null {
  const ops: ScriptOp[] = [];
  const cursor = new ScriptCursor(script);
  while (cursor.next()) {
    const { opcode, dataStart, dataEnd } = cursor;
    const plain = WITHOUT_VERIFY.get(opcode);
    if (plain !== undefined) {
      ops.push({ opcode: plain, data: null }, { opcode: OP.OP_VERIFY, data: null });
    } else if (opcode >= 1 && opcode <= OP.OP_PUSHDATA4) {
      if (!isMinimalPush(opcode, script, dataStart, dataEnd)) return null;
      ops.push({ opcode, data: script.slice(dataStart, dataEnd) });
    } else {
      if (HAVE_VERIFY.has(opcode) && script[cursor.position] === OP.OP_VERIFY) return null;
      ops.push({ opcode, data: null });
    }
  }
  return cursor.bad ? null : ops;
}

/** The number that an operation pushes; null when it pushes none. */
export function numberOf(op: ScriptOp | undefined): number | null {
  if (op === undefined) return null;
  const { opcode, data } = op;
  if (opcode === OP.OP_0 || isSmallInteger(opcode)) return decodeSmallInteger(opcode);
  if (data === null) return null;
  const value = decodeScriptNumber(data, 0, data.length, SCRIPT_NUMBER_BYTES_MAX, true);
  return Number.isNaN(value) ? null : value;
}
