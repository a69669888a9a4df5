// What is known of an input that is to be signed: its scripts and keys, the signatures that there are, and what they add up to (Core
// SignatureData). Signatures of several people come together here, and what is missing is noted.

import { hash160 } from '../kernel/crypto/hash160.ts';
import { compareBytes, concatBytes, EMPTY_BYTES, toHex } from '../kernel/util/bytes.ts';
import type { KeyOrigin, RingTree } from './descriptor/key-ring.ts';
import type { HashFragment } from './descriptor/miniscript/node.ts';
import { MusigIndex } from './musig-index.ts';

/** A signature with its hash type, and the key that it is good for. */
export interface KeySignature {
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
}

/** A public key and where it comes from. */
export interface KeyDerivation {
  readonly publicKey: Uint8Array;
  readonly origin: KeyOrigin;
}

/** A signature for a leaf of a tree of scripts. */
export interface TapScriptSignature {
  readonly xOnlyKey: Uint8Array;
  readonly leafHash: Uint8Array;
  readonly signature: Uint8Array;
}

/** A leaf of a tree of scripts with its control blocks, the shortest first. */
export interface TapLeafScript {
  readonly script: Uint8Array;
  readonly leafVersion: number;
  readonly controlBlocks: readonly Uint8Array[];
}

/** An x-only key, where it comes from, and the leaves that it stands in, in their order. */
export interface TapDerivation {
  readonly xOnlyKey: Uint8Array;
  readonly leafHashes: readonly Uint8Array[];
  readonly origin: KeyOrigin;
}

/** What one participant has given to a common signature: a public nonce, or a partial signature (BIP373). */
export interface MusigShare {
  /** The key that the signature is for: an aggregate, what was derived from it, or the output key over that. */
  readonly aggregateKey: Uint8Array;
  readonly participantKey: Uint8Array;
  /** Null where the signature is for the key path. */
  readonly leafHash: Uint8Array | null;
  readonly value: Uint8Array;
}

/** The name of such a share among others: sorted by it, they come in Core's order. */
export function nameOfShare({ aggregateKey, participantKey, leafHash }: Omit<MusigShare, 'value'>): string {
  return toHex(aggregateKey) + toHex(leafHash ?? new Uint8Array(32)) + toHex(participantKey);
}

/** What an input lacks (Core SignatureData::missing_*). */
export interface MissingParts {
  /** HASH160 of keys that nobody named. */
  readonly publicKeys: Uint8Array[];
  /** HASH160 of keys whose signature is not there. */
  readonly signatures: Uint8Array[];
  /** HASH160 of the script. */
  redeemScriptHash: Uint8Array | null;
  /** SHA-256 of the script. */
  witnessScriptHash: Uint8Array | null;
}

/** The name of a signature for a leaf among others: sorted by it, they come in Core's order. */
export function nameOfTapSignature(xOnlyKey: Uint8Array, leafHash: Uint8Array): string {
  return toHex(xOnlyKey) + toHex(leafHash);
}

/** The name of a leaf among others: sorted by it, they come in Core's order (script, then version). */
export function nameOfTapLeaf(script: Uint8Array, leafVersion: number): string {
  // A dot comes before every digit, as the end of a script comes before a longer one.
  return `${toHex(script)}.${toHex(Uint8Array.of(leafVersion))}`;
}

/** The name of a preimage among others. */
export function nameOfPreimage(fragment: HashFragment, hash: Uint8Array): string {
  return `${fragment} ${toHex(hash)}`;
}

/** The order of names: that of their characters. */
export function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Shorter control blocks come first (Core ShortestVectorFirstComparator). */
export function compareControlBlocks(a: Uint8Array, b: Uint8Array): number {
  return a.length - b.length || compareBytes(a, b);
}

