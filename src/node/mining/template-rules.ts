// What getblocktemplate says about rules (BIP9, BIP145): which ones hold for the block, which ones miners can vote for, and the
// version that follows from what the client understands. Core rpc/mining.cpp and VersionBitsCache::GBTStatus.

import type { HeaderBranch } from '../../kernel/consensus/header-branch.ts';
import type { ConsensusParams, VersionbitsDeployment } from '../../kernel/consensus/params.ts';
import { getDeploymentState, type VersionbitsCache } from '../../kernel/consensus/versionbits.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import type { BlockTemplate } from './block-template.ts';

/** Rules as a template names them; `!` before a name: who does not know the rule must not use the template. */
export interface TemplateRules {
  readonly version: number;
  /** Rules that hold for the block (`rules`). */
  readonly active: readonly string[];
  /** Rules that are voted on or locked in, with their bits in the version (`vbavailable`). */
  readonly available: readonly (readonly [rule: string, bit: number])[];
}

function ruleName({ name, isOptionalForMiners }: VersionbitsDeployment): string {
  return isOptionalForMiners ? name : `!${name}`;
}

/**
 * The rules of a template on top of `branch` for a client that understands `clientRules`. The error is the name of an active rule
 * that the client would have to understand and does not.
 */
export function describeTemplateRules(
  template: Pick<BlockTemplate, 'version' | 'isSegwitActive'>,
  branch: HeaderBranch,
  consensus: ConsensusParams,
  clientRules: ReadonlySet<string>,
  versionbits?: VersionbitsCache,
): Result<TemplateRules, string> {
  const active = ['csv'];
  if (template.isSegwitActive) active.push('!segwit', 'taproot');
  if (consensus.signetChallenge !== null) active.push('!signet');
  const available: Record<'started' | 'locked_in', [string, number][]> = { started: [], locked_in: [] };
  let { version } = template;
  const byName = [...consensus.deployments].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const deployment of byName) {
    const state = getDeploymentState(deployment, branch, branch.height, versionbits);
    const isUnderstood = deployment.isOptionalForMiners || clientRules.has(deployment.name);
    if (state === 'started' || state === 'locked_in') {
      const mask = 2 ** deployment.bit;
      available[state].push([ruleName(deployment), deployment.bit]);
      if (state === 'locked_in') version |= mask;
      if (!isUnderstood) version &= ~mask;
    } else if (state === 'active') {
      active.push(ruleName(deployment));
      if (!isUnderstood) return err(deployment.name);
    }
  }
  return ok({ version, active, available: [...available.started, ...available.locked_in] });
}
