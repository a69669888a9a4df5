// Soft forks by signal (BIP9 with the minimum height of BIP341's speedy trial; Core versionbits.cpp): the state of a deployment as
// a pure function of the branch, the version a new block should carry, and the statistics that RPC shows. A cache only saves
// work; without one every answer is the same.
//
// A state belongs to a whole period and is decided by its parent, the last block of the period before:
//   defined ─ median time ≥ start ─▶ started ─ enough signals ─▶ locked_in ─ height ≥ minimum ─▶ active
//                                      └────── median time ≥ timeout ──────▶ failed

import { toHex } from '../util/bytes.ts';
import { computeMedianTimePast, type HeaderBranch } from './header-branch.ts';
import {
  ALWAYS_ACTIVE,
  type ChainParams,
  type ConsensusParams,
  NEVER_ACTIVE,
  type VersionbitsDeployment,
} from './params.ts';

/** State of a deployment, named as in Core's RPC. */
export type ThresholdState = 'defined' | 'started' | 'locked_in' | 'active' | 'failed';

/** Top bits of a version that signals, and their mask (BIP9). */
export const VERSIONBITS_TOP_BITS = 0x20000000;
const VERSIONBITS_TOP_MASK = 0xe0000000 | 0;
/** Last version before signalling. */
export const VERSIONBITS_LAST_OLD_BLOCK_VERSION = 4;
/** Bits that are watched for unknown changes: the lowest five; the others are free for miners (BIP323). */
export const VERSIONBITS_NUM_BITS = 5;

/** Blocks and share that make an unknown signal worth a warning on the main network: 90 % of 2016 (BIP341). */
const WARNING_PERIOD = 2016;
const WARNING_THRESHOLD = 1815;

/** Known states by deployment and last block of a period. One entry per period of every branch that was asked about. */
export class VersionbitsCache {
  readonly #states = new Map<string, Map<string, ThresholdState>>();

  /** The states of one deployment by hash of the period's parent. */
  of(deploymentName: string): Map<string, ThresholdState> {
    let states = this.#states.get(deploymentName);
    if (states === undefined) {
      states = new Map();
      this.#states.set(deploymentName, states);
    }
    return states;
  }

  /** Forgets everything. */
  clear(): void {
    this.#states.clear();
  }
}

/** A deployment as the state machine sees it: anything with a schedule and a signal. */
interface ThresholdRules
  extends Pick<VersionbitsDeployment, 'startTimeSec' | 'timeoutSec' | 'minActivationHeight' | 'period' | 'threshold'> {
  isSignal(branch: HeaderBranch, height: number): boolean;
}

/** True when a version signals on a bit (BIP9). */
export function isVersionSignal(version: number, bit: number): boolean {
  return (version & VERSIONBITS_TOP_MASK) === VERSIONBITS_TOP_BITS && ((version >>> bit) & 1) === 1;
}

function thresholdRules(deployment: VersionbitsDeployment): ThresholdRules {
  return {
    startTimeSec: deployment.startTimeSec,
    timeoutSec: deployment.timeoutSec,
    minActivationHeight: deployment.minActivationHeight,
    period: deployment.period,
    threshold: deployment.threshold,
    isSignal: (branch, height) => isVersionSignal(branch.version(height), deployment.bit),
  };
}

/** Last block of the period before that of the block after `parent`; -1 within the first period. */
function periodParent(parent: number, period: number): number {
  return parent - ((parent + 1) % period);
}

