// Methods that pay at once (Core wallet/rpc/spend.cpp sendtoaddress, sendmany).

import type { TransactionNotes } from '../../wallet/books/wallet-transaction.ts';
import { shuffled } from '../../wallet/coin-selection/shuffle.ts';
import { createTransaction } from '../../wallet/tx-builder/build.ts';
import { type CoinControl, DEFAULT_COIN_CONTROL } from '../../wallet/tx-builder/coin-control.ts';
import type { Recipient } from '../../wallet/tx-builder/created.ts';
import { describeFeeReason } from '../../wallet/tx-builder/fee-rate.ts';
import { buildWithChange, commitTransaction, signWhole } from '../../wallet/wallet/payments.ts';
import type { Wallet } from '../../wallet/wallet/wallet.ts';
import { WalletDraft } from '../../wallet/wallet/wallet-draft.ts';
import { amountFromValue } from '../amount.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { JsonOutput } from '../json/json-value.ts';
import { writtenKeys } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, object, optional, param, result } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';
import { readOutputs } from './transaction-parameters.ts';
import { requireAddress } from './wallet-addresses.ts';
import { CONFIRM_TARGET, ESTIMATE_MODE, FEE_RATE } from './wallet-fund-parameters.ts';
import { ensureUnlocked, NEEDS_PASSPHRASE, readAvoidReuse, requireWallet } from './wallet-lookup.ts';
import { type FeeWords, readFeeControl, readSubtractFee, refuseParameter } from './wallet-spend-options.ts';

/** What is said about the rate in parameters of their own. */
function feeWordsOf(args: Arguments): FeeWords {
  return {
    confirmTarget: args.value('conf_target'),
    estimateMode: args.value('estimate_mode'),
    feeRate: args.value('fee_rate'),
  };
}

/** A text that is noted; empty ones are none. */
function readNote(args: Arguments, name: string): string | undefined {
  const text = args.text(name, '');
  return text === '' ? undefined : text;
}

/** Pays within a command of the wallet. */
async function pay(
  wallet: Wallet,
  recipients: readonly Recipient[],
  wishes: CoinControl,
  notes: TransactionNotes,
  isVerbose: boolean,
): Promise<JsonOutput> {
  ensureUnlocked(wallet);
  if (wallet.flags.hasExternalSigner === true) {
    const advice =
      'Error: sendtoaddress and sendmany are not supported for wallets with external signers; use send instead';
    throw new RpcError(RPC_CODE.WALLET_ERROR, advice);
  }
  if (!wallet.flags.hasPrivateKeys) {
    throw new RpcError(RPC_CODE.WALLET_ERROR, 'Error: Private keys are disabled for this wallet');
  }
  const control = {
    ...wishes,
    avoidsPartialSpends: wishes.avoidsPartialSpends || wallet.settings.avoidsPartialSpends,
  };
  const payees = shuffled(recipients, wallet.rng);
  const draft = new WalletDraft();
  const created = await buildWithChange(
    wallet,
    { recipients: payees, control, changeType: null },
    draft,
    (environment) => createTransaction(payees, control, environment),
  );
  if (!created.ok) throw new RpcError(RPC_CODE.WALLET_INSUFFICIENT_FUNDS, created.error.message);
  const signed = await signWhole(wallet, created.value);
  if (!signed.ok) throw new RpcError(RPC_CODE.WALLET_INSUFFICIENT_FUNDS, signed.error);
  const { txidText } = await commitTransaction(wallet, signed.value, notes, draft);
  if (!isVerbose) return txidText;
  return { txid: txidText, fee_reason: describeFeeReason(created.value.feeRule.reason) };
}