/** The leaf with one more control block. */
export function withControlBlock(leaf: TapLeafScript, controlBlock: Uint8Array): TapLeafScript {
  if (leaf.controlBlocks.some((one) => compareBytes(one, controlBlock) === 0)) return leaf;
  return { ...leaf, controlBlocks: [...leaf.controlBlocks, controlBlock].sort(compareControlBlocks) };
}

/** The derivation with one more leaf. */
export function withLeafHash(derivation: TapDerivation, leafHash: Uint8Array): TapDerivation {
  if (derivation.leafHashes.some((one) => compareBytes(one, leafHash) === 0)) return derivation;
  return { ...derivation, leafHashes: [...derivation.leafHashes, leafHash].sort(compareBytes) };
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
  /** Of taproot: the signature of the key path, the key and the tree behind the output. */
  tapKeySignature: Uint8Array | null = null;
  tapInternalKey: Uint8Array | null = null;
  tapMerkleRoot: Uint8Array | null = null;
  tapTree: RingTree | null = null;
  /** By {@link nameOfTapSignature}. */
  readonly tapScriptSignatures: Map<string, TapScriptSignature> = new Map();
  /** By {@link nameOfTapLeaf}. */
  readonly tapLeafScripts: Map<string, TapLeafScript> = new Map();
  /** By the key in hexadecimal. */
  readonly tapDerivations: Map<string, TapDerivation> = new Map();
  /** By the HASH160 of the key in hexadecimal. */
  readonly keyDerivations: Map<string, KeyDerivation> = new Map();
  /** X-only keys by their HASH160 in hexadecimal, for leaves that name them so. */
  readonly tapKeys: Map<string, Uint8Array> = new Map();
  /** Preimages of hashes by {@link nameOfPreimage}. */
  readonly preimages: Map<string, Uint8Array> = new Map();
  /** Who signs together. */
  readonly musigs: MusigIndex = new MusigIndex();
  /** By {@link nameOfShare}. */
  readonly musigNonces: Map<string, MusigShare> = new Map();
  readonly musigSignatures: Map<string, MusigShare> = new Map();
  readonly missing: MissingParts = {
    publicKeys: [],
    signatures: [],
    redeemScriptHash: null,
    witnessScriptHash: null,
  };
  /** By the HASH160 of the key in hexadecimal. */
  readonly #signatures: Map<string, KeySignature> = new Map();

  /** All signatures, by the HASH160 of their keys in hexadecimal. */
  get signatures(): ReadonlyMap<string, KeySignature> {
    return this.#signatures;
  }

  /** The signature of a key, or null. */
  signature(publicKey: Uint8Array): Uint8Array | null {
    return this.#signatures.get(toHex(hash160(publicKey)))?.signature ?? null;
  }

  /** Notes a signature, unless the key has one. */
  addSignature(publicKey: Uint8Array, signature: Uint8Array): void {
    const name = toHex(hash160(publicKey));
    if (!this.#signatures.has(name)) this.#signatures.set(name, { publicKey, signature });
  }

  /** The key with this HASH160 that is known here, or null. */
  publicKeyOf(keyHash: Uint8Array): Uint8Array | null {
    const name = toHex(keyHash);
    const known = this.#signatures.get(name) ?? this.keyDerivations.get(name);
    return known?.publicKey ?? null;
  }

  /** Takes what is known of the tree behind an output (Core TaprootSpendData::Merge). */
  addTree(tree: RingTree): void {
    const { internalKey, merkleRoot, leaves } = tree.output;
    this.tapTree = tree;
    this.tapInternalKey ??= internalKey;
    this.tapMerkleRoot ??= merkleRoot;
    for (const { script, leafVersion, controlBlock } of leaves) {
      const name = nameOfTapLeaf(script, leafVersion);
      const known = this.tapLeafScripts.get(name) ?? { script, leafVersion, controlBlocks: [] };
      this.tapLeafScripts.set(name, withControlBlock(known, controlBlock));
    }
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

/** The public key of an x-only one: the point with the even y. */
export function evenPublicKey(xOnlyKey: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(2), xOnlyKey);
}
