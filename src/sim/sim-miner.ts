// A miner beside a node: finds a block whenever chance and its share of the hash power say so, on the block that its strategy mines
// on. What it shows goes into its own node, which tells the others; what it hides, its node does not know either.

import type { ChainParams } from '../kernel/consensus/params.ts';
import { decodeBlock } from '../kernel/primitives/block.ts';
import { assert } from '../kernel/util/assert.ts';
import type { Rng } from '../kernel/util/prng.ts';
import { BLOCK_FAULTS, type BlockFault, type BlockMaker } from './block-maker.ts';
import { drawChance, drawOne, drawWaitMs } from './chance.ts';
import { type LedgerBlock, type ReferenceLedger, workOf } from './checker/reference-ledger.ts';
import { HonestMining, type MiningStrategy, SelfishMining, WithholdingMining } from './mining-strategy.ts';
import type { SimNode } from './sim-node.ts';
import { makeTemplateBlock } from './template-block.ts';
import type { Cancel, World } from './world.ts';

/** How a miner behaves. */
export type MinerKind =
  | 'honest'
  /** Honest, without payments in its blocks. */
  | 'empty-blocks'
  /** Mines on the parent of the best block as often as on the best block itself. */
  | 'stale-tip'
  | 'selfish'
  /** Shows its blocks six at a time. */
  | 'withholding'
  /** Every third block breaks a rule. */
  | 'invalid-blocks'
  /** Shows its blocks twenty at a time; with more than half of the power it rewrites the ledger. */
  | 'rewriter';

/** A miner of a world. */
export interface MinerOptions {
  readonly kind: MinerKind;
  /** Share of all hash power, in thousandths. */
  readonly sharePerMille: number;
}

const WITHHELD_BLOCKS = 6;
const REWRITTEN_BLOCKS = 20;
const PAYMENTS_MAX = 4;

/** More nodes than any world has. */
const NODES_MAX = 1000;

/** A miner and what it has found. */
export class SimMiner {
  readonly node: SimNode;
  readonly options: MinerOptions;
  /** Called with every block that it finds. */
  readonly onFound: ((block: LedgerBlock) => void)[] = [];
  readonly #world: World;
  readonly #params: ChainParams;
  readonly #ledger: ReferenceLedger;
  readonly #maker: BlockMaker;
  readonly #rng: Rng;
  #kind: MinerKind;
  #strategy: MiningStrategy<LedgerBlock>;
  #cancel: Cancel | null = null;
  #foundCount = 0;
  #templateCount = 0;

  constructor(
    node: SimNode,
    options: MinerOptions,
    parts: {
      world: World;
      params: ChainParams;
      ledger: ReferenceLedger;
      maker: BlockMaker;
      rng: Rng;
      tip: LedgerBlock;
    },
  ) {
    this.node = node;
    this.options = options;
    this.#world = parts.world;
    this.#params = parts.params;
    this.#ledger = parts.ledger;
    this.#maker = parts.maker;
    this.#rng = parts.rng;
    this.#kind = options.kind;
    this.#strategy = createStrategy(options.kind, parts.tip);
  }

  /** Blocks found. */
  get foundCount(): number {
    return this.#foundCount;
  }

