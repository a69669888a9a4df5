// Calls a node over JSON-RPC as a script of a person would: a port, the cookie file in the data folder, one request per call.

import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { isPortFree } from '../../src/cli/free-ports.ts';

/** An answer with an error in it. */
export class RpcFailure extends Error {
  override readonly name = 'RpcFailure';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Code of an answer of a server that is not ready yet (Core RPC_IN_WARMUP). */
const IN_WARMUP = -28;

/** What a refused password is called. */
const WRONG_PASSWORD = 'WRONG_PASSWORD';

/** How long a server may take to be ready. */
const WARMUP_MS_MAX = 60_000;
const WARMUP_LOOK_MS = 50;

/** Ports below those that systems give to whoever asks for any (Linux: from 32,768): nobody is given one between looking and listening. */
const FIRST_PORT = 10_000;

/** Programs of tests that run at the same time have process ids near each other, so ports of their own. */
const PORTS_PER_PROCESS = 100;
const PROCESSES = 200;

let takenCount = 0;

/** A port of this machine that nobody listens at, and that is given to nobody else for a while. */
export async function findFreePort(): Promise<number> {
  const first = FIRST_PORT + (process.pid % PROCESSES) * PORTS_PER_PROCESS;
  for (let i = 0; i < PORTS_PER_PROCESS; i++) {
    const port = first + (takenCount++ % PORTS_PER_PROCESS);
    if (await isPortFree(port)) return port;
  }
  throw new Error(`all ports from ${first} on are taken`);
}

/** Somebody who may give commands to a node, or to one of its wallets. */
export class RpcClient {
  readonly #port: number;
  readonly #cookiePath: string;
  readonly #path: string;

  constructor(port: number, cookiePath: string, path = '/') {
    this.#port = port;
    this.#cookiePath = cookiePath;
    this.#path = path;
  }

  /** The same for a wallet of the node. */
  wallet(name: string): RpcClient {
    return new RpcClient(this.#port, this.#cookiePath, `/wallet/${encodeURIComponent(name)}`);
  }

  /** Resolves once the node answers. */
  async ready(): Promise<void> {
    const endMs = performance.now() + WARMUP_MS_MAX;
    for (;;) {
      try {
        await this.call('getblockcount');
        return;
      } catch (error) {
        if (performance.now() > endMs || !isEarly(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, WARMUP_LOOK_MS));
      }
    }
  }

  /** Calls a method. Rejects with an {@link RpcFailure} when the answer is an error. */
  call<T = unknown>(method: string, ...params: readonly unknown[]): Promise<T> {
    return this.#call(method, params);
  }

  /** The same with parameters that have names. */
  callNamed<T = unknown>(method: string, params: Readonly<Record<string, unknown>>): Promise<T> {
    return this.#call(method, params);
  }

  async #call<T>(method: string, params: unknown): Promise<T> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const answer = JSON.parse(await this.#post(body)) as {
      result?: T;
      error?: { code: number; message: string } | null;
    };
    if (answer.error !== undefined && answer.error !== null) {
      throw new RpcFailure(answer.error.code, answer.error.message);
    }
    return answer.result as T;
  }

  #post(body: string): Promise<string> {
    const options = {
      host: '127.0.0.1',
      port: this.#port,
      path: this.#path,
      method: 'POST',
      auth: readFileSync(this.#cookiePath, 'utf8').trim(),
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      agent: false,
    };
    return new Promise((resolve, reject) => {
      const call = request(options, (response) => {
        if (response.statusCode === 401) {
          response.resume();
          reject(Object.assign(new Error('the password is not the right one'), { code: WRONG_PASSWORD }));
          return;
        }
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () => resolve(Buffer.concat(pieces).toString('utf8')));
      });
      call.on('error', reject);
      call.end(body);
    });
  }
}

/** The server does not listen yet, says that it is not ready, or the cookie read was that of a node that was killed. */
function isEarly(error: unknown): boolean {
  if (error instanceof RpcFailure) return error.code === IN_WARMUP;
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ECONNREFUSED' || code === WRONG_PASSWORD;
}
