// The books of a wallet without any books: lists of the blocks and transactions that it was told of, out of which everything is
// computed anew each time. What cannot be computed from lists are a few words of the owner: what is abandoned, what was spent from.

import { toHex } from '../../src/kernel/util/bytes.ts';
import type { LedgerBlock, LedgerTx } from './wallet-ledger.ts';

/** An output of the wallet. */
export interface NaiveOutput {
  readonly name: string;
  readonly id: string;
  readonly valueSat: number;
  readonly scriptHex: string;
}

/** Money by how sure it is. */
export interface NaiveBalance {
  trustedSat: number;
  untrustedPendingSat: number;
  immatureSat: number;
  usedSat: number;
  nonmempoolSat: number;
}

interface Facts {
  readonly heights: ReadonlyMap<string, string>;
  readonly spentInChain: ReadonlyMap<string, { readonly id: string; readonly height: number }>;
  readonly states: Map<string, string>;
  readonly blockers: Map<string, ReadonlySet<string>>;
}

/** A wallet that remembers lists only. */
export class NaiveWallet {
  readonly known: Map<string, LedgerTx> = new Map();
  readonly blocks: LedgerBlock[] = [];
  mempool: ReadonlyMap<string, LedgerTx> = new Map();
  readonly abandoned: Set<string> = new Set();
  readonly used: Set<string> = new Set();
  readonly avoidsReuse: boolean;
  readonly #isMine: (scriptHex: string) => boolean;
  readonly #outputs: Map<string, NaiveOutput> = new Map();

  constructor(isMine: (scriptHex: string) => boolean, avoidsReuse: boolean) {
    this.#isMine = isMine;
    this.avoidsReuse = avoidsReuse;
  }

  get height(): number {
    return this.blocks.at(-1)?.height ?? -1;
  }

  /** Looks at a transaction; it is known from then on if it has to do with the wallet. */
  see(tx: LedgerTx): void {
    const pays = outputsOf(tx).filter(({ scriptHex }) => this.#isMine(scriptHex));
    const spendsOurs = tx.spends.some((name) => this.#outputs.has(name));
    if (!this.known.has(tx.id) && pays.length === 0 && !spendsOurs) return;
    this.known.set(tx.id, tx);
    for (const output of pays) this.#outputs.set(output.name, output);
    if (!this.avoidsReuse) return;
    for (const name of tx.spends) {
      const output = this.#outputs.get(name);
      if (output !== undefined) this.used.add(output.scriptHex);
    }
  }

  connect(block: LedgerBlock): void {
    this.blocks.push(block);
    for (const tx of block.txs) this.see(tx);
    this.#forgetAbandoned();
  }

  rewind(height: number): void {
    while (this.height > height) {
      const block = this.blocks.pop()!;
      for (const tx of block.txs) if (tx.isCoinbase && this.known.has(tx.id)) this.#abandonAll(tx.id);
    }
  }

  /** What stands in chain or mempool, or is excluded by the chain, is not abandoned any more. */
  #forgetAbandoned(): void {
    if (this.abandoned.size === 0) return;
    const { states } = this.facts();
    for (const id of [...this.abandoned]) if (!states.get(id)!.startsWith('inactive')) this.abandoned.delete(id);
  }

  entered(tx: LedgerTx): void {
    this.see(tx);
    this.abandoned.delete(tx.id);
  }

  /** The owner gives up a transaction that stands nowhere. */
  abandon(id: string): void {
    const { states } = this.facts();
    if (!states.get(id)!.startsWith('inactive')) return;
    this.abandoned.add(id);
    for (const child of this.#childrenOf(id)) if (!this.abandoned.has(child)) this.abandon(child);
  }

  #abandonAll(id: string): void {
    this.abandoned.add(id);
    for (const child of this.#childrenOf(id)) this.#abandonAll(child);
  }

  #childrenOf(id: string): readonly string[] {
    const children = [...this.known.values()].filter(({ spends }) => spends.some((name) => name.startsWith(id)));
    return children.map((child) => child.id);
  }

  /** Where every known transaction stands, as text; and which transactions of the mempool exclude it. */
  facts(): Facts {
    const heights: Map<string, string> = new Map();
    const spentInChain: Map<string, { id: string; height: number }> = new Map();
    for (const { height, txs } of this.blocks) {
      for (const [index, tx] of txs.entries()) {
        heights.set(tx.id, `confirmed ${height} ${index}`);
        if (!tx.isCoinbase) for (const name of tx.spends) spentInChain.set(name, { id: tx.id, height });
      }
    }
    const facts: Facts = { heights, spentInChain, states: new Map(), blockers: new Map() };
    for (const id of this.known.keys()) this.#settle(id, facts);
    return facts;
  }

  #settle(id: string, facts: Facts): void {
    if (facts.states.has(id)) return;
    const tx = this.known.get(id)!;
    const parents = tx.isCoinbase ? [] : tx.spends.map((name) => name.slice(0, 64)).filter((p) => this.known.has(p));
    for (const parent of parents) this.#settle(parent, facts);
    const isSettled = facts.heights.has(id) || this.mempool.has(id);
    const blockers: Set<string> = new Set();
    let lowest = Number.POSITIVE_INFINITY;
    for (const name of tx.spends) {
      const spender = facts.spentInChain.get(name);
      if (spender !== undefined && spender.id !== id) lowest = Math.min(lowest, spender.height);
      for (const other of this.mempool.values())
        if (other.id !== id && other.spends.includes(name)) blockers.add(other.id);
    }
    for (const parent of parents) {
      const [kind, height] = facts.states.get(parent)!.split(' ');
      if (kind === 'block-conflicted') lowest = Math.min(lowest, Number(height));
      for (const blocker of facts.blockers.get(parent)!) blockers.add(blocker);
    }
    facts.blockers.set(id, isSettled ? new Set() : blockers);
    const excluded = lowest === Number.POSITIVE_INFINITY ? null : `block-conflicted ${lowest}`;
    const waiting = this.mempool.has(id) ? 'in-mempool' : null;
    const idle = this.abandoned.has(id) ? 'inactive abandoned' : 'inactive';
    facts.states.set(id, facts.heights.get(id) ?? waiting ?? excluded ?? idle);
  }

