// Transactions as they stand in requests (Core DecodeHexTx). One without inputs cannot be told from one with witnesses: both readings
// are tried, and the one whose scripts make sense wins. Reading is cut into steps, since a text may be of some megabytes.

import { MAX_BLOCK_WEIGHT } from '../../kernel/consensus/limits.ts';
import { decodeTransaction, type Transaction } from '../../kernel/primitives/transaction.ts';
import { hasValidOps, MAX_SCRIPT_SIZE } from '../../kernel/script/script.ts';
import { runAllSteps, type Steps } from '../../kernel/util/steps.ts';
import type { RpcContext } from '../context.ts';
import { parseSerialized } from '../format/serialized-hex.ts';
import { runSteps } from '../turns.ts';

/** Which readings are tried. */
export interface TransactionReadings {
  readonly withWitness: boolean;
  readonly withoutWitness: boolean;
}

const BOTH: TransactionReadings = Object.freeze({ withWitness: true, withoutWitness: true });

/**
 * Greatest weight of a transaction that is read: twice that of a block, so that one that is too large can be told so (Core's limit is
 * the 32 MiB of a message). Whatever is beyond can be in no ledger.
 */
const TRANSACTION_WEIGHT_MAX: number = 2 * MAX_BLOCK_WEIGHT;

/** Scripts that are looked at in one step, about a millisecond. */
const SCRIPTS_PER_STEP = 4096;

function isScriptSane(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start <= MAX_SCRIPT_SIZE && hasValidOps(bytes, start, end);
}

/** Scripts that break off in the middle of a push are the sign of a wrong reading. */
function* isSane(tx: Transaction): Steps<boolean> {
  for (let i = 0; i < tx.inputCount && !tx.isCoinbase; i++) {
    if (!isScriptSane(tx.bytes, tx.scriptSigStart(i), tx.scriptSigEnd(i))) return false;
    if (i % SCRIPTS_PER_STEP === 0) yield;
  }
  for (let j = 0; j < tx.outputCount; j++) {
    if (!isScriptSane(tx.bytes, tx.scriptPubKeyStart(j), tx.scriptPubKeyEnd(j))) return false;
    if (j % SCRIPTS_PER_STEP === 0) yield;
  }
  return true;
}

/** The transaction of a hexadecimal text, or null, in steps. */
export function* parseTransactionInSteps(
  text: string,
  readings: TransactionReadings = BOTH,
): Steps<Transaction | null> {
  const bytes = parseSerialized(text);
  if (bytes === null) return null;
  yield;
  const read = (allowWitness: boolean): Transaction | null => {
    const decoded = decodeTransaction(bytes, { allowWitness });
    return decoded.ok && decoded.value.weightWu <= TRANSACTION_WEIGHT_MAX ? decoded.value : null;
  };
  const extended = readings.withWitness ? read(true) : null;
  if (extended !== null && (yield* isSane(extended))) return extended;
  const legacy = readings.withoutWitness ? read(false) : null;
  if (legacy !== null && (yield* isSane(legacy))) return legacy;
  return extended ?? legacy;
}

/** The transaction of a hexadecimal text, or null. */
export function parseTransaction(text: string, readings: TransactionReadings = BOTH): Transaction | null {
  return runAllSteps(parseTransactionInSteps(text, readings));
}

/** The same for the methods of a host that others use, too: in turns. */
export function parseTransactionInTurns(
  context: Pick<RpcContext, 'host' | 'timers'>,
  text: string,
  readings: TransactionReadings = BOTH,
): Promise<Transaction | null> {
  return runSteps(context, parseTransactionInSteps(text, readings));
}
