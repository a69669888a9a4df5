// What every world begins with: a ledger of a hundred blocks and a disk that holds it, so that coins can be spent from the first
// minute on and nodes need not fetch it all. Made once per network and copied for each node of each world.

import { Chainstate } from '../kernel/chain/chainstate.ts';
import { InlineVerifier } from '../kernel/chain/inline-verifier.ts';
import { MemoryDisk } from '../kernel/chain/memory-disk.ts';
import { MemoryFolder } from '../kernel/chain/memory-folder.ts';
import type { ChainParams } from '../kernel/consensus/params.ts';
import { nobleSecp256k1 } from '../kernel/crypto/secp256k1-noble.ts';
import type { Block } from '../kernel/primitives/block.ts';
import { InputVerifier } from '../kernel/script/verify.ts';
import { assert } from '../kernel/util/assert.ts';
import { createRng } from '../kernel/util/prng.ts';
import { BlockMaker } from './block-maker.ts';
import { ReferenceLedger } from './checker/reference-ledger.ts';
import { SimKv } from './sim-kv.ts';
import { createSimParams, GENESIS_TIME_SEC, type SimParamsOptions } from './sim-params.ts';

/** Folders of a node's disk. */
export const DISK_FOLDERS: {
  readonly index: string;
  readonly coins: string;
  readonly blocks: string;
  /** Small files of the node: addresses, bans. */
  readonly node: string;
} = Object.freeze({ index: 'index', coins: 'coins', blocks: 'blocks', node: 'node' });

/** Blocks before the world begins: more than coinbases take to mature. */
const GROUND_BLOCKS = 120;

/** The beginning of a ledger. */
export interface Groundwork {
  readonly params: ChainParams;
  readonly blocks: readonly Block[];
  /** A disk with these blocks, their index and their coins; take a copy. */
  readonly disk: MemoryDisk;
  /** Unix time at which worlds begin: shortly after the last block. */
  readonly epochSec: number;
}

/** Makes the beginning of a ledger, the same one each time. */
async function prepareGroundwork(options: SimParamsOptions): Promise<Groundwork> {
  const params = createSimParams(options);
  const ledger = new ReferenceLedger(params);
  const maker = new BlockMaker(params, ledger, createRng(1));
  const disk = new MemoryDisk();
  const indexStore = await SimKv.open(new MemoryFolder(DISK_FOLDERS.index, disk));
  const coinsStore = await SimKv.open(new MemoryFolder(DISK_FOLDERS.coins, disk));
  const chain = await Chainstate.open(
    { params, fileBytesMax: 1 << 20 },
    {
      indexStore,
      coinsStore,
      blockFolder: new MemoryFolder(DISK_FOLDERS.blocks, disk),
      verifier: new InlineVerifier(new InputVerifier(nobleSecp256k1)),
      secp: nobleSecp256k1,
      rng: createRng(2),
    },
  );
  const blocks: Block[] = [];
  // Slower than the network wants, so that the difficulty stays at its lowest.
  const stepSec = 2 * options.spacingSec;
  let tip = ledger.genesis;
  for (let height = 1; height <= GROUND_BLOCKS; height++) {
    const nowSec = GENESIS_TIME_SEC + height * stepSec;
    const block = maker.make(tip, { miner: 0, nowSec, paymentsMax: 3 });
    tip = ledger.add(block.serialized());
    const result = await chain.submitBlock(block, nowSec);
    assert(result.outcome === 'connected' && tip.fault === null, `block ${height} of the groundwork is valid`);
    blocks.push(block);
  }
  const epochSec = GENESIS_TIME_SEC + (GROUND_BLOCKS + 1) * stepSec;
  await chain.close(epochSec);
  return { params, blocks, disk: disk.kill(), epochSec };
}

/** Groundwork of several networks, each made when it is first asked for. */
export class GroundworkShelf {
  readonly #made: Map<string, Promise<Groundwork>> = new Map();

  get(options: SimParamsOptions): Promise<Groundwork> {
    const key = `${options.spacingSec} ${options.retargets}`;
    const made = this.#made.get(key) ?? prepareGroundwork(options);
    this.#made.set(key, made);
    return made;
  }
}
