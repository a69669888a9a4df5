// Methods that fund transactions, and may send them (Core wallet/rpc/spend.cpp fundrawtransaction, walletcreatefundedpsbt, send).

import { formatOutpoint } from '../../kernel/primitives/outpoint.ts';
import { buildTransaction, type Transaction, toTransactionData } from '../../kernel/primitives/transaction.ts';
import { EMPTY_BYTES, toHex } from '../../kernel/util/bytes.ts';
import { createPsbt } from '../../wallet/psbt/create.ts';
import { DEFAULT_COIN_CONTROL } from '../../wallet/tx-builder/coin-control.ts';
import type { CreatedTransaction, Recipient } from '../../wallet/tx-builder/created.ts';
import { fundTransaction } from '../../wallet/tx-builder/fund.ts';
import { SEQUENCE_NOT_FINAL, SEQUENCE_REPLACEABLE } from '../../wallet/tx-builder/locktime.ts';
import { buildWithChange, findKnownOutputs, lockInputs, outpointsOf } from '../../wallet/wallet/payments.ts';
import type { Wallet } from '../../wallet/wallet/wallet.ts';
import { WalletDraft } from '../../wallet/wallet/wallet-draft.ts';
import { fillWithWallet } from '../../wallet/wallet/wallet-psbt.ts';
import { valueFromAmount } from '../amount.ts';
import { type Arguments, asFlag, asInteger, asObject } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { isJsonObject, type JsonObject, type JsonOutput, type JsonValue } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, object, optional, param } from '../schema-words.ts';
import { parseTransaction } from './parse-transaction.ts';
import { PSBT_VERSION_PARAMETER, readPsbtVersion, refusePsbt, writePsbt } from './psbt-parameter.ts';
import { DEFAULT_VERSION, readPairs, readTransactionData } from './transaction-parameters.ts';
import { FINISHED_RESULTS, finishTransaction } from './wallet-finish.ts';
import {
  CHANGE_TYPE,
  COIN_OPTIONS,
  CONFIRM_TARGET,
  ESTIMATE_MODE,
  FEE_OPTIONS,
  FEE_RATE,
  OLD_FUND_OPTIONS,
  OUTPUTS,
  SOLVING_DATA,
  WEIGHED_INPUT,
  WEIGHT_MAX,
} from './wallet-fund-parameters.ts';
import { requireWallet } from './wallet-lookup.ts';
import {
  mergeFeeWords,
  moveInputWeights,
  option,
  readFundOptions,
  readOptions,
  readSubtractFee,
  refuseOutdatedOptions,
  refuseParameter,
} from './wallet-spend-options.ts';

/** What is to be funded. */
interface Funding {
  readonly transaction: Transaction;
  readonly recipients: readonly Recipient[];
  readonly options: JsonObject;
  /** Coins may be added, unless the options say otherwise. */
  readonly allowsOtherInputs: boolean;
  /** A rate that is given counts even below the lowest that is usual. */
  readonly overridesFeeRate: boolean;
}

/** Funds within a command of the wallet; an address for change is stored as used before the result is told. */
async function fund(wallet: Wallet, funding: Funding): Promise<CreatedTransaction> {
  const { transaction, recipients, options, allowsOtherInputs, overridesFeeRate } = funding;
  const base = {
    ...DEFAULT_COIN_CONTROL,
    allowsOtherInputs,
    avoidsPartialSpends: wallet.settings.avoidsPartialSpends,
    version: transaction.version,
  };
  const wishes = readFundOptions(wallet, options, recipients.length, base, overridesFeeRate);
  const { control, changeType, changePosition, inputWeights } = wishes;
  if (recipients.length === 0) refuseParameter('TX must have at least one output');
  const preset = withWeighedInputs(wallet, transaction, [...inputWeights.keys()]);
  const spent = await findKnownOutputs(wallet, outpointsOf(preset));
  const draft = new WalletDraft();
  const request = { transaction: preset, spent, recipients, changePosition, inputWeights };
  const created = await buildWithChange(wallet, { recipients, control, changeType }, draft, (environment) =>
    fundTransaction(request, control, environment),
  );
  if (!created.ok) throw new RpcError(RPC_CODE.WALLET_ERROR, created.error.message);
  await wallet.apply(draft);
  if (wishes.locksCoins) await lockInputs(wallet, created.value.transaction);
  return created.value;
}

