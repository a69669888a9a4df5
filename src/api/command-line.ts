// From words of a command line to the parameters of a call (Core rpc/client.cpp): what a method takes as text is passed as it is,
// everything else is read as JSON. The schema says which is which.

import { RPC_CODE, RpcError } from './errors.ts';
import { parseJson } from './json/json-parser.ts';
import { isJsonObject, type JsonOutput, type JsonValue } from './json/json-value.ts';
import { type ParameterSpec, parameterNames, type SignatureTable } from './signature.ts';

/** Words that cannot be passed; the message is for the person. */
export class CommandLineError extends Error {
  override readonly name = 'CommandLineError';
}

/** How a parameter is read: `mixed` ones are texts unless they are JSON. */
type Reading = 'text' | 'json' | 'mixed';

function readingOf(parameter: ParameterSpec, isEchoJson: boolean): Reading {
  if (isEchoJson) return 'json';
  if (parameter.type === 'string' || parameter.type === 'hex') return 'text';
  return parameter.type === 'amount' ? 'mixed' : 'json';
}

function readWord(word: string, reading: Reading): JsonValue {
  if (reading === 'text') return word;
  const parsed = parseJson(word);
  if (parsed.ok) return parsed.value;
  if (reading === 'mixed') return word;
  throw new CommandLineError(`Error parsing JSON: ${word}`);
}

/** Reads the words of calls. */
export class CommandLineReader {
  readonly #methods: SignatureTable;

  constructor(methods: SignatureTable) {
    this.#methods = methods;
  }

  #byPosition(method: string, position: number): Reading {
    const parameter = this.#methods.get(method)?.parameters[position];
    return parameter === undefined ? 'text' : readingOf(parameter, method === 'echojson');
  }

  #byName(method: string, name: string): Reading | null {
    for (const parameter of this.#methods.get(method)?.parameters ?? []) {
      const options = parameter.type === 'named-options' ? (parameter.inner ?? []) : [];
      const found = [parameter, ...options].find((one) => parameterNames(one).includes(name));
      if (found !== undefined) return readingOf(found, method === 'echojson');
    }
    return null;
  }

  /** Parameters by position. */
  positional(method: string, words: readonly string[]): readonly JsonValue[] {
    return words.map((word, position) => readWord(word, this.#byPosition(method, position)));
  }

  /** Parameters of which those with an equals sign are named; the last of one name counts. Throws what a server would answer. */
  named(method: string, words: readonly string[]): ReadonlyMap<string, JsonOutput> {
    const named = new Map<string, JsonOutput>();
    const positional: JsonValue[] = [];
    for (const word of words) {
      const equals = word.indexOf('=');
      const name = word.slice(0, Math.max(0, equals));
      const next = this.#byPosition(method, positional.length);
      const reading = equals < 0 ? null : this.#byName(method, name);
      if (equals < 0) positional.push(readWord(word, next));
      else if (reading === null && this.#isPositional(method, word, next, positional.length)) {
        positional.push(readWord(word, next));
      } else named.set(name, readWord(word.slice(equals + 1), reading ?? 'text'));
    }
    if (positional.length === 0) return named;
    // Both cannot be passed on; the sentence is the server's.
    if (named.has('args')) throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Parameter args specified multiple times');
    return named.set('args', positional);
  }

  /** A word with an equals sign whose first half is no name may be a value all the same. */
  #isPositional(method: string, word: string, next: Reading, position: number): boolean {
    const parameter = this.#methods.get(method)?.parameters[position];
    if (parameter === undefined || parameter.skipsTypeCheck === true) return false;
    return next === 'text' || (next === 'json' && parseJson(word).ok);
  }
}

/** What a server answered: a result, or an error with its code. */
export type ServerReply =
  | { readonly error: null; readonly result: JsonValue }
  | { readonly error: JsonValue; readonly result: null };

/** Reads the text of an answer; null when it is none. */
export function readReply(text: string): ServerReply | null {
  const parsed = parseJson(text);
  if (!parsed.ok || !isJsonObject(parsed.value)) return null;
  const error = parsed.value.get('error') ?? null;
  if (error !== null) return { error, result: null };
  return { error: null, result: parsed.value.get('result') ?? null };
}
