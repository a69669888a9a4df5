// Blocks as answers show them (Core blockToJSON). The transactions are made while they are written: a full block is tens of
// megabytes of text.

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import type { BlockUndo } from '../../kernel/consensus/undo.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { type JsonRecord, WrittenJson } from '../json/json-value.ts';
import { field, maybe, object, result } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';
import { FieldBytes } from './field-sink.ts';
import { type ChainSide, formatHeader, HEADER_FIELDS } from './header.ts';
import type { ScriptContext } from './script.ts';
import { TRANSACTION_FIELDS, writeTransaction } from './transaction.ts';

/** What is told of transactions: their ids, all of them, or all with what they spend. */
export type BlockDetail = 'txids' | 'transactions' | 'prevouts';

const COINBASE_FIELDS: readonly ResultSpec[] = [
  field('version', 'number', 'The version'),
  field('locktime', 'number', 'The lock time'),
  field('sequence', 'number', 'The sequence number of the input'),
  field('coinbase', 'hex', 'The script of the input'),
  maybe('witness', 'hex', 'The one item of its witness, if there is one'),
];

function blockFields(transaction: ResultSpec): readonly ResultSpec[] {
  return [
    ...HEADER_FIELDS,
    field('strippedsize', 'number', 'Bytes without witnesses'),
    field('size', 'number', 'Bytes'),
    field('weight', 'number', 'Weight (BIP141)'),
    field('coinbase_tx', 'object', 'What the coinbase says', { inner: COINBASE_FIELDS }),
    field('tx', 'array', 'The transactions', { inner: [transaction] }),
  ];
}

/** The results of getblock by verbosity 1 and above. */
export const BLOCK_RESULTS: readonly ResultSpec[] = Object.freeze([
  object(blockFields(result('hex', 'The transaction id')), { condition: 'for verbosity = 1' }),
  object(blockFields(object(TRANSACTION_FIELDS)), { condition: 'for verbosity = 2 and 3' }),
]);

function formatCoinbase(tx: Transaction): JsonRecord {
  const [item] = tx.hasWitness ? tx.witness(0) : [];
  return {
    version: tx.version,
    locktime: tx.locktime,
    sequence: tx.sequence(0),
    coinbase: toHex(tx.scriptSig(0)),
    witness: item === undefined ? undefined : toHex(item),
  };
}

function* writeTxids(block: Block): Generator<Uint8Array, void, void> {
  const out = new FieldBytes();
  const txids = block.txids();
  out.openArray('');
  for (let at = 0; at < txids.length; at += HASH_BYTES) {
    out.hashField('', txids, at);
    if (out.isFull) yield out.take();
  }
  out.closeArray();
  yield out.take();
}

function* writeTransactions(
  block: Block,
  undo: BlockUndo | null,
  showsPrevouts: boolean,
  context: ScriptContext,
): Generator<Uint8Array, void, void> {
  // All at once they are hashed in batches.
  block.wtxids();
  const out = new FieldBytes();
  out.openArray('');
  for (let i = 0; i < block.txCount; i++) {
    // The coinbase spends nothing.
    const spent = undo === null || i === 0 ? null : { coins: undo.coins, first: undo.firstCoins[i - 1]! };
    yield* writeTransaction(out, block.transaction(i), { spent, showsPrevouts, showsHex: true }, context);
  }
  out.closeArray();
  yield out.take();
}

/** A block; `undo` are the coins that it spent, where they are known. */
export function formatBlock(
  side: ChainSide,
  entry: BlockEntry,
  block: Block,
  detail: BlockDetail,
  undo: BlockUndo | null,
  context: ScriptContext,
): JsonRecord {
  return {
    ...formatHeader(side, entry),
    strippedsize: block.strippedSize,
    size: block.totalSize,
    weight: block.weightWu,
    coinbase_tx: formatCoinbase(block.transaction(0)),
    tx: new WrittenJson(
      'array',
      detail === 'txids' ? writeTxids(block) : writeTransactions(block, undo, detail === 'prevouts', context),
    ),
  };
}
