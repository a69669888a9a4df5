// Judges of scripts: Core's script_tests, tx_valid and tx_invalid, and scripts that nobody can spend; whole spends are judged in
// script-spends.ts. Every verdict is also asked for with fewer flags where a spend is valid and with more where it is not,
// because each flag must be a soft fork.

import { checkTransaction } from '../../../src/kernel/consensus/tx-check.ts';
import { parseTxid } from '../../../src/kernel/primitives/hashes.ts';
import { formatOutpoint } from '../../../src/kernel/primitives/outpoint.ts';
import { SpentOutputs } from '../../../src/kernel/primitives/spent-outputs.ts';
import {
  decodeTransaction,
  type Transaction,
  type TransactionOutput,
} from '../../../src/kernel/primitives/transaction.ts';
import {
  isValidFlagCombination,
  MANDATORY_SCRIPT_VERIFY_FLAGS,
  parseScriptFlags,
  SCRIPT_VERIFY,
  SCRIPT_VERIFY_ALL,
  SCRIPT_VERIFY_NONE,
} from '../../../src/kernel/script/flags.ts';
import { ScriptCursor } from '../../../src/kernel/script/script.ts';
import { SCRIPT_ERRORS, type ScriptError } from '../../../src/kernel/script/script-error.ts';
import { TAPROOT_LEAF_TAPSCRIPT } from '../../../src/kernel/script/taproot.ts';
import { createTaprootOutput } from '../../../src/kernel/script/taproot-builder.ts';
import type { InputVerifier } from '../../../src/kernel/script/verify.ts';
import { fromHex } from '../../../src/kernel/util/bytes.ts';
import { assembleScript } from '../asm.ts';
import { getCurve } from '../curve.ts';
import { isInside, type Judge, type VectorFile, verdictOutcome } from '../judge.ts';
import {
  compareValidity,
  compareVerdict,
  createSpend,
  createVerifier,
  fillFlags,
  firstWrong,
  flagsOf,
  type ScriptPair,
  type Spend,
  sampleFlags,
  trimFlags,
  verifyAll,
} from '../script-case.ts';
import { hexAt, isHex, isObject, isText, type JsonObject } from '../shape.ts';
import { judges as spendJudges } from './script-spends.ts';

type Row = readonly unknown[];

/** Random sets of flags that each case is also judged under. */
const FLAG_SAMPLES = 24;

/** Rows of a JSON array of arrays, else none. */
export function rowsOf(file: VectorFile): readonly Row[] {
  if (!isInside(file, 'consensus')) return [];
  const json = file.tryJson();
  return Array.isArray(json) && json.every(Array.isArray) ? (json as Row[]) : [];
}

// script_tests: [[witness…, amount]?, scriptSig, scriptPubKey, flags, expected, comment…]

interface ScriptTest {
  readonly pair: ScriptPair;
  readonly flags: number;
  readonly expected: ScriptError | null;
  readonly comment: string;
}

/** Names that the vectors write otherwise than Core's SCRIPT_ERR_ constants. */
const EXPECTED_NAMES: Readonly<Record<string, ScriptError>> = { NULLFAIL: 'SIG_NULLFAIL' };

function parseExpected(name: string): ScriptError | null {
  if (name === 'OK') return null;
  const error = EXPECTED_NAMES[name] ?? SCRIPT_ERRORS.find((known) => known === name || known === `SIG_${name}`);
  if (error === undefined) throw new TypeError(`unknown script error ${name}`);
  return error;
}

function isScriptTestRow(row: Row): boolean {
  const texts = Array.isArray(row[0]) ? row.slice(1) : row;
  return texts.length >= 4 && texts.every(isText) && parseScriptFlags(texts[2] as string).ok;
}

/** Reads one case; the words of feature tests stand for a script, its control block, and the output that commits to it. */
function parseScriptTest(row: Row): ScriptTest {
  const hasWitness = Array.isArray(row[0]);
  const witnessRow = hasWitness ? (row[0] as Row) : [];
  const [scriptSig, scriptPubKey, flags, expected, ...comments] = (hasWitness ? row.slice(1) : row) as string[];
  const amount = witnessRow[witnessRow.length - 1] ?? 0;
  const witness: Uint8Array[] = [];
  let output: Uint8Array | null = null;
  for (const item of witnessRow.slice(0, -1) as string[]) {
    if (item.startsWith('#SCRIPT#')) {
      witness.push(assembleScript(item.slice('#SCRIPT#'.length)));
    } else if (item === '#CONTROLBLOCK#') {
      const built = createScriptOutput(witness[witness.length - 1]!);
      output = built.scriptPubKey;
      witness.push(built.controlBlock);
    } else {
      witness.push(fromHex(item));
    }
  }
  const isGenerated = scriptPubKey!.includes('#TAPROOTOUTPUT#') && output !== null;
  return {
    pair: {
      scriptSig: assembleScript(scriptSig!),
      scriptPubKey: isGenerated ? output! : assembleScript(scriptPubKey!),
      witness,
      valueSat: Math.round(Number(amount) * 1e8),
    },
    flags: fillFlags(flagsOf(flags!)),
    expected: parseExpected(expected!),
    comment: comments.join(' '),
  };
}

