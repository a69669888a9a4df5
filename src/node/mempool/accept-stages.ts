// The first stage of acceptance: everything but replacement and scripts (Core MemPoolAccept::PreChecks). Whoever sends a transaction
// pays nothing for these checks, so the cheap ones come first and the first failure ends them (D09, M10): what the transaction says
// of itself, then what the mempool knows, then the coins, then sizes, fees and family. The order decides which reason is told, and is
// Core's.

import { rejectTx } from '../../kernel/consensus/reject.ts';
import { computeSigopCost } from '../../kernel/consensus/sigop-cost.ts';
import { checkTransaction } from '../../kernel/consensus/tx-check.ts';
import { checkTxInputs } from '../../kernel/consensus/tx-verify.ts';
import { preCheckEphemeral } from '../../kernel/policy/ephemeral.ts';
import type { FeeFrac } from '../../kernel/policy/fee-frac.ts';
import { checkMinimumFee } from '../../kernel/policy/minimum-fee.ts';
import { computeVsize } from '../../kernel/policy/options.ts';
import { type MempoolReject, type PolicyReject, rejectPolicy } from '../../kernel/policy/policy-reject.ts';
import { checkSigopsCost, checkStandardTx, checkStrippedSize } from '../../kernel/policy/standard.ts';
import { checkStandardInputs } from '../../kernel/policy/standard-inputs.ts';
import { checkStandardWitness } from '../../kernel/policy/standard-witness.ts';
import { checkTruc, type TrucFamily } from '../../kernel/policy/truc.ts';
import { OUTPOINT_BYTES } from '../../kernel/primitives/outpoint.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { STANDARD_SCRIPT_VERIFY_FLAGS } from '../../kernel/script/flags.ts';
import { areLockPointsOver, computeLockPoints, isFinalAtTip } from './accept-locks.ts';
import type { AcceptArgs, AcceptContext, Subpackage, Workspace } from './accept-workspace.ts';
import type { MempoolEntry } from './entry.ts';
import type { Mempool } from './mempool.ts';

/** Judges everything but replacement and scripts, and stages the transaction; null: it may go on. */
export function preCheck(
  context: AcceptContext,
  args: AcceptArgs,
  ws: Workspace,
  group: Subpackage,
): MempoolReject | null {
  return (
    checkWithoutCoins(context, ws.transaction) ??
    findConflicts(context, args, ws) ??
    gatherCoins(context, ws) ??
    checkCoins(context, ws) ??
    checkSizeAndFee(context, args, ws) ??
    checkFamily(context, args, ws) ??
    stage(context, args, ws, group)
  );
}

/** What needs no coin: the transaction by itself, its locktime, and whether the mempool has it. */
export function checkWithoutCoins(context: AcceptContext, tx: Transaction): MempoolReject | null {
  const { policy, chain } = context;
  const broken = checkTransaction(tx);
  if (broken !== null) return broken;
  if (tx.isCoinbase) return rejectTx('consensus', 'coinbase', 'coinbase-only-in-block');
  const nonstandard = policy.requiresStandard ? checkStandardTx(tx, policy) : null;
  if (nonstandard !== null) return nonstandard;
  const tooSmall = checkStrippedSize(tx);
  if (tooSmall !== null) return tooSmall;
  if (!isFinalAtTip(tx, chain)) return rejectTx('premature-spend', 'non-final', 'locktime', { actual: tx.locktime });
  return checkNew(context, tx);
}

function checkNew({ mempool }: AcceptContext, tx: Transaction): PolicyReject | null {
  const same = mempool.get(tx.txid);
  if (same === null) return null;
  return mempool.getByWtxid(tx.wtxid) !== null
    ? rejectPolicy('conflict', 'txn-already-in-mempool', 'mempool-new', { actual: tx.wtxid })
    : rejectPolicy('conflict', 'txn-same-nonwitness-data-in-mempool', 'mempool-new-witness', { actual: tx.txid });
}

/** Notes which entries spend the same coins. */
function findConflicts({ mempool }: AcceptContext, args: AcceptArgs, ws: Workspace): PolicyReject | null {
  const { transaction: tx, conflicts } = ws;
  for (let i = 0; i < tx.inputCount; i++) {
    const at = tx.prevoutStart(i);
    const spender = mempool.spender(tx.bytes, at);
    if (spender === null) continue;
    if (!args.allowsReplacement) {
      return rejectPolicy('mempool-policy', 'bip125-replacement-disallowed', 'replacement-allowed', {
        actual: tx.bytes.slice(at, at + OUTPOINT_BYTES),
        inputIndex: i,
      });
    }
    conflicts.add(spender);
  }
  return null;
}

