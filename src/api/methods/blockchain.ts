// Methods that read the chain: tips, headers, blocks (Core rpc/blockchain.cpp).

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import { VALIDITY } from '../../kernel/chain/block-status.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { type Arguments, readVerbosity } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { BLOCK_RESULTS, formatBlock } from '../format/block.ts';
import {
  computeDifficulty,
  formatDifficulty,
  formatHeader,
  formatUint256,
  HEADER_FIELDS,
  medianTimeOf,
} from '../format/header.ts';
import { hexOutput } from '../format/serialized-hex.ts';
import { formatWarnings } from '../format/warnings.ts';
import { type JsonOutput, jsonDouble } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, param, result } from '../schema-words.ts';
import { findBlock, readStoredBlock, readStoredBytes, readUndoIfKnown } from './chain-lookup.ts';
import { BACKGROUND_FIELDS, formatBackground, guessProgressOf } from './chain-states.ts';

function getBlockHash({ chain }: RpcContext, args: Arguments): JsonOutput {
  const height = args.integer('height');
  if (height < 0 || height > chain.height) {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Block height out of range');
  }
  return formatHash(chain.index.blockHash(chain.active.at(height)));
}

function getBlockHeader(context: RpcContext, args: Arguments): JsonOutput {
  const entry = findBlock(context, args.value('blockhash'), 'hash');
  if (args.flag('verbose', true)) return formatHeader(context.chain, entry);
  return toHex(context.chain.index.header(entry).bytes);
}

async function getBlock(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const entry = findBlock(context, args.value('blockhash'));
  const verbosity = readVerbosity(args.value('verbosity'), 1, true);
  if (verbosity <= 0) return hexOutput(await readStoredBytes(context, entry));
  const block = await readStoredBlock(context, entry);
  if (verbosity === 1) return formatBlock(context.chain, entry, block, 'txids', null, context);
  const undo = await readUndoIfKnown(context, entry);
  return formatBlock(context.chain, entry, block, verbosity === 2 ? 'transactions' : 'prevouts', undo, context);
}

/** Height of the last block of the active chain that was pruned; null: none (Core GetPruneHeight). */
function findPruneHeight({ chain: { index, active } }: RpcContext): number | null {
  const isComplete = (height: number): boolean => index.hasData(active.at(height)) && index.hasUndo(active.at(height));
  for (let height = active.height; height >= 1; height--) {
    if (!isComplete(height)) return height;
  }
  return null;
}

function getBlockchainInfo(context: RpcContext): JsonOutput {
  const { chain, params, host } = context;
  const { index, active } = chain;
  const { tip } = active;
  const { signetChallenge } = params.consensus;
  const pruneHeight = host.isPruned ? findPruneHeight(context) : null;
  return {
    chain: params.name,
    blocks: chain.height,
    headers: index.height(index.bestHeader),
    bestblockhash: formatHash(chain.tipHash),
    ...formatDifficulty(index.bits(tip)),
    time: index.timeSec(tip),
    mediantime: medianTimeOf(index, tip),
    verificationprogress: jsonDouble(guessProgressOf(context, tip)),
    initialblockdownload: chain.isInitialDownload,
    backgroundvalidation: formatBackground(context),
    chainwork: formatUint256(index.chainWork(tip)),
    size_on_disk: chain.state.store.usedBytes,
    pruned: host.isPruned,
    pruneheight: host.isPruned ? (pruneHeight === null ? 0 : pruneHeight + 1) : undefined,
    automatic_pruning: host.isPruned ? host.pruneTargetBytes !== null : undefined,
    prune_target_size: host.pruneTargetBytes ?? undefined,
    signet_challenge: signetChallenge === null ? undefined : toHex(signetChallenge),
    warnings: formatWarnings(context),
  };
}

type TipStatus = 'active' | 'invalid' | 'headers-only' | 'valid-fork' | 'valid-headers' | 'unknown';

function tipStatus({ chain: { index, active } }: RpcContext, entry: BlockEntry): TipStatus {
  if (active.contains(entry)) return 'active';
  if (index.isFailed(entry)) return 'invalid';
  if (!index.isLinked(entry)) return 'headers-only';
  if (index.isValid(entry, VALIDITY.scripts)) return 'valid-fork';
  return index.isValid(entry, VALIDITY.tree) ? 'valid-headers' : 'unknown';
}

function getChainTips(context: RpcContext): JsonOutput {
  const { index, active } = context.chain;
  const tips: BlockEntry[] = [active.tip];
  for (let entry = 0; entry < index.count; entry++) {
    if (index.firstChild(entry) < 0 && !active.contains(entry)) tips.push(entry);
  }
  return tips
    .sort((a, b) => index.height(b) - index.height(a) || a - b)
    .map((entry) => ({
      height: index.height(entry),
      hash: formatHash(index.blockHash(entry)),
      branchlen: index.height(entry) - active.forkHeight(entry),
      status: tipStatus(context, entry),
    }));
}

const BLOCK_HASH = param('blockhash', 'hex', 'The hash of the block');