function sendToAddress(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  return wallet.runSynchronised(() => {
    const [comment, commentTo] = [readNote(args, 'comment'), readNote(args, 'comment_to')];
    const signals = args.flag('replaceable', null);
    const avoidsReuse = readAvoidReuse(wallet, args.value('avoid_reuse'));
    const fees = readFeeControl(wallet, feeWordsOf(args), false, signals);
    ensureUnlocked(wallet);
    const address = args.text('address');
    const valueSat = amountFromValue(args.value('amount'));
    const scriptPubKey = requireAddress(context, address, `Invalid Bitcoin address: ${address}`);
    const recipient = { scriptPubKey, valueSat, subtractsFee: args.flag('subtractfeefromamount', false) };
    const control = { ...DEFAULT_COIN_CONTROL, ...fees, avoidsReuse, avoidsPartialSpends: avoidsReuse };
    const notes = {
      ...(comment === undefined ? {} : { comment }),
      ...(commentTo === undefined ? {} : { commentTo }),
    };
    return pay(wallet, [recipient], control, notes, args.flag('verbose', false));
  });
}

function sendMany(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  return wallet.runSynchronised(() => {
    if (args.text('dummy', '') !== '') refuseParameter('Dummy value must be set to ""');
    const amounts = args.object('amounts');
    const comment = readNote(args, 'comment');
    const fees = readFeeControl(wallet, feeWordsOf(args), false, args.flag('replaceable', null));
    const outputs = readOutputs(context.params.prefixes, amounts);
    const payers = readSubtractFee(args.value('subtractfeefrom'), writtenKeys(amounts));
    const recipients = outputs.map((output, i) => ({ ...output, subtractsFee: payers.has(i) }));
    const control = { ...DEFAULT_COIN_CONTROL, ...fees };
    return pay(wallet, recipients, control, comment === undefined ? {} : { comment }, args.flag('verbose', false));
  });
}

const SENT: readonly ResultSpec[] = [
  result('hex', 'The transaction id', { condition: 'if verbose is not set or set to false' }),
  object([field('txid', 'hex', 'The transaction id'), field('fee_reason', 'string', 'What decided the fee rate')], {
    condition: 'if verbose is set to true',
  }),
];

const REPLACEABLE = param('replaceable', 'boolean', 'Whether the transaction says that it may be replaced (BIP125)', {
  defaultHint: 'wallet default',
});
const VERBOSE = param('verbose', 'boolean', 'Whether to tell what decided the fee rate', { default: false });

/** The methods of this file. */
export const WALLET_PAY_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'sendtoaddress',
    category: 'wallet',
    description: `Pays an amount to an address.\n${NEEDS_PASSPHRASE}`,
    parameters: [
      param('address', 'string', 'The address'),
      param('amount', 'amount', 'The amount in BTC'),
      optional('comment', 'string', 'What for; kept in the wallet alone'),
      optional('comment_to', 'string', 'To whom; kept in the wallet alone'),
      param('subtractfeefromamount', 'boolean', 'Whether the fee is taken from the amount', { default: false }),
      REPLACEABLE,
      CONFIRM_TARGET,
      ESTIMATE_MODE,
      param(
        'avoid_reuse',
        'boolean',
        'Leaves coins of addresses that were spent from alone, and spends coins of an address together (with the flag avoid_reuse only)',
        { default: true },
      ),
      FEE_RATE,
      VERBOSE,
    ],
    results: SENT,
    examples: ['"bc1q09vm5lfy0j5reeulh4x5752q25uqqvz34hufdl" 0.1'],
    run: sendToAddress,
  },
  {
    name: 'sendmany',
    category: 'wallet',
    description: `Pays several addresses with one transaction.\n${NEEDS_PASSPHRASE}`,
    parameters: [
      param('dummy', 'string', 'Must be ""', { default: '""', oneline: '""' }),
      param('amounts', 'user-keys', 'Addresses and amounts', {
        inner: [param('address', 'amount', 'The address is the key, the amount in BTC is the value')],
      }),
      optional('minconf', 'number', 'Ignored'),
      optional('comment', 'string', 'What for; kept in the wallet alone'),
      optional('subtractfeefrom', 'array', 'Addresses from whose amounts the fee is taken, in equal shares', {
        inner: [optional('address', 'string', 'An address')],
      }),
      REPLACEABLE,
      CONFIRM_TARGET,
      ESTIMATE_MODE,
      FEE_RATE,
      VERBOSE,
    ],
    results: SENT,
    examples: ['"" "{\\"bc1q09vm5lfy0j5reeulh4x5752q25uqqvz34hufdl\\":0.01}"'],
    run: sendMany,
  },
]);
