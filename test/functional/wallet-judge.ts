// Asks a node for its ledger and a wallet for its public descriptors, has both replayed by witnesses that share nothing with the wallet
// (test/model/wallet-replay.ts, descriptor-scripts.ts), and holds the result against everything that the wallet says of itself.

import assert from 'node:assert/strict';
import { DescriptorScripts } from '../model/descriptor-scripts.ts';
import { type PlainLedger, type PlainTransaction, replayWallet, type WalletFacts } from '../model/wallet-replay.ts';
import type { RpcClient } from './rpc-client.ts';
import { listDescriptors, type Purse, type WalletNode } from './wallet-node.ts';

/** A transaction as RPC tells it. */
export interface ToldTransaction {
  readonly txid: string;
  readonly vin: readonly { readonly coinbase?: string; readonly txid?: string; readonly vout?: number }[];
  readonly vout: readonly {
    readonly value: number;
    readonly n: number;
    readonly scriptPubKey: { readonly hex: string };
  }[];
}

interface ToldBlock {
  readonly previousblockhash?: string;
  readonly tx: readonly ToldTransaction[];
}

interface Page {
  readonly previous: string | null;
  readonly transactions: readonly PlainTransaction[];
}

/** A transaction of a wallet as listsinceblock tells it, once for each of its outputs. */
interface ToldEntry {
  readonly txid: string;
  readonly confirmations: number;
  readonly abandoned: boolean;
  readonly category: string;
  readonly mempoolconflicts: readonly string[];
}

interface ToldBalances {
  readonly mine: {
    readonly trusted: number;
    readonly untrusted_pending: number;
    readonly immature: number;
    readonly nonmempool: number;
  };
}

/** How often a node may change while it is asked before the judge gives up. */
const TRIES_MAX = 50;

/** Satoshis of an amount in an answer. */
export function satOf(amount: number): number {
  return Math.round(amount * 100_000_000);
}

/** The names of what a transaction spends. */
export function namesOf({ vin }: ToldTransaction): readonly string[] {
  return vin.flatMap(({ txid, vout }) => (txid === undefined ? [] : [`${txid}:${vout}`]));
}

function plain(told: ToldTransaction): PlainTransaction {
  return {
    txid: told.txid,
    isCoinbase: told.vin[0]?.coinbase !== undefined,
    spends: namesOf(told),
    outputs: told.vout.map(({ value, scriptPubKey }) => ({ valueSat: satOf(value), script: scriptPubKey.hex })),
  };
}

/** Judges wallets; remembers what it has read of ledgers, nothing of wallets. */
export class WalletJudge {
  readonly #pages: Map<string, Page> = new Map();
  readonly #transactions: Map<string, PlainTransaction> = new Map();
  readonly #descriptors: Map<string, DescriptorScripts> = new Map();
  /** Wallets that were found to tell the truth. */
  judged = 0;

  /** Asserts that what a wallet says is what the ledger of its node says. */
  async judge(purse: Purse): Promise<WalletFacts> {
    const { ledger, told } = await this.#readStable(purse);
    const idle = [];
    for (const { txid } of told.idle(ledger)) idle.push(await this.#readIdle(purse, txid));
    const facts = replayWallet(ledger, told.own, idle);
    const where = `${purse.name} at height ${ledger.pages.length - 1}`;
    told.compare(facts, where);
    await this.#compareSums(purse, facts, where);
    this.judged++;
    return facts;
  }

  /** Pages and what waits, at one moment. */
  async readLedger({ rpc }: WalletNode): Promise<PlainLedger> {
    const pages: (readonly PlainTransaction[])[] = [];
    let hash: string | null = await rpc.call<string>('getbestblockhash');
    while (hash !== null) {
      const page: Page = await this.#readPage(rpc, hash);
      pages.push(page.transactions);
      hash = page.previous;
    }
    const txids = await rpc.call<string[]>('getrawmempool');
    const waiting = await Promise.all(txids.map((txid) => this.#readWaiting(rpc, txid)));
    return { pages: pages.reverse(), waiting };
  }

  /** The scripts of a wallet, by its own public descriptors. */
  async readScripts(purse: Purse): Promise<ReadonlySet<string>> {
    const own: Set<string> = new Set();
    for (const { desc, range } of await listDescriptors(purse)) {
      let scripts = this.#descriptors.get(desc);
      if (scripts === undefined) {
        scripts = new DescriptorScripts(desc);
        this.#descriptors.set(desc, scripts);
      }
      for (const script of scripts.first(range === undefined ? 1 : range[1] + 1)) own.add(script);
    }
    return own;
  }

  /** Node and wallet at one moment: asked again when the node has changed meanwhile. */
  async #readStable(purse: Purse): Promise<{ readonly ledger: PlainLedger; readonly told: ToldWallet }> {
    const { rpc } = purse.node;
    const moment = async (): Promise<string> => {
      const txids = await rpc.call<string[]>('getrawmempool');
      return `${await rpc.call<string>('getbestblockhash')} ${txids.sort().join()}`;
    };
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const before = await moment();
      const answers = this.#askWallet(purse).catch(() => null);
      const ledger = await this.readLedger(purse.node).catch(() => null);
      const told = await answers;
      if (before === (await moment())) {
        if (told === null) return { ledger: await this.readLedger(purse.node), told: await this.#askWallet(purse) };
        if (ledger !== null) return { ledger, told };
      }
    }
    throw new Error(`${purse.node.name} never stands still`);
  }

  async #askWallet(purse: Purse): Promise<ToldWallet> {
    return new ToldWallet({
      own: await this.readScripts(purse),
      balances: await purse.call<ToldBalances>('getbalances'),
      balance: await purse.call<number>('getbalance'),
      traced: (await purse.call<{ amount: number }>('tracebalance', '', 1)).amount,
      unspent: await purse.call<readonly ToldCoin[]>('listunspent', 0, 9_999_999, [], true),
      locked: await purse.call<readonly ToldCoin[]>('listlockunspent'),
      entries: (await purse.call<{ transactions: readonly ToldEntry[] }>('listsinceblock', '', 1, false, false, true))
        .transactions,
    });
  }

  async #readPage(rpc: RpcClient, hash: string): Promise<Page> {
    const known = this.#pages.get(hash);
    if (known !== undefined) return known;
    const { previousblockhash, tx } = await rpc.call<ToldBlock>('getblock', hash, 2);
    const page = { previous: previousblockhash ?? null, transactions: tx.map(plain) };
    this.#pages.set(hash, page);
    return page;
  }

