// Small blocks for tests: transactions from a few words, blocks with everything in place (merkle root, commitment, proof of work
// on regtest), and a chain that they are connected to. Whatever a test wants wrong, it overrides before the block is finished.

import { CoinsOverlay } from '../../src/kernel/consensus/coins-overlay.ts';
import type { ConnectedBlock } from '../../src/kernel/consensus/connect-block.ts';
import { type DisconnectResult, disconnectBlock } from '../../src/kernel/consensus/disconnect-block.ts';
import { type HeaderBranch, MemoryHeaderBranch } from '../../src/kernel/consensus/header-branch.ts';
import { MemoryCoins } from '../../src/kernel/consensus/memory-coins.ts';
import { createRegtestParams } from '../../src/kernel/consensus/networks/regtest.ts';
import type { ChainParams, ConsensusParams } from '../../src/kernel/consensus/params.ts';
import { checkProofOfWork } from '../../src/kernel/consensus/pow.ts';
import type { BlockReject } from '../../src/kernel/consensus/reject.ts';
import type { JobVerifier } from '../../src/kernel/consensus/script-job.ts';
import { getBlockSubsidy } from '../../src/kernel/consensus/subsidy.ts';
import type { BlockUndo } from '../../src/kernel/consensus/undo.ts';
import { type BlockValidationOptions, validateBlock } from '../../src/kernel/consensus/validate-block.ts';
import { computeWitnessCommitment, computeWitnessMerkleRoot } from '../../src/kernel/consensus/witness-commitment.ts';
import type { Secp256k1 } from '../../src/kernel/crypto/secp256k1.ts';
import { nobleSecp256k1 } from '../../src/kernel/crypto/secp256k1-noble.ts';
import { type Block, buildBlock, decodeBlock } from '../../src/kernel/primitives/block.ts';
import { asMerkleRoot, asTxid, NULL_TXID, type Txid } from '../../src/kernel/primitives/hashes.ts';
import { buildHeader, encodeHeader } from '../../src/kernel/primitives/header.ts';
import { computeMerkleRoot } from '../../src/kernel/primitives/merkle.ts';
import { NULL_INDEX, type Outpoint } from '../../src/kernel/primitives/outpoint.ts';
import {
  buildTransaction,
  type Transaction,
  type TransactionData,
  type TransactionInput,
  type TransactionOutput,
} from '../../src/kernel/primitives/transaction.ts';
import { encodeNumberPush } from '../../src/kernel/script/script-builder.ts';
import { InputVerifier } from '../../src/kernel/script/verify.ts';
import { assert } from '../../src/kernel/util/assert.ts';
import { concatBytes } from '../../src/kernel/util/bytes.ts';
import { createRng, type Rng } from '../../src/kernel/util/prng.ts';
import type { Result } from '../../src/kernel/util/result.ts';

/** A script that anyone can satisfy with nothing: OP_TRUE. */
export const ANYONE: Uint8Array = Uint8Array.of(0x51);

/** A script that nobody can satisfy, for outputs that are never added: OP_RETURN. */
export const NOBODY: Uint8Array = Uint8Array.of(0x6a);

/** Salts the tables of tests, which need no secret. */
export const TEST_RNG: Rng = createRng(1);

/** A txid that no transaction has, different for each number. */
export function fakeTxid(n: number): Txid {
  const txid = new Uint8Array(32).fill(0xfa);
  txid[0] = n & 0xff;
  txid[1] = (n >>> 8) & 0xff;
  txid[2] = (n >>> 16) & 0xff;
  return asTxid(txid);
}

/** An output to anyone. */
export function pay(valueSat: number, scriptPubKey: Uint8Array = ANYONE): TransactionOutput {
  return { valueSat, scriptPubKey };
}

/** An input with an empty scriptSig and a final sequence. */
export function spend(prevout: Outpoint, rest: Partial<Omit<TransactionInput, 'prevout'>> = {}): TransactionInput {
  return { prevout, scriptSig: new Uint8Array(0), sequence: 0xffffffff, ...rest };
}

