// Every check of acceptance by itself, for people: where acceptance stops at the first failure, a trace goes on and tells of each
// check what it looked at and what it found. It calls the same functions as accept-stages.ts and decides nothing: the verdict is
// acceptance's. Scripts are not run here, and what depends on other transactions of the mempool (conflicts, families, clusters) is
// left to acceptance.

import type { HeaderBranch } from '../../kernel/consensus/header-branch.ts';
import { rejectTx } from '../../kernel/consensus/reject.ts';
import { computeSigopCost, countLegacySigops } from '../../kernel/consensus/sigop-cost.ts';
import type { SpentCoins } from '../../kernel/consensus/spent-coins.ts';
import { checkTransaction } from '../../kernel/consensus/tx-check.ts';
import {
  areSequenceLocksOver,
  checkTxInputs,
  computeOutputTotal,
  computeSequenceLocks,
  isFinalTransaction,
} from '../../kernel/consensus/tx-verify.ts';
import { preCheckEphemeral } from '../../kernel/policy/ephemeral.ts';
import { computeFeerate, computeFeeSat } from '../../kernel/policy/feerate.ts';
import { TX_SIGOPS_COST_MAX } from '../../kernel/policy/limits.ts';
import { checkMinimumFee } from '../../kernel/policy/minimum-fee.ts';
import { computeVsize, type PolicyOptions } from '../../kernel/policy/options.ts';
import type { MempoolReject } from '../../kernel/policy/policy-reject.ts';
import { checkSigopsCost, checkStandardTx, checkStrippedSize } from '../../kernel/policy/standard.ts';
import { checkStandardInputs } from '../../kernel/policy/standard-inputs.ts';
import { checkStandardWitness } from '../../kernel/policy/standard-witness.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { STANDARD_SCRIPT_VERIFY_FLAGS } from '../../kernel/script/flags.ts';

/** The checks, in the order in which acceptance makes them. */
export type TraceStage =
  | 'form'
  | 'standard-form'
  | 'locktime'
  | 'sequence-locks'
  | 'amounts'
  | 'standard-inputs'
  | 'sigops'
  | 'fee';

/** A number that a check looked at. */
export interface TraceFigure {
  readonly name: string;
  readonly value: number;
  /** Sums of money are satoshis, rates satoshis per 1,000 virtual bytes. */
  readonly unit: 'plain' | 'sat' | 'sat-per-kvb' | 'time';
}

/** What became of one check. */
export interface StageTrace {
  readonly stage: TraceStage;
  /** `unknown`: it needs the coins that are spent, or the chain. */
  readonly outcome: 'passed' | 'failed' | 'unknown';
  readonly reject: MempoolReject | null;
  readonly figures: readonly TraceFigure[];
}

/** The chain that a transaction wants to be in. */
export interface TraceChain {
  readonly height: number;
  readonly medianTimePast: number;
  readonly branch: HeaderBranch;
}

/** What a transaction is held against. */
export interface TraceScene {
  readonly policy: PolicyOptions;
  /** Null: none is at hand, or it is in a block already. */
  readonly chain: TraceChain | null;
  /** What it spends, in input order; null as long as not all of it is known. */
  readonly coins: SpentCoins | null;
  /** The mempool's own minimum now, in sat/kvB. */
  readonly mempoolFeerate: number;
  /** What the operator added to its fee. */
  readonly feeDeltaSat: number;
}

function figure(name: string, value: number, unit: TraceFigure['unit'] = 'plain'): TraceFigure {
  return { name, value, unit };
}

function judged(stage: TraceStage, reject: MempoolReject | null, figures: readonly TraceFigure[] = []): StageTrace {
  return { stage, outcome: reject === null ? 'passed' : 'failed', reject, figures };
}

function unknown(stage: TraceStage): StageTrace {
  return { stage, outcome: 'unknown', reject: null, figures: [] };
}

/** Makes every check that can be made. After a form that is none nothing else means anything. */
export function traceTransaction(tx: Transaction, scene: TraceScene): readonly StageTrace[] {
  const form = traceForm(tx);
  if (form.outcome === 'failed') return [form];
  return [
    form,
    traceStandardForm(tx, scene),
    traceLocktime(tx, scene),
    traceSequenceLocks(tx, scene),
    traceAmounts(tx, scene),
    traceStandardInputs(tx, scene),
    traceSigops(tx, scene),
    traceFee(tx, scene),
  ];
}

function traceForm(tx: Transaction): StageTrace {
  const reject = checkTransaction(tx);
  return judged('form', reject, [
    figure('inputs', tx.inputCount),
    figure('outputs', tx.outputCount),
    figure('size', tx.totalSize),
    figure('weight', tx.weightWu),
  ]);
}

function traceStandardForm(tx: Transaction, { policy }: TraceScene): StageTrace {
  const coinbase = tx.isCoinbase ? rejectTx('consensus', 'coinbase', 'coinbase-only-in-block') : null;
  const nonstandard = policy.requiresStandard ? checkStandardTx(tx, policy) : null;
  return judged('standard-form', coinbase ?? nonstandard ?? checkStrippedSize(tx), [
    figure('version', tx.version),
    figure('stripped_size', tx.strippedSize),
  ]);
}