  async #readWaiting(rpc: RpcClient, txid: string): Promise<PlainTransaction> {
    const known = this.#transactions.get(txid);
    if (known !== undefined) return known;
    const told = plain(await rpc.call<ToldTransaction>('getrawtransaction', txid, 1));
    this.#transactions.set(txid, told);
    return told;
  }

  async #readIdle(purse: Purse, txid: string): Promise<PlainTransaction> {
    return plain((await purse.call<{ decoded: ToldTransaction }>('gettransaction', txid, false, true)).decoded);
  }

  /** What the wallet says that the last transactions brought, and what it has answered with, are as they must be. */
  async #compareSums(purse: Purse, { netSat, feesSat }: WalletFacts, where: string): Promise<void> {
    const last = [...netSat.keys()].slice(-4);
    for (const txid of last) {
      const { amount, fee = 0 } = await purse.call<{ amount: number; fee?: number }>('gettransaction', txid);
      assert.equal(satOf(amount) + satOf(fee), netSat.get(txid), `${where}: what ${txid} brought`);
      const feeSat = feesSat.get(txid);
      if (feeSat !== undefined) assert.equal(satOf(-fee), feeSat, `${where}: the fee of ${txid}`);
    }
  }
}

interface ToldCoin {
  readonly txid: string;
  readonly vout: number;
  readonly amount: number;
  readonly confirmations: number;
}

interface Answers {
  readonly own: ReadonlySet<string>;
  readonly balances: ToldBalances;
  readonly balance: number;
  /** What the wallet can say the origin of. */
  readonly traced: number;
  readonly unspent: readonly ToldCoin[];
  readonly locked: readonly ToldCoin[];
  readonly entries: readonly ToldEntry[];
}

/** What a wallet says of itself. */
class ToldWallet {
  readonly own: ReadonlySet<string>;
  readonly #answers: Answers;

  constructor(answers: Answers) {
    this.own = answers.own;
    this.#answers = answers;
  }

  /** Transactions that stand nowhere and that nothing excludes: neither given up nor in anybody's way. */
  idle({ waiting }: PlainLedger): readonly ToldEntry[] {
    const present = new Set(waiting.map(({ txid }) => txid));
    const idle = this.#answers.entries.filter(
      ({ txid, confirmations, abandoned, mempoolconflicts }) =>
        confirmations === 0 && !abandoned && mempoolconflicts.length === 0 && !present.has(txid),
    );
    return [...new Map(idle.map((entry) => [entry.txid, entry])).values()];
  }

  compare(facts: WalletFacts, where: string): void {
    const { balances, balance, traced, unspent, locked, entries } = this.#answers;
    const depths = new Map(entries.map(({ txid, confirmations }) => [txid, confirmations]));
    for (const [txid, confirmations] of facts.touched) {
      assert.equal(depths.get(txid), confirmations, `${where}: confirmations of ${txid}`);
    }
    for (const [txid, confirmations] of depths) {
      assert.ok(facts.touched.has(txid) || confirmations <= 0, `${where}: ${txid} stands nowhere`);
    }

    const lockedNames = new Set(locked.map(nameOf));
    const coins = [...facts.coins].filter(([name]) => !lockedNames.has(name));
    assert.deepEqual(
      unspent.map((coin) => `${nameOf(coin)} ${satOf(coin.amount)} ${coin.confirmations}`).sort(),
      coins.map(([name, { valueSat, confirmations }]) => `${name} ${valueSat} ${confirmations}`).sort(),
      `${where}: its coins`,
    );

    const { trusted, untrusted_pending, immature, nonmempool } = balances.mine;
    const said = [trusted, untrusted_pending, immature, nonmempool].map(satOf);
    const { trustedSat, pendingSat, immatureSat, idleSat } = facts;
    assert.deepEqual(said, [trustedSat, pendingSat, immatureSat, idleSat + 0], `${where}: its balances`);
    const allSat = trustedSat + pendingSat + immatureSat + idleSat;
    assert.equal(satOf(traced), allSat, `${where}: the sum that it traces`);
    if (idleSat === 0) assert.equal(satOf(balance), trustedSat, `${where}: its balance`);
  }
}

function nameOf({ txid, vout }: ToldCoin): string {
  return `${txid}:${vout}`;
}
