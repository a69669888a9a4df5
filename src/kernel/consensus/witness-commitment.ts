// The commitment of a coinbase to the witnesses of its block (BIP141; Core GetWitnessCommitmentIndex, BlockWitnessMerkleRoot,
// CheckWitnessMalleation). Whoever relays a block can change witnesses without changing its hash, so every failure here
// blames the delivered data (`mutated`), never the header (C24).

import { Sha256Hasher } from '../crypto/sha256.ts';
import type { Block } from '../primitives/block.ts';
import { computeMerkleRoot } from '../primitives/merkle.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { equalBytes } from '../util/bytes.ts';
import { MIN_WITNESS_COMMITMENT_SIZE, WITNESS_RESERVED_VALUE_SIZE } from './limits.ts';
import { type BlockReject, rejectBlock } from './reject.ts';

/** How a committing script begins: OP_RETURN, a push of 36 bytes, and four bytes that mark the commitment (BIP141). */
const COMMITMENT_HEADER: readonly number[] = [0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed];

/** Index of the coinbase output that commits to witnesses, the last if there are several; -1 when none does. */
export function findWitnessCommitment(coinbase: Transaction): number {
  for (let j = coinbase.outputCount - 1; j >= 0; j--) {
    if (isCommitmentScript(coinbase.bytes, coinbase.scriptPubKeyStart(j), coinbase.scriptPubKeyEnd(j))) return j;
  }
  return -1;
}

function isCommitmentScript(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < MIN_WITNESS_COMMITMENT_SIZE) return false;
  for (let k = 0; k < COMMITMENT_HEADER.length; k++) {
    if (bytes[start + k] !== COMMITMENT_HEADER[k]) return false;
  }
  return true;
}

/** Root of the merkle tree over the wtxids of a block, in which the coinbase counts as 32 zero bytes (BIP141). */
export function computeWitnessMerkleRoot(block: Block): Uint8Array {
  const hashes = block.wtxids().slice();
  hashes.fill(0, 0, 32);
  return computeMerkleRoot(hashes).root;
}

/** The 32 bytes that a coinbase commits to: double SHA-256 of the witness merkle root and the reserved value. */
export function computeWitnessCommitment(witnessMerkleRoot: Uint8Array, reservedValue: Uint8Array): Uint8Array {
  const commitment = new Uint8Array(32);
  new Sha256Hasher().reset().update(witnessMerkleRoot).update(reservedValue).digestDoubleInto(commitment, 0);
  return commitment;
}

/**
 * Checks the witnesses of a block against the commitment of its coinbase, or that there are none where nothing commits to
 * them. `isSegwitActive` says whether commitments count at the height of the block. The block has a coinbase.
 */
export function checkWitnessCommitment(block: Block, isSegwitActive: boolean): BlockReject | null {
  const output = isSegwitActive && block.txCount > 0 ? findWitnessCommitment(block.transaction(0)) : -1;
  return output < 0 ? checkNoWitness(block) : checkCommitted(block, output);
}

function checkCommitted(block: Block, output: number): BlockReject | null {
  const coinbase = block.transaction(0);
  const witness = coinbase.witness(0);
  if (witness.length !== 1 || witness[0]!.length !== WITNESS_RESERVED_VALUE_SIZE) {
    return rejectBlock('mutated', 'bad-witness-nonce-size', 'witness-reserved-value', {
      debug: 'CheckWitnessMalleation : invalid witness reserved value size',
      actual: witness.length === 1 ? witness[0]!.length : `${witness.length} items`,
      expected: WITNESS_RESERVED_VALUE_SIZE,
      txIndex: 0,
    });
  }
  const at = coinbase.scriptPubKeyStart(output) + COMMITMENT_HEADER.length;
  const committed = coinbase.bytes.subarray(at, at + 32);
  const computed = computeWitnessCommitment(computeWitnessMerkleRoot(block), witness[0]!);
  if (equalBytes(committed, computed)) return null;
  return rejectBlock('mutated', 'bad-witness-merkle-match', 'witness-commitment', {
    debug: 'CheckWitnessMalleation : witness merkle commitment mismatch',
    actual: computed,
    expected: committed.slice(),
    txIndex: 0,
    outputIndex: output,
  });
}

/** Witnesses that nothing commits to would be free room for spam, and anyone could add them. */
function checkNoWitness(block: Block): BlockReject | null {
  for (let i = 0; i < block.txCount; i++) {
    if (block.transaction(i).hasWitness) {
      return rejectBlock('mutated', 'unexpected-witness', 'witness-committed', {
        debug: 'CheckWitnessMalleation : unexpected witness data found',
        txIndex: i,
      });
    }
  }
  return null;
}
