// Methods that sign transactions with keys of the caller, and put signatures together (Core rpc/rawtransaction.cpp). Keys are used and
// forgotten.

import { formatAmount } from '../../kernel/primitives/amount.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { type Transaction, type TransactionOutput, toTransactionData } from '../../kernel/primitives/transaction.ts';
import { SIGHASH } from '../../kernel/script/sighash-type.ts';
import { EMPTY_BYTES, equalBytes, toHex } from '../../kernel/util/bytes.ts';
import { KeyRing } from '../../wallet/descriptor/key-ring.ts';
import { parseWif } from '../../wallet/keys/wif.ts';
import {
  combineTransactions,
  describeFault,
  replaceScripts,
  type SignedTransaction,
  signTransaction,
} from '../../wallet/sign-transaction.ts';
import { type Arguments, asText } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { readHashType } from '../format/hash-type.ts';
import type { JsonOutput, JsonRecord } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, optional, param, result } from '../schema-words.ts';
import type { ParameterSpec, ResultSpec } from '../signature.ts';
import { runSteps } from '../turns.ts';
import { findSpentOutputs } from './find-outputs.ts';
import { parseTransactionInTurns } from './parse-transaction.ts';
import { applyPreviousOutputs } from './previous-outputs.ts';

async function signWithKey(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const { params, secp } = context;
  const transaction = await parseTransactionInTurns(context, args.text('hexstring'));
  if (transaction === null) {
    throw new RpcError(RPC_CODE.DESERIALIZATION_ERROR, 'TX decode failed. Make sure the tx has at least one input.');
  }
  const ring = new KeyRing();
  for (const text of args.list('privkeys')) {
    const key = parseWif(asText(text), params.prefixes.secretKey);
    if (!key.ok) throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Invalid private key');
    ring.addSecret(key.value, secp);
  }
  const outputs = await findSpentOutputs(context, transaction);
  applyPreviousOutputs(args.value('prevtxs'), transaction, outputs, ring);
  const hashType = readHashType(args.value('sighashtype')) ?? SIGHASH.DEFAULT;
  const signed = await runSteps(context, signTransaction(transaction, outputs, { ring, hashType, secp }));
  return formatSigned(signed, outputs);
}

/** A transaction after signing, with what it lacks. */
export function formatSigned(
  { transaction, faults }: SignedTransaction,
  outputs: readonly (TransactionOutput | null)[],
): JsonOutput {
  const errors: JsonRecord[] = [];
  for (const [i, fault] of faults) {
    if (fault.kind === 'unknown-value') refuseUnknownValue(outputs[i]!);
    const { txid, index } = transaction.prevout(i);
    errors.push({
      txid: formatHash(txid),
      vout: index,
      witness: transaction.witness(i).map(toHex),
      scriptSig: toHex(transaction.scriptSig(i)),
      sequence: transaction.sequence(i),
      error: describeFault(fault),
    });
  }
  return {
    hex: toHex(transaction.serialized()),
    complete: errors.length === 0,
    errors: errors.length > 0 ? errors : undefined,
  };
}

/** Digits of a script that Core shows of an output. */
const SHOWN_SCRIPT_DIGITS = 30;

function refuseUnknownValue({ valueSat, scriptPubKey }: TransactionOutput): never {
  const script = toHex(scriptPubKey).slice(0, SHOWN_SCRIPT_DIGITS);
  throw new RpcError(
    RPC_CODE.TYPE_ERROR,
    `Missing amount for CTxOut(nValue=${formatAmount(valueSat)}, scriptPubKey=${script})`,
  );
}

/** The transaction without what signs it. */
function strip(transaction: Transaction): Transaction {
  const { inputs } = toTransactionData(transaction);
  return replaceScripts(
    transaction,
    inputs.map(() => ({ scriptSig: EMPTY_BYTES, witness: [] })),
  );
}

