// Transactions as answers show them (Core TxToUniv).

import type { SpentCoins } from '../../kernel/consensus/spent-coins.ts';
import { compactSizeWidth, readCompactSizeAt } from '../../kernel/encoding/compact-size.ts';
import { readU32 } from '../../kernel/encoding/numbers.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { valueFromAmount } from '../amount.ts';
import { type JsonRecord, JsonSequence } from '../json/json-value.ts';
import { field, maybe, result } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';
import { collectFields, type FieldBytes, type FieldSink } from './field-sink.ts';
import { isLongScript, writeLongScript } from './long-script.ts';
import { SCRIPT_FIELDS, type ScriptContext } from './script.ts';
import { hexOutput } from './serialized-hex.ts';

/** Units of weight in a virtual byte. */
const WEIGHT_PER_VBYTE = 4;

/** The coins that a transaction spends: a stretch of those of its block. */
export interface SpentByTransaction {
  readonly coins: SpentCoins;
  readonly first: number;
}

/** Inputs, or outputs, that are formatted at once. */
const FORMATTED_AT_ONCE_MAX = 256;

/** How much is shown of a transaction. */
export interface TransactionFormat {
  readonly spent: SpentByTransaction | null;
  readonly showsPrevouts: boolean;
  readonly showsHex: boolean;
  /** For wallets: outputs that went back to their owner are marked. */
  readonly isChange?: (scriptPubKey: Uint8Array) => boolean;
}

const PREVOUT_FIELDS: readonly ResultSpec[] = [
  field('generated', 'boolean', 'Whether a coinbase made it'),
  field('height', 'number', 'Height of the block that made it'),
  field('value', 'amount', 'Its value in BTC'),
  field('scriptPubKey', 'object', '', { inner: SCRIPT_FIELDS }),
];

const INPUT_FIELDS: readonly ResultSpec[] = [
  maybe('coinbase', 'hex', 'The script of a coinbase input'),
  maybe('txid', 'hex', 'Transaction of the output that is spent, unless coinbase'),
  maybe('vout', 'number', 'Number of that output, unless coinbase'),
  maybe('scriptSig', 'object', 'The script, unless coinbase', {
    inner: [field('asm', 'string', 'The script as words'), field('hex', 'hex', 'Its bytes')],
  }),
  maybe('txinwitness', 'array', '', { inner: [result('hex', 'An item of the witness')] }),
  maybe('prevout', 'object', 'The output that is spent, where it is shown and known', { inner: PREVOUT_FIELDS }),
  field('sequence', 'number', 'The sequence number'),
];

const OUTPUT_FIELDS: readonly ResultSpec[] = [
  field('value', 'amount', 'The value in BTC'),
  field('n', 'number', 'Its number'),
  field('scriptPubKey', 'object', '', { inner: SCRIPT_FIELDS }),
];

/** The fields of a transaction. */
export const TRANSACTION_FIELDS: readonly ResultSpec[] = Object.freeze([
  field('txid', 'hex', 'Identity without witness'),
  field('hash', 'hex', 'Identity with witness; the same as txid for a transaction without'),
  field('version', 'number', 'The version'),
  field('size', 'number', 'Bytes of the whole serialization'),
  field('vsize', 'number', 'Virtual size: a quarter of the weight, rounded up'),
  field('weight', 'number', 'The weight, between three times vsize less three and four times vsize'),
  field('locktime', 'number', 'The lock time'),
  field('vin', 'array', 'Inputs', { inner: [result('object', '', { inner: INPUT_FIELDS })] }),
  field('vout', 'array', 'Outputs', { inner: [result('object', '', { inner: OUTPUT_FIELDS })] }),
  maybe('fee', 'amount', 'The fee in BTC, where the spent outputs are known'),
  maybe('hex', 'hex', 'The serialization'),
]);

/** The fields of a transaction in objects that hold it and more: `fee` and `hex` may be left out of them. */
export const DECODED_FIELDS: readonly ResultSpec[] = Object.freeze(
  TRANSACTION_FIELDS.filter(({ key }) => key !== 'fee' && key !== 'hex'),
);

/** What spends a script: of a coinbase its bytes, of others which output they spend, too. */
function describeInput(
  sink: FieldSink,
  tx: Transaction,
  i: number,
  isCoinbase: boolean,
  { spent, showsPrevouts }: TransactionFormat,
  context: ScriptContext,
): void {
  const { bytes } = tx;
  const start = tx.scriptSigStart(i);
  const end = tx.scriptSigEnd(i);
  if (isCoinbase) sink.hexField('coinbase', bytes, start, end);
  else {
    const prevout = tx.prevoutStart(i);
    sink.hashField('txid', bytes, prevout);
    sink.integerField('vout', readU32(bytes, prevout + HASH_BYTES));
    sink.openObject('scriptSig');
    sink.wordsField('asm', bytes, start, end, true);
    sink.hexField('hex', bytes, start, end);
    sink.closeObject();
  }
  describeWitness(sink, bytes, tx.witnessStart(i));
  if (showsPrevouts && spent !== null) describePrevout(sink, spent, i, context);
  sink.integerField('sequence', tx.sequence(i));
}

