// The transactions of a wallet and where each stands, as blocks and mempool come and go (Core CWallet::SyncTransaction, MarkConflicted,
// blockConnected and their kin). A machine: it is told of events in their order and returns in the list of changes what is to be stored.
// It follows the chain alone by the blocks that it is given; what is told of the mempool may be ahead of them, which refreshMempool sets
// right once the tip is reached. Reading from the start again gives the same confirmed transactions and coins as following did.

import { TRUC_VERSION } from '../../kernel/policy/limits.ts';
import type { Txid } from '../../kernel/primitives/hashes.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { assert } from '../../kernel/util/assert.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { RemovalReason } from '../chain-source.ts';
import type { AddressBook } from './address-book.ts';
import { type BlockPlace, BlockTrail } from './block-trail.ts';
import { BookTransaction } from './book-transaction.ts';
import { ChangeList } from './change-list.ts';
import type { CoinLocks } from './coin-locks.ts';
import { isEquivalent } from './equivalent.ts';
import type { BestBlockRecord, BookSteps } from './records.ts';
import type { ScriptBook } from './script-book.ts';
import { type BlockTimes, computeSmartTime } from './smart-time.ts';
import { TransactionSet } from './transaction-set.ts';
import { TransactionStates } from './transaction-states.ts';
import { TxView } from './tx-view.ts';
import type { TransactionNotes, TxState, WalletTransaction } from './wallet-transaction.ts';

/** What a wallet may change its mind about. */
export interface BookFlags {
  /** Coins of addresses that were spent from are not chosen, and it is noted which these are (Core WALLET_FLAG_AVOID_REUSE). */
  avoidsReuse: boolean;
  /** Own change counts before it is confirmed (-spendzeroconfchange). */
  spendsUnconfirmedChange: boolean;
}

/** The other books that a transaction book works with. */
export interface TxBookPorts {
  readonly scripts: ScriptBook;
  readonly addresses: AddressBook;
  readonly locks: CoinLocks;
  readonly flags: BookFlags;
  /** For salts. */
  readonly rng: Rng;
}

/** A block that the wallet looks through. */
export interface SeenBlock extends BlockPlace, BlockTimes {}

/** When something is seen. */
export interface SeenAt {
  readonly nowSec: number;
  /** The block is an old one: its transactions get its time (Core rescanning_old_block). */
  readonly isRescan?: boolean;
}

/** A transaction at the moment that it is seen. */
interface Sighting {
  readonly transaction: Transaction;
  readonly state: TxState;
  readonly notes: TransactionNotes;
  readonly nowSec: number;
  readonly block: BlockTimes | null;
  readonly isRescan: boolean;
}

/** How far the chain was followed is stored at least so often, in blocks (Core). */
const STORE_TIP_EVERY = 144;

/** Transactions by what happens to them. */
export class TxBook {
  /** What there is to read. */
  readonly view: TxView;
  readonly #ports: TxBookPorts;
  readonly #set: TransactionSet;
  readonly #states: TransactionStates;
  readonly #trail = new BlockTrail();
  #nextPosition = 0;

