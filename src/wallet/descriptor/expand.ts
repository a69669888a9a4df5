// From descriptors to scripts (Core Descriptor::Expand). Hardened steps need the secret of the root from the key ring; everything that
// spending or describing the scripts takes is added to a ring.

import { hash160 } from '../../kernel/crypto/hash160.ts';
import { aggregateMusigKeys, sortMusigKeys } from '../../kernel/crypto/musig-keys.ts';
import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import { sha256 } from '../../kernel/crypto/sha256.ts';
import { OP } from '../../kernel/script/opcodes.ts';
import {
  createMultisig,
  createP2pk,
  createP2pkh,
  createP2sh,
  createWitnessProgram,
  ScriptBuilder,
} from '../../kernel/script/script-builder.ts';
import { TAPROOT_LEAF_TAPSCRIPT } from '../../kernel/script/taproot.ts';
import { createTaprootOutput, type TapLeaf } from '../../kernel/script/taproot-builder.ts';
import { assert } from '../../kernel/util/assert.ts';
import { compareBytes } from '../../kernel/util/bytes.ts';
import { runAllSteps, type Steps } from '../../kernel/util/steps.ts';
import {
  computeFingerprint,
  createMusigRoot,
  derivePublicChild,
  deriveSecretChild,
  type ExtendedPublicKey,
  type ExtendedSecretKey,
  HARDENED_START,
  toExtendedPublicKey,
} from '../keys/extended-key.ts';
import type { DerivedKey, Descriptor, KeyExpression, MiniscriptDescriptor, MusigKey, ScriptKey } from './descriptor.ts';
import type { KeyRing } from './key-ring.ts';
import { createMiniscriptScript } from './miniscript/write-script.ts';

/** What the steps of a path lead to: the parent of a row of keys, or the key itself. */
interface PathEnd {
  readonly secretKey: ExtendedSecretKey | null;
  readonly publicKey: ExtendedPublicKey;
}

/** Turns descriptors into scripts, position after position; paths are walked once. */
export class DescriptorExpander {
  readonly #ring: KeyRing;
  readonly #secp: Secp256k1;
  /** By the key expression; null: there is no way without a secret. */
  readonly #ends: Map<DerivedKey, PathEnd | null> = new Map();

  /** `ring` holds the secrets, and is told of public keys, scripts and trees. */
  constructor(ring: KeyRing, secp: Secp256k1) {
    this.#ring = ring;
    this.#secp = secp;
  }

  /** The output scripts at a position of the row; null when a secret is missing. Only combo() gives several. */
  expand(descriptor: Descriptor, position: number): readonly Uint8Array[] | null {
    return runAllSteps(this.expandSteps(descriptor, position));
  }

  /** The same in steps; each of them derives one key. A descriptor may have a thousand. */
  *expandSteps(descriptor: Descriptor, position: number): Steps<readonly Uint8Array[] | null> {
    switch (descriptor.type) {
      case 'addr':
      case 'raw':
        return [descriptor.script];
      case 'sh':
      case 'wsh':
        return yield* this.#expandWrapped(descriptor.type, descriptor.inner, position);
      case 'tr':
        return yield* this.#expandTree(descriptor, position);
      case 'multi':
      case 'sortedmulti':
      case 'multi_a':
      case 'sortedmulti_a': {
        const { type, required } = descriptor;
        const keys = yield* this.#scriptKeys(descriptor.keys, position);
        return keys === null ? null : [createMultiKeyScript(type, required, keys)];
      }
      case 'miniscript':
        return yield* this.#expandMiniscript(descriptor, position);
      default: {
        const { type, key, isInTree } = descriptor;
        const publicKey = yield* this.#scriptKey(key, position);
        if (publicKey === null) return null;
        if (type === 'combo') return this.#createCombo(publicKey);
        if (type === 'unused') return [];
        return [createSingleKeyScript(type, publicKey, isInTree)];
      }
    }
  }

