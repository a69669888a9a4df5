// Whether a request may be heard at all, judged by its head: from which machine it comes, under which name it believes to have found us,
// and which page is behind it. Names keep a page of another site from reaching us through its own name (DNS rebinding), origins keep
// it from using the session of a person who is signed in (R05). Pure.

import { matchesSubnet, type Subnet } from '../node/p2p/subnet.ts';
import { parseHost } from '../node/wire/net-address.ts';
import type { WebHead } from '../platform/node/web-request.ts';

/** A Host header: a name or an address, and a port. */
const HOST = /^(\[[0-9a-f:.]+\]|[^:/\s[\]@]+)(?::\d{1,5})?$/i;

/** Numbers of this machine. */
const LOOPBACK = /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;

/** What the guard goes by. */
export interface GuardRules {
  readonly allowed: readonly Subnet[];
  readonly hostNames: ReadonlySet<string>;
}

/** Why a request is not heard, in a sentence; null: it is. */
export function refuseRequest(head: WebHead, rules: GuardRules): string | null {
  if (!isFromAllowedMachine(head, rules.allowed)) return 'This machine may not use the app: see -weballowip.';
  if (!hasKnownHost(head, rules.hostNames)) return 'The app does not go by this name: see -webhost.';
  return isOfForeignPage(head) ? 'Pages of other sites may not ask here.' : null;
}

/** Whether a request that changes something, or tells a secret, comes from our own page, or from no page. */
export function hasOwnOrigin(head: WebHead): boolean {
  const origin = head.header('origin');
  if (origin === null) return true;
  const host = head.header('host');
  return host !== null && (origin === `http://${host}` || origin === `https://${host}`);
}

function isFromAllowedMachine({ remote }: WebHead, allowed: readonly Subnet[]): boolean {
  const address = parseHost(remote.host, remote.port);
  return address !== null && allowed.some((subnet) => matchesSubnet(subnet, address));
}

function hasKnownHost(head: WebHead, names: ReadonlySet<string>): boolean {
  const name = HOST.exec(head.header('host') ?? '')?.[1]?.toLowerCase();
  if (name === undefined) return false;
  if (name === 'localhost' || name === '[::1]' || LOOPBACK.test(name) || names.has(name)) return true;
  // An address as such cannot be rebound, and this is the one that was reached.
  return name.replace(/^\[|\]$/g, '') === head.local.host.toLowerCase();
}

/** Behind the request is a page that is not ours. Following a link from there is all that it may bring about. */
function isOfForeignPage(head: WebHead): boolean {
  const site = head.header('sec-fetch-site');
  if (site !== 'cross-site' && site !== 'same-site') return false;
  return head.method !== 'GET' || head.header('sec-fetch-mode') !== 'navigate';
}
