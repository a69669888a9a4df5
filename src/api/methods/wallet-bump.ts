// Methods that replace a transaction by one that pays more (Core wallet/rpc/spend.cpp bumpfee, psbtbumpfee).

import { asTxid, parseTxid } from '../../kernel/primitives/hashes.ts';
import { formatOutpoint } from '../../kernel/primitives/outpoint.ts';
import type { Transaction, TransactionOutput } from '../../kernel/primitives/transaction.ts';
import type { WalletTransaction } from '../../wallet/books/wallet-transaction.ts';
import { createPsbt } from '../../wallet/psbt/create.ts';
import { finalizePsbt } from '../../wallet/psbt/finalize.ts';
import type { PsbtVersion } from '../../wallet/psbt/psbt.ts';
import { type CoinControl, DEFAULT_COIN_CONTROL } from '../../wallet/tx-builder/coin-control.ts';
import { type BumpSubject, createFeeBump, type FeeBump } from '../../wallet/tx-builder/fee-bump.ts';
import {
  buildWithChange,
  commitTransaction,
  findKnownOutputs,
  outpointsOf,
  signWhole,
} from '../../wallet/wallet/payments.ts';
import type { Wallet } from '../../wallet/wallet/wallet.ts';
import { WalletDraft } from '../../wallet/wallet/wallet-draft.ts';
import { fillWithWallet } from '../../wallet/wallet/wallet-psbt.ts';
import { valueFromAmount } from '../amount.ts';
import { type Arguments, asFlag, asHash, asInteger } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { isJsonArray, type JsonOutput } from '../json/json-value.ts';
import { checkFields } from '../object-check.ts';
import type { MethodSpec } from '../schema.ts';
import { field, object, optional, param, result } from '../schema-words.ts';
import type { ParameterSpec, ResultSpec } from '../signature.ts';
import { runSteps } from '../turns.ts';
import { PSBT_VERSION_PARAMETER, readPsbtVersion, refusePsbt, writePsbt } from './psbt-parameter.ts';
import { readOutputs } from './transaction-parameters.ts';
import { CONFIRM_TARGET, ESTIMATE_MODE, FEE_RATE, OUTPUTS_INNER } from './wallet-fund-parameters.ts';
import { ensureUnlocked, requireWallet } from './wallet-lookup.ts';
import { CODE_OF_SPEND_ERROR } from './wallet-send-all.ts';
import { fillAndSign } from './wallet-signer.ts';
import { option, readFeeControl, readOptions, refuseParameter } from './wallet-spend-options.ts';

/** What a call wants. */
interface BumpWishes {
  readonly control: CoinControl;
  readonly outputs: readonly TransactionOutput[];
  readonly changeIndex: number | null;
  readonly psbtVersion: PsbtVersion;
}

function readWishes(context: RpcContext, wallet: Wallet, args: Arguments): BumpWishes {
  const options = readOptions(args);
  checkFields(
    options,
    {
      confTarget: 'number',
      conf_target: 'number',
      replaceable: 'bool',
      estimate_mode: 'string',
      original_change_index: 'number',
      psbt_version: 'number',
    },
    { allowsNull: true, isStrict: true, others: ['fee_rate', 'outputs'] },
  );
  if (options.has('confTarget') && options.has('conf_target')) {
    refuseParameter(
      'confTarget and conf_target options should not both be set. Use conf_target (confTarget is deprecated).',
    );
  }
  const words = {
    confirmTarget: option(options, 'confTarget') ?? option(options, 'conf_target'),
    estimateMode: option(options, 'estimate_mode'),
    feeRate: option(options, 'fee_rate'),
  };
  const signals = options.has('replaceable') ? asFlag(option(options, 'replaceable')) : true;
  const fees = readFeeControl(wallet, words, false, signals);
  const given = option(options, 'outputs');
  if (isJsonArray(given) && given.length === 0) {
    refuseParameter('Invalid parameter, output argument cannot be an empty array');
  }
  const outputs = given === null ? [] : readOutputs(context.params.prefixes, given);
  const index = option(options, 'original_change_index');
  return {
    control: { ...DEFAULT_COIN_CONTROL, ...fees },
    outputs,
    changeIndex: index === null ? null : asInteger(index, 0, 0xffffffff),
    psbtVersion: readPsbtVersion(option(options, 'psbt_version')),
  };
}

