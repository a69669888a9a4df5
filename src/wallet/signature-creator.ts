// Who makes signatures while an input is solved (Core BaseSignatureCreator, SigningProvider, HidingSigningProvider): keys for a real
// transaction, or placeholders that show how large it will be.

import { hash160 } from '../kernel/crypto/hash160.ts';
import type { Secp256k1 } from '../kernel/crypto/secp256k1.ts';
import { isMoneyRange } from '../kernel/primitives/amount.ts';
import { outputChoice, SIGHASH } from '../kernel/script/sighash-type.ts';
import { computeTapTweakHash } from '../kernel/script/taproot.ts';
import type { KeyOrigin, KeyRing, RingMusig, RingSecret, RingTree } from './descriptor/key-ring.ts';
import type { MusigNonces } from './musig-nonces.ts';
import { type InputScripts, type SignedScriptKind, type Spending, withHashType } from './spending.ts';

/** What is asked of a ring of keys while an input is solved; {@link KeyRing} answers all of it. */
export interface SigningKeys {
  secret(keyHash: Uint8Array): RingSecret | null;
  secretOfXOnly(x32: Uint8Array): RingSecret | null;
  publicKey(keyHash: Uint8Array): Uint8Array | null;
  origin(keyHash: Uint8Array): KeyOrigin | null;
  originOfXOnly(x32: Uint8Array): KeyOrigin | null;
  script(scriptHash20: Uint8Array): Uint8Array | null;
  tree(outputKey: Uint8Array): RingTree | null;
  musig(x32: Uint8Array): RingMusig | null;
}

/** The ring without its secrets, or without saying where keys come from. */
export function hideKeys(
  ring: SigningKeys,
  hides: { readonly secrets: boolean; readonly origins: boolean },
): SigningKeys {
  const nothing = (): null => null;
  return {
    secret: hides.secrets ? nothing : (keyHash) => ring.secret(keyHash),
    secretOfXOnly: hides.secrets ? nothing : (x32) => ring.secretOfXOnly(x32),
    publicKey: (keyHash) => ring.publicKey(keyHash),
    origin: hides.origins ? nothing : (keyHash) => ring.origin(keyHash),
    originOfXOnly: hides.origins ? nothing : (x32) => ring.originOfXOnly(x32),
    script: (scriptHash20) => ring.script(scriptHash20),
    tree: (outputKey) => ring.tree(outputKey),
    musig: (x32) => ring.musig(x32),
  };
}

/** What a taproot signature is for: a leaf, or the key path of an internal key with its tree, or of the output key itself. */
export type TaprootPlace =
  | { readonly kind: 'leaf'; readonly leafHash: Uint8Array }
  | { readonly kind: 'internal-key'; readonly merkleRoot: Uint8Array | null }
  | { readonly kind: 'output-key' };

/** What signing together takes. */
export interface MusigSigning {
  readonly secp: Secp256k1;
  /** Null: no nonces are given away. */
  readonly nonces: MusigNonces | null;
  /** What a signature for a leaf, or for the key path, commits to; null when outputs are unknown. */
  message(leafHash: Uint8Array | null): Uint8Array | null;
  /** The signature as it stands in a witness. */
  finish(signature64: Uint8Array): Uint8Array;
}

/** Makes the signatures of one input; null where it cannot. */
export interface SignatureCreator {
  /** Null: signatures of several people are not looked at. */
  readonly musig: MusigSigning | null;
  ecdsa(keys: SigningKeys, publicKey: Uint8Array, script: Uint8Array, kind: SignedScriptKind): Uint8Array | null;
  schnorr(keys: SigningKeys, xOnlyKey: Uint8Array, place: TaprootPlace): Uint8Array | null;
  /** Whether the transaction's lock reaches this one (BIP65). */
  reachesLocktime(locktime: number): boolean;
  /** Whether the input's relative lock reaches this one (BIP112). */
  reachesSequence(sequence: number): boolean;
  /** Whether the scripts spend the output by the rules of relay. */
  accepts(scripts: InputScripts): boolean;
}