function computeState(
  rules: ThresholdRules,
  branch: HeaderBranch,
  parent: number,
  states: Map<string, ThresholdState> | undefined,
): ThresholdState {
  if (rules.startTimeSec === ALWAYS_ACTIVE) return 'active';
  if (rules.startTimeSec === NEVER_ACTIVE) return 'failed';
  const last = periodParent(parent, rules.period);

  // Back to a period whose state is known or must be `defined`, then forward again.
  let height = last;
  let state: ThresholdState | undefined;
  while (state === undefined) {
    if (height < 0) state = 'defined';
    else state = states?.get(toHex(branch.blockHash(height)));
    if (state === undefined && computeMedianTimePast(branch, height) < rules.startTimeSec) state = 'defined';
    if (state === undefined) height -= rules.period;
  }
  if (height >= 0) states?.set(toHex(branch.blockHash(height)), state);
  while (height < last) {
    height += rules.period;
    state = nextState(state, rules, branch, height);
    states?.set(toHex(branch.blockHash(height)), state);
  }
  return state;
}

/** State of the period after `last`, from the state of the period that `last` ends. */
function nextState(state: ThresholdState, rules: ThresholdRules, branch: HeaderBranch, last: number): ThresholdState {
  switch (state) {
    case 'defined':
      return computeMedianTimePast(branch, last) >= rules.startTimeSec ? 'started' : 'defined';
    case 'started':
      if (countSignals(rules, branch, last - rules.period + 1, last) >= rules.threshold) return 'locked_in';
      return computeMedianTimePast(branch, last) >= rules.timeoutSec ? 'failed' : 'started';
    case 'locked_in':
      return last + 1 >= rules.minActivationHeight ? 'active' : 'locked_in';
    case 'active':
    case 'failed':
      return state;
  }
}

function countSignals(rules: ThresholdRules, branch: HeaderBranch, first: number, last: number): number {
  let count = 0;
  for (let height = first; height <= last; height++) {
    if (rules.isSignal(branch, height)) count++;
  }
  return count;
}

/** State of a deployment for the block after `parent` on the branch; -1 is before the genesis block (Core GetStateFor). */
export function getDeploymentState(
  deployment: VersionbitsDeployment,
  branch: HeaderBranch,
  parent: number = branch.height,
  cache?: VersionbitsCache,
): ThresholdState {
  return computeState(thresholdRules(deployment), branch, parent, cache?.of(deployment.name));
}

/** Height at which the state of the block after `parent` began (Core GetStateSinceHeightFor). */
export function getDeploymentStateSince(
  deployment: VersionbitsDeployment,
  branch: HeaderBranch,
  parent: number = branch.height,
  cache?: VersionbitsCache,
): number {
  if (deployment.startTimeSec === ALWAYS_ACTIVE || deployment.startTimeSec === NEVER_ACTIVE) return 0;
  const state = getDeploymentState(deployment, branch, parent, cache);
  if (state === 'defined') return 0;
  let last = periodParent(parent, deployment.period);
  while (
    last >= deployment.period &&
    getDeploymentState(deployment, branch, last - deployment.period, cache) === state
  ) {
    last -= deployment.period;
  }
  return last + 1;
}

/** How far signalling has come in the period of a block. */
export interface SignalStatistics {
  readonly period: number;
  /** Signals needed; 0 once locked in. */
  readonly threshold: number;
  /** Blocks of the period so far. */
  readonly elapsed: number;
  /** Signals so far. */
  readonly count: number;
  /** Enough blocks are left to reach the threshold. */
  readonly isPossible: boolean;
}

/** Signals in the period of the block at `height`, up to that block (Core GetStateStatisticsFor). */
export function computeSignalStatistics(
  deployment: VersionbitsDeployment,
  branch: HeaderBranch,
  height: number = branch.height,
): SignalStatistics {
  const { period, threshold } = deployment;
  const elapsed = 1 + (height % period);
  const count = countSignals(thresholdRules(deployment), branch, height - elapsed + 1, height);
  return { period, threshold, elapsed, count, isPossible: period - threshold >= elapsed - count };
}

