// When a template is out of date (BIP22 long polls, and Core's getblocktemplate). A client names the template that it works on and
// waits until a better one is worth its while: at once when the chain has another tip, and when transactions came or went, but
// not before a minute has passed, and then looked at every ten seconds. Machines without a clock: whoever waits tells the time.

import { type BlockHash, formatHash, parseBlockHash } from '../../kernel/primitives/hashes.ts';
import { equalBytes } from '../../kernel/util/bytes.ts';

/** First look at the transactions (Core: one minute). */
const FIRST_LOOK_MS = 60_000;
/** Time between two later looks (Core: ten seconds). */
const NEXT_LOOK_MS = 10_000;
/** Age up to which a template is kept on the same tip although transactions came or went (Core: five seconds). */
const TEMPLATE_AGE_MAX_SEC = 5;
/** Digits of a block hash. */
const HASH_DIGITS = 64;

/** What a template was made from: the tip, and the count of changes of the mempool. */
export interface TemplateBasis {
  readonly tip: BlockHash;
  readonly transactionsUpdated: number;
}

/** The id of a template for long polls: the hash of its parent, and the count of changes (Core `longpollid`). */
export function formatLongPollId({ tip, transactionsUpdated }: TemplateBasis): string {
  return `${formatHash(tip)}${transactionsUpdated}`;
}

/**
 * Reads the id of a template; null when it does not begin with a hash. What follows the hash is read as Core does: a number as
 * far as it goes, else 0.
 */
export function parseLongPollId(text: string): TemplateBasis | null {
  const tip = parseBlockHash(text.slice(0, HASH_DIGITS));
  if (tip === null) return null;
  const digits = /^\s*[+-]?\d+/.exec(text.slice(HASH_DIGITS))?.[0] ?? '0';
  return { tip, transactionsUpdated: Number(digits) };
}

/** Whether a template made at `madeSec` is to be made anew for who asks now (Core getblocktemplate). */
export function isTemplateStale(made: TemplateBasis, madeSec: number, current: TemplateBasis, nowSec: number): boolean {
  if (!equalBytes(made.tip, current.tip)) return true;
  return made.transactionsUpdated !== current.transactionsUpdated && nowSec - madeSec > TEMPLATE_AGE_MAX_SEC;
}

/** What a long poll does next: it ends, or waits for a new tip until a moment. */
export type WatchDecision = { readonly isOver: true } | { readonly isOver: false; readonly lookAtMs: number };

/** One long poll. Call {@link TemplateWatch.look} when the tip moves and at the moment that the last look named. */
export class TemplateWatch {
  readonly #watched: TemplateBasis;
  #lookAtMs: number;

  /** `watched` is what the client works on. */
  constructor(watched: TemplateBasis, nowMs: number) {
    this.#watched = watched;
    this.#lookAtMs = nowMs + FIRST_LOOK_MS;
  }

  /** Whether the client is to have its answer now. */
  look(current: TemplateBasis, nowMs: number): WatchDecision {
    if (!equalBytes(this.#watched.tip, current.tip)) return { isOver: true };
    if (nowMs >= this.#lookAtMs) {
      if (this.#watched.transactionsUpdated !== current.transactionsUpdated) return { isOver: true };
      this.#lookAtMs = nowMs + NEXT_LOOK_MS;
    }
    return { isOver: false, lookAtMs: this.#lookAtMs };
  }
}
