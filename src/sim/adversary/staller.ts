// D14: a peer that has every header and gives no block. It is the first to announce, answers every request for headers with the true
// best chain, and keeps every request for blocks waiting for ever.

import type { ActorScript, ScriptedActor } from './actor.ts';
import { headersPayload } from './raw-wire.ts';

/** Announces and does not deliver. */
export class Staller implements ActorScript {
  readonly #actor: ScriptedActor;
  readonly stepMs = 4_000;
  #announced = '';

  constructor(actor: ScriptedActor) {
    this.#actor = actor;
  }

  step(): void {
    const best = this.#actor.bestBlock();
    if (best.blockHash === this.#announced) return;
    this.#announced = best.blockHash;
    for (const peer of this.#actor.peers) peer.send('headers', headersPayload([best.bytes.subarray(0, 80)]));
  }

  headersAfter(locator: readonly Uint8Array[]): readonly Uint8Array[] {
    return this.#actor.branchAfter(this.#actor.bestBlock(), locator);
  }
}
