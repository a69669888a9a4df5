// Satisfying a miniscript with what somebody has (BIP379; Core Node::ProduceInput, Satisfy): signatures, preimages, locks of the
// transaction. Of all ways the smallest is taken that strangers cannot change; there is none when it needs no signature.

import {
  asMalleable,
  choose,
  type InputStack,
  NO_ITEMS,
  ONE_ITEM,
  oneItem,
  signatureItem,
  stackUp,
  toWitness,
  WRONG_PREIMAGE,
  ZERO_ITEM,
} from './input-stack.ts';
import { foldNodes, type HashFragment, type MiniscriptNode, type Wrapper } from './node.ts';

/** What somebody has. */
export interface MiniscriptMeans {
  /** The signature of a key by its number, or null. */
  signature(key: number): Uint8Array | null;
  /** A preimage of 32 bytes, or null. */
  preimage(fragment: HashFragment, hash: Uint8Array): Uint8Array | null;
  publicKey(key: number): Uint8Array;
  /** Whether the transaction's lock reaches this one (BIP65). */
  reachesLocktime(locktime: number): boolean;
  /** Whether the input's relative lock reaches this one (BIP112). */
  reachesSequence(sequence: number): boolean;
}

/** How an expression is satisfied and dissatisfied; null: it cannot be. */
interface Inputs {
  readonly sat: InputStack | null;
  readonly dsat: InputStack | null;
}

/** The items of the witness, without the script; null when there are not enough means. */
export function satisfyMiniscript(root: MiniscriptNode, means: MiniscriptMeans): readonly Uint8Array[] | null {
  const { sat } = foldNodes<Inputs>(root, (node, parts) => solveNode(node, parts, means));
  return sat === null || sat.isMalleable || !sat.hasSignature ? null : toWitness(sat);
}

function solveNode(node: MiniscriptNode, parts: readonly Inputs[], means: MiniscriptMeans): Inputs {
  const { fragment, number, keys, hash } = node;
  switch (fragment) {
    case '0':
      return { sat: null, dsat: NO_ITEMS };
    case '1':
      return { sat: NO_ITEMS, dsat: null };
    case 'pk_k':
      return { sat: signatureItem(means.signature(keys[0]!)), dsat: ZERO_ITEM };
    case 'pk_h': {
      const key = oneItem(means.publicKey(keys[0]!));
      return { sat: stackUp(signatureItem(means.signature(keys[0]!)), key), dsat: stackUp(ZERO_ITEM, key) };
    }
    case 'older':
      return { sat: means.reachesSequence(number) ? NO_ITEMS : null, dsat: null };
    case 'after':
      return { sat: means.reachesLocktime(number) ? NO_ITEMS : null, dsat: null };
    case 'sha256':
    case 'hash256':
    case 'ripemd160':
    case 'hash160': {
      const preimage = means.preimage(fragment, hash!);
      return { sat: preimage === null ? null : oneItem(preimage), dsat: WRONG_PREIMAGE };
    }
    case 'multi':
      return solveMulti(node, means);
    case 'multi_a':
      return solveMultiA(node, means);
    case 'thresh':
      return solveThresh(number, parts);
    case 'and_v':
    case 'and_b':
    case 'or_b':
    case 'or_c':
    case 'or_d':
    case 'or_i':
      return solvePair(fragment, parts[0]!, parts[1]!);
    case 'andor':
      return solveAndOr(parts[0]!, parts[1]!, parts[2]!);
    default:
      return solveWrapped(fragment, parts[0]!);
  }
}

function solveWrapped(wrapper: Wrapper, inner: Inputs): Inputs {
  switch (wrapper) {
    case 'd':
      return { sat: stackUp(inner.sat, ONE_ITEM), dsat: ZERO_ITEM };
    case 'v':
      return { sat: inner.sat, dsat: null };
    case 'j': {
      // Nobody has looked whether the inner one can be dissatisfied otherwise than by an empty item: it is taken to be.
      const isForgeable = inner.dsat !== null && !inner.dsat.hasSignature;
      return { sat: inner.sat, dsat: isForgeable ? asMalleable(ZERO_ITEM) : ZERO_ITEM };
    }
    default:
      return inner;
  }
}

