// Whether a block without proof of work could be the next one (BIP23 proposals; Core TestBlockValidity and getblocktemplate's mode
// 'proposal'). Nothing but the rules of the kernel in their order, over an overlay that is thrown away: neither the chain nor its
// coins change. It waits for nothing: the coins that the block asks for must be known before, which is what
// CoinsPrefetch.fetchForConnect(block, [], mustSearchForOverwrites(…)) sees to.

import { type BlockEntry, type BlockIndex, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { VALIDITY } from '../../kernel/chain/block-status.ts';
import { checkBlock, contextualCheckBlock } from '../../kernel/consensus/block-check.ts';
import { CoinsOverlay } from '../../kernel/consensus/coins-overlay.ts';
import type { CoinsView } from '../../kernel/consensus/coins-view.ts';
import { type ConnectedBlock, connectBlock } from '../../kernel/consensus/connect-block.ts';
import type { HeaderBranch } from '../../kernel/consensus/header-branch.ts';
import { contextualCheckHeader } from '../../kernel/consensus/header-check.ts';
import type { ConsensusParams } from '../../kernel/consensus/params.ts';
import { type BlockReject, type BlockRejectReason, formatReject } from '../../kernel/consensus/reject.ts';
import {
  type JobVerifier,
  rejectBlockForScript,
  runScriptJobs,
  type ScriptFailure,
} from '../../kernel/consensus/script-job.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import type { BlockHash } from '../../kernel/primitives/hashes.ts';
import { equalBytes } from '../../kernel/util/bytes.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';

/** What a proposal is held against: the chain that it wants to extend. */
export interface ProposalChain {
  /** Ends with the tip. */
  readonly branch: HeaderBranch;
  readonly consensus: ConsensusParams;
  /** Coins after the tip; those that the block asks for are known. */
  readonly coins: CoinsView;
  readonly nowSec: number;
  /** Salts the overlay. */
  readonly rng: Rng;
}

/** Why a proposal is refused. */
export interface ProposalReject {
  /** What getblocktemplate answers (BIP22). */
  readonly reason: BlockRejectReason | 'inconclusive-not-best-prevblk';
  /** The same with details, as Core's log and errors have it. */
  readonly text: string;
  /** The rule, unless the block only stands on another parent. */
  readonly reject: BlockReject | null;
}

/** What a proposal may leave out beside its proof of work. */
export interface ProposalOptions {
  /** The merkle root of the header is not looked at: it is filled in later. */
  readonly skipMerkleRoot?: boolean;
}

/** What is known of a block that was seen before (getblocktemplate's answers to proposals of such); null: nothing. */
export function describeKnownBlock(
  index: BlockIndex,
  blockHash: BlockHash,
): 'duplicate' | 'duplicate-invalid' | 'duplicate-inconclusive' | null {
  const entry: BlockEntry = index.find(blockHash);
  if (entry === NO_ENTRY) return null;
  if (index.isValid(entry, VALIDITY.scripts)) return 'duplicate';
  return index.isFailed(entry) ? 'duplicate-invalid' : 'duplicate-inconclusive';
}

/** Checks everything about a block as the next of a chain except its proof of work; null: it would be valid with that. */
export function checkProposal(
  block: Block,
  chain: ProposalChain & { readonly verifier: JobVerifier },
  options: ProposalOptions = {},
): ProposalReject | null {
  const connected = connectProposal(block, chain, options);
  if (!connected.ok) return connected.error;
  const { scriptJobs, scriptFlags } = connected.value;
  const failure = runScriptJobs(scriptJobs, chain.verifier, scriptFlags);
  return failure === null ? null : rejectProposalForScript(block, failure);
}

/** The same up to its scripts, which the caller is to run: a full block has too many of them for one go. */
export function connectProposal(
  block: Block,
  chain: ProposalChain,
  options: ProposalOptions = {},
): Result<ConnectedBlock, ProposalReject> {
  const { branch, consensus, nowSec, coins, rng } = chain;
  if (!equalBytes(block.header.previousBlockHash, branch.blockHash(branch.height))) {
    return err({ reason: 'inconclusive-not-best-prevblk', text: 'inconclusive-not-best-prevblk', reject: null });
  }
  const reject =
    checkBlock(block, consensus, { skipProofOfWork: true, ...options }) ??
    contextualCheckHeader(block.header, branch, consensus, nowSec) ??
    contextualCheckBlock(block, branch, consensus);
  if (reject !== null) return err(describe(reject));
  const connected = connectBlock(block, new CoinsOverlay(coins, rng), branch, consensus);
  return connected.ok ? ok(connected.value) : err(describe(connected.error));
}

/** The refusal of a proposal whose scripts were run. */
export function rejectProposalForScript(block: Block, failure: ScriptFailure): ProposalReject {
  return describe(rejectBlockForScript(block.transaction(failure.txIndex), failure));
}

function describe(reject: BlockReject): ProposalReject {
  return { reason: reject.reason, text: formatReject(reject), reject };
}
