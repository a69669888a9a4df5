// A descriptor's text while it is read (Core script/parsing.cpp): functions, commas, and expressions up to the next of these. What is
// wrong is thrown as DescriptorError inside and returned at the door of parse.ts.

/** Why a text is no descriptor: a sentence, as Core has it. */
export class DescriptorError extends Error {
  override readonly name = 'DescriptorError';
}

/** What is left of a text. */
export class DescriptorText {
  #rest: string;

  constructor(text: string) {
    this.#rest = text;
  }

  get rest(): string {
    return this.#rest;
  }

  get isEmpty(): boolean {
    return this.#rest === '';
  }

  /** Takes one character if it comes next. */
  take(character: string): boolean {
    if (!this.#rest.startsWith(character)) return false;
    this.#rest = this.#rest.slice(character.length);
    return true;
  }

  /** Takes everything up to the comma or bracket that ends the present level. */
  takeExpression(): DescriptorText {
    const text = this.#rest;
    let level = 0;
    let end = 0;
    for (; end < text.length; end++) {
      const character = text[end]!;
      const isClosing = character === ')' || character === '}';
      if (level === 0 && (isClosing || character === ',')) break;
      if (character === '(' || character === '{') level++;
      else if (isClosing) level--;
    }
    this.#rest = text.slice(end);
    return new DescriptorText(text.slice(0, end));
  }

  /** If the whole rest is a call of the function, turns to what is inside. */
  enter(name: string): boolean {
    const text = this.#rest;
    if (!text.startsWith(`${name}(`) || !text.endsWith(')')) return false;
    this.#rest = text.slice(name.length + 1, -1);
    return true;
  }
}

const HEX = /^(?:[0-9a-fA-F]{2})+$/;

/** True for hexadecimal digits in pairs, at least one (Core IsHex). */
export function isHexText(text: string): boolean {
  return HEX.test(text);
}

const UINT = /^[0-9]+$/;

/** A number of 32 bits in decimal digits; null for anything else. */
export function parseUint32(text: string): number | null {
  if (!UINT.test(text)) return null;
  const value = Number(text);
  return value <= 0xffffffff ? value : null;
}
