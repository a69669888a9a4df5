import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeCoin, describeStore, FaultyKv, hashOf, outpointOf } from '../../../test/model/stored-coins.ts';
import { CoinRef } from '../consensus/coin.ts';
import type { BlockHash } from '../primitives/hashes.ts';
import { equalBytes } from '../util/bytes.ts';
import { createRng, type Rng } from '../util/prng.ts';
import { CoinsCache, type FlushMode } from './coins-cache.ts';
import { MemoryKv } from './memory-kv.ts';
import { type KvStore, StorageError } from './ports.ts';

/** So small that a cache which shrinks gives up some of its coins, and keeps some. */
const LIMIT_BYTES = 20_000;

const FLUSH_MODES: readonly FlushMode[] = ['keep', 'shrink', 'empty'];

/** What one block does: coins put, and outpoints whose coin goes. */
interface Step {
  readonly puts: readonly { readonly n: number; readonly coin: CoinRef; readonly mayOverwrite: boolean }[];
  readonly removes: readonly number[];
}

/** A ledger spelled out: for each block what it does and all coins after it, as lines of text by number. */
class LedgerModel {
  readonly steps: Step[] = [];
  readonly states: ReadonlyMap<number, string>[] = [new Map()];
  readonly #rng: Rng;
  #next = 1;

  constructor(rng: Rng) {
    this.#rng = rng;
  }

  get tip(): number {
    return this.steps.length;
  }

  /** Adds a block that spends some coins, old and new, makes others, and now and then one where there is one (BIP30). */
  grow(): void {
    const rng = this.#rng;
    const coins = new Map(this.states[this.tip]);
    const puts: Step['puts'][number][] = [];
    for (let i = rng.below(12); i > 0; i--) {
      const mayOverwrite = this.#next > 1 && rng.below(10) === 0;
      const n = mayOverwrite ? 1 + rng.below(this.#next - 1) : this.#next++;
      if (puts.some((put) => put.n === n)) continue;
      const coin = this.#randomCoin();
      puts.push({ n, coin, mayOverwrite });
      coins.set(n, describeCoin(outpointOf(n), coin));
    }
    const removes: number[] = [];
    for (const n of coins.keys()) {
      if (puts.some((put) => put.n === n) || rng.below(4) > 0) continue;
      removes.push(n);
      coins.delete(n);
    }
    this.steps.push({ puts, removes });
    this.states.push(coins);
  }

  #randomCoin(): CoinRef {
    const scriptPubKey = this.#rng.bytes(this.#rng.below(3) === 0 ? this.#rng.below(300) : 22);
    const valueSat = this.#rng.below(2_100_000_000_000_000);
    return new CoinRef().pointAtCopy({
      valueSat,
      scriptPubKey,
      height: this.tip,
      isCoinbase: this.#rng.below(2) === 0,
    });
  }

  lines(height: number): string[] {
    return [...this.states[height]!.values()].sort();
  }
}

function heightOf(block: Uint8Array, tip: number): number {
  for (let height = 1; height <= tip; height++) {
    if (equalBytes(block, hashOf(height))) return height;
  }
  return 0;
}

/** A block as connecting it changes the cache: what it spends is fetched first. */
async function connect(cache: CoinsCache, step: Step): Promise<void> {
  for (const n of step.removes) await cache.fetch(outpointOf(n), 1);
  for (const { n, coin, mayOverwrite } of step.puts) cache.putCoin(outpointOf(n), 0, coin, !mayOverwrite);
  for (const n of step.removes) {
    assert.ok(cache.hasCoin(outpointOf(n), 0));
    cache.removeCoin(outpointOf(n), 0);
  }
}

/** A block applied over a store that may hold it already, in part. */
function replay(cache: CoinsCache, step: Step): void {
  for (const { n, coin } of step.puts) cache.putCoin(outpointOf(n), 0, coin, false);
  for (const n of step.removes) cache.removeCoin(outpointOf(n), 0);
}

async function open(kv: KvStore, rng: Rng): Promise<CoinsCache> {
  return CoinsCache.open(kv, { limitBytes: LIMIT_BYTES, rng, batchBytes: 50 + rng.below(2000) });
}

async function checkAgainst(cache: CoinsCache, model: LedgerModel, rng: Rng): Promise<void> {
  const coins = model.states[model.tip]!;
  const coin = new CoinRef();
  for (let i = 0; i < 10; i++) {
    const n = rng.below(model.tip * 8 + 8);
    const outpoint = outpointOf(n);
    await cache.fetch(outpoint, 1);
    assert.equal(cache.readCoin(outpoint, 0, coin) ? describeCoin(outpoint, coin) : undefined, coins.get(n));
  }
}

const KILLED = new StorageError('failed', 'chainstate', 'the process was killed');

/** A store, and the same store as a process sees it that can be killed at a write. */
interface Disk {
  readonly kv: MemoryKv;
  readonly faulty: FaultyKv;
}

