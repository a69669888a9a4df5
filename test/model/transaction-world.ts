// A node that takes transactions, and a shell around it that has them judged at once. The judge knows no scripts: outputs of
// `fakeTxid` can be spent, and those of what is in the pool; a test says what else is wrong with a transaction.

import type { TxReject } from '../../src/kernel/consensus/reject.ts';
import { rejectTx } from '../../src/kernel/consensus/reject.ts';
import { type MempoolReject, rejectPackage, rejectPolicy } from '../../src/kernel/policy/policy-reject.ts';
import type { Transaction } from '../../src/kernel/primitives/transaction.ts';
import { toHex } from '../../src/kernel/util/bytes.ts';
import { type PackageResult, rejected, type SingleResult } from '../../src/node/mempool/accept-result.ts';
import type { Effect } from '../../src/node/p2p/effects.ts';
import type { Peer } from '../../src/node/p2p/peer.ts';
import type { PeerId } from '../../src/node/p2p/peer-id.ts';
import type { Message } from '../../src/node/wire/messages.ts';
import { InventoryList } from '../../src/node/wire/packed-lists.ts';
import { fakeTxid, makeTx, outputOf, pay, spend } from './block-builder.ts';
import { versionMessage } from './fake-network.ts';
import { type ManagerPeerOptions, type ManagerWorld, type ManagerWorldOptions, sentOf } from './manager-world.ts';
import type { FakeRelayPool } from './relay-pool.ts';
import { openRelayGround, type RelayGround } from './relay-pool-world.ts';

/** Types of inventory, spelled out. */
export const MSG_TX = 1;
export const MSG_WTX = 5;
export const MSG_WITNESS_TX = 0x40000001;

/** Refusals that tests use, typed by hand. */
export const MISSING: TxReject = rejectTx('missing-inputs', 'bad-txns-inputs-missingorspent', 'input-unspent');
export const TOO_CHEAP: MempoolReject = rejectPolicy('reconsiderable', 'min relay fee not met', 'relay-minimum-fee');

/** What the judge answers when nothing is wrong. */
const ACCEPTED: SingleResult = {
  outcome: 'accepted',
  entry: null,
  vsize: 100,
  feeSat: 1_000,
  replaced: [],
  feerate: { feeSat: 1_000, size: 100 },
  wtxids: [],
};

/** `inv`, `getdata` or `notfound` of one type. */
export function inventory(
  kind: 'inv' | 'getdata' | 'notfound',
  type: number,
  ...hashes: readonly Uint8Array[]
): Message {
  return { type: kind, items: InventoryList.of(hashes.map((hash) => ({ type, hash }))) };
}

/** What peers are asked for, as `type hash`. */
export function askedFor(effects: readonly Effect[]): string[] {
  return sentOf(effects, 'getdata').flatMap(({ items }) =>
    Array.from({ length: items.count }, (_, i) => `${items.type(i)} ${toHex(items.hash(i))}`),
  );
}

let lastCoin = 1;

/** A transaction of its own with a witness, which spends a coin. */
export function loose(): Transaction {
  const witness = [Uint8Array.of(1)];
  return makeTx([spend({ txid: fakeTxid(++lastCoin), index: 0 }, { witness })], [pay(lastCoin), pay(lastCoin)]);
}

/** The same without its witness. */
export function legacy(): Transaction {
  return makeTx([spend({ txid: fakeTxid(++lastCoin), index: 0 })], [pay(lastCoin), pay(lastCoin)]);
}

/** Spends the first output of each. */
export function childOf(...parents: readonly Transaction[]): Transaction {
  const inputs = parents.map((parent) => spend(outputOf(parent), { witness: [Uint8Array.of(2)] }));
  return makeTx(inputs, [pay(++lastCoin), pay(lastCoin)]);
}

/** The same txid under another witness. */
export function malleated(transaction: Transaction): Transaction {
  const inputs = Array.from({ length: transaction.inputCount }, (_, i) =>
    spend(transaction.prevout(i), { witness: [Uint8Array.of(99)] }),
  );
  const outputs = Array.from({ length: transaction.outputCount }, (_, j) => pay(transaction.valueSat(j)));
  return makeTx(inputs, outputs);
}

/** How a peer is asked for a transaction that it announced. */
export function wtx(transaction: Transaction): string {
  return `${MSG_WTX} ${toHex(transaction.wtxid)}`;
}

/** How a peer is asked for a parent. */
export function parentTx(transaction: Transaction): string {
  return `${MSG_WITNESS_TX} ${toHex(transaction.txid)}`;
}

/** See the top of the file. */
export class TransactionWorld {
  readonly world: ManagerWorld;
  readonly pool: FakeRelayPool;
  /** What is wrong with transactions, by wtxid. */
  readonly faults: Map<string, MempoolReject> = new Map();
  /** Wtxids of children that pay for their parents. */
  readonly generous: Set<string> = new Set();
  /** What was judged: wtxids, several of a package joined by `+`. */
  readonly judged: string[] = [];
  /** False: verdicts wait in {@link waiting}. */
  isJudging = true;
  readonly waiting: Effect[] = [];

