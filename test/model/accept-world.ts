// A chain of regtest in memory with a mempool on top and coins to pay with: everything that acceptance stands on, and the few lines of
// a shell that hands it transactions, blocks and reorganisations. Most coins are locked by a witness script that anyone can satisfy,
// so that tests are fast; others have real keys.

import assert from 'node:assert/strict';
import type { ChainPorts } from '../../src/kernel/chain/chain-open.ts';
import type { Chainstate } from '../../src/kernel/chain/chainstate.ts';
import { createMemoryPorts, openMemoryChain } from '../../src/kernel/chain/memory-chain.ts';
import { formatReject } from '../../src/kernel/consensus/reject.ts';
import type { JobVerifier } from '../../src/kernel/consensus/script-job.ts';
import type { Secp256k1 } from '../../src/kernel/crypto/secp256k1.ts';
import { nobleSecp256k1 } from '../../src/kernel/crypto/secp256k1-noble.ts';
import { sha256 } from '../../src/kernel/crypto/sha256.ts';
import { POLICY_DEFAULTS, type PolicyOptions } from '../../src/kernel/policy/options.ts';
import type { Block } from '../../src/kernel/primitives/block.ts';
import { formatHash } from '../../src/kernel/primitives/hashes.ts';
import { OUTPOINT_BYTES, type Outpoint } from '../../src/kernel/primitives/outpoint.ts';
import { SpentOutputs } from '../../src/kernel/primitives/spent-outputs.ts';
import {
  buildTransaction,
  type Transaction,
  type TransactionData,
  type TransactionInput,
  type TransactionOutput,
} from '../../src/kernel/primitives/transaction.ts';
import { createWitnessProgram } from '../../src/kernel/script/script-builder.ts';
import { SignatureCache } from '../../src/kernel/script/sig-cache.ts';
import { SighashContext } from '../../src/kernel/script/sighash.ts';
import { InputVerifier } from '../../src/kernel/script/verify.ts';
import { EMPTY_BYTES } from '../../src/kernel/util/bytes.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { type AcceptOptions, type PackageOptions, TransactionAcceptance } from '../../src/node/mempool/accept.ts';
import { ActiveChainView } from '../../src/node/mempool/accept-chain.ts';
import type { AcceptResult, PackageResult, SingleResult } from '../../src/node/mempool/accept-result.ts';
import { DisconnectedTransactions } from '../../src/node/mempool/disconnected-transactions.ts';
import type { MempoolEntry } from '../../src/node/mempool/entry.ts';
import { Mempool } from '../../src/node/mempool/mempool.ts';
import type { CoinKind } from '../bench/chain-profile.ts';
import { type Address, ChainWallet } from '../bench/chain-wallet.ts';
import { pay } from './block-builder.ts';
import { BranchBuilder, NOW_SEC } from './branch-builder.ts';

/** A script and the way to satisfy it. */
export type TestAddress = Pick<Address, 'scriptPubKey' | 'unlock'>;

const TRUE_SCRIPT = Uint8Array.of(0x51);

/** An address whose coins anyone can spend, in a usual form: P2WSH of OP_TRUE. */
export const EASY: TestAddress = {
  scriptPubKey: createWitnessProgram(0, sha256(TRUE_SCRIPT)),
  unlock: () => ({ scriptSig: EMPTY_BYTES, witness: [TRUE_SCRIPT] }),
};

/** A coin that a test may spend. */
export interface TestCoin {
  readonly prevout: Outpoint;
  readonly valueSat: number;
  readonly address: TestAddress;
}

/** What a test wants of a transaction. */
export interface PaymentOptions extends Partial<Pick<TransactionData, 'version' | 'locktime'>> {
  /** Left for the miner when `outputs` does not say all. */
  readonly feeSat?: number;
  /** Equal outputs to {@link EASY}. */
  readonly outputCount?: number;
  /** Instead of equal outputs. */
  readonly outputs?: readonly TransactionOutput[];
  readonly sequence?: number;
}

