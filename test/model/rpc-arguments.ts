// Requests as a client that knows the schema and means no good would write them: parameters of the right names with values that are
// right, nearly right, of another kind, too large or too deep, also inside arrays and objects. Written as text, so that numbers are
// what no JSON writer would make them.

import type { ParameterSpec } from '../../src/api/signature.ts';
import { firstName } from '../../src/api/signature.ts';
import type { Rng } from '../../src/kernel/util/prng.ts';

/**
 * Texts that mean something to the node that is asked, by the name of a parameter or of a field: one of them is likely to be taken, and
 * nothing else is where the name stands after `only `. After `key of ` it names those of an object whose keys are the caller's.
 */
export type KnownTexts = Readonly<Record<string, readonly string[]>>;

/** Values that fit nowhere, or only by name. */
const STRANGE: readonly string[] = [
  'null',
  'true',
  'false',
  '0',
  '-1',
  '1',
  '2147483647',
  '2147483648',
  '-2147483649',
  '4294967296',
  '9007199254740993',
  '1e400',
  '-0',
  '0.5',
  '1e-9',
  '21000001',
  '""',
  '" "',
  '"\\u0000"',
  '"\\ud800"',
  '"__proto__"',
  '"constructor"',
  '"0"',
  '"-1"',
  '"ff"',
  '"f"',
  '"NaN"',
  `"${'0'.repeat(64)}"`,
  `"${'f'.repeat(64)}"`,
  `"${'('.repeat(300)}"`,
  `"${'9'.repeat(400)}"`,
  '[]',
  '{}',
  '[null]',
  '[[]]',
  '[{}]',
  '{"":null}',
  '{"__proto__":1}',
  '[1,2,3]',
  '["a","b"]',
  '{"desc":1}',
];

/** How often a value is strange, of 16. */
const STRANGE_OF_16 = 5;

/** Makes the texts of requests. */
export class RequestMaker {
  readonly #rng: Rng;
  readonly #known: KnownTexts;

  constructor(rng: Rng, known: KnownTexts) {
    this.#rng = rng;
    this.#known = known;
  }

  /** The text of the parameters of a call, by position or by name. */
  makeParameters(parameters: readonly ParameterSpec[]): string {
    const count = this.#rng.below(parameters.length + 1);
    const given = parameters.slice(0, this.#chance(12) ? parameters.length : count);
    if (this.#chance(4)) {
      const fields = given.map((one) => `${JSON.stringify(firstName(one))}:${this.#make(one, 0)}`);
      return `{${fields.join(',')}}`;
    }
    return `[${given.map((one) => this.#make(one, 0)).join(',')}]`;
  }

  #make(parameter: ParameterSpec, depth: number): string {
    const only = this.#known[`only ${firstName(parameter)}`];
    if (only !== undefined) return this.#pick(only);
    // A strange value at the top is refused before the method is called: the inside is more interesting.
    if (this.#chance(depth === 0 ? 1 : STRANGE_OF_16)) return this.#pick(STRANGE);
    const known = this.#known[firstName(parameter)];
    if (known !== undefined && this.#chance(11)) return this.#pick(known);
    return this.#makeOfType(parameter, depth);
  }

  #makeOfType({ type, inner = [] }: ParameterSpec, depth: number): string {
    switch (type) {
      case 'string':
      case 'hex':
        return this.#pick([...STRANGE.filter((one) => one.startsWith('"')), '"00"', '"all"']);
      case 'number':
        return this.#pick(['0', '1', '2', '3', '-1', '100', '2147483647', '0.5', '1e9']);
      case 'amount':
        return this.#pick(['0', '0.1', '"0.1"', '-1', '"1e3"', '21000001', '0.000000001']);
      case 'range':
        return this.#pick(['1', '[0,1]', '[1,0]', '[0]', '[0,1,2]', '-1', '[2147483647,2147483648]', '1000001']);
      case 'boolean':
        return this.#pick(['true', 'false']);
      case 'array':
        return this.#makeItems(inner, depth);
      default:
        return this.#makeFields(inner, depth);
    }
  }

  #makeItems(inner: readonly ParameterSpec[], depth: number): string {
    const items: string[] = [];
    for (let count = this.#rng.below(4); count > 0; count--) {
      items.push(
        inner.length === 0 ? this.#pick(STRANGE) : this.#make(inner[this.#rng.below(inner.length)]!, depth + 1),
      );
    }
    return `[${items.join(',')}]`;
  }

  #makeFields(inner: readonly ParameterSpec[], depth: number): string {
    const fields: string[] = [];
    for (const one of inner) {
      if (!this.#chance(11)) continue;
      const names = this.#known[`key of ${firstName(one)}`];
      const name = names === undefined ? JSON.stringify(firstName(one)) : this.#pick(names);
      fields.push(`${name}:${this.#make(one, depth + 1)}`);
    }
    if (this.#chance(2)) fields.push(`"no such field":${this.#pick(STRANGE)}`);
    return `{${fields.join(',')}}`;
  }

  #chance(of16: number): boolean {
    return this.#rng.below(16) < of16;
  }

  #pick(texts: readonly string[]): string {
    return texts[this.#rng.below(texts.length)]!;
  }
}