  /** Own outputs that can be had: in chain or mempool, and nothing that still counts spends them. */
  coins(facts: Facts, includesNonmempool = false): readonly NaiveOutput[] {
    const spent: Map<string, boolean> = new Map();
    for (const [id, tx] of this.known) {
      const state = facts.states.get(id)!;
      const stands = state.startsWith('confirmed') || state === 'in-mempool';
      const isWaiting = state === 'inactive' && facts.blockers.get(id)!.size === 0;
      if (stands || isWaiting) for (const name of tx.spends) spent.set(name, stands || spent.get(name) === true);
    }
    return [...this.#outputs.values()].filter(({ id, name }) => {
      const state = facts.states.get(id)!;
      if (!state.startsWith('confirmed') && state !== 'in-mempool') return false;
      return includesNonmempool ? spent.get(name) !== true : !spent.has(name);
    });
  }

  isImmature(id: string, facts: Facts): boolean {
    const state = facts.states.get(id)!;
    if (!this.known.get(id)!.isCoinbase) return false;
    return !state.startsWith('confirmed') || this.height - Number(state.split(' ')[1]) + 1 < 101;
  }

  isTrusted(id: string, facts: Facts): boolean {
    const state = facts.states.get(id);
    if (state === undefined) return false;
    if (state.startsWith('confirmed')) return true;
    if (state !== 'in-mempool') return false;
    return this.known
      .get(id)!
      .spends.every((name) => this.#outputs.has(name) && this.isTrusted(name.slice(0, 64), facts));
  }

  balance(facts: Facts, includesNonmempool: boolean): NaiveBalance {
    const sums = { trustedSat: 0, untrustedPendingSat: 0, immatureSat: 0, usedSat: 0, nonmempoolSat: 0 };
    const plain = new Set(this.coins(facts).map(({ name }) => name));
    for (const { id, name, valueSat, scriptHex } of this.coins(facts, includesNonmempool)) {
      if (this.isImmature(id, facts)) {
        sums[this.used.has(scriptHex) ? 'usedSat' : 'immatureSat'] += valueSat;
      } else if (this.used.has(scriptHex)) sums.usedSat += valueSat;
      else sums[this.isTrusted(id, facts) ? 'trustedSat' : 'untrustedPendingSat'] += valueSat;
      if (!plain.has(name)) sums.nonmempoolSat -= valueSat;
    }
    return sums;
  }

  /** What a transaction took from own outputs and paid to own scripts. */
  sums(id: string): { readonly debitSat: number; readonly creditSat: number } {
    const tx = this.known.get(id)!;
    const debitSat = tx.spends.reduce((sum, name) => sum + (this.#outputs.get(name)?.valueSat ?? 0), 0);
    const own = outputsOf(tx).filter(({ scriptHex }) => this.#isMine(scriptHex));
    return { debitSat, creditSat: own.reduce((sum, { valueSat }) => sum + valueSat, 0) };
  }
}

function outputsOf({ id, tx }: LedgerTx): readonly NaiveOutput[] {
  return Array.from({ length: tx.outputCount }, (_, j) => ({
    name: `${id}:${j}`,
    id,
    valueSat: tx.valueSat(j),
    scriptHex: toHex(tx.scriptPubKey(j)),
  }));
}
