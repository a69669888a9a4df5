// Parameters and options that the methods have in common which build transactions (Core wallet/rpc/spend.cpp FundTxDoc, OutputsDoc).

import { optional, param } from '../schema-words.ts';
import type { ParameterSpec } from '../signature.ts';

/** Blocks until a confirmation. */
export const CONFIRM_TARGET: ParameterSpec = param('conf_target', 'number', 'Blocks that a confirmation may take', {
  defaultHint: 'wallet -txconfirmtarget',
});

/** How the rate is estimated. */
export const ESTIMATE_MODE: ParameterSpec = param(
  'estimate_mode',
  'string',
  'How the fee rate is estimated: unset, economical (falls soon when fees do) or conservative (looks further back).\nunset: economical if the transaction may be replaced, else conservative',
  { default: 'unset' },
);

/** A rate in place of an estimate. */
export const FEE_RATE: ParameterSpec = param('fee_rate', 'amount', 'A fee rate in sat/vB', {
  defaultHint: 'not set, fall back to wallet fee estimation',
});

/** Outputs as pairs of keys and values. */
export const OUTPUTS_INNER: readonly ParameterSpec[] = [
  optional('', 'user-keys', '', {
    inner: [param('address', 'amount', 'The key is the address, the value the amount in BTC')],
  }),
  optional('', 'object', '', {
    inner: [param('data', 'hex', 'The key is "data", the value what stands in an OP_RETURN output')],
  }),
];

/** Outputs that are paid. */
export const OUTPUTS: ParameterSpec = param(
  'outputs',
  'array',
  'The outputs as pairs of keys and values; an object of such pairs is taken, too.\nEvery address may stand once, and one data output.',
  { inner: OUTPUTS_INNER, skipsTypeCheck: true },
);

/** An input that is to be there. */
export const INPUT_FIELDS: readonly ParameterSpec[] = [
  param('txid', 'hex', 'The transaction id'),
  param('vout', 'number', 'Number of the output'),
  param('sequence', 'number', 'The sequence number', {
    defaultHint: "depends on the value of the 'replaceable' and 'locktime' arguments",
  }),
];

/** The same with what it weighs. */
export const WEIGHED_INPUT: ParameterSpec = optional('', 'object', '', {
  inner: [
    ...INPUT_FIELDS,
    param('weight', 'number', 'Greatest weight of the signed input, with outpoint and sequence number', {
      defaultHint: 'Calculated from wallet and solving data',
    }),
  ],
});

/** Options that say the same as parameters. */
export const FEE_OPTIONS: readonly ParameterSpec[] = [
  { ...CONFIRM_TARGET, isAlsoPositional: true },
  { ...ESTIMATE_MODE, isAlsoPositional: true },
  param('replaceable', 'boolean', 'Whether the transaction says that it may be replaced (BIP125)', {
    defaultHint: 'wallet default',
  }),
];

/** Keys and scripts of inputs that are not the wallet's. */
export const SOLVING_DATA: ParameterSpec = optional(
  'solving_data',
  'object',
  'Keys and scripts for the size of inputs that the wallet cannot sign',
  {
    inner: [
      param('pubkeys', 'array', 'Public keys', { default: [], inner: [optional('pubkey', 'hex', 'A public key')] }),
      param('scripts', 'array', 'Scripts', { default: [], inner: [optional('script', 'hex', 'A script')] }),
      param('descriptors', 'array', 'Descriptors', {
        default: [],
        inner: [optional('descriptor', 'string', 'A descriptor')],
      }),
    ],
  },
);

/** Which coins may be added. */
export const COIN_OPTIONS: readonly ParameterSpec[] = [
  param(
    'include_unsafe',
    'boolean',
    'Whether unconfirmed coins of others and of replacements may be spent: the transaction is worth nothing when they disappear',
    { default: false },
  ),
  param('minconf', 'number', 'Confirmations that added coins have at least', { default: 0 }),
  optional('maxconf', 'number', 'Confirmations that added coins have at most'),
];

/** The heaviest transaction. */
export const WEIGHT_MAX: ParameterSpec = param('max_tx_weight', 'number', 'Greatest weight of the transaction', {
  default: 400_000,
});

/** What change is like. */
export const CHANGE_TYPE: ParameterSpec = param(
  'change_type',
  'string',
  'Type of the address for change: "legacy", "p2sh-segwit", "bech32", "bech32m"',
  { defaultHint: 'set by -changetype' },
);

/** Options with the spelling of older methods. */
export const OLD_FUND_OPTIONS: readonly ParameterSpec[] = [
  param('changeAddress', 'string', 'Where change goes', { defaultHint: 'automatic' }),
  param('changePosition', 'number', 'Where the change output stands', { defaultHint: 'random' }),
  CHANGE_TYPE,
  param('includeWatching', 'boolean', 'No longer used', { default: false }),
  param('lockUnspents', 'boolean', 'Whether coins that are chosen are locked', { default: false }),
  FEE_RATE,
  param('feeRate', 'amount', 'A fee rate in BTC/kvB', { defaultHint: 'not set, fall back to wallet fee estimation' }),
  param('subtractFeeFromOutputs', 'array', 'Numbers of outputs that the fee is taken from, in equal shares', {
    default: [],
    inner: [optional('vout_index', 'number', 'The number, before change is added')],
  }),
];
