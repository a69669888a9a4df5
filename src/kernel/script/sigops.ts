// Counting signature operations without running scripts, so that a block's signature work is bounded before any of it is done
// (Core CScript::GetSigOpCount, CountWitnessSigOps; BIP16, BIP141). These are counts of single scripts and inputs; weighing
// and adding them up over a transaction is consensus/sigop-cost.ts. Tapscript has a budget of its own and is never counted.

import { compactSizeWidth, readCompactSizeAt } from '../encoding/compact-size.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { OP } from './opcodes.ts';
import {
  decodeSmallInteger,
  INVALID_OPCODE,
  isP2sh,
  isSmallInteger,
  lastPushStart,
  MAX_PUBKEYS_PER_MULTISIG,
  nextOpPosition,
  witnessProgramVersion,
} from './script.ts';

/**
 * Signature operations of one script. An OP_CHECKMULTISIG counts as twenty; when `accurate`, as the OP_1 … OP_16 right before it
 * says. Counting stops at a push that runs past the end, and goes on after one that is longer than a script may push (C22).
 */
export function countSigops(bytes: Uint8Array, start: number, end: number, accurate: boolean): number {
  let count = 0;
  let position = start;
  let previous = INVALID_OPCODE;
  while (position < end) {
    const opcode = bytes[position]!;
    position = nextOpPosition(bytes, position, end);
    if (position < 0) break;
    if (opcode >= OP.OP_CHECKSIG && opcode <= OP.OP_CHECKMULTISIGVERIFY) {
      if (opcode <= OP.OP_CHECKSIGVERIFY) count++;
      else count += accurate && isSmallInteger(previous) ? decodeSmallInteger(previous) : MAX_PUBKEYS_PER_MULTISIG;
    }
    previous = opcode;
  }
  return count;
}

/**
 * Signature operations of the redeemScript by which input `inputIndex` spends the P2SH output with the given scriptPubKey; 0 when
 * the output is not P2SH, or when the scriptSig does more than push (Core GetSigOpCount of a scriptSig).
 */
export function countP2shSigops(
  transaction: Transaction,
  inputIndex: number,
  scriptPubKeyBytes: Uint8Array,
  scriptPubKeyStart: number,
  scriptPubKeyEnd: number,
): number {
  if (!isP2sh(scriptPubKeyBytes, scriptPubKeyStart, scriptPubKeyEnd)) return 0;
  const { bytes } = transaction;
  const end = transaction.scriptSigEnd(inputIndex);
  const redeemScriptStart = lastPushStart(bytes, transaction.scriptSigStart(inputIndex), end);
  return redeemScriptStart < 0 ? 0 : countSigops(bytes, redeemScriptStart, end, true);
}

/**
 * Signature operations of the version 0 witness program, native or inside P2SH, by which input `inputIndex` spends the output
 * with the given scriptPubKey. The caller asks only where the witness rules are in force (Core CountWitnessSigOps).
 */
export function countWitnessSigops(
  transaction: Transaction,
  inputIndex: number,
  scriptPubKeyBytes: Uint8Array,
  scriptPubKeyStart: number,
  scriptPubKeyEnd: number,
): number {
  const version = witnessProgramVersion(scriptPubKeyBytes, scriptPubKeyStart, scriptPubKeyEnd);
  if (version >= 0) {
    return countProgramSigops(transaction, inputIndex, version, scriptPubKeyEnd - scriptPubKeyStart - 2);
  }
  if (!isP2sh(scriptPubKeyBytes, scriptPubKeyStart, scriptPubKeyEnd)) return 0;
  const { bytes } = transaction;
  const end = transaction.scriptSigEnd(inputIndex);
  const redeemScriptStart = lastPushStart(bytes, transaction.scriptSigStart(inputIndex), end);
  if (redeemScriptStart < 0) return 0;
  const nestedVersion = witnessProgramVersion(bytes, redeemScriptStart, end);
  return nestedVersion < 0
    ? 0
    : countProgramSigops(transaction, inputIndex, nestedVersion, end - redeemScriptStart - 2);
}

function countProgramSigops(
  transaction: Transaction,
  inputIndex: number,
  version: number,
  programLength: number,
): number {
  if (version !== 0) return 0;
  if (programLength === 20) return 1;
  return programLength === 32 ? countWitnessScriptSigops(transaction, inputIndex) : 0;
}

/** Signature operations of the last witness item; 0 when there is none. */
function countWitnessScriptSigops(transaction: Transaction, inputIndex: number): number {
  const { bytes, end } = transaction;
  let position = transaction.witnessStart(inputIndex);
  if (position < 0) return 0;
  const itemCount = readCompactSizeAt(bytes, position, end, 'witness');
  if (itemCount === 0) return 0;
  position += compactSizeWidth(bytes[position]!);
  let itemStart = position;
  for (let i = 0; i < itemCount; i++) {
    const length = readCompactSizeAt(bytes, position, end, 'witness item');
    itemStart = position + compactSizeWidth(bytes[position]!);
    position = itemStart + length;
  }
  return countSigops(bytes, itemStart, position, true);
}
