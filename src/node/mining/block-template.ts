// A block in the making as plain data: what getblocktemplate tells (BIP22, BIP145) and what our own miner works on. A candidate is
// a template with a coinbase and a header: it lacks nothing but a nonce. Which transactions are in it is for assembler.ts to say.

import { computeWitnessCommitment } from '../../kernel/consensus/witness-commitment.ts';
import { writeU32 } from '../../kernel/encoding/numbers.ts';
import type { FeeFrac } from '../../kernel/policy/fee-frac.ts';
import { type Block, buildBlock } from '../../kernel/primitives/block.ts';
import { asMerkleRoot, type BlockHash, HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { BlockHeader, encodeHeader } from '../../kernel/primitives/header.ts';
import { computeBranchRoot, computeMerkleBranch, computeMerkleRoot } from '../../kernel/primitives/merkle.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { buildCoinbase, WITNESS_RESERVED_VALUE } from './coinbase.ts';

/** Where the nonce lies in a header. */
const NONCE_AT = 76;

/** A transaction of a template besides the coinbase. An entry of the mempool is one. */
export interface TemplateTransaction {
  readonly transaction: Transaction;
  readonly feeSat: number;
  /** Cost of its signature operations (BIP141). */
  readonly sigopsCost: number;
}

/** A block without coinbase, merkle root and nonce. */
export interface BlockTemplate {
  readonly height: number;
  readonly version: number;
  readonly previousBlockHash: BlockHash;
  /** The moment it was made, or the earliest that is allowed. */
  readonly timeSec: number;
  readonly bits: number;
  /** The earliest time that the block may have. */
  readonly minTimeSec: number;
  /** In the order of the block, without the coinbase. */
  readonly transactions: readonly TemplateTransaction[];
  /** What the chunks pay, in virtual bytes and in the order in which they were taken; operators' additions to fees count. */
  readonly chunkFeerates: readonly FeeFrac[];
  readonly feesSat: number;
  /** Subsidy and fees: what the coinbase may pay out. */
  readonly rewardSat: number;
  /** Weight of the transactions, and what is kept free for header and coinbase (Core m_last_block_weight). */
  readonly weightWu: number;
  /** Cost of the transactions' signature operations, and what is kept free for the coinbase. */
  readonly sigopsCost: number;
  /** Whether the rules of witnesses hold for the block. */
  readonly isSegwitActive: boolean;
  /** What the coinbase commits to (BIP141). */
  readonly witnessCommitment: Uint8Array;
  /** Siblings of the coinbase on the way to the merkle root, deepest first, 32 bytes each. */
  readonly merkleBranch: Uint8Array;
}

/** What follows from the transactions of a template, hashed in batches. */
export type TemplateCommitments = Pick<BlockTemplate, 'witnessCommitment' | 'merkleBranch'>;

/** Computes what commits to transactions in this order behind a coinbase. */
export function computeTemplateCommitments(transactions: readonly TemplateTransaction[]): TemplateCommitments {
  // The coinbase counts as zeros among the wtxids, and its txid is not in its own branch.
  const txids = new Uint8Array(HASH_BYTES * (1 + transactions.length));
  const wtxids = new Uint8Array(txids.length);
  for (let i = 0; i < transactions.length; i++) {
    const { transaction } = transactions[i]!;
    const at = HASH_BYTES * (i + 1);
    transaction.writeTxid(txids, at);
    transaction.writeWtxid(wtxids, at);
  }
  const witnessCommitment = computeWitnessCommitment(computeMerkleRoot(wtxids).root, WITNESS_RESERVED_VALUE);
  return { witnessCommitment, merkleBranch: computeMerkleBranch(txids, 0) };
}

/**
 * The same template with other transactions in place of its own, whose fees nobody collects (Core generateblock and
 * RegenerateCommitments). Limits are not looked at: a check of the block will do that.
 */
export function replaceTransactions(template: BlockTemplate, transactions: readonly Transaction[]): BlockTemplate {
  const replaced = transactions.map((transaction) => ({ transaction, feeSat: 0, sigopsCost: 0 }));
  return {
    ...template,
    transactions: replaced,
    chunkFeerates: [],
    rewardSat: template.rewardSat - template.feesSat,
    feesSat: 0,
    ...computeTemplateCommitments(replaced),
  };
}

/**
 * For each transaction of a template the positions, counted from 1, of those before it whose outputs it spends, one for each
 * such input (`depends` of BIP22).
 */
export function computeDependencies(transactions: readonly TemplateTransaction[]): readonly (readonly number[])[] {
  const positions = new Map<string, number>();
  return transactions.map(({ transaction }, i) => {
    positions.set(toHex(transaction.txid), i + 1);
    const depends: number[] = [];
    for (let k = 0; k < transaction.inputCount; k++) {
      const at = transaction.prevoutStart(k);
      const position = positions.get(toHex(transaction.bytes.subarray(at, at + HASH_BYTES)));
      if (position !== undefined) depends.push(position);
    }
    return depends;
  });
}

/** Who is paid by a block, and what tells it from other blocks with the same transactions. */
export interface CandidateOptions {
  readonly scriptPubKey: Uint8Array;
  /** A number in the coinbase; left out: none. */
  readonly extraNonce?: number;
}

/** A block that lacks nothing but a nonce. */
export class BlockCandidate {
  readonly template: BlockTemplate;
  readonly coinbase: Transaction;
  /** The 80 bytes with nonce 0. Treat as frozen. */
  readonly header: Uint8Array;

  /** Its coinbase is made and the header filled in; no transaction is touched. */
  constructor(template: BlockTemplate, options: CandidateOptions) {
    this.template = template;
    this.coinbase = buildCoinbase({ ...template, ...options });
    const merkleRoot = asMerkleRoot(computeBranchRoot(this.coinbase.txid, template.merkleBranch, 0));
    this.header = encodeHeader({ ...template, merkleRoot, nonce: 0 });
  }

  /** The block with a nonce: every transaction is copied once. Whether the nonce is proof of work is not looked at. */
  seal(nonce: number): Block {
    const header = this.header.slice();
    writeU32(header, NONCE_AT, nonce);
    const transactions = this.template.transactions.map(({ transaction }) => transaction);
    return buildBlock(new BlockHeader(header), [this.coinbase, ...transactions]);
  }
}
