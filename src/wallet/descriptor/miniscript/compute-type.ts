// The type of a miniscript expression out of the types of its parts: the table "Correctness", "Malleability" and "Timelock mixing" of
// BIP379 (Core ComputeType). A part that is put together wrongly makes the whole wrong.

import { isHeightLocktime, SEQUENCE_LOCKTIME_TYPE_FLAG } from '../../../kernel/primitives/locktime.ts';
import type { Fragment, MiniscriptContext, MiniscriptNode, Wrapper } from './node.ts';
import { has, PROPERTY, propertiesOf } from './property.ts';

const { B, V, K, W, z, o, n, d, u, e, f, s, m, x, g, h, i, j, k } = PROPERTY;

/** Types of expressions without parts. */
const LEAF_TYPES: Readonly<Partial<Record<Fragment, number>>> = Object.freeze({
  '0': propertiesOf('Bzudemsxk'),
  '1': propertiesOf('Bzufmxk'),
  pk_k: propertiesOf('Konudemsxk'),
  pk_h: propertiesOf('Knudemsxk'),
  sha256: propertiesOf('Bonudmk'),
  hash256: propertiesOf('Bonudmk'),
  ripemd160: propertiesOf('Bonudmk'),
  hash160: propertiesOf('Bonudmk'),
  multi: propertiesOf('Bnudemsk'),
  multi_a: propertiesOf('Budemsk'),
});
const LOCK_TYPE = propertiesOf('Bzfmxk');

const BASIC = B + V + K + W;
const TIMELOCKS = g + h + i + j;
const ALL_TIMELOCKS = TIMELOCKS + k;

/** The properties if the condition holds, else none. */
function when(condition: boolean, properties: number): number {
  return condition ? properties : 0;
}

/** The type of an expression; 0 when its parts do not go together. */
export function computeType(
  fragment: Fragment,
  number: number,
  subs: readonly MiniscriptNode[],
  context: MiniscriptContext,
): number {
  const type = computeBits(fragment, number, subs, context);
  return (type & BASIC) === 0 ? 0 : type;
}

function computeBits(
  fragment: Fragment,
  number: number,
  subs: readonly MiniscriptNode[],
  context: MiniscriptContext,
): number {
  const first = subs[0]?.type ?? 0;
  const second = subs[1]?.type ?? 0;
  switch (fragment) {
    case 'older':
      return LOCK_TYPE | ((number & SEQUENCE_LOCKTIME_TYPE_FLAG) === 0 ? h : g);
    case 'after':
      return LOCK_TYPE | (isHeightLocktime(number) ? j : i);
    case 'a':
    case 's':
    case 'c':
    case 'd':
    case 'v':
    case 'j':
    case 'n':
      return computeWrapped(fragment, first, context);
    case 'and_v':
    case 'and_b':
      return computeAnd(fragment, first, second);
    case 'or_b':
    case 'or_c':
    case 'or_d':
    case 'or_i':
      return computeOr(fragment, first, second);
    case 'andor':
      return computeAndOr(first, second, subs[2]?.type ?? 0);
    case 'thresh':
      return computeThresh(number, subs);
    default:
      return LEAF_TYPES[fragment]!;
  }
}

function computeWrapped(wrapper: Wrapper, inner: number, context: MiniscriptContext): number {
  const locks = inner & ALL_TIMELOCKS;
  switch (wrapper) {
    case 'a':
      return locks | when(has(inner, B), W) | (inner & (u + d + f + e + m + s)) | x;
    case 's':
      return locks | when(has(inner, B + o), W) | (inner & (u + d + f + e + m + s + x));
    case 'c':
      return locks | when(has(inner, K), B) | (inner & (o + n + d + f + e + m)) | u | s;
    case 'd': {
      // Only tapscript forbids other conditions than 1 and nothing by consensus.
      const unit = when(context === 'tapscript', u);
      const basic = when(has(inner, V + z), B) | when(has(inner, z), o) | when(has(inner, f), e);
      return locks | basic | (inner & (m + s)) | unit | n | d | x;
    }
    case 'v':
      return locks | when(has(inner, B), V) | (inner & (z + o + n + m + s)) | f | x;
    case 'j':
      return locks | when(has(inner, B + n), B) | when(has(inner, f), e) | (inner & (o + u + m + s)) | n | d | x;
    case 'n':
      return locks | (inner & (B + z + o + n + d + f + e + m + s)) | u | x;
  }
}

