// What a program that talks to a node over RPC holds: one interface, whatever carries the calls, and the two ways in which a call
// can fail. The page uses it over fetch (platform/browser); it knows nothing of sockets, sessions and passwords.

/** Parameters by position, or by name. */
export type CallParameters = readonly unknown[] | Readonly<Record<string, unknown>>;

/** Where a call goes. */
export interface CallOptions {
  /** The wallet that the call is about; needed by methods of wallets only. */
  readonly wallet?: string;
}

/** Calls methods of a node. */
export interface RpcClient {
  /**
   * The result of `method`. Rejects with an RpcCallError where the node refuses, with a ConnectionError where it cannot be asked.
   * The caller vouches for `T`: what a method answers is described in its schema.
   */
  call<T>(method: string, parameters?: CallParameters, options?: CallOptions): Promise<T>;
}

/** The node understood the call and refused it. */
export class RpcCallError extends Error {
  override readonly name = 'RpcCallError';
  readonly method: string;
  /** One of RPC_CODE. */
  readonly code: number;
  /** What JSON-RPC 2.0 lets an error carry beside code and message; null: nothing. */
  readonly data: unknown;

  constructor(method: string, code: number, message: string, data: unknown = null) {
    super(message);
    this.method = method;
    this.code = code;
    this.data = data;
  }
}

/** Why the node could not be asked. */
export type ConnectionFault =
  /** Nobody answers. */
  | 'unreachable'
  /** The session is over, or there never was one. */
  | 'signed-out'
  /** Too many requests in a short time. */
  | 'too-many'
  /** An answer that is none of JSON-RPC. */
  | 'bad-answer';

/** The call did not reach the node, or its answer did not come back. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly fault: ConnectionFault;

  constructor(fault: ConnectionFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

/** The text of a request (JSON-RPC 2.0). */
export function formatCall(id: number, method: string, parameters: CallParameters = []): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params: parameters });
}

/** The result within the text of an answer; throws what the interface promises. */
export function readCallAnswer(method: string, text: string): unknown {
  const answer = parseObject(text);
  const error = answer?.['error'];
  if (isRecord(error)) {
    const { code, message, data } = error;
    throw new RpcCallError(method, typeof code === 'number' ? code : -1, String(message ?? ''), data ?? null);
  }
  if (answer === null || !('result' in answer))
    throw new ConnectionError('bad-answer', `${method}: no answer of JSON-RPC`);
  return answer['result'];
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