/** A coin of the wallet whose weight is given is to be spent, whether or not the transaction names it (Core SetInputWeight). */
function withWeighedInputs(
  { books, settings }: Wallet,
  transaction: Transaction,
  names: readonly string[],
): Transaction {
  const named = new Set(outpointsOf(transaction).map(formatOutpoint));
  const more = names.flatMap((name) => {
    const txidText = name.slice(0, name.indexOf(':'));
    const index = Number(name.slice(txidText.length + 1));
    const own = named.has(name) ? null : books.view.ownOutput(txidText, index);
    return own === null ? [] : [{ txid: own.from.txid, index }];
  });
  if (more.length === 0) return transaction;
  const data = toTransactionData(transaction);
  const sequence = settings.spend.signalsReplacement ? SEQUENCE_REPLACEABLE : SEQUENCE_NOT_FINAL;
  const added = more.map((prevout) => ({ prevout, scriptSig: EMPTY_BYTES, sequence }));
  return buildTransaction({ ...data, inputs: [...data.inputs, ...added] });
}

/** A description of outputs with those who pay the fee. */
function readRecipients(
  { params }: RpcContext,
  outputs: JsonValue,
  subtracts: JsonValue,
  rest: {
    readonly inputs: JsonValue;
    readonly locktime: JsonValue;
    readonly signals: boolean;
    readonly version: number;
  },
): { readonly transaction: Transaction; readonly recipients: readonly Recipient[] } {
  const { inputs, locktime, signals: isReplaceable, version } = rest;
  const payers = readSubtractFee(
    subtracts,
    readPairs(outputs).map(([key]) => key),
  );
  const data = readTransactionData(params.prefixes, { inputs, outputs, locktime, isReplaceable, version });
  const recipients = data.outputs.map((output, i) => ({ ...output, subtractsFee: payers.has(i) }));
  return { transaction: buildTransaction({ ...data, outputs: [] }), recipients };
}

function readVersion(args: Arguments): number {
  return args.has('version') ? asInteger(args.value('version'), 0, 0xffffffff) : DEFAULT_VERSION;
}

// --- fundrawtransaction ---------------------------------------------------------------------------------------------------------------

function fundRawTransaction(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const isWitness = args.flag('iswitness', null);
  const transaction = parseTransaction(args.text('hexstring'), {
    withWitness: isWitness ?? true,
    withoutWitness: isWitness === null || !isWitness,
  });
  if (transaction === null) throw new RpcError(RPC_CODE.DESERIALIZATION_ERROR, 'TX decode failed');
  const options = readOldOptions(args.value('options'));
  const count = transaction.outputCount;
  const payers = readSubtractFee(
    option(options, 'subtractFeeFromOutputs'),
    Array.from({ length: count }, () => 'dummy'),
  );
  const recipients = Array.from({ length: count }, (_, j) => ({
    scriptPubKey: transaction.scriptPubKey(j),
    valueSat: transaction.valueSat(j),
    subtractsFee: payers.has(j),
  }));
  return wallet.runSynchronised(async () => {
    const funding = { transaction, recipients, options, allowsOtherInputs: true, overridesFeeRate: true };
    const created = await fund(wallet, funding);
    return { hex: toHex(created.transaction.serialized()), ...formatFunded(created) };
  });
}

/** A flag stood in the place of options once, and means nothing. */
function readOldOptions(value: JsonValue): JsonObject {
  return isJsonObject(value) || (value !== null && typeof value !== 'boolean') ? asObject(value) : new Map();
}

function formatFunded({ feeSat, changePosition }: CreatedTransaction) {
  return { fee: valueFromAmount(feeSat), changepos: changePosition ?? -1 };
}