/** Output `index` of a transaction, to be spent. */
export function outputOf(transaction: Transaction, index = 0): Outpoint {
  return { txid: transaction.txid, index };
}

/** A transaction of version 2 without locktime. */
export function makeTx(
  inputs: readonly TransactionInput[],
  outputs: readonly TransactionOutput[],
  rest: Partial<TransactionData> = {},
): Transaction {
  return buildTransaction({ version: 2, locktime: 0, ...rest, inputs, outputs });
}

/** What a test may want different about a coinbase. */
export interface CoinbaseOptions {
  readonly height: number;
  readonly outputs: readonly TransactionOutput[];
  readonly scriptSig?: Uint8Array;
  readonly witness?: readonly Uint8Array[];
  readonly sequence?: number;
  readonly locktime?: number;
  readonly version?: number;
}

/** A coinbase whose script is the height and one more byte, so that it is never shorter than two. */
export function makeCoinbase(options: CoinbaseOptions): Transaction {
  const { height, outputs } = options;
  const scriptSig = options.scriptSig ?? concatBytes(encodeNumberPush(height), Uint8Array.of(0x00));
  const prevout = { txid: NULL_TXID, index: NULL_INDEX };
  const input = { prevout, scriptSig, sequence: options.sequence ?? 0xffffffff };
  return buildTransaction({
    version: options.version ?? 2,
    inputs: [options.witness === undefined ? input : { ...input, witness: options.witness }],
    outputs,
    locktime: options.locktime ?? 0,
  });
}

/** What a test may want different about a block. */
export interface BlockOptions {
  readonly transactions?: readonly Transaction[];
  /** Instead of the usual coinbase. */
  readonly coinbase?: Transaction;
  /** What the coinbase pays in all; the subsidy if absent. */
  readonly rewardSat?: number;
  /** Further outputs of the usual coinbase. */
  readonly coinbaseOutputs?: readonly TransactionOutput[];
  /** True: commit to witnesses even when there are none. */
  readonly commits?: boolean;
  readonly timeSec?: number;
  readonly version?: number;
  readonly bits?: number;
}

/** The script that commits to witnesses. */
export function commitmentScript(commitment: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed), commitment);
}

/** The next block of a branch, complete and mined when its bits are those of regtest. */
export function makeBlock(branch: HeaderBranch, params: ConsensusParams, options: BlockOptions = {}): Block {
  const height = branch.height + 1;
  const transactions = options.transactions ?? [];
  const outputs = [pay(options.rewardSat ?? getBlockSubsidy(height, params)), ...(options.coinbaseOutputs ?? [])];
  let coinbase = options.coinbase ?? makeCoinbase({ height, outputs });
  const commits = options.commits ?? transactions.some((tx) => tx.hasWitness);
  if (options.coinbase === undefined && commits) {
    const witness = [new Uint8Array(32)];
    const root = computeWitnessMerkleRoot(assemble(branch, params, [coinbase, ...transactions], options));
    const commitment = commitmentScript(computeWitnessCommitment(root, witness[0]!));
    coinbase = makeCoinbase({ height, outputs: [...outputs, pay(0, commitment)], witness });
  }
  return assemble(branch, params, [coinbase, ...transactions], options);
}

function assemble(
  branch: HeaderBranch,
  params: ConsensusParams,
  transactions: readonly Transaction[],
  options: BlockOptions,
): Block {
  const header = buildHeader({
    version: options.version ?? 0x20000000,
    previousBlockHash: branch.blockHash(branch.height),
    merkleRoot: asMerkleRoot(merkleRootOf(transactions)),
    timeSec: options.timeSec ?? branch.timeSec(branch.height) + 1,
    bits: options.bits ?? params.pow.limit.bits,
    nonce: 0,
  });
  return remine(buildBlock(header, transactions), params);
}

/** Merkle root over the txids. */
export function merkleRootOf(transactions: readonly Transaction[]): Uint8Array {
  const hashes = new Uint8Array(32 * transactions.length);
  transactions.forEach((tx, i) => {
    hashes.set(tx.txid, 32 * i);
  });
  return computeMerkleRoot(hashes).root;
}

