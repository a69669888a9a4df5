// Chains of any length that look like a public one and are the same for the same seed: blocks of regtest, valid in every rule,
// with real signatures. Coins come from coinbases alone: a hundred blocks pass before the first can be spent, then a few blocks
// of splits, then the mix of the profile. Nothing here is fast but the curve; half a million transactions take about a minute.

import { COINBASE_MATURITY, MAX_BLOCK_WEIGHT } from '../../src/kernel/consensus/limits.ts';
import { createRegtestParams } from '../../src/kernel/consensus/networks/regtest.ts';
import type { ChainParams } from '../../src/kernel/consensus/params.ts';
import { getBlockSubsidy } from '../../src/kernel/consensus/subsidy.ts';
import type { Secp256k1 } from '../../src/kernel/crypto/secp256k1.ts';
import type { Block } from '../../src/kernel/primitives/block.ts';
import { asTxid, formatHash } from '../../src/kernel/primitives/hashes.ts';
import { BlockHeader } from '../../src/kernel/primitives/header.ts';
import {
  buildTransaction,
  type Transaction,
  type TransactionData,
  type TransactionOutput,
} from '../../src/kernel/primitives/transaction.ts';
import { EMPTY_BYTES } from '../../src/kernel/util/bytes.ts';
import { createRng, type Rng } from '../../src/kernel/util/prng.ts';
import { loadSecp256k1 } from '../../src/platform/node/secp256k1.ts';
import { mineBlock } from './chain-block.ts';
import { dataScript, drawCount, isTurn, pick, splitValue, sumWeights } from './chain-chance.ts';
import { CoinPool, type PoolCoin } from './chain-coins.ts';
import { type ChainProfile, COIN_KINDS, type CoinKind, type CountRange, REALISTIC } from './chain-profile.ts';
import { type ChainSummary, SummaryCounter } from './chain-summary.ts';
import { type Address, ChainWallet } from './chain-wallet.ts';

/** What a chain is generated from. */
export interface ChainOptions {
  /** Transactions besides coinbases. */
  readonly transactions: number;
  readonly seed: number;
  /** About so many in each block once there are coins; by default 2,500, or fewer where the whole chain is short. */
  readonly transactionsPerBlock?: number;
  readonly profile?: ChainProfile;
  /** Signs; the fastest backend of this machine by default. All make the same signatures. */
  readonly secp?: Secp256k1;
}

/** Where the value of some coins goes. */
interface Payment {
  /** Addresses of the first outputs; an output of data may follow. */
  readonly recipients: readonly number[];
  readonly outputs: readonly TransactionOutput[];
  readonly feeSat: number;
}

/** A whole chain in memory. */
export interface GeneratedChain {
  readonly params: ChainParams;
  /** From height 1 on; the genesis block is the network's. */
  readonly blocks: readonly Block[];
  readonly summary: ChainSummary;
}

/** A block is closed when the largest transaction of a profile (and the coinbase) might no longer fit. */
const WEIGHT_MAX = MAX_BLOCK_WEIGHT - 60_000;

/** Coins per transaction of a block that should be there before spending in earnest begins. */
const COINS_PER_TRANSACTION = 8;

/** Outputs per transaction that the ages of coins are measured by, about. */
const OUTPUTS_PER_TRANSACTION = 3;

/** Members that a pool pays in its coinbase while coins are first made, and later. */
const MEMBERS_AT_FIRST: CountRange = [20, 20];
const MEMBERS: CountRange = [1, 3];

/** What a wallet would not make an output of. */
const DUST_SAT = 1000;

/** What a wallet likes to have for each output; for less it spends a few coins more than planned. */
const COMFORT_SAT = 20_000;
const EXTRA_COINS_MAX = 4;

const BLOCK_INTERVAL_SEC = 600;
const OUTPUT_VB = 34;
const OVERHEAD_VB = 11;

