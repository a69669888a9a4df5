// What the app's server answers: the files of the page to anybody, a session to whoever has a token, calls and events to whoever has a
// session. Which machine, which name and which page is behind a request was looked at before anything else (web-guard.ts).

import type { JsonOutput } from '../api/json/json-value.ts';
import { writeJson } from '../api/json/json-writer.ts';
import type { HttpReply } from '../platform/node/http-reply.ts';
import type { WebFiles } from '../platform/node/web-files.ts';
import { NO_STORE, type WebHeader } from '../platform/node/web-headers.ts';
import type { WebHead, WebRequest } from '../platform/node/web-request.ts';
import type { UpgradeTaker } from '../platform/node/web-server.ts';
import { EVENTS_PATH, type EventDoor } from './event-door.ts';
import { decodePathPart, type RpcCalls } from './rpc-calls.ts';
import { SlowRefusals } from './slow-refusals.ts';
import { type GuardRules, hasOwnOrigin, refuseRequest } from './web-guard.ts';
import type { LoginTokens } from './web-login.ts';
import { isBearer, SESSION_SEC, type WebSession, type WebSessions } from './web-session.ts';
import { WorkQueue } from './work-queue.ts';

/** What a door is made of. */
export interface WebDoorParts {
  readonly rules: GuardRules;
  readonly files: WebFiles;
  readonly calls: RpcCalls;
  readonly events: EventDoor;
  readonly sessions: WebSessions;
  readonly tokens: LoginTokens;
  /** What those who are signed in are told of the ledger. */
  readonly facts: { readonly network: string; readonly version: string; readonly hrp: string };
  /** Name of the cookie: the port is in it, since browsers keep cookies by host alone. */
  readonly cookieName: () => string;
}

/** The user that the log and the methods see. */
const WEB_USER = '__web__';

/** Calls at one time, and those that wait: as on the port of the programs. */
const CALLS_MAX = 16;
const WAITING_CALLS_MAX = 64;

/** Longest body of somebody who is not signed in. */
const TOKEN_BODY_BYTES_MAX = 1024;

const RPC_PATH = '/rpc';
const WALLET_PREFIX = '/rpc/wallet/';

/** What would be a file if it were there: its absence is no page. */
const FILE_LIKE = /^\/assets\/|\.(?:css|html|ico|js|json|map|png|svg|txt|wasm|webmanifest|woff2)$/i;

/** Names of wallets may look like anything. */
const WALLET_PAGE = /^\/wallet\//;

/** Spellings that lead elsewhere for some readers: no path of the page has them (R08). */
const DEVIOUS = /\.\.|\/\/|\\|%2e|%2f|%5c|%00/i;

const NO_PAGE =
  'The page is not built yet. In the folder of the program, run:  npm run build:web\n' +
  '网页尚未生成。请在程序目录中运行：npm run build:web\n';

/** An answer that says one thing, as JSON; nobody keeps it. */
function say(status: number, body: JsonOutput, ...headers: readonly WebHeader[]): HttpReply {
  return { status, headers: [NO_STORE, ['Content-Type', 'application/json'], ...headers], body: writeJson(body) };
}

function fail(status: number, error: string): HttpReply {
  return say(status, { error });
}

/** The door. */
export class WebDoor {
  readonly #parts: WebDoorParts;
  readonly #queue: WorkQueue = new WorkQueue(CALLS_MAX, WAITING_CALLS_MAX);
  readonly #refusals: SlowRefusals = new SlowRefusals();

  constructor(parts: WebDoorParts) {
    this.#parts = parts;
  }

  /** Answers a request. */
  answer(request: WebRequest): HttpReply | Promise<HttpReply> {
    const refusal = refuseRequest(request, this.#parts.rules);
    if (refusal !== null) return fail(403, refusal);
    const { method, path } = request;
    if (method === 'POST') return this.#answerPost(request);
    if (method !== 'GET' && method !== 'HEAD') return fail(405, 'The app knows GET and POST.');
    if (path === '/session') return this.#tellSession(request);
    if (path === EVENTS_PATH) return fail(400, 'Events are told over a WebSocket.');
    return path === RPC_PATH || path.startsWith(WALLET_PREFIX)
      ? fail(405, 'Calls are made by POST.')
      : this.#answerFile(request);
  }

  /** Takes a connection over that wants to follow events, or says why not. */
  upgrade(head: WebHead): HttpReply | UpgradeTaker {
    const { rules, events } = this.#parts;
    const refusal = refuseRequest(head, rules);
    if (refusal !== null || !hasOwnOrigin(head)) return fail(403, refusal ?? '');
    if (head.path !== EVENTS_PATH) return fail(404, '');
    if (!isHandshake(head)) return fail(400, '');
    const session = this.#findSession(head);
    if (session === null) return fail(401, '');
    if (!events.isOpen) return fail(503, '');
    const visitor = {
      after: head.query.get('after'),
      group: session.id,
      admits: (word: string) => isBearer(session, readField(word, 'bearer') ?? ''),
    };
    return (message, socket, rest) => events.accept(message, socket, rest, visitor);
  }

  // --- the page -------------------------------------------------------------------------------------------------------

  #answerFile(request: WebRequest): HttpReply {
    const { files } = this.#parts;
    const { path } = request;
    if (path !== '/' && !WALLET_PAGE.test(path)) {
      if (DEVIOUS.test(path)) return fail(404, 'There is nothing here.');
      const file = files.answerFile(request);
      if (file !== null) return file;
      if (FILE_LIKE.test(path)) return fail(404, 'There is nothing here.');
    }
    const page = files.answerPage(request);
    return page ?? { status: 503, headers: [NO_STORE, ['Content-Type', 'text/plain; charset=utf-8']], body: NO_PAGE };
  }

