import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BranchBuilder, NOW_SEC } from '../../../test/model/branch-builder.ts';
import { assertCoinsEqualReplay, ChainWorld } from '../../../test/model/chain-world.ts';
import { CoinRef } from '../consensus/coin.ts';
import { nobleSecp256k1 } from '../crypto/secp256k1-noble.ts';
import type { Chainstate } from './chainstate.ts';
import { CoinsStore } from './coins-store.ts';
import type { StorageError } from './ports.ts';

const builder = new BranchBuilder();
builder.mineMany(100);
while (builder.height < 115) builder.mine({ transactions: [builder.spendCoinbase(builder.height - 99, 3)] });

async function openFilled(world: ChainWorld = new ChainWorld()): Promise<Chainstate> {
  const chain = await world.open();
  for (const block of builder.blocks) await chain.submitBlock(block, NOW_SEC);
  return chain;
}

/** What is said of a flipped bit. */
const DAMAGE = {
  'blk00000.dat': /^blocks\/blk00000\.dat is corrupt at [0-9]+: block [0-9a-f]{64} in place of /,
  'rev00000.dat': /^blocks\/rev00000\.dat is corrupt at [0-9]+: magic [0-9a-f]{8} in place of /,
};

/** What a verification at level 3 finds; the chain goes on all the same. */
async function findDamage(chain: Chainstate): Promise<string> {
  const told: StorageError[] = [];
  chain.signals.damageFound.subscribe((error) => told.push(error));
  const result = await chain.verify(NOW_SEC, { level: 3 });
  assert.equal(result.outcome, 'damaged');
  const { error } = result as { readonly error: StorageError };
  assert.equal(error.code, 'corrupt');
  assert.deepEqual(told, [error]);
  assert.equal((await chain.verify(NOW_SEC, { level: 0, blockCount: 1 })).outcome, 'verified');
  return error.message;
}

describe('verification at start', () => {
  it('passes a chain that is whole, at every level and depth, and leaves it as it is', async () => {
    const chain = await openFilled();
    for (const level of [0, 1, 2, 3, 4]) {
      for (const blockCount of [0, 1, 6, 115, 1000]) {
        const steps: number[] = [];
        const result = await chain.verify(NOW_SEC, {
          level,
          blockCount,
          onProgress: (done, total) => steps.push(total - done),
        });
        assert.equal(result.outcome, 'verified');
        assert.equal(steps.at(-1), 0);
      }
    }
    await assertCoinsEqualReplay(chain);
  });

  it('finds a coin that is missing, and one that is another', async () => {
    for (const change of ['missing', 'other'] as const) {
      const world = new ChainWorld();
      await (await openFilled(world)).close(NOW_SEC);
      const store = await CoinsStore.open(world.coinsStore, { curve: nobleSecp256k1 });
      const update = store.beginUpdate(builder.tip.header.blockHash, true);
      const tx = builder.at(114).transaction(1);
      const outpoint = new Uint8Array(36);
      outpoint.set(tx.txid);
      if (change === 'missing') update.deleteCoin(outpoint, 0);
      else {
        const coin = { valueSat: 1, scriptPubKey: tx.scriptPubKey(0), height: 114, isCoinbase: false };
        update.putCoin(outpoint, 0, new CoinRef().pointAtCopy(coin));
      }
      await update.finish();
      const chain = await world.open();
      assert.equal((await chain.verify(NOW_SEC, { level: 2 })).outcome, 'verified');
      assert.match(
        await findDamage(chain),
        /^Corrupted block database detected: coin database inconsistencies found at 114, /,
      );
    }
  });

  it('finds a flipped bit in block and undo files (S07)', async () => {
    for (const name of ['blk00000.dat', 'rev00000.dat'] as const) {
      const world = new ChainWorld({ fileBytesMax: 1 << 20 });
      await (await openFilled(world)).close(NOW_SEC);
      const chain = await world.open();
      let reads = 0;
      world.disk.inject = ({ kind, path, length }) => {
        if (kind !== 'read' || !path.endsWith(name)) return null;
        reads++;
        return reads === 4
          ? { kind: 'alter', alter: (bytes) => bytes.set([bytes[length >> 6]! ^ 4], length >> 6) }
          : null;
      };
      assert.match(await findDamage(chain), DAMAGE[name]);
    }
  });

  it('says when the tip seems to come from the future (T02)', async () => {
    const chain = await openFilled();
    const tipSec = chain.index.timeSec(chain.active.tip);
    assert.equal((await chain.verify(tipSec - 7200)).outcome, 'verified');
    await assert.rejects(chain.verify(tipSec - 7201), /appears to be from the future/);
  });

  it('stops in order when asked to', async () => {
    const chain = await openFilled();
    let asked = 0;
    const result = await chain.verify(NOW_SEC, { level: 4, isStopping: () => ++asked > 8 });
    assert.equal(result.outcome, 'stopped');
    await assertCoinsEqualReplay(chain);
  });

  it('passes a chain that has nothing but its first block', async () => {
    const chain = await new ChainWorld().open();
    assert.equal((await chain.verify(NOW_SEC, { level: 4 })).outcome, 'verified');
  });
});
