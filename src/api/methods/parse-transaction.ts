// Transactions as they stand in requests (Core DecodeHexTx). One without inputs cannot be told from one with witnesses: both readings
// are tried, and the one whose scripts make sense wins.

import { decodeTransaction, type Transaction } from '../../kernel/primitives/transaction.ts';
import { hasValidOps, MAX_SCRIPT_SIZE } from '../../kernel/script/script.ts';
import { parseSerialized } from '../format/serialized-hex.ts';

/** Which readings are tried. */
export interface TransactionReadings {
  readonly withWitness: boolean;
  readonly withoutWitness: boolean;
}

const BOTH: TransactionReadings = Object.freeze({ withWitness: true, withoutWitness: true });

function isScriptSane(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start <= MAX_SCRIPT_SIZE && hasValidOps(bytes, start, end);
}

/** Scripts that break off in the middle of a push are the sign of a wrong reading. */
function isSane(tx: Transaction): boolean {
  for (let i = 0; i < tx.inputCount && !tx.isCoinbase; i++) {
    if (!isScriptSane(tx.bytes, tx.scriptSigStart(i), tx.scriptSigEnd(i))) return false;
  }
  for (let j = 0; j < tx.outputCount; j++) {
    if (!isScriptSane(tx.bytes, tx.scriptPubKeyStart(j), tx.scriptPubKeyEnd(j))) return false;
  }
  return true;
}

/** The transaction of a hexadecimal text, or null. */
export function parseTransaction(text: string, readings: TransactionReadings = BOTH): Transaction | null {
  const bytes = parseSerialized(text);
  if (bytes === null) return null;
  const read = (allowWitness: boolean): Transaction | null => {
    const decoded = decodeTransaction(bytes, { allowWitness });
    return decoded.ok ? decoded.value : null;
  };
  const extended = readings.withWitness ? read(true) : null;
  if (extended !== null && isSane(extended)) return extended;
  const legacy = readings.withoutWitness ? read(false) : null;
  if (legacy !== null && isSane(legacy)) return legacy;
  return extended ?? legacy;
}
