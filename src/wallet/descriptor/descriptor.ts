// Output descriptors as data (BIP380 to BIP386, BIP389): what parse.ts makes of a text, expand.ts turns into scripts and format.ts
// into text again. Every part is small and fixed in depth: sh() holds at most wsh(), wsh() at most a leaf, tr() a flat list of leaves.

import type { ExtendedPublicKey } from '../keys/extended-key.ts';
import type { KeyOrigin } from './key-ring.ts';
import type { MiniscriptContext, MiniscriptNode } from './miniscript/node.ts';
import type { SatisfactionLimits } from './miniscript/sanity.ts';

/** Whether a key stands for a row of keys, and of which kind (Core DeriveType). */
export type KeyRange = 'none' | 'unhardened' | 'hardened';

/** The origin that stands before a key in brackets. */
export interface WrittenOrigin extends KeyOrigin {
  /** Hardened steps are written with an apostrophe, not with h. */
  readonly usesApostrophe: boolean;
}

/** One public key as it is. */
export interface FixedKey {
  readonly kind: 'fixed';
  readonly publicKey: Uint8Array;
  /** Written as 32 bytes. */
  readonly isXOnly: boolean;
  readonly origin: WrittenOrigin | null;
}

/** A key that is derived from an extended key. */
export interface DerivedKey {
  readonly kind: 'derived';
  readonly root: ExtendedPublicKey;
  /** Steps from there; several where the text gives alternatives in one place (BIP389). */
  readonly paths: readonly (readonly number[])[];
  readonly range: KeyRange;
  readonly usesApostrophe: boolean;
  readonly origin: WrittenOrigin | null;
}

/** A key that somebody may have the secret of. */
export type KeyExpression = FixedKey | DerivedKey;

/** Several keys whose owners sign as one (BIP327, BIP390), and what is derived from their aggregate (BIP328). */
export interface MusigKey {
  readonly kind: 'musig';
  readonly participants: readonly KeyExpression[];
  /** Steps from the aggregate, none of them hardened; several where the text gives alternatives in one place. */
  readonly paths: readonly (readonly number[])[];
  readonly range: 'none' | 'unhardened';
}

/** A key as it stands in a script. */
export type ScriptKey = KeyExpression | MusigKey;

/** Functions of one key. */
export type SingleKeyType = 'pk' | 'pkh' | 'wpkh' | 'combo' | 'rawtr' | 'unused';

/** Functions of several keys and a threshold. */
export type MultiKeyType = 'multi' | 'sortedmulti' | 'multi_a' | 'sortedmulti_a';

/** A leaf of a tree of scripts. */
export interface TreeLeaf {
  readonly depth: number;
  readonly descriptor: Descriptor;
}

/** A sane miniscript in wsh() or tr(). */
export interface MiniscriptDescriptor {
  readonly type: 'miniscript';
  readonly context: MiniscriptContext;
  readonly root: MiniscriptNode;
  /** By their numbers in the tree. */
  readonly keys: readonly ScriptKey[];
  readonly limits: SatisfactionLimits;
}

/** A descriptor. */
export type Descriptor =
  | { readonly type: 'addr'; readonly script: Uint8Array }
  | { readonly type: 'raw'; readonly script: Uint8Array }
  | {
      readonly type: SingleKeyType;
      readonly key: ScriptKey;
      /** Only pk() in a tree: the script holds 32 bytes. */
      readonly isInTree: boolean;
    }
  | { readonly type: MultiKeyType; readonly required: number; readonly keys: readonly ScriptKey[] }
  | MiniscriptDescriptor
  | { readonly type: 'sh' | 'wsh'; readonly inner: Descriptor }
  | { readonly type: 'tr'; readonly internalKey: ScriptKey; readonly leaves: readonly TreeLeaf[] };

/** All keys of a descriptor that somebody may have the secret of, in the order of the text. */
export function keysOf(descriptor: Descriptor): readonly KeyExpression[] {
  return scriptKeysOf(descriptor).flatMap((key) => (key.kind === 'musig' ? key.participants : [key]));
}

