// Reading a miniscript from the text of a descriptor (BIP379; Core miniscript::internal::Parse) in one pass. The shortest script that the
// text can still come to is counted along, so that what is too long is given up at once. Whether the parts go together is what types say
// afterwards.

import { MAX_PUBKEYS_PER_MULTI_A, MAX_PUBKEYS_PER_MULTISIG } from '../../../kernel/script/script.ts';
import { fromHex } from '../../../kernel/util/bytes.ts';
import type { Steps } from '../../../kernel/util/steps.ts';
import { isHexText, parseUint32 } from '../descriptor-text.ts';
import { createNode, type NodeParts, ownScriptBytes } from './create-node.ts';
import { CHOICE_STEPS_MAX, SCRIPT_BYTES_MAX } from './limits.ts';
import type { Fragment, HashFragment, MiniscriptContext, MiniscriptNode } from './node.ts';
import { has, PROPERTY } from './property.ts';

/** Parts that are read between two pauses; some of them are keys. */
const PARTS_PER_PAUSE = 64;

/** What is left to be done once the text before it has been read. */
type Step =
  /** An expression, with letters and a colon before it or without. */
  | { readonly kind: 'expression' }
  | { readonly kind: 'character'; readonly character: string }
  /** Puts the last nodes together. */
  | { readonly kind: 'build'; readonly fragment: Fragment; readonly subCount: number }
  /** A zero or one as the last part. */
  | { readonly kind: 'constant'; readonly fragment: '0' | '1' }
  /** What follows a part of thresh(). */
  | { readonly kind: 'thresh'; readonly required: number; readonly partCount: number };

const EXPRESSION: Step = Object.freeze({ kind: 'expression' });
const COMMA: Step = Object.freeze({ kind: 'character', character: ',' });
const CLOSE: Step = Object.freeze({ kind: 'character', character: ')' });
const ZERO: Step = Object.freeze({ kind: 'constant', fragment: '0' });
const ONE: Step = Object.freeze({ kind: 'constant', fragment: '1' });

function build(fragment: Fragment, subCount: number): Step {
  return Object.freeze({ kind: 'build', fragment, subCount });
}

/** What a letter before a colon comes to, last step first. */
const LETTER_STEPS: Readonly<Record<string, readonly Step[]>> = Object.freeze({
  a: [build('a', 1)],
  s: [build('s', 1)],
  c: [build('c', 1)],
  d: [build('d', 1)],
  v: [build('v', 1)],
  j: [build('j', 1)],
  n: [build('n', 1)],
  t: [build('and_v', 2), ONE],
  u: [build('or_i', 2), ZERO],
  l: [build('or_i', 2)],
});
const WRAPPERS: ReadonlyMap<string, readonly Step[]> = new Map(Object.entries(LETTER_STEPS));

const TWO_PARTS: readonly Step[] = [CLOSE, EXPRESSION, COMMA, EXPRESSION];

/** What a function of other expressions comes to, last step first. */
const FUNCTION_STEPS: Readonly<Record<string, readonly Step[]>> = Object.freeze({
  and_v: [build('and_v', 2), ...TWO_PARTS],
  and_b: [build('and_b', 2), ...TWO_PARTS],
  or_b: [build('or_b', 2), ...TWO_PARTS],
  or_c: [build('or_c', 2), ...TWO_PARTS],
  or_d: [build('or_d', 2), ...TWO_PARTS],
  or_i: [build('or_i', 2), ...TWO_PARTS],
  and_n: [build('andor', 3), ZERO, ...TWO_PARTS],
  andor: [build('andor', 3), CLOSE, EXPRESSION, COMMA, EXPRESSION, COMMA, EXPRESSION],
});
const COMBINATORS: ReadonlyMap<string, readonly Step[]> = new Map(Object.entries(FUNCTION_STEPS));

/** Lengths of hashes, by their functions. */
const HASH_BYTES: ReadonlyMap<string, readonly [fragment: HashFragment, bytes: number]> = new Map([
  ['sha256', ['sha256', 32]],
  ['hash256', ['hash256', 32]],
  ['ripemd160', ['ripemd160', 20]],
  ['hash160', ['hash160', 20]],
]);

