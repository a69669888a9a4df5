// Answers of the REST interface in the three formats.

import { toHex } from '../kernel/util/bytes.ts';
import type { JsonOutput } from './json/json-value.ts';
import { writeJson } from './json/json-writer.ts';
import { REST_FORMATS, type RestFormat, type RestReply, unknownFormat } from './rest-request.ts';

/** Bytes as they are. */
export function replyBytes(body: Uint8Array): RestReply {
  return { status: 200, contentType: 'application/octet-stream', body };
}

/** A line of text. */
export function replyText(text: string): RestReply {
  return { status: 200, contentType: 'text/plain', body: `${text}\n` };
}

/** A value as JSON, made while it is sent. */
export function replyJson(value: JsonOutput): RestReply {
  return { status: 200, contentType: 'application/json', body: withLineEnd(writeJson(value)) };
}

function* withLineEnd(pieces: Iterable<string>): Generator<string, void, void> {
  yield* pieces;
  yield '\n';
}

/** What is asked for as bytes, as the hexadecimal text of them, or as a value. */
export async function replyAs(
  format: RestFormat,
  bytes: () => Uint8Array,
  value: () => JsonOutput | Promise<JsonOutput>,
): Promise<RestReply> {
  switch (format) {
    case 'bin':
      return replyBytes(bytes());
    case 'hex':
      return replyText(toHex(bytes()));
    case 'json':
      return replyJson(await value());
    case null:
      throw unknownFormat(REST_FORMATS);
  }
}
