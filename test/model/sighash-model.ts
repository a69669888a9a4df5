// Signature hashes written a second time, slowly and plainly, to be compared with src/kernel/script/sighash.ts: it copies the
// transaction as plain data, changes the copy as the rule says, writes it into an array of numbers and hashes that with noble.
// Nothing is shared with the code under test but the type of plain transactions.

import { sha256 } from '@noble/hashes/sha2.js';
import type { TransactionData, TransactionInput, TransactionOutput } from '../../src/kernel/primitives/transaction.ts';

const ANYONECANPAY = 0x80;
const CODESEPARATOR = 0xab;

/** Hash for a signature in a script without witness. */
export function modelLegacySighash(
  transaction: TransactionData,
  inputIndex: number,
  script: Uint8Array,
  hashType: number,
): Uint8Array {
  const outputs = hashType & 0x1f;
  if (outputs === 3 && inputIndex >= transaction.outputs.length) return Uint8Array.of(1, ...new Array(31).fill(0));
  const scriptCode = withoutCodeSeparators(script);

  let changedInputs = transaction.inputs.map((input, i) => ({
    ...input,
    scriptSig: i === inputIndex ? scriptCode : new Uint8Array(0),
    sequence: i !== inputIndex && (outputs === 2 || outputs === 3) ? 0 : input.sequence,
  }));
  if (hashType & ANYONECANPAY) changedInputs = [changedInputs[inputIndex]!];
  let changedOutputs = [...transaction.outputs];
  if (outputs === 2) changedOutputs = [];
  if (outputs === 3) {
    changedOutputs = changedOutputs
      .slice(0, inputIndex + 1)
      .map((output, i) => (i === inputIndex ? output : { valueSat: -1, scriptPubKey: new Uint8Array(0) }));
  }
  const message = [
    ...int(transaction.version, 4),
    ...compactSize(changedInputs.length),
    ...changedInputs.flatMap(inputBytes),
    ...compactSize(changedOutputs.length),
    ...changedOutputs.flatMap(outputBytes),
    ...int(transaction.locktime, 4),
    ...int(hashType, 4),
  ];
  return doubleSha256(message);
}

/** Hash for a signature in a version 0 witness program (BIP143). */
export function modelWitnessV0Sighash(
  transaction: TransactionData,
  inputIndex: number,
  script: Uint8Array,
  valueSat: number,
  hashType: number,
): Uint8Array {
  const zero: Uint8Array = new Uint8Array(32);
  const isAnyone = (hashType & ANYONECANPAY) !== 0;
  const outputs = hashType & 0x1f;
  const isAll = outputs !== 2 && outputs !== 3;
  const single = transaction.outputs[inputIndex];
  let hashOutputs: Uint8Array = zero;
  if (isAll) hashOutputs = doubleSha256(transaction.outputs.flatMap(outputBytes));
  else if (outputs === 3 && single !== undefined) hashOutputs = doubleSha256(outputBytes(single));
  const input = transaction.inputs[inputIndex]!;
  const message = [
    ...int(transaction.version, 4),
    ...(isAnyone ? zero : doubleSha256(transaction.inputs.flatMap(outpointBytes))),
    ...(isAnyone || !isAll ? zero : doubleSha256(transaction.inputs.flatMap((each) => int(each.sequence, 4)))),
    ...outpointBytes(input),
    ...withLength(script),
    ...int(valueSat, 8),
    ...int(input.sequence, 4),
    ...hashOutputs,
    ...int(transaction.locktime, 4),
    ...int(hashType, 4),
  ];
  return doubleSha256(message);
}

/** What a tapscript signature commits to on top (BIP342). */
export interface ModelTapscript {
  readonly tapleafHash: Uint8Array;
  readonly codeSeparatorPosition: number;
}

