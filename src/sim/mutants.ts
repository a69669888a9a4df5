// Bugs on purpose: does the simulation find them? Each is built into the nodes of a world from the outside, through their ports, as
// an error that somebody could really make. A simulation that finds none of these would find nothing else either.

import { NO_ENTRY } from '../kernel/chain/block-index.ts';
import type { Chainstate } from '../kernel/chain/chainstate.ts';
import { checkBlock } from '../kernel/consensus/block-check.ts';
import type { ChainParams } from '../kernel/consensus/params.ts';
import { decodeBlock } from '../kernel/primitives/block.ts';
import type { Rng } from '../kernel/util/prng.ts';
import {
  ageCoinbases,
  forgetDeletes,
  forgetDurability,
  keepAfterReorg,
  leaveChildrenUnlinked,
  loseAfterReorg,
  spoilFolder,
  swallowRepeats,
  takeDeathForVerdict,
  takeErrorsForAbsence,
  tapNetwork,
} from './mutant-ports.ts';
import type { NodeTamper } from './sim-node.ts';

/** What a mutant is made of. */
export interface MutantParts {
  readonly params: ChainParams;
  readonly rng: Rng;
}

/** A bug. */
export interface Mutant {
  readonly name: string;
  readonly sentence: string;
  /** The bug for one node. */
  readonly create: (parts: MutantParts) => NodeTamper;
}

/** Kinds of inventory under which blocks are asked for: block, with witnesses, compact. */
const BLOCK_KINDS: readonly number[] = [2, 0x4000_0002, 4];

/** And transactions: by txid, with witnesses, by wtxid. */
const PAYMENT_KINDS: readonly number[] = [1, 0x4000_0001, 5];

const isBlockFile = (name: string): boolean => name.startsWith('blk') || name.startsWith('rev');

/** The bugs. */
export const MUTANTS: readonly Mutant[] = Object.freeze<Mutant[]>([
  {
    name: 'cached-mutation',
    sentence: 'a block with the right header and the wrong transactions condemns the header',
    create: ({ params }) => condemnMutations(params),
  },
  {
    name: 'early-maturity',
    sentence: 'coinbases mature one block too early',
    create: () => ({ store: (name, store) => (name === 'coins' ? ageCoinbases(store) : store) }),
  },
  {
    name: 'lost-undo',
    sentence: 'one write of undo data in four is lost',
    create: ({ rng }) => ({
      folder: (folder) => spoilFolder(folder, { losesWrite: (name) => name.startsWith('rev') && rng.below(4) === 0 }),
    }),
  },
  {
    name: 'no-folder-sync',
    sentence: 'new files are synced and their names are not',
    create: () => ({ folder: (folder) => spoilFolder(folder, { skipsFolderSync: true }) }),
  },
  {
    name: 'no-block-sync',
    sentence: 'block files are not synced before the index speaks of them',
    create: () => ({ folder: (folder) => spoilFolder(folder, { skipsSync: isBlockFile }) }),
  },
  {
    name: 'index-not-durable',
    sentence: 'the block index is not durable when the coins are',
    create: () => ({ store: (name, store) => (name === 'index' ? forgetDurability(store) : store) }),
  },
  {
    name: 'coins-not-durable',
    sentence: 'coins are called durable that are not',
    create: () => ({ store: (name, store) => (name === 'coins' ? forgetDurability(store) : store) }),
  },
  {
    name: 'error-as-absence',
    sentence: 'a failed read of coins is taken for coins that do not exist, and the block for invalid',
    create: ({ rng }) => ({
      store: (name, store) => (name === 'coins' ? takeErrorsForAbsence(store, 30, rng) : store),
    }),
  },
  {
    name: 'death-as-verdict',
    sentence: 'a script thread that dies makes its block invalid',
    create: ({ rng }) => ({ verifier: (verifier) => takeDeathForVerdict(verifier, 30, rng) }),
  },
  {
    name: 'kept-coins',
    sentence: 'one spent coin in a hundred stays',
    create: ({ rng }) => ({ store: (name, store) => (name === 'coins' ? forgetDeletes(store, 100, rng) : store) }),
  },
  {
    name: 'no-second-request',
    sentence: 'a block that was asked for once is never asked for again',
    create: ({ params }) => {
      const tap = swallowRepeats(BLOCK_KINDS);
      return { network: (network) => tapNetwork(network, params.magic, tap) };
    },
  },
  {
    name: 'kept-after-reorg',
    sentence:
      'the mempool keeps what a reorganisation has made invalid: spends of immature coinbases, of coins that are gone',
    create: () => ({ mempool: keepAfterReorg }),
  },
  {
    name: 'lost-after-reorg',
    sentence: 'payments of blocks that were taken off do not come back',
    create: () => ({ mempool: loseAfterReorg }),
  },
  {
    name: 'unlinked-children',
    sentence: 'payments that come back are not put before those that waited and spend their money',
    create: () => ({ mempool: leaveChildrenUnlinked }),
  },
  {
    name: 'first-peer-only',
    sentence: 'a payment is asked for once, of the first peer that announces it',
    create: ({ params }) => {
      const tap = swallowRepeats(PAYMENT_KINDS);
      return { network: (network) => tapNetwork(network, params.magic, tap) };
    },
  },
  {
    name: 'garbled-blocks',
    sentence: 'one block in twenty leaves a node with a wrong byte',
    create: ({ params, rng }) => ({
      network: (network) =>
        tapNetwork(network, params.magic, {
          onSend: (command, payload) => {
            if (command === 'block' && rng.below(20) === 0) payload[payload.length - 6]! ^= 1;
            return true;
          },
        }),
    }),
  },
]);

/** The mutant of a name. */
export function findMutant(name: string): Mutant | undefined {
  return MUTANTS.find((mutant) => mutant.name === name);
}

/** Sees the blocks that come in, and marks the headers of mutated ones as invalid. */
function condemnMutations(params: ChainParams): NodeTamper {
  let chain: Chainstate | null = null;
  const condemn = (payload: Uint8Array): void => {
    const decoded = decodeBlock(payload.slice());
    if (!decoded.ok || chain === null) return;
    const { index, active } = chain;
    const entry = index.find(decoded.value.header.blockHash);
    if (entry === NO_ENTRY || active.contains(entry)) return;
    const verifier = { setTransaction: () => {}, verifyInput: () => null };
    if (checkBlock(decoded.value, params.consensus, { verifier })?.kind === 'mutated') index.markFailed(entry);
  };
  return {
    chain: (opened) => {
      chain = opened;
      return opened;
    },
    network: (network) =>
      tapNetwork(network, params.magic, {
        onReceive: (command, payload) => {
          if (command === 'block') condemn(payload);
        },
      }),
  };
}
