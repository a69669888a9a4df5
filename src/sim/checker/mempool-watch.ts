// Watches the mempool of every node against the reference ledger: at each new tip and in between all that waits can be in the next
// block together, fees are exact, totals are sums, limits are kept; and after every reorganisation it is the mempool that would be
// built from nothing: what waited before and what the blocks taken off contained, as far as it is still good (M08), and as far as no
// block on the way spent its coins otherwise: when such a block comes off again, what it drove out stays out (Core removeForBlock).

import type { Chainstate } from '../../kernel/chain/chainstate.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import type { Mempool } from '../../node/mempool/mempool.ts';
import type { NodeWatcher, SimNode } from '../sim-node.ts';
import type { World } from '../world.ts';
import { readBlockText, readTransactionText, type TransactionText } from './ledger-text.ts';
import { NextBlock } from './next-block.ts';
import type { LedgerBlock, ReferenceLedger } from './reference-ledger.ts';

/** Smaller transactions are not relayed, and do not come back after a reorganisation (Core MIN_STANDARD_TX_NONWITNESS_SIZE). */
const RELAYED_BYTES_MIN = 65;

/** A reorganisation under way. */
interface Reorganisation {
  /** What waited, and what came off since. */
  readonly payments: Map<string, TransactionText>;
}

/** Reorganisations after which a mempool was compared with the one rebuilt from nothing. */
export interface RebuiltFigures {
  rebuiltCount: number;
  /** The most payments that waited before or came off in one of them. */
  rebuiltFromMax: number;
  /** The most that were still good afterwards. */
  rebuiltMax: number;
}

/** Sees the mempool of every node. */
export class MempoolWatch implements NodeWatcher {
  readonly #world: World;
  readonly #ledger: ReferenceLedger;
  readonly #reorganisations: Map<SimNode, Reorganisation> = new Map();
  readonly figures: RebuiltFigures = { rebuiltCount: 0, rebuiltFromMax: 0, rebuiltMax: 0 };

  constructor(world: World, ledger: ReferenceLedger) {
    this.#world = world;
    this.#ledger = ledger;
  }

  onOpened(node: SimNode): void {
    const { chain } = node;
    if (chain !== null) this.#watchChain(node, chain);
  }

  #watchChain(node: SimNode, { signals }: Chainstate): void {
    this.#reorganisations.delete(node);
    signals.blockDisconnected.subscribe(({ block }) => {
      const { mempool } = node;
      if (mempool === null) return;
      const { payments } = this.#reorganisations.get(node) ?? this.#begin(node, mempool.mempool);
      const [, ...texts] = readBlockText(block.serialized()).transactions;
      texts.forEach((text, i) => {
        const isRelayed = block.transaction(i + 1).strippedSize >= RELAYED_BYTES_MIN;
        if (isRelayed) payments.set(text.txid, text);
      });
    });
    signals.blockConnected.subscribe(({ block }) => {
      const reorganisation = this.#reorganisations.get(node);
      if (reorganisation === undefined) return;
      const [, ...texts] = readBlockText(block.serialized()).transactions;
      dropConflicts(reorganisation.payments, texts);
    });
  }

  /** What is heard of the first block that comes off, nothing has been done about yet. */
  #begin(node: SimNode, mempool: Mempool): Reorganisation {
    const reorganisation = { payments: readPayments(mempool) };
    this.#reorganisations.set(node, reorganisation);
    return reorganisation;
  }

  onTip(node: SimNode, tip: LedgerBlock): void {
    const { mempool } = node;
    const reorganisation = this.#reorganisations.get(node);
    this.#reorganisations.delete(node);
    if (mempool === null) return;
    if (!mempool.keeper.isInStep) this.#fail(node, 'is told of a tip before its mempool fits it');
    this.#check(node, tip, mempool.mempool);
    if (reorganisation !== undefined) this.#checkRebuilt(node, tip, mempool.mempool, reorganisation);
  }

  /** Looks at all nodes now. */
  look(nodes: readonly SimNode[]): void {
    for (const node of nodes) {
      const { mempool } = node;
      const tip = node.ledgerTip();
      if (mempool === null || tip === null || !mempool.keeper.isInStep) continue;
      mempool.mempool.sanityCheck();
      this.#check(node, tip, mempool.mempool);
    }
  }

  #check(node: SimNode, tip: LedgerBlock, mempool: Mempool): void {
    const fault = findPoolFault(mempool, new NextBlock(this.#ledger, tip));
    if (fault !== null) this.#fail(node, `at ${tip.height} ${fault}`);
  }

  #checkRebuilt(node: SimNode, tip: LedgerBlock, mempool: Mempool, { payments }: Reorganisation): void {
    const rebuilt = new NextBlock(this.#ledger, tip).keep(payments);
    const found = readPayments(mempool);
    const { figures } = this;
    figures.rebuiltCount++;
    figures.rebuiltFromMax = Math.max(figures.rebuiltFromMax, payments.size);
    figures.rebuiltMax = Math.max(figures.rebuiltMax, rebuilt.size);
    const lost = [...rebuilt.keys()].find((txid) => !found.has(txid));
    const extra = [...found.keys()].find((txid) => !rebuilt.has(txid));
    if (lost !== undefined) this.#fail(node, `at ${tip.height} has lost ${lost} in a reorganisation`);
    if (extra !== undefined) this.#fail(node, `at ${tip.height} has ${extra} since a reorganisation, and should not`);
  }

  #fail(node: SimNode, what: string): void {
    this.#world.fail('mempool', `node ${node.owner} ${what}`);
  }
}