/** The methods of this file. */
export const BLOCKCHAIN_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getblockcount',
    category: 'blockchain',
    description:
      'Tells the height of the chain that is fully verified and has the most work. The first block has height 0.',
    parameters: [],
    results: [result('number', 'The height')],
    examples: [''],
    run: ({ chain }) => chain.height,
  },
  {
    name: 'getbestblockhash',
    category: 'blockchain',
    description: 'Tells the hash of the tip of the chain that is fully verified and has the most work.',
    parameters: [],
    results: [result('hex', 'The hash')],
    examples: [''],
    run: ({ chain }) => formatHash(chain.tipHash),
  },
  {
    name: 'getblockhash',
    category: 'blockchain',
    description: 'Tells the hash of the block at a height of the best chain.',
    parameters: [param('height', 'number', 'The height')],
    results: [result('hex', 'The hash')],
    examples: ['1000'],
    run: getBlockHash,
  },
  {
    name: 'getblockheader',
    category: 'blockchain',
    description: 'Shows the header of a block, as an object or as bytes.',
    parameters: [
      BLOCK_HASH,
      param('verbose', 'boolean', 'true for an object, false for the bytes in hexadecimal', { default: true }),
    ],
    results: [
      object(HEADER_FIELDS, { condition: 'for verbose = true' }),
      result('hex', 'The bytes of the header', { condition: 'for verbose = false' }),
    ],
    examples: ['"00000000c937983704a73af28acdec37b049d214adbda81d7e2a3dd146f6ed09"'],
    run: getBlockHeader,
  },
  {
    name: 'getblock',
    category: 'blockchain',
    description:
      'Shows a block.\nVerbosity 0: its bytes in hexadecimal. 1: an object with the ids of its transactions. 2: with the transactions. 3: with the transactions and the outputs that they spend.',
    parameters: [
      BLOCK_HASH,
      param('verbosity|verbose', 'number', '0 to 3, see above', { default: 1, skipsTypeCheck: true }),
    ],
    results: [result('hex', 'The bytes of the block', { condition: 'for verbosity = 0' }), ...BLOCK_RESULTS],
    examples: ['"00000000c937983704a73af28acdec37b049d214adbda81d7e2a3dd146f6ed09"'],
    run: getBlock,
  },
  {
    name: 'getblockchaininfo',
    category: 'blockchain',
    description: 'Tells the state of the chain.',
    parameters: [],
    results: [
      object([
        field('chain', 'string', 'The ledger: main, test, testnet4, signet, regtest, or one of your own'),
        field('blocks', 'number', 'Height of the tip'),
        field('headers', 'number', 'Height of the best header'),
        field('bestblockhash', 'string', 'The tip'),
        field('bits', 'hex', 'Its target in compact form'),
        field('target', 'hex', 'Its target'),
        field('difficulty', 'number', 'Its difficulty'),
        field('time', 'time', 'Its time, in seconds since 1970'),
        field('mediantime', 'time', 'Median time of it and the ten before'),
        field('verificationprogress', 'number', 'Share of the ledger that is verified, about: from 0 to 1'),
        field('initialblockdownload', 'boolean', 'Whether the node is still far behind'),
        maybe('backgroundvalidation', 'object', 'How far the verification of a snapshot is (with one only)', {
          inner: BACKGROUND_FIELDS,
        }),
        field('chainwork', 'hex', 'Work of the chain'),
        field('size_on_disk', 'number', 'Bytes of block and undo files'),
        field('pruned', 'boolean', 'Whether old blocks are deleted'),
        maybe('pruneheight', 'number', 'Height of the first block that is still there (with pruning only)'),
        maybe('automatic_pruning', 'boolean', 'Whether blocks are deleted automatically (with pruning only)'),
        maybe('prune_target_size', 'number', 'Bytes to stay below (with automatic pruning only)'),
        maybe('signet_challenge', 'hex', 'Script that blocks must satisfy (on a signet only)'),
        field('warnings', 'array', 'Warnings', { inner: [result('string', 'A warning')], skipsTypeCheck: true }),
      ]),
    ],
    examples: [''],
    run: getBlockchainInfo,
  },
  {
    name: 'getchaintips',
    category: 'blockchain',
    description: 'Lists the tips of all known branches.',
    parameters: [],
    results: [
      result('array', '', {
        inner: [
          object([
            field('height', 'number', 'Height of the tip'),
            field('hash', 'hex', 'Hash of the tip'),
            field('branchlen', 'number', 'Blocks since the branch left the active chain'),
            field(
              'status',
              'string',
              'active: the tip of the chain. valid-fork: fully verified, and not the best. valid-headers: stored, not verified. headers-only: blocks are missing. invalid: a block breaks a rule',
            ),
          ]),
        ],
      }),
    ],
    examples: [''],
    run: getChainTips,
  },
  {
    name: 'getdifficulty',
    category: 'blockchain',
    description: 'Tells the difficulty of the tip, as a multiple of the easiest of the main network.',
    parameters: [],
    results: [result('number', 'The difficulty')],
    examples: [''],
    run: ({ chain }) => jsonDouble(computeDifficulty(chain.index.bits(chain.active.tip))),
  },
]);
