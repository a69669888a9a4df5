// secp256k1 by the system's own libsecp256k1: the fastest backend. Arguments are copied into one block of native memory
// that never moves, and functions get addresses that were computed once, so that a verification creates no garbage. The
// library stops the process when it is handed an object that was never filled: every call here follows a successful parse.

import { randomBytes } from 'node:crypto';
import type { Secp256k1, XOnlyTweak } from '../../kernel/crypto/secp256k1.ts';
import type { BackendProblem } from '../../kernel/crypto/secp256k1-select.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import { SecpCommitmentCache } from './secp-commitment-cache.ts';
import { PARSED_KEY_WORDS, SecpKeyCache } from './secp-key-cache.ts';
import { type NativeArgument, openSecpLibrary, type SecpFunctions, type SecpLibrary } from './secp-library.ts';

// Offsets in the block. The library's opaque objects have 64 bytes, its key pairs 96, by its public headers.
const SIGNATURE_AT = 0;
const DIGEST_AT = 64;
const SCALAR_AT = 96;
const EXTRA_AT = 128;
const KEY_AT = 160;
const LENGTH_AT = 232;
const PARAMETERS_AT = 240;
const PARSED_SIGNATURE_AT = 272;
const PARSED_KEY_AT = 336;
const KEY_PAIR_AT = 400;
const TWEAKED_KEY_AT = 496;
const MESSAGE_AT = 560;
const BLOCK_SIZE = 1024;

/** Messages up to this length are copied into the block; longer ones get memory of their own. */
const MESSAGE_SIZE_MAX = BLOCK_SIZE - MESSAGE_AT;

/** Flags SECP256K1_EC_COMPRESSED and SECP256K1_EC_UNCOMPRESSED of secp256k1.h. */
const SERIALIZE_COMPRESSED = 258;
const SERIALIZE_UNCOMPRESSED = 2;

/** SECP256K1_SCHNORRSIG_EXTRAPARAMS_MAGIC of secp256k1_schnorrsig.h. */
const EXTRA_PARAMETERS_MAGIC = [0xda, 0x6f, 0xb3, 0x8c] as const;

function isKeyLength(length: number): boolean {
  return length === 33 || length === 65;
}

class KoffiSecp256k1 implements Secp256k1 {
  readonly name = 'libsecp256k1 (system)';
  readonly #secp: SecpFunctions;
  readonly #context: bigint;
  readonly #block: Uint8Array;
  readonly #keys: SecpKeyCache;
  readonly #commitments: SecpCommitmentCache = new SecpCommitmentCache();
  readonly #signature: bigint;
  readonly #digest: bigint;
  readonly #scalar: bigint;
  readonly #extra: bigint;
  readonly #key: bigint;
  readonly #length: bigint;
  readonly #parameters: bigint;
  readonly #parsedSignature: bigint;
  readonly #parsedKey: bigint;
  readonly #keyPair: bigint;
  readonly #tweakedKey: bigint;
  readonly #message: bigint;
  /** Addresses as the C structure and `size_t` hold them: 8 bytes, or 4 on 32-bit systems. */
  readonly #lengthWord: BigUint64Array | Uint32Array;
  readonly #copySharedX: (output: bigint, x: bigint) => number;

