// E03, E07, E10: many peers of one mind around a node. They take its inbound places from a few address groups, give it each other's
// addresses and nobody else's, and show it a chain that stopped long ago.

import type { LedgerBlock } from '../checker/reference-ledger.ts';
import { ancestorAt } from '../coin-pick.ts';
import { SIM_PORT } from '../sim-params.ts';
import type { ActorScript, RawPeer, ScriptedActor } from './actor.ts';
import { addrPayload } from './raw-wire.ts';

/** How old the tip is that it shows, in blocks. */
const STALE_BLOCKS = 6;

/** Surrounds nodes. */
export class Eclipse implements ActorScript {
  readonly #actor: ScriptedActor;
  readonly stepMs = 30_000;

  constructor(actor: ScriptedActor) {
    this.#actor = actor;
  }

  step(): void {
    for (const peer of this.#actor.peers) this.#recommend(peer);
  }

  onReady(peer: RawPeer): void {
    this.#recommend(peer);
  }

  #recommend(peer: RawPeer): void {
    const entries = this.#actor.parts.addresses.map((address) => ({
      timeSec: this.#actor.nowSec(),
      ip: Uint8Array.from(address.split('.'), Number),
      port: SIM_PORT,
    }));
    peer.send('addr', addrPayload(entries));
  }

  headersAfter(locator: readonly Uint8Array[]): readonly Uint8Array[] {
    const best: LedgerBlock = this.#actor.bestBlock();
    return this.#actor.branchAfter(ancestorAt(best, Math.max(0, best.height - STALE_BLOCKS)) ?? best, locator);
  }
}
