// Whether the scripts of a block are run. They may be left out below a block that someone vouches for (option -assumevalid, and a
// default that comes with the program), but only under conditions that leave little to gain from a lie (Core ConnectBlock, C41):
//
// - the block is an ancestor of the vouched-for one, and that one is known;
// - it lies on the chain of headers with the most work, and that chain shows the least work that we accept;
// - two weeks of work at today's difficulty lie on top of it. Whoever would push through an invalid block with the help of a user
//   who was told to set this option would have to spend two weeks of the network's power on it.
//
// Everything but scripts is checked all the same, so nobody can be paid from nothing.

import type { ConsensusParams } from '../consensus/params.ts';
import { computeWork } from '../consensus/target.ts';
import type { BlockHash } from '../primitives/hashes.ts';
import { type BlockEntry, type BlockIndex, NO_ENTRY } from './block-index.ts';

/** Core's TWO_WEEKS_IN_SECONDS. */
const BURIED_SEC: bigint = 14n * 24n * 60n * 60n;

/** Why the scripts of a block are run; the words are Core's. */
export type ScriptCheckReason =
  | 'assumevalid=0 (always verify)'
  | 'assumevalid hash not in headers'
  | 'block height above assumevalid height'
  | 'block not in assumevalid chain'
  | 'block not in best header chain'
  | 'best header chainwork below minimumchainwork'
  | 'block too recent relative to best header';

/** What the decision depends on besides the block. */
export interface AssumeValidContext {
  readonly index: BlockIndex;
  readonly consensus: ConsensusParams;
  /** The block whose ancestors are taken as valid; null: none. */
  readonly assumeValid: BlockHash | null;
  readonly minimumChainWork: bigint;
}

/** Why the scripts of the block must run, or null when they may be left out. */
export function getScriptCheckReason(context: AssumeValidContext, entry: BlockEntry): ScriptCheckReason | null {
  const { index, assumeValid } = context;
  if (assumeValid === null) return 'assumevalid=0 (always verify)';
  const vouched = index.find(assumeValid);
  if (vouched === NO_ENTRY) return 'assumevalid hash not in headers';
  if (index.height(entry) > index.height(vouched)) return 'block height above assumevalid height';
  if (!index.descendsFrom(vouched, entry)) return 'block not in assumevalid chain';
  const best = index.bestHeader;
  if (!index.descendsFrom(best, entry)) return 'block not in best header chain';
  if (index.chainWork(best) < context.minimumChainWork) return 'best header chainwork below minimumchainwork';
  if (computeEquivalentSec(context, best, entry) <= BURIED_SEC) return 'block too recent relative to best header';
  return null;
}

/** Seconds that the work from `entry` up to `best` would take at the difficulty of `best` (Core GetBlockProofEquivalentTime). */
function computeEquivalentSec({ index, consensus }: AssumeValidContext, best: BlockEntry, entry: BlockEntry): bigint {
  const work = index.chainWork(best) - index.chainWork(entry);
  return (work * BigInt(consensus.pow.spacingSec)) / computeWork(index.bits(best));
}
