// A chain with everything it stands on, for tests that close it, kill it, or cut its power, and look at what is left.

import assert from 'node:assert/strict';
import type { ChainPorts } from '../../src/kernel/chain/chain-open.ts';
import { Chainstate, type ChainstateOptions } from '../../src/kernel/chain/chainstate.ts';
import { InlineVerifier } from '../../src/kernel/chain/inline-verifier.ts';
import { MemoryDisk } from '../../src/kernel/chain/memory-disk.ts';
import { MemoryFolder } from '../../src/kernel/chain/memory-folder.ts';
import { MemoryKv } from '../../src/kernel/chain/memory-kv.ts';
import { createRegtestParams } from '../../src/kernel/consensus/networks/regtest.ts';
import { nobleSecp256k1 } from '../../src/kernel/crypto/secp256k1-noble.ts';
import type { Block } from '../../src/kernel/primitives/block.ts';
import { formatHash } from '../../src/kernel/primitives/hashes.ts';
import { InputVerifier } from '../../src/kernel/script/verify.ts';
import { createRng, type Rng } from '../../src/kernel/util/prng.ts';
import { NOW_SEC } from './branch-builder.ts';
import { CoinsModel, describeCoin, describeModel } from './coins-model.ts';

/** Stores and a disk that outlive the chains that are opened on them. */
export class ChainWorld {
  readonly indexStore: MemoryKv = new MemoryKv({ keepsJournal: true });
  readonly coinsStore: MemoryKv = new MemoryKv({ keepsJournal: true });
  disk: MemoryDisk = new MemoryDisk();
  readonly options: Partial<ChainstateOptions>;
  readonly ports: Partial<ChainPorts>;

  constructor(options: Partial<ChainstateOptions> = {}, ports: Partial<ChainPorts> = {}) {
    this.options = options;
    this.ports = ports;
  }

  open(options: Partial<ChainstateOptions> = {}): Promise<Chainstate> {
    const ports: ChainPorts = {
      indexStore: this.indexStore,
      coinsStore: this.coinsStore,
      blockFolder: new MemoryFolder('blocks', this.disk),
      verifier: new InlineVerifier(new InputVerifier(nobleSecp256k1)),
      secp: nobleSecp256k1,
      rng: createRng(7),
      ...this.ports,
    };
    return Chainstate.open({ params: createRegtestParams(), fileBytesMax: 4096, ...this.options, ...options }, ports);
  }

  /** The process ends: what it wrote is there. */
  kill(): void {
    this.disk = this.disk.kill();
  }

  /** The power fails: what was not durable is there or not. */
  cutPower(rng: Rng): void {
    this.disk = this.disk.crash(rng);
    this.indexStore.crash({ keep: rng.below(this.indexStore.undurableCount + 1) });
    this.coinsStore.crash({ keep: rng.below(this.coinsStore.undurableCount + 1) });
  }
}

/** Height and beginning of the hash of the tip. */
export function describeTip(chain: Chainstate): string {
  return `${chain.height} ${formatHash(chain.tipHash).slice(0, 12)}`;
}

/** The same of a block at a height. */
export function describeBlock(block: Block, height: number): string {
  return `${height} ${formatHash(block.header.blockHash).slice(0, 12)}`;
}

/** The coins of the chain in the words of the model, sorted; flushes. */
export async function describeChainCoins(chain: Chainstate, nowSec = NOW_SEC): Promise<string[]> {
  await chain.flush(nowSec);
  const lines: string[] = [];
  await chain.state.coins.forEachCoin((outpoint, ref) => {
    lines.push(describeCoin(outpoint, ref.toCoin()));
  });
  return lines.sort();
}

/** What the coins of the chain must be: its blocks applied one after another to nothing. */
export async function replayChain(chain: Chainstate): Promise<string[]> {
  const model = new CoinsModel();
  for (let height = 1; height <= chain.height; height++) {
    model.apply(await chain.readBlock(chain.active.at(height)), height);
  }
  return describeModel(model);
}

/** Asserts that the coins are those of a replay of the active chain. */
export async function assertCoinsEqualReplay(chain: Chainstate, nowSec = NOW_SEC): Promise<void> {
  assert.deepEqual(await describeChainCoins(chain, nowSec), await replayChain(chain));
}