async function combineRawTransaction(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const texts = args.list('txs');
  if (texts.length < 2) {
    throw new RpcError(RPC_CODE.DESERIALIZATION_ERROR, 'Missing transactions. At least two transactions required.');
  }
  const copies: Transaction[] = [];
  for (const [i, text] of texts.entries()) {
    const transaction = await parseTransactionInTurns(context, asText(text));
    if (transaction === null) {
      throw new RpcError(
        RPC_CODE.DESERIALIZATION_ERROR,
        `TX decode failed for tx ${i}. Make sure the tx has at least one input.`,
      );
    }
    copies.push(transaction);
  }
  const { txid } = strip(copies[0]!);
  for (const [i, copy] of copies.entries()) {
    if (equalBytes(strip(copy).txid, txid)) continue;
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, `Transaction number ${i + 1} not compatible with first transaction`);
  }
  const outputs = await findSpentOutputs(context, copies[0]!);
  const known = outputs.filter((output): output is TransactionOutput => output !== null);
  if (known.length < outputs.length) {
    throw new RpcError(RPC_CODE.VERIFY_ERROR, 'Input not found or already spent');
  }
  const combined = await runSteps(context, combineTransactions(copies, known, context.secp));
  return toHex(combined.serialized());
}

/** A parameter: outputs that neither the chain nor the memory pool has. */
export const PREVIOUS_OUTPUTS: ParameterSpec = optional('prevtxs', 'array', 'Outputs that inputs spend', {
  inner: [
    optional('', 'object', '', {
      inner: [
        param('txid', 'hex', 'The transaction id'),
        param('vout', 'number', 'Number of the output'),
        param('scriptPubKey', 'hex', 'The output script'),
        optional('redeemScript', 'hex', '(required for P2SH) The script behind the hash'),
        optional('witnessScript', 'hex', '(required for P2WSH or P2SH-P2WSH) The script behind the program'),
        optional('amount', 'amount', '(required for Segwit inputs) The value in BTC'),
      ],
    }),
  ],
});

/** A parameter: what signatures commit to. */
export const HASH_TYPE: ParameterSpec = param(
  'sighashtype',
  'string',
  'What signatures commit to: DEFAULT, ALL, NONE, SINGLE, ALL|ANYONECANPAY, NONE|ANYONECANPAY or SINGLE|ANYONECANPAY',
  { default: 'DEFAULT for Taproot, ALL otherwise' },
);

/** What is answered after signing. */
export const SIGNED_FIELDS: readonly ResultSpec[] = [
  object([
    field('hex', 'hex', 'The transaction with its signatures'),
    field('complete', 'boolean', 'Whether all inputs are signed'),
    maybe('errors', 'array', 'What is missing', {
      inner: [
        object([
          field('txid', 'hex', 'Transaction of the output that is spent'),
          field('vout', 'number', 'Number of that output'),
          field('witness', 'array', '', { inner: [result('hex', 'An item of the witness')] }),
          field('scriptSig', 'hex', 'The script'),
          field('sequence', 'number', 'The sequence number'),
          field('error', 'string', 'What is wrong'),
        ]),
      ],
    }),
  ]),
];

/** The methods of this file. */
export const SIGN_RAW_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'signrawtransactionwithkey',
    category: 'rawtransactions',
    description:
      'Signs the inputs of a transaction with the given keys alone. Outputs that are neither in the chain nor in the memory pool are to be described.',
    parameters: [
      param('hexstring', 'string', 'The transaction in hexadecimal'),
      param('privkeys', 'array', 'The private keys, as they are exported', {
        inner: [optional('privatekey', 'hex', 'A private key')],
      }),
      PREVIOUS_OUTPUTS,
      HASH_TYPE,
    ],
    results: SIGNED_FIELDS,
    examples: ['"myhex" "[\\"key1\\",\\"key2\\"]"'],
    run: signWithKey,
  },
  {
    name: 'combinerawtransaction',
    category: 'rawtransactions',
    description: 'Puts the signatures of several copies of a transaction together.',
    parameters: [
      param('txs', 'array', 'The copies in hexadecimal', {
        inner: [optional('hexstring', 'hex', 'A transaction')],
      }),
    ],
    results: [result('string', 'The transaction with all signatures, in hexadecimal')],
    examples: ['\'["myhex1", "myhex2", "myhex3"]\''],
    run: combineRawTransaction,
  },
]);
