// D10, E01: addresses without end. A thousand in a message, of hosts that do not exist, from one source group.

import type { ActorScript, ScriptedActor } from './actor.ts';
import { addrPayload } from './raw-wire.ts';

/** The most that a message may hold. */
const ENTRIES = 1_000;

/** Fills the tables of addresses. */
export class AddrFlood implements ActorScript {
  readonly #actor: ScriptedActor;
  readonly stepMs = 15_000;

  constructor(actor: ScriptedActor) {
    this.#actor = actor;
  }

  step(): void {
    const { rng } = this.#actor;
    const entries = Array.from({ length: ENTRIES }, () => ({
      timeSec: this.#actor.nowSec() - rng.below(600),
      ip: Uint8Array.of(130 + rng.below(30), rng.below(256), rng.below(256), 1 + rng.below(254)),
      port: 1024 + rng.below(60_000),
    }));
    for (const peer of this.#actor.peers) peer.send('addr', addrPayload(entries));
  }
}