/** What decides whether a transaction can be replaced. */
async function describeSubject(wallet: Wallet, subject: WalletTransaction): Promise<BumpSubject> {
  const { view } = wallet.books;
  const { transaction, notes } = subject;
  const family = wallet.chain.mempoolFamily(subject.txid);
  const replacedBy = notes.replacedByTxid === undefined ? null : parseTxid(notes.replacedByTxid);
  return {
    transaction,
    spent: await findKnownOutputs(wallet, outpointsOf(transaction)),
    hasWalletSpend: view.ownOutputsOf(subject).some((output) => view.isSpent(output)),
    hasMempoolDescendants: family !== null && family.descendantCount > 1,
    depth: view.depth(subject),
    replacedBy: replacedBy === null ? null : asTxid(replacedBy),
  };
}

async function ensureInputsExist({ chain }: Wallet, { transaction }: WalletTransaction): Promise<void> {
  const outpoints = outpointsOf(transaction);
  const spent = await chain.findOutputs(outpoints);
  const missing = outpoints.find((_, i) => spent[i] === null);
  if (missing !== undefined) throw new RpcError(RPC_CODE.MISC_ERROR, `${formatOutpoint(missing)} is already spent`);
}

async function build(
  wallet: Wallet,
  subject: WalletTransaction,
  wishes: BumpWishes,
  requiresMine: boolean,
  draft: WalletDraft,
): Promise<FeeBump> {
  const { control, outputs, changeIndex } = wishes;
  const { history } = wallet.books;
  await ensureInputsExist(wallet, subject);
  const described = await describeSubject(wallet, subject);
  const request = {
    requiresMine,
    outputs,
    changeIndex,
    isChange: (script: Uint8Array) => history.isChange(script),
  };
  const paid = Array.from({ length: subject.transaction.outputCount }, (_, j) => ({
    scriptPubKey: subject.transaction.scriptPubKey(j),
  }));
  const change = { recipients: outputs.length > 0 ? outputs : paid, control, changeType: null };
  const bumped = await buildWithChange(wallet, change, draft, function* (environment) {
    const bump = yield* createFeeBump(described, request, control, environment);
    return bump.ok
      ? {
          ok: true,
          value: {
            ...bump.value,
            transaction: bump.value.created.transaction,
            changePosition: freshChange(bump.value, environment.change.script),
          },
        }
      : bump;
  });
  if (bumped.ok) return bumped.value;
  throw new RpcError(CODE_OF_SPEND_ERROR[bumped.error.kind], bumped.error.message);
}

/** Where the new address for change stands, which an old one may have made unnecessary. */
function freshChange({ created }: FeeBump, script: Uint8Array | null): number | null {
  const { transaction, changePosition } = created;
  if (changePosition === null || script === null) return null;
  const used = transaction.scriptPubKey(changePosition);
  return used.length === script.length && used.every((byte, i) => byte === script[i]) ? changePosition : null;
}

function bumpFee(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  if (!wallet.flags.hasPrivateKeys && wallet.flags.hasExternalSigner !== true) {
    throw new RpcError(
      RPC_CODE.WALLET_ERROR,
      'bumpfee is not available with wallets that have private keys disabled. Use psbtbumpfee instead.',
    );
  }
  const txid = asHash(args.value('txid'), 'txid');
  const wishes = readWishes(context, wallet, args);
  return wallet.runSynchronised(async () => {
    ensureUnlocked(wallet);
    const subject = requireSubject(wallet, txid);
    const draft = new WalletDraft();
    const bump = await build(wallet, subject, wishes, true, draft);
    const signed = await sign(context, wallet, bump);
    if (signed === null) throw new RpcError(RPC_CODE.WALLET_ERROR, "Can't sign transaction.");
    const { comment, commentTo } = subject.notes;
    const notes = {
      ...(comment === undefined ? {} : { comment }),
      ...(commentTo === undefined ? {} : { commentTo }),
      replacesTxid: subject.txidText,
    };
    const { txidText } = await commitTransaction(wallet, signed, notes, draft);
    return { txid: txidText, ...formatFees(bump) };
  });
}