/** Hash for a taproot signature (BIP341), or null where there is none. `annex` is given whole, with its 0x50. */
export function modelTaprootSighash(
  transaction: TransactionData,
  spent: readonly TransactionOutput[],
  inputIndex: number,
  hashType: number,
  annex: Uint8Array | null,
  tapscript: ModelTapscript | null,
): Uint8Array | null {
  if (![0, 1, 2, 3, 0x81, 0x82, 0x83].includes(hashType)) return null;
  const isAnyone = hashType >= 0x80;
  const outputs = hashType === 0 ? 1 : hashType % 0x80;
  const single = transaction.outputs[inputIndex];
  if (outputs === 3 && single === undefined) return null;
  const input = transaction.inputs[inputIndex]!;

  const message = [0, hashType, ...int(transaction.version, 4), ...int(transaction.locktime, 4)];
  if (!isAnyone) {
    message.push(...sha256(Uint8Array.from(transaction.inputs.flatMap(outpointBytes))));
    message.push(...sha256(Uint8Array.from(spent.flatMap((output) => int(output.valueSat, 8)))));
    message.push(...sha256(Uint8Array.from(spent.flatMap((output) => withLength(output.scriptPubKey)))));
    message.push(...sha256(Uint8Array.from(transaction.inputs.flatMap((each) => int(each.sequence, 4)))));
  }
  if (outputs === 1) message.push(...sha256(Uint8Array.from(transaction.outputs.flatMap(outputBytes))));
  message.push((tapscript === null ? 0 : 2) + (annex === null ? 0 : 1));
  if (isAnyone) message.push(...outpointBytes(input), ...outputBytes(spent[inputIndex]!), ...int(input.sequence, 4));
  else message.push(...int(inputIndex, 4));
  if (annex !== null) message.push(...sha256(Uint8Array.from(withLength(annex))));
  if (outputs === 3) message.push(...sha256(Uint8Array.from(outputBytes(single!))));
  if (tapscript !== null) message.push(...tapscript.tapleafHash, 0, ...int(tapscript.codeSeparatorPosition, 4));
  const tag = sha256(Uint8Array.from('TapSighash', (letter) => letter.charCodeAt(0)));
  return sha256(Uint8Array.from([...tag, ...tag, ...message]));
}

/** A well-formed script without its OP_CODESEPARATOR operations. */
function withoutCodeSeparators(script: Uint8Array): Uint8Array {
  const kept: number[] = [];
  let at = 0;
  while (at < script.length) {
    const opcode = script[at]!;
    let length = 1;
    if (opcode < 0x4c) length += opcode;
    else if (opcode === 0x4c) length += 1 + script[at + 1]!;
    else if (opcode === 0x4d) length += 2 + script[at + 1]! + 256 * script[at + 2]!;
    if (at + length > script.length) throw new Error('the model takes well-formed scripts only');
    if (opcode !== CODESEPARATOR) kept.push(...script.subarray(at, at + length));
    at += length;
  }
  return Uint8Array.from(kept);
}

function inputBytes(input: TransactionInput): number[] {
  return [...outpointBytes(input), ...withLength(input.scriptSig), ...int(input.sequence, 4)];
}

function outpointBytes(input: TransactionInput): number[] {
  return [...input.prevout.txid, ...int(input.prevout.index, 4)];
}

function outputBytes(output: TransactionOutput): number[] {
  return [...int(output.valueSat, 8), ...withLength(output.scriptPubKey)];
}

function withLength(bytes: Uint8Array): number[] {
  return [...compactSize(bytes.length), ...bytes];
}

function compactSize(value: number): number[] {
  if (value < 253) return [value];
  return value < 65_536 ? [253, ...int(value, 2)] : [254, ...int(value, 4)];
}

/** Little-endian two's complement of `width` bytes. */
function int(value: number, width: number): number[] {
  let rest = BigInt.asUintN(8 * width, BigInt(value));
  const bytes: number[] = [];
  for (let i = 0; i < width; i++) {
    bytes.push(Number(rest & 0xffn));
    rest >>= 8n;
  }
  return bytes;
}

function doubleSha256(bytes: readonly number[]): Uint8Array {
  return sha256(sha256(Uint8Array.from(bytes)));
}
