// Two short chains of regtest as Bitcoin Core mines them, for which Core has published the hashes of the coins: one through its
// table of assumeutxo, one through its functional test of these hashes. Rebuilt transaction by transaction; headers do not enter
// the hashes and are merely linked.

import { createRegtestParams } from '../../src/kernel/consensus/networks/regtest.ts';
import { computeWitnessCommitment, computeWitnessMerkleRoot } from '../../src/kernel/consensus/witness-commitment.ts';
import { type Block, buildBlock } from '../../src/kernel/primitives/block.ts';
import { asMerkleRoot } from '../../src/kernel/primitives/hashes.ts';
import { type BlockHeader, buildHeader } from '../../src/kernel/primitives/header.ts';
import type { Transaction } from '../../src/kernel/primitives/transaction.ts';
import { createP2pk, createP2pkh, encodeNumberPush } from '../../src/kernel/script/script-builder.ts';
import { concatBytes, fromHex } from '../../src/kernel/util/bytes.ts';
import { commitmentScript, makeCoinbase, makeTx, merkleRootOf, outputOf, pay, spend } from './block-builder.ts';

/** A chain and what Core says about its coins; hashes as people write them. */
export interface CoreChain {
  /** From the genesis block on. */
  readonly blocks: readonly Block[];
  readonly coinCount: number;
  readonly totalSat: bigint;
  readonly hashSerialized: string;
  /** Null where Core has not published it. */
  readonly muhash: string | null;
}

const REWARD_SAT = 5_000_000_000;

/** Outpoint sequence of Core's coinbases, so that their locktime counts. */
const SEQUENCE_NONFINAL = 0xfffffffe;

/** The public key of the secret 1. */
const PUBLIC_KEY_OF_ONE = fromHex('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798');

/** Where the first node of Core's functional tests mines to: mjTkW3DjgyZck4KbiRusZsqTgaYTxdSz6z. */
const NODE_SCRIPT = createP2pkh(fromHex('2b4569203694fc997e13f2c0a1383b9e16c77a0d'));

/** Where their small wallet keeps coins: bcrt1p9yfmy5h72durp7zrhlw9lf7jpwjgvwdg0jr0lqmmjtgg83266lqsekaqka. */
const WALLET_SCRIPT = fromHex('51202913b252fe537830f843bfdc5fa7d20ba48639a87c86ff837b92d083c55ad7c1');

/** That wallet's coins are spent by the script OP_TRUE under the internal key 1. */
const WALLET_WITNESS = [fromHex('51'), fromHex(`c0${'00'.repeat(31)}01`)];

/** Core makes its coinbases final only above the block before, and pads those of the first 16 heights. */
function makeCoreCoinbase(height: number, script: Uint8Array, commitment: Uint8Array): Transaction {
  const padding = height <= 16 ? [Uint8Array.of(0)] : [];
  return makeCoinbase({
    height,
    outputs: [pay(REWARD_SAT, script), pay(0, commitmentScript(commitment))],
    scriptSig: concatBytes(encodeNumberPush(height), ...padding),
    witness: [new Uint8Array(32)],
    sequence: SEQUENCE_NONFINAL,
    locktime: height - 1,
  });
}

function linkBlock(previous: BlockHeader, transactions: readonly Transaction[]): Block {
  const { timeSec, bits, blockHash } = previous;
  const merkleRoot = asMerkleRoot(merkleRootOf(transactions));
  const header = {
    version: 0x20000000,
    previousBlockHash: blockHash,
    merkleRoot,
    timeSec: timeSec + 1,
    bits,
    nonce: 0,
  };
  return buildBlock(buildHeader(header), transactions);
}

/** A chain that pays every block to `scriptOf` its height; `spends` are the other transactions of a block. */
function buildChain(
  height: number,
  scriptOf: (height: number) => Uint8Array,
  spends: (height: number, blocks: readonly Block[]) => readonly Transaction[],
): Block[] {
  const blocks: Block[] = [createRegtestParams().genesis];
  for (let h = 1; h <= height; h++) {
    const others = spends(h, blocks);
    const previous = blocks[h - 1]!.header;
    const draft = linkBlock(previous, [makeCoreCoinbase(h, scriptOf(h), new Uint8Array(32)), ...others]);
    const commitment = computeWitnessCommitment(computeWitnessMerkleRoot(draft), new Uint8Array(32));
    blocks.push(linkBlock(previous, [makeCoreCoinbase(h, scriptOf(h), commitment), ...others]));
  }
  return blocks;
}

/** The chain of Core's unit tests: 110 blocks to one key (kernel/chainparams.cpp, assumeutxo of regtest). */
export function buildCoreUnitTestChain(): CoreChain {
  const script = createP2pk(PUBLIC_KEY_OF_ONE);
  return {
    blocks: buildChain(
      110,
      () => script,
      () => [],
    ),
    coinCount: 110,
    totalSat: 110n * 5_000_000_000n,
    hashSerialized: '86e9a1205b418b16dde3a18a78c730e30137e28466bda5dbf6b33ab8fc05447c',
    muhash: null,
  };
}

/** The chain of Core's feature_utxo_set_hash: the first coin is spent in block 101, and its fee goes to nobody. */
export function buildCoreSetHashChain(): CoreChain {
  const feeSat = 31_200; // 104 virtual bytes at 0.003 per thousand
  return {
    blocks: buildChain(
      101,
      (height) => (height === 1 || height === 101 ? WALLET_SCRIPT : NODE_SCRIPT),
      (height, blocks) => {
        if (height !== 101) return [];
        const input = spend(outputOf(blocks[1]!.transaction(0)), { sequence: 0, witness: WALLET_WITNESS });
        return [makeTx([input], [pay(REWARD_SAT - feeSat, WALLET_SCRIPT)])];
      },
    ),
    coinCount: 101,
    totalSat: 101n * 5_000_000_000n - 31_200n,
    hashSerialized: '396058cfd7f3b4c05dcdfaf360be9986d859d2c8315082d3aadda6d2d16add25',
    muhash: '97f341d4226cb4451dd9da2856759fb97659cfc238a0b8d5452e64af6032bd3d',
  };
}
