// The transactions of a wallet with what hangs on them: who spends which outpoint, which outputs are the wallet's, which of those may
// still be spent, and what was paid to which script. It keeps these in step with each other; which state a transaction has, and why, is
// the transaction book's to decide.

import type { Txid } from '../../kernel/primitives/hashes.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import { BookOutput, type BookTransaction, type OutpointSlot } from './book-transaction.ts';
import { OutpointTable } from './outpoint-table.ts';
import type { ScriptBook } from './script-book.ts';
import type { SpendKind, TxState } from './wallet-transaction.ts';

/** Transactions and outputs. */
export class TransactionSet {
  readonly #scripts: ScriptBook;
  readonly #transactions: Map<string, BookTransaction> = new Map();
  /** In the order of their positions. */
  #ordered: BookTransaction[] = [];
  readonly #outpoints: OutpointTable;
  /** Own outputs that no confirmed transaction spends. */
  readonly #live: Set<BookOutput> = new Set();
  readonly #byScript: Map<string, BookOutput[]> = new Map();
  #version = 0;

  /** `rng` gives salts. */
  constructor(scripts: ScriptBook, rng: Rng) {
    this.#scripts = scripts;
    this.#outpoints = new OutpointTable(rng);
  }

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  /** Notes that something is different now that was not changed through here. */
  bump(): void {
    this.#version++;
  }

  /** All transactions, the one that became known first at the front. */
  get ordered(): readonly BookTransaction[] {
    return this.#ordered;
  }

  /** Own outputs that no confirmed transaction spends, whatever their own transactions are. */
  get live(): ReadonlySet<BookOutput> {
    return this.#live;
  }

  get(txidText: string): BookTransaction | null {
    return this.#transactions.get(txidText) ?? null;
  }

  find(txid: Txid): BookTransaction | null {
    return this.get(formatHash(txid));
  }

  /** What is known of an outpoint by its text, `txid:index`. */
  ownOutput(txidText: string, index: number): BookOutput | null {
    return this.get(txidText)?.ownOutputs.find((output) => output.index === index) ?? null;
  }

  /** Own outputs with a script, in the order in which they became known. */
  outputsOf(scriptHex: string): readonly BookOutput[] {
    return this.#byScript.get(scriptHex) ?? [];
  }

  /** Scripts that something was paid to. */
  paidScripts(): Iterable<string> {
    return this.#byScript.keys();
  }

  /** What is known of the output that an input spends. */
  slotOf(transaction: Transaction, inputIndex: number): OutpointSlot | null {
    return this.#outpoints.find(transaction.bytes, transaction.prevoutStart(inputIndex));
  }

  /** True when a transaction pays to a script of the wallet. */
  paysUs(transaction: Transaction): boolean {
    for (let j = 0; j < transaction.outputCount; j++) {
      if (this.#scripts.isMine(transaction.bytes, transaction.scriptPubKeyStart(j), transaction.scriptPubKeyEnd(j))) {
        return true;
      }
    }
    return false;
  }

  /** True when a transaction has to do with the wallet, if only by spending what one of its transactions spends. Makes no object. */
  touches(transaction: Transaction): boolean {
    for (let i = 0; i < transaction.inputCount; i++) if (this.slotOf(transaction, i) !== null) return true;
    return this.paysUs(transaction);
  }

  /** Adds a transaction that is not there. */
  insert(added: BookTransaction): void {
    const { transaction } = added;
    this.#version++;
    this.#transactions.set(added.txidText, added);
    const last = this.#ordered.at(-1);
    this.#ordered.push(added);
    if (last !== undefined && last.orderPosition > added.orderPosition) this.#sortByPosition();
    if (!added.isCoinbase) {
      for (let i = 0; i < transaction.inputCount; i++) {
        const slot = this.#outpoints.claim(transaction.bytes, transaction.prevoutStart(i));
        slot.spenders.push(added);
        added.inputs.push(slot);
      }
    }
    this.adoptOutputs(added);
    this.#refreshSpent(added);
  }

  #sortByPosition(): void {
    this.#ordered.sort((a, b) => a.orderPosition - b.orderPosition);
  }

  /** Takes the outputs of a transaction that are the wallet's and were not so far. True when there are such. */
  adoptOutputs(from: BookTransaction): boolean {
    const { transaction, txid, ownOutputs } = from;
    let isChanged = false;
    for (let index = 0; index < transaction.outputCount; index++) {
      const start = transaction.scriptPubKeyStart(index);
      const end = transaction.scriptPubKeyEnd(index);
      if (!this.#scripts.isMine(transaction.bytes, start, end)) continue;
      const slot = this.#outpoints.claimOutpoint({ txid, index });
      if (slot.own !== null) continue;
      slot.own = new BookOutput(from, index, slot);
      ownOutputs.push(slot.own);
      this.#addToScript(slot.own);
      if (!isSpentInChain(slot)) this.#live.add(slot.own);
      isChanged = true;
    }
    if (isChanged) this.#version++;
    return isChanged;
  }

  #addToScript(output: BookOutput): void {
    const outputs = this.#byScript.get(output.scriptHex);
    if (outputs === undefined) this.#byScript.set(output.scriptHex, [output]);
    else outputs.push(output);
  }

  setState(changed: BookTransaction, state: TxState): void {
    changed.state = state;
    this.#version++;
    this.#refreshSpent(changed);
  }

  /** Own outputs that a transaction spends, or no longer spends, for good. */
  #refreshSpent({ inputs }: BookTransaction): void {
    for (const slot of inputs) {
      if (slot.own === null) continue;
      if (isSpentInChain(slot)) this.#live.delete(slot.own);
      else this.#live.add(slot.own);
    }
  }

  /** Transactions of the wallet that spend outputs of this one, own or not. */
  *children({ txid, transaction }: BookTransaction): Generator<BookTransaction, void, void> {
    for (let index = 0; index < transaction.outputCount; index++) {
      const slot = this.#outpoints.findOutpoint({ txid, index });
      if (slot !== null) yield* slot.spenders;
    }
  }

  /** Takes a transaction out, as if it had never been seen. */
  remove(removed: BookTransaction): void {
    this.#version++;
    this.#transactions.delete(removed.txidText);
    this.#ordered = this.#ordered.filter((other) => other !== removed);
    for (const { spenders } of removed.inputs) spenders.splice(spenders.indexOf(removed), 1);
    this.#refreshSpent(removed);
    for (const output of removed.ownOutputs) {
      output.slot.own = null;
      this.#live.delete(output);
      const others = this.outputsOf(output.scriptHex).filter((other) => other !== output);
      if (others.length === 0) this.#byScript.delete(output.scriptHex);
      else this.#byScript.set(output.scriptHex, others);
    }
  }
}

function isSpentInChain(slot: OutpointSlot): boolean {
  return slot.spenders.some(({ state }) => state.kind === 'confirmed');
}

/** How an output is spent, by the strongest of its spenders (Core HowSpent). */
export function spendKindOf(slot: OutpointSlot): SpendKind {
  let kind: SpendKind = 'unspent';
  for (const spender of slot.spenders) {
    if (spender.state.kind === 'confirmed') return 'confirmed';
    if (spender.state.kind === 'in-mempool') kind = 'mempool';
    else if (kind === 'unspent' && !spender.isDead) kind = 'inactive';
  }
  return kind;
}