  constructor({ functions, context, koffi }: SecpLibrary) {
    const base = koffi.alloc('uint8_t', BLOCK_SIZE);
    const memory = koffi.view(base, BLOCK_SIZE);
    const at = (offset: number): bigint => base + BigInt(offset);
    this.#secp = functions;
    this.#context = context;
    this.#block = new Uint8Array(memory);
    this.#keys = new SecpKeyCache(new Int32Array(memory, PARSED_KEY_AT, PARSED_KEY_WORDS));
    this.#signature = at(SIGNATURE_AT);
    this.#digest = at(DIGEST_AT);
    this.#scalar = at(SCALAR_AT);
    this.#extra = at(EXTRA_AT);
    this.#key = at(KEY_AT);
    this.#length = at(LENGTH_AT);
    this.#parameters = at(PARAMETERS_AT);
    this.#parsedSignature = at(PARSED_SIGNATURE_AT);
    this.#parsedKey = at(PARSED_KEY_AT);
    this.#keyPair = at(KEY_PAIR_AT);
    this.#tweakedKey = at(TWEAKED_KEY_AT);
    this.#message = at(MESSAGE_AT);

    this.#block.fill(0);
    this.#block.set(EXTRA_PARAMETERS_MAGIC, PARAMETERS_AT);
    if (koffi.sizeof('void *') === 8) {
      this.#lengthWord = new BigUint64Array(memory, LENGTH_AT, 1);
      // struct { unsigned char magic[4]; function *nonce; void *data; }: data is the third word.
      new BigUint64Array(memory, PARAMETERS_AT, 3)[2] = this.#extra;
    } else {
      this.#lengthWord = new Uint32Array(memory, LENGTH_AT, 1);
      new Uint32Array(memory, PARAMETERS_AT, 3)[2] = Number(this.#extra);
    }
    this.#copySharedX = (_output, x) => {
      this.#block.set(new Uint8Array(koffi.view(x, 32)), DIGEST_AT);
      return 1;
    };
  }

  /** Blinds signing against side channels; false when the library refuses. */
  randomize(seed32: Uint8Array): boolean {
    this.#block.set(seed32, EXTRA_AT);
    const done = this.#secp.context_randomize(this.#context, this.#extra) === 1;
    this.#wipe();
    return done;
  }

