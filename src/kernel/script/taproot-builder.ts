// Making taproot outputs (BIP341): the tree over the leaves, the output key, and for each leaf the control block that proves it
// (Core TaprootBuilder). Leaves come with their depths in depth-first order, which describes one binary tree or none.

import type { Secp256k1 } from '../crypto/secp256k1.ts';
import { concatBytes } from '../util/bytes.ts';
import { createWitnessProgram } from './script-builder.ts';
import {
  computeTapbranchHash,
  computeTapleafHash,
  computeTapTweakHash,
  TAPROOT_DEPTH_MAX,
  TAPROOT_LEAF_MASK,
} from './taproot.ts';

/** A script in the tree, `depth` steps below the root. */
export interface TapLeaf {
  readonly depth: number;
  readonly script: Uint8Array;
  /** An even byte; 0xc0 for tapscript. */
  readonly leafVersion: number;
}

/** A subtree of which only the hash is known. */
export interface TapSubtree {
  readonly depth: number;
  readonly tapHash: Uint8Array;
}

/** A leaf with the proof that a spend by it needs. */
export interface TapLeafProof {
  readonly script: Uint8Array;
  readonly leafVersion: number;
  readonly tapleafHash: Uint8Array;
  readonly controlBlock: Uint8Array;
}

/** A taproot output and all that is needed to spend it. */
export interface TaprootOutput {
  readonly internalKey: Uint8Array;
  /** Root of the tree, null without leaves. */
  readonly merkleRoot: Uint8Array | null;
  /** What the internal key was tweaked by. */
  readonly tweak: Uint8Array;
  readonly outputKey: Uint8Array;
  readonly outputKeyParity: 0 | 1;
  readonly scriptPubKey: Uint8Array;
  /** The known leaves in the order given. */
  readonly leaves: readonly TapLeafProof[];
}

/** A leaf on its way up: the partners met so far, from the leaf towards the root. */
interface PendingLeaf extends TapLeaf {
  readonly tapleafHash: Uint8Array;
  readonly partners: Uint8Array[];
}

interface TreeNode {
  readonly tapHash: Uint8Array;
  readonly leaves: readonly PendingLeaf[];
}

/** True when these depths, read depth-first, are the leaves of a binary tree; no leaves at all is a tree as well. */
export function isTapTree(depths: readonly number[]): boolean {
  return (
    foldTree(
      depths,
      (depth) => depth,
      () => true,
      () => true,
    ) !== null
  );
}

/**
 * The output of an internal key and a tree of scripts, or null when the depths make no tree, a leaf version is odd or no byte,
 * or the key is no point of the curve. Without leaves, the output can be spent by its key only.
 */
export function createTaprootOutput(
  secp: Secp256k1,
  internalKey: Uint8Array,
  entries: readonly (TapLeaf | TapSubtree)[] = [],
): TaprootOutput | null {
  if (entries.some((entry) => 'script' in entry && !isLeafVersion(entry.leafVersion))) return null;
  const tree = foldTree(entries, (entry) => entry.depth, createNode, joinNodes);
  if (tree === null || internalKey.length !== 32) return null;
  const merkleRoot = tree.root?.tapHash ?? null;
  const tweak = new Uint8Array(32);
  computeTapTweakHash(internalKey, 0, merkleRoot, tweak);
  const tweaked = secp.tweakXOnly(internalKey, tweak);
  if (tweaked === null) return null;
  return {
    internalKey,
    merkleRoot,
    tweak,
    outputKey: tweaked.x,
    outputKeyParity: tweaked.parity,
    scriptPubKey: createWitnessProgram(1, tweaked.x),
    leaves: (tree.root?.leaves ?? []).map((leaf) => createProof(leaf, internalKey, tweaked.parity)),
  };
}

function isLeafVersion(version: number): boolean {
  return (version & TAPROOT_LEAF_MASK) === version;
}

function createNode(entry: TapLeaf | TapSubtree): TreeNode {
  if ('tapHash' in entry) return { tapHash: entry.tapHash, leaves: [] };
  const tapleafHash = new Uint8Array(32);
  computeTapleafHash(entry.leafVersion, entry.script, 0, entry.script.length, tapleafHash);
  return { tapHash: tapleafHash, leaves: [{ ...entry, tapleafHash, partners: [] }] };
}

function joinNodes(left: TreeNode, right: TreeNode): TreeNode {
  for (const leaf of left.leaves) leaf.partners.push(right.tapHash);
  for (const leaf of right.leaves) leaf.partners.push(left.tapHash);
  const tapHash = new Uint8Array(32);
  computeTapbranchHash(left.tapHash, 0, right.tapHash, 0, tapHash);
  return { tapHash, leaves: [...left.leaves, ...right.leaves] };
}

function createProof(leaf: PendingLeaf, internalKey: Uint8Array, parity: 0 | 1): TapLeafProof {
  const { script, leafVersion, tapleafHash, partners } = leaf;
  const controlBlock = concatBytes(Uint8Array.of(leafVersion | parity), internalKey, ...partners);
  return { script, leafVersion, tapleafHash, controlBlock };
}

/**
 * Folds entries in depth-first order into one root: an entry waits at its depth until its sibling comes, and both move one up.
 * Null when an entry comes above an unfinished branch, below the greatest depth, or when the root is not reached exactly.
 */
function foldTree<Entry, Node>(
  entries: readonly Entry[],
  depthOf: (entry: Entry) => number,
  toNode: (entry: Entry) => Node,
  join: (left: Node, right: Node) => Node,
): { readonly root: Node | null } | null {
  const waiting: { readonly depth: number; readonly node: Node }[] = [];
  for (const entry of entries) {
    let depth = depthOf(entry);
    if (!Number.isInteger(depth) || depth < 0 || depth > TAPROOT_DEPTH_MAX) return null;
    if (waiting.length > 0 && depth < waiting[waiting.length - 1]!.depth) return null;
    let node = toNode(entry);
    while (waiting.length > 0 && waiting[waiting.length - 1]!.depth === depth) {
      if (depth === 0) return null;
      node = join(waiting.pop()!.node, node);
      depth--;
    }
    waiting.push({ depth, node });
  }
  if (waiting.length === 0) return { root: null };
  return waiting.length === 1 && waiting[0]!.depth === 0 ? { root: waiting[0]!.node } : null;
}
