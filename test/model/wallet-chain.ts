// A node as wallets see it, in memory: blocks that a test makes, a mempool that takes everything, branches that give way, blocks that are
// not there any more. And a manager of wallets upon it.

import { createRegtestParams } from '../../src/kernel/consensus/networks/regtest.ts';
import { nobleSecp256k1 } from '../../src/kernel/crypto/secp256k1-noble.ts';
import { asBlockHash, type BlockHash, formatHash, type Txid } from '../../src/kernel/primitives/hashes.ts';
import { formatOutpoint, type Outpoint } from '../../src/kernel/primitives/outpoint.ts';
import type { Transaction } from '../../src/kernel/primitives/transaction.ts';
import { assert } from '../../src/kernel/util/assert.ts';
import { equalBytes, toHex } from '../../src/kernel/util/bytes.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { ok } from '../../src/kernel/util/result.ts';
import type { Unsubscribe } from '../../src/kernel/util/signal.ts';
import type {
  BroadcastResult,
  ChainBlock,
  ChainListener,
  ChainSource,
  MempoolFamily,
  SpendableOutput,
} from '../../src/wallet/chain-source.ts';
import { MemoryWalletHome } from '../../src/wallet/store/memory-home.ts';
import type { NewWalletOptions } from '../../src/wallet/wallet/new-wallet.ts';
import type { Wallet } from '../../src/wallet/wallet/wallet.ts';
import { WalletManager } from '../../src/wallet/wallet/wallet-manager.ts';
import { DEFAULT_WALLET_SETTINGS, type WalletSettings } from '../../src/wallet/wallet/wallet-settings.ts';
import { fakeTxid, makeTx, pay, spend } from './block-builder.ts';
import { QUIET_CHAIN } from './spend-world.ts';
import { createTestWalletHost } from './wallet-host.ts';

/** Time of the first block; the others follow ten minutes apart. */
export const FIRST_BLOCK_SEC = 1_600_000_000;

interface MadeBlock extends ChainBlock {
  readonly transactions: readonly Transaction[];
  readonly previous: MadeBlock | null;
}

/** A chain of blocks without proof or rules. */
export class WalletChain implements ChainSource {
  readonly params = createRegtestParams();
  /** Blocks below are not on this disk any more. */
  storedFrom = 0;
  /** Blocks that were read. */
  readCount = 0;
  /** Heights whose blocks the filters let a scan pass by; null: there are no filters. */
  filtered: ReadonlySet<number> | null = null;
  /** What is said to whoever hands in a transaction; null: it is taken. */
  refusal: string | null = null;
  readonly #all: Map<string, MadeBlock> = new Map();
  #active: MadeBlock[] = [];
  #made = 0;
  #money = 0;
  readonly #pool: Map<string, Transaction> = new Map();
  readonly #listeners: Set<ChainListener> = new Set();

  constructor() {
    this.mine();
  }

