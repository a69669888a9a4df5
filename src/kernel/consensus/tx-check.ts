// The rules that a transaction obeys or breaks all by itself (Core consensus/tx_check.cpp): no coins, no heights, no clock, no
// flags. The witness is not looked at, because whoever relays a transaction can change it without changing the txid.

import { isMoneyRange, MAX_MONEY } from '../primitives/amount.ts';
import { isNullOutpoint } from '../primitives/outpoint.ts';
import { type Transaction, WITNESS_SCALE_FACTOR } from '../primitives/transaction.ts';
import { findDuplicateInput } from './duplicate-inputs.ts';
import { MAX_BLOCK_WEIGHT, MAX_COINBASE_SCRIPT_SIZE, MIN_COINBASE_SCRIPT_SIZE } from './limits.ts';
import { rejectTx, type TxReject } from './reject.ts';

/**
 * Checks the rules that need nothing but the transaction; null when it obeys them all.
 *
 * @example
 * const reject = checkTransaction(transaction);
 * if (reject !== null) return reject;
 */
export function checkTransaction(tx: Transaction): TxReject | null {
  if (tx.inputCount === 0) {
    return rejectTx('consensus', 'bad-txns-vin-empty', 'tx-inputs', { actual: 0, expected: 1 });
  }
  if (tx.outputCount === 0) {
    return rejectTx('consensus', 'bad-txns-vout-empty', 'tx-outputs', { actual: 0, expected: 1 });
  }
  if (tx.strippedSize * WITNESS_SCALE_FACTOR > MAX_BLOCK_WEIGHT) {
    return rejectTx('consensus', 'bad-txns-oversize', 'tx-size', {
      actual: tx.strippedSize,
      expected: MAX_BLOCK_WEIGHT / WITNESS_SCALE_FACTOR,
    });
  }
  return (
    checkOutputValues(tx) ?? checkDistinctInputs(tx) ?? (tx.isCoinbase ? checkCoinbaseScript(tx) : checkPrevouts(tx))
  );
}

/** Values are checked one by one and after every addition: 184 billion coins were once made by an overflow (CVE-2010-5139). */
function checkOutputValues(tx: Transaction): TxReject | null {
  let totalSat = 0;
  for (let j = 0; j < tx.outputCount; j++) {
    const valueSat = tx.valueSat(j);
    if (valueSat < 0) {
      return rejectTx('consensus', 'bad-txns-vout-negative', 'output-not-negative', {
        actual: valueSat,
        expected: 0,
        outputIndex: j,
      });
    }
    if (valueSat > MAX_MONEY) {
      return rejectTx('consensus', 'bad-txns-vout-toolarge', 'output-max-money', {
        actual: valueSat,
        expected: MAX_MONEY,
        outputIndex: j,
      });
    }
    totalSat += valueSat;
    if (!isMoneyRange(totalSat)) {
      return rejectTx('consensus', 'bad-txns-txouttotal-toolarge', 'outputs-max-money', {
        actual: totalSat,
        expected: MAX_MONEY,
        outputIndex: j,
      });
    }
  }
  return null;
}

/** A coin spent twice by one transaction would be counted twice: money out of nothing, or a crash (CVE-2018-17144). */
function checkDistinctInputs(tx: Transaction): TxReject | null {
  const duplicate = findDuplicateInput(tx);
  if (duplicate < 0) return null;
  return rejectTx('consensus', 'bad-txns-inputs-duplicate', 'inputs-distinct', {
    actual: tx.bytes.slice(tx.prevoutStart(duplicate), tx.prevoutStart(duplicate) + 36),
    inputIndex: duplicate,
  });
}

function checkCoinbaseScript(tx: Transaction): TxReject | null {
  const size = tx.scriptSigEnd(0) - tx.scriptSigStart(0);
  if (size >= MIN_COINBASE_SCRIPT_SIZE && size <= MAX_COINBASE_SCRIPT_SIZE) return null;
  return rejectTx('consensus', 'bad-cb-length', 'coinbase-script-length', {
    actual: size,
    expected: `${MIN_COINBASE_SCRIPT_SIZE} to ${MAX_COINBASE_SCRIPT_SIZE}`,
    inputIndex: 0,
  });
}

function checkPrevouts(tx: Transaction): TxReject | null {
  for (let i = 0; i < tx.inputCount; i++) {
    if (isNullOutpoint(tx.bytes, tx.prevoutStart(i))) {
      return rejectTx('consensus', 'bad-txns-prevout-null', 'input-names-coin', { inputIndex: i });
    }
  }
  return null;
}
