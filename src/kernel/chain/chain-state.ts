// What the parts of a chainstate share, made once when it is opened. Each part takes the slice of it that it needs; who changes
// what, and when, is for chainstate.ts to say, which lets only one of them run at a time.

import type { ChainParams, ConsensusParams } from '../consensus/params.ts';
import type { JobVerifier } from '../consensus/script-job.ts';
import type { BlockHash } from '../primitives/hashes.ts';
import type { VerifiedScripts } from '../script/verified-scripts.ts';
import type { Rng } from '../util/prng.ts';
import type { ActiveChain } from './active-chain.ts';
import type { BlockIndex } from './block-index.ts';
import type { BlockSource } from './block-source.ts';
import type { BlockStore } from './block-store.ts';
import type { CandidateSet } from './candidate-set.ts';
import type { ChainScope } from './chain-scope.ts';
import type { ChainEmitters } from './chain-signals.ts';
import type { CoinsCache } from './coins-cache.ts';
import type { WindowLimits } from './connect-window.ts';
import type { IndexBranch } from './index-branch.ts';
import type { KvStore, ScriptVerifier } from './ports.ts';

/** The state of a chain. */
export interface ChainState {
  readonly params: ChainParams;
  readonly consensus: ConsensusParams;
  readonly index: BlockIndex;
  readonly active: ActiveChain;
  readonly candidates: CandidateSet;
  /** Where the tip may move. */
  readonly scope: ChainScope;
  /** A branch that is moved wherever a check needs one. */
  readonly branch: IndexBranch;
  readonly indexStore: KvStore;
  readonly store: BlockStore;
  readonly blocks: BlockSource;
  readonly coins: CoinsCache;
  readonly verifier: ScriptVerifier;
  /** Runs the challenge of a signet, on this thread. */
  readonly challengeVerifier: JobVerifier;
  readonly signals: ChainEmitters;
  readonly rng: Rng;
  readonly assumeValid: BlockHash | null;
  readonly minimumChainWork: bigint;
  readonly windowLimits: WindowLimits;
  readonly verifiedScripts: VerifiedScripts | null;
}