/** Copies the coins that are spent. When one is missing, perhaps because the transaction is in the chain already. */
function gatherCoins({ coins }: AcceptContext, ws: Workspace): MempoolReject | null {
  const { transaction: tx } = ws;
  const missing = coins.gather(tx, ws.coins);
  if (missing < 0) return null;
  if (coins.isInChain(tx)) {
    return rejectPolicy('conflict', 'txn-already-known', 'mempool-unconfirmed', { actual: tx.txid });
  }
  const at = tx.prevoutStart(missing);
  return rejectTx('missing-inputs', 'bad-txns-inputs-missingorspent', 'input-unspent', {
    actual: tx.bytes.slice(at, at + OUTPOINT_BYTES),
    inputIndex: missing,
  });
}

/** Ages and sums of the coins, and whether they and the witnesses for them have a usual form. */
function checkCoins({ chain, policy }: AcceptContext, ws: Workspace): MempoolReject | null {
  const { transaction: tx, coins } = ws;
  const lockPoints = computeLockPoints(tx, coins, chain);
  if (!areLockPointsOver(lockPoints, chain)) {
    return rejectTx('premature-spend', 'non-BIP68-final', 'sequence-lock');
  }
  ws.lockPoints = lockPoints;
  const fee = checkTxInputs(tx, coins, 0, chain.height + 1);
  if (!fee.ok) return fee.error;
  ws.feeSat = fee.value;
  if (!policy.requiresStandard) return null;
  return checkStandardInputs(tx, coins, 0) ?? checkStandardWitness(tx, coins, 0);
}

function checkSizeAndFee(context: AcceptContext, args: AcceptArgs, ws: Workspace): PolicyReject | null {
  const { policy, mempool } = context;
  const { transaction: tx } = ws;
  ws.sigopsCost = computeSigopCost(tx, ws.coins, 0, STANDARD_SCRIPT_VERIFY_FLAGS);
  ws.vsize = computeVsize(tx.weightWu, ws.sigopsCost, policy.bytesPerSigop);
  ws.modifiedFeeSat = ws.feeSat + mempool.feeDelta(tx.txid);
  const dust = policy.requiresStandard ? preCheckEphemeral(tx, policy.dustFeerate, ws.feeSat, ws.modifiedFeeSat) : null;
  const refused = dust ?? checkSigopsCost(ws.sigopsCost);
  if (refused !== null || args.bypassesLimits || args.usesPackageFeerate) return refused;
  return checkFeerate(context, args.nowSec, { feeSat: ws.modifiedFeeSat, size: ws.vsize });
}

/** Compares a fee with what the mempool asks now and with what this node relays at all (Core CheckFeeRate). */
export function checkFeerate(context: AcceptContext, nowSec: number, fee: FeeFrac): PolicyReject | null {
  const { mempool, policy } = context;
  const mempoolFeerate = mempool.minimumFeerate(nowSec);
  return checkMinimumFee(fee.feeSat, fee.size, { mempoolFeerate, minRelayFeerate: policy.minRelayFeerate });
}

/** Finds the parents in the mempool, and holds TRUC transactions to their small families. */
function checkFamily({ mempool }: AcceptContext, args: AcceptArgs, ws: Workspace): PolicyReject | null {
  ws.parents = mempool.parents(ws);
  return args.bypassesLimits ? null : checkTrucFamily(mempool, args, ws);
}

/**
 * A breach that evicting the only sibling would mend makes that a conflict, which must pay as every replacement does. The sibling
 * need not have said that it may be replaced.
 */
function checkTrucFamily(mempool: Mempool, args: AcceptArgs, ws: Workspace): PolicyReject | null {
  const violation = checkTruc(ws, trucFamilyOf(mempool), (entry) => ws.conflicts.has(entry));
  if (violation === null) return null;
  if (!args.allowsSiblingEviction || violation.sibling === null) return violation.reject;
  ws.conflicts.add(violation.sibling);
  ws.isSiblingEviction = true;
  return null;
}

/** The families of the mempool, as the rules of TRUC ask for them. */
export function trucFamilyOf(mempool: Mempool): TrucFamily<MempoolEntry> {
  return {
    ancestorCount: (entry) => mempool.graph.ancestors(entry.ref).length,
    descendantCount: (entry) => mempool.graph.descendants(entry.ref).length,
    descendants: (entry) => mempool.descendants(entry).filter((descendant) => descendant !== entry),
  };
}

/** Puts the transaction into the change that is prepared. */
function stage(context: AcceptContext, args: AcceptArgs, ws: Workspace, group: Subpackage): null {
  const { mempool, chain } = context;
  ws.entry = group.changeSet.stageAddition({
    transaction: ws.transaction,
    feeSat: ws.feeSat,
    sigopsCost: ws.sigopsCost,
    timeSec: args.arrivedSec,
    entryHeight: chain.height,
    // So that one from a disconnected block counts as known before its children, which may have been in the mempool all the time.
    sequence: args.bypassesLimits ? 0 : mempool.sequence,
    spendsCoinbase: spendsCoinbase(ws),
    lockPoints: ws.lockPoints!,
  });
  if (ws.conflicts.size > 0) group.isReplacement = true;
  return null;
}

function spendsCoinbase({ coins }: Workspace): boolean {
  for (let i = 0; i < coins.count; i++) {
    if (coins.isCoinbase(i)) return true;
  }
  return false;
}