/** One block after another. */
export class ChainGenerator {
  readonly params: ChainParams = createRegtestParams();
  #profile!: ChainProfile;
  #shapeWeight = 0;
  #ageWeight = 0;
  readonly #wanted: number;
  readonly #perBlock: number;
  readonly #rng: Rng;
  readonly #wallet: ChainWallet;
  readonly #counter: SummaryCounter;
  readonly #pool: CoinPool = new CoinPool();
  /** Coinbases whose outputs may not be spent yet, oldest first. */
  readonly #unripe: {
    readonly height: number;
    readonly coinbase: Transaction;
    readonly addresses: readonly number[];
  }[] = [];
  #tip: BlockHeader;
  #height = 0;
  #made = 0;

  constructor(options: ChainOptions) {
    const profile = options.profile ?? REALISTIC;
    const rng = createRng(options.seed);
    this.turnTo(profile);
    this.#wanted = options.transactions;
    this.#perBlock = options.transactionsPerBlock ?? Math.min(2500, Math.max(25, Math.ceil(options.transactions / 40)));
    this.#rng = rng.fork('transactions');
    this.#wallet = new ChainWallet(options.secp ?? loadSecp256k1().backend, createKindPicker(profile, rng));
    this.#counter = new SummaryCounter(options.seed, profile);
    this.#tip = this.params.genesis.header;
  }

  /** Height of the last block. */
  get height(): number {
    return this.#height;
  }

  /** Transactions so far, coinbases not counted. */
  get transactionCount(): number {
    return this.#made;
  }

  /** Coins that exist and may be spent in the next block. */
  get coinCount(): number {
    return this.#pool.count;
  }

  /** Goes on by other shapes and ages; the kinds of coins stay those of the first profile. */
  turnTo(profile: ChainProfile): void {
    this.#profile = profile;
    this.#shapeWeight = sumWeights(profile.shapes);
    this.#ageWeight = sumWeights(profile.ages);
  }

  /** The next block, or null when the chain has its transactions. */
  nextBlock(): Block | null {
    if (this.#made >= this.#wanted) return null;
    const height = this.#height + 1;
    this.#ripen(height);
    const transactions: Transaction[] = [];
    let weightWu = 0;
    let feesSat = 0;
    const count = this.#planCount();
    while (transactions.length < count && weightWu < WEIGHT_MAX && this.#pool.count > 0) {
      const { transaction, feeSat } = this.#makeTransaction(height);
      transactions.push(transaction);
      weightWu += transaction.weightWu;
      feesSat += feeSat;
    }
    this.#made += transactions.length;
    return this.#closeBlock(height, transactions, feesSat);
  }

  /** Counts of all that was made, once the chain is complete. */
  get summary(): ChainSummary {
    return this.#counter.finish(this.#height, formatHash(this.#tip.blockHash));
  }

  /** Coins of a coinbase join the pool for the first block that may spend them. */
  #ripen(height: number): void {
    while (this.#unripe.length > 0 && height - this.#unripe[0]!.height >= COINBASE_MATURITY) {
      const { coinbase, addresses } = this.#unripe.shift()!;
      addresses.forEach((address, index) => {
        this.#addCoin(coinbase, index, address);
      });
    }
  }

  #addCoin(transaction: Transaction, index: number, address: number): void {
    const valueSat = transaction.valueSat(index);
    if (valueSat > 0) this.#pool.add(transaction.txid, index, valueSat, address);
  }

  #isShortOfCoins(): boolean {
    return this.#pool.count < COINS_PER_TRANSACTION * this.#perBlock;
  }

  /** A fifth more or less than usual; never more than half of the coins while there are few. */
  #planCount(): number {
    const usual = Math.ceil(this.#perBlock * 0.8) + this.#rng.below(Math.ceil(this.#perBlock * 0.4));
    const count = this.#isShortOfCoins() ? Math.min(usual, Math.floor(this.#pool.count / 2)) : usual;
    return Math.min(count, this.#wanted - this.#made);
  }

  #makeTransaction(height: number): { readonly transaction: Transaction; readonly feeSat: number } {
    const shape = this.#isShortOfCoins()
      ? this.#profile.splitShape
      : pick(this.#profile.shapes, this.#shapeWeight, this.#rng);
    const outputsWanted = drawCount(shape.outputs, this.#rng);
    const coins = this.#takeCoins(drawCount(shape.inputs, this.#rng), outputsWanted);
    const addresses = coins.map((coin) => this.#wallet.address(coin.address));
    const payment = this.#planPayment(coins, addresses, outputsWanted);
    const unsigned = this.#composeUnsigned(height, coins, payment.outputs);
    const transaction = this.#profile.isSigned ? this.#sign(unsigned, coins, addresses) : buildTransaction(unsigned);
    payment.recipients.forEach((address, index) => {
      this.#addCoin(transaction, index, address);
    });
    this.#counter.addTransaction(shape.name, addresses, transaction.outputCount);
    return { transaction, feeSat: payment.feeSat };
  }

  /** As many coins as wanted, and some more while they are too poor for the outputs, as a wallet would choose. */
  #takeCoins(wanted: number, outputsWanted: number): PoolCoin[] {
    const coins: PoolCoin[] = [];
    let totalSat = 0;
    const enoughSat = outputsWanted * COMFORT_SAT;
    const isEnough = (): boolean =>
      coins.length >= wanted && (totalSat >= enoughSat || coins.length >= wanted + EXTRA_COINS_MAX);
    while (this.#pool.count > 0 && !isEnough()) {
      const { blocks } = pick(this.#profile.ages, this.#ageWeight, this.#rng);
      const span = blocks === 'any' ? Number.MAX_SAFE_INTEGER : blocks * this.#perBlock * OUTPUTS_PER_TRANSACTION;
      const coin = this.#pool.take(this.#rng, span);
      coins.push(coin);
      totalSat += coin.valueSat;
    }
    return coins;
  }

  /** Splits what the coins are worth into outputs of random sizes, less a fee; fewer outputs where they would be dust. */
  #planPayment(coins: readonly PoolCoin[], addresses: readonly Address[], outputsWanted: number): Payment {
    const rng = this.#rng;
    const totalSat = coins.reduce((sum, coin) => sum + coin.valueSat, 0);
    const sizeVb = addresses.reduce((sum, { inputVb }) => sum + inputVb, OVERHEAD_VB + OUTPUT_VB * outputsWanted);
    const feeWantedSat = sizeVb * (1 + rng.below(1 << rng.below(6)));
    const feeSat = totalSat > feeWantedSat + DUST_SAT ? feeWantedSat : 0;
    const spendableSat = totalSat - feeSat;
    const outputCount = Math.max(1, Math.min(outputsWanted, Math.floor(spendableSat / DUST_SAT)));
    const recipients = Array.from({ length: outputCount }, () => rng.below(this.#profile.addressCount));
    const valuesSat = splitValue(spendableSat, outputCount, rng);
    const outputs = recipients.map((recipient, i): TransactionOutput => {
      return { valueSat: valuesSat[i]!, scriptPubKey: this.#wallet.address(recipient).scriptPubKey };
    });
    if (isTurn(this.#profile.dataOutputEvery, rng)) outputs.push({ valueSat: 0, scriptPubKey: dataScript(rng) });
    return { recipients, outputs, feeSat };
  }

  /** Two of five wallets lock their transactions to the height that they were made at, against fee sniping. */
  #composeUnsigned(height: number, coins: readonly PoolCoin[], outputs: readonly TransactionOutput[]): TransactionData {
    const locktime = this.#rng.below(5) < 2 ? height - 1 : 0;
    const sequence = this.#rng.below(3) === 0 ? 0xfffffffe : 0xfffffffd;
    const inputs = coins.map(({ txid, index }) => {
      return { prevout: { txid: asTxid(txid), index }, scriptSig: EMPTY_BYTES, sequence };
    });
    return { version: 2, inputs, outputs, locktime };
  }

  #sign(unsigned: TransactionData, coins: readonly PoolCoin[], addresses: readonly Address[]): Transaction {
    const offers = new Set<number>();
    for (let i = 0; i < Math.min(coins.length, unsigned.outputs.length); i++) {
      if (isTurn(this.#profile.offerEvery, this.#rng)) offers.add(i);
    }
    const spent = coins.map(({ valueSat }, i) => ({ valueSat, scriptPubKey: addresses[i]!.scriptPubKey }));
    return this.#wallet.sign(unsigned, spent, addresses, offers);
  }

  #closeBlock(height: number, transactions: readonly Transaction[], feesSat: number): Block {
    const rng = this.#rng;
    const rewardSat = getBlockSubsidy(height, this.params.consensus) + feesSat;
    const members = drawCount(height <= COINBASE_MATURITY ? MEMBERS_AT_FIRST : MEMBERS, rng);
    const addresses = Array.from({ length: members }, () => rng.below(this.#profile.addressCount));
    const valuesSat = splitValue(rewardSat, members, rng);
    const outputs = addresses.map((address, i): TransactionOutput => {
      return { valueSat: valuesSat[i]!, scriptPubKey: this.#wallet.address(address).scriptPubKey };
    });
    const timeSec = this.#tip.timeSec + BLOCK_INTERVAL_SEC;
    const block = mineBlock(this.#tip, { height, timeSec, outputs, transactions }, this.params.consensus);
    this.#unripe.push({ height, coinbase: block.transaction(0).detach(), addresses });
    this.#height = height;
    this.#tip = new BlockHeader(block.header.serialized().slice());
    this.#counter.addBlock(block);
    return block;
  }
}

/** The kind of each address follows from its number and the seed alone, in whatever order addresses are made. */
function createKindPicker(profile: ChainProfile, rng: Rng): (index: number) => CoinKind {
  const kinds = COIN_KINDS.map((kind) => ({ kind, weight: profile.kinds[kind] }));
  const weight = sumWeights(kinds);
  return (index) => pick(kinds, weight, rng.fork(`address ${index}`)).kind;
}

/** All blocks of a chain at once: for tests, which want few transactions. */
export function generateChain(options: ChainOptions): GeneratedChain {
  const generator = new ChainGenerator(options);
  const blocks: Block[] = [];
  for (let block = generator.nextBlock(); block !== null; block = generator.nextBlock()) blocks.push(block);
  return { params: generator.params, blocks, summary: generator.summary };
}