/** The output of a single tapscript under the key of secret 1, as Core's test makes it. */
function createScriptOutput(script: Uint8Array): { scriptPubKey: Uint8Array; controlBlock: Uint8Array } {
  const curve = getCurve();
  const secret = new Uint8Array(32);
  secret[31] = 1;
  const internalKey = curve.createPublicKey(secret, true)!.slice(1);
  const leaf = { depth: 0, script, leafVersion: TAPROOT_LEAF_TAPSCRIPT };
  const output = createTaprootOutput(curve, internalKey, [leaf])!;
  return {
    scriptPubKey: output.scriptPubKey,
    controlBlock: output.leaves[0]!.controlBlock,
  };
}

/** The cases of a file of this shape, with their row numbers. */
export function* readScriptTests(rows: readonly Row[]): Generator<{ index: number; test: ScriptTest }> {
  for (const [index, row] of rows.entries()) {
    if (isScriptTestRow(row)) yield { index, test: parseScriptTest(row) };
  }
}

function judgeScriptTest(verifier: InputVerifier, test: ScriptTest): string | null {
  const spend = createSpend(test.pair);
  const isValid = test.expected === null;
  return (
    compareVerdict(verifyAll(verifier, spend, test.flags), test.expected, test.flags) ??
    firstWrong(sampleFlags(FLAG_SAMPLES), (sample) => {
      const flags = isValid ? test.flags & ~sample : test.flags | sample;
      if (!isValidFlagCombination(flags)) return null;
      return compareValidity(verifyAll(verifier, spend, flags), isValid, flags);
    })
  );
}

const scriptTestsJudge: Judge = {
  name: 'scripts',
  matches: (file) => rowsOf(file).some(isScriptTestRow),
  *run(file) {
    const verifier = createVerifier();
    const rows = rowsOf(file);
    for (const { index, test } of readScriptTests(rows)) {
      yield verdictOutcome(`row ${index}`, judgeScriptTest(verifier, test), test.comment);
    }
    for (const [index, row] of rows.entries()) {
      if (row.length > 1 && !isScriptTestRow(row)) yield verdictOutcome(`row ${index}`, 'a row of another shape');
    }
  },
};

// tx_valid and tx_invalid: [[[txid, index, scriptPubKey, amount?]…], transaction, flags]; other rows are comments

function isTransactionRow(row: Row): boolean {
  return (
    row.length === 3 && Array.isArray(row[0]) && row[0].every(Array.isArray) && isHex(row[1], 20) && isText(row[2])
  );
}

/** The sentences at the top of the file; they say which of the two files it is, whose cases look alike. */
function headOf(rows: readonly Row[]): string {
  const first = rows.findIndex(isTransactionRow);
  return rows.slice(0, first).flat().join(' ');
}

function isFileOfValidTransactions(rows: readonly Row[]): boolean {
  return /\bvalid\b/.test(headOf(rows)) && !rows.some((row) => row[2] === 'BADTX');
}

function parseTransactionRow(row: Row): Spend {
  const decoded = decodeTransaction(fromHex(row[1] as string));
  if (!decoded.ok) throw decoded.error;
  const outputs = new Map<string, TransactionOutput>();
  for (const [txidHex, index, script, amount] of row[0] as Row[]) {
    const txid = parseTxid(txidHex as string);
    if (txid === null) throw new TypeError(`no txid: ${String(txidHex)}`);
    const name = formatOutpoint({ txid, index: (index as number) >>> 0 });
    outputs.set(name, {
      scriptPubKey: assembleScript(script as string),
      valueSat: (amount as number | undefined) ?? 0,
    });
  }
  return { transaction: decoded.value, spent: packSpent(decoded.value, outputs) };
}

function packSpent(transaction: Transaction, outputs: ReadonlyMap<string, TransactionOutput>): SpentOutputs {
  const spent: TransactionOutput[] = [];
  for (let i = 0; i < transaction.inputCount; i++) {
    const name = formatOutpoint(transaction.prevout(i));
    const output = outputs.get(name);
    if (output === undefined) throw new TypeError(`no prevout ${name}`);
    spent.push(output);
  }
  return SpentOutputs.pack(spent);
}

