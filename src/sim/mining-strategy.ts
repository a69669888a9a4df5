// What a miner does with the blocks that it finds, as machines without a clock: they hear of blocks, and answer which block to mine
// on and which blocks to publish. Used by miners of whole nodes and by the race of miners alone, so that what the race proves about
// selfish mining holds for both.

/** A block as far as a strategy cares. */
export interface ChainBlock {
  readonly height: number;
  readonly parent: ChainBlock | null;
}

/** What a strategy wants done. */
export interface MiningMove<B extends ChainBlock> {
  /** Blocks to show to others, oldest first. */
  readonly publish: readonly B[];
}

/** Decides what to mine on and what to show. */
export interface MiningStrategy<B extends ChainBlock> {
  /** The block to mine on. */
  readonly tip: B;
  /** It has found the block after {@link tip}. */
  found(block: B): MiningMove<B>;
  /** The best block of those that everyone knows has become `block`, as the miner's own node sees it. */
  seen(block: B): MiningMove<B>;
  /** Gives up all secrets. */
  reveal(): MiningMove<B>;
}

/** Shows every block at once and mines on the first that it saw of the best. */
export class HonestMining<B extends ChainBlock> implements MiningStrategy<B> {
  tip: B;

  constructor(tip: B) {
    this.tip = tip;
  }

  found(block: B): MiningMove<B> {
    this.tip = block;
    return { publish: [block] };
  }

  seen(block: B): MiningMove<B> {
    if (block.height > this.tip.height) this.tip = block;
    return NOTHING;
  }

  reveal(): MiningMove<B> {
    return NOTHING;
  }
}

/**
 * Selfish mining (Eyal and Sirer 2013): keeps blocks secret and shows them when the public chain comes near, so that others have
 * worked for nothing. In a tie it shows all and hopes.
 */
export class SelfishMining<B extends ChainBlock> implements MiningStrategy<B> {
  tip: B;
  #public: B;
  /** Not shown yet, oldest first. */
  #secret: B[] = [];
  /** Its branch and the public one are of equal height, and both are known. */
  #isTied = false;

  constructor(tip: B) {
    this.tip = tip;
    this.#public = tip;
  }

  found(block: B): MiningMove<B> {
    this.tip = block;
    this.#secret.push(block);
    if (!this.#isTied) return NOTHING;
    // It was a tie, and this wins it.
    this.#isTied = false;
    return this.#show(this.#secret.length);
  }

  seen(block: B): MiningMove<B> {
    if (block.height <= this.#public.height) return NOTHING;
    this.#public = block;
    const lead = this.tip.height - block.height;
    if (lead < 0 || this.#secret.length === 0) {
      if (lead < 0) this.#giveUp(block);
      return NOTHING;
    }
    if (lead === 0) {
      this.#isTied = true;
      return this.#show(this.#secret.length);
    }
    // With a lead of one all is shown and won; with more, as much as the others have.
    if (lead === 1) return this.#show(this.#secret.length);
    return this.#show(this.#secret.filter(({ height }) => height <= block.height).length);
  }

  reveal(): MiningMove<B> {
    return this.#show(this.#secret.length);
  }

  #giveUp(block: B): void {
    this.tip = block;
    this.#secret = [];
    this.#isTied = false;
  }

  #show(count: number): MiningMove<B> {
    const publish = this.#secret.splice(0, count);
    const last = publish[publish.length - 1];
    if (last !== undefined && last.height > this.#public.height) this.#public = last;
    return { publish };
  }
}

/** Keeps blocks back until there are so many, then shows them all: the others' branch is rewritten, if it has more work. */
export class WithholdingMining<B extends ChainBlock> implements MiningStrategy<B> {
  tip: B;
  readonly #countMax: number;
  #secret: B[] = [];
  #public: B;

  constructor(tip: B, countMax: number) {
    this.tip = tip;
    this.#public = tip;
    this.#countMax = countMax;
  }

  found(block: B): MiningMove<B> {
    this.tip = block;
    this.#secret.push(block);
    return this.#secret.length >= this.#countMax && block.height > this.#public.height ? this.reveal() : NOTHING;
  }

  seen(block: B): MiningMove<B> {
    this.#public = block;
    // Too far behind to win: begins anew.
    if (block.height > this.tip.height + 2 || this.#secret.length === 0) {
      if (block.height >= this.tip.height) this.tip = block;
      this.#secret = [];
    }
    return NOTHING;
  }

  reveal(): MiningMove<B> {
    return { publish: this.#secret.splice(0) };
  }
}

const NOTHING: MiningMove<never> = Object.freeze({ publish: [] });
