// A miniscript as a tree (BIP379; Core miniscript::Node). Trees may be hundreds of thousands of nodes deep, so nothing here or in the
// files beside it calls itself: whoever asks something of a whole tree folds it, from the leaves to the root.

/** Where a script stands: behind a version 0 script hash, or in a leaf of a taproot tree. */
export type MiniscriptContext = 'wsh' | 'tapscript';

/** Expressions around one other, by the letters that stand before the colon. */
export type Wrapper = 'a' | 's' | 'c' | 'd' | 'v' | 'j' | 'n';

/** Hash functions that a preimage can be asked for. */
export type HashFragment = 'sha256' | 'hash256' | 'ripemd160' | 'hash160';

/** Kinds of expressions. `and_n`, `pk`, `pkh` and the letters `t`, `l` and `u` are short for some of them. */
export type Fragment =
  | '0'
  | '1'
  | 'pk_k'
  | 'pk_h'
  | 'older'
  | 'after'
  | HashFragment
  | Wrapper
  | 'and_v'
  | 'and_b'
  | 'or_b'
  | 'or_c'
  | 'or_d'
  | 'or_i'
  | 'andor'
  | 'thresh'
  | 'multi'
  | 'multi_a';

/** One expression. */
export interface MiniscriptNode {
  readonly fragment: Fragment;
  /** Time of a lock, or how many of several are required; else 0. */
  readonly number: number;
  /** Which of the keys of the miniscript. */
  readonly keys: readonly number[];
  /** The hash, of fragments that have one. */
  readonly hash: Uint8Array | null;
  readonly subs: readonly MiniscriptNode[];
  /** Bits of PROPERTY; 0: put together wrongly. */
  readonly type: number;
  /** Length of the script. */
  readonly scriptBytes: number;
  /** Operations of the script that are no pushes. */
  readonly opCount: number;
}

/** All nodes of a tree, each after its parts, which come from left to right. */
export function nodesInOrder(root: MiniscriptNode): readonly MiniscriptNode[] {
  // Each node before its parts, from right to left; turned around in the end.
  const nodes: MiniscriptNode[] = [];
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    nodes.push(node);
    for (const sub of node.subs) pending.push(sub);
  }
  return nodes.reverse();
}

const NO_PARTS: readonly never[] = Object.freeze([]);

/** Computes something for every node out of what its parts gave; the answer for the root. */
export function foldNodes<T>(root: MiniscriptNode, combine: (node: MiniscriptNode, parts: readonly T[]) => T): T {
  const values: T[] = [];
  for (const node of nodesInOrder(root)) {
    const count = node.subs.length;
    const parts = count === 1 ? [values.pop()!] : count === 0 ? NO_PARTS : values.splice(values.length - count, count);
    values.push(combine(node, parts));
  }
  return values[0]!;
}
