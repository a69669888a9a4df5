import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BranchBuilder, NOW_SEC } from '../../../test/model/branch-builder.ts';
import { ChainModel, type ModelBlock, nameOf } from '../../../test/model/chain-model.ts';
import { ChainWorld, describeChainCoins, replayChain } from '../../../test/model/chain-world.ts';
import { checkChain } from '../../../test/model/check-chain.ts';
import { toHex } from '../util/bytes.ts';
import { createRng, type Rng } from '../util/prng.ts';
import type { Chainstate } from './chainstate.ts';

/** A random tree on top of a common trunk in which coins have ripened; some blocks are bad. */
function randomTree(rng: Rng, count: number): { trunk: BranchBuilder; blocks: ModelBlock[] } {
  const trunk = new BranchBuilder();
  trunk.mineMany(100);
  const builders: BranchBuilder[] = [];
  const blocks: ModelBlock[] = trunk.blocks.map((block, i) => describeBlock(block, i + 1, false));
  for (let i = 0; i < count; i++) {
    const from = builders.length === 0 || rng.below(6) === 0 ? trunk : builders[rng.below(builders.length)]!;
    const isFork = from === trunk || rng.below(3) === 0;
    const builder = isFork ? from.fork(Math.max(100, from.height - rng.below(3))) : from;
    if (isFork) builders.push(builder);
    const isBad = rng.below(12) === 0;
    const ripe = builder.height - 99;
    const transactions = ripe > 0 && rng.below(2) === 0 ? [builder.spendCoinbase(ripe, 3)] : [];
    const block = isBad ? builder.mineOverpaid() : builder.mine({ transactions });
    blocks.push(describeBlock(block, builder.height, isBad));
  }
  return { trunk, blocks };
}

function describeBlock(block: ModelBlock['block'], height: number, isBad: boolean): ModelBlock {
  return { name: nameOf(block), parent: toHex(block.header.previousBlockHash), height, isBad, block };
}

class Run {
  readonly #rng: Rng;
  readonly #world: ChainWorld;
  readonly #blocks: readonly ModelBlock[];
  readonly #model: ChainModel;
  #durable: ChainModel;
  #chain!: Chainstate;

  constructor(seed: number) {
    this.#rng = createRng(seed);
    const limits = { inputs: 1 + this.#rng.below(9), blocks: 1 + this.#rng.below(4), bytes: 1e6 };
    this.#world = new ChainWorld({ windowLimits: limits, coinsCacheBytes: 1e9 });
    const { trunk, blocks } = randomTree(this.#rng, 60);
    this.#blocks = blocks;
    this.#model = new ChainModel(trunk.network.genesis, blocks);
    this.#durable = this.#model.snapshot();
  }

  async go(steps: number): Promise<void> {
    this.#chain = await this.#world.open();
    for (const { name, height } of this.#blocks) if (height <= 100) await this.#submit(name);
    await this.#flush();
    for (let step = 0; step < steps; step++) {
      const label = await this.#step();
      this.#compare(`step ${step}: ${label}`);
    }
    assert.deepEqual(await describeChainCoins(this.#chain), await replayChain(this.#chain));
  }

  /** A block of the upper part of the tree, known or not. */
  #pick(): ModelBlock {
    return this.#blocks[100 + this.#rng.below(this.#blocks.length - 100)]!;
  }

  async #step(): Promise<string> {
    const { name, block, height } = this.#pick();
    const { blockHash } = block.header;
    const isKnown = this.#model.known.has(name);
    switch (this.#rng.below(24)) {
      case 0:
        if (!isKnown) break;
        await this.#chain.invalidateBlock(blockHash, NOW_SEC);
        this.#model.invalidate(name);
        return `invalidate ${height}`;
      case 1:
      case 2:
        if (!isKnown) break;
        await this.#chain.reconsiderBlock(blockHash, NOW_SEC);
        this.#model.reconsider(name);
        return `reconsider ${height}`;
      case 3:
      case 4:
        if (!isKnown) break;
        await this.#chain.preciousBlock(blockHash, NOW_SEC);
        this.#model.prefer(name);
        return `prefer ${height}`;
      case 5:
        await this.#chain.close(NOW_SEC);
        return this.#reopen('restart');
      case 6:
        this.#world.cutPower(this.#rng);
        this.#model.restore(this.#durable);
        return this.#reopen('crash');
      case 7:
        await this.#flush();
        return 'flush';
      case 8:
      case 9:
      case 10: {
        const result = await this.#chain.acceptHeaders([block.header], NOW_SEC);
        const expected = this.#model.acceptHeader(name);
        assert.equal(result.reject?.reason ?? 'known', expected);
        return `header ${height}`;
      }
      default:
    }
    await this.#submit(name);
    return `submit ${height}`;
  }

  async #submit(name: string): Promise<void> {
    const { block } = this.#model.blocks.get(name)!;
    const result = await this.#chain.submitBlock(block, NOW_SEC);
    const outcome = result.outcome === 'rejected' ? result.reject.reason : result.outcome;
    assert.equal(outcome, this.#model.submit(name));
  }

  async #flush(): Promise<void> {
    await this.#chain.flush(NOW_SEC);
    this.#durable = this.#model.snapshot();
  }

  async #reopen(label: string): Promise<string> {
    this.#chain = await this.#world.open();
    await this.#chain.activate(NOW_SEC);
    this.#model.restart();
    if (label === 'restart') this.#durable = this.#model.snapshot();
    return label;
  }

  #compare(label: string): void {
    const { index, active } = this.#chain;
    assert.equal(toHex(this.#chain.tipHash), this.#model.tip, label);
    assert.equal(index.count, this.#model.known.size, label);
    for (const [name, known] of this.#model.known) {
      const entry = index.find(this.#model.blocks.get(name)?.block.header.blockHash ?? index.blockHash(0));
      assert.equal(index.isFailed(entry), known.isFailed, `${label}: failed ${this.#model.height(name)}`);
      assert.equal(index.hasData(entry), known.hasData, label);
      assert.equal(index.isLinked(entry), known.isLinked, label);
    }
    assert.equal(index.height(index.bestHeader), this.#model.bestHeaderHeight(), label);
    assert.equal(active.height, this.#model.height(this.#model.tip), label);
    checkChain(this.#chain);
  }
}

describe('the choice of a chain', () => {
  for (let seed = 1; seed <= 12; seed++) {
    it(`agrees with a naive twin after every one of 120 random operations (seed ${seed})`, async () => {
      await new Run(seed).go(120);
    });
  }
});