/** Sets with one flag less each, and what depends on it. */
function withoutEach(flags: number): number[] {
  const sets = Object.values(SCRIPT_VERIFY).map((bit) => trimFlags(flags & ~bit));
  return [...new Set(sets)].filter((set) => set !== flags);
}

/** Valid under all flags but the excluded ones and under fewer; excluding fewer makes it fail. */
function judgeValid(verifier: InputVerifier, spend: Spend, excluded: number): string | null {
  const reject = checkTransaction(spend.transaction);
  if (reject !== null) return `refused: ${reject.reason}`;
  const flags = SCRIPT_VERIFY_ALL & ~excluded;
  const asks = (set: number, isValid: boolean) => compareValidity(verifyAll(verifier, spend, set), isValid, set);
  return (
    asks(flags, true) ??
    firstWrong(sampleFlags(FLAG_SAMPLES), (sample) => asks(trimFlags(flags & ~sample), true)) ??
    firstWrong(withoutEach(excluded), (fewer) => asks(fillFlags(SCRIPT_VERIFY_ALL & ~fewer), false))
  );
}

/** Invalid under the flags and under more; valid under one less. Or no transaction at all. */
function judgeInvalid(verifier: InputVerifier, spend: Spend, flagsText: string): string | null {
  const reject = checkTransaction(spend.transaction);
  if (flagsText === 'BADTX') return reject === null ? 'checkTransaction passes it' : null;
  if (reject !== null) return `refused before its scripts: ${reject.reason}`;
  const flags = flagsOf(flagsText);
  const asks = (set: number, isValid: boolean) => compareValidity(verifyAll(verifier, spend, set), isValid, set);
  return (
    asks(flags, false) ??
    firstWrong(sampleFlags(FLAG_SAMPLES), (sample) => asks(fillFlags(flags | sample), false)) ??
    firstWrong(withoutEach(flags), (fewer) => asks(fewer, true))
  );
}

const transactionsJudge: Judge = {
  name: 'transactions with scripts',
  matches: (file) => rowsOf(file).some(isTransactionRow),
  *run(file) {
    const verifier = createVerifier();
    const rows = rowsOf(file);
    const isValidFile = isFileOfValidTransactions(rows);
    let comment = '';
    for (const [index, row] of rows.entries()) {
      if (!isTransactionRow(row)) {
        comment = String(row[0]);
        continue;
      }
      const spend = parseTransactionRow(row);
      const flagsText = row[2] as string;
      const wrong = isValidFile
        ? judgeValid(verifier, spend, flagsOf(flagsText))
        : judgeInvalid(verifier, spend, flagsText);
      yield verdictOutcome(`row ${index}`, wrong, comment);
    }
  },
};

// Scripts that no input can satisfy: [{script, commands, truncated, comment}]

function isUnspendableCase(value: unknown): value is JsonObject {
  return isObject(value, 'script', 'commands', 'truncated');
}

function judgeUnspendable(verifier: InputVerifier, test: JsonObject): string | null {
  const scriptPubKey = hexAt(test, 'script');
  const cursor = new ScriptCursor(scriptPubKey);
  let commands = 0;
  while (cursor.next()) commands++;
  if (cursor.bad) commands++;
  if (cursor.bad !== test['truncated']) return `expected truncated ${String(test['truncated'])}, got ${cursor.bad}`;
  if (commands !== test['commands']) return `expected ${String(test['commands'])} operations, got ${commands}`;
  const scriptSig = assembleScript('1 1 1');
  return firstWrong([SCRIPT_VERIFY_NONE, MANDATORY_SCRIPT_VERIFY_FLAGS], (flags) =>
    compareValidity(verifyAll(verifier, createSpend({ scriptSig, scriptPubKey }), flags), false, flags),
  );
}

const unspendableJudge: Judge = {
  name: 'unspendable scripts',
  matches: (file) => {
    const json = isInside(file, 'consensus') ? file.tryJson() : null;
    return Array.isArray(json) && json.length > 0 && json.every(isUnspendableCase);
  },
  *run(file) {
    const verifier = createVerifier();
    for (const test of file.json() as JsonObject[]) {
      const name = `${String(test['txid'])}:${String(test['vout'])}`;
      yield verdictOutcome(name, judgeUnspendable(verifier, test), String(test['comment'] ?? ''));
    }
  },
};

export const judges: readonly Judge[] = [scriptTestsJudge, transactionsJudge, ...spendJudges, unspendableJudge];
