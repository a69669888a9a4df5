// Changes of the rules, as they stand at a block: buried ones by height, others by the signals of miners (Core rpc/blockchain.cpp,
// getdeploymentinfo).

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import { IndexBranch } from '../../kernel/chain/index-branch.ts';
import { getBlockScriptFlags, isActiveAt, isEnabled } from '../../kernel/consensus/deployments.ts';
import {
  type BuriedDeployment,
  NEVER_ACTIVE,
  NO_TIMEOUT,
  type VersionbitsDeployment,
} from '../../kernel/consensus/params.ts';
import { computeDeploymentInfo, type SignalStatistics } from '../../kernel/consensus/versionbits.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { SCRIPT_FLAG_NAMES, SCRIPT_VERIFY } from '../../kernel/script/flags.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { JsonNumber, type JsonRecord } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, param, result } from '../schema-words.ts';
import { findBlock } from './chain-lookup.ts';

/** Core's order. */
const BURIED: readonly BuriedDeployment[] = ['bip34', 'bip66', 'bip65', 'csv', 'segwit'];

/** What Core has where an attempt never fails: the largest integer of 64 bits. */
const INT64_MAX = '9223372036854775807';

/** Names of flags, sorted as Core lists them. */
function flagNames(flags: number): readonly string[] {
  return SCRIPT_FLAG_NAMES.filter((name) => (flags & SCRIPT_VERIFY[name]) !== 0).sort((a, b) => (a < b ? -1 : 1));
}

function formatStatistics({ period, threshold, elapsed, count, isPossible }: SignalStatistics): JsonRecord {
  const isOpen = threshold > 0 || isPossible;
  return { period, elapsed, count, ...(isOpen ? { threshold, possible: isPossible } : {}) };
}

function formatVersionbits(branch: IndexBranch, deployment: VersionbitsDeployment): JsonRecord {
  const { bit, startTimeSec, timeoutSec, minActivationHeight } = deployment;
  const { currentState, nextState, since, statistics, signalling, activeSince } = computeDeploymentInfo(
    deployment,
    branch,
  );
  return {
    type: 'bip9',
    height: activeSince,
    active: activeSince !== undefined && activeSince <= branch.height + 1,
    bip9: {
      bit: statistics === undefined ? undefined : bit,
      start_time: startTimeSec,
      timeout: timeoutSec === NO_TIMEOUT ? new JsonNumber(INT64_MAX) : timeoutSec,
      min_activation_height: minActivationHeight,
      status: currentState,
      since,
      status_next: nextState,
      statistics: statistics === undefined ? undefined : formatStatistics(statistics),
      signalling: signalling?.map((isSignal) => (isSignal ? '#' : '-')).join(''),
    },
  };
}

/** Every change that is or may be in force after a block, by name. */
function listDeployments({ chain, params }: RpcContext, entry: BlockEntry): JsonRecord {
  const { consensus } = params;
  const branch = new IndexBranch(chain.index, chain.active).moveTo(entry);
  const deployments: Record<string, JsonRecord> = {};
  for (const name of BURIED) {
    if (!isEnabled(consensus, name)) continue;
    const height = consensus.activationHeights[name];
    deployments[name] = { type: 'buried', active: isActiveAt(consensus, name, branch.height + 1), height };
  }
  for (const deployment of consensus.deployments) {
    if (deployment.startTimeSec === NEVER_ACTIVE) continue;
    deployments[deployment.name] = formatVersionbits(branch, deployment);
  }
  return deployments;
}

function getDeploymentInfo(context: RpcContext, args: Arguments): JsonRecord {
  const { chain, params } = context;
  const { index, active } = chain;
  const entry = args.has('blockhash') ? findBlock(context, args.value('blockhash')) : active.tip;
  const blockHash = index.blockHash(entry);
  const height = index.height(entry);
  return {
    hash: formatHash(blockHash),
    height,
    script_flags: flagNames(getBlockScriptFlags(params.consensus, height, blockHash)),
    deployments: listDeployments(context, entry),
  };
}

const STATISTICS_FIELDS = [
  field('period', 'number', 'Blocks of a period'),
  maybe('threshold', 'number', 'Signals that are needed (only for started)'),
  field('elapsed', 'number', 'Blocks of the period so far'),
  field('count', 'number', 'Signals so far'),
  maybe('possible', 'boolean', 'Whether enough blocks are left to reach the threshold (only for started)'),
];

const SIGNAL_FIELDS = [
  maybe('bit', 'number', 'Bit of the version (only for started and locked_in)'),
  field('start_time', 'time', 'Median time from which signals count'),
  field('timeout', 'time', 'Median time at which the attempt fails'),
  field('min_activation_height', 'number', 'Lowest height at which the rules may hold'),
  field('status', 'string', 'At the block: defined, started, locked_in, active or failed'),
  field('since', 'number', 'Height of the first block of this status'),
  field('status_next', 'string', 'Status at the next block'),
  maybe('statistics', 'object', 'How far signalling has come (only for started and locked_in)', {
    inner: STATISTICS_FIELDS,
  }),
  maybe('signalling', 'string', 'The blocks of the period: # for those that signal, - for the others'),
];

/** The methods of this file. */
export const DEPLOYMENT_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getdeploymentinfo',
    category: 'blockchain',
    description:
      'Tells which changes of the rules are in force at a block, or on the way.\nThose that hold from the first block on are not among the deployments.',
    parameters: [param('blockhash', 'hex', 'The block', { defaultHint: 'hash of current chain tip' })],
    results: [
      object([
        field('hash', 'string', 'The block'),
        field('height', 'number', 'Its height'),
        field('script_flags', 'array', 'Rules for the scripts of the block', { inner: [result('string', 'A flag')] }),
        field('deployments', 'object-dynamic', 'By name', {
          inner: [
            field('xxxx', 'object', 'The change', {
              inner: [
                field('type', 'string', 'buried or bip9'),
                maybe('height', 'number', 'First block at which the rules hold, where that is known'),
                field('active', 'boolean', 'Whether they hold for the mempool and the next block'),
                maybe('bip9', 'object', 'How miners signal (only for bip9)', { inner: SIGNAL_FIELDS }),
              ],
            }),
          ],
        }),
      ]),
    ],
    examples: [''],
    run: getDeploymentInfo,
  },
]);
