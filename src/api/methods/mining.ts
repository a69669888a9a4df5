// Methods that tell of mining (Core rpc/mining.cpp).

import { IndexBranch } from '../../kernel/chain/index-branch.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { computeTimeAndBits } from '../../node/mining/assembler.ts';
import { estimateNetworkHashRate } from '../../node/mining/network-hash-rate.ts';
import { valueFromAmount } from '../amount.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { formatDifficulty } from '../format/header.ts';
import { formatWarnings } from '../format/warnings.ts';
import { type JsonNumber, type JsonOutput, jsonDouble } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, param, result } from '../schema-words.ts';
import { requireMining } from './mining-service.ts';

/** Blocks that the hash rate is estimated from: those of the last 20 hours or so. */
const HASH_RATE_BLOCKS = 120;

function estimateHashRate({ chain, params }: RpcContext, blockCount: number, height: number): JsonNumber {
  if (blockCount < -1 || blockCount === 0) {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Invalid nblocks. Must be a positive number or -1.');
  }
  if (height < -1 || height > chain.height) {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Block does not exist at specified height');
  }
  const branch = new IndexBranch(chain.index, chain.active).moveTo(chain.active.tip);
  const { interval } = params.consensus.pow;
  return jsonDouble(estimateNetworkHashRate(branch, interval, blockCount, height === -1 ? chain.height : height));
}

function getMiningInfo(context: RpcContext): JsonOutput {
  const { chain, params, pool } = context;
  const mining = requireMining(context);
  const { lastSize } = mining;
  const { signetChallenge } = params.consensus;
  const { bits, difficulty, target } = formatDifficulty(chain.index.bits(chain.active.tip));
  return {
    blocks: chain.height,
    currentblockweight: lastSize?.weightWu,
    currentblocktx: lastSize?.transactionCount,
    bits,
    difficulty,
    target,
    networkhashps: estimateHashRate(context, HASH_RATE_BLOCKS, -1),
    pooledtx: pool?.mempool.size ?? 0,
    blockmintxfee: valueFromAmount(mining.options.blockMinFeerate),
    chain: params.name,
    next: describeNext(context),
    signet_challenge: signetChallenge === null ? undefined : toHex(signetChallenge),
    warnings: formatWarnings(context),
  };
}

/** The next block, if it were made now. */
function describeNext(context: RpcContext): JsonOutput {
  const chain = requireMining(context).nextBlockChain();
  const { bits, difficulty, target } = formatDifficulty(computeTimeAndBits(chain).bits);
  return { height: chain.branch.height + 1, bits, difficulty, target };
}

const TARGET_FIELDS = [
  field('bits', 'hex', 'The target in its compact form'),
  field('difficulty', 'number', 'The difficulty'),
  field('target', 'hex', 'The target'),
];

/** The methods of this file. */
export const MINING_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getmininginfo',
    category: 'mining',
    description: 'Tells what concerns miners.',
    parameters: [],
    results: [
      object([
        field('blocks', 'number', 'Height of the tip'),
        maybe('currentblockweight', 'number', 'Weight of the last block that was assembled, with what is kept free'),
        maybe('currentblocktx', 'number', 'Transactions of the last block that was assembled, without coinbase'),
        ...TARGET_FIELDS,
        field('networkhashps', 'number', 'Hashes that the network seems to compute in a second'),
        field('pooledtx', 'number', 'Transactions in the memory pool'),
        field('blockmintxfee', 'amount', 'Lowest fee rate of what is taken into blocks, in BTC/kvB'),
        field('chain', 'string', 'Name of the network'),
        maybe('signet_challenge', 'hex', 'The challenge of a signet'),
        field('next', 'object', 'The next block', {
          inner: [field('height', 'number', 'Its height'), ...TARGET_FIELDS],
        }),
        field('warnings', 'array', 'Warnings', { inner: [result('string', 'A warning')], skipsTypeCheck: true }),
      ]),
    ],
    examples: [''],
    run: getMiningInfo,
  },
  {
    name: 'getnetworkhashps',
    category: 'mining',
    description: 'Estimates how many hashes the network computes in a second, from the times of blocks.',
    parameters: [
      param('nblocks', 'number', 'From how many blocks; -1: from those since the difficulty changed', {
        default: HASH_RATE_BLOCKS,
      }),
      param('height', 'number', 'Height of the last of them; -1: the tip', { default: -1 }),
    ],
    results: [result('number', 'Hashes per second')],
    examples: [''],
    run: (context, args: Arguments) =>
      estimateHashRate(context, args.integer('nblocks', HASH_RATE_BLOCKS), args.integer('height', -1)),
  },
]);
