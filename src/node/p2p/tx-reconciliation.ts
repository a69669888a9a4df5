// With whom transactions could be announced by reconciliation (BIP330; Core node/txreconciliation): each side says before its verack
// that it could, with a salt for short names of transactions. That is all there is, here as in Core: no reconciliation follows, and
// transactions are announced as ever. The salts are of use for nothing else, and are not kept.

import { nextU64, type Rng } from '../../kernel/util/prng.ts';
import type { PeerId } from './peer-id.ts';

/** The lowest version there is (BIP330). */
const VERSION_MIN = 1;

/** What became of the word of a peer. */
export type Registration = 'registered' | 'unexpected' | 'already' | 'bad-version';

/** Keeps who was asked, and who answered. */
export class TxReconciliation {
  readonly #rng: Rng;
  /** Whom we told; true: it told us, too. */
  readonly #peers: Map<PeerId, boolean> = new Map();

  constructor(rng: Rng) {
    this.#rng = rng;
  }

  /** The peer is told; returns our salt for it. */
  preRegister(id: PeerId): bigint {
    this.#peers.set(id, false);
    return nextU64(this.#rng);
  }

  /** The peer has told us; of versions the lower one would be spoken. */
  register(id: PeerId, version: number): Registration {
    const isRegistered = this.#peers.get(id);
    if (isRegistered === undefined) return 'unexpected';
    if (isRegistered) return 'already';
    if (version < VERSION_MIN) return 'bad-version';
    this.#peers.set(id, true);
    return 'registered';
  }

  isRegistered(id: PeerId): boolean {
    return this.#peers.get(id) ?? false;
  }

  /** False when nothing was known of it. */
  forget(id: PeerId): boolean {
    return this.#peers.delete(id);
  }
}
