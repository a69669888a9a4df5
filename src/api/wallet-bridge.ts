// A node as its wallets see it (Core interfaces::Chain, node/interfaces.cpp): the one place where both are known. Blocks are read and
// taken apart once, however many wallets ask for them.

import { type BlockEntry, NO_ENTRY } from '../kernel/chain/block-index.ts';
import type { Chainstate } from '../kernel/chain/chainstate.ts';
import { CoinsLookup } from '../kernel/chain/coins-lookup.ts';
import type { FollowerPosition } from '../kernel/chain/prune-holds.ts';
import { CoinRef } from '../kernel/consensus/coin.ts';
import type { ChainParams } from '../kernel/consensus/params.ts';
import { formatReject } from '../kernel/consensus/reject.ts';
import { writeU32 } from '../kernel/encoding/numbers.ts';
import type { Block } from '../kernel/primitives/block.ts';
import { asBlockHash, type BlockHash, HASH_BYTES, type Txid } from '../kernel/primitives/hashes.ts';
import { encodeOutpoint, OUTPOINT_BYTES, type Outpoint } from '../kernel/primitives/outpoint.ts';
import type { Transaction } from '../kernel/primitives/transaction.ts';
import { toHex } from '../kernel/util/bytes.ts';
import type { Unsubscribe } from '../kernel/util/signal.ts';
import type { IndexService } from '../node/app/index-service.ts';
import type { MempoolService } from '../node/app/mempool-service.ts';
import type { Node } from '../node/app/node.ts';
import { openFilter } from '../node/index/block-filter.ts';
import { computeBumpFees } from '../node/mempool/bump-fees.ts';
import type { RemovedEvent } from '../node/mempool/mempool-events.ts';
import type {
  BroadcastResult,
  ChainBlock,
  ChainListener,
  ChainSource,
  FeeEstimateMode,
  MempoolFamily,
  RemovalReason,
  SpendableOutput,
} from '../wallet/chain-source.ts';
import { medianTimeOf } from './format/header.ts';

/** Blocks that are kept apart: several wallets are rarely further from each other. */
const BLOCKS_KEPT = 4;

/** What a bridge stands on. */
export interface WalletBridgeParts {
  readonly params: ChainParams;
  readonly chain: Chainstate;
  readonly node: Node;
  readonly pool: MempoolService;
  readonly indexes: IndexService;
  readonly nowSec: () => number;
}

/** The bridge. */
export class WalletBridge implements ChainSource {
  readonly params: ChainParams;
  readonly #parts: WalletBridgeParts;
  /** Blocks that were read lately, the oldest first. */
  readonly #blocks: Map<string, Promise<readonly Transaction[] | null>> = new Map();

  constructor(parts: WalletBridgeParts) {
    this.params = parts.params;
    this.#parts = parts;
  }

  // --- the chain ------------------------------------------------------------------------------------------------------

  tip(): ChainBlock {
    return this.#describe(this.#parts.chain.active.tip);
  }

  tipFrom(height: number): ChainBlock {
    const { background, index } = this.#parts.chain;
    if (background === null || height >= background.snapshot.height) return this.tip();
    return this.#describe(index.lastCommonAncestor(background.state.active.tip, background.target));
  }

  historyHeight(): number | null {
    const { background, height } = this.#parts.chain;
    return background === null ? null : Math.min(height, this.firstStoredHeight());
  }

  blockAt(height: number): ChainBlock | null {
    const { active } = this.#parts.chain;
    return height < 0 || height > active.height ? null : this.#describe(active.at(height));
  }

  heightOf(blockHash: BlockHash): number | null {
    const { index, active } = this.#parts.chain;
    const entry = index.find(blockHash);
    return entry === NO_ENTRY || !active.contains(entry) ? null : index.height(entry);
  }

  forkOf(blockHash: BlockHash): ChainBlock | null {
    const { index, active } = this.#parts.chain;
    const entry = index.find(blockHash);
    return entry === NO_ENTRY ? null : this.#describe(active.fork(entry));
  }

  findBlock(blockHash: BlockHash): ChainBlock | null {
    const entry = this.#parts.chain.index.find(blockHash);
    return entry === NO_ENTRY ? null : this.#describe(entry);
  }

  firstStoredHeight(): number {
    const { index, active } = this.#parts.chain;
    let height = active.height + 1;
    while (height > 0 && index.hasData(active.at(height - 1))) height--;
    return height;
  }

