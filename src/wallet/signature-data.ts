// What is known of an input that is to be signed: its scripts, the signatures that there are, and what they add up to (Core
// SignatureData). Signatures of several people come together here.

import { hash160 } from '../kernel/crypto/hash160.ts';
import { EMPTY_BYTES, toHex } from '../kernel/util/bytes.ts';

/** A signature with its hash type, and the key that it is good for. */
export interface KeySignature {
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
}

/** An input on its way to being signed. */
export class SignatureData {
  /** The scripts of the input satisfy the output. */
  isComplete = false;
  /** The input is satisfied by its witness. */
  isWitness = false;
  scriptSig: Uint8Array = EMPTY_BYTES;
  witness: readonly Uint8Array[] = [];
  redeemScript: Uint8Array | null = null;
  witnessScript: Uint8Array | null = null;
  readonly #signatures: Map<string, KeySignature> = new Map();

  /** The signature of a key, or null. */
  signature(publicKey: Uint8Array): Uint8Array | null {
    return this.#signatures.get(toHex(publicKey))?.signature ?? null;
  }

  /** Notes a signature, unless the key has one. */
  addSignature(publicKey: Uint8Array, signature: Uint8Array): void {
    const name = toHex(publicKey);
    if (!this.#signatures.has(name)) this.#signatures.set(name, { publicKey, signature });
  }

  /** The key with this HASH160 that a signature is known for, or null. */
  publicKeyOf(keyHash: Uint8Array): Uint8Array | null {
    const wanted = toHex(keyHash);
    for (const { publicKey } of this.#signatures.values()) {
      if (toHex(hash160(publicKey)) === wanted) return publicKey;
    }
    return null;
  }

  /** Takes what another copy of the input knows (Core MergeSignatureData). */
  merge(other: SignatureData): void {
    if (this.isComplete) return;
    if (other.isComplete) {
      this.isComplete = true;
      this.isWitness = other.isWitness;
      this.scriptSig = other.scriptSig;
      this.witness = other.witness;
    }
    this.redeemScript ??= other.redeemScript;
    this.witnessScript ??= other.witnessScript;
    for (const { publicKey, signature } of other.#signatures.values()) this.addSignature(publicKey, signature);
  }
}
