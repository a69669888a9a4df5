// sendall: everything that a wallet has, or exactly some coins, to one address or several (Core wallet/rpc/spend.cpp).

import { TRUC_VERSION, TRUC_VSIZE_MAX, TX_WEIGHT_MAX } from '../../kernel/policy/limits.ts';
import { formatOutpoint } from '../../kernel/primitives/outpoint.ts';
import { buildTransaction, type Transaction, WITNESS_SCALE_FACTOR } from '../../kernel/primitives/transaction.ts';
import { type CoinControl, DEFAULT_COIN_CONTROL, type PresetInput } from '../../wallet/tx-builder/coin-control.ts';
import { createSendAll, type SendAllRecipient } from '../../wallet/tx-builder/send-all.ts';
import type { SpendErrorKind } from '../../wallet/tx-builder/spend-error.ts';
import { buildInTurns, lockInputs } from '../../wallet/wallet/payments.ts';
import type { Wallet } from '../../wallet/wallet/wallet.ts';
import { type Arguments, asFlag, asInteger } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { JsonNumber, type JsonObject, type JsonOutput, type JsonValue } from '../json/json-value.ts';
import { checkFields } from '../object-check.ts';
import type { MethodSpec } from '../schema.ts';
import { optional, param } from '../schema-words.ts';
import { DEFAULT_VERSION, readPairs, readTransactionData } from './transaction-parameters.ts';
import { FINISHED_RESULTS, finishTransaction } from './wallet-finish.ts';
import {
  CONFIRM_TARGET,
  ESTIMATE_MODE,
  FEE_OPTIONS,
  FEE_RATE,
  INPUT_FIELDS,
  SOLVING_DATA,
} from './wallet-fund-parameters.ts';
import { requireWallet } from './wallet-lookup.ts';
import {
  mergeFeeWords,
  option,
  readDepthRange,
  readFeeControl,
  readOptions,
  refuseOutdatedOptions,
  refuseParameter,
} from './wallet-spend-options.ts';

/** Core's codes of the kinds of failure. */
export const CODE_OF_SPEND_ERROR: Readonly<Record<SpendErrorKind, number>> = Object.freeze({
  'insufficient-funds': RPC_CODE.WALLET_INSUFFICIENT_FUNDS,
  'invalid-parameter': RPC_CODE.INVALID_PARAMETER,
  wallet: RPC_CODE.WALLET_ERROR,
  misc: RPC_CODE.MISC_ERROR,
});

const ZERO = new JsonNumber('0');

/** Recipients as pairs; one without an amount stands as a text. */
function readRecipientPairs(values: readonly JsonValue[]) {
  const sharing: Set<string> = new Set();
  const pairs = values.map((value): JsonValue => {
    if (typeof value !== 'string') return value;
    sharing.add(value);
    return new Map<string, JsonValue>([[value, ZERO]]);
  });
  if (sharing.size === 0) refuseParameter('Must provide at least one address without a specified amount');
  return { pairs, sharing };
}

/** The coins that are to be spent, each one of the wallet. */
function readInputs({ books }: Wallet, transaction: Transaction): readonly PresetInput[] {
  const { view } = books;
  return Array.from({ length: transaction.inputCount }, (_, i) => {
    const outpoint = transaction.prevout(i);
    const known = view.find(outpoint.txid);
    const own = known === null ? null : view.ownOutput(known.txidText, outpoint.index);
    if (own !== null && view.isSpent(own)) {
      refuseParameter(`Input not available. UTXO (${formatOutpoint(outpoint)}) was already spent.`);
    }
    if (known === null || own === null) {
      refuseParameter(`Input not found. UTXO (${formatOutpoint(outpoint)}) is not part of wallet.`);
    }
    return {
      outpoint,
      output: { valueSat: own.valueSat, scriptPubKey: known.transaction.scriptPubKey(outpoint.index) },
      isExternal: false,
      depth: view.depth(known),
      version: known.transaction.version,
      sequence: transaction.sequence(i),
    };
  });
}

const OPTION_KINDS = {
  add_to_wallet: 'bool',
  inputs: 'array',
  locktime: 'number',
  lock_unspents: 'bool',
  psbt: 'bool',
  send_max: 'bool',
  minconf: 'number',
  maxconf: 'number',
  version: 'number',
  replaceable: 'bool',
} as const;

function readControl(wallet: Wallet, args: Arguments, options: JsonObject): CoinControl {
  const fees = readFeeControl(wallet, mergeFeeWords(args, options), false, null);
  const describeNegative = (depth: number): string => `Invalid minconf (minconf cannot be negative): ${depth}`;
  const version = options.has('version') ? asInteger(option(options, 'version'), 0, 0xffffffff) : DEFAULT_VERSION;
  return {
    ...DEFAULT_COIN_CONTROL,
    ...fees,
    ...readDepthRange(options, DEFAULT_COIN_CONTROL, describeNegative),
    avoidsReuse: wallet.flags.avoidsReuse,
    version,
    weightMaxWu: version === TRUC_VERSION ? TRUC_VSIZE_MAX * WITNESS_SCALE_FACTOR : TX_WEIGHT_MAX,
  };
}

