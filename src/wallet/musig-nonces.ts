// Secret nonces between the two rounds of a common signature (BIP327; Core m_musig2_secnonces). They are kept in memory alone and
// forgotten once they were used, or with the wallet: the same nonce under two messages would give the secret key away.

import { createMusigNonce, type MusigNonceData } from '../kernel/crypto/musig-nonce.ts';
import { sha256 } from '../kernel/crypto/sha256.ts';
import { concatBytes, toHex } from '../kernel/util/bytes.ts';
import { drawEntropy } from './keys/entropy.ts';
import type { SecureRandom } from './ports.ts';

/** Most nonces that wait for their second round; the oldest is forgotten. */
const NONCE_COUNT_MAX = 10_000;

/** Bytes of chance in a nonce. */
const RANDOM_BYTES = 32;

/** What a nonce is for. */
export interface MusigNonceUse {
  /** The key that the signature is for, before it was made x-only. */
  readonly scriptKey: Uint8Array;
  readonly participantKey: Uint8Array;
  readonly message: Uint8Array;
}

/** Nonces that were given away and did not sign yet. */
export class MusigNonces {
  readonly #secureRandom: SecureRandom;
  readonly #secretNonces: Map<string, Uint8Array> = new Map();

  constructor(secureRandom: SecureRandom) {
    this.#secureRandom = secureRandom;
  }

  /** A new public nonce; its secret side is kept. */
  create(use: MusigNonceUse, data: Omit<MusigNonceData, 'random' | 'publicKey' | 'message'>): Uint8Array | null {
    const { participantKey: publicKey, message } = use;
    const random = drawEntropy(this.#secureRandom, RANDOM_BYTES);
    const nonce = createMusigNonce({ ...data, random, publicKey, message });
    random.fill(0);
    if (nonce === null) return null;
    const [oldest] = this.#secretNonces.keys();
    if (this.#secretNonces.size >= NONCE_COUNT_MAX && oldest !== undefined) this.#secretNonces.delete(oldest);
    this.#secretNonces.set(nameOf(use, nonce.publicNonce), nonce.secretNonce);
    return nonce.publicNonce;
  }

  /** The secret side of a nonce, once; null when it is not ours, or was used. */
  take(use: MusigNonceUse, publicNonce: Uint8Array): Uint8Array | null {
    const name = nameOf(use, publicNonce);
    const secretNonce = this.#secretNonces.get(name) ?? null;
    this.#secretNonces.delete(name);
    return secretNonce;
  }
}

function nameOf({ scriptKey, participantKey, message }: MusigNonceUse, publicNonce: Uint8Array): string {
  return toHex(sha256(concatBytes(scriptKey, participantKey, message, publicNonce)));
}
