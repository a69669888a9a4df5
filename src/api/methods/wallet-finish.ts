// The end of methods that send: the wallet signs what it can, and either the transaction goes out, or the caller gets it to see to the
// rest (Core wallet/rpc/spend.cpp FinishTransaction).

import { formatHash } from '../../kernel/primitives/hashes.ts';
import { buildTransaction, type Transaction, toTransactionData } from '../../kernel/primitives/transaction.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { runSteps } from '../../wallet/books/change-list.ts';
import { createPsbt } from '../../wallet/psbt/create.ts';
import { finalizePsbt } from '../../wallet/psbt/finalize.ts';
import { allowsChosenLocktime, chooseLocktime } from '../../wallet/tx-builder/locktime.ts';
import { commitTransaction, locktimeSources } from '../../wallet/wallet/payments.ts';
import type { Wallet } from '../../wallet/wallet/wallet.ts';
import { WalletDraft } from '../../wallet/wallet/wallet-draft.ts';
import { fillWithWallet } from '../../wallet/wallet/wallet-psbt.ts';
import { asFlag } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import type { JsonObject, JsonRecord } from '../json/json-value.ts';
import { field, maybe, object } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';
import { refusePsbt, writePsbt } from './psbt-parameter.ts';
import { fillAndSign } from './wallet-signer.ts';
import { option } from './wallet-spend-options.ts';

/** PSBTs that are made here (Core). */
const PSBT_VERSION = 2;

/** What {@link finishTransaction} tells. */
export const FINISHED_RESULTS: readonly ResultSpec[] = Object.freeze([
  object([
    field('complete', 'boolean', 'Whether all inputs are signed'),
    maybe('txid', 'hex', 'The transaction id'),
    maybe('hex', 'hex', 'The transaction, if it was not sent'),
    maybe('psbt', 'string', 'The PSBT in base 64, if it was not sent'),
  ]),
]);

/** Signs, and keeps and sends unless the options say otherwise. Within a command of the wallet. */
export async function finishTransaction(
  context: RpcContext,
  wallet: Wallet,
  unsigned: Transaction,
  options: JsonObject,
): Promise<JsonRecord> {
  const transaction = options.has('locktime') ? unsigned : discourageSniping(wallet, unsigned);
  const empty = createPsbt(transaction, PSBT_VERSION);
  const described = await fillWithWallet(wallet, empty, {
    signs: false,
    showsOrigins: true,
    hashType: null,
    finalizes: true,
  });
  if (!described.ok) refusePsbt(described.error);
  const filled = await fillAndSign(context, wallet, described.value.psbt, {
    signs: !wallet.isLocked,
    showsOrigins: false,
    hashType: null,
    finalizes: true,
  });
  if (!filled.ok) refusePsbt(filled.error);
  const final = await runSteps(finalizePsbt(filled.value.psbt, wallet.secp), wallet.host.yieldToHost);
  const signed = final.transaction;
  const wantsPsbt = options.has('psbt') && asFlag(option(options, 'psbt'));
  const isKept = options.has('add_to_wallet') ? asFlag(option(options, 'add_to_wallet')) : true;
  const isSent = signed !== null && isKept && !wantsPsbt;
  if (isSent) await commitTransaction(wallet, signed, {}, new WalletDraft());
  return {
    psbt: isSent ? undefined : writePsbt(final.psbt),
    txid: signed === null ? undefined : formatHash(signed.txid),
    hex: signed === null || isSent ? undefined : toHex(signed.serialized()),
    complete: signed !== null,
  };
}

/** A locktime that makes it useless to mine old blocks again for the fee, where sequences let it count. */
function discourageSniping(wallet: Wallet, transaction: Transaction): Transaction {
  const data = toTransactionData(transaction);
  if (!data.inputs.every(({ sequence }) => allowsChosenLocktime(sequence))) return transaction;
  const locktime = chooseLocktime(locktimeSources(wallet));
  return buildTransaction({ ...data, locktime });
}
