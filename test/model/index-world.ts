// A chain with indexes beside it, for tests that move the chain, kill the program or cut its power; and what the indexes must say, told
// by a slow walk over the whole chain that shares no code with them.

import assert from 'node:assert/strict';
import type { Chainstate } from '../../src/kernel/chain/chainstate.ts';
import { computeUtxoStats } from '../../src/kernel/chain/utxo-hash.ts';
import { sha256d } from '../../src/kernel/crypto/sha256.ts';
import { encodeGolombSet } from '../../src/kernel/encoding/golomb.ts';
import type { Block } from '../../src/kernel/primitives/block.ts';
import { asTxid, formatHash } from '../../src/kernel/primitives/hashes.ts';
import { concatBytes, fromHex, toHex } from '../../src/kernel/util/bytes.ts';
import { createRng, type Rng } from '../../src/kernel/util/prng.ts';
import { INDEX_KINDS, type IndexKind, IndexService } from '../../src/node/app/index-service.ts';
import { nullLogger } from '../../src/node/ports.ts';
import { NOW_SEC } from './branch-builder.ts';
import { ChainWorld } from './chain-world.ts';
import { ManualTime } from './manual-time.ts';
import { MemoryIndexStorage } from './memory-indexes.ts';
import { assertAddressesOfChain } from './naive-addresses.ts';

/** What is opened over the stores of an {@link IndexWorld}. */
export interface OpenWorld {
  readonly chain: Chainstate;
  readonly indexes: IndexService;
}

/** Stores of a chain and of indexes, which outlive what is opened on them. */
export class IndexWorld {
  readonly chains: ChainWorld = new ChainWorld();
  readonly storage: MemoryIndexStorage = new MemoryIndexStorage();
  /** Lines for people. */
  readonly lines: string[] = [];
  /** What ended the program. */
  readonly fatal: unknown[] = [];

  async open(kinds: readonly IndexKind[] = INDEX_KINDS): Promise<OpenWorld> {
    const chain = await this.chains.open();
    await chain.activate(NOW_SEC);
    return { chain, indexes: await this.openIndexes(chain, kinds) };
  }

  openIndexes(chain: Chainstate, kinds: readonly IndexKind[] = INDEX_KINDS): Promise<IndexService> {
    const time = new ManualTime(NOW_SEC);
    const note = (line: string): void => void this.lines.push(line);
    return IndexService.start(
      { kinds: new Set(kinds), isRebuilt: false },
      {
        chain,
        storage: this.storage,
        clock: time,
        timers: { after: () => () => undefined, yieldToHost: () => new Promise((resolve) => setImmediate(resolve)) },
        log: { ...nullLogger, info: note, warn: note, debug: (_category, line) => note(line()) },
        rng: createRng(5),
        onFatal: (error) => this.fatal.push(error),
      },
    );
  }

  async close({ chain, indexes }: OpenWorld): Promise<void> {
    await indexes.close();
    await chain.close(NOW_SEC);
  }

  /** The process ends at once, or with `rng` the power: what was not durable is there or not. */
  crash(rng: Rng | null): void {
    if (rng === null) {
      this.chains.kill();
      this.storage.kill();
    } else {
      this.chains.cutPower(rng);
      this.storage.cutPower(rng);
    }
  }
}

/** Hands blocks to a chain, one after another. */
export async function submitBlocks(chain: Chainstate, blocks: readonly Block[]): Promise<void> {
  for (const block of blocks) await chain.submitBlock(block, NOW_SEC);
}

/** Resolves when every index has been up to the tip. */
export async function whenSynced(indexes: IndexService): Promise<void> {
  for (let turn = 0; indexes.summaries().some(({ isSynced }) => !isSynced); turn++) {
    assert.ok(turn < 10_000, 'the indexes come up to the tip');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A coin of the slow walk. */
interface WalkedOutput {
  readonly valueSat: number;
  readonly script: string;
}

/** Asserts that the indexes say of the active chain what a walk over it says, block by block. */
export async function assertIndexesOfChain({ chain, indexes }: OpenWorld): Promise<void> {
  const coins = new Map<string, WalkedOutput>();
  let filterHeader: Uint8Array = new Uint8Array(32);
  for (let height = 0; height <= chain.height; height++) {
    const entry = chain.active.at(height);
    const block = await chain.readBlock(entry);
    const blockHash = formatHash(block.header.blockHash);
    const elements: string[] = [];
    for (let i = 0; i < block.txCount; i++) {
      const tx = block.transaction(i);
      const found = (await indexes.transactions?.find(tx.txid)) ?? null;
      assert.equal(
        found === null ? 'none' : formatHash(chain.index.blockHash(found.entry)),
        height === 0 ? 'none' : blockHash,
      );
      for (let k = 0; i > 0 && k < tx.inputCount; k++) {
        const { txid, index } = tx.prevout(k);
        const spender = await indexes.spenders?.find({ txid, index });
        assert.equal(toHex(spender?.transaction.txid ?? new Uint8Array(0)), toHex(tx.txid), `a spender at ${height}`);
        assert.equal(spender?.entry, entry);
        const key = `${toHex(txid)}:${index}`;
        elements.push(coins.get(key)!.script);
        coins.delete(key);
      }
      for (let j = 0; j < tx.outputCount; j++) {
        const script = toHex(tx.scriptPubKey(j));
        if (script.startsWith('6a')) continue;
        elements.push(script);
        if (height > 0) coins.set(`${toHex(tx.txid)}:${j}`, { valueSat: tx.valueSat(j), script });
      }
    }
    const scripts = [...new Set(elements)].filter((script) => script !== '').map(fromHex);
    const filter = encodeGolombSet(block.header.blockHash.subarray(0, 16), scripts);
    filterHeader = sha256d(concatBytes(sha256d(filter), filterHeader));
    assert.equal(toHex((await indexes.filters!.readFilter(entry))!), toHex(filter), `the filter at ${height}`);
    assert.equal(toHex((await indexes.filters!.readHeader(entry))!), toHex(filterHeader), `its header at ${height}`);
    const stats = (await indexes.coinStats!.read(entry))!;
    assert.equal(stats.coinCount, coins.size, `coins at ${height}`);
    assert.equal(
      stats.totalSat,
      [...coins.values()].reduce((sum, { valueSat }) => sum + valueSat, 0),
    );
  }
  await assertTipFigures({ chain, indexes }, coins);
  await assertAddressesOfChain(chain, indexes);
}

/** The hash of all coins at the tip, counted by another part of the program; and no output of the tip is spent. */
async function assertTipFigures({ chain, indexes }: OpenWorld, coins: ReadonlyMap<string, unknown>): Promise<void> {
  await chain.flush(NOW_SEC);
  const counted = await computeUtxoStats(chain.state.coins, { serialized: false, muhash: true });
  const stats = (await indexes.coinStats!.read(chain.active.tip))!;
  assert.equal(toHex(stats.muhash), toHex(counted.muhash!));
  assert.equal(stats.bogoSize, counted.bogoSize);
  for (const key of coins.keys()) {
    const [txid, index] = key.split(':');
    const outpoint = { txid: asTxid(fromHex(txid!)), index: Number(index) };
    assert.equal(await indexes.spenders!.find(outpoint), null, `${key} is not spent`);
  }
}