/** Flushes to a block, unless the process is killed after so many writes; then some of what was not durable is lost. */
async function flushOrCrash(
  disk: Disk,
  cache: CoinsCache,
  rng: Rng,
  block: BlockHash,
  durable: boolean,
): Promise<boolean> {
  disk.faulty.failAfter(rng.below(10), KILLED);
  let isKilled = false;
  await cache.flush(block, FLUSH_MODES[rng.below(3)]!, durable).catch((error) => {
    assert.equal(error, KILLED);
    isKilled = true;
  });
  disk.faulty.failAfter(Number.POSITIVE_INFINITY, KILLED);
  if (isKilled || !durable) disk.kv.crash({ keep: rng.below(disk.kv.undurableCount + 1) });
  return isKilled;
}

/**
 * Opens the store as it is after a crash and brings it to the tip of the model; returns where it was. The flush that ends the
 * replay may be killed, too, again and again.
 */
async function recover(
  disk: Disk,
  model: LedgerModel,
  rng: Rng,
  durableHeight: number,
): Promise<{ cache: CoinsCache; height: number }> {
  const cache = await open(disk.faulty, rng);
  let height = cache.bestBlock === null ? 0 : heightOf(cache.bestBlock, model.tip);
  if (cache.headBlocks !== null) {
    const [to, from] = cache.headBlocks;
    assert.ok(heightOf(from, model.tip) >= durableHeight, 'a replay begins where coins were durable or later');
    for (height = heightOf(from, model.tip); height < heightOf(to, model.tip); height++) {
      replay(cache, model.steps[height]!);
    }
    if (await flushOrCrash(disk, cache, rng, to, true)) return recover(disk, model, rng, durableHeight);
  }
  assert.ok(height >= durableHeight, 'nothing that was durable is lost');
  assert.deepEqual(await describeStore(disk.kv), model.lines(height), `the coins of height ${height}`);
  for (let next = height; next < model.tip; next++) await connect(cache, model.steps[next]!);
  return { cache, height };
}

test('S01: S02: coins equal a plain Map through blocks, flushes, and crashes at random writes with dropped ones', async () => {
  let crashes = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const rng = createRng(seed);
    const kv = new MemoryKv({ keepsJournal: true });
    const model = new LedgerModel(rng);
    const faulty = new FaultyKv(kv);
    const disk = { kv, faulty };
    let cache = await open(faulty, rng);
    let durableHeight = 0;
    for (let round = 0; round < 60; round++) {
      model.grow();
      await connect(cache, model.steps[model.tip - 1]!);
      await checkAgainst(cache, model, rng);
      const action = rng.below(8);
      if (action < 2) {
        const durable = rng.below(2) === 0;
        await cache.flush(hashOf(model.tip), FLUSH_MODES[rng.below(3)]!, durable);
        assert.deepEqual(await describeStore(kv), model.lines(model.tip));
        if (durable) durableHeight = model.tip;
      } else if (action === 2) {
        crashes++;
        await flushOrCrash(disk, cache, rng, hashOf(model.tip), rng.below(2) === 0);
        const recovered = await recover(disk, model, rng, durableHeight);
        await recovered.cache.flush(hashOf(model.tip), 'keep', true);
        assert.deepEqual(await describeStore(kv), model.lines(model.tip));
        durableHeight = model.tip;
        cache = await open(faulty, rng);
      }
    }
  }
  assert.ok(crashes > 300, `${crashes} crashes`);
});

test('S01: a flush killed at each of its writes in turn, with each number of them lost, is finished by a replay', async () => {
  const rng = createRng(99);
  const model = new LedgerModel(rng);
  for (let i = 0; i < 20; i++) model.grow();
  const start = async (): Promise<{ kv: MemoryKv; faulty: FaultyKv; cache: CoinsCache }> => {
    const kv = new MemoryKv({ keepsJournal: true });
    const faulty = new FaultyKv(kv);
    const cache = await CoinsCache.open(faulty, { limitBytes: 1 << 20, rng, batchBytes: 300 });
    for (let height = 0; height < 20; height++) {
      await connect(cache, model.steps[height]!);
      if (height === 9) await cache.flush(hashOf(10), 'keep', true);
    }
    return { kv, faulty, cache };
  };
  const whole = await start();
  whole.faulty.log.length = 0;
  await whole.cache.flush(hashOf(20), 'keep', false);
  const writes = whole.faulty.log.filter((line) => line === 'write').length;
  assert.ok(writes > 5, `${writes} writes`);
  for (let made = 0; made <= writes; made++) {
    for (let kept = 0; kept <= made; kept++) {
      const { kv, faulty, cache } = await start();
      faulty.failAfter(made, KILLED);
      await cache.flush(hashOf(20), 'keep', false).catch((error) => assert.equal(error, KILLED));
      kv.crash({ keep: kept });
      faulty.failAfter(Number.POSITIVE_INFINITY, KILLED);
      const { height } = await recover({ kv, faulty }, model, rng, 10);
      assert.equal(height, kept === 0 ? 10 : 20);
    }
  }
});
