// A complete block around transactions: coinbase with the witness commitment, merkle root, proof of work of regtest.

import type { ConsensusParams } from '../../src/kernel/consensus/params.ts';
import { checkProofOfWork } from '../../src/kernel/consensus/pow.ts';
import { computeWitnessCommitment } from '../../src/kernel/consensus/witness-commitment.ts';
import { type Block, buildBlock } from '../../src/kernel/primitives/block.ts';
import { asMerkleRoot } from '../../src/kernel/primitives/hashes.ts';
import { type BlockHeader, buildHeader } from '../../src/kernel/primitives/header.ts';
import { computeMerkleRoot } from '../../src/kernel/primitives/merkle.ts';
import type { Transaction, TransactionOutput } from '../../src/kernel/primitives/transaction.ts';
import { commitmentScript, makeCoinbase, merkleRootOf } from '../model/block-builder.ts';

/** What goes into a block. */
export interface BlockContent {
  readonly height: number;
  readonly timeSec: number;
  /** Outputs of the coinbase, to which a commitment is added. */
  readonly outputs: readonly TransactionOutput[];
  readonly transactions: readonly Transaction[];
}

/** The reserved value of the commitment (BIP141), which means nothing yet. */
const RESERVED_VALUE = new Uint8Array(32);

const VERSION = 0x20000000;

/** The block on top of `previous`; its work is found within a few tries, as the parameters must allow. */
export function mineBlock(previous: BlockHeader, content: BlockContent, params: ConsensusParams): Block {
  const transactions = [createCoinbase(content), ...content.transactions];
  const work = {
    version: VERSION,
    previousBlockHash: previous.blockHash,
    merkleRoot: asMerkleRoot(merkleRootOf(transactions)),
    timeSec: content.timeSec,
    bits: params.pow.limit.bits,
  };
  for (let nonce = 0; ; nonce++) {
    const header = buildHeader({ ...work, nonce });
    if (checkProofOfWork(header.blockHash, 0, work.bits, params.pow)) return buildBlock(header, transactions);
  }
}

/** The coinbase that commits to the witnesses of the others, whether they have any or not. */
function createCoinbase({ height, outputs, transactions }: BlockContent): Transaction {
  const wtxids = new Uint8Array(32 * (transactions.length + 1));
  transactions.forEach((transaction, i) => {
    wtxids.set(transaction.wtxid, 32 * (i + 1));
  });
  const commitment = computeWitnessCommitment(computeMerkleRoot(wtxids).root, RESERVED_VALUE);
  return makeCoinbase({
    height,
    outputs: [...outputs, { valueSat: 0, scriptPubKey: commitmentScript(commitment) }],
    witness: [RESERVED_VALUE],
  });
}