  constructor(ports: TxBookPorts) {
    this.#ports = ports;
    this.#set = new TransactionSet(ports.scripts, ports.rng);
    this.#states = new TransactionStates(this.#set);
    this.view = new TxView(this.#set, this.#trail);
  }

  /** Begins, or goes on, after a block that is not looked through. */
  skipTo(block: BlockPlace, changes: ChangeList): void {
    this.#trail.push(block);
    this.#set.bump();
    changes.put(this.#trail.record());
  }

  /** Has it stored how far the chain was followed, though no block asked for it. */
  saveTip(changes: ChangeList): void {
    changes.put(this.#trail.record());
  }

  /** The next block of the chain. A step may derive scripts. */
  *blockConnected(
    block: SeenBlock,
    transactions: readonly Transaction[],
    at: SeenAt,
    changes: ChangeList,
  ): BookSteps<void> {
    const { tip } = this.#trail;
    assert(tip === null || block.height === tip.height + 1, 'tx book: blocks come in their order');
    this.#trail.push(block);
    this.#set.bump();
    const isTouched = yield* this.#look(block, transactions, at, changes);
    if (isTouched || block.height % STORE_TIP_EVERY === 0) changes.put(this.#trail.record());
  }

  /** A block of the chain that was passed before, looked through again. */
  *scanBlock(
    block: SeenBlock,
    transactions: readonly Transaction[],
    nowSec: number,
    changes: ChangeList,
  ): BookSteps<void> {
    const { tip } = this.#trail;
    assert(tip !== null && block.height <= tip.height, 'tx book: a rescan stays below the tip');
    const isTouched = yield* this.#look(block, transactions, { nowSec, isRescan: true }, changes);
    if (isTouched) changes.put(this.#trail.record());
  }

  /** A transaction of a block that was passed, with its index there, without the others (Core importprunedfunds). False: not ours. */
  *importConfirmed(
    block: SeenBlock,
    index: number,
    transaction: Transaction,
    nowSec: number,
    changes: ChangeList,
  ): BookSteps<boolean> {
    const { blockHash, height } = block;
    const state: TxState = { kind: 'confirmed', blockHash, height, index };
    const known = yield* this.#sync({ transaction, state, notes: {}, nowSec, block, isRescan: false }, changes);
    if (known !== null) changes.put(this.#trail.record());
    return known !== null;
  }

  /** Whether anything in a block concerns the wallet. */
  *#look(block: SeenBlock, transactions: readonly Transaction[], at: SeenAt, changes: ChangeList): BookSteps<boolean> {
    const { blockHash, height } = block;
    let isTouched = false;
    for (const [index, transaction] of transactions.entries()) {
      if (!this.#set.touches(transaction)) continue;
      isTouched = true;
      const state: TxState = { kind: 'confirmed', blockHash, height, index };
      yield* this.#sync(
        { transaction, state, notes: {}, nowSec: at.nowSec, block, isRescan: at.isRescan === true },
        changes,
      );
      this.#states.leaveMempool(transaction, changes);
    }
    return isTouched;
  }

  /** The chain has given way: blocks above `to` no longer count (Core blockDisconnected). Null: all of them. */
  rewind(to: BlockPlace | null, changes: ChangeList): void {
    const height = to?.height ?? -1;
    this.#trail.rewind(to);
    this.#set.bump();
    this.#states.unconfirmAbove(height, changes);
    changes.put(this.#trail.record());
  }

  /** A transaction came into the mempool. */
  *transactionAdded(transaction: Transaction, nowSec: number, changes: ChangeList): BookSteps<void> {
    const isTruc = transaction.version === TRUC_VERSION;
    const touches = this.#set.touches(transaction);
    if (!touches && !isTruc) return;
    if (touches) {
      const state: TxState = { kind: 'in-mempool' };
      yield* this.#sync({ transaction, state, notes: {}, nowSec, block: null, isRescan: false }, changes);
    }
    this.#states.enterMempool(transaction, changes);
  }

  /** A transaction has left the mempool. One that a block has confirmed stays as it is until the block comes. */
  transactionRemoved(transaction: Transaction, reason: RemovalReason, changes: ChangeList): void {
    const known = this.#set.find(transaction.txid);
    if (known !== null && reason === 'conflict') changes.meet(known.txidText);
    if (known?.state.kind === 'in-mempool' && reason !== 'block') {
      this.#states.set(known, { kind: 'inactive', isAbandoned: false }, changes);
    }
    this.#states.leaveMempool(transaction, changes);
  }

  /** Sets right which transactions of the wallet wait in the mempool, once the tip is reached. */
  refreshMempool(isInMempool: (txid: Txid) => boolean, changes: ChangeList): void {
    for (const known of this.#set.ordered) {
      const { state } = known;
      if (state.kind === 'confirmed') continue;
      const isThere = isInMempool(known.txid);
      if (isThere === (state.kind === 'in-mempool')) continue;
      this.#states.set(known, isThere ? { kind: 'in-mempool' } : { kind: 'inactive', isAbandoned: false }, changes);
      if (isThere) this.#states.enterMempool(known.transaction, changes);
      else this.#states.leaveMempool(known.transaction, changes);
    }
  }

  /** A transaction that the wallet made: to be stored before it is broadcast (Core CommitTransaction). */
  *addOwn(
    transaction: Transaction,
    notes: TransactionNotes,
    nowSec: number,
    changes: ChangeList,
  ): BookSteps<WalletTransaction> {
    const state: TxState = { kind: 'inactive', isAbandoned: false };
    const sighting = { transaction, state, notes, nowSec, block: null, isRescan: false };
    yield* this.#markSeen(transaction, changes);
    return this.#put(this.#set.find(transaction.txid), sighting, changes);
  }

  /** Notes that a transaction was replaced by another of the wallet. */
  markReplaced(original: WalletTransaction, replacement: WalletTransaction, changes: ChangeList): void {
    this.setNotes(original, { ...original.notes, replacedByTxid: replacement.txidText }, changes);
  }

  setNotes(subject: WalletTransaction, notes: TransactionNotes, changes: ChangeList): void {
    const entry = this.#entry(subject);
    entry.notes = notes;
    this.#states.touch(entry, changes);
    changes.put(entry.stateRecord());
  }

  /** True when it may be given up: it waits in no block and in no mempool. */
  canAbandon(subject: WalletTransaction): boolean {
    return subject.state.kind === 'inactive' && !subject.state.isAbandoned;
  }

  /** Gives a transaction up with all that spend it, so that its inputs may be spent again. False when it stands in block or mempool. */
  abandon(subject: WalletTransaction, changes: ChangeList): boolean {
    if (subject.state.kind !== 'inactive') return false;
    this.#states.abandon(this.#entry(subject), changes);
    return true;
  }

  /** Takes outputs of known transactions that are the wallet's since it has more scripts (Core RefreshAllTXOs). */
  adoptOutputs(changes: ChangeList): void {
    for (const known of this.#set.ordered) if (this.#set.adoptOutputs(known)) this.#states.touch(known, changes);
  }

  /** Takes a transaction out, as if it had never been seen (Core removeprunedfunds). */
  remove(subject: WalletTransaction, changes: ChangeList): void {
    this.#set.remove(this.#entry(subject));
    this.#set.bump();
    for (const kind of ['transaction', 'transaction-state'] as const) changes.delete({ kind, id: subject.txidText });
  }

  /** Puts back what was stored. Nothing waits in the mempool until it is said again. */
  restore(stored: Iterable<BookTransaction>, bestBlock: BestBlockRecord | null): void {
    for (const transaction of stored) {
      this.#set.insert(transaction);
      this.#nextPosition = Math.max(this.#nextPosition, transaction.orderPosition + 1);
    }
    if (bestBlock !== null) this.#trail.restore(bestBlock);
    // A block above the last one that was stored is passed again: its transactions are confirmed then, if it is still there.
    this.#states.unconfirmAbove(this.#trail.tip?.height ?? -1, new ChangeList());
  }

  /** Takes a transaction in, or its new state, if it has to do with the wallet (Core AddToWalletIfInvolvingMe). */
  *#sync(sighting: Sighting, changes: ChangeList): BookSteps<BookTransaction | null> {
    const { transaction, state } = sighting;
    if (state.kind === 'confirmed') this.#states.markConflicts(transaction, state, changes);
    const known = this.#set.find(transaction.txid);
    if (known === null && !this.#isOurs(transaction)) return null;
    // The mempool may be told of late: a block says more.
    if (known?.state.kind === 'confirmed' && state.kind === 'in-mempool') return known;
    yield* this.#markSeen(transaction, changes);
    return this.#put(known, sighting, changes);
  }

  #isOurs(transaction: Transaction): boolean {
    if (this.#set.paysUs(transaction)) return true;
    for (let i = 0; i < transaction.inputCount; i++) {
      if ((this.#set.slotOf(transaction, i)?.own ?? null) !== null) return true;
    }
    return false;
  }

  /** Own scripts that a transaction pays to are in use, and those given to others without a label get an empty one. */
  *#markSeen(transaction: Transaction, changes: ChangeList): BookSteps<void> {
    const { scripts, addresses } = this.#ports;
    for (let j = 0; j < transaction.outputCount; j++) {
      const { bytes } = transaction;
      if (!scripts.isMine(bytes, transaction.scriptPubKeyStart(j), transaction.scriptPubKeyEnd(j))) continue;
      for (const { script, use } of yield* scripts.markSeen(transaction.scriptPubKey(j), changes)) {
        const scriptHex = toHex(script);
        if (use === 'receive' && addresses.get(scriptHex) === null) addresses.set(scriptHex, '', 'receive', changes);
      }
    }
  }

  #put(known: BookTransaction | null, sighting: Sighting, changes: ChangeList): BookTransaction {
    const { transaction, state } = sighting;
    const entry = known ?? this.#insert(sighting, changes);
    changes.meet(entry.txidText);
    if (this.#ports.flags.avoidsReuse) {
      for (const { own } of entry.inputs) if (own !== null) this.#ports.addresses.markUsed(own.scriptHex, changes);
    }
    if (known === null) return entry;
    if (transaction.hasWitness && !known.transaction.hasWitness) {
      known.transaction = transaction.detach();
      changes.put(known.record());
    }
    if (!isSameState(known.state, state)) this.#states.set(known, state, changes);
    return known;
  }

  #insert({ transaction, state, notes, nowSec, block, isRescan }: Sighting, changes: ChangeList): BookTransaction {
    const orderPosition = this.#nextPosition++;
    const added = new BookTransaction(transaction.detach(), { orderPosition, timeReceivedSec: nowSec, state, notes });
    added.timeSmartSec = computeSmartTime(nowSec, block, isRescan, this.#set.ordered);
    this.#set.insert(added);
    this.#copyNotes(added);
    for (const { own } of added.inputs) if (own !== null) this.#ports.locks.unlock(own.name, changes);
    this.#states.touch(added, changes);
    changes.put(added.record());
    changes.put(added.stateRecord());
    return added;
  }

  /** The same transaction with other signatures is the same to its owner (Core SyncMetaData). */
  #copyNotes(added: BookTransaction): void {
    for (const { spenders } of added.inputs) {
      const [first] = spenders;
      if (first === undefined || first === added || !isEquivalent(first.transaction, added.transaction)) continue;
      added.notes = first.notes;
      added.timeSmartSec = first.timeSmartSec;
    }
  }

  #entry(subject: WalletTransaction): BookTransaction {
    assert(subject instanceof BookTransaction, 'tx book: the transaction is of this book');
    return subject;
  }
}

function isSameState(a: TxState, b: TxState): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind !== 'confirmed' || b.kind !== 'confirmed') return true;
  return a.height === b.height && a.index === b.index && formatHash(a.blockHash) === formatHash(b.blockHash);
}
