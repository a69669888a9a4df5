import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { makeCoinbase, pay, TEST_RNG, TestChain } from '../../../test/model/block-builder.ts';
import { type Coin, CoinRef } from '../consensus/coin.ts';
import { MemoryCoins } from '../consensus/memory-coins.ts';
import { MuHash3072 } from '../crypto/muhash.ts';
import { asBlockHash, formatHash } from '../primitives/hashes.ts';
import { encodeNumberPush } from '../script/script-builder.ts';
import { concatBytes, fromHex, toHex } from '../util/bytes.ts';
import { createRng } from '../util/prng.ts';
import { CoinsCache } from './coins-cache.ts';
import { MemoryKv } from './memory-kv.ts';
import { computeMemoryUtxoStats, computeUtxoStats, type UtxoStats } from './utxo-hash.ts';

const BOTH = { serialized: true, muhash: true };

/** Display order. */
function shown(hash: Uint8Array | null): string {
  return hash === null ? '' : formatHash(asBlockHash(hash));
}

async function storedStats(coins: MemoryCoins): Promise<UtxoStats> {
  const cache = await CoinsCache.open(new MemoryKv(), { limitBytes: 1 << 20, rng: createRng(1) });
  for (const { outpoint, coin } of coins.entries()) cache.putCoin(outpoint, 0, new CoinRef().pointAtCopy(coin), true);
  await cache.flush(asBlockHash(new Uint8Array(32).fill(1)), 'empty', true);
  return computeUtxoStats(cache, BOTH);
}

/** 0 and the SHA-256 of OP_TRUE. */
const P2WSH_TRUE = fromHex('00204ae81572f06e1b88fd5ced7a1a000945432e83e1551e6f721ee9c00b8cc33260');

test('a regtest chain of 200 blocks that Core knows by its hashes has the coins that Core says', async () => {
  const chain = new TestChain();
  for (let height = 1; height <= 200; height++) {
    const coinbase = makeCoinbase({
      height,
      outputs: [pay(height < 150 ? 5_000_000_000 : 2_500_000_000, P2WSH_TRUE)],
      scriptSig: concatBytes(encodeNumberPush(height), Uint8Array.of(0)),
      sequence: 0xfffffffe,
      locktime: height - 1,
    });
    chain.mine({ coinbase, version: 4 });
  }
  assert.equal(
    formatHash(chain.branch.blockHash(200)),
    '385901ccbd69dff6bbd00065d01fb8a9e464dede7cfe0372443884f9b1dcf6b9',
  );
  for (const stats of [computeMemoryUtxoStats(chain.coins, BOTH), await storedStats(chain.coins)]) {
    assert.equal(shown(stats.hashSerialized3), '17dcc016d188d16068907cdeb38b75691a118d43053b8cd6a25969419381d13a');
    assert.equal(stats.coinCount, 200);
    assert.equal(stats.txCount, 200);
    assert.equal(stats.totalSat, 149 * 5_000_000_000 + 51 * 2_500_000_000);
    assert.equal(stats.bogoSize, 200 * (50 + 34));
  }
});

test('the coins of a transaction are hashed by index, whatever the order of their keys', async () => {
  // as VARINTs: 7f, 80 7f, 80 80 00, 81 00: a database gives 16,512 before 256
  const indices = [127, 255, 256, 16_512, 70_000];
  const coin: Coin = { valueSat: 1, scriptPubKey: Uint8Array.of(0x51), height: 3, isCoinbase: true };
  const coins = new MemoryCoins(TEST_RNG);
  const serialized: Uint8Array[] = [];
  for (const txByte of [0x10, 0x20]) {
    for (const index of indices) {
      const outpoint = new Uint8Array(36).fill(txByte, 0, 32);
      new DataView(outpoint.buffer).setUint32(32, index, true);
      coins.putCoin(outpoint, 0, new CoinRef().pointAtCopy(coin));
      serialized.push(concatBytes(outpoint, fromHex('07000000'), fromHex('01000000000000000151')));
    }
  }
  const once = createHash('sha256')
    .update(concatBytes(...serialized))
    .digest();
  const twice = createHash('sha256').update(once).digest('hex');
  const muhash = new MuHash3072();
  for (const bytes of serialized) muhash.insert(bytes);
  for (const stats of [computeMemoryUtxoStats(coins, BOTH), await storedStats(coins)]) {
    assert.equal(toHex(stats.hashSerialized3!), twice);
    assert.equal(toHex(stats.muhash!), toHex(muhash.digest()));
    assert.deepEqual([stats.coinCount, stats.txCount, stats.totalSat, stats.bogoSize], [10, 2, 10, 510]);
  }
});

test('no coins have hashes, too, and hashes that were not asked for are not computed', () => {
  const empty = computeMemoryUtxoStats(new MemoryCoins(TEST_RNG), BOTH);
  assert.equal(toHex(empty.hashSerialized3!), '5df6e0e2761359d30a8275058e299fcc0381534545f55cf43e41983f5d4c9456');
  assert.equal(shown(empty.muhash), 'dd5ad2a105c2d29495f577245c357409002329b9f4d6182c0af3dc2f462555c8');
  const figures = computeMemoryUtxoStats(new MemoryCoins(TEST_RNG), { serialized: false, muhash: false });
  assert.deepEqual([figures.hashSerialized3, figures.muhash, figures.coinCount], [null, null, 0]);
});
