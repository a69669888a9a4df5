// All books of a wallet together, and how they are put back from what was stored. Whoever holds a wallet makes a ChangeList for each
// command, lets the books do their part, and stores what the list has gathered before anybody is answered:
//
//   const changes = new ChangeList();
//   const given = await runSteps(books.scripts.newAddress('bech32', 'receive', changes), host.yieldToHost);
//   await store.commit(changes.finish());

import { parseBlockHash } from '../../kernel/primitives/hashes.ts';
import { decodeTransaction } from '../../kernel/primitives/transaction.ts';
import { parseHex } from '../../kernel/util/bytes.ts';
import { AddressBook } from './address-book.ts';
import { Balances } from './balances.ts';
import { BookTransaction } from './book-transaction.ts';
import { CoinLocks } from './coin-locks.ts';
import { Coins } from './coins.ts';
import { History } from './history.ts';
import { BookRecordError } from './record-error.ts';
import type { BookRecord, BookSteps, StoredTxState, TransactionRecord, TransactionStateRecord } from './records.ts';
import { ScriptBook, type ScriptBookOptions, type ScriptBookPorts } from './script-book.ts';
import { ScriptDescriptions } from './script-descriptions.ts';
import { Trust } from './trust.ts';
import { type BookFlags, TxBook } from './tx-book.ts';
import type { TxView } from './tx-view.ts';
import type { TxState } from './wallet-transaction.ts';

/** A transaction takes some ten microseconds to be read, a script up to a millisecond to be derived. */
const TRANSACTIONS_PER_STEP = 64;

/** The books of one wallet. */
export class WalletBooks {
  readonly flags: BookFlags;
  readonly scripts: ScriptBook;
  readonly descriptions: ScriptDescriptions;
  readonly addresses: AddressBook = new AddressBook();
  readonly locks: CoinLocks = new CoinLocks();
  readonly transactions: TxBook;
  readonly view: TxView;
  readonly trust: Trust;
  readonly coins: Coins;
  readonly balances: Balances;
  readonly history: History;

  constructor(options: ScriptBookOptions, flags: BookFlags, ports: ScriptBookPorts) {
    const { addresses, locks } = this;
    const scripts = new ScriptBook(options, ports);
    this.flags = flags;
    this.scripts = scripts;
    this.descriptions = new ScriptDescriptions(scripts, options.prefixes, ports.secp);
    this.transactions = new TxBook({ scripts, addresses, locks, flags, rng: ports.rng });
    const { view } = this.transactions;
    this.view = view;
    const trust = new Trust(view, flags);
    this.trust = trust;
    this.coins = new Coins({ view, scripts, addresses, locks, trust, flags });
    this.balances = new Balances({ view, addresses, trust, flags });
    this.history = new History({ view, scripts, addresses });
  }

  /** Puts back what was stored, in books that are new. A step derives a script or reads some transactions. Throws BookRecordError. */
  *restore(records: Iterable<BookRecord>): BookSteps<void> {
    const sorted = sortRecords(records);
    yield* this.scripts.restore(sorted.descriptor, sorted['descriptor-keys']);
    this.addresses.restore(sorted.address);
    this.locks.restore(sorted['locked-coin']);
    const bytes = new Map(sorted.transaction.map((record) => [record.id, record]));
    const transactions: BookTransaction[] = [];
    for (const record of sorted['transaction-state']) {
      transactions.push(restoreTransaction(record, bytes.get(record.id)));
      if (transactions.length % TRANSACTIONS_PER_STEP === 0) yield;
    }
    transactions.sort((a, b) => a.orderPosition - b.orderPosition);
    this.transactions.restore(transactions, sorted['best-block'][0] ?? null);
  }
}

type RecordsByKind = { [K in BookRecord['kind']]: Extract<BookRecord, { readonly kind: K }>[] };

function sortRecords(records: Iterable<BookRecord>): RecordsByKind {
  const sorted: RecordsByKind = {
    descriptor: [],
    'descriptor-keys': [],
    transaction: [],
    'transaction-state': [],
    address: [],
    'locked-coin': [],
    'best-block': [],
  };
  for (const record of records) (sorted[record.kind] as BookRecord[]).push(record);
  return sorted;
}

function restoreTransaction(record: TransactionStateRecord, bytes: TransactionRecord | undefined): BookTransaction {
  const parsed = parseHex(bytes?.hex ?? '');
  const decoded = parsed.ok ? decodeTransaction(parsed.value) : parsed;
  if (!decoded.ok) throw new BookRecordError('transaction', record.id);
  const { kind: _kind, id, state, orderPosition, timeReceivedSec, timeSmartSec, ...notes } = record;
  const data = { orderPosition, timeReceivedSec, state: restoreState(state), notes };
  const restored = new BookTransaction(decoded.value, data);
  if (restored.txidText !== id) throw new BookRecordError('transaction', id);
  restored.timeSmartSec = timeSmartSec;
  return restored;
}

function restoreState(state: StoredTxState): TxState {
  if (state.kind === 'inactive') return state;
  const blockHash = parseBlockHash(state.blockHash);
  if (blockHash === null) throw new BookRecordError('transaction', state.blockHash);
  return { ...state, blockHash };
}