  readBlock(blockHash: BlockHash): Promise<readonly Transaction[] | null> {
    const { index } = this.#parts.chain;
    const entry = index.find(blockHash);
    if (entry === NO_ENTRY || !index.hasData(entry)) return Promise.resolve(null);
    const key = toHex(blockHash);
    const known = this.#blocks.get(key);
    if (known !== undefined) return known;
    const reading = this.#parts.chain.readBlock(entry).then(transactionsOf);
    this.#keep(key, reading);
    reading.catch(() => this.#blocks.delete(key));
    return reading;
  }

  #keep(key: string, block: Promise<readonly Transaction[]>): void {
    this.#blocks.set(key, block);
    for (const oldest of this.#blocks.keys()) {
      if (this.#blocks.size <= BLOCKS_KEPT) return;
      this.#blocks.delete(oldest);
    }
  }

  async mayTouch(blockHash: BlockHash, scripts: readonly Uint8Array[]): Promise<boolean | null> {
    const { chain, indexes } = this.#parts;
    const entry = chain.index.find(blockHash);
    if (entry === NO_ENTRY || indexes.filters === null) return null;
    const bytes = await indexes.filters.readFilter(entry);
    const filter = bytes === null ? null : openFilter(blockHash, bytes);
    return filter?.matchAny(scripts) ?? null;
  }

  isSynchronised(): boolean {
    return !this.#parts.chain.isInitialDownload;
  }

  #describe(entry: BlockEntry): ChainBlock {
    const { index } = this.#parts.chain;
    return {
      blockHash: asBlockHash(index.blockHash(entry).slice()),
      height: index.height(entry),
      timeSec: index.timeSec(entry),
      medianTimeSec: medianTimeOf(index, entry),
      maxTimeSec: index.timeMaxSec(entry),
    };
  }

  // --- coins ----------------------------------------------------------------------------------------------------------

  async findOutputs(outpoints: readonly Outpoint[]): Promise<readonly (SpendableOutput | null)[]> {
    const { chain, pool } = this.#parts;
    const packed = packOutpoints(outpoints);
    const lookup = new CoinsLookup(chain.state.coins);
    const places = outpoints.map((_, i) => i * OUTPOINT_BYTES);
    while (!places.every((at) => lookup.isKnown(packed, at))) await lookup.fetch(packed, outpoints.length);
    const ref = new CoinRef();
    return outpoints.map(({ index }, i) => {
      const at = places[i]!;
      const parent = pool.mempool.get(packed, at)?.transaction ?? null;
      if (parent !== null) return outputOfPool(parent, index);
      if (!lookup.readCoin(packed, at, ref)) return null;
      const { valueSat, scriptPubKey, height, isCoinbase } = ref.toCoin();
      return { valueSat, scriptPubKey, height, isCoinbase };
    });
  }

  // --- the mempool ----------------------------------------------------------------------------------------------------

  isInMempool(txid: Txid): boolean {
    return this.#parts.pool.mempool.has(txid);
  }

  mempoolTransactions(): readonly Transaction[] {
    return this.#parts.pool.mempool.sorted().map(({ transaction }) => transaction);
  }

  mempoolFamily(txid: Txid): MempoolFamily | null {
    const { mempool } = this.#parts.pool;
    const entry = mempool.get(txid);
    if (entry === null) return null;
    const ancestors = mempool.ancestors(entry);
    const descendants = mempool.descendants(entry);
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
    return {
      ancestorCount: ancestors.length,
      descendantCount: descendants.length,
      clusterCount: mempool.cluster(entry).length,
      ancestorVsize: sum(ancestors.map(({ vsize }) => vsize)),
      descendantVsize: sum(descendants.map(({ vsize }) => vsize)),
      ancestorFeesSat: sum(ancestors.map(({ modifiedFeeSat }) => modifiedFeeSat)),
    };
  }

  isSpentInMempool(outpoint: Outpoint): boolean {
    return this.#parts.pool.mempool.spender(encodeOutpoint(outpoint)) !== null;
  }

  bumpFees(
    outpoints: readonly Outpoint[],
    feeRateSatPerKvb: number,
  ): { readonly each: readonly number[]; readonly combined: number | null } {
    const { mempool } = this.#parts.pool;
    const { each, combinedSat } = computeBumpFees(mempool, outpoints.map(encodeOutpoint), feeRateSatPerKvb);
    return { each, combined: combinedSat };
  }

  checkChainLimits(transaction: Transaction): boolean {
    const { mempool } = this.#parts.pool;
    const { clusterCountMax, clusterWeightMax } = mempool.options;
    const members = new Set(mempool.parents({ transaction }).flatMap((parent) => mempool.cluster(parent)));
    let weightWu = transaction.weightWu;
    for (const member of members) weightWu += member.weightWu;
    return members.size < clusterCountMax && weightWu <= clusterWeightMax;
  }

