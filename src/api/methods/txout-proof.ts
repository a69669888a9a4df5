// Proofs that a block contains a transaction (Core rpc/txoutproof.cpp; BIP37).

import { type BlockEntry, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { CoinsLookup } from '../../kernel/chain/coins-lookup.ts';
import { CoinRef } from '../../kernel/consensus/coin.ts';
import { MAX_BLOCK_WEIGHT } from '../../kernel/consensus/limits.ts';
import { writeU32 } from '../../kernel/encoding/numbers.ts';
import { asTxid, formatHash, HASH_BYTES, type Txid } from '../../kernel/primitives/hashes.ts';
import { OUTPOINT_BYTES } from '../../kernel/primitives/outpoint.ts';
import {
  buildPartialMerkleTree,
  decodeMerkleBlock,
  encodeMerkleBlock,
  extractMatchesInSteps,
  MERKLE_BLOCK_BYTES_MAX,
} from '../../kernel/primitives/partial-merkle-tree.ts';
import { equalBytes, toHex } from '../../kernel/util/bytes.ts';
import { type Arguments, asHash, asText } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { JsonOutput, JsonValue } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { optional, param, result } from '../schema-words.ts';
import { runSteps } from '../turns.ts';
import { findBlock, readStoredBlock } from './chain-lookup.ts';

function readTxids(values: readonly JsonValue[]): ReadonlyMap<string, Txid> {
  if (values.length === 0) throw new RpcError(RPC_CODE.INVALID_PARAMETER, "Parameter 'txids' cannot be empty");
  const txids: Map<string, Txid> = new Map();
  for (const value of values) {
    const txid = asHash(value, 'txid');
    const text = formatHash(txid);
    if (txids.has(text)) {
      throw new RpcError(RPC_CODE.INVALID_PARAMETER, `Invalid parameter, duplicated txid: ${asText(value)}`);
    }
    txids.set(text, txid);
  }
  return txids;
}

/** Outputs that a transaction can have at most: an output has nine bytes, each of weight 4 (Core MAX_OUTPUTS_PER_BLOCK). */
const OUTPUT_COUNT_MAX: number = Math.floor(MAX_BLOCK_WEIGHT / 36);

/** Outputs that are looked up at a time: most transactions have a coin among the first. */
const OUTPUTS_PER_FETCH = 1024;

/** The block of a transaction that has an unspent output (Core AccessByTxid); NO_ENTRY when it has none. */
async function findBlockByCoin({ chain }: RpcContext, txid: Txid): Promise<BlockEntry> {
  const lookup = new CoinsLookup(chain.state.coins);
  const coin = new CoinRef();
  const outpoints = new Uint8Array(OUTPUTS_PER_FETCH * OUTPOINT_BYTES);
  for (let first = 0; first < OUTPUT_COUNT_MAX; first += OUTPUTS_PER_FETCH) {
    for (let i = 0; i < OUTPUTS_PER_FETCH; i++) {
      outpoints.set(txid, i * OUTPOINT_BYTES);
      writeU32(outpoints, i * OUTPOINT_BYTES + HASH_BYTES, first + i);
    }
    lookup.clear();
    await lookup.fetch(outpoints, OUTPUTS_PER_FETCH);
    for (let i = 0; i < OUTPUTS_PER_FETCH; i++) {
      const at = i * OUTPOINT_BYTES;
      if (lookup.isKnown(outpoints, at) && lookup.readCoin(outpoints, at, coin)) return chain.active.at(coin.height);
    }
  }
  return NO_ENTRY;
}

/** The block of a transaction, where they are indexed. */
async function findBlockByIndex({ indexes }: RpcContext, txid: Txid): Promise<BlockEntry> {
  await indexes.catchUp('transactions');
  const found = await indexes.transactions?.find(txid);
  return found?.entry ?? NO_ENTRY;
}

async function getTxOutProof(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const txids = readTxids(args.list('txids'));
  let entry: BlockEntry = NO_ENTRY;
  if (args.has('blockhash')) entry = findBlock(context, args.value('blockhash'));
  else {
    for (const txid of txids.values()) {
      entry = await findBlockByCoin(context, txid);
      if (entry !== NO_ENTRY) break;
    }
  }
  if (entry === NO_ENTRY) entry = await findBlockByIndex(context, [...txids.values()][0]!);
  if (entry === NO_ENTRY) throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Transaction not yet in block');
  const block = await readStoredBlock(context, entry);
  const all = block.txids();
  const isAsked = Array.from({ length: block.txCount }, (_, i) =>
    txids.has(formatHash(asTxid(all.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)))),
  );
  if (isAsked.filter((one) => one).length !== txids.size) {
    throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Not all transactions found in specified or retrieved block');
  }
  const tree = buildPartialMerkleTree(all, (position) => isAsked[position]!);
  return toHex(encodeMerkleBlock({ header: block.header, tree }));
}

async function verifyTxOutProof(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  if (args.text('proof').length > 2 * MERKLE_BLOCK_BYTES_MAX) {
    throw new RpcError(RPC_CODE.MISC_ERROR, 'The proof cannot be read: that of no block is as long');
  }
  const decoded = decodeMerkleBlock(args.bytes('proof'));
  if (!decoded.ok) throw new RpcError(RPC_CODE.MISC_ERROR, `The proof cannot be read: ${decoded.error.message}`);
  const { header, tree } = decoded.value;
  const extracted = await runSteps(context, extractMatchesInSteps(tree));
  if (!extracted.ok || !equalBytes(extracted.value.merkleRoot, header.merkleRoot)) return [];
  const { index, active } = context.chain;
  const entry = index.find(header.blockHash);
  if (entry === NO_ENTRY || !active.contains(entry) || index.txCount(entry) === 0) {
    throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Block not found in chain');
  }
  // Without this, a proof could take an inner node of the tree for a transaction.
  if (index.txCount(entry) !== tree.txCount) return [];
  return extracted.value.matches.map(({ txid }) => formatHash(txid));
}

/** The methods of this file. */
export const TXOUT_PROOF_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'gettxoutproof',
    category: 'blockchain',
    description:
      'Makes a proof that a block contains transactions. Without the hash of the block it is found by an unspent output of one of them, or with -txindex.',
    parameters: [
      param('txids', 'array', 'The transactions', { inner: [optional('txid', 'hex', 'A transaction id')] }),
      optional('blockhash', 'hex', 'The block'),
    ],
    results: [result('string', 'The proof in hexadecimal')],
    examples: ['\'["mytxid"]\''],
    run: getTxOutProof,
  },
  {
    name: 'verifytxoutproof',
    category: 'blockchain',
    description: 'Tells which transactions a proof proves. A block outside of the best chain is an error.',
    parameters: [param('proof', 'hex', 'The proof, as gettxoutproof makes it')],
    results: [
      result('array', '', {
        inner: [result('hex', 'A transaction that the proof proves; none when the proof is wrong')],
      }),
    ],
    examples: ['"proof"'],
    run: verifyTxOutProof,
  },
]);
