// secp256k1 by libsecp256k1 compiled to WebAssembly (scripts/build-secp-wasm.mjs). Platform-free: takes the bytes of the
// module, or a module compiled elsewhere (another thread), and uses the engine's WebAssembly. Arguments are copied into
// one block of the module's memory, whose layout is scripts/secp-wasm/shim.c's `io`; no call leaves garbage but its result.

import { err, ok, type Result } from '../util/result.ts';
import type { Secp256k1, XOnlyTweak } from './secp256k1.ts';
import { getWebAssembly, type WasmMemory } from './webassembly.ts';

const SIGNATURE_AT = 0;
const DIGEST_AT = 64;
const SCALAR_AT = 96;
const EXTRA_AT = 128;
const KEY_AT = 160;

/** Bytes of a WebAssembly page, fixed by its specification. */
const PAGE_SIZE = 65536;

interface ModuleExports {
  readonly memory: WasmMemory & { grow(pages: number): number };
  io_address(): number;
  message_address(): number;
  start(): number;
  randomize(): number;
  wipe(): void;
  verify_ecdsa(keyLength: number): number;
  verify_schnorr(messageLength: number): number;
  check_xonly_tweak(parity: number): number;
  check_public_key(keyLength: number): number;
  check_xonly_public_key(): number;
  convert_public_key(keyLength: number, compressed: number): number;
  tweak_public_key(keyLength: number, compressed: number): number;
  tweak_xonly(): number;
  check_secret(): number;
  create_public_key(compressed: number): number;
  tweak_secret(): number;
  tweak_xonly_secret(): number;
  sign_ecdsa(withExtra: number): number;
  sign_schnorr(messageLength: number): number;
  ecdh(keyLength: number): number;
}

function isKeyLength(length: number): boolean {
  return length === 33 || length === 65;
}

class WasmSecp256k1 implements Secp256k1 {
  readonly name = 'libsecp256k1 (WebAssembly)';
  readonly #wasm: ModuleExports;
  readonly #messageAt: number;
  readonly #signatureAt: number;
  readonly #digestAt: number;
  readonly #scalarAt: number;
  readonly #extraAt: number;
  readonly #keyAt: number;
  #memory: Uint8Array;

  constructor(wasm: ModuleExports) {
    const io = wasm.io_address();
    this.#wasm = wasm;
    this.#messageAt = wasm.message_address();
    this.#signatureAt = io + SIGNATURE_AT;
    this.#digestAt = io + DIGEST_AT;
    this.#scalarAt = io + SCALAR_AT;
    this.#extraAt = io + EXTRA_AT;
    this.#keyAt = io + KEY_AT;
    this.#memory = new Uint8Array(wasm.memory.buffer);
  }