/** The stack whose count is at a place; nothing for an empty one, and for none (-1). */
function describeWitness(sink: FieldSink, bytes: Uint8Array, at: number): void {
  if (at < 0 || bytes[at] === 0) return;
  const { length } = bytes;
  sink.openArray('txinwitness');
  let left = readCompactSizeAt(bytes, at, length, 'witness');
  for (let position = at + compactSizeWidth(bytes[at]!); left > 0; left--) {
    const start = position + compactSizeWidth(bytes[position]!);
    const end = start + readCompactSizeAt(bytes, position, length, 'witness item');
    sink.hexField('', bytes, start, end);
    position = end;
  }
  sink.closeArray();
}

function describePrevout(
  sink: FieldSink,
  { coins, first }: SpentByTransaction,
  i: number,
  context: ScriptContext,
): void {
  const at = first + i;
  sink.openObject('prevout');
  sink.flagField('generated', coins.isCoinbase(at));
  sink.integerField('height', coins.height(at));
  sink.amountField('value', coins.valueSat(at));
  sink.scriptField('scriptPubKey', coins.bytes, coins.scriptStart(at), coins.scriptEnd(at), context);
  sink.closeObject();
}

function describeValue(sink: FieldSink, tx: Transaction, n: number): void {
  sink.amountField('value', tx.valueSat(n));
  sink.integerField('n', n);
}

function describeOutput(
  sink: FieldSink,
  tx: Transaction,
  n: number,
  { isChange }: TransactionFormat,
  context: ScriptContext,
): void {
  describeValue(sink, tx, n);
  sink.scriptField('scriptPubKey', tx.bytes, tx.scriptPubKeyStart(n), tx.scriptPubKeyEnd(n), context);
  if (isChange?.(tx.scriptPubKey(n)) === true) sink.flagField('ischange', true);
}

/** What stands before the inputs. */
function describeHead(sink: FieldSink, tx: Transaction): void {
  sink.hashField('txid', tx.txid, 0);
  sink.hashField('hash', tx.wtxid, 0);
  sink.integerField('version', tx.version);
  sink.integerField('size', tx.totalSize);
  sink.integerField('vsize', Math.ceil(tx.weightWu / WEIGHT_PER_VBYTE));
  sink.integerField('weight', tx.weightWu);
  sink.integerField('locktime', tx.locktime);
}

function computeFeeSat(tx: Transaction, { coins, first }: SpentByTransaction): number {
  let feeSat = 0;
  for (let i = 0; i < tx.inputCount; i++) feeSat += coins.valueSat(first + i);
  for (let j = 0; j < tx.outputCount; j++) feeSat -= tx.valueSat(j);
  return feeSat;
}

/** Inputs or outputs: made at once, or, if they are many, while they are written. */
export function formatEach(count: number, formatOne: (i: number) => JsonRecord): readonly JsonRecord[] | JsonSequence {
  if (count <= FORMATTED_AT_ONCE_MAX) return Array.from({ length: count }, (_, i) => formatOne(i));
  function* items(): Generator<JsonRecord, void, void> {
    for (let i = 0; i < count; i++) yield formatOne(i);
  }
  return new JsonSequence(items());
}

/** A transaction in the order of Core's fields. */
export function formatTransaction(tx: Transaction, format: TransactionFormat, context: ScriptContext): JsonRecord {
  const { isCoinbase } = tx;
  return {
    ...collectFields((sink) => describeHead(sink, tx)),
    vin: formatEach(tx.inputCount, (i) =>
      collectFields((sink) => describeInput(sink, tx, i, isCoinbase, format, context)),
    ),
    vout: formatEach(tx.outputCount, (n) => collectFields((sink) => describeOutput(sink, tx, n, format, context))),
    fee: format.spent === null ? undefined : valueFromAmount(computeFeeSat(tx, format.spent)),
    hex: format.showsHex ? hexOutput(tx.serialized()) : undefined,
  };
}

/** Writes the same as bytes, an item of an array, and stops whenever there are enough to be handed over. */
export function* writeTransaction(
  out: FieldBytes,
  tx: Transaction,
  format: TransactionFormat,
  context: ScriptContext,
): Generator<Uint8Array, void, void> {
  const { isCoinbase } = tx;
  out.openObject('');
  describeHead(out, tx);
  out.openArray('vin');
  for (let i = 0; i < tx.inputCount; i++) {
    out.openObject('');
    describeInput(out, tx, i, isCoinbase, format, context);
    out.closeObject();
    if (out.isFull) yield out.take();
  }
  out.closeArray();
  out.openArray('vout');
  for (let n = 0; n < tx.outputCount; n++) {
    out.openObject('');
    const start = tx.scriptPubKeyStart(n);
    const end = tx.scriptPubKeyEnd(n);
    if (isLongScript(start, end)) {
      describeValue(out, tx, n);
      yield* writeLongScript(out, 'scriptPubKey', tx.bytes, start, end);
    } else describeOutput(out, tx, n, format, context);
    out.closeObject();
    if (out.isFull) yield out.take();
  }
  out.closeArray();
  if (format.spent !== null) out.amountField('fee', computeFeeSat(tx, format.spent));
  if (format.showsHex) {
    out.begin('hex');
    out.quote();
    yield* out.longHex(tx.bytes, tx.start, tx.end);
    out.quote();
  }
  out.closeObject();
  if (out.isFull) yield out.take();
}