/** What the first part takes is on top. */
function solvePair(fragment: 'and_v' | 'and_b' | 'or_b' | 'or_c' | 'or_d' | 'or_i', a: Inputs, b: Inputs): Inputs {
  const both = stackUp(b.sat, a.sat);
  const neither = stackUp(b.dsat, a.dsat);
  const onlyFirst = stackUp(b.dsat, a.sat);
  const onlySecond = stackUp(b.sat, a.dsat);
  switch (fragment) {
    case 'and_v':
      return { sat: both, dsat: onlyFirst };
    case 'and_b':
      return { sat: both, dsat: choose(choose(neither, asMalleable(onlySecond)), asMalleable(onlyFirst)) };
    case 'or_b':
      // Whoever sees both satisfied can take one of them away.
      return { sat: choose(choose(onlyFirst, onlySecond), asMalleable(both)), dsat: neither };
    case 'or_c':
      return { sat: choose(a.sat, onlySecond), dsat: null };
    case 'or_d':
      return { sat: choose(a.sat, onlySecond), dsat: neither };
    case 'or_i':
      return {
        sat: choose(stackUp(a.sat, ONE_ITEM), stackUp(b.sat, ZERO_ITEM)),
        dsat: choose(stackUp(a.dsat, ONE_ITEM), stackUp(b.dsat, ZERO_ITEM)),
      };
  }
}

function solveAndOr(a: Inputs, b: Inputs, c: Inputs): Inputs {
  return {
    sat: choose(stackUp(b.sat, a.sat), stackUp(c.sat, a.dsat)),
    dsat: choose(stackUp(b.dsat, a.sat), stackUp(c.dsat, a.dsat)),
  };
}

/** The smallest of the signatures that there are, as many as are required, by the places of their keys; null: too few. */
function takeSignatures(
  signatures: readonly (Uint8Array | null)[],
  required: number,
): ReadonlyMap<number, Uint8Array> | null {
  const found = signatures.flatMap((signature, at) => (signature === null ? [] : [{ at, signature }]));
  if (found.length < required) return null;
  // Of equally long ones the first: sorting keeps their order.
  found.sort((a, b) => a.signature.length - b.signature.length);
  return new Map(found.slice(0, required).map(({ at, signature }) => [at, signature]));
}

function solveMulti({ number, keys }: MiniscriptNode, means: MiniscriptMeans): Inputs {
  // All keys are asked, so that others may use what is not needed here.
  const signatures = keys.map((key) => means.signature(key));
  const taken = takeSignatures(signatures, number);
  // OP_CHECKMULTISIG takes one item too many.
  let dsat: InputStack | null = ZERO_ITEM;
  for (let i = 0; i < number; i++) dsat = stackUp(dsat, ZERO_ITEM);
  if (taken === null) return { sat: null, dsat };
  let sat: InputStack | null = ZERO_ITEM;
  for (const at of keys.keys()) if (taken.has(at)) sat = stackUp(sat, signatureItem(taken.get(at)!));
  return { sat, dsat };
}

function solveMultiA({ number, keys }: MiniscriptNode, means: MiniscriptMeans): Inputs {
  // The signature of the first key is on top; of more than enough, those of the last keys are taken.
  const signatures = keys.map((key) => means.signature(key)).reverse();
  const taken = takeSignatures(signatures, number);
  let sat: InputStack | null = NO_ITEMS;
  let dsat: InputStack | null = NO_ITEMS;
  for (const at of keys.keys()) {
    const signature = taken?.get(at);
    sat = stackUp(sat, signature === undefined ? ZERO_ITEM : signatureItem(signature));
    dsat = stackUp(dsat, ZERO_ITEM);
  }
  return { sat: taken === null ? null : sat, dsat };
}

function solveThresh(required: number, parts: readonly Inputs[]): Inputs {
  /** By how many of the last parts were satisfied. */
  let stacks: (InputStack | null)[] = [NO_ITEMS];
  for (const { sat, dsat } of parts.slice().reverse()) {
    const next: (InputStack | null)[] = [];
    for (let count = 0; count <= stacks.length; count++) {
      const without = stackUp(stacks[count] ?? null, dsat);
      const within = count === 0 ? null : stackUp(stacks[count - 1]!, sat);
      next.push(choose(without, within));
    }
    // One more than are required shows whether strangers can make another dissatisfaction; more show nothing else.
    stacks = next.slice(0, required + 2);
  }
  let dsat: InputStack | null = null;
  for (const [count, stack] of stacks.entries()) {
    if (count !== required) dsat = choose(dsat, count === 0 ? stack : asMalleable(stack));
  }
  return { sat: stacks[required] ?? null, dsat };
}
