// Making blocks for a running node: templates on the tip, for whoever mines elsewhere, and a miner on the processor, for a wish
// (option -mine, the app). A template is made only while the mempool fits the tip, or its block would not be valid.

import type { Chainstate } from '../../kernel/chain/chainstate.ts';
import { IndexBranch } from '../../kernel/chain/index-branch.ts';
import { VersionbitsCache } from '../../kernel/consensus/versionbits.ts';
import { computeFeerate, formatFeerate } from '../../kernel/policy/feerate.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { equalBytes } from '../../kernel/util/bytes.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { Unsubscribe } from '../../kernel/util/signal.ts';
import { assembleBlock, type MiningOptions, type TemplateChain } from '../mining/assembler.ts';
import { BlockCandidate, type BlockTemplate } from '../mining/block-template.ts';
import type { Grinder } from '../mining/grinder.ts';
import type { Clock, Logger, Timers } from '../ports.ts';
import { CpuMiner, type MinerStatus, type MinerWork } from './cpu-miner.ts';
import type { MempoolService } from './mempool-service.ts';
import type { Node } from './node.ts';
import { TemplateDesk } from './template-desk.ts';

/** What a mining service works with. */
export interface MiningServiceParts {
  readonly chain: Chainstate;
  /** Takes the blocks that the miner finds. */
  readonly node: Pick<Node, 'submitBlock'>;
  /** Null: blocks have no transactions but the coinbase. */
  readonly mempool: MempoolService | null;
  readonly options: MiningOptions;
  /** Version in place of the usual one (-blockversion); null: the usual one. */
  readonly version: number | null;
  /** Whether the fee rate of every transaction of a template is logged (-printpriority). */
  readonly logsFeerates: boolean;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly rng: Rng;
  /** Starts the threads of the miner, when it is wanted for the first time. */
  readonly createGrinder: (threadCount: number) => Grinder;
  /** How many there are to begin with. */
  readonly threadCount: number;
  readonly onFatal: (error: unknown) => void;
}

const IDLE: MinerStatus = Object.freeze({
  isMining: false,
  share: 1,
  hashRate: 0,
  hashCount: 0,
  hashCountAtHeight: 0,
  lowestHash: null,
  bits: null,
  height: null,
  transactionCount: 0,
  rewardSat: 0,
  blocksWon: 0,
  lastBlocks: [],
});

/** What getmininginfo tells of a template. */
export type TemplateSize = { readonly weightWu: number; readonly transactionCount: number };

/** Makes blocks. */
export class MiningService {
  /** Templates for those who mine elsewhere. */
  readonly templates: TemplateDesk;
  readonly #parts: MiningServiceParts;
  readonly #branch: IndexBranch;
  readonly #versionbits: VersionbitsCache = new VersionbitsCache();
  readonly #subscriptions: Unsubscribe[] = [];
  #miner: CpuMiner | null = null;
  #threadCount: number;
  #share = 1;
  #scriptPubKey: Uint8Array | null = null;
  #lastSize: TemplateSize | null = null;
  #isClosed = false;

  constructor(parts: MiningServiceParts) {
    this.#parts = parts;
    this.#threadCount = parts.threadCount;
    this.templates = new TemplateDesk({
      ...parts,
      mempool: parts.mempool?.mempool ?? null,
      createTemplate: () => this.createTemplate(),
    });
    this.#branch = new IndexBranch(parts.chain.index, parts.chain.active);
  }

  /** What a block may consist of. */
  get options(): MiningOptions {
    return this.#parts.options;
  }

  /** The chain that the next block is made for, as of now. */
  nextBlockChain(): TemplateChain {
    const { chain, clock, version } = this.#parts;
    return {
      branch: this.#branch.moveTo(chain.active.tip),
      consensus: chain.state.consensus,
      nowSec: Math.floor(clock.wallMs() / 1000),
      versionbits: this.#versionbits,
      ...(version === null ? {} : { version }),
    };
  }