/** Takes out what spends a coin that others have spent now, and all that spends outputs of it. */
function dropConflicts(payments: Map<string, TransactionText>, confirmed: readonly TransactionText[]): void {
  const spent = new Set(confirmed.flatMap(({ spends }) => spends));
  const kept = new Set(confirmed.map(({ txid }) => txid));
  const gone = new Set<string>();
  for (let before = -1; before < gone.size; ) {
    before = gone.size;
    for (const [txid, { spends }] of payments) {
      const isGone = spends.some(
        (outpoint) => spent.has(outpoint) || gone.has(outpoint.slice(0, outpoint.indexOf(':'))),
      );
      if (isGone && !kept.has(txid)) gone.add(txid);
    }
  }
  for (const txid of gone) payments.delete(txid);
}

/** What is wrong with a mempool, or null. */
function findPoolFault(mempool: Mempool, next: NextBlock): string | null {
  const payments = readPayments(mempool);
  const spent = new Set<string>();
  let totalSat = 0;
  for (const { transaction, feeSat } of mempool.entries()) {
    const payment = payments.get(toHex(transaction.txid));
    if (payment === undefined) return 'keeps a payment under a name that it has not';
    const twice = payment.spends.find((outpoint) => spent.has(outpoint));
    if (twice !== undefined) return `keeps two payments that spend ${twice}`;
    for (const outpoint of payment.spends) spent.add(outpoint);
    const verdict = next.judge(payment, payments);
    if ('fault' in verdict) return `keeps ${payment.txid}: ${verdict.fault}`;
    if (BigInt(feeSat) !== verdict.feeSat) {
      return `takes the fee of ${payment.txid} for ${feeSat} and not ${verdict.feeSat}`;
    }
    totalSat += feeSat;
  }
  const { size, totalFeeSat, usedBytes, options } = mempool;
  if (size !== payments.size || totalFeeSat !== totalSat) return 'keeps totals that are no sums';
  return usedBytes > options.mempoolBytesMax ? `uses ${usedBytes} bytes` : null;
}

/** What waits in a mempool, read anew from the bytes of each transaction. */
function readPayments(mempool: Mempool): Map<string, TransactionText> {
  const payments = new Map<string, TransactionText>();
  for (const { transaction } of mempool.entries()) {
    const text = TEXTS.get(transaction) ?? readTransactionText(transaction.serialized());
    TEXTS.set(transaction, text);
    payments.set(text.txid, text);
  }
  return payments;
}

/** What was read once. */
const TEXTS: WeakMap<Transaction, TransactionText> = new WeakMap();
