// Blocks as answers show them (Core blockToJSON). The transactions are made while they are written: a full block is tens of
// megabytes of text.

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import type { BlockUndo } from '../../kernel/consensus/undo.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { asTxid, formatHash, HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { type JsonOutput, type JsonRecord, JsonSequence } from '../json/json-value.ts';
import { field, maybe, object, result } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';
import { type ChainSide, formatHeader, HEADER_FIELDS } from './header.ts';
import type { ScriptContext } from './script.ts';
import { formatTransaction, TRANSACTION_FIELDS } from './transaction.ts';

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

function formatTxids(block: Block): JsonOutput {
  const txids = block.txids();
  const texts: string[] = [];
  for (let at = 0; at < txids.length; at += HASH_BYTES)
    texts.push(formatHash(asTxid(txids.slice(at, at + HASH_BYTES))));
  return texts;
}

function* formatTransactions(
  block: Block,
  undo: BlockUndo | null,
  showsPrevouts: boolean,
  context: ScriptContext,
): Generator<JsonOutput, void, void> {
  for (let i = 0; i < block.txCount; i++) {
    // The coinbase spends nothing.
    const spent = undo === null || i === 0 ? null : { coins: undo.coins, first: undo.firstCoins[i - 1]! };
    yield formatTransaction(block.transaction(i), { spent, showsPrevouts, showsHex: true }, context);
  }
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
    tx:
      detail === 'txids'
        ? formatTxids(block)
        : new JsonSequence(formatTransactions(block, undo, detail === 'prevouts', context)),
  };
}
