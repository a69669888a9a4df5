// The template that clients of getblocktemplate work on: one for all of them, which is made anew when somebody asks and the last one
// is out of date. What out of date means, and when a long poll ends, is said by mining/template-watch.ts; this waits and remembers.

import type { Chainstate } from '../../kernel/chain/chainstate.ts';
import type { BlockTemplate } from '../mining/block-template.ts';
import { isTemplateStale, type TemplateBasis, TemplateWatch } from '../mining/template-watch.ts';
import type { Clock, Timers } from '../ports.ts';

/** What a desk works with. */
export interface TemplateDeskParts {
  readonly chain: Chainstate;
  /** Counts the changes of the mempool; null without one. */
  readonly mempool: { readonly transactionsUpdated: number } | null;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly createTemplate: () => Promise<BlockTemplate>;
}

/** A template and what it was made from. */
export interface ServedTemplate {
  readonly template: BlockTemplate;
  readonly basis: TemplateBasis;
}

/** Hands templates out. */
export class TemplateDesk {
  readonly #parts: TemplateDeskParts;
  #served: (ServedTemplate & { readonly madeSec: number }) | null = null;
  #making: Promise<void> | null = null;

  constructor(parts: TemplateDeskParts) {
    this.#parts = parts;
  }

  /** What a client works on that does not say: the tip, and the transactions of the last template (0 before there was one). */
  get assumedBasis(): TemplateBasis {
    return { tip: this.#parts.chain.tipHash, transactionsUpdated: this.#served?.basis.transactionsUpdated ?? 0 };
  }

  /** The present template. However many ask at a time, one is made for all. */
  async current(): Promise<ServedTemplate> {
    for (;;) {
      const served = this.#served;
      if (served !== null && !isTemplateStale(served.basis, served.madeSec, this.#basis, this.#nowSec())) return served;
      this.#making ??= this.#make();
      await this.#making;
    }
  }

  /** Resolves when something better than the watched template can be had, or `stopped` resolves. */
  async waitForNews(watched: TemplateBasis, stopped: Promise<void>): Promise<void> {
    const { chain, timers } = this.#parts;
    // Time as the timers measure it, whatever the clock is set to.
    let nowMs = 0;
    const watch = new TemplateWatch(watched, nowMs);
    let cancel = (): void => undefined;
    let end = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    const look = (): number => {
      const decision = watch.look(this.#basis, nowMs);
      if (!decision.isOver) return decision.lookAtMs;
      end();
      return Number.POSITIVE_INFINITY;
    };
    const lookAt = (atMs: number): void => {
      nowMs = atMs;
      const nextMs = look();
      if (nextMs !== Number.POSITIVE_INFINITY) cancel = timers.after(nextMs - nowMs, () => lookAt(nextMs));
    };
    const unsubscribe = chain.signals.tipChanged.subscribe(() => void look());
    lookAt(0);
    await Promise.race([over, stopped]);
    unsubscribe();
    cancel();
  }

  async #make(): Promise<void> {
    try {
      const madeSec = this.#nowSec();
      // What changes while the template is made counts as not in it.
      const { transactionsUpdated } = this.#basis;
      const template = await this.#parts.createTemplate();
      this.#served = { template, basis: { tip: template.previousBlockHash, transactionsUpdated }, madeSec };
    } finally {
      this.#making = null;
    }
  }

  get #basis(): TemplateBasis {
    const { chain, mempool } = this.#parts;
    return { tip: chain.tipHash, transactionsUpdated: mempool?.transactionsUpdated ?? 0 };
  }

  #nowSec(): number {
    return Math.floor(this.#parts.clock.wallMs() / 1000);
  }
}