// --- walletcreatefundedpsbt -----------------------------------------------------------------------------------------------------------

function createFundedPsbt(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const given = readOptions(args);
  const inputs = args.value('inputs');
  const replaceable = option(given, 'replaceable');
  const { transaction, recipients } = readRecipients(
    context,
    args.value('outputs'),
    option(given, 'subtractFeeFromOutputs'),
    {
      inputs,
      locktime: args.value('locktime'),
      signals: replaceable === null ? wallet.settings.spend.signalsReplacement : asFlag(replaceable),
      version: readVersion(args),
    },
  );
  const options = moveInputWeights(inputs, given);
  const allowsOtherInputs = transaction.inputCount === 0;
  const psbtVersion = readPsbtVersion(args.value('psbt_version'));
  const showsOrigins = args.flag('bip32derivs', true);
  return wallet.runSynchronised(async () => {
    const created = await fund(wallet, { transaction, recipients, options, allowsOtherInputs, overridesFeeRate: true });
    const psbt = createPsbt(created.transaction, psbtVersion);
    const filled = await fillWithWallet(wallet, psbt, { signs: false, showsOrigins, hashType: null, finalizes: true });
    if (!filled.ok) refusePsbt(filled.error);
    return { psbt: writePsbt(filled.value.psbt), ...formatFunded(created) };
  });
}

// --- send -----------------------------------------------------------------------------------------------------------------------------

function send(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const given = readOptions(args);
  const words = mergeFeeWords(args, given);
  refuseOutdatedOptions(given);
  const replaceable = option(given, 'replaceable');
  const inputs = option(given, 'inputs');
  const { transaction, recipients } = readRecipients(
    context,
    args.value('outputs'),
    option(given, 'subtract_fee_from_outputs'),
    {
      inputs,
      locktime: option(given, 'locktime'),
      signals: replaceable === null ? wallet.settings.spend.signalsReplacement : asFlag(replaceable),
      version: readVersion(args),
    },
  );
  const named: [string, JsonValue][] = [
    ['conf_target', words.confirmTarget],
    ['estimate_mode', words.estimateMode],
    ['fee_rate', words.feeRate],
  ];
  const merged = new Map([...given, ...named.filter(([, value]) => value !== null)]);
  const options = moveInputWeights(inputs, merged);
  const allowsOtherInputs = transaction.inputCount === 0;
  return wallet.runSynchronised(async () => {
    const created = await fund(wallet, {
      transaction,
      recipients,
      options,
      allowsOtherInputs,
      overridesFeeRate: false,
    });
    return finishTransaction(context, wallet, created.transaction, options);
  });
}

const ADD_INPUTS = param('add_inputs', 'boolean', 'Whether coins of the wallet may be added', {
  defaultHint: 'false when "inputs" are specified, true otherwise',
});
const VERSION = param('version', 'number', 'The version of the transaction', { default: DEFAULT_VERSION });
const FUNDED = [
  field('fee', 'amount', 'The fee in BTC'),
  field('changepos', 'number', 'Where the change output stands, or -1'),
];

