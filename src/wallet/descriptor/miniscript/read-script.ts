// Recognising a miniscript in a script (BIP379; Core miniscript::FromScript, DecodeScript), from the end, where every expression shows
// what it is. Where several trees have the same script, and_v() is as far outside as it can be.

import { OP } from '../../../kernel/script/opcodes.ts';
import { MAX_PUBKEYS_PER_MULTI_A, MAX_PUBKEYS_PER_MULTISIG } from '../../../kernel/script/script.ts';
import { createNode, type NodeParts } from './create-node.ts';
import { CHOICE_STEPS_MAX, SCRIPT_BYTES_MAX } from './limits.ts';
import type { Fragment, HashFragment, MiniscriptContext, MiniscriptNode, Wrapper } from './node.ts';
import { isValidNode, isValidScript } from './sanity.ts';
import { numberOf, type ScriptOp, splitScript } from './script-ops.ts';

/** A miniscript with the keys that its script has. */
export interface ScriptMiniscript {
  readonly root: MiniscriptNode;
  /** Keys of 33 bytes, or 32 in a leaf, by their numbers. */
  readonly publicKeys: readonly Uint8Array[];
}

/** What is left to be done once the script behind it has been read. */
type Step =
  /** An expression of type B, K or V that is no and_v(). */
  | 'single'
  /** The same, and what may stand before it in and_v(). */
  | 'expression'
  /** An expression of type W. */
  | 'wrapped'
  | 'maybe-and'
  | 'swap'
  | 'alt'
  /** What OP_ENDIF belongs to: after its last part, after the part behind OP_NOTIF, after both parts around OP_ELSE. */
  | 'endif'
  | 'endif-notif'
  | 'endif-else'
  | { readonly kind: 'build'; readonly fragment: Fragment; readonly subCount: number }
  | { readonly kind: 'thresh'; readonly required: number; readonly partCount: number; readonly isLast: boolean };

function build(fragment: Fragment, subCount: number): Step {
  return Object.freeze({ kind: 'build', fragment, subCount });
}

const BUILD_WRAPPER: Readonly<Record<Wrapper, Step>> = Object.freeze({
  a: build('a', 1),
  s: build('s', 1),
  c: build('c', 1),
  d: build('d', 1),
  v: build('v', 1),
  j: build('j', 1),
  n: build('n', 1),
});

/** Operations that end an expression of one more. */
const WRAPPER_OPS: ReadonlyMap<number, Wrapper> = new Map([
  [OP.OP_CHECKSIG, 'c'],
  [OP.OP_VERIFY, 'v'],
  [OP.OP_0NOTEQUAL, 'n'],
]);

const HASH_FRAGMENTS: ReadonlyMap<number, readonly [fragment: HashFragment, bytes: number]> = new Map([
  [OP.OP_SHA256, ['sha256', 32]],
  [OP.OP_HASH256, ['hash256', 32]],
  [OP.OP_RIPEMD160, ['ripemd160', 20]],
  [OP.OP_HASH160, ['hash160', 20]],
]);

/** Operations that no expression ends with: what stands before them is no part of and_v(). */
const NO_ENDS: ReadonlySet<number> = new Set([OP.OP_IF, OP.OP_ELSE, OP.OP_NOTIF, OP.OP_TOALTSTACK, OP.OP_SWAP]);

/** A script that is no miniscript. */
class NoMiniscript extends Error {}

class ScriptReader {
  readonly publicKeys: Uint8Array[] = [];
  readonly #ops: readonly ScriptOp[];
  readonly #context: MiniscriptContext;
  readonly #findKey: (keyHash20: Uint8Array) => Uint8Array | null;
  readonly #steps: Step[] = ['expression'];
  readonly #nodes: MiniscriptNode[] = [];
  /** How many operations are left. */
  #left: number;
  #choiceSteps = 0;

  constructor(
    ops: readonly ScriptOp[],
    context: MiniscriptContext,
    findKey: (keyHash20: Uint8Array) => Uint8Array | null,
  ) {
    this.#ops = ops;
    this.#left = ops.length;
    this.#context = context;
    this.#findKey = findKey;
  }