  /** Mines until {@link stop}. */
  start(): void {
    this.#cancel?.();
    const wait = drawWaitMs(this.#rng, this.#meanMs());
    this.#cancel = this.#world.after(wait, 'mine', this.node.owner, () => {
      this.#find();
      this.start();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  /** Shows what it hides and mines honestly from now on. */
  reform(): void {
    const { publish } = this.#strategy.reveal();
    this.#kind = 'honest';
    this.#strategy = new HonestMining(this.#strategy.tip);
    this.#publish(publish);
  }

  /** Average time to a block at the difficulty of today: with all the power it is the spacing at the lowest difficulty. */
  #meanMs(): number {
    const { limit, spacingSec } = this.#params.consensus.pow;
    const { bits } = this.node.ledgerTip() ?? this.#strategy.tip;
    const difficulty = Number((workOf(bits) * 1000n) / workOf(limit.bits)) / 1000;
    return (spacingSec * 1000 * difficulty * 1000) / this.options.sharePerMille;
  }

  /** Its node has another tip. */
  onTip(tip: LedgerBlock): void {
    if (this.#isSecretive) this.#publish(this.#strategy.seen(tip).publish);
  }

  #find(): void {
    // Hash power without a node has nothing to work on, and one that is far behind knows nothing worth working on.
    if (!this.node.isUp || this.node.chain?.isInitialDownload !== false) return;
    const nowSec = Math.floor(this.node.clock.steadyMs() / 1000);
    const fault = this.#drawFault();
    const parent = this.#drawParent();
    const found = (fault === null ? this.#fromTemplate(parent, nowSec) : null) ?? this.#make(parent, nowSec, fault);
    this.#foundCount++;
    for (const listener of this.onFound) listener(found);
    this.#world.note(
      `node ${this.node.owner} (${this.#kind}) found ${found.height} ${found.blockHash.slice(0, 10)}${fault === null ? '' : ` (${fault})`}`,
    );
    this.#publish(this.#isSecretive ? this.#strategy.found(found).publish : [found]);
  }

  /** A block out of nothing but the ledger: its payments are news to every mempool, and some are at odds with what is there. */
  #make(parent: LedgerBlock, nowSec: number, fault: BlockFault | null): LedgerBlock {
    const paymentsMax = this.#kind === 'empty-blocks' ? 0 : PAYMENTS_MAX;
    const block = this.#maker.make(parent, { miner: this.node.owner, nowSec, paymentsMax, fault });
    return this.#ledger.add(block.serialized());
  }

  /** A block of what waits in the mempool of its node, as often as not; null: not this time. */
  #fromTemplate(parent: LedgerBlock, nowSec: number): LedgerBlock | null {
    if (this.#kind === 'empty-blocks' || parent !== this.node.ledgerTip() || !drawChance(this.#rng, 500)) return null;
    const block = makeTemplateBlock(this.node, this.#params, { nowSec, extraNonce: this.#nextExtraNonce() });
    if (block === null) return null;
    const found = this.#ledger.add(block.serialized());
    if (found.fault !== null) {
      this.#world.fail('templates', `node ${this.node.owner} makes a block at ${found.height} of which ${found.fault}`);
    }
    return found;
  }

  /** Nobody else has the same one. */
  #nextExtraNonce(): number {
    return this.node.owner + NODES_MAX * this.#templateCount++;
  }

  #drawFault(): BlockFault | null {
    return this.#kind === 'invalid-blocks' && drawChance(this.#rng, 333) ? drawOne(this.#rng, BLOCK_FAULTS) : null;
  }

  /** Who keeps secrets mines on the tip of the strategy, others on that of their node. */
  #drawParent(): LedgerBlock {
    const tip = this.#isSecretive ? this.#strategy.tip : (this.node.ledgerTip() ?? this.#strategy.tip);
    return this.#kind === 'stale-tip' && drawChance(this.#rng, 500) ? (tip.parent ?? tip) : tip;
  }

  get #isSecretive(): boolean {
    return this.#kind === 'selfish' || this.#kind === 'withholding' || this.#kind === 'rewriter';
  }

  #publish(blocks: readonly LedgerBlock[]): void {
    for (const block of blocks) {
      const { bytes, blockHash } = block;
      this.#ledger.show(block);
      const decoded = decodeBlock(bytes.slice());
      assert(decoded.ok, `block ${blockHash} decodes`);
      this.node.submitMined(decoded.value);
    }
  }
}

function createStrategy(kind: MinerKind, tip: LedgerBlock): MiningStrategy<LedgerBlock> {
  switch (kind) {
    case 'selfish':
      return new SelfishMining(tip);
    case 'withholding':
      return new WithholdingMining(tip, WITHHELD_BLOCKS);
    case 'rewriter':
      return new WithholdingMining(tip, REWRITTEN_BLOCKS);
    default:
      return new HonestMining(tip);
  }
}
