// The clocks by which those who connected to us are told of transactions (Core NextInvToInbounds). All who came the same way share
// one: whoever opens many connections sees the same moment on each, and learns no more of when a transaction came to us than from
// one. Ways are told apart (by network, and by the address of ours where they came in), so that somebody on two networks cannot
// see from common moments that it is one node (M13).

import { exponentialDelayMs } from '../../kernel/util/exponential-delay.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import { addressKey, type NetAddress } from '../wire/net-address.ts';
import { type LocalAddressFacts, networkOfPeer } from './addr-local.ts';

/** Most clocks that are kept when some of them have run out. Arbitrary; Core has no bound. */
const CLOCKS_MAX = 100;

/** How a peer came to us. */
export interface WayIn extends LocalAddressFacts {
  /** Our end of the connection. */
  readonly localAddress: NetAddress;
}

/** A clock for every way in. */
export class InboundClocks {
  readonly #meanMs: number;
  readonly #rng: Rng;
  readonly #nextMs: Map<string, number> = new Map();

  /** Times of a clock are `meanMs` apart on average. */
  constructor(meanMs: number, rng: Rng) {
    this.#meanMs = meanMs;
    this.#rng = rng;
  }

  /** The next time of the clock of a peer, which is drawn when the last one is over. */
  next(way: WayIn, nowMs: number): number {
    const key = `${networkOfPeer(way)} ${addressKey(way.localAddress)}`;
    const running = this.#nextMs.get(key);
    if (running !== undefined && running >= nowMs) return running;
    if (this.#nextMs.size >= CLOCKS_MAX) this.#dropStopped(nowMs);
    const next = nowMs + exponentialDelayMs(this.#meanMs, this.#rng);
    this.#nextMs.set(key, next);
    return next;
  }

  #dropStopped(nowMs: number): void {
    for (const [key, nextMs] of this.#nextMs) if (nextMs < nowMs) this.#nextMs.delete(key);
  }
}