  /** A template for the next block; without `usesMempool` an empty one. */
  async createTemplate(usesMempool = true, options: MiningOptions = this.#parts.options): Promise<BlockTemplate> {
    const { mempool } = this.#parts;
    const usesPool = usesMempool && mempool !== null;
    while (usesPool && !mempool.keeper.isInStep) await mempool.keeper.whenInStep();
    const template = assembleBlock(usesPool ? mempool.mempool : null, this.nextBlockChain(), options);
    if (this.#parts.logsFeerates) this.#logFeerates(template);
    this.#lastSize = { weightWu: template.weightWu, transactionCount: template.transactions.length };
    return template;
  }

  #logFeerates({ transactions }: BlockTemplate): void {
    const { mempool, log } = this.#parts;
    for (const { transaction } of transactions) {
      const entry = mempool?.mempool.get(transaction.txid) ?? null;
      if (entry === null) continue;
      const feerate = formatFeerate(computeFeerate(entry.modifiedFeeSat, entry.vsize));
      log.info(`fee rate ${feerate} txid ${formatHash(transaction.txid)}`);
    }
  }

  /** The size of the last template that was made, whoever wanted it; null before the first. */
  get lastSize(): TemplateSize | null {
    return this.#lastSize;
  }

  // --- the miner on the processor -----------------------------------------------------------------------------------------

  /** What the miner has to show. */
  get minerStatus(): MinerStatus {
    return { ...(this.#miner?.status ?? IDLE), share: this.#share };
  }

  /** Where its rewards go; null: nobody has said so yet. */
  get minerScript(): Uint8Array | null {
    return this.#scriptPubKey;
  }

  /** Its threads. */
  get threadCount(): number {
    return this.#threadCount;
  }

  /** Has other threads from now on; what it did with those of before still counts. */
  setThreadCount(threadCount: number): void {
    if (threadCount === this.#threadCount || this.#isClosed) return;
    this.#threadCount = threadCount;
    this.#miner?.useGrinder(this.#parts.createGrinder(threadCount));
  }

  /** How it will mine when it is started: with a share of the time of its threads; rewards go to `scriptPubKey`, null: nobody has said. */
  prepareMiner(scriptPubKey: Uint8Array | null, share: number): void {
    // Work under way pays to the address of before.
    const before = this.#scriptPubKey;
    const isSame =
      before === scriptPubKey || (before !== null && scriptPubKey !== null && equalBytes(before, scriptPubKey));
    if (!isSame) this.#miner?.stop();
    this.#scriptPubKey = scriptPubKey;
    this.#share = share;
  }

  /** Mines with a share of the time of its threads, above 0 and at most 1; rewards go to `scriptPubKey`. */
  startMiner(scriptPubKey: Uint8Array, share: number): void {
    if (this.#isClosed) return;
    this.prepareMiner(scriptPubKey, share);
    this.#miner ??= this.#createMiner();
    this.#miner.start(share);
  }

  /** Mines no more, until it is started again. */
  stopMiner(): void {
    this.#miner?.stop();
  }

  /** Ends everything; resolves when nothing is under way. The miner cannot be started any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const unsubscribe of this.#subscriptions.splice(0)) unsubscribe();
    await this.#miner?.close();
  }

  #createMiner(): CpuMiner {
    const { chain, node, mempool, clock, timers, log, rng, createGrinder, onFatal } = this.#parts;
    const miner = new CpuMiner({
      clock,
      timers,
      log,
      rng,
      grinder: createGrinder(this.#threadCount),
      createWork: (extraNonce) => this.#createWork(extraNonce),
      submit: (block) => node.submitBlock(block),
      onFatal,
    });
    this.#subscriptions.push(chain.signals.tipChanged.subscribe(() => miner.tipChanged()));
    if (mempool !== null) {
      const { added, removed } = mempool.mempool.signals;
      this.#subscriptions.push(added.subscribe(() => miner.transactionsChanged()));
      this.#subscriptions.push(removed.subscribe(() => miner.transactionsChanged()));
    }
    return miner;
  }

  async #createWork(extraNonce: number): Promise<MinerWork | null> {
    const template = await this.createTemplate();
    if (this.#scriptPubKey === null) return null;
    const candidate = new BlockCandidate(template, { scriptPubKey: this.#scriptPubKey, extraNonce });
    return {
      header: candidate.header,
      height: template.height,
      transactionCount: template.transactions.length + 1,
      rewardSat: template.rewardSat,
      seal: (nonce): Block => candidate.seal(nonce),
    };
  }
}
