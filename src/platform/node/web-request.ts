// A request as the handlers of the web server see it: taken apart, with nothing decoded that could then mean two things, and its body
// read only when somebody who may send one is known.

import type { IncomingMessage } from 'node:http';
import type { Endpoint } from '../../node/ports.ts';

/** What came, before its body. */
export interface WebHead {
  readonly method: string;
  /** Up to the question mark, as it was sent. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly remote: Endpoint;
  /** Where it came in. */
  readonly local: Endpoint;
  /** The value of a header, by its name in small letters; null without one. */
  header(name: string): string | null;
}

/** A request. */
export interface WebRequest extends WebHead {
  /** The body; null when it is longer than `bytesMax`, or than the server takes. */
  readBody(bytesMax?: number): Promise<Uint8Array | null>;
}

/** Why a body was not read to its end. */
export class WebBodyError extends Error {
  override readonly name = 'WebBodyError';
}

/** Addresses of sockets that listen for both families. */
const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

function endpoint(host: string | undefined, port: number | undefined): Endpoint {
  const text = host ?? '';
  return { host: MAPPED_IPV4.exec(text)?.[1] ?? text, port: port ?? 0 };
}

/** What a message of Node says; null when its target is no path of a server. */
export function readWebHead(message: IncomingMessage): WebHead | null {
  const { method, url, headers, socket } = message;
  if (method === undefined || url === undefined || !/^\/[\x21-\x7e]*$/.test(url)) return null;
  const mark = url.indexOf('?');
  return {
    method,
    path: mark < 0 ? url : url.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)),
    remote: endpoint(socket.remoteAddress, socket.remotePort),
    local: endpoint(socket.localAddress, socket.localPort),
    header: (name) => {
      const value = headers[name];
      return typeof value === 'string' ? value : null;
    },
  };
}

/** Reads a body of at most `bytesMax`; null when it is longer. Rejects with a {@link WebBodyError} when it breaks off. */
export function readWebBody(message: IncomingMessage, bytesMax: number): Promise<Uint8Array | null> {
  const announced = Number(message.headers['content-length'] ?? 0);
  if (announced > bytesMax) return Promise.resolve(null);
  return new Promise((resolve, reject) => {
    const parts: Uint8Array[] = [];
    let length = 0;
    const onData = (part: Uint8Array): void => {
      length += part.length;
      if (length <= bytesMax) {
        parts.push(part);
        return;
      }
      message.off('data', onData);
      message.pause();
      resolve(null);
    };
    message.on('data', onData);
    message.on('end', () => resolve(Buffer.concat(parts)));
    message.on('error', (cause) => reject(new WebBodyError('the body broke off', { cause })));
    message.on('close', () => reject(new WebBodyError('the body broke off')));
  });
}