function traceLocktime(tx: Transaction, { chain }: TraceScene): StageTrace {
  if (chain === null) return unknown('locktime');
  const isFinal = isFinalTransaction(tx, chain.height + 1, chain.medianTimePast);
  const reject = isFinal ? null : rejectTx('premature-spend', 'non-final', 'locktime', { actual: tx.locktime });
  return judged('locktime', reject, [
    figure('locktime', tx.locktime),
    figure('next_height', chain.height + 1),
    figure('mediantime', chain.medianTimePast, 'time'),
  ]);
}

function traceSequenceLocks(tx: Transaction, { chain, coins }: TraceScene): StageTrace {
  if (chain === null || coins === null) return unknown('sequence-locks');
  const locks = computeSequenceLocks(tx, coins, 0, chain.branch);
  const isOver = areSequenceLocksOver(locks, chain.branch);
  const reject = isOver ? null : rejectTx('premature-spend', 'non-BIP68-final', 'sequence-lock');
  const figures = [figure('height', chain.height)];
  if (locks.lastHeldHeight >= 0) figures.push(figure('locked_until_height', locks.lastHeldHeight));
  if (locks.lastHeldTimeSec >= 0) figures.push(figure('locked_until_time', locks.lastHeldTimeSec, 'time'));
  return judged('sequence-locks', reject, figures);
}

function sumInputs(tx: Transaction, coins: SpentCoins): number {
  let totalSat = 0;
  for (let i = 0; i < tx.inputCount; i++) totalSat += coins.valueSat(i);
  return totalSat;
}

function traceAmounts(tx: Transaction, { chain, coins }: TraceScene): StageTrace {
  if (coins === null) return unknown('amounts');
  // In a block of long ago the coins were old enough, or it would not be there.
  const result = checkTxInputs(tx, coins, 0, chain === null ? Number.MAX_SAFE_INTEGER : chain.height + 1);
  const [inSat, outSat] = [sumInputs(tx, coins), computeOutputTotal(tx)];
  // Sums beyond all money that can be are refused, and not exact.
  if (!Number.isSafeInteger(inSat)) return judged('amounts', result.ok ? null : result.error);
  return judged('amounts', result.ok ? null : result.error, [
    figure('spent', inSat, 'sat'),
    figure('paid', outSat, 'sat'),
    figure('fee', inSat - outSat, 'sat'),
  ]);
}

function traceStandardInputs(tx: Transaction, { policy, coins }: TraceScene): StageTrace {
  if (coins === null) return unknown('standard-inputs');
  const reject = policy.requiresStandard
    ? (checkStandardInputs(tx, coins, 0) ?? checkStandardWitness(tx, coins, 0))
    : null;
  return judged('standard-inputs', reject, [figure('inputs', tx.inputCount)]);
}

function traceSigops(tx: Transaction, { coins }: TraceScene): StageTrace {
  if (coins === null) return unknown('sigops');
  const cost = computeSigopCost(tx, coins, 0, STANDARD_SCRIPT_VERIFY_FLAGS);
  return judged('sigops', checkSigopsCost(cost), [
    figure('sigops_cost', cost),
    figure('sigops_cost_max', TX_SIGOPS_COST_MAX),
    figure('legacy_sigops', countLegacySigops(tx)),
  ]);
}

function traceFee(tx: Transaction, scene: TraceScene): StageTrace {
  const { policy, coins, mempoolFeerate, feeDeltaSat } = scene;
  if (coins === null || traceAmounts(tx, scene).outcome === 'failed') return unknown('fee');
  const sigopsCost = computeSigopCost(tx, coins, 0, STANDARD_SCRIPT_VERIFY_FLAGS);
  const vsize = computeVsize(tx.weightWu, sigopsCost, policy.bytesPerSigop);
  const feeSat = sumInputs(tx, coins) - computeOutputTotal(tx);
  const modifiedSat = feeSat + feeDeltaSat;
  const { minRelayFeerate, dustFeerate, requiresStandard } = policy;
  const minimumFeerate = Math.max(mempoolFeerate, minRelayFeerate);
  const dust = requiresStandard ? preCheckEphemeral(tx, dustFeerate, feeSat, modifiedSat) : null;
  const reject = dust ?? checkMinimumFee(modifiedSat, vsize, { mempoolFeerate, minRelayFeerate });
  return judged('fee', reject, [
    figure('vsize', vsize),
    figure('fee', feeSat, 'sat'),
    figure('modified_fee', modifiedSat, 'sat'),
    figure('minimum_fee', computeFeeSat(minimumFeerate, vsize), 'sat'),
    figure('feerate', computeFeerate(modifiedSat, vsize), 'sat-per-kvb'),
    figure('minimum_feerate', minimumFeerate, 'sat-per-kvb'),
  ]);
}
