// Methods of our own for mining with the processor: the app's switch, and the live picture of the search. Core has nothing like them.

import { decodeCompact } from '../../kernel/consensus/target.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { reversedBytes, toHex } from '../../kernel/util/bytes.ts';
import type { MinedBlock } from '../../node/app/cpu-miner.ts';
import { computeTimeAndBits } from '../../node/mining/assembler.ts';
import { estimateNetworkHashRate } from '../../node/mining/network-hash-rate.ts';
import { formatAddress } from '../../wallet/address.ts';
import { type Arguments, asDouble } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { readAddress } from '../format/address.ts';
import { formatDifficulty } from '../format/header.ts';
import { type JsonOutput, type JsonRecord, jsonDouble } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, OURS, object, optional } from '../schema-words.ts';
import { requireMining } from './mining-service.ts';

/** Decimals of the share that are kept. */
const SHARE_SCALE = 10_000;

/** A smaller share is as good as none. */
const SHARE_MIN = 0.01;

/** More threads than any machine of today has cores. */
const THREADS_MAX = 1024;

/** Blocks that the hash rate of the network is estimated from, as in getmininginfo. */
const HASH_RATE_BLOCKS = 120;

/** Hashes that there are. */
const HASH_SPACE: number = 2 ** 256;

function getMinerInfo(context: RpcContext): JsonOutput {
  const { params } = context;
  const mining = requireMining(context);
  const { minerScript, minerStatus: status } = mining;
  const chain = mining.nextBlockChain();
  const bits = status.bits ?? computeTimeAndBits(chain).bits;
  const networkRate = estimateNetworkHashRate(chain.branch, params.consensus.pow.interval, HASH_RATE_BLOCKS);
  return {
    isOn: status.isMining,
    share: jsonDouble(Math.round(status.share * SHARE_SCALE) / SHARE_SCALE),
    threads: mining.threadCount,
    address: (minerScript === null ? null : formatAddress(minerScript, params.prefixes)) ?? undefined,
    hashesPerSecond: Math.round(status.hashRate),
    hashes: status.hashCount,
    hashesAtHeight: status.hashCountAtHeight,
    height: status.height ?? chain.branch.height + 1,
    transactionCount: status.transactionCount,
    rewardSat: status.rewardSat,
    ...formatDifficulty(bits),
    networkHashesPerSecond: jsonDouble(networkRate),
    networkShare: jsonDouble(networkRate > 0 ? Math.min(1, status.hashRate / networkRate) : 0),
    expectedSec: status.hashRate > 0 ? jsonDouble(computeExpectedSec(bits, status.hashRate)) : undefined,
    bestHash: status.lowestHash === null ? undefined : toHex(reversedBytes(status.lowestHash)),
    pagesWon: status.blocksWon,
    pages: status.lastBlocks.map(describePage),
  };
}

/** Seconds until a block is found, in the mean: every hash wins with the share of hashes that are not above the target. */
function computeExpectedSec(bits: number, hashRate: number): number {
  return HASH_SPACE / (Number(decodeCompact(bits).magnitude) + 1) / hashRate;
}

function describePage({ height, blockHash, timeSec, rewardSat }: MinedBlock): JsonRecord {
  return { height, hash: formatHash(blockHash), time: timeSec, rewardSat };
}

function readShare(args: Arguments, present: number): number {
  if (!args.has('share')) return present;
  const share = asDouble(args.value('share'));
  if (share >= SHARE_MIN && share <= 1) return share;
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, `share must be from ${SHARE_MIN} to 1`);
}

function readThreads(args: Arguments, present: number): number {
  const threads = args.integer('threads', present);
  if (threads >= 1 && threads <= THREADS_MAX) return threads;
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, `threads must be from 1 to ${THREADS_MAX}`);
}

function readScript({ params }: RpcContext, args: Arguments, present: Uint8Array | null): Uint8Array | null {
  if (!args.has('address')) return present;
  const { script } = readAddress(args.text('address'), params.prefixes);
  if (script !== null) return script;
  throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Error: Invalid address');
}

/** Everything is read before anything is done. */
function setMiner(context: RpcContext, args: Arguments): JsonOutput {
  const mining = requireMining(context);
  const { isMining, share: presentShare } = mining.minerStatus;
  const isOn = args.flag('on', isMining);
  const share = readShare(args, presentShare);
  const threads = readThreads(args, mining.threadCount);
  const script = readScript(context, args, mining.minerScript);
  if (isOn && script === null) {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'An address is needed the first time');
  }
  mining.setThreadCount(threads);
  if (!isOn) mining.stopMiner();
  if (isOn && script !== null) mining.startMiner(script, share);
  else mining.prepareMiner(script, share);
  return getMinerInfo(context);
}

const MINER = [
  object([
    field('isOn', 'boolean', 'Whether it mines'),
    field('share', 'number', 'The share of the time that its threads compute'),
    field('threads', 'number', 'Its threads'),
    maybe('address', 'string', 'Where rewards go'),
    field('hashesPerSecond', 'number', 'Hashes per second of late'),
    field('hashes', 'number', 'Hashes since the program was started'),
    field('hashesAtHeight', 'number', 'Hashes for the height that it searched last'),
    field('height', 'number', 'Height of the next block'),
    field('transactionCount', 'number', 'Transactions of the block that is searched for, coinbase included'),
    field('rewardSat', 'number', 'What it would bring, in satoshis'),
    field('bits', 'hex', 'Its target in the compact form'),
    field('difficulty', 'number', 'Its difficulty'),
    field('target', 'hex', 'The highest hash that wins'),
    field('networkHashesPerSecond', 'number', 'Hashes that the network seems to compute in a second'),
    field('networkShare', 'number', 'How much of that is ours, from 0 to 1'),
    maybe('expectedSec', 'number', 'Seconds until a block is found, in the mean'),
    maybe('bestHash', 'hex', 'The lowest hash so far for the height that it searched last'),
    field('pagesWon', 'number', 'Blocks found since the program was started that became part of the chain'),
    field('pages', 'array', 'The last of them, newest first', {
      inner: [
        object([
          field('height', 'number', 'The height'),
          field('hash', 'hex', 'The hash'),
          field('time', 'time', 'The time of the block, in seconds since 1970'),
          field('rewardSat', 'number', 'What it brought, in satoshis'),
        ]),
      ],
    }),
  ]),
];

/** The methods of this file. */
export const MINING_PROCESSOR_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    ...OURS,
    name: 'getminerinfo',
    description: 'Tells what mining with the processor has to show.',
    parameters: [],
    results: MINER,
    examples: [''],
    run: getMinerInfo,
  },
  {
    ...OURS,
    name: 'setminer',
    description:
      'Switches mining with the processor on or off, or changes how it mines. What is left out stays as it is.',
    parameters: [
      optional('on', 'boolean', 'Whether to mine'),
      optional('share', 'number', `The share of the time that the threads compute, ${SHARE_MIN} to 1`),
      optional('address', 'string', 'Where rewards go; needed the first time'),
      optional('threads', 'number', `How many threads, 1 to ${THREADS_MAX}`),
    ],
    results: MINER,
    examples: ['true 0.5 "myaddress"', 'false'],
    run: setMiner,
  },
]);
