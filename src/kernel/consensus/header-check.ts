// The rules of a header: proof of work by itself, then difficulty, time and version against the branch it extends (Core
// CheckBlockHeader, ContextualCheckBlockHeader). The clock is a parameter. Whether a parent is known or invalid, and whether a
// chain has enough work to be stored, is the business of the block index.

import type { BlockHeader } from '../primitives/header.ts';
import { equalBytes } from '../util/bytes.ts';
import { isActiveAt } from './deployments.ts';
import { computeMedianTimePast, type HeaderBranch } from './header-branch.ts';
import type { ConsensusParams, PowRules } from './params.ts';
import { checkProofOfWork, getNextWorkRequired } from './pow.ts';
import { type BlockReject, rejectBlock } from './reject.ts';
import type { RuleId } from './rules.ts';
import { decodeCompact, encodeTarget, isTargetInRange } from './target.ts';

/** How far ahead of the clock a block may be, in seconds (Core MAX_FUTURE_BLOCK_TIME: two hours). */
export const MAX_FUTURE_BLOCK_TIME_SEC = 7200;

/** How far the first block of a period may lie before the last of the period before, in seconds (BIP94; Core MAX_TIMEWARP). */
export const MAX_TIMEWARP_SEC = 600;

/** Checks what a header shows by itself: its proof of work. */
export function checkHeader(header: BlockHeader, pow: PowRules): BlockReject | null {
  const { bits, blockHash } = header;
  return checkProofOfWork(blockHash, 0, bits, pow) ? null : rejectProofOfWork(bits, blockHash, pow);
}

function rejectProofOfWork(bits: number, blockHash: Uint8Array, pow: PowRules): BlockReject {
  const debug = 'proof of work failed';
  if (!isTargetInRange(bits, pow.limit)) {
    return rejectBlock('invalid-header', 'high-hash', 'pow-target', { debug, actual: bits, expected: pow.limit.bits });
  }
  const target = encodeTarget(decodeCompact(bits).magnitude);
  return rejectBlock('invalid-header', 'high-hash', 'pow-hash', { debug, actual: blockHash, expected: target });
}

/**
 * Checks a header against the branch whose tip is its parent. `nowSec` is the node's clock in whole seconds, never a time told
 * by peers. A `time-future` verdict may pass later and must not be remembered (C33).
 */
export function contextualCheckHeader(
  header: BlockHeader,
  branch: HeaderBranch,
  params: ConsensusParams,
  nowSec: number,
): BlockReject | null {
  return (
    checkDifficulty(header, branch, params.pow) ??
    checkTime(header, branch, params.pow, nowSec) ??
    checkVersion(header, branch.height + 1, params)
  );
}

/**
 * Checks a header in full as the next of a branch: proof of work, the link to the tip, then the context. For chains that come in
 * order, such as files of headers; a node with many branches looks the parent up itself.
 */
export function checkNextHeader(
  header: BlockHeader,
  branch: HeaderBranch,
  params: ConsensusParams,
  nowSec: number,
): BlockReject | null {
  return (
    checkHeader(header, params.pow) ??
    checkLink(header, branch) ??
    contextualCheckHeader(header, branch, params, nowSec)
  );
}

/** Checks that a header names the tip of the branch as the block before it. */
export function checkLink(header: BlockHeader, branch: HeaderBranch): BlockReject | null {
  const actual = header.previousBlockHash;
  const expected = branch.blockHash(branch.height);
  if (equalBytes(actual, expected)) return null;
  return rejectBlock('missing-prev', 'prev-blk-not-found', 'known-parent', { actual, expected });
}

function checkDifficulty(header: BlockHeader, branch: HeaderBranch, pow: PowRules): BlockReject | null {
  const actual = header.bits;
  const expected = getNextWorkRequired(branch, header.timeSec, pow);
  if (actual === expected) return null;
  return rejectBlock('invalid-header', 'bad-diffbits', 'difficulty-bits', {
    debug: 'incorrect proof of work',
    actual,
    expected,
  });
}

function checkTime(header: BlockHeader, branch: HeaderBranch, pow: PowRules, nowSec: number): BlockReject | null {
  const actual = header.timeSec;
  const medianSec = computeMedianTimePast(branch);
  if (actual <= medianSec) {
    return rejectBlock('invalid-header', 'time-too-old', 'time-median', {
      debug: "block's timestamp is too early",
      actual,
      expected: medianSec,
    });
  }
  if (pow.enforceBip94 && (branch.height + 1) % pow.interval === 0) {
    const earliestSec = branch.timeSec(branch.height) - MAX_TIMEWARP_SEC;
    if (actual < earliestSec) {
      return rejectBlock('invalid-header', 'time-timewarp-attack', 'time-warp', {
        debug: "block's timestamp is too early on diff adjustment block",
        actual,
        expected: earliestSec,
      });
    }
  }
  const latestSec = nowSec + MAX_FUTURE_BLOCK_TIME_SEC;
  if (actual > latestSec) {
    return rejectBlock('time-future', 'time-too-new', 'time-future', {
      debug: 'block timestamp too far in the future',
      actual,
      expected: latestSec,
    });
  }
  return null;
}

/** Versions are signed: a negative one is older than any (C14). */
function checkVersion(header: BlockHeader, height: number, params: ConsensusParams): BlockReject | null {
  const version = header.version;
  if (version >= 4) return null;
  if (version < 2 && isActiveAt(params, 'bip34', height)) return rejectVersion(version, 2, 'version-bip34');
  if (version < 3 && isActiveAt(params, 'bip66', height)) return rejectVersion(version, 3, 'version-bip66');
  if (isActiveAt(params, 'bip65', height)) return rejectVersion(version, 4, 'version-bip65');
  return null;
}

function rejectVersion(actual: number, expected: number, rule: RuleId): BlockReject {
  const digits = (actual >>> 0).toString(16).padStart(8, '0');
  return rejectBlock('invalid-header', `bad-version(0x${digits})`, rule, {
    debug: `rejected nVersion=0x${digits} block`,
    actual,
    expected,
  });
}
