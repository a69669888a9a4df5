// Chooses the transactions of a new block and fills in everything but the coinbase (Core BlockAssembler). The mempool offers its
// transactions in chunks, those that pay most for their weight first; a chunk is taken whole or left out with the rest of its
// cluster. Pure: the clock is a parameter, and what is not in the arguments does not matter.

import { isActiveAt } from '../../kernel/consensus/deployments.ts';
import { computeMedianTimePast, type HeaderBranch } from '../../kernel/consensus/header-branch.ts';
import { MAX_TIMEWARP_SEC } from '../../kernel/consensus/header-check.ts';
import { MAX_BLOCK_SIGOPS_COST, MAX_BLOCK_WEIGHT } from '../../kernel/consensus/limits.ts';
import type { ConsensusParams } from '../../kernel/consensus/params.ts';
import { getNextWorkRequired } from '../../kernel/consensus/pow.ts';
import { getBlockSubsidy } from '../../kernel/consensus/subsidy.ts';
import { isFinalTransaction } from '../../kernel/consensus/tx-verify.ts';
import { computeBlockVersion, type VersionbitsCache } from '../../kernel/consensus/versionbits.ts';
import { compareFeerate, type FeeFrac, toFeePerVsize } from '../../kernel/policy/fee-frac.ts';
import type { MempoolEntry } from '../mempool/entry.ts';
import { type BlockTemplate, computeTemplateCommitments } from './block-template.ts';

/** What an operator can set about blocks (Core BlockCreateOptions). */
export interface MiningOptions {
  /** Heaviest block to be made, in weight units (-blockmaxweight). */
  readonly blockMaxWeightWu: number;
  /** Weight that is kept free for header, count and coinbase (-blockreservedweight). */
  readonly blockReservedWeightWu: number;
  /** Lowest rate of a chunk, in satoshis per 1,000 virtual bytes (-blockmintxfee). */
  readonly blockMinFeerate: number;
  /** Cost of signature operations that is kept free for the coinbase. */
  readonly coinbaseSigopsCost: number;
}

/** Core's defaults (policy/policy.h). */
export const MINING_DEFAULTS: MiningOptions = Object.freeze({
  blockMaxWeightWu: MAX_BLOCK_WEIGHT,
  blockReservedWeightWu: 8_000,
  blockMinFeerate: 1,
  coinbaseSigopsCost: 400,
});

/** Least weight to keep free (Core MINIMUM_BLOCK_RESERVED_WEIGHT). */
const RESERVED_WEIGHT_MIN = 2_000;

/** Chunks in a row that do not fit, after which a block that is nearly full is taken as full (Core MAX_CONSECUTIVE_FAILURES). */
const FAILURES_MAX = 1_000;

/** What a block that is nearly full may lack, in weight units (Core BLOCK_FULL_ENOUGH_WEIGHT_DELTA). */
const NEARLY_FULL_WU = 4_000;

/** Why these options make no block, as a sentence of Core's that names the command line's option; null: they do. */
export function checkMiningOptions(options: MiningOptions): string | null {
  const { blockMaxWeightWu: max, blockReservedWeightWu: reserved } = options;
  const tooHeavy = `exceeds consensus maximum block weight (${MAX_BLOCK_WEIGHT})`;
  if (reserved < RESERVED_WEIGHT_MIN) {
    return `-blockreservedweight (${reserved}) is lower than minimum safety value of (${RESERVED_WEIGHT_MIN})`;
  }
  if (reserved > MAX_BLOCK_WEIGHT) return `-blockreservedweight (${reserved}) ${tooHeavy}`;
  if (max > MAX_BLOCK_WEIGHT) return `-blockmaxweight (${max}) ${tooHeavy}`;
  if (reserved > max) return `-blockreservedweight (${reserved}) exceeds -blockmaxweight (${max})`;
  return null;
}

/** Handle of a transaction in the mempool's graph. */
type TxRef = MempoolEntry['ref'];

/** Transactions that are taken together or not at all. */
export interface BlockChunk {
  /** Parents before children. */
  readonly refs: readonly TxRef[];
  /** Fees with what operators added, over weight in weight units. */
  readonly feerate: FeeFrac;
}

/** A walk over the chunks of a mempool, the best ones first. The mempool must not change before it is closed. */
export interface ChunkWalk {
  /** The best chunk that is left, or null when there is none. */
  current(): BlockChunk | null;
  /** The current chunk is taken. */
  include(): void;
  /** The current chunk is left out, and with it what comes behind it in its cluster. */
  skip(): void;
  close(): void;
}

/** The part of the mempool that a block is made from. */
export interface BlockPool {
  readonly graph: { beginBlock(): ChunkWalk };
  entry(ref: TxRef): MempoolEntry;
}

/** The chain that a block is made for. */
export interface TemplateChain {
  /** Ends with the parent of the block. */
  readonly branch: HeaderBranch;
  readonly consensus: ConsensusParams;
  readonly nowSec: number;
  /** Remembers states of deployments from block to block. */
  readonly versionbits?: VersionbitsCache;
  /** A version in place of the usual one (-blockversion, regtest only). */
  readonly version?: number;
}

