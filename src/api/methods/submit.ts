// Methods that hand blocks and headers in (BIP22; Core rpc/mining.cpp).

import { NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { isActiveAt } from '../../kernel/consensus/deployments.ts';
import { findWitnessCommitment } from '../../kernel/consensus/witness-commitment.ts';
import { type Block, buildBlock, decodeBlock } from '../../kernel/primitives/block.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { decodeHeader, HEADER_BYTES } from '../../kernel/primitives/header.ts';
import { buildTransaction, toTransactionData } from '../../kernel/primitives/transaction.ts';
import { WITNESS_RESERVED_VALUE } from '../../node/mining/coinbase.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { explanationData } from '../format/explanation.ts';
import { parseSerialized } from '../format/serialized-hex.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { NOTHING, param, result } from '../schema-words.ts';

/**
 * Gives a coinbase that commits to witnesses and shows none the reserved value of zeros: miners who assemble the coinbase from
 * parts leave it out (Core UpdateUncommittedBlockStructures).
 */
function completeCoinbase({ chain, params }: RpcContext, block: Block): Block {
  const parent = chain.index.find(block.header.previousBlockHash);
  if (parent === NO_ENTRY || block.txCount === 0) return block;
  const coinbase = block.transaction(0);
  const isComplete = coinbase.hasWitness || coinbase.inputCount === 0 || findWitnessCommitment(coinbase) < 0;
  if (isComplete || !isActiveAt(params.consensus, 'segwit', chain.index.height(parent) + 1)) return block;
  const data = toTransactionData(coinbase);
  const [input, ...others] = data.inputs;
  const completed = buildTransaction({
    ...data,
    inputs: [{ ...input!, witness: [WITNESS_RESERVED_VALUE] }, ...others],
  });
  const rest = Array.from({ length: block.txCount - 1 }, (_, i) => block.transaction(i + 1));
  return buildBlock(block.header, [completed, ...rest]);
}

/**
 * Core answers with what it says of the block itself. A block whose header was fine, and that falls with one before it which is
 * found invalid while it is connected, is never judged (Core submitblock_StateCatcher).
 */
function describeReject({ chain }: RpcContext, { header }: Block, reason: string): string {
  const fellWithParent = reason === 'bad-prevblk' && chain.index.find(header.blockHash) !== NO_ENTRY;
  return fellWithParent ? 'inconclusive' : reason;
}

function isConnected({ chain }: RpcContext, { header }: Block): boolean {
  const entry = chain.index.find(header.blockHash);
  return entry !== NO_ENTRY && chain.isConnected(entry);
}

async function submitBlock(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const bytes = parseSerialized(args.text('hexdata'));
  const decoded = bytes === null ? null : decodeBlock(bytes, { allowTrailing: true });
  if (decoded?.ok !== true) throw new RpcError(RPC_CODE.DESERIALIZATION_ERROR, 'Block decode failed');
  const block = completeCoinbase(context, decoded.value);
  const wasConnected = isConnected(context, block);
  const submitted = await context.node.submitBlock(block);
  switch (submitted.outcome) {
    case 'connected':
      // One that was pruned has come back: nothing was judged.
      return wasConnected ? 'inconclusive' : null;
    case 'rejected':
      return describeReject(context, block, submitted.reject.reason);
    case 'duplicate':
      return 'duplicate';
    default:
      return 'inconclusive';
  }
}

/** Bytes behind the header do not matter: a whole block is as good. */
function submitHeader({ chain, clock }: RpcContext, args: Arguments): JsonOutput {
  const bytes = parseSerialized(args.text('hexdata'));
  const decoded = bytes === null ? null : decodeHeader(bytes.subarray(0, HEADER_BYTES));
  if (decoded?.ok !== true) throw new RpcError(RPC_CODE.DESERIALIZATION_ERROR, 'Block header decode failed');
  const header = decoded.value;
  if (chain.index.find(header.previousBlockHash) === NO_ENTRY) {
    const previous = formatHash(header.previousBlockHash);
    throw new RpcError(RPC_CODE.VERIFY_ERROR, `Must submit previous header (${previous}) first`);
  }
  const { reject } = chain.acceptHeaders([header], clock.nowSec());
  if (reject !== null) throw new RpcError(RPC_CODE.VERIFY_ERROR, reject.reason, explanationData(reject));
  return null;
}

/** The methods of this file. */
export const SUBMIT_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'submitblock',
    category: 'mining',
    description: 'Hands a block in (BIP22).',
    parameters: [
      param('hexdata', 'hex', 'The block in hexadecimal'),
      param('dummy', 'string', 'Ignored, for BIP22', { defaultHint: 'ignored' }),
    ],
    results: [
      result('none', '', { condition: 'If the block was accepted' }),
      result('string', 'Why not, as BIP22 says it', { condition: 'Otherwise' }),
    ],
    examples: ['"mydata"'],
    run: submitBlock,
  },
  {
    name: 'submitheader',
    category: 'mining',
    description: 'Hands a header in. An invalid one is an error.',
    parameters: [param('hexdata', 'hex', 'The header in hexadecimal')],
    results: NOTHING,
    examples: ['"aabbcc"'],
    run: submitHeader,
  },
]);
