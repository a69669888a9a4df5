// Keys and scripts that are known while descriptors are read, written and spent from (Core FlatSigningProvider): secrets, public keys
// with where they come from, scripts behind hashes, trees behind taproot outputs. It belongs to one task and is thrown away with it.

import { hash160, ripemd160 } from '../../kernel/crypto/hash160.ts';
import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import type { TaprootOutput } from '../../kernel/script/taproot-builder.ts';
import { assert } from '../../kernel/util/assert.ts';
import { concatBytes, toHex } from '../../kernel/util/bytes.ts';

/** Where a key comes from: the fingerprint of a root, and the steps from there. */
export interface KeyOrigin {
  /** Four bytes. */
  readonly fingerprint: Uint8Array;
  /** Child numbers, uint32. */
  readonly path: readonly number[];
}

/** A private key and the form of its public key. */
export interface RingSecret {
  readonly secret: Uint8Array;
  readonly isCompressed: boolean;
}

/** A taproot output with its tree: the leaves in depth-first order. */
export interface RingTree {
  readonly output: TaprootOutput;
  readonly depths: readonly number[];
}

/** Keys that sign as one (BIP327). */
export interface RingMusig {
  /** Before anything was derived from it, of 33 bytes. */
  readonly aggregateKey: Uint8Array;
  /** In the order of aggregation. */
  readonly participantKeys: readonly Uint8Array[];
}

/** Keys and scripts by their hashes. */
export class KeyRing {
  readonly #secrets: Map<string, RingSecret> = new Map();
  readonly #publicKeys: Map<string, Uint8Array> = new Map();
  readonly #origins: Map<string, KeyOrigin> = new Map();
  readonly #scripts: Map<string, Uint8Array> = new Map();
  readonly #trees: Map<string, RingTree> = new Map();
  readonly #musigs: Map<string, RingMusig> = new Map();

  /** How many secrets there are. */
  get secretCount(): number {
    return this.#secrets.size;
  }

  /** Adds a secret with its public key, which is returned. */
  addSecret({ secret, isCompressed }: RingSecret, secp: Secp256k1): Uint8Array {
    const publicKey = secp.createPublicKey(secret, isCompressed);
    assert(publicKey !== null, 'key ring: the secret was checked');
    const name = nameOf(hash160(publicKey));
    if (!this.#secrets.has(name)) this.#secrets.set(name, { secret, isCompressed });
    this.#publicKeys.set(name, publicKey);
    return publicKey;
  }

  /** Adds a public key and where it comes from, unless an origin is known. */
  addPublicKey(publicKey: Uint8Array, origin: KeyOrigin): void {
    const name = nameOf(hash160(publicKey));
    this.#publicKeys.set(name, publicKey);
    if (!this.#origins.has(name)) this.#origins.set(name, origin);
  }

  /** Adds a public key that leaves name by the hash of its x-only form. */
  addLeafKey(publicKey: Uint8Array): void {
    this.#publicKeys.set(nameOf(hash160(publicKey.subarray(1))), publicKey);
  }

  /** Adds a script that outputs name by its hash. */
  addScript(script: Uint8Array): void {
    this.#scripts.set(nameOf(hash160(script)), script);
  }

  /** Adds who is behind a key of 33 bytes, which is their aggregate or derived from it. */
  addMusig(publicKey: Uint8Array, musig: RingMusig): void {
    this.#musigs.set(nameOf(publicKey.subarray(1)), musig);
  }

  addTree(tree: RingTree): void {
    this.#trees.set(nameOf(tree.output.outputKey), tree);
  }

  /** The secret of the public key with this HASH160. */
  secret(keyHash: Uint8Array): RingSecret | null {
    return this.#secrets.get(nameOf(keyHash)) ?? null;
  }

  /** The secret of an x-only key, whichever its parity. */
  secretOfXOnly(x32: Uint8Array): RingSecret | null {
    return this.secret(hashOfXOnly(2, x32)) ?? this.secret(hashOfXOnly(3, x32));
  }

  /** The public key with this HASH160; of a key that was added for leaves, that of its x-only form. */
  publicKey(keyHash: Uint8Array): Uint8Array | null {
    return this.#publicKeys.get(nameOf(keyHash)) ?? null;
  }

  origin(keyHash: Uint8Array): KeyOrigin | null {
    return this.#origins.get(nameOf(keyHash)) ?? null;
  }

  originOfXOnly(x32: Uint8Array): KeyOrigin | null {
    return this.origin(hashOfXOnly(2, x32)) ?? this.origin(hashOfXOnly(3, x32));
  }

  /** The script of a pay-to-script-hash output. */
  script(scriptHash20: Uint8Array): Uint8Array | null {
    return this.#scripts.get(nameOf(scriptHash20)) ?? null;
  }

  /** The script of a version 0 program of 32 bytes. */
  witnessScript(program32: Uint8Array): Uint8Array | null {
    return this.script(ripemd160(program32));
  }

  /** Who is behind an x-only key. */
  musig(x32: Uint8Array): RingMusig | null {
    return this.#musigs.get(nameOf(x32)) ?? null;
  }

  tree(outputKey: Uint8Array): RingTree | null {
    return this.#trees.get(nameOf(outputKey)) ?? null;
  }
}

function nameOf(hash: Uint8Array): string {
  return toHex(hash);
}

function hashOfXOnly(prefix: number, x32: Uint8Array): Uint8Array {
  return hash160(concatBytes(Uint8Array.of(prefix), x32));
}
