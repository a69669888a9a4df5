// The books of a wallet with what they have stored, for tests: records go through JSON, and another wallet is made of them at will.

import assert from 'node:assert/strict';
import { createRegtestParams } from '../../src/kernel/consensus/networks/regtest.ts';
import type { Secp256k1 } from '../../src/kernel/crypto/secp256k1.ts';
import { nobleSecp256k1 as noble } from '../../src/kernel/crypto/secp256k1-noble.ts';
import type { Transaction } from '../../src/kernel/primitives/transaction.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { ChangeList, finishSteps } from '../../src/wallet/books/change-list.ts';
import {
  collectSecrets,
  type DescriptorSecrets,
  type SecretsSource,
} from '../../src/wallet/books/descriptor-secrets.ts';
import type { AddressUse, BookRecord, BookSteps, TransactionNews } from '../../src/wallet/books/records.ts';
import type { DescriptorImport } from '../../src/wallet/books/script-book.ts';
import type { SeenBlock } from '../../src/wallet/books/tx-book.ts';
import { WalletBooks } from '../../src/wallet/books/wallet-books.ts';
import type { Descriptor } from '../../src/wallet/descriptor/descriptor.ts';
import { KeyRing } from '../../src/wallet/descriptor/key-ring.ts';
import { parseDescriptor } from '../../src/wallet/descriptor/parse.ts';

const { prefixes } = createRegtestParams();

/** A root of Core's functional tests, and its public side. */
export const TPRV =
  'tprv8ZgxMBicQKsPd7Uf69XL1XwhmjHopUGep8GuEiJDZmbQz6o58LninorQAfcKZWARbtRtfnLcJ5MQ2AtHcQJCCRUcMRvmDUjyEmNUWwx8UbK';
export const TPUB =
  'tpubD6NzVbkrYhZ4WaWSyoBvQwbpLkojyoTZPRsgXELWz3Popb3qkjcJyJUGLnL4qHHoQvao8ESaAstxYSnhyswJ76uZPStJRJCTKvosUCJZL5B';

/** Where receiving and change addresses of the tests come from. */
export const RECEIVE: string = `wpkh(${TPUB}/0/*)`;
export const CHANGE: string = `wpkh(${TPUB}/1/*)`;

/** A descriptor and the secrets that its text held. */
export function parseWithSecrets(text: string): {
  readonly descriptor: Descriptor;
  readonly secrets: DescriptorSecrets;
} {
  const ring = new KeyRing();
  const parsed = parseDescriptor(text, { prefixes, secp: noble, ring });
  assert.ok(parsed.ok && parsed.value.length === 1, text);
  const descriptor = parsed.value[0]!;
  return { descriptor, secrets: collectSecrets(descriptor, ring) };
}

/** How the books of a test differ. */
export interface StoredBooksOptions {
  readonly keypoolSize?: number;
  readonly avoidsReuse?: boolean;
  readonly secretsOf?: SecretsSource;
  readonly secp?: Secp256k1;
}

/** A wallet with what it has stored. */
export class StoredBooks {
  books: WalletBooks;
  readonly records: Map<string, string> = new Map();
  /** What the last command told of transactions. */
  news: TransactionNews = { changed: [], met: [] };
  readonly #options: StoredBooksOptions;

  constructor(options: StoredBooksOptions = {}) {
    this.#options = options;
    this.books = this.#empty();
  }

  #empty(): WalletBooks {
    const { keypoolSize = 10, avoidsReuse = false, secretsOf = () => null, secp = noble } = this.#options;
    const flags = { avoidsReuse, spendsUnconfirmedChange: true };
    return new WalletBooks({ prefixes, keypoolSize }, flags, { secp, rng: createRng(3), secretsOf });
  }

  /** Runs a command and stores what it changed. */
  run<T>(command: (changes: ChangeList) => BookSteps<T>): T {
    const changes = new ChangeList();
    const value = finishSteps(command(changes));
    this.#store(changes);
    return value;
  }

  /** The same for a command without steps. */
  do<T>(command: (changes: ChangeList) => T): T {
    const changes = new ChangeList();
    const value = command(changes);
    this.#store(changes);
    return value;
  }

  #store(changes: ChangeList): void {
    const { puts, deletes, news } = changes.finish();
    for (const record of puts) this.records.set(`${record.kind}/${record.id}`, JSON.stringify(record));
    for (const { kind, id } of deletes) this.records.delete(`${kind}/${id}`);
    this.news = news;
  }

  /** Adds a descriptor; the value is its id or the error. */
  add(text: string, rest: Partial<DescriptorImport> = {}) {
    const { descriptor, secrets } = parseWithSecrets(text);
    const request = {
      descriptor,
      secrets,
      createdSec: 1,
      rangeStart: 0,
      rangeEnd: 1,
      nextIndex: null,
      activeFor: null,
    };
    return this.run((changes) => this.books.scripts.add({ ...request, ...rest }, changes));
  }

  /** Adds the descriptors that receiving and change addresses come from. */
  addUsual(rangeEnd: number = this.#options.keypoolSize ?? 10): this {
    for (const [text, activeFor] of [[RECEIVE, 'receive'] as const, [CHANGE, 'change'] as const]) {
      assert.ok(this.add(text, { rangeEnd, activeFor }).ok);
    }
    return this;
  }

  /** The script of a new address. */
  newScript(use: AddressUse = 'receive'): Uint8Array {
    const given = this.run((changes) => this.books.scripts.newAddress('bech32', use, changes));
    assert.ok(given.ok);
    return given.value.script;
  }

  connect(block: SeenBlock, transactions: readonly Transaction[], nowSec: number, isRescan = false): void {
    this.run((changes) => this.books.transactions.blockConnected(block, transactions, { nowSec, isRescan }, changes));
  }

  enter(transaction: Transaction, nowSec: number): void {
    this.run((changes) => this.books.transactions.transactionAdded(transaction, nowSec, changes));
  }

  restart(): void {
    const stored = [...this.records.values()].map((text) => JSON.parse(text) as BookRecord);
    this.books = this.#empty();
    finishSteps(this.books.restore(stored));
  }
}
