// Answers to `getaddr`, kept for about a day (Core CConnman::GetAddresses). Whoever asks again and again, over however many
// connections, gets the same addresses and times; else he could copy the whole table, and see from its changes whom we are connected
// to. There is one answer for each network and each of our own sockets, so that what a node says on two of them does not show that
// it is one node.

import type { Rng } from '../../kernel/util/prng.ts';
import { addressKey, type NetAddress, type Network } from '../wire/net-address.ts';
import type { AddressEntry } from '../wire/packed-lists.ts';

/** An answer lives so long at least, and up to so much longer (Core). */
const LIFE_MIN_MS = 21 * 3_600_000;
const LIFE_SPREAD_MS = 6 * 3_600_000;

/** Most answers that are kept: networks times our own sockets are fewer on any real machine. The oldest goes first. */
const RESPONSES_MAX = 32;

interface Response {
  readonly entries: readonly AddressEntry[];
  readonly expiresMs: number;
}

/** See the top of the file. */
export class AddrResponses {
  readonly #rng: Rng;
  readonly #responses: Map<string, Response> = new Map();

  constructor(rng: Rng) {
    this.#rng = rng;
  }

  /** The answer for a peer of `network` at our socket `localAddress`; `create` makes one when there is none, or none any more. */
  get(
    network: Network | 'unroutable',
    localAddress: NetAddress,
    nowMs: number,
    create: () => readonly AddressEntry[],
  ): readonly AddressEntry[] {
    const key = `${network} ${addressKey(localAddress)}`;
    const kept = this.#responses.get(key);
    if (kept !== undefined && kept.expiresMs >= nowMs) return kept.entries;
    this.#responses.delete(key); // to be the youngest when it is set
    if (this.#responses.size >= RESPONSES_MAX) this.#responses.delete(this.#responses.keys().next().value!);
    const entries = create();
    this.#responses.set(key, { entries, expiresMs: nowMs + LIFE_MIN_MS + this.#rng.below(LIFE_SPREAD_MS) });
    return entries;
  }
}
