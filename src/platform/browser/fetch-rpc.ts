// JSON-RPC over fetch, to the server that the page came from. The session cookie goes along by itself; the bearer text stands in
// a header, which no other site can make a browser send.

import {
  type CallOptions,
  type CallParameters,
  ConnectionError,
  formatCall,
  type RpcClient,
  readCallAnswer,
} from '../../api/client.ts';

const STATUS_UNAUTHORIZED = 401;
const STATUS_FORBIDDEN = 403;
const STATUS_TOO_MANY = 429;

/** Calls a node through the server of the page. */
export class FetchRpcClient implements RpcClient {
  readonly #bearer: string;
  readonly #onSignedOut: () => void;
  #lastId = 0;

  /** `onSignedOut` is told when the server does not know the session any more. */
  constructor(bearer: string, onSignedOut: () => void) {
    this.#bearer = bearer;
    this.#onSignedOut = onSignedOut;
  }

  async call<T>(method: string, parameters?: CallParameters, options: CallOptions = {}): Promise<T> {
    const path = options.wallet === undefined ? '/rpc' : `/rpc/wallet/${encodeURIComponent(options.wallet)}`;
    const response = await this.#post(path, formatCall(++this.#lastId, method, parameters));
    if (response.status === STATUS_UNAUTHORIZED || response.status === STATUS_FORBIDDEN) {
      this.#onSignedOut();
      throw new ConnectionError('signed-out', 'the session is over');
    }
    if (response.status === STATUS_TOO_MANY) throw new ConnectionError('too-many', 'too many requests');
    return readCallAnswer(method, await readText(response)) as T;
  }

  async #post(path: string, body: string): Promise<Response> {
    try {
      const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${this.#bearer}` };
      return await fetch(path, { method: 'POST', headers, body, credentials: 'same-origin', cache: 'no-store' });
    } catch (error) {
      throw new ConnectionError('unreachable', String(error));
    }
  }
}

async function readText(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw new ConnectionError('unreachable', String(error));
  }
}