  read(): MiniscriptNode {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      const last = this.#nodes.at(-1);
      this.#check(last === undefined || isValidNode(last, this.#context));
      this.#take(step);
    }
    this.#check(this.#left === 0 && this.#nodes.length === 1 && isValidScript(this.#nodes[0]!, this.#context));
    return this.#nodes[0]!;
  }

  #check(condition: boolean): asserts condition {
    if (!condition) throw new NoMiniscript();
  }

  /** The operation that is so many before the last that was not read. */
  #op(before: number): ScriptOp | undefined {
    return this.#ops[this.#left - 1 - before];
  }

  #is(before: number, opcode: number): boolean {
    return this.#op(before)?.opcode === opcode;
  }

  #skip(opcode: number): boolean {
    if (!this.#is(0, opcode)) return false;
    this.#left--;
    return true;
  }

  #take(step: Step): void {
    if (typeof step !== 'string') {
      if (step.kind === 'build') this.#build(step.fragment, step.subCount, 0);
      else this.#continueThresh(step.required, step.partCount, step.isLast);
      return;
    }
    switch (step) {
      case 'single':
        this.#readSingle();
        return;
      case 'expression':
        this.#steps.push('maybe-and', 'single');
        return;
      case 'wrapped':
        this.#check(this.#left > 0);
        this.#steps.push(this.#skip(OP.OP_FROMALTSTACK) ? 'alt' : 'swap', 'expression');
        return;
      case 'maybe-and':
        if (this.#left > 0 && !NO_ENDS.has(this.#op(0)!.opcode)) this.#steps.push(build('and_v', 2), 'expression');
        return;
      case 'swap':
        this.#check(this.#skip(OP.OP_SWAP));
        this.#build('s', 1, 0);
        return;
      case 'alt':
        this.#check(this.#skip(OP.OP_TOALTSTACK));
        this.#build('a', 1, 0);
        return;
      case 'endif':
        this.#readBeforeEndif();
        return;
      case 'endif-notif':
        this.#steps.push(build(this.#skip(OP.OP_IFDUP) ? 'or_d' : 'or_c', 2), 'single');
        return;
      case 'endif-else':
        // OP_NOTIF: the part behind OP_ELSE stands in the middle of andor().
        if (this.#skip(OP.OP_IF)) {
          this.#build('or_i', 2, 0);
          return;
        }
        this.#check(this.#skip(OP.OP_NOTIF));
        this.#steps.push(build('andor', 3), 'single');
        return;
    }
  }

  /** Puts the last nodes together: the last of them was read last, and stands first. */
  #build(fragment: Fragment, subCount: number, number: number): void {
    this.#check(this.#nodes.length >= subCount);
    const subs = this.#nodes.splice(this.#nodes.length - subCount, subCount).reverse();
    // Of andor(X,Y,Z) the script has X, Z, Y.
    if (fragment === 'andor') subs.push(subs.splice(1, 1)[0]!);
    this.#nodes.push(createNode(fragment, { number, subs }, this.#context));
  }

  #addLeaf(fragment: Fragment, opCount: number, parts: NodeParts): void {
    this.#left -= opCount;
    this.#nodes.push(createNode(fragment, parts, this.#context));
  }

  /** The number of a new key. */
  #addKey(publicKey: Uint8Array): number {
    this.publicKeys.push(publicKey);
    return this.publicKeys.length - 1;
  }

  #readSingle(): void {
    const op = this.#op(0);
    this.#check(op !== undefined);
    const { opcode, data } = op;
    if (opcode === OP.OP_1) {
      this.#addLeaf('1', 1, {});
      return;
    }
    if (opcode === OP.OP_0) {
      this.#addLeaf('0', 1, {});
      return;
    }
    if (data?.length === 33 || data?.length === 32) {
      this.#addLeaf('pk_k', 1, { keys: [this.#readKey(op)] });
      return;
    }
    if (this.#readKeyHash() || this.#readLock(opcode) || this.#readHash()) return;
    if (opcode === OP.OP_CHECKMULTISIG) {
      this.#readMultisig();
      return;
    }
    if (opcode === OP.OP_NUMEQUAL) {
      this.#readMultiA();
      return;
    }
    this.#left--;
    const wrapper = WRAPPER_OPS.get(opcode);
    if (wrapper !== undefined) {
      this.#steps.push(BUILD_WRAPPER[wrapper], 'single');
      return;
    }
    switch (opcode) {
      case OP.OP_EQUAL: {
        const required = numberOf(this.#op(0));
        this.#check(required !== null && required >= 1);
        this.#left--;
        this.#steps.push({ kind: 'thresh', required, partCount: 0, isLast: false });
        return;
      }
      case OP.OP_ENDIF:
        this.#steps.push('endif', 'expression');
        return;
      case OP.OP_BOOLAND:
        this.#steps.push(build('and_b', 2), 'single', 'wrapped');
        return;
      case OP.OP_BOOLOR:
        this.#steps.push(build('or_b', 2), 'single', 'wrapped');
        return;
      default:
        throw new NoMiniscript();
    }
  }

  #readKey({ data }: ScriptOp): number {
    if (this.#context === 'wsh') this.#check(data?.length === 33 && (data[0] === 2 || data[0] === 3));
    else this.#check(data?.length === 32);
    return this.#addKey(data!);
  }

  #readKeyHash(): boolean {
    const keyHash = this.#op(2)?.data;
    const isKeyHash =
      this.#is(0, OP.OP_VERIFY) &&
      this.#is(1, OP.OP_EQUAL) &&
      this.#is(3, OP.OP_HASH160) &&
      this.#is(4, OP.OP_DUP) &&
      keyHash?.length === 20;
    if (!isKeyHash) return false;
    const publicKey = this.#findKey(keyHash);
    this.#check(publicKey !== null && publicKey.length === (this.#context === 'wsh' ? 33 : 32));
    this.#addLeaf('pk_h', 5, { keys: [this.#addKey(publicKey)] });
    return true;
  }

  #readLock(opcode: number): boolean {
    if (opcode !== OP.OP_CHECKSEQUENCEVERIFY && opcode !== OP.OP_CHECKLOCKTIMEVERIFY) return false;
    const number = numberOf(this.#op(1));
    this.#check(number !== null && number >= 1);
    this.#addLeaf(opcode === OP.OP_CHECKSEQUENCEVERIFY ? 'older' : 'after', 2, { number });
    return true;
  }

  #readHash(): boolean {
    const hash = this.#op(1)?.data;
    const kind = HASH_FRAGMENTS.get(this.#op(2)?.opcode ?? OP.OP_0);
    const isHash =
      this.#is(0, OP.OP_EQUAL) &&
      this.#is(3, OP.OP_VERIFY) &&
      this.#is(4, OP.OP_EQUAL) &&
      numberOf(this.#op(5)) === 32 &&
      this.#is(6, OP.OP_SIZE);
    if (!isHash || kind === undefined || hash?.length !== kind[1]) return false;
    this.#addLeaf(kind[0], 7, { hash });
    return true;
  }

  #readMultisig(): void {
    const keyCount = numberOf(this.#op(1));
    this.#check(this.#context === 'wsh' && keyCount !== null && keyCount >= 1 && keyCount <= MAX_PUBKEYS_PER_MULTISIG);
    const number = numberOf(this.#op(2 + keyCount));
    this.#check(number !== null && number >= 1 && number <= keyCount);
    const keys: number[] = [];
    for (let i = keyCount - 1; i >= 0; i--) keys.push(this.#readKey(this.#op(2 + i)!));
    this.#addLeaf('multi', 3 + keyCount, { number, keys });
  }

  #readMultiA(): void {
    const number = numberOf(this.#op(1));
    this.#check(this.#context === 'tapscript' && number !== null && number >= 1);
    let keyCount = 0;
    for (let isFirst = false; !isFirst; ) {
      const check = this.#op(2 + 2 * keyCount)?.opcode;
      isFirst = check === OP.OP_CHECKSIG;
      this.#check((isFirst || check === OP.OP_CHECKSIGADD) && keyCount < MAX_PUBKEYS_PER_MULTI_A);
      keyCount++;
    }
    this.#check(number <= keyCount);
    const keys: number[] = [];
    for (let i = keyCount - 1; i >= 0; i--) {
      const key = this.#op(3 + 2 * i);
      this.#check(key !== undefined);
      keys.push(this.#readKey(key));
    }
    this.#addLeaf('multi_a', 2 + 2 * keyCount, { number, keys });
  }

  #readBeforeEndif(): void {
    if (this.#skip(OP.OP_ELSE)) {
      this.#steps.push('endif-else', 'expression');
    } else if (this.#skip(OP.OP_NOTIF)) {
      this.#steps.push('endif-notif');
    } else {
      this.#check(this.#skip(OP.OP_IF));
      if (this.#skip(OP.OP_DUP)) {
        this.#build('d', 1, 0);
        return;
      }
      this.#check(this.#skip(OP.OP_0NOTEQUAL) && this.#skip(OP.OP_SIZE));
      this.#build('j', 1, 0);
    }
  }

  /** Every part but the first is of type W and has OP_ADD behind it. */
  #continueThresh(required: number, partCount: number, isLast: boolean): void {
    if (isLast) {
      this.#choiceSteps += partCount * required;
      this.#check(required <= partCount && this.#choiceSteps <= CHOICE_STEPS_MAX);
      this.#build('thresh', partCount, required);
      return;
    }
    const hasMore = this.#skip(OP.OP_ADD);
    const next: Step = { kind: 'thresh', required, partCount: partCount + 1, isLast: !hasMore };
    this.#steps.push(next, hasMore ? 'wrapped' : 'single');
  }
}

/**
 * The miniscript that a script is, whether it is sane or not; null when it is none. `findKey` gives the key behind a hash, of 33 bytes, or
 * 32 in a leaf.
 */
export function readMiniscript(
  script: Uint8Array,
  context: MiniscriptContext,
  findKey: (keyHash20: Uint8Array) => Uint8Array | null,
): ScriptMiniscript | null {
  if (script.length > SCRIPT_BYTES_MAX[context]) return null;
  const ops = splitScript(script);
  if (ops === null) return null;
  try {
    const reader = new ScriptReader(ops, context, findKey);
    return { root: reader.read(), publicKeys: reader.publicKeys };
  } catch (error) {
    if (error instanceof NoMiniscript) return null;
    throw error;
  }
}
