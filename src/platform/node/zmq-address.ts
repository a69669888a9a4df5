// Where a ZeroMQ publisher listens, as texts name it (zmq_tcp, zmq_ipc): tcp:// with a numeric address, or * for all of this machine,
// and a port; ipc:// with the path of a socket, which Core also writes as unix:.

import { isIP } from 'node:net';

/** A place of TCP, or the path of a socket. */
export type ZmqPlace =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'ipc'; readonly path: string };

/** Core's prefix of paths (ADDR_PREFIX_UNIX), and that of ZeroMQ. */
const UNIX_PREFIX = 'unix:';
const IPC_PREFIX = 'ipc://';
const TCP_PREFIX = 'tcp://';

/** The address as ZeroMQ writes it. */
export function normalizeZmqAddress(text: string): string {
  return text.startsWith(UNIX_PREFIX) ? `${IPC_PREFIX}${text.slice(UNIX_PREFIX.length)}` : text;
}

/** Reads an address; null when nobody can listen there. */
export function parseZmqAddress(text: string): ZmqPlace | null {
  const address = normalizeZmqAddress(text);
  if (address.startsWith(IPC_PREFIX)) {
    const path = address.slice(IPC_PREFIX.length);
    // Names that begin with @ are of a space of their own, which exists on Linux alone.
    return path === '' || path.startsWith('@') || path.includes('\0') ? null : { kind: 'ipc', path };
  }
  const [, host, port] = /^tcp:\/\/(.+):(\d{1,5}|\*)$/.exec(address) ?? [];
  if (!address.startsWith(TCP_PREFIX) || host === undefined || port === undefined) return null;
  const number = port === '*' ? 0 : Number(port);
  if (number > 0xffff) return null;
  if (host === '*') return { kind: 'tcp', host: '0.0.0.0', port: number };
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  return isIP(bare) === 0 || (bare !== host && isIP(bare) === 4) ? null : { kind: 'tcp', host: bare, port: number };
}