/** True when one has a lock in seconds where the other has one in blocks. */
function mixesTimelocks(a: number, b: number): boolean {
  return (has(a, g) && has(b, h)) || (has(a, h) && has(b, g)) || (has(a, i) && has(b, j)) || (has(a, j) && has(b, i));
}

/** Locks of two parts that are satisfied together. */
function locksOfBoth(a: number, b: number): number {
  return ((a | b) & TIMELOCKS) | when(has(a & b, k) && !mixesTimelocks(a, b), k);
}

/** Locks of parts of which one is satisfied. */
function locksOfEither(a: number, b: number): number {
  return ((a | b) & TIMELOCKS) | (a & b & k);
}

/** One argument: one part takes it, and the other takes none. */
function oneArgument(a: number, b: number): number {
  return when(has(a | b, z), (a | b) & o);
}

/** The item on top goes to the first part, or, if that takes none, to the second. */
function topItem(a: number, b: number): number {
  return (a & n) | when(has(a, z), b & n);
}

function computeAnd(fragment: 'and_v' | 'and_b', a: number, b: number): number {
  const shared = locksOfBoth(a, b) | oneArgument(a, b) | topItem(a, b) | (a & b & (m + z)) | ((a | b) & s);
  if (fragment === 'and_v') {
    return shared | when(has(a, V), b & (K + V + B)) | when(has(b, f) || has(a, s), f) | (b & (u + x));
  }
  return (
    shared |
    when(has(b, W), a & B) |
    when(has(a & b, s), a & b & e) |
    (a & b & d) |
    when(has(a & b, f) || has(a, s + f) || has(b, s + f), f) |
    u |
    x
  );
}

function computeOr(fragment: 'or_b' | 'or_c' | 'or_d' | 'or_i', a: number, b: number): number {
  const locks = locksOfEither(a, b);
  /** Strangers cannot choose the other way: that would take a signature. */
  const safe = when(has(a | b, s), a & b & m);
  switch (fragment) {
    case 'or_b': {
      const basic = when(has(a, B + d) && has(b, W + d), B) | oneArgument(a, b);
      return locks | basic | when(has(a & b, e), safe) | (a & b & (z + s + e)) | d | u | x;
    }
    case 'or_c': {
      const basic = when(has(a, B + d + u), b & V) | when(has(b, z), a & o);
      return locks | basic | when(has(a, e), safe) | (a & b & (z + s)) | f | x;
    }
    case 'or_d': {
      const basic = when(has(a, B + d + u), b & B) | when(has(b, z), a & o);
      return locks | basic | when(has(a, e), safe) | (a & b & (z + s)) | (b & (u + f + d + e)) | x;
    }
    case 'or_i': {
      const basic = (a & b & (V + B + K + u + f + s)) | when(has(a & b, z), o);
      return locks | basic | when(has(a | b, f), (a | b) & e) | safe | ((a | b) & d) | x;
    }
  }
}

/** `a` and `b`, or else `c`. */
function computeAndOr(a: number, b: number, c: number): number {
  const both = b & c;
  const isForced = has(a, s) || has(b, f);
  return (
    when(has(a, B + d + u), both & (B + K + V)) |
    (a & both & z) |
    when(has(a | both, z), (a | both) & o) |
    (both & u) |
    when(isForced, c & (f + e)) |
    (c & d) |
    when(has(a, e) && has(a | b | c, s), a & both & m) |
    (c & (a | b) & s) |
    x |
    ((a | b | c) & TIMELOCKS) |
    when(has(a & both, k) && !mixesTimelocks(a, b), k)
  );
}

function computeThresh(required: number, subs: readonly MiniscriptNode[]): number {
  let isExpressive = true;
  let isNonMalleable = true;
  let argumentCount = 0;
  let safeCount = 0;
  let locks: number = k;
  for (const [at, { type }] of subs.entries()) {
    if (!has(type, (at === 0 ? B : W) + d + u)) return 0;
    isExpressive &&= has(type, e);
    isNonMalleable &&= has(type, m);
    if (has(type, s)) safeCount++;
    if (!has(type, z)) argumentCount += has(type, o) ? 1 : 2;
    locks = required <= 1 ? locksOfEither(locks, type) : locksOfBoth(locks, type);
  }
  const others = subs.length - required;
  return (
    B |
    d |
    u |
    when(argumentCount === 0, z) |
    when(argumentCount === 1, o) |
    when(isExpressive && safeCount === subs.length, e) |
    when(isExpressive && isNonMalleable && safeCount >= others, m) |
    when(safeCount > others, s) |
    locks
  );
}
