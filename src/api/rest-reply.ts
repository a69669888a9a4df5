// Answers of the REST interface in the three formats.

import { JsonBytes } from './json/json-bytes.ts';
import type { JsonOutput } from './json/json-value.ts';
import { type JsonPiece, writeJsonPieces } from './json/json-writer.ts';
import { REST_FORMATS, type RestFormat, type RestReply, unknownFormat } from './rest-request.ts';

/** Bytes as they are. */
export function replyBytes(body: Uint8Array): RestReply {
  return { status: 200, contentType: 'application/octet-stream', body };
}

/** A line of text. */
export function replyText(text: string): RestReply {
  return { status: 200, contentType: 'text/plain', body: `${text}\n` };
}

/** Bytes as a line of hexadecimal text, made while it is sent. */
function replyHex(bytes: Uint8Array): RestReply {
  return { status: 200, contentType: 'text/plain', body: hexLine(bytes) };
}

function* hexLine(bytes: Uint8Array): Generator<Uint8Array, void, void> {
  const out = new JsonBytes();
  yield* out.longHex(bytes, 0, bytes.length);
  out.text('\n');
  yield out.take();
}

/** A value as JSON, made while it is sent. */
export function replyJson(value: JsonOutput): RestReply {
  return { status: 200, contentType: 'application/json', body: withLineEnd(writeJsonPieces(value)) };
}

function* withLineEnd(pieces: Iterable<JsonPiece>): Generator<JsonPiece, void, void> {
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
      return replyHex(bytes());
    case 'json':
      return replyJson(await value());
    case null:
      throw unknownFormat(REST_FORMATS);
  }
}
