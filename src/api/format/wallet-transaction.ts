// Transactions of a wallet in answers (Core WalletTxToJSON, ListTransactions).

import { formatHash } from '../../kernel/primitives/hashes.ts';
import { fromHex } from '../../kernel/util/bytes.ts';
import { formatAddress } from '../../wallet/address.ts';
import type { HistoryEntry } from '../../wallet/books/history.ts';
import type { WalletTransaction } from '../../wallet/books/wallet-transaction.ts';
import type { Wallet } from '../../wallet/wallet/wallet.ts';
import { valueFromAmount } from '../amount.ts';
import type { JsonRecord } from '../json/json-value.ts';
import { field, maybe, result } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';

/** Where a transaction stands, and what is noted about it. */
export function formatWalletTransaction({ books, chain }: Wallet, subject: WalletTransaction): JsonRecord {
  const { view, trust } = books;
  const { state, notes } = subject;
  const isConfirmed = state.kind === 'confirmed';
  return {
    confirmations: view.depth(subject),
    generated: subject.isCoinbase ? true : undefined,
    blockhash: isConfirmed ? formatHash(state.blockHash) : undefined,
    blockheight: isConfirmed ? state.height : undefined,
    blockindex: isConfirmed ? state.index : undefined,
    blocktime: isConfirmed ? (chain.findBlock(state.blockHash)?.timeSec ?? 0) : undefined,
    trusted: isConfirmed ? undefined : trust.isTrusted(subject),
    txid: subject.txidText,
    wtxid: formatHash(subject.transaction.wtxid),
    walletconflicts: view.conflictsOf(subject),
    mempoolconflicts: [...subject.mempoolConflicts].sort((a, b) => (a < b ? -1 : 1)),
    time: subject.timeSmartSec,
    timereceived: subject.timeReceivedSec,
    comment: notes.comment,
    to: notes.commentTo,
    replaces_txid: notes.replacesTxid,
    replaced_by_txid: notes.replacedByTxid,
  };
}

/** One output of a transaction; `isLong` adds where the transaction stands. */
export function formatHistoryEntry(wallet: Wallet, entry: HistoryEntry, isLong: boolean): JsonRecord {
  const { transaction: subject, category, index, amountSat, feeSat, scriptHex, label } = entry;
  const isSent = category === 'send';
  const script = fromHex(scriptHex);
  const own = wallet.books.descriptions.of(script);
  return {
    address: (own === null ? formatAddress(script, wallet.chain.params.prefixes) : own.address) ?? undefined,
    parent_descs: isSent ? undefined : (own?.parents ?? []),
    category,
    amount: valueFromAmount(amountSat),
    label: label ?? undefined,
    vout: index,
    fee: feeSat === null ? undefined : valueFromAmount(feeSat),
    ...(isLong ? formatWalletTransaction(wallet, subject) : {}),
    abandoned: subject.state.kind === 'inactive' && subject.state.isAbandoned,
  };
}

const TXIDS: readonly ResultSpec[] = [result('hex', 'A transaction id')];

/** Fields of {@link formatWalletTransaction}. */
export const WALLET_TRANSACTION_FIELDS: readonly ResultSpec[] = Object.freeze([
  field(
    'confirmations',
    'number',
    'The confirmations; negative: so many blocks ago one has confirmed what excludes it',
  ),
  maybe('generated', 'boolean', 'Only of rewards: true'),
  maybe('trusted', 'boolean', 'Only without a block: whether its outputs can be spent safely'),
  maybe('blockhash', 'hex', 'The block that has it'),
  maybe('blockheight', 'number', 'Height of that block'),
  maybe('blockindex', 'number', 'Its place in that block'),
  maybe('blocktime', 'time', 'Time of that block, in seconds since 1970'),
  field('txid', 'hex', 'The transaction id'),
  field('wtxid', 'hex', 'The hash with the witness'),
  field('walletconflicts', 'array', 'Transactions of the wallet that exclude it', { inner: TXIDS }),
  maybe('replaced_by_txid', 'hex', 'The transaction that replaced it'),
  maybe('replaces_txid', 'hex', 'The transaction that it replaces'),
  field('mempoolconflicts', 'array', 'Transactions in the memory pool that exclude it', { inner: TXIDS }),
  maybe('to', 'string', 'To whom, as it was noted'),
  field('time', 'time', 'Its time, in seconds since 1970'),
  field('timereceived', 'time', 'When the wallet came to know it'),
  maybe('comment', 'string', 'What for, as it was noted'),
  maybe(
    'bip125-replaceable',
    'string',
    'Whether it or an ancestor says that it may be replaced: yes, no or unknown (with -deprecatedrpc=bip125 only)',
  ),
]);

/** Fields of {@link formatHistoryEntry} without those. */
export const HISTORY_ENTRY_FIELDS: readonly ResultSpec[] = Object.freeze([
  maybe('address', 'string', 'The address'),
  maybe('parent_descs', 'array', 'Of what was received: descriptors of the wallet that it comes from', {
    inner: [result('string', 'A descriptor')],
  }),
  field('category', 'string', 'send, receive, and of rewards generate, immature (too young to be spent) or orphan'),
  field('amount', 'amount', 'The amount in BTC, negative for what was sent'),
  maybe('label', 'string', 'Name of the address'),
  field('vout', 'number', 'Number of the output'),
  maybe('fee', 'amount', 'The fee in BTC, negative; of what was sent'),
  field('abandoned', 'boolean', 'Whether the transaction was given up'),
]);
