// What it takes at most to satisfy a miniscript: items, bytes of the witness, the height of the stack while the script runs, keys that
// multisig operations count (Core Ops, StackSize, WitnessSize). All of them are sums over what is executed and maxima over the ways to
// do so, and so they are computed together.

import { P2WSH_ITEM_COUNT_MAX, P2WSH_SCRIPT_SIZE_MAX, TX_WEIGHT_MAX } from '../../../kernel/policy/limits.ts';
import { MAX_OPS_PER_SCRIPT } from '../../../kernel/script/ops-crypto.ts';
import { MAX_STACK_SIZE } from '../../../kernel/script/stack.ts';
import { TAPROOT_CONTROL_BYTES_MAX } from '../../../kernel/script/taproot.ts';
import type { MiniscriptContext, MiniscriptNode, Wrapper } from './node.ts';
import { has, PROPERTY } from './property.ts';

/** The most that one of several ways to run a script takes; null: there is no way. */
export type Trace = {
  /** Bytes of the items of the witness, each with its length. */
  readonly witnessBytes: number;
  /** Keys that OP_CHECKMULTISIG counts as operations. */
  readonly multisigKeys: number;
  /** How much higher the stack is before than after. */
  readonly netDrop: number;
  /** How much higher the stack is at any time than after. */
  readonly peak: number;
} | null;

/** How an expression is satisfied and dissatisfied. */
export interface Traces {
  readonly sat: Trace;
  readonly dsat: Trace;
}

/** A trace without witness: so many items fewer after it, and so many more on the way. */
function operation(netDrop: number, peak: number): Trace {
  return { witnessBytes: 0, multisigKeys: 0, netDrop, peak };
}

/** A trace that takes items of the witness and does nothing yet. */
function witness(witnessBytes: number): Trace {
  return { witnessBytes, multisigKeys: 0, netDrop: 0, peak: 0 };
}

const NOTHING: Trace = operation(0, 0);
const PUSH: Trace = operation(-1, 0);
const DUP: Trace = PUSH;
const SIZE: Trace = PUSH;
/** Operations that take two items and leave one. */
const BINARY: Trace = operation(1, 1);
/** OP_IF, OP_NOTIF and OP_VERIFY. */
const TAKE: Trace = operation(1, 1);
const EQUALVERIFY: Trace = operation(2, 2);

/** One after the other. */
function follow(...traces: readonly Trace[]): Trace {
  let whole: Trace = NOTHING;
  for (const trace of traces) {
    if (whole === null || trace === null) return null;
    whole = {
      witnessBytes: whole.witnessBytes + trace.witnessBytes,
      multisigKeys: whole.multisigKeys + trace.multisigKeys,
      netDrop: whole.netDrop + trace.netDrop,
      peak: Math.max(trace.peak, trace.netDrop + whole.peak),
    };
  }
  return whole;
}

/** One or the other. */
function either(a: Trace, b: Trace): Trace {
  if (a === null) return b;
  if (b === null) return a;
  return {
    witnessBytes: Math.max(a.witnessBytes, b.witnessBytes),
    multisigKeys: Math.max(a.multisigKeys, b.multisigKeys),
    netDrop: Math.max(a.netDrop, b.netDrop),
    peak: Math.max(a.peak, b.peak),
  };
}

const PUSH_ONLY: Traces = Object.freeze({ sat: PUSH, dsat: null });
const ZERO: Traces = Object.freeze({ sat: null, dsat: PUSH });

/** OP_SIZE 32 OP_EQUALVERIFY, the hash function, the hash, OP_EQUAL; the preimage has 32 bytes. */
const HASH: Traces = Object.freeze({
  sat: follow(witness(1 + 32), SIZE, PUSH, EQUALVERIFY, PUSH, BINARY),
  dsat: null,
});

/** A signature or a key as an item of the witness. */
function itemBytes(context: MiniscriptContext): { readonly signature: number; readonly key: number } {
  return context === 'wsh' ? { signature: 1 + 72, key: 1 + 33 } : { signature: 1 + 65, key: 1 + 32 };
}

/** The traces of an expression out of those of its parts. */
export function computeTraces(node: MiniscriptNode, parts: readonly Traces[], context: MiniscriptContext): Traces {
  const { signature, key } = itemBytes(context);
  switch (node.fragment) {
    case '0':
      return ZERO;
    case '1':
    case 'older':
    case 'after':
      return PUSH_ONLY;
    case 'pk_k':
      return { sat: follow(witness(signature), PUSH), dsat: follow(witness(1), PUSH) };
    case 'pk_h': {
      const script = follow(DUP, PUSH, EQUALVERIFY);
      return { sat: follow(witness(signature + key), script), dsat: follow(witness(1 + key), script) };
    }
    case 'sha256':
    case 'hash256':
    case 'ripemd160':
    case 'hash160':
      return HASH;
    case 'multi':
    case 'multi_a':
      return computeMulti(node, signature);
    case 'thresh':
      return computeThresh(node.number, parts);
    case 'and_v':
    case 'and_b':
    case 'or_b':
    case 'or_c':
    case 'or_d':
    case 'or_i':
      return computePair(node.fragment, parts[0]!, parts[1]!);
    case 'andor':
      return computeAndOr(parts[0]!, parts[1]!, parts[2]!);
    default:
      return computeWrapped(node.fragment, parts[0]!);
  }
}

