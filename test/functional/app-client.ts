// A browser as far as the app's server sees one: follows a login link, keeps the cookie, calls methods, follows events. What the page
// itself does is tested elsewhere.

import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import { RpcFailure } from './rpc-client.ts';

/** An event as it was sent. */
export interface ToldEvent {
  readonly type: string;
  readonly cursor: string;
  readonly height?: number;
  readonly hash?: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read events by name.
  readonly [name: string]: any;
}

/** How long a test waits for an event. */
const PATIENCE_MS = 60_000;

/** Somebody who follows events, and keeps all of them. */
export class EventEar {
  readonly told: ToldEvent[] = [];
  closeCode: number | null = null;
  readonly #socket: WebSocket;
  readonly #waiting: Set<() => void> = new Set();

  private constructor(socket: WebSocket, word: string | null) {
    this.#socket = socket;
    socket.on('open', () => {
      if (word !== null) socket.send(word);
    });
    socket.on('message', (data) => {
      this.told.push(JSON.parse(String(data)) as ToldEvent);
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      this.closeCode = code;
      this.#wake();
    });
  }

  /** Follows at a URL; `word` is said first. */
  static open(url: string, headers: Readonly<Record<string, string>>, word: string | null): EventEar {
    return new EventEar(new WebSocket(url, { headers }), word);
  }

  /** The cursor of the last event; null before any. */
  get cursor(): string | null {
    return this.told.at(-1)?.cursor ?? null;
  }

  /** Resolves to the first event that fits, or rejects when the connection ends, or after a long time. */
  async hears(fits: (event: ToldEvent) => boolean, what: string): Promise<ToldEvent> {
    const endMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = this.told.find(fits);
      if (found !== undefined) return found;
      const isLate = performance.now() > endMs;
      if (isLate || this.closeCode !== null) {
        throw new Error(`waited in vain for ${what}: ${this.closeCode} ${JSON.stringify(this.told.slice(-5))}`);
      }
      await this.#change(1000);
    }
  }

  /** Resolves to the code with which the connection ended. */
  async ends(): Promise<number> {
    while (this.closeCode === null) await this.#change(1000);
    return this.closeCode;
  }

  close(): void {
    this.#socket.close();
  }

  #change(patienceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, patienceMs);
      this.#waiting.add(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

/** A browser that is signed in. */
export class AppClient {
  readonly origin: string;
  readonly cookie: string;
  readonly bearer: string;

  private constructor(origin: string, cookie: string, bearer: string) {
    this.origin = origin;
    this.cookie = cookie;
    this.bearer = bearer;
  }

  /** Follows a login link, as the page does it that the link leads to. */
  static async signIn(link: string): Promise<AppClient> {
    const { origin, searchParams } = new URL(link);
    const headers = { 'content-type': 'application/json', origin };
    const body = JSON.stringify({ token: searchParams.get('token') });
    const answer = await fetch(`${origin}/login`, { method: 'POST', headers, body });
    assert.equal(answer.status, 200);
    const cookie = answer.headers.get('set-cookie')!.split(';')[0]!;
    const { bearer } = (await answer.json()) as { bearer: string };
    return new AppClient(origin, cookie, bearer);
  }

  /** Comes again to a program that was started again. */
  async comeBack(): Promise<AppClient> {
    const headers = { cookie: this.cookie, authorization: `Bearer ${this.bearer}` };
    const answer = await fetch(`${this.origin}/session`, { headers });
    assert.equal(answer.status, 200);
    return this;
  }

  /** Calls a method. Rejects with an {@link RpcFailure} when the answer is an error. */
  async call<T = unknown>(method: string, ...params: readonly unknown[]): Promise<T> {
    const answer = await fetch(`${this.origin}/rpc`, {
      method: 'POST',
      headers: {
        cookie: this.cookie,
        authorization: `Bearer ${this.bearer}`,
        'content-type': 'application/json',
        origin: this.origin,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    assert.equal(answer.status, 200, 'an error of a method is no error of HTTP');
    const { result, error } = (await answer.json()) as { result?: T; error?: { code: number; message: string } };
    if (error !== undefined) throw new RpcFailure(error.code, error.message);
    return result as T;
  }

  /** Follows events from now on; changes are to headers and to what is said first. */
  follow({
    word = JSON.stringify({ bearer: this.bearer }),
    ...changes
  }: Readonly<Record<string, string>> = {}): EventEar {
    const url = `${this.origin.replace('http', 'ws')}/events`;
    return EventEar.open(url, { cookie: this.cookie, origin: this.origin, ...changes }, word);
  }

  /** Signs out. */
  async signOut(): Promise<void> {
    const headers = { cookie: this.cookie, authorization: `Bearer ${this.bearer}`, origin: this.origin };
    const { status } = await fetch(`${this.origin}/logout`, { method: 'POST', headers });
    assert.equal(status, 204);
  }
}