/** What RPC tells about a deployment at a block (Core VersionBitsCache::Info). */
export interface DeploymentInfo {
  /** State for the block itself. */
  readonly currentState: ThresholdState;
  /** State for the block after it. */
  readonly nextState: ThresholdState;
  /** Height at which the current state began. */
  readonly since: number;
  /** While signals count. */
  readonly statistics?: SignalStatistics;
  /** Which blocks of the period signalled, in order. */
  readonly signalling?: readonly boolean[];
  /** Height from which the change holds, where that is known. */
  readonly activeSince?: number;
}

/** State, statistics and activation of a deployment at the block at `height`. */
export function computeDeploymentInfo(
  deployment: VersionbitsDeployment,
  branch: HeaderBranch,
  height: number = branch.height,
  cache?: VersionbitsCache,
): DeploymentInfo {
  const currentState = getDeploymentState(deployment, branch, height - 1, cache);
  const nextState = getDeploymentState(deployment, branch, height, cache);
  const since = getDeploymentStateSince(deployment, branch, height - 1, cache);
  return {
    currentState,
    nextState,
    since,
    ...computeSignalling(deployment, branch, height, currentState),
    ...(currentState === 'active' ? { activeSince: since } : nextState === 'active' ? { activeSince: height + 1 } : {}),
  };
}

function computeSignalling(
  deployment: VersionbitsDeployment,
  branch: HeaderBranch,
  height: number,
  state: ThresholdState,
): Pick<DeploymentInfo, 'statistics' | 'signalling'> {
  if (state !== 'started' && state !== 'locked_in') return {};
  const statistics = computeSignalStatistics(deployment, branch, height);
  const signalling: boolean[] = [];
  for (let h = height - statistics.elapsed + 1; h <= height; h++) {
    signalling.push(isVersionSignal(branch.version(h), deployment.bit));
  }
  return {
    statistics: state === 'locked_in' ? { ...statistics, threshold: 0, isPossible: false } : statistics,
    signalling,
  };
}

/** Version of a new block after `parent`: a bit for everything that is being voted on (Core ComputeBlockVersion). */
export function computeBlockVersion(
  params: ConsensusParams,
  branch: HeaderBranch,
  parent: number = branch.height,
  cache?: VersionbitsCache,
): number {
  let version = VERSIONBITS_TOP_BITS;
  for (const deployment of params.deployments) {
    const state = getDeploymentState(deployment, branch, parent, cache);
    if (state === 'started' || state === 'locked_in') version |= 1 << deployment.bit;
  }
  return version;
}

/** A bit on which miners agree although this software knows no change behind it. */
export interface UnknownActivation {
  readonly bit: number;
  /** In force already, as far as one can tell; otherwise locked in. */
  readonly isActive: boolean;
}

/** Changes that the miners have activated and this software does not know (Core CheckUnknownActivations). */
export function computeUnknownActivations(
  params: ChainParams,
  branch: HeaderBranch,
  parent: number = branch.height,
  cache: VersionbitsCache = new VersionbitsCache(),
): readonly UnknownActivation[] {
  const { consensus, isTestChain } = params;
  const period = isTestChain ? consensus.pow.interval : WARNING_PERIOD;
  const threshold = isTestChain ? Math.floor((period * 3) / 4) : WARNING_THRESHOLD;
  const found: UnknownActivation[] = [];
  for (let bit = 0; bit < VERSIONBITS_NUM_BITS; bit++) {
    const rules: ThresholdRules = {
      startTimeSec: 0,
      timeoutSec: Number.POSITIVE_INFINITY,
      minActivationHeight: 0,
      period,
      threshold,
      isSignal: (_, height) =>
        height >= consensus.minBip9WarningHeight &&
        isVersionSignal(branch.version(height), bit) &&
        ((computeBlockVersion(consensus, branch, height - 1, cache) >>> bit) & 1) === 0,
    };
    const state = computeState(rules, branch, parent, cache.of(`unknown bit ${bit}`));
    if (state === 'active' || state === 'locked_in') found.push({ bit, isActive: state === 'active' });
  }
  return found;
}
