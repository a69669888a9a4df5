// Output descriptors as data (BIP380 to BIP386, BIP389): what parse.ts makes of a text, expand.ts turns into scripts and format.ts
// into text again. Every part is small and fixed in depth: sh() holds at most wsh(), wsh() at most a leaf, tr() a flat list of leaves.

import type { ExtendedPublicKey } from '../keys/extended-key.ts';
import type { KeyOrigin } from './key-ring.ts';

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

/** A key in a descriptor. */
export type KeyExpression = FixedKey | DerivedKey;

/** Functions of one key. */
export type SingleKeyType = 'pk' | 'pkh' | 'wpkh' | 'combo' | 'rawtr' | 'unused';

/** Functions of several keys and a threshold. */
export type MultiKeyType = 'multi' | 'sortedmulti' | 'multi_a' | 'sortedmulti_a';

/** A leaf of a tree of scripts. */
export interface TreeLeaf {
  readonly depth: number;
  readonly descriptor: Descriptor;
}

/** A descriptor. */
export type Descriptor =
  | { readonly type: 'addr'; readonly script: Uint8Array }
  | { readonly type: 'raw'; readonly script: Uint8Array }
  | {
      readonly type: SingleKeyType;
      readonly key: KeyExpression;
      /** Only pk() in a tree: the script holds 32 bytes. */
      readonly isInTree: boolean;
    }
  | { readonly type: MultiKeyType; readonly required: number; readonly keys: readonly KeyExpression[] }
  | { readonly type: 'sh' | 'wsh'; readonly inner: Descriptor }
  | { readonly type: 'tr'; readonly internalKey: KeyExpression; readonly leaves: readonly TreeLeaf[] };

/** All keys of a descriptor, in the order of the text. */
export function keysOf(descriptor: Descriptor): readonly KeyExpression[] {
  switch (descriptor.type) {
    case 'addr':
    case 'raw':
      return [];
    case 'multi':
    case 'sortedmulti':
    case 'multi_a':
    case 'sortedmulti_a':
      return descriptor.keys;
    case 'sh':
    case 'wsh':
      return keysOf(descriptor.inner);
    case 'tr':
      return [descriptor.internalKey, ...descriptor.leaves.flatMap((leaf) => keysOf(leaf.descriptor))];
    default:
      return [descriptor.key];
  }
}

/** True when the descriptor stands for a row of outputs. */
export function isRanged(descriptor: Descriptor): boolean {
  return keysOf(descriptor).some((key) => key.kind === 'derived' && key.range !== 'none');
}

/** True when the descriptor says how to spend its outputs. */
export function isSolvable(descriptor: Descriptor): boolean {
  return descriptor.type !== 'addr' && descriptor.type !== 'raw';
}

/** How many alternatives the keys give, at least one. */
export function countVariants(descriptor: Descriptor): number {
  return countMostPaths(keysOf(descriptor));
}

/** The most alternatives that one of the keys gives, at least one. */
export function countMostPaths(keys: readonly KeyExpression[]): number {
  let count = 1;
  for (const key of keys) count = Math.max(count, countPaths(key));
  return count;
}

/** Alternatives of one key. */
export function countPaths(key: KeyExpression): number {
  return key.kind === 'derived' ? key.paths.length : 1;
}

/** The descriptor with one of its alternatives. */
export function selectVariant(descriptor: Descriptor, variant: number): Descriptor {
  return mapKeys(descriptor, (key) =>
    key.kind === 'derived' && key.paths.length > 1 ? { ...key, paths: [key.paths[variant]!] } : key,
  );
}

/** The descriptor with other keys in the place of its own, in the order of {@link keysOf}. */
export function mapKeys(descriptor: Descriptor, change: (key: KeyExpression) => KeyExpression): Descriptor {
  switch (descriptor.type) {
    case 'addr':
    case 'raw':
      return descriptor;
    case 'multi':
    case 'sortedmulti':
    case 'multi_a':
    case 'sortedmulti_a':
      return { ...descriptor, keys: descriptor.keys.map(change) };
    case 'sh':
    case 'wsh':
      return { ...descriptor, inner: mapKeys(descriptor.inner, change) };
    case 'tr': {
      const internalKey = change(descriptor.internalKey);
      const leaves = descriptor.leaves.map((leaf) => ({ ...leaf, descriptor: mapKeys(leaf.descriptor, change) }));
      return { ...descriptor, internalKey, leaves };
    }
    default:
      return { ...descriptor, key: change(descriptor.key) };
  }
}
