// Judges of whole spends: dumps of Core's feature_taproot, and transactions beside the outputs that they spend. Where a spend is
// valid it must be so with fewer flags as well, and where it is not, with more.

import { checkTransaction } from '../../../src/kernel/consensus/tx-check.ts';
import { readCompactSizeAt } from '../../../src/kernel/encoding/compact-size.ts';
import { SpentOutputs } from '../../../src/kernel/primitives/spent-outputs.ts';
import {
  buildTransaction,
  decodeTransaction,
  type Transaction,
  type TransactionOutput,
  toTransactionData,
} from '../../../src/kernel/primitives/transaction.ts';
import {
  isValidFlagCombination,
  MANDATORY_SCRIPT_VERIFY_FLAGS,
  SCRIPT_VERIFY,
  SCRIPT_VERIFY_NONE,
} from '../../../src/kernel/script/flags.ts';
import type { InputVerifier } from '../../../src/kernel/script/verify.ts';
import { fromHex } from '../../../src/kernel/util/bytes.ts';
import {
  type CaseOutcome,
  isInside,
  type Judge,
  type VectorFile,
  type VectorFolder,
  verdictOutcome,
} from '../judge.ts';
import { compareValidity, compareVerdict, createVerifier, firstWrong, flagsOf, verifyAll } from '../script-case.ts';
import { hexAt, isObject, isText, type JsonObject, listAt, numberAt, textAt } from '../shape.ts';

// Dumps of feature_taproot: objects with a transaction whose input `index` gets the scriptSig and witness of `success` or `failure`

/** Every sensible set of the flags that blocks can ask for. */
const CONSENSUS_FLAG_SETS: readonly number[] = listConsensusFlagSets();

function listConsensusFlagSets(): number[] {
  const bits = Object.values(SCRIPT_VERIFY).filter((bit) => (bit & MANDATORY_SCRIPT_VERIFY_FLAGS) !== 0);
  const sets: number[] = [];
  for (let choice = 0; choice < 1 << bits.length; choice++) {
    const flags = bits.reduce((set, bit, i) => ((choice >> i) & 1 ? set | bit : set), SCRIPT_VERIFY_NONE);
    const isTaprootAlone = (flags & SCRIPT_VERIFY.TAPROOT) !== 0 && (flags & SCRIPT_VERIFY.WITNESS) === 0;
    if (isValidFlagCombination(flags) && !isTaprootAlone) sets.push(flags);
  }
  return sets;
}

/** One object per line, each perhaps followed by a comma; or a JSON array of them; or a single one. */
function taprootCasesOf(file: VectorFile): JsonObject[] {
  const json = file.tryJson();
  if (Array.isArray(json)) return json.filter(isTaprootCase);
  if (json !== undefined) return isTaprootCase(json) ? [json] : [];
  const lines = file
    .text()
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^[[\]]$/.test(line.trim()));
  return lines.map((line) => JSON.parse(line.trim().replace(/,$/, '')) as unknown).filter(isTaprootCase);
}

function isTaprootCase(value: unknown): value is JsonObject {
  return isObject(value, 'tx', 'prevouts', 'index', 'flags') && ('success' in value || 'failure' in value);
}

function withInput(transaction: Transaction, index: number, input: JsonObject): Transaction {
  const data = toTransactionData(transaction);
  const witness = listAt(input, 'witness').map((item) => fromHex(item as string));
  const scriptSig = hexAt(input, 'scriptSig');
  const inputs = data.inputs.map((other, i) => (i === index ? { ...other, scriptSig, witness } : other));
  return buildTransaction({ ...data, inputs });
}

function judgeTaprootCase(verifier: InputVerifier, test: JsonObject): string | null {
  const decoded = decodeTransaction(hexAt(test, 'tx'));
  if (!decoded.ok) throw decoded.error;
  const spent = SpentOutputs.pack(listAt(test, 'prevouts').map((item) => parseOutput(fromHex(item as string))));
  const index = numberAt(test, 'index');
  const flags = flagsOf(textAt(test, 'flags'));
  const asks = (part: JsonObject, sets: readonly number[], isValid: boolean) => {
    verifier.setTransaction(withInput(decoded.value, index, part), spent);
    return firstWrong(sets, (set) => compareValidity(verifier.verifyInput(index, set), isValid, set));
  };
  const { success, failure } = test;
  const fewer = CONSENSUS_FLAG_SETS.filter((set) => test['final'] === true || (set & flags) === set);
  const more = CONSENSUS_FLAG_SETS.filter((set) => (set & flags) === flags);
  const wrongSuccess = isObject(success) ? asks(success, [flags, ...fewer], true) : null;
  if (wrongSuccess !== null) return `success: ${wrongSuccess}`;
  const wrongFailure = isObject(failure) ? asks(failure, more, false) : null;
  return wrongFailure === null ? null : `failure: ${wrongFailure}`;
}

