// Which changes of the rules hold for a block: the buried ones by height (BIP90, Core deploymentstatus.h), the script flags that
// follow (Core GetBlockScriptFlags), and the two options of Core that move activations for tests. Changes that miners still vote
// on are in versionbits.ts.

import type { BlockHash } from '../primitives/hashes.ts';
import { SCRIPT_VERIFY } from '../script/flags.ts';
import { equalBytes } from '../util/bytes.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { BuriedDeployment, ConsensusParams, VersionbitsOverride } from './params.ts';

/** Activation height of a change that never comes (Core: the largest int). */
export const NEVER_ACTIVATED_HEIGHT = 0x7fffffff;

/** True when a buried change holds for the block at `height` (Core DeploymentActiveAt; DeploymentActiveAfter of its parent). */
export function isActiveAt(params: ConsensusParams, deployment: BuriedDeployment, height: number): boolean {
  return height >= params.activationHeights[deployment];
}

/** True when a buried change can ever hold (Core DeploymentEnabled). */
export function isEnabled(params: ConsensusParams, deployment: BuriedDeployment): boolean {
  return params.activationHeights[deployment] !== NEVER_ACTIVATED_HEIGHT;
}

/** Flags since the first block: only the blocks in `scriptFlagExceptions` ever broke these rules, so they need no height (C30). */
const FLAGS_FROM_GENESIS = SCRIPT_VERIFY.P2SH | SCRIPT_VERIFY.WITNESS | SCRIPT_VERIFY.TAPROOT;

/** The script rules for the block of this height and hash. */
export function getBlockScriptFlags(params: ConsensusParams, height: number, blockHash: BlockHash): number {
  let flags = FLAGS_FROM_GENESIS;
  for (const exception of params.scriptFlagExceptions) {
    if (equalBytes(exception.blockHash, blockHash)) flags = exception.flags;
  }
  if (isActiveAt(params, 'bip66', height)) flags |= SCRIPT_VERIFY.DERSIG;
  if (isActiveAt(params, 'bip65', height)) flags |= SCRIPT_VERIFY.CHECKLOCKTIMEVERIFY;
  if (isActiveAt(params, 'csv', height)) flags |= SCRIPT_VERIFY.CHECKSEQUENCEVERIFY;
  if (isActiveAt(params, 'segwit', height)) flags |= SCRIPT_VERIFY.NULLDUMMY;
  return flags;
}

/** Names of option -testactivationheight, which differ from the names of the deployments. */
const ACTIVATION_OPTION_NAMES: ReadonlyMap<string, BuriedDeployment> = new Map([
  ['segwit', 'segwit'],
  ['bip34', 'bip34'],
  ['dersig', 'bip66'],
  ['cltv', 'bip65'],
  ['csv', 'csv'],
]);

/** Integer of decimal text as Core's ToIntegral reads it: no spaces, no plus, within the bounds. */
function parseInteger(text: string, min: number, max: number): number | null {
  if (!/^-?[0-9]{1,19}$/.test(text)) return null;
  const value = Number(text);
  return value >= min && value <= max ? value : null;
}

/** Reads `name@height` of option -testactivationheight; the error is Core's sentence. */
export function parseActivationHeight(
  text: string,
): Result<{ readonly deployment: BuriedDeployment; readonly height: number }, string> {
  const at = text.indexOf('@');
  if (at < 0) return err(`Invalid format (${text}) for -testactivationheight=name@height.`);
  const height = parseInteger(text.slice(at + 1), 0, NEVER_ACTIVATED_HEIGHT - 1);
  if (height === null) return err(`Invalid height value (${text}) for -testactivationheight=name@height.`);
  const deployment = ACTIVATION_OPTION_NAMES.get(text.slice(0, at));
  if (deployment === undefined) return err(`Invalid name (${text}) for -testactivationheight=name@height.`);
  return ok({ deployment, height });
}

/** Largest integer of 64 bits, rounded up to a number; compared only with times of 32 bits. */
const INT64_END: number = 2 ** 63;

/** Reads `deployment:start:end[:min_activation_height]` of option -vbparams; the error is Core's sentence. */
export function parseVersionbitsOverride(
  text: string,
  names: readonly string[],
): Result<{ readonly name: string; readonly override: VersionbitsOverride }, string> {
  const parts = text.split(':');
  if (parts.length < 3 || parts.length > 4) {
    return err('Version bits parameters malformed, expecting deployment:start:end[:min_activation_height]');
  }
  const [name, start, timeout, minHeight] = parts as [string, string, string, string?];
  const startTimeSec = parseInteger(start, -INT64_END, INT64_END);
  if (startTimeSec === null) return err(`Invalid nStartTime (${start})`);
  const timeoutSec = parseInteger(timeout, -INT64_END, INT64_END);
  if (timeoutSec === null) return err(`Invalid nTimeout (${timeout})`);
  const minActivationHeight = minHeight === undefined ? 0 : parseInteger(minHeight, -INT64_END, INT64_END);
  if (minActivationHeight === null) return err(`Invalid min_activation_height (${minHeight})`);
  if (!names.includes(name)) return err(`Invalid deployment (${name})`);
  return ok({ name, override: { startTimeSec, timeoutSec, minActivationHeight } });
}