/** The block with the first nonce that is proof of work; only where that takes a few tries, as on regtest. */
export function remine(block: Block, params: ConsensusParams): Block {
  const { version, previousBlockHash, merkleRoot, timeSec, bits } = block.header;
  if (bits !== params.pow.limit.bits) return block;
  for (let nonce = 0; ; nonce++) {
    const header = buildHeader({ version, previousBlockHash, merkleRoot, timeSec, bits, nonce });
    if (checkProofOfWork(header.blockHash, 0, bits, params.pow)) return withHeader(block, header.serialized());
    assert(nonce < 100_000, 'a target of regtest');
  }
}

function withHeader(block: Block, header: Uint8Array): Block {
  const bytes = block.serialized().slice();
  bytes.set(header, 0);
  return blockOf(bytes);
}

/** The block with the merkle root that its transactions have, mined anew. */
export function repairMerkleRoot(block: Block, params: ConsensusParams): Block {
  const { version, previousBlockHash, timeSec, bits, nonce } = block.header;
  const merkleRoot = computeMerkleRoot(block.txids()).root;
  return remine(
    withHeader(block, encodeHeader({ version, previousBlockHash, merkleRoot, timeSec, bits, nonce })),
    params,
  );
}

/** The block of bytes that a test made itself. */
export function blockOf(bytes: Uint8Array): Block {
  const decoded = decodeBlock(bytes);
  assert(decoded.ok, 'bytes of a block');
  return decoded.value;
}

/** A chain in memory with its coins: blocks are judged in full and connected, or taken off again. */
export class TestChain {
  readonly params: ConsensusParams;
  readonly branch: MemoryHeaderBranch;
  readonly coins: MemoryCoins = new MemoryCoins(TEST_RNG);
  readonly overlay: CoinsOverlay = new CoinsOverlay(this.coins, TEST_RNG);
  readonly verifier: JobVerifier;
  readonly blocks: { readonly block: Block; readonly undo: BlockUndo }[] = [];

  constructor(network: ChainParams = createRegtestParams(), secp: Secp256k1 = nobleSecp256k1) {
    this.params = network.consensus;
    this.branch = new MemoryHeaderBranch([network.genesis.header]);
    this.verifier = new InputVerifier(secp);
  }

  get height(): number {
    return this.branch.height;
  }

  /** The next block, not connected. */
  make(options: BlockOptions = {}): Block {
    return makeBlock(this.branch, this.params, options);
  }

  /** Judges a block as the next one and leaves the chain as it is. */
  judge(block: Block, options: Partial<BlockValidationOptions> = {}): BlockReject | null {
    const result = this.#validate(block, options);
    this.overlay.reset();
    return result.ok ? null : result.error;
  }

  /** Connects a block; null, or why it was refused. */
  connect(block: Block, options: Partial<BlockValidationOptions> = {}): BlockReject | null {
    const result = this.#validate(block, options);
    if (!result.ok) {
      this.overlay.reset();
      return result.error;
    }
    this.overlay.flushInto(this.coins);
    this.branch.append(block.header);
    this.blocks.push({ block, undo: result.value.undo });
    return null;
  }

  #validate(block: Block, options: Partial<BlockValidationOptions>): Result<ConnectedBlock, BlockReject> {
    return validateBlock(block, this.overlay, this.branch, this.params, { verifier: this.verifier, ...options });
  }

  /** Connects the next block, which must be valid, and returns it. */
  mine(options: BlockOptions = {}): Block {
    const block = this.make(options);
    const reject = this.connect(block);
    assert(reject === null, `a valid block: ${reject?.reason} ${reject?.debug ?? ''}`);
    return block;
  }

  /** Connects this many empty blocks. */
  mineEmpty(count: number): void {
    for (let i = 0; i < count; i++) this.mine();
  }

  /** Takes the last block off. */
  disconnect(): DisconnectResult {
    const last = this.blocks.pop();
    assert(last !== undefined, 'a block to disconnect');
    const result = disconnectBlock(last.block, last.undo, this.overlay, this.branch.height);
    this.overlay.flushInto(this.coins);
    this.branch.truncate(this.branch.height - 1);
    return result;
  }
}
