// Answers of a node as commands for people read them: fields by name, amounts exact. A field that is not what it should be means that
// the node is of another kind than this program thinks, and is told as such.

import type { ServerReply } from '../api/command-line.ts';
import {
  isJsonArray,
  isJsonObject,
  JsonNumber,
  type JsonObject,
  type JsonOutput,
  type JsonValue,
} from '../api/json/json-value.ts';
import { parseAmount } from '../kernel/primitives/amount.ts';

/** Calls a method of the node that is meant. */
export type AskNode = (method: string, params: JsonOutput) => Promise<ServerReply>;

/** The node has refused a call. */
export class NodeRefusal extends Error {
  override readonly name = 'NodeRefusal';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The result of a call; rejects with a {@link NodeRefusal} when the node refuses it. */
export async function askFor(ask: AskNode, method: string, params: JsonOutput = []): Promise<Answer> {
  return new Answer(method, readResult(await ask(method, params)));
}

function readResult({ result, error }: ServerReply): JsonValue {
  if (error === null) return result;
  const code = isJsonObject(error) ? error.get('code') : undefined;
  const message = isJsonObject(error) ? error.get('message') : undefined;
  throw new NodeRefusal(
    code instanceof JsonNumber ? Number(code.text) : 0,
    `${message ?? 'The node refuses the call.'}`,
  );
}

/** A result, or a part of one. */
export class Answer {
  /** The method that gave it, for errors. */
  readonly #method: string;
  readonly value: JsonValue;

  constructor(method: string, value: JsonValue) {
    this.#method = method;
    this.value = value;
  }

  has(key: string): boolean {
    return this.#fields.get(key) !== undefined && this.#fields.get(key) !== null;
  }

  text(key: string): string {
    const value = this.#fields.get(key);
    return typeof value === 'string' ? value : this.#fail(key);
  }

  flag(key: string): boolean {
    const value = this.#fields.get(key);
    return typeof value === 'boolean' ? value : this.#fail(key);
  }

  number(key: string): number {
    const value = this.#fields.get(key);
    return value instanceof JsonNumber ? Number(value.text) : this.#fail(key);
  }

  /** Satoshis of an amount that is told in whole units with decimals. */
  amountSat(key: string): number {
    const value = this.#fields.get(key);
    const parsed = value instanceof JsonNumber ? readSat(value.text) : null;
    return parsed ?? this.#fail(key);
  }

  part(key: string): Answer {
    return new Answer(this.#method, this.#fields.get(key) ?? this.#fail(key));
  }

  /** The items of a list: of the answer itself, or of a field of it. */
  items(key?: string): readonly Answer[] {
    const value = key === undefined ? this.value : this.#fields.get(key);
    if (!isJsonArray(value)) return this.#fail(key ?? 'the answer');
    return value.map((item) => new Answer(this.#method, item));
  }

  get #fields(): JsonObject {
    return isJsonObject(this.value) ? this.value : this.#fail('the answer');
  }

  #fail(key: string): never {
    throw new Error(
      `The node’s answer to ${this.#method} is not understood: ${key}. Is it a node of another kind or version?`,
    );
  }
}

/** Satoshis of a decimal text, which may be negative; null when it is none. */
function readSat(text: string): number | null {
  const parsed = parseAmount(text.replace(/^-/, ''));
  if (!parsed.ok) return null;
  return text.startsWith('-') ? -parsed.value : parsed.value;
}
