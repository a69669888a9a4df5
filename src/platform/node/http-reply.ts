// Answers of the HTTP server: their head as Core writes it, and their body, which may be made while it is sent.

import type { Socket } from 'node:net';
import { yieldToHost } from './host-turns.ts';
import { findHeader, type HttpHead } from './http-parser.ts';

/** A part of a body: text, or bytes that nobody changes any more. */
export type HttpPiece = string | Uint8Array;

/** An answer. The body is whole, or pieces that are made when the client is ready for them; null: none. */
export interface HttpReply {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: HttpPiece | Iterable<HttpPiece> | null;
}

/** A body up to this length is sent with its length in front, a longer one in chunks. */
const COUNTED_LENGTH_MAX: number = 1024 * 1024;

/** How long pieces are made before the host has its turn. */
const SLICE_MS = 8;

const STATUS_WORDS: ReadonlyMap<number, string> = new Map([
  [100, 'Continue'],
  [200, 'OK'],
  [204, 'No Content'],
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [413, 'Content too large'],
  [500, 'Internal Server Error'],
  [503, 'Service Unavailable'],
]);

/** The words of a status; any will do, these are Core's. */
export function describeStatus(status: number): string {
  return STATUS_WORDS.get(status) ?? '';
}

/** What follows from the version and the wish of the client. */
function wantsKeepAlive(head: HttpHead | null): boolean {
  if (head === null) return false;
  const wish = findHeader(head, 'Connection')?.toLowerCase();
  return head.minorVersion === 0 ? wish === 'keep-alive' : wish !== 'close';
}

function formatHead(head: HttpHead | null, reply: HttpReply, framing: readonly string[], keepsAlive: boolean): string {
  const minorVersion = head?.minorVersion ?? 1;
  const lines = [`HTTP/1.${minorVersion} ${reply.status} ${describeStatus(reply.status)}`];
  for (const [name, value] of reply.headers) lines.push(`${name}: ${value}`);
  if (minorVersion >= 1) lines.push(`Date: ${new Date().toUTCString()}`);
  lines.push(...framing);
  const hasType = reply.headers.some(([name]) => name.toLowerCase() === 'content-type');
  if (reply.status !== 204 && !hasType) lines.push('Content-Type: text/html; charset=ISO-8859-1');
  if (!keepsAlive) lines.push('Connection: close');
  else if (minorVersion === 0) lines.push('Connection: keep-alive');
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Writes parts as they are, with one call of the system where it can; texts are of a head, so of one byte a letter. */
function writeTogether(socket: Socket, parts: readonly HttpPiece[]): void {
  socket.cork();
  for (const part of parts) {
    if (typeof part === 'string') socket.write(part, 'latin1');
    else socket.write(part);
  }
  socket.uncork();
}

/** Resolves when the socket takes more, false when it is gone. */
function whenWritable(socket: Socket): Promise<boolean> {
  if (socket.destroyed) return Promise.resolve(false);
  if (!socket.writableNeedDrain) return Promise.resolve(true);
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve(!socket.destroyed);
    };
    socket.on('drain', done);
    socket.on('close', done);
  });
}

/** A piece as bytes for the socket: those of a text, or the same bytes. */
function encodePiece(piece: HttpPiece): Buffer {
  if (typeof piece === 'string') return Buffer.from(piece, 'utf8');
  return Buffer.from(piece.buffer, piece.byteOffset, piece.length);
}

/** The pieces until they are all there (null: the rest), or too long to be sent with a length in front. */
async function gather(
  pieces: Iterator<HttpPiece>,
): Promise<{ readonly parts: Buffer[]; readonly isComplete: boolean }> {
  const parts: Buffer[] = [];
  let length = 0;
  let sinceMs = performance.now();
  while (length <= COUNTED_LENGTH_MAX) {
    const next = pieces.next();
    if (next.done === true) return { parts, isComplete: true };
    const part = encodePiece(next.value);
    parts.push(part);
    length += part.length;
    if (performance.now() - sinceMs < SLICE_MS) continue;
    await yieldToHost();
    sinceMs = performance.now();
  }
  return { parts, isComplete: false };
}

/** Sends an answer; true when the connection can serve another request. `closes` ends it in any case. */
export async function writeReply(
  socket: Socket,
  head: HttpHead | null,
  reply: HttpReply,
  closes: boolean,
): Promise<boolean> {
  const keepsAlive = !closes && wantsKeepAlive(head);
  const { body } = reply;
  if (body === null || typeof body === 'string' || body instanceof Uint8Array) {
    const bytes = encodePiece(body ?? '');
    const framing = reply.status === 204 ? [] : [`Content-Length: ${bytes.length}`];
    writeTogether(socket, [formatHead(head, reply, framing, keepsAlive), bytes]);
    await whenWritable(socket);
    return keepsAlive;
  }
  return writePieces(socket, head, reply, body[Symbol.iterator](), keepsAlive);
}

async function writePieces(
  socket: Socket,
  head: HttpHead | null,
  reply: HttpReply,
  pieces: Iterator<HttpPiece>,
  keepsAlive: boolean,
): Promise<boolean> {
  const { parts, isComplete } = await gather(pieces);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (isComplete) {
    writeTogether(socket, [formatHead(head, reply, [`Content-Length: ${length}`], keepsAlive), ...parts]);
    await whenWritable(socket);
    return keepsAlive;
  }
  // HTTP/1.0 knows no chunks: there the end of the connection is the end of the body.
  const isChunked = (head?.minorVersion ?? 0) >= 1;
  const staysOpen = keepsAlive && isChunked;
  const text = formatHead(head, reply, isChunked ? ['Transfer-Encoding: chunked'] : [], staysOpen);
  const frame = (chunk: readonly Buffer[], length: number): readonly HttpPiece[] =>
    isChunked ? [`${length.toString(16)}\r\n`, ...chunk, '\r\n'] : chunk;
  writeTogether(socket, [text, ...frame(parts, length)]);
  for (let next = pieces.next(); next.done !== true; next = pieces.next()) {
    if (!(await whenWritable(socket))) return false;
    const bytes = encodePiece(next.value);
    if (bytes.length > 0) writeTogether(socket, frame([bytes], bytes.length));
    await yieldToHost();
  }
  if (isChunked) socket.write('0\r\n\r\n', 'latin1');
  await whenWritable(socket);
  return staysOpen;
}
