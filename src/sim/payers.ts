// People who pay: at random moments somebody hands a payment to one of the nodes, or two payments with the same coin to two nodes at
// once. They know the ledger of the node that they ask, remember what they have spent, and pay on with money that is not confirmed
// yet; what becomes of their payments is for the checkers to say.

import type { Transaction, TransactionOutput } from '../kernel/primitives/transaction.ts';
import { toHex } from '../kernel/util/bytes.ts';
import type { Rng } from '../kernel/util/prng.ts';
import { drawBetween, drawChance, drawOne, drawWaitMs } from './chance.ts';
import type { ReferenceLedger } from './checker/reference-ledger.ts';
import { type FoundCoin, OP_TRUE, pickCoins, spendCoins, sumOfCoins } from './coin-pick.ts';
import type { SimNode } from './sim-node.ts';
import type { PaymentRates } from './swarm.ts';
import { type Cancel, WORLD, type World } from './world.ts';

/** How many payments came to what. */
export interface PaymentCounts {
  acceptedCount: number;
  refusedCount: number;
  /** Pairs that spend the same coin. */
  doubleCount: number;
}

/** What people stand in. */
export interface PayersParts {
  readonly world: World;
  readonly ledger: ReferenceLedger;
  readonly nodes: readonly SimNode[];
  readonly rates: PaymentRates;
  /** Wanted time between two blocks. */
  readonly intervalMs: number;
}

/** Above what the mempool asks for at least, far above for the size of these payments. */
const FEE_MIN_SAT = 500;
const FEE_SPREAD_SAT = 20_000;

/** One payment in so many thousand spends money that is not confirmed. */
const UNCONFIRMED_PER_MILLE = 300;

/** Own outputs that are remembered to be spent before they are confirmed. */
const FRESH_MAX = 20;

/** Makes payments. */
export class Payers {
  readonly counts: PaymentCounts = { acceptedCount: 0, refusedCount: 0, doubleCount: 0 };
  /** Called with every payment that is handed in, for who has ears everywhere. */
  readonly onShown: ((transaction: Transaction, node: SimNode) => void)[] = [];
  readonly #parts: PayersParts;
  readonly #rng: Rng;
  /** Coins that were spent once; nobody wants to spend them again by mistake. */
  readonly #taken: Set<string> = new Set();
  #fresh: FoundCoin[] = [];
  #cancel: Cancel | null = null;

  constructor(parts: PayersParts) {
    this.#parts = parts;
    this.#rng = parts.world.fork('payers');
  }

  /** Pays until {@link stop}. */
  start(): void {
    const { world, rates, intervalMs } = this.#parts;
    if (rates.perBlockPerMille === 0) return;
    const waitMs = drawWaitMs(this.#rng, (intervalMs * 1000) / rates.perBlockPerMille);
    this.#cancel = world.after(waitMs, 'pay', WORLD, () => {
      this.#payOnce();
      this.start();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #payOnce(): void {
    const rng = this.#rng;
    const { nodes, rates } = this.#parts;
    const node = drawOne(rng, nodes);
    const coins = this.#chooseCoins(node);
    if (coins.length === 0) return;
    this.#handIn(node, this.#makePayment(node, coins));
    if (!drawChance(rng, rates.doublePerMille)) return;
    this.counts.doubleCount++;
    const other = drawOne(rng, nodes);
    this.#handIn(other, this.#makePayment(other, coins));
  }

  /** A payment of confirmed money at a node; null when it is not at work, or no coin is found. */
  payConfirmed(node: SimNode): Transaction | null {
    const tip = node.ledgerTip();
    if (tip === null || node.mempool === null) return null;
    const coins = pickCoins(this.#parts.ledger, this.#rng, tip, this.#taken, 1);
    return coins.length === 0 ? null : this.#makePayment(node, coins);
  }

  /** Hands a payment in; resolves to whether it was accepted, or never when the node does not live to answer. */
  async submit(node: SimNode, transaction: Transaction): Promise<boolean> {
    for (const listener of this.onShown) listener(transaction, node);
    const answer = node.submitPayment(transaction);
    const result = answer === null ? null : await answer;
    if (result?.outcome === 'accepted') {
      this.counts.acceptedCount++;
      return true;
    }
    this.counts.refusedCount++;
    const why = result === null ? 'nobody there' : result.reject.reason;
    this.#parts.world.note(`node ${node.owner} refuses ${toHex(transaction.txid).slice(0, 10)}: ${why}`);
    return false;
  }

  #handIn(node: SimNode, transaction: Transaction): void {
    void this.submit(node, transaction).then((isAccepted) => {
      if (isAccepted) this.#rememberOutputs(transaction);
    });
  }

  #chooseCoins(node: SimNode): FoundCoin[] {
    const rng = this.#rng;
    const tip = node.ledgerTip();
    if (tip === null || node.mempool === null) return [];
    if (this.#fresh.length > 0 && drawChance(rng, UNCONFIRMED_PER_MILLE)) {
      return this.#fresh.splice(rng.below(this.#fresh.length), 1);
    }
    return pickCoins(this.#parts.ledger, rng, tip, this.#taken, drawBetween(rng, 1, 2));
  }

  /** Two or three outputs of about equal value, so that it is never too small to be relayed. */
  #makePayment(node: SimNode, coins: readonly FoundCoin[]): Transaction {
    const rng = this.#rng;
    const inSat = sumOfCoins(coins);
    const outSat = Math.max(0, inSat - FEE_MIN_SAT - rng.below(FEE_SPREAD_SAT));
    const count = drawBetween(rng, 2, 3);
    const shareSat = Math.floor(outSat / count);
    const outputs = Array.from({ length: count }, (_, i): TransactionOutput => {
      return { valueSat: i === 0 ? outSat - shareSat * (count - 1) : shareSat, scriptPubKey: OP_TRUE };
    });
    const height = node.ledgerTip()?.height ?? 0;
    return spendCoins(coins, outputs, drawChance(rng, 300) ? height - rng.below(3) : 0);
  }

  #rememberOutputs(transaction: Transaction): void {
    const txid = toHex(transaction.txid);
    const coin = { valueSat: BigInt(transaction.valueSat(0)), script: '51', height: 0, isCoinbase: false };
    this.#fresh.push({ outpoint: `${txid}:0`, coin });
    this.#fresh = this.#fresh.slice(-FRESH_MAX);
  }
}