  async broadcast(
    transaction: Transaction,
    { maxFeeSat, relays }: { readonly maxFeeSat: number | null; readonly relays: boolean },
  ): Promise<BroadcastResult> {
    const { node, pool } = this.#parts;
    const { txid } = transaction;
    if (pool.mempool.has(txid)) {
      if (relays) node.announceTransaction(transaction);
      return { ok: true, txid };
    }
    if (await this.#isInChain(transaction)) return { ok: false, reason: IN_CHAIN, debug: '' };
    if (maxFeeSat !== null) {
      const tried = await pool.intake.submit(transaction, { isTest: true });
      if (tried.outcome === 'accepted' && tried.feeSat > maxFeeSat) {
        return { ok: false, reason: FEE_TOO_HIGH, debug: '' };
      }
    }
    const verdict = relays ? await node.submitTransaction(transaction) : await pool.intake.submit(transaction);
    if (verdict.outcome === 'accepted') return { ok: true, txid };
    return { ok: false, reason: formatReject(verdict.reject), debug: '' };
  }

  /** Whether one of its outputs is a coin of the chain, which it is therefore part of. */
  async #isInChain({ txid, outputCount }: Transaction): Promise<boolean> {
    const lookup = new CoinsLookup(this.#parts.chain.state.coins);
    const packed = packOutpoints(Array.from({ length: outputCount }, (_, index) => ({ txid, index })));
    const places = Array.from({ length: outputCount }, (_, j) => j * OUTPOINT_BYTES);
    while (!places.every((at) => lookup.isKnown(packed, at))) await lookup.fetch(packed, outputCount);
    return places.some((at) => lookup.hasCoin(packed, at));
  }

  // --- fees -----------------------------------------------------------------------------------------------------------

  estimateFeeRate(
    targetBlocks: number,
    mode: FeeEstimateMode,
  ): { readonly satPerKvb: number; readonly targetBlocks: number } | null {
    const estimator = this.#parts.pool.fees?.estimator;
    const estimate = estimator?.estimateSmartFee(targetBlocks, mode === 'conservative');
    if (estimate === undefined || estimate.feerateSatPerKvb === null) return null;
    return { satPerKvb: estimate.feerateSatPerKvb, targetBlocks: estimate.returnedTarget };
  }

  estimateTargetMax(): number {
    return this.#parts.pool.fees?.estimator.highestTargetTracked('long') ?? 0;
  }

  mempoolMinFeeRate(): number {
    return this.#parts.pool.mempool.minimumFeerate(this.#parts.nowSec());
  }

  relayMinFeeRate(): number {
    return this.#parts.pool.mempool.options.minRelayFeerate;
  }

  incrementalRelayFeeRate(): number {
    return this.#parts.pool.mempool.options.incrementalFeerate;
  }

  dustRelayFeeRate(): number {
    return this.#parts.pool.mempool.options.dustFeerate;
  }

  // --- news -----------------------------------------------------------------------------------------------------------

  follow(listener: ChainListener): Unsubscribe {
    const { chain, pool } = this.#parts;
    const { added, removed } = pool.mempool.signals;
    const subscriptions = [
      // Wallets will ask for it in a moment.
      chain.signals.blockConnected.subscribe(({ block }) => this.#remember(block)),
      chain.signals.tipChanged.subscribe(() => listener.tipChanged()),
      chain.signals.backgroundMoved.subscribe(() => listener.tipChanged()),
      chain.pruneHolds.add(() => this.#findHeld(listener)),
      added.subscribe(({ entry }) => listener.transactionAdded(entry.transaction)),
      removed.subscribe(({ entry, reason }) => listener.transactionRemoved(entry.transaction, toRemoval(reason))),
    ];
    return () => {
      for (const unsubscribe of subscriptions) unsubscribe();
    };
  }

  /** A wallet reads blocks from the disk when many come at once, as in a long reorganisation: until then they have to be there. */
  #findHeld(listener: ChainListener): readonly FollowerPosition[] {
    const { index, active } = this.#parts.chain;
    const last = listener.lastBlock();
    const entry = last === null ? NO_ENTRY : index.find(last);
    if (entry === NO_ENTRY) return [];
    const fork = active.fork(entry);
    return fork === active.tip ? [] : [{ name: 'wallet', height: index.height(fork) }];
  }

  #remember(block: Block): void {
    const key = toHex(block.header.blockHash);
    if (!this.#blocks.has(key)) this.#keep(key, Promise.resolve(transactionsOf(block)));
  }
}

/** Core's words (TransactionError ALREADY_IN_UTXO_SET, MAX_FEE_EXCEEDED). */
const IN_CHAIN = 'Transaction outputs already in utxo set';
const FEE_TOO_HIGH = 'Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)';

function transactionsOf(block: Block): readonly Transaction[] {
  return Array.from({ length: block.txCount }, (_, i) => block.transaction(i));
}

function packOutpoints(outpoints: readonly Outpoint[]): Uint8Array {
  const packed = new Uint8Array(outpoints.length * OUTPOINT_BYTES);
  for (const [i, { txid, index }] of outpoints.entries()) {
    packed.set(txid, i * OUTPOINT_BYTES);
    writeU32(packed, i * OUTPOINT_BYTES + HASH_BYTES, index);
  }
  return packed;
}

function outputOfPool(parent: Transaction, index: number): SpendableOutput | null {
  if (index >= parent.outputCount) return null;
  const scriptPubKey = parent.scriptPubKey(index).slice();
  return { valueSat: parent.valueSat(index), scriptPubKey, height: null, isCoinbase: false };
}

function toRemoval(reason: RemovedEvent['reason']): RemovalReason {
  return reason === 'sizelimit' ? 'size-limit' : reason;
}
