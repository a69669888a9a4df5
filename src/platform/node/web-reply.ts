// Sends answers of the web server: with the headers that every answer has, no faster than they are read, and not for ever to somebody
// who does not read them (R09).

import type { ServerResponse } from 'node:http';
import { yieldToHost } from './host-turns.ts';
import type { HttpReply } from './http-reply.ts';
import { SECURITY_HEADERS } from './web-headers.ts';

/** How long a client may leave the next piece of an answer unread (Core DEFAULT_HTTP_SERVER_TIMEOUT). */
const STALL_MS = 30_000;

/** Resolves to true when the client has taken what was sent, to false when it has not done so in time or is gone. */
function whenTaken(response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (isTaken: boolean): void => {
      clearTimeout(timer);
      response.off('drain', onDrain);
      response.off('close', onClose);
      resolve(isTaken);
    };
    const onDrain = (): void => finish(true);
    const onClose = (): void => finish(false);
    const timer = setTimeout(() => finish(false), STALL_MS);
    timer.unref();
    response.on('drain', onDrain);
    response.on('close', onClose);
  });
}

/** Sends an answer to its end, or destroys the connection. `hasBody` is false for HEAD. */
export async function sendWebReply(response: ServerResponse, reply: HttpReply, hasBody: boolean): Promise<void> {
  const { status, headers, body } = reply;
  if (response.destroyed) return;
  for (const [name, value] of [...SECURITY_HEADERS, ...headers]) response.appendHeader(name, value);
  response.statusCode = status;
  if (body === null || typeof body === 'string' || body instanceof Uint8Array) {
    const bytes = typeof body === 'string' ? Buffer.from(body) : (body ?? new Uint8Array());
    if (status !== 204 && status !== 304) response.setHeader('Content-Length', bytes.length);
    response.end(hasBody ? bytes : undefined);
    if (!response.writableFinished) await whenFinished(response);
    return;
  }
  if (hasBody) {
    for (const piece of body) {
      if (piece.length === 0) continue;
      if (!response.write(piece) && !(await whenTaken(response))) {
        response.destroy();
        return;
      }
      await yieldToHost();
    }
  }
  response.end();
}

/** Waits for the end of an answer that is all in the queue; whoever does not read it is cut off. */
function whenFinished(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => response.destroy(), STALL_MS);
    timer.unref();
    const finish = (): void => {
      clearTimeout(timer);
      resolve();
    };
    response.once('finish', finish);
    response.once('close', finish);
  });
}

/** An answer to what could not be read as a request, as bytes for the socket: the connection ends with it. */
export function formatRawReply(status: number, words: string): string {
  const headers = SECURITY_HEADERS.map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${words}`, ...headers, 'Content-Length: 0', 'Connection: close', '', ''].join('\r\n');
}
