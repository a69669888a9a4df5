// Methods that change the chain: blocks declared invalid or precious, pruned, verified (Core rpc/blockchain.cpp).

import { NO_ENTRY } from '../../kernel/chain/block-index.ts';
import type { BlockCommandResult } from '../../kernel/chain/chainstate.ts';
import { MIN_BLOCKS_TO_KEEP } from '../../kernel/chain/prune.ts';
import { CHECK_BLOCKS, CHECK_LEVEL } from '../../kernel/chain/verify-db.ts';
import type { BlockHash } from '../../kernel/primitives/hashes.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { NOTHING, param, result } from '../schema-words.ts';
import { Turns } from '../turns.ts';

async function onBlock(
  args: Arguments,
  command: (hash: BlockHash) => Promise<BlockCommandResult>,
): Promise<JsonOutput> {
  const outcome = await command(args.hash('blockhash'));
  if (outcome === 'unknown-block') throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Block not found');
  if (outcome === 'below-snapshot') {
    throw new RpcError(
      RPC_CODE.DATABASE_ERROR,
      'The chain began with a snapshot at this block or above, and cannot go below before its blocks are verified',
    );
  }
  if (outcome === 'first-block') throw new RpcError(RPC_CODE.DATABASE_ERROR, 'the first block cannot be invalidated');
  return null;
}

async function verifyChain(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const { chain, clock, host } = context;
  const level = args.integer('checklevel', CHECK_LEVEL);
  const blockCount = args.integer('nblocks', CHECK_BLOCKS);
  const pauses = new Turns(context);
  const options = { level, blockCount, checksClock: false, isStopping: host.isStopping, pauses };
  const { outcome } = await chain.verify(clock.nowSec(), options);
  return outcome === 'verified';
}

/** Numbers above this are times (Core: September 2001, or a height in 19,000 years). */
const HEIGHT_PARAMETER_MAX = 1_000_000_000;
/** How far the time of a block may be off (Core TIMESTAMP_WINDOW). */
const TIMESTAMP_WINDOW_SEC = 7200;

function findPruneHeight({ chain, params }: RpcContext, given: number): number {
  if (given < 0) throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Negative block height.');
  let height = given;
  if (given > HEIGHT_PARAMETER_MAX) {
    const entry = chain.active.findEarliestAtLeast(given - TIMESTAMP_WINDOW_SEC, 0);
    if (entry === NO_ENTRY) {
      throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Could not find block with at least the specified timestamp.');
    }
    height = chain.index.height(entry);
  }
  if (chain.height < params.pruneAfterHeight) {
    throw new RpcError(RPC_CODE.MISC_ERROR, 'Blockchain is too short for pruning.');
  }
  if (height > chain.height) {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Blockchain is shorter than the attempted prune height.');
  }
  return Math.min(height, chain.height - MIN_BLOCKS_TO_KEEP);
}

async function pruneBlockchain(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const { chain, clock, host } = context;
  if (!host.isPruned) {
    throw new RpcError(RPC_CODE.MISC_ERROR, 'Cannot prune blocks because node is not in prune mode.');
  }
  const height = findPruneHeight(context, args.integer('height'));
  await chain.pruneUpTo(height, clock.nowSec());
  const { active, index } = chain.state;
  for (let last = active.height; last >= 1; last--) {
    if (!index.hasData(active.at(last)) || !index.hasUndo(active.at(last))) return last;
  }
  return -1;
}

const HASH = param('blockhash', 'hex', 'The hash of the block');

/** The methods of this file. */
export const CHAIN_CONTROL_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'invalidateblock',
    category: 'hidden',
    description: 'Declares a block invalid for good, as if it broke a rule.',
    parameters: [HASH],
    results: NOTHING,
    examples: ['"blockhash"'],
    run: ({ chain, clock }, args) => onBlock(args, (hash) => chain.invalidateBlock(hash, clock.nowSec())),
  },
  {
    name: 'reconsiderblock',
    category: 'hidden',
    description: 'Takes back what is held against a block, those before it and those on top of it.',
    parameters: [HASH],
    results: NOTHING,
    examples: ['"blockhash"'],
    run: ({ chain, clock }, args) => onBlock(args, (hash) => chain.reconsiderBlock(hash, clock.nowSec())),
  },
  {
    name: 'preciousblock',
    category: 'blockchain',
    description:
      'Treats a block as if it had come before others of the same work.\nA later call can override an earlier one. Forgotten when the program ends.',
    parameters: [HASH],
    results: NOTHING,
    examples: ['"blockhash"'],
    run: ({ chain, clock }, args) => onBlock(args, (hash) => chain.preciousBlock(hash, clock.nowSec())),
  },
  {
    name: 'pruneblockchain',
    category: 'blockchain',
    description: 'Deletes block and undo files up to a height or a time. Needs -prune.',
    parameters: [param('height', 'number', 'The height, or a time in seconds since 1970')],
    results: [result('number', 'Height of the last block that is gone, or -1')],
    examples: ['1000'],
    run: pruneBlockchain,
  },
  {
    name: 'verifychain',
    category: 'blockchain',
    description: 'Checks whether the last blocks and the coins fit together.',
    parameters: [
      param('checklevel', 'number', 'How thoroughly, see -checklevel', { defaultHint: `${CHECK_LEVEL}, range=0-4` }),
      param('nblocks', 'number', 'How many blocks', { defaultHint: `${CHECK_BLOCKS}, 0=all` }),
    ],
    results: [result('boolean', 'Whether they do')],
    examples: [''],
    run: verifyChain,
  },
]);
