// A request to the REST interface, taken apart (Core rest.cpp ParseDataFormat, httpserver.cpp GetQueryParameterFromUri): a path below
// /rest/, whose end says the format, and a query. And its answers, whose errors are a line of text.

import { EMPTY_BYTES, parseHex } from '../kernel/util/bytes.ts';

/** Formats of answers; null: none was named, or none that we know. */
export type RestFormat = 'bin' | 'hex' | 'json' | null;

/** All of them, for the error about any other. */
export const REST_FORMATS: readonly ('bin' | 'hex' | 'json')[] = Object.freeze(['bin', 'hex', 'json']);

/** What a client asks for. */
export interface RestRequest {
  /** Path and query as they were sent. */
  readonly target: string;
  readonly body: Uint8Array;
}

/** What it gets. */
export interface RestReply {
  readonly status: 200 | 400 | 404 | 500 | 503;
  readonly contentType: 'text/plain' | 'application/json' | 'application/octet-stream';
  readonly body: string | Uint8Array | Iterable<string | Uint8Array>;
}

/** Refuses a request. */
export class RestError extends Error {
  override readonly name = 'RestError';
  readonly status: 400 | 404 | 500 | 503;

  constructor(status: 400 | 404 | 500 | 503, message: string) {
    super(message);
    this.status = status;
  }
}

/** The path behind a prefix. */
export class RestPath {
  /** Without format and query. */
  readonly text: string;
  readonly format: RestFormat;
  readonly #target: string;

  /** `rest` is what follows the prefix in `target`. */
  constructor(target: string, rest: string) {
    this.#target = target;
    const query = rest.lastIndexOf('?');
    const path = query < 0 ? rest : rest.slice(0, query);
    const dot = path.lastIndexOf('.');
    const suffix = dot < 0 ? '' : path.slice(dot + 1);
    this.format = REST_FORMATS.find((format) => format === suffix) ?? null;
    this.text = this.format === null && suffix !== '' ? path : path.slice(0, dot < 0 ? path.length : dot);
  }

  /** The parts between slashes. */
  get parts(): readonly string[] {
    return this.text.split('/');
  }

  /** A parameter of the query, decoded; null: it is not there. */
  parameter(name: string): string | null {
    const start = this.#target.indexOf('?');
    if (start < 0) return null;
    const end = this.#target.indexOf('#', start);
    const query = this.#target.slice(start + 1, end < 0 ? this.#target.length : end);
    for (const one of query.split('&')) {
      const delimiter = one.indexOf('=');
      const key = delimiter < 0 ? one : one.slice(0, delimiter);
      if (decodeUrl(key) === name) return delimiter < 0 ? '' : decodeUrl(one.slice(delimiter + 1));
    }
    return null;
  }
}

/** Bytes that are written as %41 become characters of their value; what is no such thing stays. */
function decodeUrl(text: string): string {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, digits: string) => String.fromCharCode(Number(`0x${digits}`)));
}

/** A whole number without sign, up to 2^53; null when the text is none (Core ToIntegral). */
export function parseCount(text: string): number | null {
  const value = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : null;
}

/** Bytes of a text with white space between them; nothing when something else is in it (Core ParseHex). */
export function parseLooseHex(text: string): Uint8Array {
  const parsed = parseHex(text.replace(/[ \f\n\r\t\v]/g, ''));
  return parsed.ok ? parsed.value : EMPTY_BYTES;
}

/** The error for a format that there is not. */
export function unknownFormat(formats: readonly string[] = REST_FORMATS): RestError {
  return new RestError(404, `output format not found (available: ${formats.map(formatName).join(', ')})`);
}

/** Core writes the formats of most paths with a dot, and the one of those that have one without. */
function formatName(format: string, _: number, all: readonly string[]): string {
  return all.length === 1 ? format : `.${format}`;
}