/** The methods of this file. */
export const WALLET_FUND_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'fundrawtransaction',
    category: 'rawtransactions',
    description:
      'Adds coins to a transaction until they are enough for its outputs and the fee, and an output for change. What is there stays, outputs apart that the fee is taken from. The inputs are not signed.',
    parameters: [
      param('hexstring', 'hex', 'The transaction in hexadecimal'),
      optional('options', 'named-options', '', {
        oneline: 'options',
        skipsTypeCheck: true,
        inner: [
          param('add_inputs', 'boolean', 'Whether coins may be added where there are inputs', { default: true }),
          ...COIN_OPTIONS,
          ...OLD_FUND_OPTIONS,
          optional('input_weights', 'array', 'Inputs with their weights', {
            inner: [
              optional('', 'object', '', {
                inner: [
                  param('txid', 'hex', 'The transaction id'),
                  param('vout', 'number', 'Number of the output'),
                  param('weight', 'number', 'Greatest weight of the signed input, with outpoint and sequence number'),
                ],
              }),
            ],
          }),
          WEIGHT_MAX,
          ...FEE_OPTIONS.map((one) => ({ ...one, isAlsoPositional: false })),
          SOLVING_DATA,
        ],
      }),
      param('iswitness', 'boolean', 'Whether the transaction is one with witnesses', {
        defaultHint: 'depends on heuristic tests',
      }),
    ],
    results: [object([field('hex', 'hex', 'The transaction in hexadecimal'), ...FUNDED])],
    examples: ['"rawtransactionhex"'],
    run: fundRawTransaction,
  },
  {
    name: 'walletcreatefundedpsbt',
    category: 'wallet',
    description: 'Makes a PSBT with inputs enough for its outputs and the fee. Nothing is signed.',
    parameters: [
      optional('inputs', 'array', 'Inputs that are to be there', { inner: [WEIGHED_INPUT] }),
      OUTPUTS,
      param('locktime', 'number', 'The lock time; if not 0, inputs have it count', { default: 0 }),
      optional('options', 'named-options', '', {
        oneline: 'options',
        inner: [
          ADD_INPUTS,
          ...COIN_OPTIONS,
          ...OLD_FUND_OPTIONS,
          WEIGHT_MAX,
          ...FEE_OPTIONS.map((one) => ({ ...one, isAlsoPositional: false })),
          SOLVING_DATA,
        ],
      }),
      param('bip32derivs', 'boolean', 'Whether keys are written down with where they come from', { default: true }),
      VERSION,
      PSBT_VERSION_PARAMETER,
    ],
    results: [object([field('psbt', 'string', 'The PSBT in base 64'), ...FUNDED])],
    examples: ['"[]" "[{\\"bc1q09vm5lfy0j5reeulh4x5752q25uqqvz34hufdl\\":0.5}]" 0 "{\\"fee_rate\\":2}"'],
    run: createFundedPsbt,
  },
  {
    name: 'send',
    category: 'wallet',
    description: 'Sends a transaction, or makes a PSBT of it where others must sign as well.',
    parameters: [
      OUTPUTS,
      CONFIRM_TARGET,
      ESTIMATE_MODE,
      FEE_RATE,
      optional('options', 'named-options', '', {
        oneline: 'options',
        inner: [
          ADD_INPUTS,
          ...COIN_OPTIONS,
          param('add_to_wallet', 'boolean', 'False: the transaction is neither kept nor sent', { default: true }),
          param('change_address', 'string', 'Where change goes', { defaultHint: 'automatic' }),
          param('change_position', 'number', 'Where the change output stands', { defaultHint: 'random' }),
          CHANGE_TYPE,
          { ...FEE_RATE, isAlsoPositional: true },
          param('include_watching', 'boolean', 'No longer used', { default: false }),
          param('inputs', 'array', 'Inputs that are to be there', { default: [], inner: [WEIGHED_INPUT] }),
          param('locktime', 'number', 'The lock time; if not 0, inputs have it count', {
            defaultHint: 'locktime close to block height to prevent fee sniping',
          }),
          param('lock_unspents', 'boolean', 'Whether coins that are chosen are locked', { default: false }),
          param('psbt', 'boolean', 'Whether a PSBT is wanted in any case, which is not sent', {
            defaultHint: 'automatic',
          }),
          param(
            'subtract_fee_from_outputs',
            'array',
            'Numbers of outputs that the fee is taken from, in equal shares',
            {
              default: [],
              inner: [optional('vout_index', 'number', 'The number, before change is added')],
            },
          ),
          WEIGHT_MAX,
          ...FEE_OPTIONS,
          SOLVING_DATA,
        ],
      }),
      VERSION,
    ],
    results: FINISHED_RESULTS,
    examples: ['\'{"bc1q09vm5lfy0j5reeulh4x5752q25uqqvz34hufdl": 0.1}\' 6 economical'],
    run: send,
  },
]);
