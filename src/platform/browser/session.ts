// The session of the page: asking whether there is one, beginning it with the token that the program printed, ending it. It has two
// secrets: a cookie that no script can read, and the bearer, which the server says once and which is kept in the storage of this
// origin. Cookies are shown to every server of the machine, storage is not.

import { ConnectionError } from '../../api/client.ts';

/** What the server says about a session that is on. */
export interface Session {
  /** Goes into the Authorization header of every call. */
  readonly bearer: string;
  /** Name of the network, as in getblockchaininfo. */
  readonly network: string;
  readonly version: string;
  /** What the addresses of the network begin with (BIP173). */
  readonly hrp: string;
}

const STATUS_UNAUTHORIZED = 401;

/** Where the bearer is kept between visits. */
const BEARER_KEY = 'tally.bearer';

/** Path of the links that let a browser in. */
const LOGIN_PATH = '/login';

/** What becomes of a visit: a session, none, or a link that is worth nothing any more. */
export type Visit = Session | 'none' | 'refused';

/** Begins a session when the page was opened by a login link, goes on with the one of before otherwise. */
export async function beginVisit(): Promise<Visit> {
  const token = takeToken();
  const begun = token === null ? null : await login(token);
  const session = begun ?? (await fetchSession());
  return session ?? (token === null ? 'none' : 'refused');
}

/** The session that is on; null: there is none. Rejects with a ConnectionError where the server cannot be asked. */
export async function fetchSession(): Promise<Session | null> {
  const bearer = readBearer();
  if (bearer === null) return null;
  const response = await request('/session', { method: 'GET', headers: { Authorization: `Bearer ${bearer}` } });
  if (response.status !== STATUS_UNAUTHORIZED) return readSession(response, { bearer });
  keepBearer(null);
  return null;
}

/** Begins a session; null: the token is wrong, used or too old. */
export async function login(token: string): Promise<Session | null> {
  const headers = { 'Content-Type': 'application/json' };
  const response = await request('/login', { method: 'POST', headers, body: JSON.stringify({ token }) });
  if (!response.ok) return null;
  const session = await readSession(response, {});
  keepBearer(session.bearer);
  return session;
}

/** Ends the session. */
export async function logout(bearer: string): Promise<void> {
  keepBearer(null);
  await request('/logout', { method: 'POST', headers: { Authorization: `Bearer ${bearer}` } });
}

/** The token of a login link, which then stands in the address no longer. */
function takeToken(): string | null {
  if (location.pathname !== LOGIN_PATH) return null;
  const token = new URLSearchParams(location.search).get('token');
  history.replaceState(null, '', '/');
  return token;
}

/** Where storage is switched off, the session lasts as long as the page. */
let bearerOfPage: string | null = null;

function readBearer(): string | null {
  try {
    return localStorage.getItem(BEARER_KEY) ?? bearerOfPage;
  } catch {
    return bearerOfPage;
  }
}

function keepBearer(bearer: string | null): void {
  bearerOfPage = bearer;
  try {
    if (bearer === null) localStorage.removeItem(BEARER_KEY);
    else localStorage.setItem(BEARER_KEY, bearer);
  } catch {
    // It is kept for this page.
  }
}

async function readSession(response: Response, known: Partial<Session>): Promise<Session> {
  const answer: unknown = response.ok ? await response.json().catch(() => null) : null;
  const session = { ...(answer as Partial<Session> | null), ...known };
  if (!isSession(session)) throw new ConnectionError('bad-answer', `the session was answered with ${response.status}`);
  return session;
}

async function request(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { ...init, credentials: 'same-origin', cache: 'no-store' });
  } catch (error) {
    throw new ConnectionError('unreachable', String(error));
  }
}

function isSession(value: unknown): value is Session {
  if (typeof value !== 'object' || value === null) return false;
  const { bearer, network, version, hrp } = value as Partial<Record<keyof Session, unknown>>;
  return [bearer, network, version, hrp].every((field) => typeof field === 'string');
}
