// Whether a miniscript does what it seems to (Core Node::IsSane, FindInsaneSub): strangers cannot change its witness, it needs a
// signature, its locks go together, no key stands in it twice, and no witness exceeds a limit.

import { computeTraces, exceedsLimits, SCRIPT_BYTES_MAX, type Traces } from './limits.ts';
import { foldNodes, type MiniscriptContext, type MiniscriptNode } from './node.ts';
import { has, PROPERTY } from './property.ts';

/** What is wrong with an expression, in Core's words after its text. */
export interface Insanity {
  readonly node: MiniscriptNode;
  readonly words: string;
}

/** What satisfying a miniscript takes at most. */
export interface SatisfactionLimits {
  /** Of all items with their lengths, but not of the script. */
  readonly witnessBytes: number;
  readonly itemCount: number;
}

/** A verdict on a miniscript. */
export interface MiniscriptVerdict {
  /** Null: it is sane. */
  readonly insanity: Insanity | null;
  /** Null: it cannot be satisfied. */
  readonly limits: SatisfactionLimits | null;
}

/** True when an expression is put together rightly and not too long. */
export function isValidNode({ type, scriptBytes }: MiniscriptNode, context: MiniscriptContext): boolean {
  return type !== 0 && scriptBytes <= SCRIPT_BYTES_MAX[context];
}

/** True when an expression can be a script on its own. */
export function isValidScript(root: MiniscriptNode, context: MiniscriptContext): boolean {
  return isValidNode(root, context) && has(root.type, PROPERTY.B);
}

/** Judges a miniscript. `keyNames` are of its keys: two of the same name are the same key. */
export function judgeMiniscript(
  root: MiniscriptNode,
  context: MiniscriptContext,
  keyNames: readonly string[],
): MiniscriptVerdict {
  const repeating = findRepeatingNodes(root, keyNames);
  let first: Insanity | null = null;
  const traces = foldNodes<Traces>(root, (node, parts) => {
    const own = computeTraces(node, parts, context);
    if (first === null) {
      const words = describeNode(node, own, context, repeating.has(node), node === root);
      if (words !== null) first = { node, words };
    }
    return own;
  });
  const { sat } = traces;
  const limits = sat === null ? null : { witnessBytes: sat.witnessBytes, itemCount: sat.netDrop + 1 };
  // A part that is never run may exceed what it likes.
  const words = describeNode(root, traces, context, repeating.has(root), true) ?? describeRoot(root, limits);
  return { insanity: words === null ? null : (first ?? { node: root, words }), limits };
}

/** What is wrong with an expression, be it a part or the whole; null: nothing. */
function describeNode(
  node: MiniscriptNode,
  traces: Traces,
  context: MiniscriptContext,
  isRepeating: boolean,
  isRoot: boolean,
): string | null {
  if (!isValidNode(node, context)) return ' is invalid';
  const { k, m, s } = PROPERTY;
  const mayExceed = exceedsLimits(node, traces, context);
  if (!mayExceed && has(node.type, m + k) && !isRepeating) return null;
  if (!has(node.type, m)) return ' is not sane: malleable witnesses exist';
  if (isRoot && !has(node.type, s)) return ' is not sane: witnesses without signature exist';
  if (!has(node.type, k)) return ' is not sane: contains mixes of timelocks expressed in blocks and seconds';
  if (isRepeating) return ' is not sane: contains duplicate public keys';
  return ' is not sane: needs witnesses that may exceed resource limits';
}

/** What is wrong with a whole besides. */
function describeRoot({ type }: MiniscriptNode, limits: SatisfactionLimits | null): string | null {
  if (!has(type, PROPERTY.s)) return ' is not sane: witnesses without signature exist';
  if (!has(type, PROPERTY.B)) return ' is not sane';
  return limits === null ? ' is not satisfiable' : null;
}

const NO_NODES: ReadonlySet<MiniscriptNode> = new Set();

/** Expressions in which a key stands twice. */
function findRepeatingNodes(root: MiniscriptNode, keyNames: readonly string[]): ReadonlySet<MiniscriptNode> {
  if (new Set(keyNames).size === keyNames.length) return NO_NODES;
  const repeating: Set<MiniscriptNode> = new Set();
  /** The names in an expression; null: one of them stands there twice. */
  foldNodes<Set<string> | null>(root, (node, parts) => {
    if (node.keys.length === 0 && parts.length === 1 && parts[0] !== null) return parts[0]!;
    let names: Set<string> | null = new Set(node.keys.map((key) => keyNames[key]!));
    if (names.size !== node.keys.length) names = null;
    for (const part of parts) names = names === null || part === null ? null : unite(names, part);
    if (names === null) repeating.add(node);
    return names;
  });
  return repeating;
}

/** Both sets in the larger one, so that a name moves no more often than sets can double; null when they share a name. */
function unite(a: Set<string>, b: Set<string>): Set<string> | null {
  const [larger, smaller] = a.size < b.size ? [b, a] : [a, b];
  for (const name of smaller) {
    if (larger.has(name)) return null;
    larger.add(name);
  }
  return larger;
}