  verifyEcdsa(signature64: Uint8Array, digest32: Uint8Array, publicKey: Uint8Array): boolean {
    if (signature64.length !== 64 || digest32.length !== 32 || !isKeyLength(publicKey.length)) return false;
    const block = this.#block;
    block.set(signature64, SIGNATURE_AT);
    block.set(digest32, DIGEST_AT);
    const secp = this.#secp;
    const context = this.#context;
    return (
      this.#loadKey(publicKey) &&
      secp.ecdsa_signature_parse_compact(context, this.#parsedSignature, this.#signature) === 1 &&
      secp.ecdsa_verify(context, this.#parsedSignature, this.#digest, this.#parsedKey) === 1
    );
  }

  verifySchnorr(signature64: Uint8Array, message: Uint8Array, publicKeyX32: Uint8Array): boolean {
    if (signature64.length !== 64 || !this.#loadXOnly(publicKeyX32)) return false;
    this.#block.set(signature64, SIGNATURE_AT);
    const nativeMessage = this.#putMessage(message);
    return (
      this.#secp.schnorrsig_verify(this.#context, this.#signature, nativeMessage, message.length, this.#parsedKey) === 1
    );
  }

  checkXOnlyTweak(outputX32: Uint8Array, outputParity: 0 | 1, internalX32: Uint8Array, tweak32: Uint8Array): boolean {
    if (outputX32.length !== 32 || tweak32.length !== 32 || internalX32.length !== 32) return false;
    if (this.#commitments.has(outputX32, outputParity, internalX32, tweak32)) return true;
    if (!this.#loadXOnly(internalX32)) return false;
    this.#block.set(outputX32, DIGEST_AT);
    this.#block.set(tweak32, SCALAR_AT);
    const { xonly_pubkey_tweak_add_check: check } = this.#secp;
    const isGood = check(this.#context, this.#digest, outputParity, this.#parsedKey, this.#scalar) === 1;
    if (isGood) this.#commitments.add();
    return isGood;
  }

  isValidPublicKey(publicKey: Uint8Array): boolean {
    return this.#parseKey(publicKey);
  }

  isValidXOnlyPublicKey(publicKeyX32: Uint8Array): boolean {
    return this.#parseXOnly(publicKeyX32);
  }

  isValidSecret(secret32: Uint8Array): boolean {
    if (secret32.length !== 32) return false;
    this.#block.set(secret32, SCALAR_AT);
    const valid = this.#secp.ec_seckey_verify(this.#context, this.#scalar) === 1;
    this.#wipe();
    return valid;
  }

  convertPublicKey(publicKey: Uint8Array, compressed: boolean): Uint8Array | null {
    return this.#parseKey(publicKey) ? this.#takeKey(compressed) : null;
  }

  createPublicKey(secret32: Uint8Array, compressed: boolean): Uint8Array | null {
    if (secret32.length !== 32) return null;
    this.#block.set(secret32, SCALAR_AT);
    const made = this.#secp.ec_pubkey_create(this.#context, this.#parsedKey, this.#scalar) === 1;
    const publicKey = made ? this.#takeKey(compressed) : null;
    this.#wipe();
    return publicKey;
  }

  tweakPublicKey(publicKey: Uint8Array, tweak32: Uint8Array): Uint8Array | null {
    if (tweak32.length !== 32 || !this.#parseKey(publicKey)) return null;
    this.#block.set(tweak32, SCALAR_AT);
    const made = this.#secp.ec_pubkey_tweak_add(this.#context, this.#parsedKey, this.#scalar) === 1;
    return made ? this.#takeKey(true) : null;
  }

  tweakSecret(secret32: Uint8Array, tweak32: Uint8Array): Uint8Array | null {
    if (secret32.length !== 32 || tweak32.length !== 32) return null;
    this.#block.set(secret32, SCALAR_AT);
    this.#block.set(tweak32, EXTRA_AT);
    return this.#takeSecret(
      this.#secp.ec_seckey_tweak_add(this.#context, this.#scalar, this.#extra) === 1,
      SCALAR_AT,
      32,
    );
  }

  tweakXOnly(internalX32: Uint8Array, tweak32: Uint8Array): XOnlyTweak | null {
    if (tweak32.length !== 32 || !this.#parseXOnly(internalX32)) return null;
    this.#block.set(tweak32, SCALAR_AT);
    const { xonly_pubkey_tweak_add: add } = this.#secp;
    if (add(this.#context, this.#tweakedKey, this.#parsedKey, this.#scalar) !== 1) return null;
    const key = this.#takeKey(true, this.#tweakedKey);
    return { x: key.slice(1), parity: key[0] === 3 ? 1 : 0 };
  }

  tweakXOnlySecret(secret32: Uint8Array, tweak32: Uint8Array): Uint8Array | null {
    if (tweak32.length !== 32 || !this.#makeKeyPair(secret32)) return null;
    this.#block.set(tweak32, EXTRA_AT);
    const made =
      this.#secp.keypair_xonly_tweak_add(this.#context, this.#keyPair, this.#extra) === 1 &&
      this.#secp.keypair_sec(this.#context, this.#scalar, this.#keyPair) === 1;
    return this.#takeSecret(made, SCALAR_AT, 32);
  }

  signEcdsa(digest32: Uint8Array, secret32: Uint8Array, extraEntropy32?: Uint8Array): Uint8Array | null {
    if (digest32.length !== 32 || secret32.length !== 32) return null;
    if (extraEntropy32 !== undefined && extraEntropy32.length !== 32) return null;
    this.#block.set(digest32, DIGEST_AT);
    this.#block.set(secret32, SCALAR_AT);
    if (extraEntropy32 !== undefined) this.#block.set(extraEntropy32, EXTRA_AT);
    const extra = extraEntropy32 === undefined ? null : this.#extra;
    const secp = this.#secp;
    const context = this.#context;
    const made =
      secp.ecdsa_sign(context, this.#parsedSignature, this.#digest, this.#scalar, null, extra) === 1 &&
      secp.ecdsa_signature_serialize_compact(context, this.#signature, this.#parsedSignature) === 1;
    return this.#takeSecret(made, SIGNATURE_AT, 64);
  }

  signSchnorr(message: Uint8Array, secret32: Uint8Array, auxiliary32: Uint8Array): Uint8Array | null {
    if (auxiliary32.length !== 32 || !this.#makeKeyPair(secret32)) return null;
    this.#block.set(auxiliary32, EXTRA_AT);
    const nativeMessage = this.#putMessage(message);
    const { schnorrsig_sign_custom: sign } = this.#secp;
    const made =
      sign(this.#context, this.#signature, nativeMessage, message.length, this.#keyPair, this.#parameters) === 1;
    return this.#takeSecret(made, SIGNATURE_AT, 64);
  }

  ecdhX(publicKey: Uint8Array, secret32: Uint8Array): Uint8Array | null {
    if (secret32.length !== 32 || !this.#parseKey(publicKey)) return null;
    this.#block.set(secret32, SCALAR_AT);
    const { ecdh } = this.#secp;
    const made = ecdh(this.#context, this.#digest, this.#parsedKey, this.#scalar, this.#copySharedX, null) === 1;
    return this.#takeSecret(made, DIGEST_AT, 32);
  }

  /** Parses a key that is verified with, unless that has been done before. Only of compressed keys it takes long. */
  #loadKey(publicKey: Uint8Array): boolean {
    if (publicKey.length !== 33) return this.#parseKey(publicKey);
    if (this.#keys.load(publicKey)) return true;
    if (!this.#parseKey(publicKey)) return false;
    this.#keys.store();
    return true;
  }

  #loadXOnly(publicKeyX32: Uint8Array): boolean {
    if (publicKeyX32.length !== 32) return false;
    if (this.#keys.load(publicKeyX32)) return true;
    if (!this.#parseXOnly(publicKeyX32)) return false;
    this.#keys.store();
    return true;
  }

  #parseKey(publicKey: Uint8Array): boolean {
    if (!isKeyLength(publicKey.length)) return false;
    this.#block.set(publicKey, KEY_AT);
    return this.#secp.ec_pubkey_parse(this.#context, this.#parsedKey, this.#key, publicKey.length) === 1;
  }

  #parseXOnly(publicKeyX32: Uint8Array): boolean {
    if (publicKeyX32.length !== 32) return false;
    this.#block.set(publicKeyX32, KEY_AT);
    return this.#secp.xonly_pubkey_parse(this.#context, this.#parsedKey, this.#key) === 1;
  }

  #makeKeyPair(secret32: Uint8Array): boolean {
    if (secret32.length !== 32) return false;
    this.#block.set(secret32, SCALAR_AT);
    if (this.#secp.keypair_create(this.#context, this.#keyPair, this.#scalar) === 1) return true;
    this.#wipe();
    return false;
  }

  #putMessage(message: Uint8Array): NativeArgument {
    if (message.length > MESSAGE_SIZE_MAX) return message.slice();
    this.#block.set(message, MESSAGE_AT);
    return this.#message;
  }

  /** A filled key object in bytes. */
  #takeKey(compressed: boolean, key: bigint = this.#parsedKey): Uint8Array {
    const size = compressed ? 33 : 65;
    const flags = compressed ? SERIALIZE_COMPRESSED : SERIALIZE_UNCOMPRESSED;
    if (this.#lengthWord instanceof BigUint64Array) this.#lengthWord[0] = BigInt(size);
    else this.#lengthWord[0] = size;
    this.#secp.ec_pubkey_serialize(this.#context, this.#key, this.#length, key, flags);
    return this.#block.slice(KEY_AT, KEY_AT + size);
  }

  /** Copies a result out and leaves nothing of the secret behind. */
  #takeSecret(made: boolean, at: number, length: number): Uint8Array | null {
    const result = made ? this.#block.slice(at, at + length) : null;
    this.#wipe();
    return result;
  }

  #wipe(): void {
    this.#block.fill(0, 0, LENGTH_AT);
    this.#block.fill(0, PARSED_SIGNATURE_AT, MESSAGE_AT);
  }
}

/**
 * The system's libsecp256k1 as a backend, or why there is none. `path` names the library's file; otherwise the usual names
 * of the platform are tried.
 */
export function loadKoffiSecp256k1(path?: string): Result<Secp256k1, BackendProblem> {
  const library = openSecpLibrary(path, process.platform);
  if (!library.ok) return library;
  library.value.functions.selftest();
  const backend = new KoffiSecp256k1(library.value);
  return backend.randomize(randomBytes(32)) ? ok(backend) : err({ kind: 'unusable', detail: 'refuses its seed' });
}
