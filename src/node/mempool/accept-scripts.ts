// The last stage of acceptance: the scripts of the inputs (Core PolicyScriptChecks, ConsensusScriptChecks). First under the stricter
// rules of relay, then under those of the next block, so that a mistake in the stricter ones lets nothing into the mempool that no
// block may contain. The second pass finds its signatures in the cache of the verifier.

import { getBlockScriptFlags } from '../../kernel/consensus/deployments.ts';
import { rejectTxForScript, type ScriptFailure } from '../../kernel/consensus/script-job.ts';
import type { MempoolReject } from '../../kernel/policy/policy-reject.ts';
import { rejectPolicyForScript } from '../../kernel/policy/standard-script.ts';
import { asBlockHash, type BlockHash, HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { STANDARD_SCRIPT_VERIFY_FLAGS } from '../../kernel/script/flags.ts';
import type { AcceptContext, Workspace } from './accept-workspace.ts';

/** In place of the hash of the next block, which nobody knows yet: it is no exception from the rules. */
const UNKNOWN_BLOCK_HASH: BlockHash = asBlockHash(new Uint8Array(HASH_BYTES));

/** How many inputs are verified in all: every one twice. */
export function countScriptSteps(ws: Workspace): number {
  return 2 * ws.transaction.inputCount;
}

/**
 * Verifies inputs from step `first` to before step `end`: step i is input i under the rules of relay, step inputCount + i is input i
 * under those of the next block. Null: they are valid.
 */
export function checkScripts(context: AcceptContext, ws: Workspace, first: number, end: number): MempoolReject | null {
  const { transaction: tx, coins } = ws;
  const { inputCount } = tx;
  context.verifier.setTransaction(tx, coins.outputs(0, inputCount));
  const policyEnd = Math.min(end, inputCount);
  const failure = verifyInputs(context, first, policyEnd, STANDARD_SCRIPT_VERIFY_FLAGS);
  if (failure !== null) return rejectPolicyForScript(tx, coins, 0, failure);
  if (end <= inputCount) return null;
  const flags = getNextBlockFlags(context);
  const blockFailure = verifyInputs(context, Math.max(0, first - inputCount), end - inputCount, flags);
  if (blockFailure !== null) return rejectTxForScript(tx, blockFailure);
  if (end === 2 * inputCount) context.onVerified?.(tx, flags);
  return null;
}

function getNextBlockFlags({ chain }: AcceptContext): number {
  return getBlockScriptFlags(chain.consensus, chain.height + 1, UNKNOWN_BLOCK_HASH);
}

function verifyInputs({ verifier }: AcceptContext, first: number, end: number, flags: number): ScriptFailure | null {
  for (let i = first; i < end; i++) {
    const error = verifier.verifyInput(i, flags);
    if (error !== null) return { txIndex: 0, inputIndex: i, error };
  }
  return null;
}
