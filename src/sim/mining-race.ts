// Miners alone in a world, without nodes or ledgers: blocks are numbers, and what is measured is who earns how much. For questions
// that need many thousand blocks, such as what selfish mining pays (Eyal and Sirer 2013), and as a check of the strategies that the
// miners of whole nodes use.
//
// Many equal honest miners and one selfish one. A block reaches honest miners after a delay, and the selfish miner at once; what it
// answers with overtakes the block on its way to a share `gamma` of the honest miners, and comes late for the others.

import type { Rng } from '../kernel/util/prng.ts';
import { drawWaitMs } from './chance.ts';
import { type ChainBlock, HonestMining, type MiningStrategy, SelfishMining } from './mining-strategy.ts';
import { WORLD, type World } from './world.ts';

/** A block of the race. */
export interface RaceBlock extends ChainBlock {
  readonly parent: RaceBlock | null;
  readonly isSelfish: boolean;
}

/** How a race is run. */
export interface RaceOptions {
  /** Blocks that are found in all. */
  readonly blockCount: number;
  readonly honestCount: number;
  /** The selfish miner's share of the power, in thousandths. */
  readonly alphaPerMille: number;
  /** Share of honest miners that see the selfish miner's block first in a tie, in thousandths. */
  readonly gammaPerMille: number;
}

/** What a race has come to. */
export interface RaceResult {
  /** Share of the selfish miner in the blocks of the final chain. */
  readonly revenue: number;
  readonly chainLength: number;
  /** Share of the honest miners that prefer the selfish block in a tie, the finder of the honest block not being one of them. */
  readonly gamma: number;
}

const INTERVAL_MS = 600_000;

/** On the way to honest miners; far below the interval, so that honest blocks hardly ever collide. */
const HONEST_DELAY_MS = 40;
const FAST_DELAY_MS = 20;
const SLOW_DELAY_MS = 60;

interface Racer {
  readonly strategy: MiningStrategy<RaceBlock>;
  /** Hears the selfish miner early. */
  readonly isNear: boolean;
}

/** Runs a race to its end. */
export async function runMiningRace(world: World, options: RaceOptions): Promise<RaceResult> {
  const race = new MiningRace(world, options);
  await race.run();
  return race.result();
}

class MiningRace {
  readonly #world: World;
  readonly #options: RaceOptions;
  readonly #rng: Rng;
  readonly #honest: Racer[];
  readonly #selfish: SelfishMining<RaceBlock>;
  readonly #nearCount: number;
  #foundCount = 0;

  constructor(world: World, options: RaceOptions) {
    const genesis: RaceBlock = { height: 0, parent: null, isSelfish: false };
    this.#world = world;
    this.#options = options;
    this.#rng = world.fork('race');
    this.#nearCount = Math.round((options.honestCount * options.gammaPerMille) / 1000);
    this.#honest = Array.from({ length: options.honestCount }, (_, i) => ({
      strategy: new HonestMining(genesis),
      isNear: i < this.#nearCount,
    }));
    this.#selfish = new SelfishMining(genesis);
  }

  async run(): Promise<void> {
    this.#schedule();
    const isOver = (): boolean => this.#foundCount >= this.#options.blockCount;
    await this.#world.run(4 * INTERVAL_MS * this.#options.blockCount, isOver);
    await this.#world.run(this.#world.nowMs + 10 * SLOW_DELAY_MS);
  }

  #schedule(): void {
    this.#world.after(drawWaitMs(this.#rng, INTERVAL_MS), 'block', WORLD, () => {
      this.#find();
      if (++this.#foundCount < this.#options.blockCount) this.#schedule();
    });
  }

  #find(): void {
    if (this.#rng.below(1000) < this.#options.alphaPerMille) {
      const block = after(this.#selfish.tip, true);
      this.#showSelfish(this.#selfish.found(block).publish);
      return;
    }
    const finder = this.#honest[this.#rng.below(this.#honest.length)]!;
    const block = after(finder.strategy.tip, false);
    finder.strategy.found(block);
    this.#tell(block, () => HONEST_DELAY_MS);
    this.#showSelfish(this.#selfish.seen(block).publish);
  }

  #showSelfish(blocks: readonly RaceBlock[]): void {
    for (const block of blocks) this.#tell(block, ({ isNear }) => (isNear ? FAST_DELAY_MS : SLOW_DELAY_MS));
  }

  #tell(block: RaceBlock, delayMs: (racer: Racer) => number): void {
    for (const delay of new Set(this.#honest.map(delayMs))) {
      this.#world.after(delay, 'arrival', WORLD, () => {
        for (const racer of this.#honest) if (delayMs(racer) === delay) racer.strategy.seen(block);
      });
    }
  }

  result(): RaceResult {
    const tips = [...this.#honest.map(({ strategy }) => strategy.tip), this.#selfish.tip];
    let tip = tips[0]!;
    for (const other of tips) if (other.height > tip.height) tip = other;
    let selfishCount = 0;
    for (let block: RaceBlock | null = tip; block !== null; block = block.parent) if (block.isSelfish) selfishCount++;
    // Of those who find an honest block in a tie's race, near and far alike keep to their own.
    const gamma = (this.#nearCount * (this.#options.honestCount - 1)) / this.#options.honestCount ** 2;
    return { revenue: selfishCount / tip.height, chainLength: tip.height, gamma };
  }
}

function after(parent: RaceBlock, isSelfish: boolean): RaceBlock {
  return { height: parent.height + 1, parent, isSelfish };
}

/** What selfish mining earns by the formula of Eyal and Sirer. */
export function selfishRevenue(alpha: number, gamma: number): number {
  const lost = alpha * (1 - alpha) ** 2 * (4 * alpha + gamma * (1 - 2 * alpha)) - alpha ** 3;
  return lost / (1 - alpha * (1 + (2 - alpha) * alpha));
}
