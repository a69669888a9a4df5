// Transactions as answers show them (Core TxToUniv).

import type { SpentCoins } from '../../kernel/consensus/spent-coins.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { formatScript } from '../../kernel/script/script-format.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { valueFromAmount } from '../amount.ts';
import { type JsonRecord, JsonSequence } from '../json/json-value.ts';
import { field, maybe, result } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';
import { formatOutputScript, SCRIPT_FIELDS, type ScriptContext } from './script.ts';
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

function formatInput(tx: Transaction, i: number, format: TransactionFormat, context: ScriptContext): JsonRecord {
  const scriptStart = tx.scriptSigStart(i);
  const scriptEnd = tx.scriptSigEnd(i);
  const scriptHex = toHex(tx.bytes.subarray(scriptStart, scriptEnd));
  const witness = tx.hasWitness ? tx.witness(i) : [];
  const tail = {
    txinwitness: witness.length > 0 ? witness.map(toHex) : undefined,
    prevout: format.showsPrevouts && format.spent !== null ? formatPrevout(format.spent, i, context) : undefined,
    sequence: tx.sequence(i),
  };
  if (tx.isCoinbase) return { coinbase: scriptHex, ...tail };
  const { txid, index } = tx.prevout(i);
  const asm = formatScript(tx.bytes, scriptStart, scriptEnd, { decodeHashTypes: true });
  return { txid: formatHash(txid), vout: index, scriptSig: { asm, hex: scriptHex }, ...tail };
}

function formatPrevout({ coins, first }: SpentByTransaction, i: number, context: ScriptContext): JsonRecord {
  const at = first + i;
  return {
    generated: coins.isCoinbase(at),
    height: coins.height(at),
    value: valueFromAmount(coins.valueSat(at)),
    scriptPubKey: formatOutputScript(coins.bytes.slice(coins.scriptStart(at), coins.scriptEnd(at)), context),
  };
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
  const vin = formatEach(tx.inputCount, (i) => formatInput(tx, i, format, context));
  const vout = formatEach(tx.outputCount, (n) => {
    const scriptPubKey = formatOutputScript(tx.scriptPubKey(n), context);
    const ischange = format.isChange?.(tx.scriptPubKey(n)) === true ? true : undefined;
    return { value: valueFromAmount(tx.valueSat(n)), n, scriptPubKey, ischange };
  });
  return {
    txid: formatHash(tx.txid),
    hash: formatHash(tx.wtxid),
    version: tx.version,
    size: tx.totalSize,
    vsize: Math.ceil(tx.weightWu / WEIGHT_PER_VBYTE),
    weight: tx.weightWu,
    locktime: tx.locktime,
    vin,
    vout,
    fee: format.spent === null ? undefined : valueFromAmount(computeFeeSat(tx, format.spent)),
    hex: format.showsHex ? hexOutput(tx.serialized()) : undefined,
  };
}