function computeWrapped(wrapper: Wrapper, inner: Traces): Traces {
  const { sat, dsat } = inner;
  switch (wrapper) {
    case 'c':
      return { sat: follow(sat, BINARY), dsat: follow(dsat, BINARY) };
    case 'd':
      return { sat: follow(witness(2), DUP, TAKE, sat), dsat: follow(witness(1), DUP, TAKE) };
    case 'v':
      return { sat: follow(sat, TAKE), dsat: null };
    case 'j':
      return { sat: follow(SIZE, TAKE, sat), dsat: follow(witness(1), SIZE, TAKE) };
    default:
      return inner;
  }
}

function computePair(fragment: 'and_v' | 'and_b' | 'or_b' | 'or_c' | 'or_d' | 'or_i', a: Traces, b: Traces): Traces {
  switch (fragment) {
    case 'and_v':
      return { sat: follow(a.sat, b.sat), dsat: null };
    case 'and_b':
      return { sat: follow(a.sat, b.sat, BINARY), dsat: follow(a.dsat, b.dsat, BINARY) };
    case 'or_b': {
      const sat = either(follow(a.sat, b.dsat), follow(a.dsat, b.sat));
      return { sat: follow(sat, BINARY), dsat: follow(a.dsat, b.dsat, BINARY) };
    }
    case 'or_c':
      return { sat: either(follow(a.sat, TAKE), follow(a.dsat, TAKE, b.sat)), dsat: null };
    case 'or_d':
      // OP_IFDUP doubles what is not zero.
      return {
        sat: either(follow(a.sat, DUP, TAKE), follow(a.dsat, TAKE, b.sat)),
        dsat: follow(a.dsat, TAKE, b.dsat),
      };
    case 'or_i': {
      const left = follow(witness(2), TAKE);
      const right = follow(witness(1), TAKE);
      return {
        sat: either(follow(left, a.sat), follow(right, b.sat)),
        dsat: either(follow(left, a.dsat), follow(right, b.dsat)),
      };
    }
  }
}

function computeAndOr(a: Traces, b: Traces, c: Traces): Traces {
  return {
    sat: either(follow(a.sat, TAKE, b.sat), follow(a.dsat, TAKE, c.sat)),
    dsat: follow(a.dsat, TAKE, c.dsat),
  };
}

function computeMulti({ fragment, number, keys }: MiniscriptNode, signatureBytes: number): Traces {
  const keyCount = keys.length;
  if (fragment === 'multi_a') {
    // An item for each key; one more while a key is looked at.
    const run = operation(keyCount - 1, keyCount);
    const others = keyCount - number;
    return { sat: follow(witness(signatureBytes * number + others), run), dsat: follow(witness(keyCount), run) };
  }
  // One item too many, and all keys and both numbers on the stack.
  const run = { witnessBytes: 0, multisigKeys: keyCount, netDrop: number, peak: number + keyCount + 2 };
  return { sat: follow(witness(1 + signatureBytes * number), run), dsat: follow(witness(1 + number), run) };
}

function computeThresh(required: number, parts: readonly Traces[]): Traces {
  /** By how many parts were satisfied so far; more than are required are of no interest. */
  let traces: Trace[] = [NOTHING];
  for (const [at, { sat, dsat }] of parts.entries()) {
    const add = at === 0 ? NOTHING : BINARY;
    const next: Trace[] = [];
    for (let count = 0; count <= Math.min(at + 1, required); count++) {
      const without = follow(traces[count] ?? null, dsat);
      const within = count === 0 ? null : follow(traces[count - 1] ?? null, sat);
      next.push(follow(either(without, within), add));
    }
    traces = next;
  }
  const compare = follow(PUSH, BINARY);
  return { sat: follow(traces[required] ?? null, compare), dsat: follow(traces[0]!, compare) };
}

/** Whether OP_CHECKMULTISIG counts too many keys, or a stack grows too high, on any way to satisfy an expression. */
export function exceedsLimits(node: MiniscriptNode, { sat }: Traces, context: MiniscriptContext): boolean {
  if (sat === null) return false;
  const itemsLeft = has(node.type, PROPERTY.V) ? 0 : 1;
  if (context === 'tapscript') return sat.peak + itemsLeft > MAX_STACK_SIZE;
  return node.opCount + sat.multisigKeys > MAX_OPS_PER_SCRIPT || sat.netDrop + itemsLeft > P2WSH_ITEM_COUNT_MAX;
}

/** All of a transaction of one input and one P2WSH output but the witness (Core TX_BODY_LEEWAY_WEIGHT). */
const TRANSACTION_BODY_WU: number = (8 + 1 + 41 + 1 + 43) * 4 + 2;

/** The largest witness of a leaf without its script: as many items as the stack holds, and the largest control block. */
const LEAF_WITNESS_BYTES_MAX: number = 3 + (1 + 65) * MAX_STACK_SIZE + 3 + TAPROOT_CONTROL_BYTES_MAX;

/** The longest script: what is standard, or what leaves room for the rest of a standard transaction (Core MaxScriptSize). */
export const SCRIPT_BYTES_MAX: Readonly<Record<MiniscriptContext, number>> = Object.freeze({
  wsh: P2WSH_SCRIPT_SIZE_MAX,
  tapscript: TX_WEIGHT_MAX - TRANSACTION_BODY_WU - LEAF_WITNESS_BYTES_MAX - 5,
});

/**
 * Most steps that choosing among the parts of all thresh() may take, parts times how many are required: 999 keys in all ways. Core has
 * no bound, and a script of a hundred thousand parts holds it up for minutes (R15).
 */
export const CHOICE_STEPS_MAX = 1_000_000;
