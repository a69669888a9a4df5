// Encrypted connections in tests (BIP324): chance from a seed, JavaScript's ciphers, and the other side of a handshake played by hand,
// which may do what no node does.

import { nobleChaCha20Poly1305 } from '../../src/kernel/crypto/chacha20-poly1305.ts';
import { computeEllSwiftSecret, ELLSWIFT_BYTES } from '../../src/kernel/crypto/ellswift.ts';
import { nobleSecp256k1 } from '../../src/kernel/crypto/secp256k1-noble.ts';
import { concatBytes } from '../../src/kernel/util/bytes.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import type { Encryption } from '../../src/node/ports.ts';
import { createHandshakeKeys, type HandshakeKeys } from '../../src/node/wire/handshake-keys.ts';
import { PacketCipher } from '../../src/node/wire/packet-cipher.ts';
import { TransportV2 } from '../../src/node/wire/transport-v2.ts';

/** What encrypts, with chance that a seed determines. */
export function seededEncryption(seed: number): Encryption {
  const rng = createRng(seed);
  return {
    secp: nobleSecp256k1,
    aead: nobleChaCha20Poly1305,
    secureRandom: (bytes) => bytes.set(rng.bytes(bytes.length)),
  };
}

/** An end of an encrypted connection. */
export function createTransportV2(magic: Uint8Array, isInitiator: boolean, seed: number): TransportV2 {
  const { secp, aead, secureRandom } = seededEncryption(seed);
  const createKeys = (): HandshakeKeys => createHandshakeKeys(secp, secureRandom);
  return new TransportV2({ magic, isInitiator, secp, aead, createKeys });
}

/** One side of a handshake, step by step. */
export class PlayedSide {
  readonly keys: HandshakeKeys;
  readonly #magic: Uint8Array;
  readonly #isInitiator: boolean;
  #cipher: PacketCipher | null = null;

  constructor(magic: Uint8Array, isInitiator: boolean, seed: number) {
    this.#magic = magic;
    this.#isInitiator = isInitiator;
    this.keys = createHandshakeKeys(nobleSecp256k1, seededEncryption(seed).secureRandom);
  }

  /** What it says first: its key, and garbage. */
  get opening(): Uint8Array {
    return concatBytes(this.keys.publicKey, this.keys.garbage);
  }

  /** Takes the key that the other side began with. */
  meet(bytes: Uint8Array): void {
    const { secret, publicKey: ours } = this.keys;
    const pair = { ours, theirs: bytes.subarray(0, ELLSWIFT_BYTES), isInitiator: this.#isInitiator };
    const shared = computeEllSwiftSecret(nobleSecp256k1, secret, pair)!;
    const from = { secret: shared, magic: this.#magic, isInitiator: this.#isInitiator };
    this.#cipher = new PacketCipher(from, nobleChaCha20Poly1305);
  }

  /** Both directions, once it has met the other side. */
  get cipher(): PacketCipher {
    return this.#cipher!;
  }
}
