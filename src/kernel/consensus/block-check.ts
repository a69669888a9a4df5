// The rules of a block besides its coins (Core CheckBlock, ContextualCheckBlock): first those that need nothing but the block,
// then those that need its ancestors. Their order matters: until the merkle root and the witness commitment are found to
// match, a failure says nothing about the header, only about the bytes that someone delivered (C05, C23, C24).

import type { Block } from '../primitives/block.ts';
import { formatHash } from '../primitives/hashes.ts';
import { computeMerkleRoot } from '../primitives/merkle.ts';
import { type Transaction, WITNESS_SCALE_FACTOR } from '../primitives/transaction.ts';
import { encodeNumberPush } from '../script/script-builder.ts';
import { assert } from '../util/assert.ts';
import { equalBytes, equalRange } from '../util/bytes.ts';
import { isActiveAt } from './deployments.ts';
import { computeMedianTimePast, type HeaderBranch } from './header-branch.ts';
import { checkHeader } from './header-check.ts';
import { MAX_BLOCK_SIGOPS_COST, MAX_BLOCK_WEIGHT } from './limits.ts';
import type { ConsensusParams } from './params.ts';
import { type BlockReject, rejectBlock, rejectBlockForTx } from './reject.ts';
import type { JobVerifier } from './script-job.ts';
import { checkSignetSolution } from './signet.ts';
import { countLegacySigops } from './sigop-cost.ts';
import { checkTransaction } from './tx-check.ts';
import { isFinalTransaction } from './tx-verify.ts';
import { checkWitnessCommitment } from './witness-commitment.ts';

/** What checkBlock is to leave out; without this it checks everything. */
export interface BlockCheckOptions {
  /** Leave out proof of work and signet solution: block templates have neither. */
  readonly skipProofOfWork?: boolean;
  /** Leave out the merkle root: block templates may not have it yet. */
  readonly skipMerkleRoot?: boolean;
  /** Runs the challenge script of a signet; needed there and nowhere else. */
  readonly verifier?: JobVerifier;
}

/** Checks what a block shows by itself; null when it obeys every such rule. */
export function checkBlock(block: Block, params: ConsensusParams, options: BlockCheckOptions = {}): BlockReject | null {
  return (
    (options.skipProofOfWork === true ? null : checkBlockWork(block, params, options.verifier)) ??
    (options.skipMerkleRoot === true ? null : checkMerkleRoot(block)) ??
    checkBlockSize(block) ??
    checkCoinbasePlace(block) ??
    checkTransactions(block) ??
    checkLegacySigops(block)
  );
}

/** Checks a block against the branch whose tip is its parent. The block has passed checkBlock. */
export function contextualCheckBlock(block: Block, branch: HeaderBranch, params: ConsensusParams): BlockReject | null {
  const height = branch.height + 1;
  return (
    checkFinality(block, branch, params) ??
    (isActiveAt(params, 'bip34', height) ? checkCoinbaseHeight(block, height) : null) ??
    checkWitnessCommitment(block, isActiveAt(params, 'segwit', height)) ??
    checkBlockWeight(block)
  );
}

function checkBlockWork(block: Block, params: ConsensusParams, verifier: JobVerifier | undefined): BlockReject | null {
  const reject = checkHeader(block.header, params.pow);
  if (reject !== null || params.signetChallenge === null) return reject;
  assert(verifier !== undefined, 'check block: a signet needs a verifier for its challenge');
  return checkSignetSolution(block, params, verifier);
}

/**
 * Checks that the header commits to the transactions, and to them alone: repeating the last ones can leave the root as it is
 * (CVE-2012-2459). Either way the bytes are to blame and not the header, so the genuine block is still welcome (C05).
 */
export function checkMerkleRoot(block: Block): BlockReject | null {
  const { root, mutated } = computeMerkleRoot(block.txids());
  const committed = block.header.merkleRoot;
  if (!equalBytes(root, committed)) {
    return rejectBlock('mutated', 'bad-txnmrklroot', 'merkle-root', {
      debug: 'hashMerkleRoot mismatch',
      actual: root,
      expected: committed.slice(),
    });
  }
  if (!mutated) return null;
  return rejectBlock('mutated', 'bad-txns-duplicate', 'merkle-no-repeats', { debug: 'duplicate transaction' });
}

function checkBlockSize(block: Block): BlockReject | null {
  const isWithin =
    block.txCount > 0 &&
    block.txCount * WITNESS_SCALE_FACTOR <= MAX_BLOCK_WEIGHT &&
    block.strippedSize * WITNESS_SCALE_FACTOR <= MAX_BLOCK_WEIGHT;
  if (isWithin) return null;
  return rejectBlock('consensus', 'bad-blk-length', 'block-size', {
    debug: 'size limits failed',
    actual: block.strippedSize,
    expected: MAX_BLOCK_WEIGHT / WITNESS_SCALE_FACTOR,
  });
}

