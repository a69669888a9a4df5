// Judges of scripts as forms: what can be read of them, their template and their words. Running scripts is judged elsewhere.

import { ScriptCursor } from '../../../src/kernel/script/script.ts';
import { formatScript } from '../../../src/kernel/script/script-format.ts';
import { classifyOutput } from '../../../src/kernel/script/solver.ts';
import { fromHex } from '../../../src/kernel/util/bytes.ts';
import { type CaseOutcome, compareOutcome, isInside, type Judge } from '../judge.ts';
import { hexAt, isArrayOf, isHex, isObject, type JsonObject, listAt, numberAt, textAt } from '../shape.ts';

// --- odd scriptPubKeys of the main chain: how many operations, and whether the last one is cut short

function isOddScriptRow(row: unknown): row is JsonObject {
  return isObject(row, 'script', 'commands', 'truncated');
}

const oddScriptJudge: Judge = {
  name: 'odd scriptPubKeys: operations',
  isCompanion: true,
  matches: (file) => {
    const rows = isInside(file, 'consensus') ? file.tryJson() : undefined;
    return isArrayOf(rows, isOddScriptRow) && rows.length > 0;
  },
  *run(file) {
    for (const row of file.json() as readonly JsonObject[]) {
      const name = `${textAt(row, 'txid').slice(0, 16)}:${numberAt(row, 'vout')}`;
      const script = hexAt(row, 'script');
      const cursor = new ScriptCursor(script, 0, script.length);
      let count = 0;
      while (cursor.next()) count++;
      if (cursor.bad) count++;
      yield compareOutcome(`${name} cut short`, cursor.bad, row['truncated'], textAt(row, 'comment'));
      yield compareOutcome(`${name} operations`, count, numberAt(row, 'commands'), textAt(row, 'comment'));
    }
  },
};

// --- decodescript: [script, { asm, type, … }]; addresses and descriptors are the wallet's

type DecodedRow = readonly [string, JsonObject];

function isDecodedRow(row: unknown): row is DecodedRow {
  return Array.isArray(row) && row.length === 2 && isHex(row[0], 0) && isObject(row[1], 'asm', 'type');
}

const decodeScriptJudge: Judge = {
  name: 'decodescript: words and type',
  matches: (file) => {
    const rows = isInside(file, 'rpc') ? file.tryJson() : undefined;
    return isArrayOf(rows, isDecodedRow) && rows.length > 0;
  },
  *run(file) {
    for (const [hex, expected] of file.json() as readonly DecodedRow[]) {
      const script = fromHex(hex);
      yield compareOutcome(`${hex} asm`, formatScript(script, 0, script.length), textAt(expected, 'asm'));
      yield compareOutcome(`${hex} type`, classifyOutput(script, 0, script.length), textAt(expected, 'type'));
    }
  },
};

// --- bitcoinjs-lib's scripts: types of outputs, and words where Core would write them as well

const CORE_TYPES: Readonly<Record<string, string>> = {
  witnesspubkeyhash: 'witness_v0_keyhash',
  witnessscripthash: 'witness_v0_scripthash',
};

const bitcoinjsFormsJudge: Judge = {
  name: 'bitcoinjs scripts: words and type',
  isCompanion: true,
  matches: (file) => {
    const json = isInside(file, 'formats') ? file.tryJson() : undefined;
    return isObject(json) && listAt(json, 'valid2').some((row) => isObject(row, 'type', 'outputHex', 'output'));
  },
  *run(file) {
    const json = file.json() as JsonObject;
    for (const row of listAt(json, 'valid') as readonly JsonObject[]) {
      yield* compareWords(textAt(row, 'script'), textAt(row, 'asm'));
    }
    for (const row of listAt(json, 'valid2') as readonly JsonObject[]) {
      if ('inputHex' in row) yield* compareWords(textAt(row, 'inputHex'), textAt(row, 'input'));
      if (!('outputHex' in row)) continue;
      const hex = textAt(row, 'outputHex');
      yield* compareWords(hex, textAt(row, 'output'));
      const type = textAt(row, 'type');
      const script = fromHex(hex);
      yield compareOutcome(`${hex} type`, classifyOutput(script, 0, script.length), CORE_TYPES[type] ?? type);
    }
  },
};

/** bitcoinjs writes OP_2 for 2, and short pushes as bytes, where Core writes numbers: such scripts are left out. */
function* compareWords(hex: string, words: string): Generator<CaseOutcome> {
  if (words.split(' ').some((word) => /^[\da-f]{2,8}$/.test(word))) return;
  const expected = words.replace(/\bOP_1NEGATE\b/g, '-1').replace(/\bOP_(\d+)\b/g, '$1');
  const script = fromHex(hex);
  yield compareOutcome(`${hex.slice(0, 40)} words`, formatScript(script, 0, script.length), expected);
}

export const judges: readonly Judge[] = [oddScriptJudge, decodeScriptJudge, bitcoinjsFormsJudge];
