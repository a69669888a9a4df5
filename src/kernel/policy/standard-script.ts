// The refusal of a loose transaction for a script that fails under the rules of relay (Core validation.cpp CheckInputScripts
// with STANDARD_SCRIPT_VERIFY_FLAGS, PolicyScriptChecks). When a witness seems to have been taken away, the refusal says so:
// then the transaction itself may be good, and must be asked for again with its witness.

import { rejectTxForScript, type ScriptFailure } from '../consensus/script-job.ts';
import type { SpentCoins } from '../consensus/spent-coins.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { isP2a, isP2sh, witnessProgramVersion } from '../script/script.ts';
import { scriptErrorMessage } from '../script/script-error.ts';
import type { PolicyReject } from './policy-reject.ts';
import { checkPushes, findRedeemScript } from './redeem-script.ts';

/**
 * True when a transaction spends a witness program other than an anchor, of whatever version, natively or inside P2SH (Core
 * SpendsNonAnchorWitnessProg).
 */
export function spendsNonAnchorWitnessProgram(tx: Transaction, coins: SpentCoins, firstCoin: number): boolean {
  for (let i = 0; i < tx.inputCount; i++) {
    const start = coins.scriptStart(firstCoin + i);
    const end = coins.scriptEnd(firstCoin + i);
    if (isP2sh(coins.bytes, start, end)) {
      if (showsNestedProgram(tx, i)) return true;
    } else if (witnessProgramVersion(coins.bytes, start, end) >= 0 && !isP2a(coins.bytes, start, end)) return true;
  }
  return false;
}

function showsNestedProgram(tx: Transaction, i: number): boolean {
  const { bytes } = tx;
  const sigStart = tx.scriptSigStart(i);
  const end = tx.scriptSigEnd(i);
  if (checkPushes(bytes, sigStart, end) !== null) return false;
  const start = findRedeemScript(bytes, sigStart, end);
  return start >= 0 && witnessProgramVersion(bytes, start, end) >= 0;
}

/** True when a transaction whose scripts failed looks as if somebody had taken its witness away. */
export function isWitnessStripped(tx: Transaction, coins: SpentCoins, firstCoin: number): boolean {
  return !tx.hasWitness && spendsNonAnchorWitnessProgram(tx, coins, firstCoin);
}

/** The refusal for a script that failed under the flags of relay; never a reason to blame the peer. */
export function rejectPolicyForScript(
  tx: Transaction,
  coins: SpentCoins,
  firstCoin: number,
  failure: ScriptFailure,
): PolicyReject {
  return {
    ...rejectTxForScript(tx, failure),
    kind: isWitnessStripped(tx, coins, firstCoin) ? 'witness-stripped' : 'not-standard',
    reason: `mempool-script-verify-flag-failed (${scriptErrorMessage[failure.error]})`,
    rule: 'standard-script',
  };
}
