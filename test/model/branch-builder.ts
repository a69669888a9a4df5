// Trees of small blocks for tests of the chain: branches that grow, fork off one another, and contain whatever a test wants wrong.
// Nothing is judged here; every block has its proof of work, and blocks of different branches differ by a tag in their coinbase.

import { MemoryHeaderBranch } from '../../src/kernel/consensus/header-branch.ts';
import { createRegtestParams } from '../../src/kernel/consensus/networks/regtest.ts';
import type { ChainParams } from '../../src/kernel/consensus/params.ts';
import type { Block } from '../../src/kernel/primitives/block.ts';
import type { Transaction } from '../../src/kernel/primitives/transaction.ts';
import { type BlockOptions, fakeTxid, makeBlock, makeTx, outputOf, pay, spend } from './block-builder.ts';

/** A clock that no block of the tests is ahead of: their times lie shortly after that of regtest's first block. */
export const NOW_SEC = 1_700_000_000;

let lastTag = 0;

/** A branch from the first block of a network up. */
export class BranchBuilder {
  readonly network: ChainParams;
  /** Blocks from height 1 up. */
  readonly blocks: Block[];
  readonly #branch: MemoryHeaderBranch;
  readonly #tag: number;

  constructor(network: ChainParams = createRegtestParams(), blocks: readonly Block[] = []) {
    this.network = network;
    this.blocks = [...blocks];
    this.#branch = new MemoryHeaderBranch([network.genesis.header, ...blocks.map(({ header }) => header)]);
    lastTag += 1;
    this.#tag = lastTag;
  }

  get height(): number {
    return this.blocks.length;
  }

  get tip(): Block {
    return this.blocks.at(-1) ?? this.network.genesis;
  }

  /** The block at a height. */
  at(height: number): Block {
    return height === 0 ? this.network.genesis : this.blocks[height - 1]!;
  }

  /** Another branch that shares the blocks up to `height`. */
  fork(height: number = this.height): BranchBuilder {
    return new BranchBuilder(this.network, this.blocks.slice(0, height));
  }

  /** The next block. */
  mine(options: BlockOptions = {}): Block {
    const tag = pay(0, Uint8Array.of(0x6a, 2, this.#tag & 0xff, this.#tag >>> 8));
    const coinbaseOutputs = [tag, ...(options.coinbaseOutputs ?? [])];
    const block = makeBlock(this.#branch, this.network.consensus, { ...options, coinbaseOutputs });
    this.#branch.append(block.header);
    this.blocks.push(block);
    return block;
  }

  /** The next blocks, empty ones. */
  mineMany(count: number): Block[] {
    return Array.from({ length: count }, () => this.mine());
  }

  /** A transaction that spends the coinbase of a block of this branch to several outputs. */
  spendCoinbase(height: number, outputCount = 2, script?: Uint8Array): Transaction {
    const coinbase = this.at(height).transaction(0);
    const valueSat = Math.floor(coinbase.valueSat(0) / outputCount);
    return makeTx(
      [spend(outputOf(coinbase))],
      Array.from({ length: outputCount }, () => pay(valueSat, script)),
    );
  }

  /** A block whose coinbase takes too much: its header and bytes are fine, connecting it fails. */
  mineOverpaid(): Block {
    return this.mine({ rewardSat: 50_00000001 });
  }

  /** A block that spends a coin that does not exist. */
  mineMissing(): Block {
    return this.mine({ transactions: [makeTx([spend({ txid: fakeTxid(this.#tag), index: 0 })], [pay(1)])] });
  }
}