/** How to make a world. */
export interface AcceptWorldOptions {
  readonly policy?: Partial<PolicyOptions>;
  readonly secp?: Secp256k1;
  /** Coins of {@link EASY} in the chain; 200 of about 25 million satoshis each. */
  readonly coinCount?: number;
  /** Other addresses that own a coin each. */
  readonly kinds?: readonly CoinKind[];
  /** Outputs that block 102 has besides, each of which a test finds in {@link AcceptWorld.extraCoins}. */
  readonly extraOutputs?: readonly TransactionOutput[];
  readonly onVerified?: (transaction: Transaction, scriptFlags: number) => void;
  /** Ports of the chain in place of the usual ones. */
  readonly ports?: Partial<ChainPorts>;
  /** False: blocks do not change the mempool. */
  readonly follows?: boolean;
}

/** Value of a coin of each kind: as little as leaves room for many in one coinbase. */
const KIND_COIN_SAT = 100_000;

/** Most coins of kinds that a world can have: what fits one transaction of a block. */
export const KIND_COIN_COUNT_MAX = 30_000;

/** Height of the chain of a new world. */
export const START_HEIGHT = 102;

/** A fee that is enough for any usual transaction of these tests. */
export const FEE_SAT = 10_000;

/** Chain, mempool, coins, and the shell between them. */
export class AcceptWorld {
  readonly chain: Chainstate;
  readonly mempool: Mempool;
  readonly acceptance: TransactionAcceptance;
  readonly wallet: ChainWallet;
  /** The active branch. */
  branch: BranchBuilder;
  nowSec = NOW_SEC;
  /** Coins of {@link EASY} that no test has taken. */
  readonly coins: TestCoin[] = [];
  /** One coin for each kind that was asked for. */
  readonly kindCoins: TestCoin[] = [];
  readonly extraCoins: TestCoin[] = [];
  /** Entries that came back by the last reorganisation. */
  returned: readonly MempoolEntry[] = [];
  /** Coins that the shell fetched, and times that it did. */
  fetchedCount = 0;
  fetchCount = 0;
  /** Inputs whose scripts were run. */
  verifiedInputCount = 0;
  readonly #options: AcceptWorldOptions;
  readonly #context = new SighashContext();
  readonly #disconnected: DisconnectedTransactions;
  #hasDisconnected = false;

  private constructor(chain: Chainstate, branch: BranchBuilder, options: AcceptWorldOptions) {
    const secp = options.secp ?? nobleSecp256k1;
    const rng = createRng(5);
    this.chain = chain;
    this.branch = branch;
    this.wallet = new ChainWallet(secp, (index) => options.kinds?.[index] ?? 'p2wpkh');
    this.mempool = new Mempool({ ...POLICY_DEFAULTS, ...options.policy }, rng);
    const signatureCache = new SignatureCache({ entryCountMax: 4096, salt: rng.bytes(32) });
    this.acceptance = new TransactionAcceptance({
      mempool: this.mempool,
      chain: new ActiveChainView(chain),
      verifier: this.#countInputs(new InputVerifier(secp, { signatureCache })),
      ...(options.onVerified === undefined ? {} : { onVerified: options.onVerified }),
    });
    this.#options = options;
    this.#disconnected = new DisconnectedTransactions(rng);
    if (options.follows ?? true) this.#follow();
  }

  /** A world of {@link START_HEIGHT} blocks. */
  static async open(options: AcceptWorldOptions = {}): Promise<AcceptWorld> {
    const branch = new BranchBuilder();
    const chain = await openMemoryChain(branch.network, {}, { ...createMemoryPorts(options.secp), ...options.ports });
    branch.mineMany(START_HEIGHT - 1);
    for (const block of branch.blocks) await chain.submitBlock(block, NOW_SEC);
    const world = new AcceptWorld(chain, branch, options);
    await world.#fund(options);
    return world;
  }