/** The earliest time that the next block of a branch may have: after the median, and not a time warp (Core GetMinimumTime). */
export function computeMinimumTime(branch: HeaderBranch, consensus: ConsensusParams): number {
  const afterMedian = computeMedianTimePast(branch) + 1;
  // Kept on every network although only some demand it (BIP94), so that a rule for all would find no fault.
  if ((branch.height + 1) % consensus.pow.interval !== 0) return afterMedian;
  return Math.max(afterMedian, branch.timeSec(branch.height) - MAX_TIMEWARP_SEC);
}

/**
 * Time and bits for the next block of a branch, now (Core UpdateTime). A time that went on before does not go back; on test
 * networks the bits follow the time.
 */
export function computeTimeAndBits(
  chain: TemplateChain,
  earliestSec = 0,
): Pick<BlockTemplate, 'timeSec' | 'minTimeSec' | 'bits'> {
  const { branch, consensus, nowSec } = chain;
  const minTimeSec = computeMinimumTime(branch, consensus);
  const timeSec = Math.max(earliestSec, minTimeSec, nowSec);
  return { timeSec, minTimeSec, bits: getNextWorkRequired(branch, timeSec, consensus.pow) };
}

/** The template as of now: everything but its time, and the bits that may follow from it, stays. */
export function refreshTemplate(template: BlockTemplate, chain: TemplateChain): BlockTemplate {
  return { ...template, ...computeTimeAndBits(chain, template.timeSec) };
}

/** The transactions that were chosen, with running sums. */
class Selection {
  readonly #options: MiningOptions;
  readonly #height: number;
  readonly #locktimeSec: number;
  readonly transactions: MempoolEntry[] = [];
  readonly chunkFeerates: FeeFrac[] = [];
  feesSat = 0;
  weightWu: number;
  sigopsCost: number;

  /** Locktimes are held against `height` and `locktimeSec`, the median time past. */
  constructor(options: MiningOptions, height: number, locktimeSec: number) {
    this.#options = options;
    this.#height = height;
    this.#locktimeSec = locktimeSec;
    this.weightWu = options.blockReservedWeightWu;
    this.sigopsCost = options.coinbaseSigopsCost;
  }

  /** Takes what fits, best first, until the rest pays too little or the block is full (Core addChunks). */
  fill(pool: BlockPool): void {
    const walk = pool.graph.beginBlock();
    this.#take(walk, pool);
    walk.close();
  }

  #take(walk: ChunkWalk, pool: BlockPool): void {
    const { blockMaxWeightWu, blockMinFeerate } = this.#options;
    const minimum: FeeFrac = { feeSat: blockMinFeerate, size: 1_000 };
    let failures = 0;
    for (let chunk = walk.current(); chunk !== null; chunk = walk.current()) {
      const feerate = toFeePerVsize(chunk.feerate);
      if (compareFeerate(feerate, minimum) < 0) return;
      const entries = chunk.refs.map((ref) => pool.entry(ref));
      if (this.#fits(entries, chunk.feerate)) {
        walk.include();
        failures = 0;
        this.#add(entries);
        this.chunkFeerates.push(feerate);
      } else {
        walk.skip();
        failures++;
        if (failures > FAILURES_MAX && this.weightWu + NEARLY_FULL_WU > blockMaxWeightWu) return;
      }
    }
  }

  #fits(entries: readonly MempoolEntry[], feerate: FeeFrac): boolean {
    if (this.weightWu + feerate.size >= this.#options.blockMaxWeightWu) return false;
    let sigopsCost = this.sigopsCost;
    for (const entry of entries) sigopsCost += entry.sigopsCost;
    if (sigopsCost >= MAX_BLOCK_SIGOPS_COST) return false;
    // The mempool holds final transactions only; a block that is not valid would cost its miner everything, so look again.
    return entries.every(({ transaction }) => isFinalTransaction(transaction, this.#height, this.#locktimeSec));
  }

  #add(entries: readonly MempoolEntry[]): void {
    for (const entry of entries) {
      this.transactions.push(entry);
      this.feesSat += entry.feeSat;
      this.weightWu += entry.transaction.weightWu;
      this.sigopsCost += entry.sigopsCost;
    }
  }
}

/**
 * A template for the next block of a chain. Without a pool it has no transactions.
 *
 * @example
 * const template = assembleBlock(mempool, { branch, consensus, nowSec }, MINING_DEFAULTS);
 * const candidate = new BlockCandidate(template, { scriptPubKey });
 * const nonce = grindHeader(candidate.header, 0, 1_000_000);
 * if (nonce !== null) submit(candidate.seal(nonce));
 */
export function assembleBlock(pool: BlockPool | null, chain: TemplateChain, options: MiningOptions): BlockTemplate {
  const { branch, consensus } = chain;
  const height = branch.height + 1;
  const selection = new Selection(options, height, computeMedianTimePast(branch));
  if (pool !== null) selection.fill(pool);
  const { transactions, chunkFeerates, feesSat, weightWu, sigopsCost } = selection;
  return {
    height,
    version: chain.version ?? computeBlockVersion(consensus, branch, branch.height, chain.versionbits),
    previousBlockHash: branch.blockHash(branch.height),
    ...computeTimeAndBits(chain),
    transactions,
    chunkFeerates,
    feesSat,
    rewardSat: feesSat + getBlockSubsidy(height, consensus),
    weightWu,
    sigopsCost,
    isSegwitActive: isActiveAt(consensus, 'segwit', height),
    ...computeTemplateCommitments(transactions),
  };
}