/** Signs an input of a transaction. */
export class TransactionSigner implements SignatureCreator {
  readonly #spending: Spending;
  readonly #inputIndex: number;
  readonly #hashType: number;
  readonly #secp: Secp256k1;

  readonly musig: MusigSigning;

  /** SIGHASH_DEFAULT means SIGHASH_ALL outside of taproot. The output that the input spends is known. */
  constructor(
    spending: Spending,
    inputIndex: number,
    hashType: number,
    secp: Secp256k1,
    nonces: MusigNonces | null = null,
  ) {
    this.musig = {
      secp,
      nonces,
      message: (leafHash) => spending.computeTaprootDigest(inputIndex, hashType, leafHash),
      finish: (signature64) => withHashType(signature64, hashType),
    };
    this.#spending = spending;
    this.#inputIndex = inputIndex;
    this.#hashType = hashType;
    this.#secp = secp;
  }

  ecdsa(keys: SigningKeys, publicKey: Uint8Array, script: Uint8Array, kind: SignedScriptKind): Uint8Array | null {
    const key = keys.secret(hash160(publicKey));
    if (key === null || !this.#hasDigest(kind)) return null;
    // Witness scripts cannot hold uncompressed keys.
    if (kind === 'witness-v0' && !key.isCompressed) return null;
    return this.#spending.signEcdsa(this.#inputIndex, script, kind, this.#hashType, key.secret);
  }

  /** A signature for the output of the same index needs one (C17), and one that commits to a value needs a value. */
  #hasDigest(kind: SignedScriptKind): boolean {
    const { transaction } = this.#spending;
    if (outputChoice(this.#hashType) === SIGHASH.SINGLE && this.#inputIndex >= transaction.outputCount) return false;
    return kind === 'legacy' || isMoneyRange(this.#spending.output(this.#inputIndex)!.valueSat);
  }

  schnorr(keys: SigningKeys, xOnlyKey: Uint8Array, place: TaprootPlace): Uint8Array | null {
    const key = keys.secretOfXOnly(xOnlyKey);
    if (key === null) return null;
    const leafHash = place.kind === 'leaf' ? place.leafHash : null;
    const secret = place.kind === 'internal-key' ? this.#tweak(key.secret, xOnlyKey, place.merkleRoot) : key.secret;
    return secret === null ? null : this.#spending.signTaproot(this.#inputIndex, this.#hashType, secret, leafHash);
  }

  #tweak(secret: Uint8Array, internalKey: Uint8Array, merkleRoot: Uint8Array | null): Uint8Array | null {
    const tweak = new Uint8Array(32);
    computeTapTweakHash(internalKey, 0, merkleRoot, tweak);
    return this.#secp.tweakXOnlySecret(secret, tweak);
  }

  reachesLocktime(locktime: number): boolean {
    return this.#spending.reachesLocktime(this.#inputIndex, locktime);
  }

  reachesSequence(sequence: number): boolean {
    return this.#spending.reachesSequence(this.#inputIndex, sequence);
  }

  accepts(scripts: InputScripts): boolean {
    return this.#spending.verify(this.#inputIndex, scripts) === null;
  }
}

/** Bytes of a DER signature of two numbers of 32 bytes, with its hash type (Core DUMMY_SIGNATURE_CREATOR). */
const PLACEHOLDER_ECDSA_BYTES = 71;
const PLACEHOLDER_SCHNORR_BYTES = 64;

/** Makes signatures of the usual size that are good for nothing, for every key that is asked for. */
export const PLACEHOLDER_SIGNER: SignatureCreator = Object.freeze({
  musig: null,
  ecdsa: () => new Uint8Array(PLACEHOLDER_ECDSA_BYTES).fill(SIGHASH.ALL),
  schnorr: () => new Uint8Array(PLACEHOLDER_SCHNORR_BYTES),
  reachesLocktime: () => true,
  reachesSequence: () => true,
  accepts: () => true,
});
