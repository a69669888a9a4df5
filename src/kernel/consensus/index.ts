// tallystick/consensus: the rules of the ledger. Networks and their parameters, checks of transactions, headers and blocks,
// connecting and disconnecting blocks over a set of coins, and every refusal in Core's words with its explanation.

export type { BlockCheckOptions } from './block-check.ts';
export { checkBlock, contextualCheckBlock, isBlockMutated } from './block-check.ts';
export type { ChainParamsError } from './chain-params-fields.ts';
export { parseChainParams } from './chain-params-file.ts';
export type { Coin } from './coin.ts';
export { CoinRef } from './coin.ts';
export { CoinsOverlay } from './coins-overlay.ts';
export type { CoinsView, CoinsWriter } from './coins-view.ts';
export { NO_COINS } from './coins-view.ts';
export type { ConnectedBlock } from './connect-block.ts';
export { connectBlock } from './connect-block.ts';
export { getBlockScriptFlags } from './deployments.ts';
export type { DisconnectResult } from './disconnect-block.ts';
export { disconnectBlock } from './disconnect-block.ts';
export type { RejectExplanation } from './explain.ts';
export { explainReject } from './explain.ts';
export type { HeaderBranch } from './header-branch.ts';
export { computeMedianTimePast, MemoryHeaderBranch } from './header-branch.ts';
export { checkHeader, contextualCheckHeader } from './header-check.ts';
export { COINBASE_MATURITY, MAX_BLOCK_SIGOPS_COST, MAX_BLOCK_WEIGHT } from './limits.ts';
export type { CoinEntry } from './memory-coins.ts';
export { MemoryCoins } from './memory-coins.ts';
export type { NetworkName } from './networks/all.ts';
export { createNetworkParams, NETWORK_NAMES } from './networks/all.ts';
export type { RegtestOptions } from './networks/regtest.ts';
export { createRegtestParams } from './networks/regtest.ts';
export type { SignetOptions } from './networks/signet.ts';
export { createSignetParams } from './networks/signet.ts';
export type { ChainParams, ConsensusParams } from './params.ts';
export { checkProofOfWork, getNextWorkRequired } from './pow.ts';
export type {
  BlockReject,
  BlockRejectKind,
  BlockRejectReason,
  TxReject,
  TxRejectKind,
  TxRejectReason,
} from './reject.ts';
export { formatReject } from './reject.ts';
export type { RuleId, RuleText } from './rules.ts';
export { RULES } from './rules.ts';
export type { JobVerifier, ScriptFailure, ScriptJob } from './script-job.ts';
export { rejectBlockForScript, rejectTxForScript, runScriptJob, runScriptJobs } from './script-job.ts';
export { SCRIPT_RULES } from './script-rules.ts';
export { getBlockSubsidy } from './subsidy.ts';
export { computeWork, decodeCompact, encodeCompact } from './target.ts';
export { checkTransaction } from './tx-check.ts';
export type { BlockUndo } from './undo.ts';
export type { BlockValidationOptions } from './validate-block.ts';
export { validateBlock } from './validate-block.ts';
export type { DeploymentInfo, ThresholdState } from './versionbits.ts';
export { computeBlockVersion, computeDeploymentInfo } from './versionbits.ts';
