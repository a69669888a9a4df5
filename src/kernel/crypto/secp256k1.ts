// The curve behind every signature of the ledger, as one interface with several backends: the system's libsecp256k1, the
// same library as WebAssembly, and JavaScript. Which one runs never changes an answer: secp256k1-self-test.ts holds each
// to the same cases before it is used. DER and the S rule are not here but in der.ts, above any backend.

/** A point by its x coordinate and the parity of y, as BIP341 writes output keys. */
export interface XOnlyTweak {
  /** 32 bytes, most significant first. */
  readonly x: Uint8Array;
  /** 0 when y is even. */
  readonly parity: 0 | 1;
}

/**
 * Signatures and keys of secp256k1 (ECDSA, BIP340) and the arithmetic that BIP32, BIP341 and ECDH need.
 *
 * Encodings. Numbers and coordinates are 32 bytes, most significant byte first. A public key is 33 bytes (02 or 03 and x),
 * or 65 bytes (04, x, y), or a *hybrid* of 65 bytes: 06 or 07, where the last bit must be the parity of y. Consensus has
 * always taken hybrid keys in legacy scripts, so every backend does; policy (STRICTENC) refuses them elsewhere.
 *
 * Refusals. Input from outside never throws: a wrong length, a number out of range, a point off the curve make `false`
 * or `null`.
 *
 * Buffers. Arguments are only read, during the call; backends copy what they keep. Results are new arrays of the caller.
 * One backend object serves one thread; calls do not overlap, since none waits.
 *
 * Secrets. Signing in JavaScript is not constant-time; the native and WebAssembly backends run libsecp256k1's own code,
 * which is.
 */
export interface Secp256k1 {
  /** For logs and people, e.g. `libsecp256k1 (system)`. */
  readonly name: string;

  /**
   * ECDSA over a 32-byte digest. `signature64` is r||s with s *already low* (der.ts `normalizeS`); a high s is refused, as
   * are r or s of zero or of the group order and above.
   */
  verifyEcdsa(signature64: Uint8Array, digest32: Uint8Array, publicKey: Uint8Array): boolean;

  /** BIP340 over a message of any length (BIP341 digests have 32 bytes), by an x-only public key. */
  verifySchnorr(signature64: Uint8Array, message: Uint8Array, publicKeyX32: Uint8Array): boolean;

  /** BIP341: is lift_x(internal) + tweak·G the point with this x and this parity of y? */
  checkXOnlyTweak(outputX32: Uint8Array, outputParity: 0 | 1, internalX32: Uint8Array, tweak32: Uint8Array): boolean;

  /** True for 33 or 65 bytes (hybrid included) that name a point of the curve; Core's CPubKey::IsFullyValid. */
  isValidPublicKey(publicKey: Uint8Array): boolean;

  /** True for 32 bytes that are the x coordinate of a point; Core's XOnlyPubKey::IsFullyValid. */
  isValidXOnlyPublicKey(publicKeyX32: Uint8Array): boolean;

  /** True for 32 bytes from 1 to n - 1. */
  isValidSecret(secret32: Uint8Array): boolean;

  /** The same point in its 33-byte or 65-byte (04) form; null when it is none. */
  convertPublicKey(publicKey: Uint8Array, compressed: boolean): Uint8Array | null;

  /** secret·G; null for an invalid secret. */
  createPublicKey(secret32: Uint8Array, compressed: boolean): Uint8Array | null;

  /** publicKey + tweak·G, compressed (BIP32 public derivation); null when the tweak is not below n or the sum vanishes. */
  tweakPublicKey(publicKey: Uint8Array, tweak32: Uint8Array): Uint8Array | null;

  /** secret + tweak modulo n (BIP32 private derivation); null when an operand is out of range or the sum is zero. */
  tweakSecret(secret32: Uint8Array, tweak32: Uint8Array): Uint8Array | null;

  /** lift_x(internal) + tweak·G (BIP341 output key); null when internal is no x coordinate or the tweak not below n. */
  tweakXOnly(internalX32: Uint8Array, tweak32: Uint8Array): XOnlyTweak | null;

  /** The secret of `tweakXOnly`'s result: the secret is negated first when its point has an odd y (BIP341). */
  tweakXOnlySecret(secret32: Uint8Array, tweak32: Uint8Array): Uint8Array | null;

  /**
   * A deterministic signature r||s with low s (RFC 6979 with HMAC-SHA-256). `extraEntropy32` enters the nonce as RFC 6979,
   * 3.6 describes, e.g. a counter to grind for a low r. Null for an invalid secret or wrong lengths.
   */
  signEcdsa(digest32: Uint8Array, secret32: Uint8Array, extraEntropy32?: Uint8Array): Uint8Array | null;

  /** A BIP340 signature; `auxiliary32` should be random, and must not decide safety. Null for an invalid secret. */
  signSchnorr(message: Uint8Array, secret32: Uint8Array, auxiliary32: Uint8Array): Uint8Array | null;

  /** ECDH: the x coordinate of secret·publicKey, unhashed. Null when either is invalid. Hash it before use as a key. */
  ecdhX(publicKey: Uint8Array, secret32: Uint8Array): Uint8Array | null;
}

/** Bytes of a compressed public key. */
export const COMPRESSED_KEY_SIZE = 33;

/** Bytes of an uncompressed or hybrid public key. */
export const UNCOMPRESSED_KEY_SIZE = 65;