/** All keys that stand in the scripts of a descriptor, in the order of the text. */
export function scriptKeysOf(descriptor: Descriptor): readonly ScriptKey[] {
  switch (descriptor.type) {
    case 'addr':
    case 'raw':
      return [];
    case 'multi':
    case 'sortedmulti':
    case 'multi_a':
    case 'sortedmulti_a':
    case 'miniscript':
      return descriptor.keys;
    case 'sh':
    case 'wsh':
      return scriptKeysOf(descriptor.inner);
    case 'tr':
      return [descriptor.internalKey, ...descriptor.leaves.flatMap((leaf) => scriptKeysOf(leaf.descriptor))];
    default:
      return [descriptor.key];
  }
}

/** True when the descriptor stands for a row of outputs. */
export function isRanged(descriptor: Descriptor): boolean {
  return scriptKeysOf(descriptor).some(isRangedKey);
}

/** True when the key stands for a row of keys. */
export function isRangedKey(key: ScriptKey): boolean {
  if (key.kind === 'fixed') return false;
  return key.range !== 'none' || (key.kind === 'musig' && key.participants.some(isRangedKey));
}

/** True when the descriptor says how to spend its outputs. */
export function isSolvable(descriptor: Descriptor): boolean {
  return descriptor.type !== 'addr' && descriptor.type !== 'raw';
}

/** How many alternatives the keys give, at least one. */
export function countVariants(descriptor: Descriptor): number {
  return countMostPaths(scriptKeysOf(descriptor));
}

/** The most alternatives that one of the keys gives, at least one. */
export function countMostPaths(keys: readonly ScriptKey[]): number {
  let count = 1;
  for (const key of keys) count = Math.max(count, countPaths(key));
  return count;
}

/** Alternatives of one key. */
export function countPaths(key: ScriptKey): number {
  if (key.kind === 'fixed') return 1;
  if (key.kind === 'derived') return key.paths.length;
  let count = key.paths.length;
  for (const participant of key.participants) count = Math.max(count, countPaths(participant));
  return count;
}

/** The descriptor with one of its alternatives. */
export function selectVariant(descriptor: Descriptor, variant: number): Descriptor {
  return mapScriptKeys(descriptor, (key) => selectKeyVariant(key, variant));
}

/** The key with one of its alternatives. */
export function selectKeyVariant<K extends ScriptKey>(key: K, variant: number): K {
  if (key.kind === 'fixed') return key;
  const paths = key.paths.length > 1 ? [key.paths[variant]!] : key.paths;
  if (key.kind === 'derived') return { ...key, paths };
  return { ...key, paths, participants: key.participants.map((one) => selectKeyVariant(one, variant)) };
}

/** The descriptor with other keys in the place of its own, in the order of {@link keysOf}. */
export function mapKeys(descriptor: Descriptor, change: (key: KeyExpression) => KeyExpression): Descriptor {
  return mapScriptKeys(descriptor, (key) =>
    key.kind === 'musig' ? { ...key, participants: key.participants.map(change) } : change(key),
  );
}

function mapScriptKeys(descriptor: Descriptor, change: (key: ScriptKey) => ScriptKey): Descriptor {
  switch (descriptor.type) {
    case 'addr':
    case 'raw':
      return descriptor;
    case 'multi':
    case 'sortedmulti':
    case 'multi_a':
    case 'sortedmulti_a':
    case 'miniscript':
      return { ...descriptor, keys: descriptor.keys.map(change) };
    case 'sh':
    case 'wsh':
      return { ...descriptor, inner: mapScriptKeys(descriptor.inner, change) };
    case 'tr': {
      const internalKey = change(descriptor.internalKey);
      const leaves = descriptor.leaves.map((leaf) => ({ ...leaf, descriptor: mapScriptKeys(leaf.descriptor, change) }));
      return { ...descriptor, internalKey, leaves };
    }
    default:
      return { ...descriptor, key: change(descriptor.key) };
  }
}