/** An output from its serialized bytes. */
function parseOutput(bytes: Uint8Array): TransactionOutput {
  return parseOutputs(bytes)[0]!;
}

/** Outputs from their serialized bytes, one after another: what fills exactly the bytes; else throws. */
function parseOutputs(bytes: Uint8Array): TransactionOutput[] {
  const outputs: TransactionOutput[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = readCompactSizeAt(bytes, at + 8, bytes.length, 'scriptPubKey');
    const start = at + 8 + (length < 0xfd ? 1 : length <= 0xffff ? 3 : 5);
    if (start + length > bytes.length) throw new TypeError('an output runs past the end');
    outputs.push({ valueSat: Number(readValue(bytes, at)), scriptPubKey: bytes.slice(start, start + length) });
    at = start + length;
  }
  return outputs;
}

function readValue(bytes: Uint8Array, at: number): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset + at, 8).getBigInt64(0, true);
}

const taprootJudge: Judge = {
  name: 'taproot spends',
  matches: (file) => isInside(file, 'consensus') && taprootCasesOf(file).length > 0,
  *run(file) {
    const verifier = createVerifier();
    for (const [index, test] of taprootCasesOf(file).entries()) {
      const name = isText(test['name']) ? test['name'] : `case ${index}`;
      const comment = isText(test['comment']) ? test['comment'] : '';
      yield verdictOutcome(name, judgeTaprootCase(verifier, test), comment);
    }
  },
};

// Raw transactions, each beside a file of the same name with -undo that holds the outputs it spends

const UNDO_NAME = /-undo(\.[^.]+)$/;

function isRawTransaction(file: VectorFile): boolean {
  return decodeTransaction(file.bytes()).ok;
}

const prevoutsJudge: Judge = {
  name: 'transactions with prevouts',
  matches: (file) =>
    isInside(file, 'consensus/tx-with-prevouts') &&
    (UNDO_NAME.test(file.path) ? parseOutputs(file.bytes()).length > 0 : isRawTransaction(file)),
  *run(file, folder) {
    if (UNDO_NAME.test(file.path)) yield judgeUndo(file, folder);
    else yield judgeSpend(file, folder);
  },
};

/** The outputs are as many as the inputs of the transaction beside them. */
function judgeUndo(file: VectorFile, folder: VectorFolder): CaseOutcome {
  const beside = folder.find(file.path.replace(UNDO_NAME, '$1'));
  if (beside === undefined) return verdictOutcome('spent outputs', 'no transaction beside it');
  const inputCount = decodeOrThrow(beside).inputCount;
  const outputCount = parseOutputs(file.bytes()).length;
  return verdictOutcome('spent outputs', inputCount === outputCount ? null : `${outputCount} for ${inputCount} inputs`);
}

/** The rules that need nothing but the transaction, and its scripts where the spent outputs are known. */
function judgeSpend(file: VectorFile, folder: VectorFolder): CaseOutcome {
  const transaction = decodeOrThrow(file);
  const reject = checkTransaction(transaction);
  if (reject !== null) return verdictOutcome('transaction', `refused: ${reject.reason}`);
  const undo = folder.find(file.path.replace(/(\.[^.]+)$/, '-undo$1'));
  if (undo === undefined) return verdictOutcome('transaction without its prevouts', null);
  const spent = SpentOutputs.pack(parseOutputs(undo.bytes()));
  const flags = MANDATORY_SCRIPT_VERIFY_FLAGS;
  const error = verifyAll(createVerifier(), { transaction, spent }, flags);
  return verdictOutcome('transaction', compareVerdict(error, null, flags));
}

function decodeOrThrow(file: VectorFile): Transaction {
  const decoded = decodeTransaction(file.bytes());
  if (!decoded.ok) throw decoded.error;
  return decoded.value;
}

export const judges: readonly Judge[] = [taprootJudge, prevoutsJudge];
