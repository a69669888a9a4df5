// D04, D05, D11: inventories without end. Announces transactions and blocks that do not exist, asks for what nobody has, and pings,
// as fast as the line carries.

import type { ActorScript, ScriptedActor } from './actor.ts';
import { INV, inventoryPayload } from './raw-wire.ts';

/** Entries of one flood; the most that a message may hold is 50,000. */
const FLOOD_ITEMS = 2_000;

/** Talks without a pause. */
export class InvFlood implements ActorScript {
  readonly #actor: ScriptedActor;
  readonly stepMs = 6_000;

  constructor(actor: ScriptedActor) {
    this.#actor = actor;
  }

  step(): void {
    const { rng } = this.#actor;
    const hashes = Array.from({ length: 1 + rng.below(FLOOD_ITEMS) }, () => rng.bytes(32));
    for (const peer of this.#actor.peers) {
      peer.send('inv', inventoryPayload(rng.below(2) === 0 ? INV.tx : INV.block, hashes));
      peer.send('getdata', inventoryPayload(INV.witnessBlock, hashes.slice(0, 50)));
      peer.send('ping', rng.bytes(8));
    }
  }
}
