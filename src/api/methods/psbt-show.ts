// Methods that show PSBTs: all that one says, and how far it is (Core rpc/rawtransaction.cpp).

import { BYTES_PER_SIGOP_DEFAULT } from '../../kernel/policy/limits.ts';
import { isMoneyRange } from '../../kernel/primitives/amount.ts';
import { assert } from '../../kernel/util/assert.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { formatBase58Check } from '../../wallet/keys/base58check.ts';
import { analyzePsbt, type InputAnalysis } from '../../wallet/psbt/analyze.ts';
import { inOrder, PSBT_MODIFIABLE, type Psbt } from '../../wallet/psbt/psbt.ts';
import { spentOutputOf, toUnsignedTransaction } from '../../wallet/psbt/psbt-transaction.ts';
import type { MissingParts } from '../../wallet/signature-data.ts';
import { valueFromAmount } from '../amount.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { formatPsbtInput, PSBT_INPUT_FIELDS } from '../format/psbt-input.ts';
import { formatPsbtOutput, PSBT_OUTPUT_FIELDS } from '../format/psbt-output.ts';
import { formatOrigin, formatProprietary, formatUnknown, hexIfAny, OTHER_FIELDS } from '../format/psbt-parts.ts';
import { DECODED_FIELDS, formatEach, formatTransaction } from '../format/transaction.ts';
import type { JsonOutput, JsonRecord } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, result } from '../schema-words.ts';
import { runSteps } from '../turns.ts';
import { PSBT_PARAMETER, readPsbt } from './psbt-parameter.ts';

async function decode(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const psbt = await readPsbt(context, args.text('psbt'));
  const { version, inputs, outputs } = psbt;
  const feeSat = computeFeeSat(psbt);
  return {
    tx: version === 0 ? formatUnsigned(psbt, context) : undefined,
    global_xpubs: inOrder(psbt.extendedKeys).map(({ extendedKey, origin }) => ({
      xpub: formatBase58Check(extendedKey),
      ...formatOrigin(origin),
    })),
    ...(version === 2 ? formatWhole(psbt) : {}),
    psbt_version: version,
    proprietary: inOrder(psbt.proprietary).map(formatProprietary),
    unknown: formatUnknown(psbt.unknown),
    inputs: formatEach(inputs.length, (i) => formatPsbtInput(inputs[i]!, version, context)),
    outputs: formatEach(outputs.length, (j) => formatPsbtOutput(outputs[j]!, version, context)),
    fee: feeSat === null ? undefined : valueFromAmount(feeSat),
  };
}

function formatUnsigned(psbt: Psbt, context: RpcContext): JsonRecord {
  const transaction = toUnsignedTransaction(psbt);
  assert(transaction !== null, 'psbt: version 0 has one locktime');
  return formatTransaction(transaction, { spent: null, showsPrevouts: false, showsHex: false }, context);
}

/** What version 2 says in place of the unsigned transaction. */
function formatWhole({ txVersion, fallbackLocktime, inputs, outputs, modifiable }: Psbt): JsonRecord {
  const may = (bit: number): boolean | undefined => (modifiable === null ? undefined : (modifiable & bit) !== 0);
  return {
    tx_version: txVersion,
    fallback_locktime: fallbackLocktime ?? undefined,
    input_count: inputs.length,
    output_count: outputs.length,
    inputs_modifiable: may(PSBT_MODIFIABLE.INPUTS),
    outputs_modifiable: may(PSBT_MODIFIABLE.OUTPUTS),
    has_sighash_single: may(PSBT_MODIFIABLE.HAS_SIGHASH_SINGLE),
  };
}

/** Null where an output that is spent is unknown, or where a value makes no sense. */
function computeFeeSat(psbt: Psbt): number | null {
  const spentSat = sumMoney(psbt.inputs.map((input) => spentOutputOf(input)?.valueSat ?? null));
  const paidSat = sumMoney(psbt.outputs.map(({ valueSat }) => valueSat));
  return spentSat === null || paidSat === null ? null : spentSat - paidSat;
}

function sumMoney(values: readonly (number | null)[]): number | null {
  let sum = 0;
  for (const valueSat of values) {
    if (valueSat === null || !isMoneyRange(valueSat) || !isMoneyRange(sum + valueSat)) return null;
    sum += valueSat;
  }
  return sum;
}

