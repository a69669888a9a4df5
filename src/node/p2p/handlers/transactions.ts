// Transactions that peers send, and what comes of them (Core net_processing.cpp: tx, ProcessInvalidTx, ProcessValidTx,
// ProcessOrphanTx, ProcessPackageResult, the requests at the end of SendMessages). tx-download.ts decides what is fetched and what
// is to be checked; the check itself is the shell's: it is handed a transaction or a package as an effect, and the verdict comes
// back as an event. Until then it gives us no further message of that peer.
//
// Nobody is punished for a transaction, valid or not (W18; Core since 30): what is refused depends on the policy of each node, and
// rules may have changed that we have not heard of.

import { formatReject } from '../../../kernel/consensus/reject.ts';
import type { MempoolReject } from '../../../kernel/policy/policy-reject.ts';
import { formatHash } from '../../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../../kernel/primitives/transaction.ts';
import { unreachable } from '../../../kernel/util/assert.ts';
import type { AcceptedTransaction, AcceptResult, PackageResult, SingleResult } from '../../mempool/accept-result.ts';
import type { TxMessage } from '../../wire/messages.ts';
import { InventoryList } from '../../wire/packed-lists.ts';
import { MAX_GETDATA_SZ } from '../../wire/protocol.ts';
import type { P2pContext } from '../context.ts';
import type { Peer } from '../peer.ts';
import type { PeerId } from '../peer-id.ts';
import { byTxid, formatGenTxid, requestType } from '../tx-announcement.ts';
import type { TxPackage } from '../tx-download-package.ts';
import { noteReturned } from './private-broadcast.ts';
import { refusesTransactions } from './transaction-refusal.ts';

/** A transaction as the debug log names it. */
function nameOf({ txid, wtxid }: Transaction): string {
  return `${formatHash(txid)} (wtxid=${formatHash(wtxid)})`;
}

// --- what comes -----------------------------------------------------------------------------------------------------------

/** `tx` */
export function onTx(context: P2pContext, peer: Peer, { transaction }: TxMessage): void {
  const { chain, txDownload, txRelay } = context;
  if (refusesTransactions(context, peer)) {
    context.misbehaving(peer, 'unwanted-transaction');
    return;
  }
  // The coins that it spends may not be known yet. To send one all the same is no fault.
  if (chain.isInitialDownload) return;
  txRelay.noteKnown(peer.id, peer.announcesByWtxid ? transaction.wtxid : transaction.txid);
  noteReturned(context, peer, transaction);
  const action = txDownload.received(peer.id, transaction);
  if (action.type !== 'check' && peer.permissions.forcerelay) forceRelay(context, peer, transaction);
  if (action.type === 'check') submit(context, peer.id, transaction, true);
  else if (action.type === 'check-package') submitPackage(context, peer.id, action.package);
}

/** A peer for which the operator wants everything passed on: again, if we have it. So a node can stand in front of another. */
function forceRelay(context: P2pContext, peer: Peer, transaction: Transaction): void {
  const what = `${nameOf(transaction)} from`;
  if (context.txDownload.isInMempool(byTxid(transaction.txid))) {
    context.info(`Force relaying tx ${what} peer=${peer.id}`);
    context.txRelay.relay(transaction.wtxid);
  } else {
    context.info(`Not relaying non-mempool transaction ${what} forcerelay peer=${peer.id}`);
  }
}

/** Has the next orphan of a peer checked again, if there is one: one a turn, so that nobody's orphans hold up the others (D08). */
export function reconsiderOrphan(context: P2pContext, peer: Peer): void {
  if (!context.txDownload.hasOrphanToReconsider(peer.id)) return;
  const orphan = context.txDownload.nextOrphanToReconsider(peer.id);
  if (orphan !== null) submit(context, peer.id, orphan, false);
}

function submit(context: P2pContext, id: PeerId, transaction: Transaction, isFirst: boolean): void {
  context.txDownload.checkStarted(id, [transaction], isFirst);
  context.submitTransaction(id, transaction);
}

function submitPackage(context: P2pContext, id: PeerId, transactions: TxPackage): void {
  context.txDownload.checkStarted(id, transactions, false);
  context.submitPackage(id, transactions);
}

// --- verdicts -------------------------------------------------------------------------------------------------------------