  verifyEcdsa(signature64: Uint8Array, digest32: Uint8Array, publicKey: Uint8Array): boolean {
    if (signature64.length !== 64 || digest32.length !== 32 || !isKeyLength(publicKey.length)) return false;
    const memory = this.#memory;
    memory.set(signature64, this.#signatureAt);
    memory.set(digest32, this.#digestAt);
    memory.set(publicKey, this.#keyAt);
    return this.#wasm.verify_ecdsa(publicKey.length) === 1;
  }

  verifySchnorr(signature64: Uint8Array, message: Uint8Array, publicKeyX32: Uint8Array): boolean {
    if (signature64.length !== 64 || publicKeyX32.length !== 32) return false;
    this.#putMessage(message);
    const memory = this.#memory;
    memory.set(signature64, this.#signatureAt);
    memory.set(publicKeyX32, this.#keyAt);
    return this.#wasm.verify_schnorr(message.length) === 1;
  }

  checkXOnlyTweak(outputX32: Uint8Array, outputParity: 0 | 1, internalX32: Uint8Array, tweak32: Uint8Array): boolean {
    if (outputX32.length !== 32 || internalX32.length !== 32 || tweak32.length !== 32) return false;
    const memory = this.#memory;
    memory.set(outputX32, this.#digestAt);
    memory.set(tweak32, this.#scalarAt);
    memory.set(internalX32, this.#keyAt);
    return this.#wasm.check_xonly_tweak(outputParity) === 1;
  }

  isValidPublicKey(publicKey: Uint8Array): boolean {
    if (!isKeyLength(publicKey.length)) return false;
    this.#memory.set(publicKey, this.#keyAt);
    return this.#wasm.check_public_key(publicKey.length) === 1;
  }

  isValidXOnlyPublicKey(publicKeyX32: Uint8Array): boolean {
    if (publicKeyX32.length !== 32) return false;
    this.#memory.set(publicKeyX32, this.#keyAt);
    return this.#wasm.check_xonly_public_key() === 1;
  }

  isValidSecret(secret32: Uint8Array): boolean {
    if (secret32.length !== 32) return false;
    this.#memory.set(secret32, this.#scalarAt);
    const valid = this.#wasm.check_secret() === 1;
    this.#wasm.wipe();
    return valid;
  }

  convertPublicKey(publicKey: Uint8Array, compressed: boolean): Uint8Array | null {
    if (!isKeyLength(publicKey.length)) return null;
    this.#memory.set(publicKey, this.#keyAt);
    return this.#takeKey(this.#wasm.convert_public_key(publicKey.length, compressed ? 1 : 0), compressed);
  }

  createPublicKey(secret32: Uint8Array, compressed: boolean): Uint8Array | null {
    if (secret32.length !== 32) return null;
    this.#memory.set(secret32, this.#scalarAt);
    const publicKey = this.#takeKey(this.#wasm.create_public_key(compressed ? 1 : 0), compressed);
    this.#wasm.wipe();
    return publicKey;
  }

  tweakPublicKey(publicKey: Uint8Array, tweak32: Uint8Array): Uint8Array | null {
    if (!isKeyLength(publicKey.length) || tweak32.length !== 32) return null;
    this.#memory.set(publicKey, this.#keyAt);
    this.#memory.set(tweak32, this.#scalarAt);
    return this.#takeKey(this.#wasm.tweak_public_key(publicKey.length, 1), true);
  }

  tweakSecret(secret32: Uint8Array, tweak32: Uint8Array): Uint8Array | null {
    if (secret32.length !== 32 || tweak32.length !== 32) return null;
    this.#memory.set(secret32, this.#scalarAt);
    this.#memory.set(tweak32, this.#extraAt);
    return this.#takeSecret(this.#wasm.tweak_secret(), this.#scalarAt, 32);
  }

  tweakXOnly(internalX32: Uint8Array, tweak32: Uint8Array): XOnlyTweak | null {
    if (internalX32.length !== 32 || tweak32.length !== 32) return null;
    this.#memory.set(internalX32, this.#keyAt);
    this.#memory.set(tweak32, this.#scalarAt);
    if (this.#wasm.tweak_xonly() !== 1) return null;
    const x = this.#memory.slice(this.#keyAt + 1, this.#keyAt + 33);
    return { x, parity: this.#memory[this.#keyAt] === 3 ? 1 : 0 };
  }

  tweakXOnlySecret(secret32: Uint8Array, tweak32: Uint8Array): Uint8Array | null {
    if (secret32.length !== 32 || tweak32.length !== 32) return null;
    this.#memory.set(secret32, this.#scalarAt);
    this.#memory.set(tweak32, this.#extraAt);
    return this.#takeSecret(this.#wasm.tweak_xonly_secret(), this.#scalarAt, 32);
  }

  signEcdsa(digest32: Uint8Array, secret32: Uint8Array, extraEntropy32?: Uint8Array): Uint8Array | null {
    if (digest32.length !== 32 || secret32.length !== 32) return null;
    if (extraEntropy32 !== undefined && extraEntropy32.length !== 32) return null;
    this.#memory.set(digest32, this.#digestAt);
    this.#memory.set(secret32, this.#scalarAt);
    if (extraEntropy32 !== undefined) this.#memory.set(extraEntropy32, this.#extraAt);
    return this.#takeSecret(this.#wasm.sign_ecdsa(extraEntropy32 === undefined ? 0 : 1), this.#signatureAt, 64);
  }

  signSchnorr(message: Uint8Array, secret32: Uint8Array, auxiliary32: Uint8Array): Uint8Array | null {
    if (secret32.length !== 32 || auxiliary32.length !== 32) return null;
    this.#putMessage(message);
    this.#memory.set(secret32, this.#scalarAt);
    this.#memory.set(auxiliary32, this.#extraAt);
    return this.#takeSecret(this.#wasm.sign_schnorr(message.length), this.#signatureAt, 64);
  }

  ecdhX(publicKey: Uint8Array, secret32: Uint8Array): Uint8Array | null {
    if (!isKeyLength(publicKey.length) || secret32.length !== 32) return null;
    this.#memory.set(publicKey, this.#keyAt);
    this.#memory.set(secret32, this.#scalarAt);
    return this.#takeSecret(this.#wasm.ecdh(publicKey.length), this.#digestAt, 32);
  }

  #putMessage(message: Uint8Array): void {
    const missing = this.#messageAt + message.length - this.#memory.length;
    if (missing > 0) {
      this.#wasm.memory.grow(Math.ceil(missing / PAGE_SIZE));
      this.#memory = new Uint8Array(this.#wasm.memory.buffer);
    }
    this.#memory.set(message, this.#messageAt);
  }

  #takeKey(made: number, compressed: boolean): Uint8Array | null {
    return made === 1 ? this.#memory.slice(this.#keyAt, this.#keyAt + (compressed ? 33 : 65)) : null;
  }

  /** Copies a result out and leaves nothing of the secret behind. */
  #takeSecret(made: number, at: number, length: number): Uint8Array | null {
    const result = made === 1 ? this.#memory.slice(at, at + length) : null;
    this.#wasm.wipe();
    return result;
  }
}

/** Why a WebAssembly backend cannot be made, in words. */
export type WasmProblem = string;

/**
 * A backend over `source`: the module's bytes, or an already compiled `WebAssembly.Module` (a thread may send one to
 * another). `seed32`, 32 random bytes, blinds signing against side channels; leave it out where nothing is signed.
 */
export function createWasmSecp256k1(source: Uint8Array | object, seed32?: Uint8Array): Result<Secp256k1, WasmProblem> {
  const api = getWebAssembly();
  if (api === null) return err('this engine has no WebAssembly');
  try {
    const module = source instanceof Uint8Array ? new api.Module(source) : source;
    const wasm = new api.Instance(module).exports as unknown as ModuleExports;
    if (wasm.start() !== 1) return err('the module does not start');
    if (seed32 !== undefined) {
      new Uint8Array(wasm.memory.buffer).set(seed32.subarray(0, 32), wasm.io_address() + EXTRA_AT);
      if (wasm.randomize() !== 1) return err('the module refuses its seed');
      wasm.wipe();
    }
    return ok(new WasmSecp256k1(wasm));
  } catch (error) {
    return err(error instanceof Error ? error.message : 'the module does not load');
  }
}