/** A function's name and its opening bracket. */
const NAME = /([a-z0-9_]+)\(/y;

/** Letters of wrappers, and the colon after them. */
const LETTERS = /([a-z]+):/y;

/** A text that is no miniscript. */
class NoMiniscript extends Error {}

class MiniscriptParser {
  readonly #text: string;
  readonly #context: MiniscriptContext;
  readonly #readKey: (text: string) => number;
  readonly #steps: Step[] = [EXPRESSION];
  readonly #nodes: MiniscriptNode[] = [];
  #at = 0;
  #choiceSteps = 0;
  /** The least that the script can have, with one byte for every part that was announced and not read. */
  #scriptBytes = 1;

  constructor(text: string, context: MiniscriptContext, readKey: (text: string) => number) {
    this.#text = text;
    this.#context = context;
    this.#readKey = readKey;
  }

  *parse(): Steps<MiniscriptNode> {
    let partCount = 0;
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      if (++partCount % PARTS_PER_PAUSE === 0) yield;
      this.#check(this.#scriptBytes <= SCRIPT_BYTES_MAX[this.#context]);
      this.#take(step);
    }
    this.#check(this.#at === this.#text.length);
    return this.#nodes[0]!;
  }

  #check(condition: boolean): asserts condition {
    if (!condition) throw new NoMiniscript();
  }

  #take(step: Step): void {
    switch (step.kind) {
      case 'expression':
        this.#readLetters();
        this.#readExpression();
        return;
      case 'character':
        this.#check(this.#text[this.#at] === step.character);
        this.#at++;
        return;
      case 'constant':
        this.#nodes.push(createNode(step.fragment, {}, this.#context));
        return;
      case 'build':
        if (step.fragment === 'v' && has(this.#nodes.at(-1)!.type, PROPERTY.x)) this.#scriptBytes++;
        this.#build(step.fragment, step.subCount, 0);
        return;
      case 'thresh':
        this.#continueThresh(step.required, step.partCount);
        return;
    }
  }

  #build(fragment: Fragment, subCount: number, number: number): void {
    const nodes = this.#nodes;
    const subs = subCount === 1 ? [nodes.pop()!] : nodes.splice(nodes.length - subCount, subCount);
    nodes.push(createNode(fragment, { number, subs }, this.#context));
  }

  /** Counts an expression without its parts, each of which was or will be announced with a byte. */
  #announce(fragment: Fragment, number: number, keyCount: number, subCount: number): void {
    this.#scriptBytes += ownScriptBytes(fragment, number, keyCount, subCount, this.#context) + subCount - 1;
  }

  #announceSteps(steps: readonly Step[]): void {
    for (const step of steps) {
      if (step.kind === 'build') this.#announce(step.fragment, 0, 0, step.subCount);
      this.#steps.push(step);
    }
  }

  #readLetters(): void {
    LETTERS.lastIndex = this.#at;
    const letters = LETTERS.exec(this.#text)?.[1];
    if (letters === undefined) return;
    this.#at += letters.length + 1;
    let before = '';
    for (const letter of letters) {
      const steps = WRAPPERS.get(letter);
      // Twice the same v: is never right, and need not make the script longer.
      this.#check(steps !== undefined && !(letter === 'v' && before === 'v'));
      if (letter === 'l') this.#take(ZERO);
      this.#announceSteps(steps);
      this.#check(this.#scriptBytes <= SCRIPT_BYTES_MAX[this.#context]);
      before = letter;
    }
  }

  #readExpression(): void {
    const digit = this.#text[this.#at];
    if (digit === '0' || digit === '1') {
      this.#at++;
      this.#take(digit === '0' ? ZERO : ONE);
      return;
    }
    NAME.lastIndex = this.#at;
    const name = NAME.exec(this.#text)?.[1];
    this.#check(name !== undefined);
    this.#at += name.length + 1;
    const steps = COMBINATORS.get(name);
    if (steps !== undefined) {
      this.#announceSteps(steps);
      return;
    }
    if (name === 'thresh') {
      this.#startThresh();
      return;
    }
    if (name === 'multi' || name === 'multi_a') {
      this.#readMulti(name);
      return;
    }
    this.#readLeaf(name, this.#takeArgument());
  }

  /** The text up to the bracket that closes the function. */
  #takeArgument(): string {
    const start = this.#at;
    let level = 0;
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at]!;
      if (character === '(' || character === '{') level++;
      else if (character === ')' || character === '}') {
        if (level === 0) break;
        level--;
      }
    }
    this.#check(this.#text[this.#at] === ')');
    return this.#text.slice(start, this.#at++);
  }

  #readLeaf(name: string, text: string): void {
    const hash = HASH_BYTES.get(name);
    if (hash !== undefined) {
      this.#check(text.length === 2 * hash[1] && isHexText(text));
      this.#addLeaf(hash[0], { hash: fromHex(text) });
      return;
    }
    switch (name) {
      case 'older':
      case 'after': {
        const number = parseUint32(text);
        this.#check(number !== null && number >= 1 && number < 0x80000000);
        this.#addLeaf(name, { number });
        return;
      }
      case 'pk_k':
      case 'pk_h':
        this.#addLeaf(name, { keys: [this.#readKey(text)] });
        return;
      case 'pk':
      case 'pkh':
        this.#addLeaf(name === 'pk' ? 'pk_k' : 'pk_h', { keys: [this.#readKey(text)] });
        this.#announce('c', 0, 0, 1);
        this.#build('c', 1, 0);
        return;
      default:
        throw new NoMiniscript();
    }
  }

  #addLeaf(fragment: Fragment, parts: NodeParts): void {
    this.#announce(fragment, parts.number ?? 0, parts.keys?.length ?? 0, 0);
    this.#nodes.push(createNode(fragment, parts, this.#context));
  }

  #readMulti(name: 'multi' | 'multi_a'): void {
    this.#check((name === 'multi') === (this.#context === 'wsh'));
    const [threshold, ...keyTexts] = this.#takeArgument().split(',');
    const number = parseUint32(threshold!);
    const keyCountMax = name === 'multi' ? MAX_PUBKEYS_PER_MULTISIG : MAX_PUBKEYS_PER_MULTI_A;
    this.#check(number !== null && keyTexts.length <= keyCountMax);
    const keys = keyTexts.map((text) => this.#readKey(text));
    this.#check(number >= 1 && number <= keys.length);
    this.#addLeaf(name, { number, keys });
  }

  #startThresh(): void {
    const comma = this.#text.indexOf(',', this.#at);
    const required = comma < 0 ? null : parseUint32(this.#text.slice(this.#at, comma));
    this.#check(required !== null && required >= 1);
    this.#at = comma + 1;
    this.#announce('thresh', required, 0, 1);
    this.#steps.push({ kind: 'thresh', required, partCount: 1 }, EXPRESSION);
  }

  #continueThresh(required: number, partCount: number): void {
    const character = this.#text[this.#at++];
    if (character === ',') {
      // OP_ADD, and a byte for the part.
      this.#scriptBytes += 2;
      this.#steps.push({ kind: 'thresh', required, partCount: partCount + 1 }, EXPRESSION);
      return;
    }
    this.#check(character === ')' && required <= partCount);
    this.#choiceSteps += partCount * required;
    this.#check(this.#choiceSteps <= CHOICE_STEPS_MAX);
    this.#build('thresh', partCount, required);
  }
}

/**
 * The miniscript that a text says; null when it says none. `readKey` reads a key and gives its number; it may throw what is wrong with
 * the key.
 */
export function* parseMiniscript(
  text: string,
  context: MiniscriptContext,
  readKey: (text: string) => number,
): Steps<MiniscriptNode | null> {
  try {
    return yield* new MiniscriptParser(text, context, readKey).parse();
  } catch (error) {
    if (error instanceof NoMiniscript) return null;
    throw error;
  }
}