/** The transaction with all signatures, by the wallet or its device; null when some are lacking. */
async function sign(context: RpcContext, wallet: Wallet, { created }: FeeBump): Promise<Transaction | null> {
  if (wallet.flags.hasExternalSigner !== true) {
    const signed = await signWhole(wallet, created);
    return signed.ok ? signed.value : null;
  }
  const filled = await fillAndSign(context, wallet, createPsbt(created.transaction, 2), {
    signs: true,
    showsOrigins: true,
    hashType: null,
    finalizes: true,
  });
  if (!filled.ok) return null;
  const { transaction } = await runSteps(context, finalizePsbt(filled.value.psbt, wallet.secp));
  return transaction;
}

function requireSubject({ books }: Wallet, txid: Uint8Array): WalletTransaction {
  const subject = books.view.find(asTxid(txid));
  if (subject !== null) return subject;
  throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Invalid or non-wallet transaction id');
}

function formatFees({ oldFeeSat, created }: FeeBump) {
  return { origfee: valueFromAmount(oldFeeSat), fee: valueFromAmount(created.feeSat), errors: [] };
}

function psbtBumpFee(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const txid = asHash(args.value('txid'), 'txid');
  const wishes = readWishes(context, wallet, args);
  return wallet.runSynchronised(async () => {
    ensureUnlocked(wallet);
    const draft = new WalletDraft();
    const bump = await build(wallet, requireSubject(wallet, txid), wishes, false, draft);
    await wallet.apply(draft);
    const psbt = createPsbt(bump.created.transaction, wishes.psbtVersion);
    const options = { signs: false, showsOrigins: true, hashType: null, finalizes: true };
    const filled = await fillWithWallet(wallet, psbt, options);
    if (!filled.ok) refusePsbt(filled.error);
    return { psbt: writePsbt(filled.value.psbt), ...formatFees(bump) };
  });
}

const OPTIONS: readonly ParameterSpec[] = [
  CONFIRM_TARGET,
  FEE_RATE,
  param('replaceable', 'boolean', 'Whether the new transaction says that it may be replaced (BIP125)', {
    default: true,
  }),
  ESTIMATE_MODE,
  param('outputs', 'array', 'Outputs in place of the old ones; not together with original_change_index', {
    default: [],
    inner: OUTPUTS_INNER,
    skipsTypeCheck: true,
  }),
  param('original_change_index', 'number', 'The output that pays the fee', {
    defaultHint: 'not set, detect change automatically',
  }),
];

const FEES: readonly ResultSpec[] = [
  field('origfee', 'amount', 'The fee of the old transaction in BTC'),
  field('fee', 'amount', 'The fee of the new one'),
  field('errors', 'array', 'What went wrong, if anything', { inner: [result('string', '')] }),
];

const DESCRIPTION =
  'Replaces a transaction of the wallet that is not confirmed by one that pays more: out of its change, or with more coins. All its inputs are in the new one, so that only one of them can be confirmed. Nothing may spend its outputs yet.';

/** The methods of this file. */
export const WALLET_BUMP_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'bumpfee',
    category: 'wallet',
    description: DESCRIPTION,
    parameters: [
      param('txid', 'hex', 'The transaction id'),
      optional('options', 'named-options', '', { oneline: 'options', inner: OPTIONS }),
    ],
    results: [object([field('txid', 'hex', 'The id of the new transaction'), ...FEES])],
    examples: ['<txid>'],
    run: bumpFee,
  },
  {
    name: 'psbtbumpfee',
    category: 'wallet',
    description: `${DESCRIPTION}\nThe new one comes as a PSBT, unsigned, and is neither kept nor sent.`,
    parameters: [
      param('txid', 'hex', 'The transaction id'),
      optional('options', 'named-options', '', { oneline: 'options', inner: [...OPTIONS, PSBT_VERSION_PARAMETER] }),
    ],
    results: [object([field('psbt', 'string', 'The new transaction as a PSBT in base 64'), ...FEES])],
    examples: ['<txid>'],
    run: psbtBumpFee,
  },
]);