function checkCoinbasePlace(block: Block): BlockReject | null {
  if (!block.transaction(0).isCoinbase) {
    return rejectBlock('consensus', 'bad-cb-missing', 'coinbase-first', {
      debug: 'first tx is not coinbase',
      txIndex: 0,
    });
  }
  for (let i = 1; i < block.txCount; i++) {
    if (block.transaction(i).isCoinbase) {
      return rejectBlock('consensus', 'bad-cb-multiple', 'coinbase-once', {
        debug: 'more than one coinbase',
        txIndex: i,
      });
    }
  }
  return null;
}

function checkTransactions(block: Block): BlockReject | null {
  for (let i = 0; i < block.txCount; i++) {
    const tx = block.transaction(i);
    const reject = checkTransaction(tx);
    if (reject !== null) {
      const debug = `Transaction check failed (tx hash ${formatHash(tx.txid)}) ${reject.debug ?? ''}`;
      return rejectBlockForTx(reject, i, debug);
    }
  }
  return null;
}

/** Counts too few, since the spent coins are not known yet; connecting the block counts again. */
function checkLegacySigops(block: Block): BlockReject | null {
  let count = 0;
  for (let i = 0; i < block.txCount; i++) count += countLegacySigops(block.transaction(i));
  const cost = count * WITNESS_SCALE_FACTOR;
  if (cost <= MAX_BLOCK_SIGOPS_COST) return null;
  return rejectBlock('consensus', 'bad-blk-sigops', 'sigops-legacy', {
    debug: 'out-of-bounds SigOpCount',
    actual: cost,
    expected: MAX_BLOCK_SIGOPS_COST,
  });
}

/** Locktimes count against the median time past once relative locks are active (BIP113), before against the block's own time. */
function checkFinality(block: Block, branch: HeaderBranch, params: ConsensusParams): BlockReject | null {
  const height = branch.height + 1;
  const timeSec = isActiveAt(params, 'csv', height) ? computeMedianTimePast(branch) : block.header.timeSec;
  for (let i = 0; i < block.txCount; i++) {
    const tx = block.transaction(i);
    if (!isFinalTransaction(tx, height, timeSec)) return rejectNonFinal(tx, i);
  }
  return null;
}

function rejectNonFinal(tx: Transaction, txIndex: number): BlockReject {
  return rejectBlock('consensus', 'bad-txns-nonfinal', 'locktime', {
    debug: 'non-final transaction',
    actual: tx.locktime,
    txIndex,
  });
}

/** Since BIP34 the script of a coinbase begins with the height, as the shortest push of a number (C08). */
function checkCoinbaseHeight(block: Block, height: number): BlockReject | null {
  const coinbase = block.transaction(0);
  const expected = encodeNumberPush(height);
  const start = coinbase.scriptSigStart(0);
  const length = coinbase.scriptSigEnd(0) - start;
  if (length >= expected.length && equalRange(coinbase.bytes, start, expected, 0, expected.length)) return null;
  return rejectBlock('consensus', 'bad-cb-height', 'coinbase-height', {
    debug: 'block height mismatch in coinbase',
    actual: coinbase.scriptSig(0).slice(0, expected.length),
    expected,
    txIndex: 0,
    inputIndex: 0,
  });
}

/** Comes after the commitment: anyone can blow up a coinbase's witness without changing the hash of the block. */
function checkBlockWeight(block: Block): BlockReject | null {
  if (block.weightWu <= MAX_BLOCK_WEIGHT) return null;
  return rejectBlock('consensus', 'bad-blk-weight', 'block-weight', {
    debug: 'ContextualCheckBlock : weight limit failed',
    actual: block.weightWu,
    expected: MAX_BLOCK_WEIGHT,
  });
}

/** Stripped size of a transaction that could pass for an inner node of a merkle tree: two hashes. */
const INNER_NODE_BYTES = 64;

/**
 * True when the bytes are surely not those that the header stands for, so that they must not condemn it (Core IsBlockMutated).
 * Without a coinbase a transaction of 64 bytes is suspect: it may be two hashes of the merkle tree.
 */
export function isBlockMutated(block: Block, isSegwitActive: boolean): boolean {
  if (checkMerkleRoot(block) !== null) return true;
  if (block.txCount > 0 && block.transaction(0).isCoinbase)
    return checkWitnessCommitment(block, isSegwitActive) !== null;
  for (let i = 0; i < block.txCount; i++) {
    if (block.transaction(i).strippedSize === INNER_NODE_BYTES) return true;
  }
  return false;
}
