// Methods that make PSBTs, put them together and finish them (Core rpc/rawtransaction.cpp).

import { formatOutpoint } from '../../kernel/primitives/outpoint.ts';
import { buildTransaction, type Transaction } from '../../kernel/primitives/transaction.ts';
import { shuffled } from '../../node/p2p/shuffle.ts';
import { combinePsbts, joinPsbts } from '../../wallet/psbt/combine.ts';
import { createPsbt } from '../../wallet/psbt/create.ts';
import { finalizePsbt } from '../../wallet/psbt/finalize.ts';
import type { Psbt } from '../../wallet/psbt/psbt.ts';
import { type Arguments, asText } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { hexOutput } from '../format/serialized-hex.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, optional, param, result } from '../schema-words.ts';
import { runSteps } from '../turns.ts';
import { parseTransaction } from './parse-transaction.ts';
import { PSBT_PARAMETER, PSBT_VERSION_PARAMETER, readPsbt, readPsbtVersion, writePsbt } from './psbt-parameter.ts';
import { NEW_TRANSACTION_PARAMETERS, readNewTransaction } from './raw-transaction.ts';

async function createNew(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const transaction = buildTransaction(await readNewTransaction(context, args));
  return writePsbt(createPsbt(transaction, readPsbtVersion(args.value('psbt_version'))));
}

function convertToPsbt(_context: RpcContext, args: Arguments): JsonOutput {
  const isWitness = args.flag('iswitness', null);
  const transaction = parseTransaction(args.text('hexstring'), {
    withWitness: isWitness ?? true,
    withoutWitness: isWitness !== true,
  });
  if (transaction === null) throw new RpcError(RPC_CODE.DESERIALIZATION_ERROR, 'TX decode failed');
  if (isSigned(transaction) && args.flag('permitsigdata', false) === false) {
    throw new RpcError(RPC_CODE.DESERIALIZATION_ERROR, 'Inputs must not have scriptSigs and scriptWitnesses');
  }
  return writePsbt(createPsbt(transaction, readPsbtVersion(args.value('psbt_version'))));
}

/** True when an input has a script or a witness. */
function isSigned(transaction: Transaction): boolean {
  if (transaction.hasWitness) return true;
  for (let i = 0; i < transaction.inputCount; i++) {
    if (transaction.scriptSigStart(i) < transaction.scriptSigEnd(i)) return true;
  }
  return false;
}

async function readAll(context: RpcContext, args: Arguments): Promise<readonly Psbt[]> {
  const psbts: Psbt[] = [];
  for (const text of args.list('txs')) psbts.push(await readPsbt(context, asText(text)));
  return psbts;
}

async function combine(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  if (args.list('txs').length === 0) {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, "Parameter 'txs' cannot be empty");
  }
  const combined = combinePsbts(await readAll(context, args));
  if (combined !== null) return writePsbt(combined);
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'PSBTs not compatible (different transactions)');
}

async function join(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  if (args.list('txs').length < 2) {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'At least two PSBTs are required to join PSBTs.');
  }
  const psbts = await readAll(context, args);
  if (psbts.some(({ version }) => version !== 0)) {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'joinpsbts only operates on version 0 PSBTs');
  }
  const { rng } = context.node;
  const joined = joinPsbts(psbts, (list) => shuffled(list, rng));
  if (joined.ok) return writePsbt(joined.value);
  const outpoint = formatOutpoint(joined.error);
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, `Input ${outpoint} exists in multiple PSBTs`);
}

async function finalize(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const psbt = await readPsbt(context, args.text('psbt'));
  const extracts = args.flag('extract', true);
  const finalized = await runSteps(context, finalizePsbt(psbt, context.secp));
  const { transaction } = finalized;
  const complete = transaction !== null;
  if (complete && extracts) return { hex: hexOutput(transaction.serialized()), complete };
  return { psbt: writePsbt(finalized.psbt), complete };
}

/** The methods of this file. */
export const PSBT_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'createpsbt',
    category: 'rawtransactions',
    description:
      'Makes a partially signed transaction of which nothing is signed. It is not kept in a wallet and not sent.',
    parameters: [...NEW_TRANSACTION_PARAMETERS, PSBT_VERSION_PARAMETER],
    results: [result('string', 'The PSBT in base 64')],
    examples: ['"[{\\"txid\\":\\"myid\\",\\"vout\\":0}]" "[{\\"address\\":0.01}]"'],
    run: createNew,
  },
  {
    name: 'converttopsbt',
    category: 'rawtransactions',
    description:
      'Makes a PSBT of a transaction that is not signed, as createrawtransaction gives it. For new programs there is createpsbt.',
    parameters: [
      param('hexstring', 'hex', 'The transaction in hexadecimal'),
      param('permitsigdata', 'boolean', 'Whether signatures may be there; they are left out', { default: false }),
      param('iswitness', 'boolean', 'Whether it is read with a witness, or without', {
        defaultHint: 'depends on heuristic tests',
      }),
      PSBT_VERSION_PARAMETER,
    ],
    results: [result('string', 'The PSBT in base 64')],
    examples: ['"rawtransaction"'],
    run: convertToPsbt,
  },
  {
    name: 'combinepsbt',
    category: 'rawtransactions',
    description: 'Puts together what several PSBTs of one transaction know.',
    parameters: [param('txs', 'array', 'The PSBTs in base 64', { inner: [optional('psbt', 'string', 'A PSBT')] })],
    results: [result('string', 'The PSBT with everything, in base 64')],
    examples: ['\'["mybase64_1", "mybase64_2", "mybase64_3"]\''],
    run: combine,
  },
  {
    name: 'joinpsbts',
    category: 'rawtransactions',
    description:
      'Makes one transaction of several: a PSBT of version 0 with all inputs and outputs, in an order of chance. No input may be in two of them.',
    parameters: [
      param('txs', 'array', 'The PSBTs in base 64, of version 0', { inner: [param('psbt', 'string', 'A PSBT')] }),
    ],
    results: [result('string', 'The PSBT in base 64')],
    examples: ['"psbt"'],
    run: join,
  },
  {
    name: 'finalizepsbt',
    category: 'rawtransactions',
    description:
      'Finishes the inputs of a PSBT that have all signatures. When every input has, the transaction comes out, ready for sendrawtransaction.',
    parameters: [
      PSBT_PARAMETER,
      param('extract', 'boolean', 'Whether a complete transaction is answered in place of the PSBT', {
        default: true,
      }),
    ],
    results: [
      object([
        maybe('psbt', 'string', 'The PSBT in base 64, unless the transaction is answered'),
        maybe('hex', 'hex', 'The transaction in hexadecimal'),
        field('complete', 'boolean', 'Whether all signatures are there'),
      ]),
    ],
    examples: ['"psbt"'],
    run: finalize,
  },
]);