function sendAll(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  return wallet.runSynchronised(async () => {
    const options = readOptions(args);
    const wishes = readControl(wallet, args, options);
    refuseOutdatedOptions(options);
    checkFields(options, OPTION_KINDS, { allowsNull: true });
    const { pairs, sharing } = readRecipientPairs(args.list('recipients'));
    const isReplaceable = options.has('replaceable')
      ? asFlag(option(options, 'replaceable'))
      : wallet.settings.spend.signalsReplacement;
    const data = readTransactionData(context.params.prefixes, {
      inputs: option(options, 'inputs'),
      outputs: pairs,
      locktime: option(options, 'locktime'),
      isReplaceable,
      version: wishes.version,
    });
    const leavesUneconomic = options.has('send_max') ? asFlag(option(options, 'send_max')) : false;
    const hasInputs = options.has('inputs');
    if (hasInputs && options.has('send_max')) refuseParameter('Cannot combine send_max with specific inputs.');
    if (hasInputs && (options.has('minconf') || options.has('maxconf'))) {
      refuseParameter('Cannot combine minconf or maxconf with specific inputs.');
    }
    const recipients = readPairs(pairs).map(([address], i): SendAllRecipient => {
      const { scriptPubKey, valueSat } = data.outputs[i]!;
      return { scriptPubKey, valueSat: sharing.has(address) ? null : valueSat, address };
    });
    const inputs = hasInputs ? readInputs(wallet, buildTransaction({ ...data, outputs: [] })) : null;
    const locktime = option(options, 'locktime') === null ? null : data.locktime;
    const control = { ...wishes, signalsReplacement: isReplaceable, locktime };
    const request = { recipients, inputs, leavesUneconomic };
    const created = await buildInTurns(wallet, { script: null, fault: '' }, (environment) =>
      createSendAll(request, control, environment),
    );
    if (!created.ok) throw new RpcError(CODE_OF_SPEND_ERROR[created.error.kind], created.error.message);
    const { transaction } = created.value;
    if (asFlag(option(options, 'lock_unspents') ?? false)) await lockInputs(wallet, transaction);
    return finishTransaction(context, wallet, transaction, options);
  });
}

/** The methods of this file. */
export const WALLET_SEND_ALL_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'sendall',
    category: 'wallet',
    description:
      'Sends all coins of a wallet, or exactly some, to one address or several. Unconfirmed coins of others and locked ones stay.',
    parameters: [
      param(
        'recipients',
        'array',
        'The recipients: an address gets a share of what is left, an object with address and amount that amount. At least one is without an amount.',
        {
          inner: [
            param('address', 'string', 'An address that gets a share of what is left'),
            optional('', 'user-keys', '', {
              inner: [param('address', 'amount', 'The key is the address, the value the amount in BTC')],
            }),
          ],
        },
      ),
      CONFIRM_TARGET,
      ESTIMATE_MODE,
      FEE_RATE,
      optional('options', 'named-options', '', {
        oneline: 'options',
        inner: [
          param('add_to_wallet', 'boolean', 'False: the transaction is neither kept nor sent', { default: true }),
          { ...FEE_RATE, isAlsoPositional: true },
          param('include_watching', 'boolean', 'No longer used', { default: false }),
          param('inputs', 'array', 'Exactly these coins; goes with none of send_max, minconf and maxconf', {
            default: [],
            inner: [optional('', 'object', '', { inner: INPUT_FIELDS })],
          }),
          param('locktime', 'number', 'The lock time; if not 0, inputs have it count', {
            defaultHint: 'locktime close to block height to prevent fee sniping',
          }),
          param('lock_unspents', 'boolean', 'Whether coins that are chosen are locked', { default: false }),
          param('psbt', 'boolean', 'Whether a PSBT is wanted in any case, which is not sent', {
            defaultHint: 'automatic',
          }),
          param('send_max', 'boolean', 'Leaves coins behind that cost more than they bring', { default: false }),
          param('minconf', 'number', 'Confirmations that coins have at least', { default: 0 }),
          optional('maxconf', 'number', 'Confirmations that coins have at most'),
          param('version', 'number', 'The version of the transaction', { default: DEFAULT_VERSION }),
          ...FEE_OPTIONS,
          SOLVING_DATA,
        ],
      }),
    ],
    results: FINISHED_RESULTS,
    examples: ['\'["bc1q09vm5lfy0j5reeulh4x5752q25uqqvz34hufdl"]\' null "unset" 1.1'],
    run: sendAll,
  },
]);
