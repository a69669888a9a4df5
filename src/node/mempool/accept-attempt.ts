// One transaction on its way into the mempool, in pieces: a transaction of 1,400 inputs takes tens of milliseconds, and other peers
// should not wait for it (D09). Between two pieces anything may happen. What the scripts said stays true, since it depends on the
// transaction and its coins alone, and a coin never changes; everything before them is judged again if the mempool or the tip moved,
// and once more at the end, when the transaction enters without a further pause.

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { assert } from '../../kernel/util/assert.ts';
import type { RejectedTransaction, SingleResult } from './accept-result.ts';
import { checkScripts, countScriptSteps } from './accept-scripts.ts';
import { checkBeforeScripts, finish, rejectSingle } from './accept-single.ts';
import { type AcceptArgs, type AcceptContext, Subpackage, Workspace } from './accept-workspace.ts';

/** The state of the mempool and the chain that something was judged in. */
interface Moment {
  readonly transactionsUpdated: number;
  readonly tip: BlockEntry;
}

/**
 * An acceptance that is under way.
 *
 * @example
 * for (;;) {
 *   const result = attempt.step(100);
 *   if (result === 'fetch') await fetchCoins(acceptance.unknownOutpoints(transaction));
 *   else if (result === 'more') await pause();
 *   else return result;
 * }
 */
export class AcceptAttempt {
  readonly #context: AcceptContext;
  readonly #args: AcceptArgs;
  readonly #transaction: Transaction;
  /** Script steps that are done. */
  #done = 0;
  /** When everything before the scripts was judged last. */
  #moment: Moment | null = null;
  #ws: Workspace;

  constructor(context: AcceptContext, args: AcceptArgs, transaction: Transaction) {
    this.#context = context;
    this.#args = args;
    this.#transaction = transaction;
    this.#ws = new Workspace(transaction);
  }

  /**
   * Goes on, verifying at most `inputBudget` inputs; each has two turns, of which the second is cheap. `more`: call again, now or
   * after other things. `fetch`: coins were forgotten meanwhile and must be fetched again first. Otherwise the result; then the
   * attempt is over.
   */
  step(inputBudget: number): SingleResult | 'more' | 'fetch' {
    assert(inputBudget >= 1, 'accept attempt: a step that gets on');
    const group = new Subpackage(this.#context.mempool);
    try {
      return this.#step(inputBudget, group);
    } finally {
      group.end();
    }
  }

  #step(stepCount: number, group: Subpackage): SingleResult | 'more' | 'fetch' {
    const context = this.#context;
    const all = countScriptSteps(this.#ws);
    const end = Math.min(all, this.#done + stepCount);
    if (end === all || this.#hasMoved()) {
      this.#ws = new Workspace(this.#transaction);
      const refused = checkBeforeScripts(context, this.#args, this.#ws, group);
      if (refused !== null) return this.#lacksCoins(refused) ? 'fetch' : refused;
      this.#moment = this.#now();
    }
    const reject = checkScripts(context, this.#ws, this.#done, end);
    if (reject !== null) return rejectSingle(context, this.#ws, reject);
    this.#done = end;
    return end === all ? finish(context, this.#args, this.#ws, group) : 'more';
  }

  /** True when a coin is not missing, but unknown. */
  #lacksCoins({ reject }: RejectedTransaction): boolean {
    const { coins } = this.#context;
    return reject.kind === 'missing-inputs' && coins.unknownOutpoints(this.#transaction, 1).length > 0;
  }

  #now(): Moment {
    const { mempool, chain } = this.#context;
    return { transactionsUpdated: mempool.transactionsUpdated, tip: chain.tip };
  }

  #hasMoved(): boolean {
    const { mempool, chain } = this.#context;
    const moment = this.#moment;
    return moment === null || moment.transactionsUpdated !== mempool.transactionsUpdated || moment.tip !== chain.tip;
  }
}