  // --- sessions -------------------------------------------------------------------------------------------------------

  /** A link leads to the page, which hands the token of its address over like one that was typed. */
  async #login(request: WebRequest): Promise<HttpReply> {
    const body = await request.readBody(TOKEN_BODY_BYTES_MAX);
    if (body === null) return fail(413, 'A token is short.');
    const token = readField(Buffer.from(body).toString('utf8'), 'token');
    if (token === null) return fail(400, 'A token is wanted: {"token": "…"}.');
    const { tokens, sessions, facts } = this.#parts;
    if (tokens.redeem(token)) {
      const { cookie, bearer } = sessions.create();
      return say(200, { bearer, ...facts }, this.#formatCookie(cookie, SESSION_SEC));
    }
    return (await this.#refusals.wait())
      ? fail(401, 'The token is wrong, used, or too old.')
      : fail(429, 'Too many wrong tokens.');
  }

  #formatCookie(secret: string, seconds: number): WebHeader {
    const attributes = `Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict`;
    return ['Set-Cookie', `${this.#parts.cookieName()}=${secret}; ${attributes}`];
  }

  /** The cookie of a session. Another server of this machine may have added others of the same name. */
  #findCookie(head: WebHead): string | null {
    const prefix = `${this.#parts.cookieName()}=`;
    const cookies = (head.header('cookie') ?? '').split('; ').filter((text) => text.startsWith(prefix));
    const secrets = cookies.map((text) => text.slice(prefix.length));
    return secrets.find((secret) => this.#parts.sessions.find(secret) !== null) ?? null;
  }

  /** The session of which a request has the cookie, and maybe nothing more. */
  #findSession(head: WebHead): WebSession | null {
    const cookie = this.#findCookie(head);
    return cookie === null ? null : this.#parts.sessions.find(cookie);
  }

  /** The session of which a request has the cookie and the bearer. */
  #proveSession(head: WebHead): WebSession | null {
    const session = this.#findSession(head);
    const bearer = /^Bearer ([0-9a-f]{64})$/.exec(head.header('authorization') ?? '')?.[1];
    if (session === null || bearer === undefined || !isBearer(session, bearer)) return null;
    this.#parts.sessions.note(session);
    return session;
  }

  /** What the page asks when it is opened; its cookie lives on from there. */
  #tellSession(head: WebHead): HttpReply {
    if (!hasOwnOrigin(head)) return fail(403, 'Pages of other sites may not ask here.');
    const session = this.#proveSession(head);
    if (session === null) return fail(401, 'Nobody is signed in.');
    return say(200, { ...this.#parts.facts }, this.#formatCookie(this.#findCookie(head) ?? '', SESSION_SEC));
  }

  // --- what needs one -------------------------------------------------------------------------------------------------

  #answerPost(request: WebRequest): HttpReply | Promise<HttpReply> {
    const { path } = request;
    if (!hasOwnOrigin(request)) return fail(403, 'Pages of other sites may not ask here.');
    const isCall = path === RPC_PATH || path.startsWith(WALLET_PREFIX);
    if (!isCall && path !== '/login' && path !== '/logout') return fail(404, 'There is nothing here.');
    if (path !== '/logout' && !isJson(request)) return fail(415, 'Content-Type: application/json is wanted.');
    if (path === '/login') return this.#login(request);
    const session = this.#proveSession(request);
    if (session === null) return fail(401, 'Nobody is signed in.');
    return isCall ? this.#call(request) : this.#logout(session);
  }

  #logout(session: WebSession): HttpReply {
    this.#parts.sessions.end(session);
    return { status: 204, headers: [NO_STORE, this.#formatCookie('', 0)], body: null };
  }

  async #call(request: WebRequest): Promise<HttpReply> {
    const body = await request.readBody();
    if (body === null) return fail(413, 'The request is too long.');
    const { path } = request;
    const walletName = path.startsWith(WALLET_PREFIX) ? decodePathPart(path.slice(WALLET_PREFIX.length)) : null;
    const caller = { user: WEB_USER, allowed: null, walletName, isAtPage: true };
    const reply = await this.#queue.run(() => this.#parts.calls.answer(body, caller));
    if (reply === null) return fail(503, 'Too many calls at one time.');
    return { ...reply, headers: [NO_STORE, ...reply.headers] };
  }
}

/** Whether the library will take the handshake: what it refuses it answers by itself, without our headers (RFC 6455, 4.2.1). */
function isHandshake(head: WebHead): boolean {
  const isWebSocket =
    head.header('upgrade')?.toLowerCase() === 'websocket' && head.header('sec-websocket-version') === '13';
  return head.method === 'GET' && isWebSocket && /^[+/0-9A-Za-z]{22}==$/.test(head.header('sec-websocket-key') ?? '');
}

/** What a form of another site cannot send without being asked first (R05). */
function isJson(head: WebHead): boolean {
  return /^application\/json(?: *;|$)/i.test(head.header('content-type') ?? '');
}

/** A text in a JSON object; null when there is none. */
function readField(text: string, name: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    const found =
      typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : null;
    return typeof found === 'string' ? found : null;
  } catch {
    return null;
  }
}