  async #fund(options: AcceptWorldOptions): Promise<void> {
    const count = options.coinCount ?? 200;
    const easy = this.branch.spendCoinbase(1, Math.max(1, count), EASY.scriptPubKey);
    const kinds = options.kinds ?? [];
    const coinbase = this.branch.at(2).transaction(0);
    const extra = options.extraOutputs ?? [];
    const outputs = kinds.map((_, i) => pay(KIND_COIN_SAT, this.wallet.address(i).scriptPubKey));
    const others = buildTransaction({
      version: 2,
      locktime: 0,
      inputs: [{ prevout: { txid: coinbase.txid, index: 0 }, scriptSig: EMPTY_BYTES, sequence: 0xffffffff }],
      outputs: [pay(1_000, EASY.scriptPubKey), ...outputs, ...extra],
    });
    await this.mine([easy, others]);
    for (let j = 0; j < count; j++) this.coins.push(this.coinOf(easy, j));
    for (const i of kinds.keys()) this.kindCoins.push(this.coinOf(others, 1 + i, this.wallet.address(i)));
    for (const i of extra.keys()) this.extraCoins.push(this.coinOf(others, 1 + kinds.length + i));
  }

  // --- transactions ---------------------------------------------------------------------------------------------------

  /** A coin of the chain that no other test step has. */
  coin(): TestCoin {
    const coin = this.coins.pop();
    assert(coin !== undefined, 'a coin that is left');
    return coin;
  }

  /** Output `index` of a transaction as a coin; of {@link EASY} unless said. */
  coinOf(transaction: Transaction, index = 0, address: TestAddress = EASY): TestCoin {
    return { prevout: { txid: transaction.txid, index }, valueSat: transaction.valueSat(index), address };
  }

  /** A signed transaction. */
  payment(coins: readonly TestCoin[], options: PaymentOptions = {}): Transaction {
    const { version = 2, locktime = 0, sequence = 0xfffffffd } = options;
    const inputs: TransactionInput[] = coins.map(({ prevout }) => ({ prevout, scriptSig: EMPTY_BYTES, sequence }));
    return this.sign({ version, locktime, inputs, outputs: options.outputs ?? equalOutputs(coins, options) }, coins);
  }

  /** The transaction with every input unlocked by the address of its coin. */
  sign(unsigned: TransactionData, coins: readonly TestCoin[]): Transaction {
    const context = this.#context;
    const spent = coins.map(({ valueSat, address }) => pay(valueSat, address.scriptPubKey));
    context.reset(buildTransaction(unsigned), SpentOutputs.pack(spent));
    const inputs = unsigned.inputs.map((input, inputIndex) => {
      const { valueSat, address } = coins[inputIndex]!;
      return { ...input, ...address.unlock({ context, inputIndex, valueSat, isOffer: false }) };
    });
    return buildTransaction({ ...unsigned, inputs });
  }

  // --- the shell ------------------------------------------------------------------------------------------------------

  /** Fetches what acceptance does not know of a transaction. */
  async fetchFor(unknown: () => Uint8Array): Promise<void> {
    for (let wanted = unknown(); wanted.length > 0; wanted = unknown()) {
      this.fetchCount++;
      this.fetchedCount += wanted.length / OUTPOINT_BYTES;
      await this.chain.state.coins.fetch(wanted, wanted.length / OUTPOINT_BYTES);
    }
  }

  async accept(transaction: Transaction, options: Partial<AcceptOptions> = {}): Promise<SingleResult> {
    await this.fetchFor(() => this.acceptance.unknownOutpoints(transaction));
    return this.acceptance.accept(transaction, { nowSec: this.nowSec, ...options });
  }

  /** Accepts a transaction that must be good; returns its entry. */
  async add(transaction: Transaction): Promise<MempoolEntry> {
    const result = await this.accept(transaction);
    assert(result.outcome === 'accepted', describeResult(result));
    return result.entry!;
  }

  /** What becomes of a transaction, in Core's words. */
  async verdict(transaction: Transaction, options: Partial<AcceptOptions> = {}): Promise<string> {
    return describeResult(await this.accept(transaction, options));
  }

  async acceptPackage(
    transactions: readonly Transaction[],
    options: Partial<PackageOptions> = {},
  ): Promise<PackageResult> {
    await this.fetchFor(() => this.acceptance.unknownForPackage(transactions));
    return this.acceptance.acceptPackage(transactions, { nowSec: this.nowSec, ...options });
  }

  async testPackage(transactions: readonly Transaction[]): Promise<PackageResult> {
    await this.fetchFor(() => this.acceptance.unknownForPackage(transactions));
    return this.acceptance.testPackage(transactions, { nowSec: this.nowSec });
  }

  /** Connects the next block. */
  async mine(transactions: readonly Transaction[] = []): Promise<Block> {
    const block = this.branch.mine({ transactions });
    await this.#submit(block);
    return block;
  }

  /** Connects so many empty blocks. */
  async mineEmpty(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.mine();
  }

  /** Replaces the last `depth` blocks by one more, with these transactions in the first of the new ones. */
  async reorganise(
    depth: number,
    transactions: readonly Transaction[] = [],
    options?: { readds: boolean },
  ): Promise<void> {
    this.branch = this.branch.fork(this.branch.height - depth);
    const blocks = [this.branch.mine({ transactions }), ...this.branch.mineMany(depth)];
    for (const block of blocks) await this.#submit(block, options?.readds ?? true);
  }

  #countInputs(verifier: InputVerifier): JobVerifier {
    return {
      setTransaction: (transaction, spent) => verifier.setTransaction(transaction, spent),
      verifyInput: (inputIndex, flags) => {
        this.verifiedInputCount++;
        return verifier.verifyInput(inputIndex, flags);
      },
    };
  }

  /** The last blocks of the active branch, lowest first. */
  lastBlocks(depth: number): { readonly transactions: readonly Transaction[] }[] {
    return this.branch.blocks.slice(-depth).map((block) => ({
      transactions: Array.from({ length: block.txCount }, (_, i) => block.transaction(i)),
    }));
  }

  async #submit(block: Block, readds = true): Promise<void> {
    const result = await this.chain.submitBlock(block, this.nowSec);
    const isGood = result.outcome === 'connected' || result.outcome === 'stored';
    assert(isGood, result.outcome === 'rejected' ? formatReject(result.reject) : result.outcome);
    await this.settle(readds);
  }

  /** Brings the mempool to the tip after blocks were disconnected. */
  async settle(readds = true): Promise<void> {
    if (!this.#hasDisconnected) return;
    this.#hasDisconnected = false;
    const transactions = this.#disconnected.take();
    const back = this.acceptance.beginReaccept({ nowSec: this.nowSec, readds });
    await this.fetchFor(() => back.unknownFor(transactions));
    back.add(transactions);
    await this.fetchFor(() => back.unknownAtEnd());
    this.returned = back.finish();
  }

  /** The same chain under an empty mempool, which follows no blocks. */
  emptyTwin(): AcceptWorld {
    return new AcceptWorld(this.chain, this.branch, { ...this.#options, follows: false });
  }

  #follow(): void {
    const { blockConnected, blockDisconnected } = this.chain.signals;
    blockDisconnected.subscribe(({ block }) => {
      this.#hasDisconnected = true;
      for (const transaction of this.#disconnected.addBlock(block))
        this.mempool.removeTransaction(transaction, 'reorg');
    });
    blockConnected.subscribe(({ block, height }) => {
      this.mempool.removeForBlock(block, height, this.nowSec);
      this.#disconnected.removeForBlock(block);
    });
  }

  // --- looking --------------------------------------------------------------------------------------------------------

  has(transaction: Transaction): boolean {
    return this.mempool.has(transaction.txid);
  }

  /** Txids of the mempool, sorted. */
  txids(): string[] {
    return [...this.mempool.entries()].map(({ transaction }) => formatHash(transaction.txid)).sort();
  }
}

function equalOutputs(coins: readonly TestCoin[], options: PaymentOptions): TransactionOutput[] {
  const { feeSat = FEE_SAT, outputCount = 1 } = options;
  const totalSat = coins.reduce((sum, { valueSat }) => sum + valueSat, 0) - feeSat;
  const shareSat = Math.floor(totalSat / outputCount);
  return Array.from({ length: outputCount }, (_, i) =>
    pay(i === 0 ? totalSat - shareSat * (outputCount - 1) : shareSat, EASY.scriptPubKey),
  );
}

/** `accepted`, or the kind and Core's text of the refusal. */
export function describeResult(result: AcceptResult | null): string {
  if (result === null) return 'not judged';
  return result.outcome === 'rejected' ? `${result.reject.kind}: ${formatReject(result.reject)}` : result.outcome;
}

/** The same of a package: the verdict on all, then each. */
export function describePackage({ reject, results }: PackageResult): string[] {
  return [reject === null ? 'accepted' : `${reject.kind}: ${formatReject(reject)}`, ...results.map(describeResult)];
}
