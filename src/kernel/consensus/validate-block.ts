// A block judged in full by one call: for tools, tests and readers who want to see the order of things. A node takes the same
// steps apart, because it fetches coins from a disk and runs scripts on many threads in between (Core ProcessNewBlock,
// AcceptBlock and ConnectTip rolled into one). The header's context (difficulty, time, version) is contextualCheckHeader.

import type { Block } from '../primitives/block.ts';
import { err, type Result } from '../util/result.ts';
import { type BlockCheckOptions, checkBlock, contextualCheckBlock } from './block-check.ts';
import type { CoinsOverlay } from './coins-overlay.ts';
import { type ConnectedBlock, connectBlock } from './connect-block.ts';
import type { HeaderBranch } from './header-branch.ts';
import type { ConsensusParams } from './params.ts';
import type { BlockReject } from './reject.ts';
import { type JobVerifier, rejectBlockForScript, runScriptJobs } from './script-job.ts';

/** A {@link BlockCheckOptions} with the verifier that scripts always need. */
export interface BlockValidationOptions extends BlockCheckOptions {
  readonly verifier: JobVerifier;
}

/**
 * Judges a block as the next of `branch`, scripts included, and leaves its changes in `overlay`, which holds the coins after the
 * parent. After a refusal the overlay is half-changed and to be reset.
 *
 * @example
 * const valid = validateBlock(block, overlay, branch, params, { verifier });
 * if (valid.ok) overlay.flushInto(coins);
 * else overlay.reset();
 */
export function validateBlock(
  block: Block,
  overlay: CoinsOverlay,
  branch: HeaderBranch,
  params: ConsensusParams,
  options: BlockValidationOptions,
): Result<ConnectedBlock, BlockReject> {
  const reject = checkBlock(block, params, options) ?? contextualCheckBlock(block, branch, params);
  if (reject !== null) return err(reject);
  const connected = connectBlock(block, overlay, branch, params);
  if (!connected.ok) return connected;
  const { scriptJobs, scriptFlags } = connected.value;
  const failure = runScriptJobs(scriptJobs, options.verifier, scriptFlags);
  return failure === null ? connected : err(rejectBlockForScript(block.transaction(failure.txIndex), failure));
}
