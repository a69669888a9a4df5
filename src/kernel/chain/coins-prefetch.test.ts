import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BlockOptions } from '../../../test/model/block-builder.ts';
import { makeTx, NOBODY, outputOf, pay, spend } from '../../../test/model/block-builder.ts';
import { BranchBuilder, NOW_SEC } from '../../../test/model/branch-builder.ts';
import { assertCoinsEqualReplay, ChainWorld } from '../../../test/model/chain-world.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { createRng } from '../util/prng.ts';
import { type CoinsFetcher, CoinsPrefetch } from './coins-prefetch.ts';

/** A branch of 100 blocks, and a transaction that makes three coins of the first coinbase. */
function prepared(): { builder: BranchBuilder; maker: Transaction } {
  const builder = new BranchBuilder();
  builder.mineMany(101);
  return { builder, maker: builder.spendCoinbase(1, 3) };
}

async function verdictOn(
  transactions: readonly Transaction[],
  builder: BranchBuilder,
  rest: BlockOptions = {},
): Promise<string> {
  const chain = await new ChainWorld().open();
  for (const block of builder.blocks) await chain.submitBlock(block, NOW_SEC);
  const result = await chain.submitBlock(builder.fork().mine({ transactions, ...rest }), NOW_SEC);
  await assertCoinsEqualReplay(chain);
  return result.outcome === 'rejected' ? result.reject.reason : result.outcome;
}

const MISSING = 'bad-txns-inputs-missingorspent';

describe('coins that a block asks for', () => {
  it('are found inside the block where an earlier transaction makes them', async () => {
    const { builder, maker } = prepared();
    const user = makeTx([spend(outputOf(maker)), spend(outputOf(maker, 2))], [pay(1)]);
    assert.equal(await verdictOn([maker, user], builder), 'connected');
  });

  it('are missing, and no more than that, where a block lies about itself (C12)', async () => {
    const { builder, maker } = prepared();
    const once = makeTx([spend(outputOf(maker))], [pay(1)]);
    const twice = makeTx([spend(outputOf(maker))], [pay(2)]);
    assert.equal(await verdictOn([maker, once, twice], builder), MISSING, 'spent twice');
    assert.equal(await verdictOn([once, maker], builder), MISSING, 'child before parent');
    const beyond = makeTx([spend({ txid: maker.txid, index: 3 })], [pay(1)]);
    assert.equal(await verdictOn([maker, beyond], builder), MISSING, 'an output that is not there');
    const far = makeTx([spend({ txid: maker.txid, index: 0xffffffff })], [pay(1)]);
    assert.equal(await verdictOn([maker, far], builder), MISSING, 'the last index');
    const burner = makeTx([spend(outputOf(builder.at(1).transaction(0)))], [pay(5, NOBODY), pay(5)]);
    const digger = makeTx([spend(outputOf(burner))], [pay(1)]);
    assert.equal(await verdictOn([burner, digger], builder), MISSING, 'an output that can never be spent');
    const again = makeTx([spend(outputOf(builder.at(1).transaction(0)))], [pay(9)]);
    assert.equal(await verdictOn([maker, again], builder), MISSING, 'an old coin spent twice');
  });

  it('are asked for once, and not at all when they are known', async () => {
    const { builder, maker } = prepared();
    const user = makeTx([spend(outputOf(maker)), spend(outputOf(builder.at(2).transaction(0)))], [pay(1)]);
    const block = builder.mine({ transactions: [maker, user] });
    const asked: number[] = [];
    const known = new Set<string>();
    const coins: CoinsFetcher = {
      isKnown: (outpoints, at) => known.has(outpoints.slice(at, at + 36).join()),
      fetch: async (outpoints, count) => {
        asked.push(count);
        for (let i = 0; i < count; i++) known.add(outpoints.slice(36 * i, 36 * i + 36).join());
      },
    };
    const prefetch = new CoinsPrefetch(coins, createRng(1));
    await prefetch.fetchForConnect(block, [], false);
    await prefetch.fetchForConnect(block, [], false);
    assert.deepEqual(asked, [2]);
    await prefetch.fetchForConnect(block, [], true);
    // two outputs of the coinbase, three of the maker, one of the user
    assert.deepEqual(asked, [2, 6]);
    await prefetch.fetchForReplay(block, []);
    assert.deepEqual(asked, [2, 6]);
  });

  it('may be very many (C40)', async () => {
    const { builder } = prepared();
    const fan = builder.spendCoinbase(1, 20_000);
    builder.mine({ transactions: [fan] });
    const users = Array.from({ length: 20 }, (_, i) =>
      makeTx(
        Array.from({ length: 1000 }, (_, k) => spend(outputOf(fan, 1000 * i + k))),
        [pay(1)],
      ),
    );
    builder.mine({ transactions: users });
    const world = new ChainWorld({ coinsCacheBytes: 1 });
    const chain = await world.open();
    for (const block of builder.blocks) {
      assert.equal((await chain.submitBlock(block, NOW_SEC)).outcome, 'connected');
    }
    await chain.invalidateBlock(builder.at(102).header.blockHash, NOW_SEC);
    assert.equal(chain.height, 101);
    await chain.reconsiderBlock(builder.at(102).header.blockHash, NOW_SEC);
    assert.equal(chain.height, 103);
    await assertCoinsEqualReplay(chain);
  });
});
