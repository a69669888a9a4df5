// Judges a block that somebody proposes, or that is about to be mined, against the chain as it is (BIP23; Core TestBlockValidity):
// fetches the coins that it asks for, applies the rules, and has its scripts run where those of other blocks are run.

import type { Chainstate } from '../../kernel/chain/chainstate.ts';
import { CoinsLookup } from '../../kernel/chain/coins-lookup.ts';
import { CoinsPrefetch } from '../../kernel/chain/coins-prefetch.ts';
import { IndexBranch } from '../../kernel/chain/index-branch.ts';
import { mustSearchForOverwrites } from '../../kernel/consensus/bip30.ts';
import type { ConnectedBlock } from '../../kernel/consensus/connect-block.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import type { Result } from '../../kernel/util/result.ts';
import {
  connectProposal,
  type ProposalOptions,
  type ProposalReject,
  rejectProposalForScript,
} from '../mining/proposal.ts';

/** Why a block could not be the next one but for its proof of work; null: it could. */
export async function judgeProposal(
  block: Block,
  chain: Chainstate,
  nowSec: number,
  options: ProposalOptions = {},
): Promise<ProposalReject | null> {
  const connected = await connect(block, chain, nowSec, options);
  if (!connected.ok) return connected.error;
  if (connected.value.scriptJobs.length === 0) return null;
  const failure = await chain.state.verifier.verify({ block, connected: connected.value });
  return failure === null ? null : rejectProposalForScript(block, failure);
}

/** Everything but the scripts, at one moment: while coins are fetched the tip may move. */
async function connect(
  block: Block,
  chain: Chainstate,
  nowSec: number,
  options: ProposalOptions,
): Promise<Result<ConnectedBlock, ProposalReject>> {
  const { coins, consensus, rng } = chain.state;
  const lookup = new CoinsLookup(coins);
  const prefetch = new CoinsPrefetch(lookup, rng);
  const branch = new IndexBranch(chain.index, chain.active);
  for (;;) {
    const { flushCount } = coins;
    const { tip } = chain.active;
    branch.moveTo(tip);
    const withOutputs = mustSearchForOverwrites(consensus, branch, block.header.blockHash);
    await prefetch.fetchForConnect(block, [], withOutputs);
    if (chain.active.tip !== tip || coins.flushCount !== flushCount) continue;
    return connectProposal(block, { branch, consensus, coins: lookup, nowSec, rng }, options);
  }
}
