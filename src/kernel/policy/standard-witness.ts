// Standardness of witnesses (Core policy/policy.cpp IsWitnessStandard): no witness where none is asked for, and small items,
// few of them, where one is. Whoever relays a transaction can change its witness, so a refusal here says nothing about the
// txid.

import type { RejectDetail } from '../consensus/reject.ts';
import type { SpentCoins } from '../consensus/spent-coins.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { isP2a, isP2sh, isP2tr, isP2wsh, witnessProgramVersion } from '../script/script.ts';
import { ANNEX_TAG, TAPROOT_LEAF_MASK, TAPROOT_LEAF_TAPSCRIPT } from '../script/taproot.ts';
import { WitnessItems } from '../script/witness-items.ts';
import { P2WSH_ITEM_COUNT_MAX, P2WSH_ITEM_SIZE_MAX, P2WSH_SCRIPT_SIZE_MAX, TAPSCRIPT_ITEM_SIZE_MAX } from './limits.ts';
import { type PolicyReject, rejectPolicy } from './policy-reject.ts';
import type { PolicyRuleId } from './policy-rules.ts';
import { checkPushes, findRedeemScript } from './redeem-script.ts';

/**
 * Checks that the witness of every input is standard; null when all are. `coins` holds what the transaction spends in input
 * order from entry `firstCoin` on.
 */
export function checkStandardWitness(tx: Transaction, coins: SpentCoins, firstCoin: number): PolicyReject | null {
  if (!tx.hasWitness) return null;
  const witness = new WitnessItems();
  for (let i = 0; i < tx.inputCount; i++) {
    witness.read(tx, i);
    if (witness.count === 0) continue;
    const start = coins.scriptStart(firstCoin + i);
    const end = coins.scriptEnd(firstCoin + i);
    const reject = isP2sh(coins.bytes, start, end)
      ? checkNestedWitness(tx, i, witness)
      : checkWitness(coins.bytes, start, end, i, witness);
    if (reject !== null) return reject;
  }
  return null;
}

function rejectWitness(rule: PolicyRuleId, inputIndex: number, detail?: RejectDetail): PolicyReject {
  return rejectPolicy('witness-mutated', 'bad-witness-nonstandard', rule, { ...detail, inputIndex });
}

/** A witness inside P2SH: the redeemScript is the witness program. Nested taproot has no meaning, so no rule of it applies. */
function checkNestedWitness(tx: Transaction, i: number, witness: WitnessItems): PolicyReject | null {
  const { bytes } = tx;
  const sigStart = tx.scriptSigStart(i);
  const end = tx.scriptSigEnd(i);
  if (checkPushes(bytes, sigStart, end) !== null) return rejectWitness('p2sh-pushes', i);
  const start = findRedeemScript(bytes, sigStart, end);
  if (start < 0) return rejectWitness('p2sh-redeem-script', i);
  if (witnessProgramVersion(bytes, start, end) < 0) return rejectWitness('witness-program', i);
  return isP2wsh(bytes, start, end) ? checkScriptWitness(i, witness) : null;
}

function checkWitness(
  bytes: Uint8Array,
  start: number,
  end: number,
  i: number,
  witness: WitnessItems,
): PolicyReject | null {
  if (isP2a(bytes, start, end)) return rejectWitness('witness-anchor', i);
  if (witnessProgramVersion(bytes, start, end) < 0) return rejectWitness('witness-program', i);
  if (isP2wsh(bytes, start, end)) return checkScriptWitness(i, witness);
  return isP2tr(bytes, start, end) ? checkTaprootWitness(i, witness) : null;
}

/** P2WSH: the script on top, and what it is given below. */
function checkScriptWitness(i: number, witness: WitnessItems): PolicyReject | null {
  const script = witness.itemFromTop(0);
  const scriptSize = witness.itemEnd(script) - witness.itemStart(script);
  if (scriptSize > P2WSH_SCRIPT_SIZE_MAX) {
    return rejectWitness('witness-script-size', i, { actual: scriptSize, expected: P2WSH_SCRIPT_SIZE_MAX });
  }
  const itemCount = witness.count - 1;
  if (itemCount > P2WSH_ITEM_COUNT_MAX) {
    return rejectWitness('witness-item-count', i, { actual: itemCount, expected: P2WSH_ITEM_COUNT_MAX });
  }
  return checkItemSizes(i, witness, itemCount, P2WSH_ITEM_SIZE_MAX, 'witness-item-size');
}

/** Taproot: a lone item is a signature, to which no rule applies; else the control block is on top and the script below it. */
function checkTaprootWitness(i: number, witness: WitnessItems): PolicyReject | null {
  if (witness.count < 2) return null;
  const { bytes } = witness;
  const controlBlock = witness.itemFromTop(0);
  const start = witness.itemStart(controlBlock);
  const isEmpty = witness.itemEnd(controlBlock) === start;
  if (!isEmpty && bytes[start] === ANNEX_TAG) return rejectWitness('witness-annex', i);
  if (isEmpty) return rejectWitness('witness-control-block', i);
  if ((bytes[start]! & TAPROOT_LEAF_MASK) !== TAPROOT_LEAF_TAPSCRIPT) return null;
  return checkItemSizes(i, witness, witness.count - 2, TAPSCRIPT_ITEM_SIZE_MAX, 'tapscript-item-size');
}

/** Checks the sizes of the lowest `count` items. */
function checkItemSizes(
  i: number,
  witness: WitnessItems,
  count: number,
  sizeMax: number,
  rule: 'witness-item-size' | 'tapscript-item-size',
): PolicyReject | null {
  let item = witness.firstItem;
  for (let k = 0; k < count; k++) {
    const end = witness.itemEnd(item);
    const size = end - witness.itemStart(item);
    if (size > sizeMax) return rejectWitness(rule, i, { actual: size, expected: sizeMax });
    item = end;
  }
  return null;
}