  /** A payment by others. */
  payment(script: Uint8Array, valueSat = 100_000): Transaction {
    return makeTx([spend({ txid: fakeTxid(++this.#money), index: 0 })], [pay(valueSat, script)]);
  }

  /** The next block with these transactions, and with what waits. */
  mine(...transactions: readonly Transaction[]): ChainBlock {
    const waiting = [...this.#pool.values()].filter(
      ({ txid }) => !transactions.some((one) => formatHash(one.txid) === formatHash(txid)),
    );
    const block = this.#extend(this.#active.at(-1) ?? null, [...transactions, ...waiting]);
    this.#active.push(block);
    for (const transaction of block.transactions) {
      if (!this.#pool.delete(formatHash(transaction.txid))) continue;
      for (const listener of this.#listeners) listener.transactionRemoved(transaction, 'block');
    }
    this.#tell();
    return block;
  }

  mineMany(count: number): void {
    for (let i = 0; i < count; i++) this.mine();
  }

  /** Another branch takes the place of the last blocks: one block longer than what it replaces, each with these transactions of its own. */
  reorganize(depth: number, ...perBlock: readonly (readonly Transaction[])[]): void {
    const kept = this.#active.slice(0, this.#active.length - depth);
    for (let i = 0; i <= depth; i++) kept.push(this.#extend(kept.at(-1) ?? null, perBlock[i] ?? []));
    this.#active = kept;
    this.#tell();
  }

  /** Takes a transaction into the mempool. */
  enter(transaction: Transaction): Transaction {
    this.#pool.set(formatHash(transaction.txid), transaction);
    for (const listener of this.#listeners) listener.transactionAdded(transaction);
    return transaction;
  }

  /** Whether a block of the active chain has a transaction. */
  isMined(txid: Uint8Array): boolean {
    return this.#active.some(({ transactions }) => transactions.some((one) => equalBytes(one.txid, txid)));
  }

  /** The mempool forgets everything. */
  forget(): void {
    for (const transaction of [...this.#pool.values()]) {
      this.#pool.delete(formatHash(transaction.txid));
      for (const listener of this.#listeners) listener.transactionRemoved(transaction, 'expiry');
    }
  }

  #extend(previous: MadeBlock | null, transactions: readonly Transaction[]): MadeBlock {
    const height = previous === null ? 0 : previous.height + 1;
    const bytes = new Uint8Array(32).fill(0x11);
    new DataView(bytes.buffer).setUint32(0, ++this.#made);
    const timeSec = FIRST_BLOCK_SEC + 600 * height;
    const blockHash = height === 0 ? this.params.genesis.header.blockHash : asBlockHash(bytes);
    const block = { blockHash, height, timeSec, medianTimeSec: timeSec, maxTimeSec: timeSec, transactions, previous };
    this.#all.set(toHex(blockHash), block);
    return block;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener.tipChanged();
  }

  // --- what wallets ask -------------------------------------------------------------------------------------------------

  tip(): ChainBlock {
    const block = this.#active.at(-1);
    assert(block !== undefined, 'wallet chain: there is a first block');
    return block;
  }

  tipFrom(): ChainBlock {
    return this.tip();
  }

  historyHeight(): number | null {
    return null;
  }

  blockAt(height: number): ChainBlock | null {
    return this.#active[height] ?? null;
  }

  heightOf(blockHash: BlockHash): number | null {
    const block = this.#all.get(toHex(blockHash));
    return block !== undefined && this.#active[block.height] === block ? block.height : null;
  }

  forkOf(blockHash: BlockHash): ChainBlock | null {
    let block = this.#all.get(toHex(blockHash)) ?? null;
    while (block !== null && this.#active[block.height] !== block) block = block.previous;
    return block;
  }

  findBlock(blockHash: BlockHash): ChainBlock | null {
    return this.#all.get(toHex(blockHash)) ?? null;
  }

  firstStoredHeight(): number {
    return this.storedFrom;
  }

  async readBlock(blockHash: BlockHash): Promise<readonly Transaction[] | null> {
    this.readCount++;
    const block = this.#all.get(toHex(blockHash));
    return block === undefined || block.height < this.storedFrom ? null : block.transactions;
  }

  async mayTouch(blockHash: BlockHash): Promise<boolean | null> {
    const height = this.heightOf(blockHash);
    return this.filtered === null || height === null ? null : !this.filtered.has(height);
  }

  isSynchronised(): boolean {
    return true;
  }

  async findOutputs(outpoints: readonly Outpoint[]): Promise<readonly (SpendableOutput | null)[]> {
    return outpoints.map(() => null);
  }

  isInMempool(txid: Txid): boolean {
    return this.#pool.has(formatHash(txid));
  }

  mempoolTransactions(): readonly Transaction[] {
    return [...this.#pool.values()];
  }

  mempoolFamily(txid: Txid): MempoolFamily | null {
    if (!this.isInMempool(txid)) return null;
    const one = { ancestorCount: 1, descendantCount: 1, clusterCount: 1 };
    return { ...one, ancestorVsize: 100, descendantVsize: 100, ancestorFeesSat: 1_000 };
  }

  isSpentInMempool(outpoint: Outpoint): boolean {
    const name = formatOutpoint(outpoint);
    for (const transaction of this.#pool.values()) {
      for (let i = 0; i < transaction.inputCount; i++) if (formatOutpoint(transaction.prevout(i)) === name) return true;
    }
    return false;
  }

  async broadcast(transaction: Transaction): Promise<BroadcastResult> {
    if (this.refusal !== null) return { ok: false, reason: this.refusal, debug: '' };
    if (!this.isInMempool(transaction.txid)) this.enter(transaction);
    return { ok: true, txid: transaction.txid };
  }

  readonly bumpFees = QUIET_CHAIN.bumpFees;
  readonly checkChainLimits = QUIET_CHAIN.checkChainLimits;
  readonly estimateFeeRate = QUIET_CHAIN.estimateFeeRate;
  readonly estimateTargetMax = QUIET_CHAIN.estimateTargetMax;
  readonly mempoolMinFeeRate = QUIET_CHAIN.mempoolMinFeeRate;
  readonly relayMinFeeRate = QUIET_CHAIN.relayMinFeeRate;
  readonly incrementalRelayFeeRate = QUIET_CHAIN.incrementalRelayFeeRate;
  readonly dustRelayFeeRate = QUIET_CHAIN.dustRelayFeeRate;

  follow(listener: ChainListener): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** What a wallet of a test is, unless it says otherwise. */
export const USUAL_WALLET: NewWalletOptions = Object.freeze({
  hasPrivateKeys: true,
  isBlank: false,
  avoidsReuse: false,
  passphrase: null,
  root: null,
  birthTimeSec: null,
});

/** Wallets in memory upon such a chain, and the timers that they have set. */
export class WalletTable {
  readonly chain: WalletChain;
  readonly home: MemoryWalletHome;
  readonly manager: WalletManager;
  readonly lines: string[] = [];
  readonly told: string[] = [];
  readonly startup: Map<string, boolean> = new Map();
  onLockChanged: (wallet: Wallet) => void = () => undefined;
  nowSec = FIRST_BLOCK_SEC + 100;
  settings: WalletSettings = { ...DEFAULT_WALLET_SETTINGS, keypoolSize: 5 };
  #timers: { readonly atMs: number; readonly run: () => void }[] = [];

  constructor(
    chain: WalletChain = new WalletChain(),
    home: MemoryWalletHome = new MemoryWalletHome(),
    seed = 1,
    clientVersion = 10_000,
  ) {
    this.chain = chain;
    this.home = home;
    this.manager = new WalletManager({
      chain,
      home,
      host: {
        ...createTestWalletHost(seed),
        nowSec: () => this.nowSec,
        after: (delayMs, run) => this.#after(delayMs, run),
        yieldToHost: () => new Promise((resolve) => setImmediate(resolve)),
      },
      secp: nobleSecp256k1,
      rng: createRng(seed),
      readSettings: () => ok({ settings: this.settings, warnings: [] }),
      startup: {
        set: async (name, isLoaded) => {
          this.startup.set(name, isLoaded);
        },
      },
      clientVersion,
      log: {
        info: (line) => this.lines.push(line),
        warn: (line) => this.lines.push(line),
        scan: (line) => this.lines.push(line()),
      },
      onLockChanged: (wallet) => this.onLockChanged(wallet),
      onTransactions: (wallet, { met }) => this.told.push(...met.map((txid) => `${wallet.name} ${txid}`)),
    });
  }

  #after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.nowSec * 1000 + delayMs, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  /** Time passes; what is due happens. */
  async pass(seconds: number): Promise<void> {
    this.nowSec += seconds;
    const due = this.#timers.filter(({ atMs }) => atMs <= this.nowSec * 1000);
    this.#timers = this.#timers.filter((one) => !due.includes(one));
    for (const { run } of due) run();
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  }

  async create(name: string, more: Partial<NewWalletOptions> = {}): Promise<Wallet> {
    const created = await this.manager.create({ ...USUAL_WALLET, ...more, name, loadsOnStartup: null });
    assert(created.ok, created.ok ? '' : created.error.message);
    return created.value.wallet;
  }

  async load(name: string): Promise<Wallet> {
    const loaded = await this.manager.load(name, null);
    assert(loaded.ok, loaded.ok ? '' : loaded.error.message);
    return loaded.value.wallet;
  }
}

/** A new address of a wallet, as its script. */
export async function newScript(wallet: Wallet): Promise<Uint8Array> {
  const given = await wallet.change((draft) => wallet.books.scripts.newAddress('bech32', 'receive', draft.books));
  assert(given.ok, 'wallet table: there are addresses');
  return given.value.script;
}

/** The sum that a wallet can spend now. */
export function balanceOf(wallet: Wallet): Promise<number> {
  return wallet.runSynchronised(() => wallet.books.balances.total().trustedSat);
}
