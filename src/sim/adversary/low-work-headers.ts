// D06, E10: headers without work. Chains from the first block and from low heights, of less work than anybody believes in, as many
// as the line carries, again and again; and headers that connect to nothing. They must leave no trace in a node.

import { asBlockHash, asMerkleRoot } from '../../kernel/primitives/hashes.ts';
import { buildHeader } from '../../kernel/primitives/header.ts';
import { mine } from '../block-maker.ts';
import { branchOf } from '../checker/reference-ledger.ts';
import { ancestorAt } from '../coin-pick.ts';
import { type ActorScript, hashOf, type ScriptedActor } from './actor.ts';
import { headersPayload } from './raw-wire.ts';

/** Fewer than the work that nodes ask for (sim-params.ts). */
const CHAIN_MAX = 50;

/** The same where a header takes some effort. */
const COSTLY_CHAIN_MAX = 5;

/** Sends worthless headers. */
export class LowWorkHeaders implements ActorScript {
  readonly #actor: ScriptedActor;
  readonly stepMs = 8_000;

  constructor(actor: ScriptedActor) {
    this.#actor = actor;
  }

  step(): void {
    const payload = headersPayload(this.#worthless());
    for (const peer of this.#actor.peers) peer.send('headers', payload);
  }

  /** A chain of the lowest difficulty on one of the first blocks, or on one that nobody has. */
  #worthless(): Uint8Array[] {
    const { rng, parts } = this.#actor;
    const { consensus } = parts.params;
    const [genesis] = branchOf(parts.ledger.genesis);
    const base = rng.below(3) === 0 ? (ancestorAt(this.#actor.bestBlock(), rng.below(8)) ?? genesis!) : genesis!;
    // With retargeting a header costs a thousand hashes even at the lowest difficulty.
    const length = 1 + rng.below(consensus.pow.noRetargeting ? CHAIN_MAX : COSTLY_CHAIN_MAX);
    const headers: Uint8Array[] = [];
    let previousBlockHash = rng.below(10) === 0 ? rng.bytes(32) : hashOf(base);
    for (let i = 0; i < length; i++) {
      const header = mine(
        buildHeader({
          version: 0x2000_0000,
          previousBlockHash: asBlockHash(previousBlockHash),
          merkleRoot: asMerkleRoot(rng.bytes(32)),
          timeSec: base.timeSec + 1 + i,
          bits: consensus.pow.limit.bits,
          nonce: 0,
        })
          .serialized()
          .slice(),
        parts.params,
      );
      headers.push(header.serialized());
      previousBlockHash = header.blockHash;
    }
    return headers;
  }
}
