// Making the nodes of a miniscript, with what follows from their parts: type, length of the script, operations (Core's constructors of
// miniscript::Node, ComputeScriptLen, CalcOps).

import { encodeNumberPush } from '../../../kernel/script/script-builder.ts';
import { computeType } from './compute-type.ts';
import type { Fragment, MiniscriptContext, MiniscriptNode } from './node.ts';
import { has, PROPERTY } from './property.ts';

/** What a node is made of. */
export interface NodeParts {
  readonly number?: number;
  readonly keys?: readonly number[];
  readonly hash?: Uint8Array;
  readonly subs?: readonly MiniscriptNode[];
}

const NONE: readonly never[] = Object.freeze([]);

/** Makes a node. Numbers and counts are in their bounds; whether the parts go together is what the type says. */
export function createNode(fragment: Fragment, parts: NodeParts, context: MiniscriptContext): MiniscriptNode {
  const { number = 0, keys = NONE, hash = null, subs = NONE } = parts;
  let scriptBytes = ownScriptBytes(fragment, number, keys.length, subs.length, context);
  let opCount = OWN_OPS[fragment];
  for (const sub of subs) {
    scriptBytes += sub.scriptBytes;
    opCount += sub.opCount;
  }
  if (fragment === 'v' && has(subs[0]!.type, PROPERTY.x)) {
    scriptBytes += 1;
    opCount += 1;
  }
  if (fragment === 'thresh') opCount += subs.length;
  if (fragment === 'multi_a') opCount += keys.length;
  const type = computeType(fragment, number, subs, context);
  return { fragment, number, keys, hash, subs, type, scriptBytes, opCount };
}

/** Bytes that an expression has besides those of its parts, where each is one number. */
const OWN_BYTES: Readonly<Partial<Record<Fragment, number>>> = Object.freeze({
  '0': 1,
  '1': 1,
  pk_h: 3 + 21,
  sha256: 4 + 2 + 33,
  hash256: 4 + 2 + 33,
  ripemd160: 4 + 2 + 21,
  hash160: 4 + 2 + 21,
  a: 2,
  s: 1,
  c: 1,
  d: 3,
  j: 4,
  n: 1,
  and_b: 1,
  or_b: 1,
  or_c: 2,
  or_d: 3,
  or_i: 3,
  andor: 3,
});

function numberPushLength(number: number): number {
  return encodeNumberPush(number).length;
}

/** Length of the script of an expression without that of its parts; v: is not counted, which may take none. */
export function ownScriptBytes(
  fragment: Fragment,
  number: number,
  keyCount: number,
  subCount: number,
  context: MiniscriptContext,
): number {
  switch (fragment) {
    case 'pk_k':
      return context === 'wsh' ? 34 : 33;
    case 'older':
    case 'after':
      return numberPushLength(number) + 1;
    case 'multi':
      return numberPushLength(number) + 34 * keyCount + numberPushLength(keyCount) + 1;
    case 'multi_a':
      return (1 + 32 + 1) * keyCount + numberPushLength(number) + 1;
    case 'thresh':
      return subCount + numberPushLength(number);
    default:
      return OWN_BYTES[fragment] ?? 0;
  }
}

/** Operations that an expression has besides those of its parts; thresh() and multi_a() have one more for each part or key. */
const OWN_OPS: Readonly<Record<Fragment, number>> = Object.freeze({
  '0': 0,
  '1': 0,
  pk_k: 0,
  pk_h: 3,
  older: 1,
  after: 1,
  sha256: 4,
  hash256: 4,
  ripemd160: 4,
  hash160: 4,
  a: 2,
  s: 1,
  c: 1,
  d: 3,
  v: 0,
  j: 4,
  n: 1,
  and_v: 0,
  and_b: 1,
  or_b: 1,
  or_c: 2,
  or_d: 3,
  or_i: 3,
  andor: 3,
  thresh: 0,
  multi: 1,
  multi_a: 1,
});
