// Standardness of what a transaction spends (Core policy/policy.cpp ValidateInputsStandardness): coins of known templates only,
// and few signature operations outside the witness, in every script hash and over the whole transaction (BIP54). Witnesses are
// not looked at, so that the verdict holds for the txid.

import type { RejectDetail } from '../consensus/reject.ts';
import type { SpentCoins } from '../consensus/spent-coins.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { isP2sh } from '../script/script.ts';
import { scriptErrorMessage } from '../script/script-error.ts';
import { countP2shSigops, countSigops } from '../script/sigops.ts';
import { classifyOutput } from '../script/solver.ts';
import { P2SH_SIGOPS_MAX, TX_LEGACY_SIGOPS_MAX } from './limits.ts';
import { type PolicyReject, rejectPolicy } from './policy-reject.ts';
import type { PolicyRuleId } from './policy-rules.ts';
import { checkPushes, findRedeemScript } from './redeem-script.ts';

/**
 * Checks that the coins a transaction spends are standard; null when they are. `coins` holds them in input order from entry
 * `firstCoin` on; the transaction is no coinbase, and its scriptSigs only push (checkStandardTx).
 */
export function checkStandardInputs(tx: Transaction, coins: SpentCoins, firstCoin: number): PolicyReject | null {
  const overLimit = checkLegacySigops(tx, coins, firstCoin);
  if (overLimit !== null) return overLimit;
  for (let i = 0; i < tx.inputCount; i++) {
    const type = classifyOutput(coins.bytes, coins.scriptStart(firstCoin + i), coins.scriptEnd(firstCoin + i));
    if (type === 'nonstandard') {
      return rejectInput('standard-spent-script', i, { debug: `input ${i} script unknown` });
    }
    if (type === 'witness_unknown') {
      return rejectInput('standard-spent-program', i, { debug: `input ${i} witness program is undefined` });
    }
    if (type === 'scripthash') {
      const reject = checkRedeemScript(tx, i);
      if (reject !== null) return reject;
    }
  }
  return null;
}

function rejectInput(rule: PolicyRuleId, inputIndex: number, detail: RejectDetail): PolicyReject {
  return rejectPolicy('inputs-not-standard', 'bad-txns-nonstandard-inputs', rule, { ...detail, inputIndex });
}

/** Counts where operations may run, not where they stand: in the scriptSigs and in the scripts that they spend (BIP54). */
function checkLegacySigops(tx: Transaction, coins: SpentCoins, firstCoin: number): PolicyReject | null {
  const spent = coins.bytes;
  let count = 0;
  for (let i = 0; i < tx.inputCount; i++) {
    const start = coins.scriptStart(firstCoin + i);
    const end = coins.scriptEnd(firstCoin + i);
    count += countSigops(tx.bytes, tx.scriptSigStart(i), tx.scriptSigEnd(i), true);
    count += isP2sh(spent, start, end)
      ? countP2shSigops(tx, i, spent, start, end)
      : countSigops(spent, start, end, true);
    if (count > TX_LEGACY_SIGOPS_MAX) {
      return rejectInput('standard-legacy-sigops', i, {
        debug: 'non-witness sigops exceed bip54 limit',
        actual: count,
        expected: TX_LEGACY_SIGOPS_MAX,
      });
    }
  }
  return null;
}

function checkRedeemScript(tx: Transaction, i: number): PolicyReject | null {
  const { bytes } = tx;
  const start = tx.scriptSigStart(i);
  const end = tx.scriptSigEnd(i);
  const error = checkPushes(bytes, start, end);
  if (error !== null) {
    return rejectInput('p2sh-pushes', i, {
      debug: `p2sh scriptsig malformed (input ${i}: ${scriptErrorMessage[error]})`,
    });
  }
  const redeemScriptStart = findRedeemScript(bytes, start, end);
  if (redeemScriptStart < 0) {
    return rejectInput('p2sh-redeem-script', i, { debug: `input ${i} P2SH redeemscript missing` });
  }
  const sigops = countSigops(bytes, redeemScriptStart, end, true);
  if (sigops <= P2SH_SIGOPS_MAX) return null;
  return rejectInput('p2sh-sigops', i, {
    debug: `p2sh redeemscript sigops exceed limit (input ${i}: ${sigops} > ${P2SH_SIGOPS_MAX})`,
    actual: sigops,
    expected: P2SH_SIGOPS_MAX,
  });
}
