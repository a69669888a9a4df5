// The network of the simulation: regtest's rules with numbers of its own. A block costs a few hashes, while its work still follows
// from its bits; with retargeting the difficulty follows the miners as it does on the main network.

import { buildGenesis2009 } from '../kernel/consensus/networks/common.ts';
import { createRegtestParams } from '../kernel/consensus/networks/regtest.ts';
import { type ChainParams, createPowRules, type PowRules } from '../kernel/consensus/params.ts';
import { checkProofOfWork } from '../kernel/consensus/pow.ts';
import type { Block } from '../kernel/primitives/block.ts';
import { assert } from '../kernel/util/assert.ts';

/** What a seed chooses about the network. */
export interface SimParamsOptions {
  /** Wanted time between two blocks; at least a second, and with retargeting at most {@link RETARGET_SPACING_MAX_SEC}. */
  readonly spacingSec: number;
  /** The difficulty follows the hash power. */
  readonly retargets: boolean;
}

/** Name that stands for addresses of nodes. */
export const SIM_DNS_SEED = 'seed.sim.invalid';

/** Port of every node. */
export const SIM_PORT = 28_444;

/** When the ledger of the simulation begins: 2026-01-01. */
export const GENESIS_TIME_SEC = 1_767_225_600;

/** Blocks of a difficulty period. */
const RETARGET_BLOCKS = 12;

/** Longest spacing with retargeting. */
export const RETARGET_SPACING_MAX_SEC = 20;

/**
 * A retarget multiplies the target by up to four periods' seconds within 256 bits, as in Core: 4 × 12 × 20 is below 2^10. A block
 * of this limit costs 2^10 hashes.
 */
const RETARGET_LIMIT_BITS = 246n;

/** Chain work below which nodes believe in no chain, in blocks of the lowest difficulty. */
const MINIMUM_BLOCKS = 60n;

/** A network for one world. */
export function createSimParams({ spacingSec, retargets }: SimParamsOptions): ChainParams {
  assert(!retargets || spacingSec <= RETARGET_SPACING_MAX_SEC, 'room for a retarget');
  const base = createRegtestParams();
  const limit = (1n << (retargets ? RETARGET_LIMIT_BITS : 255n)) - 1n;
  const pow = createPowRules({
    limit,
    spacingSec,
    timespanSec: spacingSec * RETARGET_BLOCKS,
    allowMinDifficultyBlocks: false,
    enforceBip94: false,
    noRetargeting: !retargets,
  });
  const genesis = findGenesis(pow);
  const blockWork = (1n << 256n) / (limit + 1n);
  return {
    ...base,
    name: 'sim',
    magic: Uint8Array.of(0x73, 0x69, 0x6d, 0x21),
    ports: { ...base.ports, p2p: SIM_PORT },
    genesis,
    consensus: {
      ...base.consensus,
      genesisHash: genesis.header.blockHash,
      pow,
      minimumChainWork: blockWork * MINIMUM_BLOCKS,
    },
    dnsSeeds: [SIM_DNS_SEED],
    assumeUtxo: [],
    // small enough that the memory of a headers download fills and empties within a run
    headersSync: { commitmentPeriod: 7, redownloadBufferSize: 40 },
  };
}

function findGenesis(pow: PowRules): Block {
  const { bits } = pow.limit;
  for (let nonce = 0; ; nonce++) {
    const genesis = buildGenesis2009({ timeSec: GENESIS_TIME_SEC, nonce, bits });
    if (checkProofOfWork(genesis.header.blockHash, 0, bits, pow)) return genesis;
  }
}
