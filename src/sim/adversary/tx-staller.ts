// D04: announces every payment before anybody else can, and never gives one away. Who asks it must ask somebody else in time.

import type { Transaction } from '../../kernel/primitives/transaction.ts';
import type { ActorScript, ScriptedActor } from './actor.ts';
import { INV, inventoryPayload } from './raw-wire.ts';

/** Announces and is silent. */
export class TxStaller implements ActorScript {
  readonly staysInPeace = true;
  readonly stepMs = 60_000;
  readonly #actor: ScriptedActor;

  constructor(actor: ScriptedActor) {
    this.#actor = actor;
    actor.parts.payers.onShown.push((transaction) => this.#announce(transaction));
  }

  step(): void {
    // Everything is said when a payment is made.
  }

  #announce({ txid }: Transaction): void {
    for (const peer of this.#actor.peers) peer.send('inv', inventoryPayload(INV.tx, [txid]));
  }
}
