// Methods of our own for mining with the processor: the app's switch, and what it has to show. Core has nothing like them.

import { formatAddress } from '../../wallet/address.ts';
import { valueFromAmount } from '../amount.ts';
import { type Arguments, asDouble } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { readAddress } from '../format/address.ts';
import { type JsonOutput, jsonDouble } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, optional, param } from '../schema-words.ts';
import { requireMining } from './mining-service.ts';

/** Decimals of the share that are kept. */
const SHARE_SCALE = 10_000;

function getMinerInfo(context: RpcContext): JsonOutput {
  const mining = requireMining(context);
  const { minerScript, minerStatus: status } = mining;
  const address = minerScript === null ? null : formatAddress(minerScript, context.params.prefixes);
  return {
    on: status.isMining,
    share: jsonDouble(Math.round(status.share * SHARE_SCALE) / SHARE_SCALE),
    address: address ?? undefined,
    hashespersec: Math.round(status.hashRate),
    hashes: status.hashCount,
    height: status.height ?? undefined,
    transactions: status.transactionCount,
    reward: valueFromAmount(status.rewardSat),
    blockswon: status.blocksWon,
  };
}

function readShare(args: Arguments, present: number): number {
  if (!args.has('share')) return present;
  const share = asDouble(args.value('share'));
  if (share > 0 && share <= 1) return share;
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'share must be above 0 and at most 1');
}

function readScript({ params }: RpcContext, args: Arguments, present: Uint8Array | null): Uint8Array {
  if (!args.has('address')) {
    if (present !== null) return present;
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'An address is needed the first time');
  }
  const { script } = readAddress(args.text('address'), params.prefixes);
  if (script !== null) return script;
  throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Error: Invalid address');
}

function setMiner(context: RpcContext, args: Arguments): JsonOutput {
  const mining = requireMining(context);
  if (args.flag('on')) {
    const script = readScript(context, args, mining.minerScript);
    mining.startMiner(script, readShare(args, mining.minerStatus.share));
  } else mining.stopMiner();
  return getMinerInfo(context);
}

const MINER = [
  object([
    field('on', 'boolean', 'Whether it mines'),
    field('share', 'number', 'The share of the time that its threads compute, above 0 and at most 1'),
    maybe('address', 'string', 'Where rewards go'),
    field('hashespersec', 'number', 'Hashes per second of late'),
    field('hashes', 'number', 'Hashes since the program was started'),
    maybe('height', 'number', 'Height of the block that is searched for'),
    field('transactions', 'number', 'Its transactions, coinbase included'),
    field('reward', 'amount', 'What it would bring, in BTC'),
    field('blockswon', 'number', 'Blocks found since the program was started that became part of the chain'),
  ]),
];

const OF_OUR_OWN = 'A method of this program, which Bitcoin Core does not have.';

/** The methods of this file. */
export const MINING_PROCESSOR_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getminerinfo',
    category: 'mining',
    description: `Tells what mining with the processor has to show.\n${OF_OUR_OWN}`,
    parameters: [],
    results: MINER,
    examples: [''],
    run: getMinerInfo,
  },
  {
    name: 'setminer',
    category: 'mining',
    description: `Switches mining with the processor on or off.\n${OF_OUR_OWN}`,
    parameters: [
      param('on', 'boolean', 'Whether to mine'),
      param('share', 'number', 'The share of the time that the threads compute', {
        defaultHint: 'as before, at first 1',
      }),
      optional('address', 'string', 'Where rewards go; as before if left out'),
    ],
    results: MINER,
    examples: ['true 0.5 "myaddress"', 'false'],
    run: setMiner,
  },
]);