  private constructor({ node, pool }: RelayGround) {
    this.world = node;
    this.pool = pool;
  }

  static async open(options: ManagerWorldOptions = {}): Promise<TransactionWorld> {
    return new TransactionWorld(await openRelayGround(options));
  }

  /** Somebody connects and introduces himself; by wtxid, unless said otherwise. */
  join(options: ManagerPeerOptions & { readonly byTxid?: boolean } = {}): Peer {
    const { peer } = this.world.connect(options);
    const version = versionMessage({ timeSec: this.world.nowSec, ...options.version });
    const negotiation: Message[] = options.byTxid === true ? [] : [{ type: 'wtxidrelay' }];
    this.world.say(peer, version, ...negotiation, { type: 'verack' });
    return peer;
  }

  /** A peer says something; what comes of it, verdicts and orphans included, is returned. */
  say(peer: Peer, ...messages: readonly Message[]): Effect[] {
    const all: Effect[] = [];
    for (const message of messages) all.push(...this.#carryOut(this.world.say(peer, message)));
    all.push(...this.turnOrphans());
    return all;
  }

  /** A peer sends transactions. */
  send(peer: Peer, ...transactions: readonly Transaction[]): Effect[] {
    return this.say(peer, ...transactions.map((transaction) => ({ type: 'tx', transaction }) as const));
  }

  announce(peer: Peer, type: number, ...hashes: readonly Uint8Array[]): Effect[] {
    return this.say(peer, inventory('inv', type, ...hashes));
  }

  /** Time goes by, and the regular work is done on everybody. */
  tick(milliseconds = 0): Effect[] {
    this.world.wait(milliseconds);
    return [...this.world.manager.peers.values()].flatMap((peer) => [...this.world.tick(peer)]);
  }

  /** Gives every peer its turns until no orphan is left to be tried again. */
  turnOrphans(): Effect[] {
    const { manager } = this.world;
    const all: Effect[] = [];
    for (let isBusy = true; isBusy; ) {
      isBusy = false;
      for (const id of manager.peers.keys()) {
        if (!manager.hasOrphanToReconsider(id)) continue;
        isBusy = true;
        all.push(...this.#carryOut(manager.reconsiderOrphan(id, this.world.now)));
      }
    }
    return all;
  }

  /** Gives the verdicts that wait. */
  judgeWaiting(): Effect[] {
    this.isJudging = true;
    const effects = this.waiting.splice(0).flatMap((effect) => this.#judge(effect));
    return [...this.#carryOut(effects), ...this.turnOrphans()];
  }

  isInPool(transaction: Transaction): boolean {
    return this.pool.getByWtxid(transaction.wtxid) !== null;
  }

  /** Does what effects want done about transactions, and returns them with everything that followed. */
  #carryOut(effects: readonly Effect[]): Effect[] {
    const all: Effect[] = [];
    for (const effect of effects) {
      all.push(effect);
      if (effect.type !== 'submit-transaction' && effect.type !== 'submit-package') continue;
      if (this.isJudging) all.push(...this.#carryOut(this.#judge(effect)));
      else this.waiting.push(effect);
    }
    return all;
  }

  #judge(effect: Effect): Effect[] {
    const { manager, now } = this.world;
    if (effect.type === 'submit-transaction') {
      const { peer, transaction } = effect;
      this.judged.push(toHex(transaction.wtxid));
      return manager.transactionChecked(peer, transaction, this.#accept(transaction), now);
    }
    return effect.type === 'submit-package' ? this.#judgePackage(effect.peer, effect.transactions) : [];
  }

  #judgePackage(peer: PeerId, transactions: readonly Transaction[]): Effect[] {
    const { manager, now } = this.world;
    this.judged.push(transactions.map(({ wtxid }) => toHex(wtxid)).join('+'));
    const [parent, child] = transactions as readonly [Transaction, Transaction];
    let result: PackageResult;
    if (this.generous.has(toHex(child.wtxid))) {
      for (const transaction of transactions) this.pool.add({ transaction });
      result = { reject: null, results: [ACCEPTED, ACCEPTED] };
    } else {
      const reject = rejectPackage('package-tx', 'transaction failed', 'package-transactions');
      result = { reject, results: [rejected(this.faults.get(toHex(parent.wtxid)) ?? TOO_CHEAP), rejected(MISSING)] };
    }
    return manager.packageChecked(peer, transactions, result, now);
  }

  #accept(transaction: Transaction): SingleResult {
    for (let i = 0; i < transaction.inputCount; i++) {
      const { txid } = transaction.prevout(i);
      if (txid[31] !== fakeTxid(0)[31] && this.pool.get(txid) === null) return rejected(MISSING);
    }
    const fault = this.faults.get(toHex(transaction.wtxid));
    if (fault !== undefined) return rejected(fault);
    this.pool.add({ transaction });
    return ACCEPTED;
  }
}