/** The verdict on a transaction of a peer, which may have gone meanwhile. */
export function onTransactionChecked(
  context: P2pContext,
  id: PeerId,
  transaction: Transaction,
  result: SingleResult,
): void {
  const isFirst = context.txDownload.checkEnded(id);
  if (result.outcome === 'accepted') {
    if (!isFirst) context.debug('txpackages', () => `   accepted orphan tx ${nameOf(transaction)}`);
    onAccepted(context, id, transaction, result);
    const peer = context.peers.get(id);
    if (isFirst && peer !== undefined) peer.lastTransactionSec = context.nowSec;
    return;
  }
  const { reject } = result;
  if (!isFirst) {
    // Another parent is missing: it waits on.
    if (reject.kind === 'missing-inputs') return;
    context.debug(
      'txpackages',
      () => `   invalid orphan tx ${nameOf(transaction)} from peer=${id}. ${formatReject(reject)}`,
    );
  }
  const found = onRejected(context, id, transaction, reject, isFirst);
  if (found !== null) submitPackage(context, id, found);
}

/** The verdict on a package that was submitted for a peer. */
export function onPackageChecked(
  context: P2pContext,
  id: PeerId,
  transactions: readonly Transaction[],
  result: PackageResult,
): void {
  context.txDownload.checkEnded(id);
  context.debug('txpackages', () => {
    const names = transactions.map(nameOf).join(' + ');
    return `package evaluation for ${names} from peer=${id}: package ${result.reject === null ? 'accepted' : 'rejected'}`;
  });
  if (result.reject !== null) context.txDownload.packageRejected(transactions);
  // Children first: they leave the orphanage before their parent would have them tried again.
  for (let i = transactions.length - 1; i >= 0; i--) {
    const one = result.results[i] ?? null;
    if (one !== null) onMemberChecked(context, id, transactions[i]!, one);
  }
}

function onMemberChecked(context: P2pContext, id: PeerId, transaction: Transaction, result: AcceptResult): void {
  switch (result.outcome) {
    case 'accepted':
      onAccepted(context, id, transaction, result);
      return;
    case 'rejected':
      onRejected(context, id, transaction, result.reject, false);
      return;
    case 'different-witness':
      // There is one already, and this one was not looked at: not to be fetched again.
      context.txDownload.mempoolRejected(transaction, 'conflict', { peer: id, isFirst: false }, context.nowMs);
      return;
    case 'already':
      return;
    default:
      unreachable(result);
  }
}

function onAccepted(context: P2pContext, id: PeerId, transaction: Transaction, result: AcceptedTransaction): void {
  context.txDownload.mempoolAccepted(transaction);
  context.debug('mempool', () => `AcceptToMemoryPool: peer=${id}: accepted ${nameOf(transaction)}`);
  context.txRelay.relay(transaction.wtxid);
  for (const replaced of result.replaced) context.extraTransactions.addReplaced(replaced.transaction);
}

/** Returns what is to be checked together instead. */
function onRejected(
  context: P2pContext,
  id: PeerId,
  transaction: Transaction,
  reject: MempoolReject,
  isFirst: boolean,
): TxPackage | null {
  context.debug('mempoolrej', () => `${nameOf(transaction)} from peer=${id} was not accepted: ${formatReject(reject)}`);
  const todo = context.txDownload.mempoolRejected(transaction, reject.kind, { peer: id, isFirst }, context.nowMs);
  if (todo.hasRejectedParents) {
    context.debug('mempool', () => `not keeping orphan with rejected parents ${nameOf(transaction)}`);
  }
  if (todo.isWorthKeeping) context.extraTransactions.addRefused(transaction);
  for (const parent of todo.missingParents) context.txRelay.noteKnown(id, parent);
  return todo.package;
}

// --- what is asked for ----------------------------------------------------------------------------------------------------

/** Asks a peer for the transactions that it is to be asked for now. */
export function requestTransactions(context: P2pContext, peer: Peer): void {
  const { requests, timedOut } = context.txDownload.requestsToSend(peer.id, context.nowMs);
  for (const { peer: late, id } of timedOut) {
    context.debug('net', () => `timeout of inflight ${formatGenTxid(id)} from peer=${late}`);
  }
  const servesWitnesses = context.download.role(peer.id)?.servesWitnesses ?? false;
  for (let at = 0; at < requests.length; at += MAX_GETDATA_SZ) {
    const part = requests.slice(at, at + MAX_GETDATA_SZ);
    for (const id of part) context.debug('net', () => `Requesting ${formatGenTxid(id)} peer=${peer.id}`);
    const items = part.map((id) => ({ type: requestType(id, servesWitnesses), hash: id.hash }));
    context.send(peer, { type: 'getdata', items: InventoryList.of(items) });
  }
}