  *#expandWrapped(type: 'sh' | 'wsh', inner: Descriptor, position: number): Steps<readonly Uint8Array[] | null> {
    const [script] = (yield* this.expandSteps(inner, position)) ?? [];
    if (script === undefined) return null;
    this.#ring.addScript(script);
    return [type === 'sh' ? createP2sh(hash160(script)) : createWitnessProgram(0, sha256(script))];
  }

  #createCombo(publicKey: Uint8Array): readonly Uint8Array[] {
    const keyHash = hash160(publicKey);
    const scripts = [createP2pk(publicKey), createP2pkh(keyHash)];
    if (publicKey.length !== 33) return scripts;
    const program = createWitnessProgram(0, keyHash);
    this.#ring.addScript(program);
    return [...scripts, program, createP2sh(hash160(program))];
  }

  /** Keys may stand in it by their hashes, and are found in the ring by these. */
  *#expandMiniscript(
    { context, root, keys }: MiniscriptDescriptor,
    position: number,
  ): Steps<readonly Uint8Array[] | null> {
    const publicKeys = yield* this.#scriptKeys(keys, position);
    if (publicKeys === null) return null;
    if (context === 'wsh') return [createMiniscriptScript(root, publicKeys)];
    for (const key of publicKeys) this.#ring.addLeafKey(key);
    return [
      createMiniscriptScript(
        root,
        publicKeys.map((key) => key.slice(1)),
      ),
    ];
  }

  *#expandTree(
    { internalKey, leaves }: Descriptor & { readonly type: 'tr' },
    position: number,
  ): Steps<readonly Uint8Array[] | null> {
    const key = yield* this.#scriptKey(internalKey, position);
    const entries: TapLeaf[] = [];
    for (const { descriptor, depth } of leaves) {
      const [script] = (yield* this.expandSteps(descriptor, position)) ?? [];
      if (script !== undefined) entries.push({ depth, script, leafVersion: TAPROOT_LEAF_TAPSCRIPT });
    }
    if (key === null || entries.length < leaves.length) return null;
    yield;
    const output = createTaprootOutput(this.#secp, key.slice(1), entries);
    if (output === null) return null;
    this.#ring.addTree({ output, depths: leaves.map(({ depth }) => depth) });
    return [output.scriptPubKey];
  }

  /** All of these keys; null when a secret is missing. The ring is told of the others all the same. */
  *#scriptKeys(keys: readonly ScriptKey[], position: number): Steps<readonly Uint8Array[] | null> {
    const publicKeys: Uint8Array[] = [];
    for (const key of keys) {
      const publicKey = yield* this.#scriptKey(key, position);
      if (publicKey !== null) publicKeys.push(publicKey);
    }
    return publicKeys.length === keys.length ? publicKeys : null;
  }

  *#scriptKey(key: ScriptKey, position: number): Steps<Uint8Array | null> {
    yield;
    return key.kind === 'musig' ? yield* this.#musigKey(key, position) : this.#publicKey(key, position);
  }

  /** What is derived from the aggregate of all participants, or the aggregate itself; the ring is told of both. */
  *#musigKey({ participants, paths, range }: MusigKey, position: number): Steps<Uint8Array | null> {
    const publicKeys = yield* this.#scriptKeys(participants, position);
    if (publicKeys === null) return null;
    const sorted = sortMusigKeys(publicKeys);
    const aggregateKey = aggregateMusigKeys(sorted);
    if (aggregateKey === null) return null;
    assert(paths.length === 1, 'descriptor: one of the alternatives was selected');
    const path = range === 'none' ? paths[0]! : [...paths[0]!, position];
    const end = this.#walkPublicPath(createMusigRoot(aggregateKey), path);
    if (end === null) return null;
    const { publicKey } = end.publicKey;
    this.#ring.addMusig(publicKey, { aggregateKey, participantKeys: sorted });
    this.#ring.addPublicKey(publicKey, { fingerprint: computeFingerprint(aggregateKey), path });
    return publicKey;
  }

  /** The public key at a position, which the ring is told with its origin; null when a secret is missing. */
  #publicKey(key: KeyExpression, position: number): Uint8Array | null {
    const publicKey = key.kind === 'fixed' ? key.publicKey : this.#deriveKey(key, position);
    if (publicKey === null) return null;
    const own =
      key.kind === 'fixed'
        ? { fingerprint: computeFingerprint(publicKey), path: [] }
        : { fingerprint: computeFingerprint(key.root.publicKey), path: fullPath(key, position) };
    const origin =
      key.origin === null ? own : { fingerprint: key.origin.fingerprint, path: [...key.origin.path, ...own.path] };
    this.#ring.addPublicKey(publicKey, origin);
    return publicKey;
  }

  #deriveKey(key: DerivedKey, position: number): Uint8Array | null {
    let end = this.#ends.get(key);
    if (end === undefined) {
      end = this.#walkPath(key);
      this.#ends.set(key, end);
    }
    if (end === null) return null;
    if (key.range === 'none') return end.publicKey.publicKey;
    if (key.range === 'unhardened') return derivePublicChild(end.publicKey, position, this.#secp)?.publicKey ?? null;
    if (end.secretKey === null) return null;
    const child = deriveSecretChild(end.secretKey, position + HARDENED_START, this.#secp);
    return child === null ? null : this.#secp.createPublicKey(child.secret, true);
  }

  #walkPath(key: DerivedKey): PathEnd | null {
    assert(key.paths.length === 1, 'descriptor: one of the alternatives was selected');
    const path = key.paths[0]!;
    const isHardened = key.range === 'hardened' || path.some((step) => step >= HARDENED_START);
    return isHardened ? this.#walkSecretPath(key.root, path) : this.#walkPublicPath(key.root, path);
  }

  #walkSecretPath(root: ExtendedPublicKey, path: readonly number[]): PathEnd | null {
    const known = this.#ring.secret(hash160(root.publicKey));
    if (known === null) return null;
    const { publicKey: _, ...place } = root;
    let secretKey: ExtendedSecretKey | null = { ...place, secret: known.secret };
    for (const step of path) {
      secretKey = deriveSecretChild(secretKey, step, this.#secp);
      if (secretKey === null) return null;
    }
    return { secretKey, publicKey: toExtendedPublicKey(secretKey, this.#secp) };
  }

  #walkPublicPath(root: ExtendedPublicKey, path: readonly number[]): PathEnd | null {
    let publicKey: ExtendedPublicKey | null = root;
    for (const step of path) {
      publicKey = derivePublicChild(publicKey, step, this.#secp);
      if (publicKey === null) return null;
    }
    return { secretKey: null, publicKey };
  }
}

function fullPath({ paths, range }: DerivedKey, position: number): readonly number[] {
  const path = paths[0]!;
  if (range === 'none') return path;
  return [...path, range === 'hardened' ? position + HARDENED_START : position];
}

function createSingleKeyScript(
  type: 'pk' | 'pkh' | 'wpkh' | 'rawtr',
  publicKey: Uint8Array,
  isInTree: boolean,
): Uint8Array {
  switch (type) {
    case 'pk':
      return createP2pk(isInTree ? publicKey.slice(1) : publicKey);
    case 'pkh':
      return createP2pkh(hash160(publicKey));
    case 'wpkh':
      return createWitnessProgram(0, hash160(publicKey));
    case 'rawtr':
      return createWitnessProgram(1, publicKey.slice(1));
  }
}

function createMultiKeyScript(
  type: 'multi' | 'sortedmulti' | 'multi_a' | 'sortedmulti_a',
  required: number,
  publicKeys: readonly Uint8Array[],
): Uint8Array {
  if (type === 'multi') return createMultisig(required, publicKeys);
  if (type === 'sortedmulti') return createMultisig(required, publicKeys.slice().sort(compareBytes));
  const keys = publicKeys.map((key) => key.slice(1));
  if (type === 'sortedmulti_a') keys.sort(compareBytes);
  const builder = new ScriptBuilder();
  for (const [i, key] of keys.entries()) builder.push(key).op(i === 0 ? OP.OP_CHECKSIG : OP.OP_CHECKSIGADD);
  return builder.number(required).op(OP.OP_NUMEQUAL).build();
}