async function analyze(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const psbt = await readPsbt(context, args.text('psbt'));
  const { secp, pool } = context;
  const bytesPerSigop = pool?.mempool.options.bytesPerSigop ?? BYTES_PER_SIGOP_DEFAULT;
  const analysis = await runSteps(context, analyzePsbt(psbt, { secp, bytesPerSigop }));
  const { inputs, estimate, feeSat, next, error } = analysis;
  return {
    inputs: inputs.length === 0 ? undefined : formatEach(inputs.length, (i) => formatAnalysis(inputs[i]!)),
    estimated_vsize: estimate?.vsize,
    estimated_feerate: estimate === null ? undefined : valueFromAmount(estimate.feerateSatPerKvb),
    fee: feeSat === null ? undefined : valueFromAmount(feeSat),
    next,
    error: error ?? undefined,
  };
}

function formatAnalysis({ hasUtxo, isFinal, next, missing }: InputAnalysis): JsonRecord {
  return {
    has_utxo: hasUtxo,
    is_final: isFinal,
    next,
    missing: missing === null ? undefined : formatMissing(missing),
  };
}

function formatMissing(missing: Readonly<MissingParts>): JsonRecord | undefined {
  const { publicKeys, signatures, redeemScriptHash, witnessScriptHash } = missing;
  const parts = {
    pubkeys: publicKeys.length === 0 ? undefined : publicKeys.map(toHex),
    redeemscript: hexIfAny(redeemScriptHash),
    witnessscript: hexIfAny(witnessScriptHash),
    signatures: signatures.length === 0 ? undefined : signatures.map(toHex),
  };
  return Object.values(parts).some((part) => part !== undefined) ? parts : undefined;
}

/** The methods of this file. */
export const PSBT_SHOW_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'decodepsbt',
    category: 'rawtransactions',
    description: 'Shows everything that a PSBT says.',
    parameters: [PSBT_PARAMETER],
    results: [
      object([
        maybe('tx', 'object', 'The transaction without signatures', { inner: DECODED_FIELDS }),
        field('global_xpubs', 'array', 'Extended public keys', {
          inner: [
            object([
              field('xpub', 'string', 'The key'),
              field('master_fingerprint', 'hex', 'Fingerprint of its root'),
              field('path', 'string', 'The path from there'),
            ]),
          ],
        }),
        maybe('tx_version', 'number', 'The version of the transaction'),
        maybe('fallback_locktime', 'number', 'The lock time where no input asks for one'),
        maybe('input_count', 'number', 'How many inputs there are'),
        maybe('output_count', 'number', 'How many outputs there are'),
        maybe('inputs_modifiable', 'boolean', 'Whether inputs may be changed'),
        maybe('outputs_modifiable', 'boolean', 'Whether outputs may be changed'),
        maybe('has_sighash_single', 'boolean', 'Whether a signature commits to the output of its number alone'),
        maybe('psbt_version', 'number', 'The version of the PSBT'),
        ...OTHER_FIELDS,
        field('inputs', 'array', '', { inner: [object(PSBT_INPUT_FIELDS)] }),
        field('outputs', 'array', '', { inner: [object(PSBT_OUTPUT_FIELDS)] }),
        maybe('fee', 'amount', 'The fee in BTC, where all outputs that are spent are known'),
      ]),
    ],
    examples: ['"psbt"'],
    run: decode,
  },
  {
    name: 'analyzepsbt',
    category: 'rawtransactions',
    description: 'Tells how far a PSBT is: what is missing, and who is to have it next.',
    parameters: [PSBT_PARAMETER],
    results: [
      object([
        maybe('inputs', 'array', '', {
          inner: [
            object([
              field('has_utxo', 'boolean', 'Whether the output that is spent is known'),
              field('is_final', 'boolean', 'Whether the final scripts are there and good'),
              maybe('missing', 'object', 'What is missing', {
                inner: [
                  maybe('pubkeys', 'array', '', { inner: [result('hex', 'HASH160 of a key that nobody named')] }),
                  maybe('signatures', 'array', '', { inner: [result('hex', 'HASH160 of a key that is to sign')] }),
                  maybe('redeemscript', 'hex', 'HASH160 of the script'),
                  maybe('witnessscript', 'hex', 'SHA-256 of the script'),
                ],
              }),
              maybe('next', 'string', 'Who is next with this input'),
            ]),
          ],
        }),
        maybe('estimated_vsize', 'number', 'Virtual size of the transaction with all signatures'),
        maybe('estimated_feerate', 'amount', 'Its fee rate in BTC/kvB'),
        maybe('fee', 'amount', 'The fee in BTC, where all outputs that are spent are known'),
        field('next', 'string', 'Who is next: creator, updater, signer, finalizer or extractor'),
        maybe('error', 'string', 'What is wrong with the PSBT'),
      ]),
    ],
    examples: ['"psbt"'],
    run: analyze,
  },
]);
