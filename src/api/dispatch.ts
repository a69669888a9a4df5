// From the text of a request to the value of an answer: JSON-RPC 1.0, 1.1 and 2.0, batches and notifications, and the HTTP status
// that goes with them (Core JSONRPCRequest::parse, ExecuteHTTPRPC, JSONRPCExec, CRPCTable::execute). It knows nothing of sockets
// and passwords: who calls, and what they may call, is said by the caller.

import { Arguments } from './arguments.ts';
import type { ActiveCall, RpcContext } from './context.ts';
import { RPC_CODE, RpcError } from './errors.ts';
import { formatMethodHelp } from './help.ts';
import { JsonParser } from './json/json-parser.ts';
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonOutput,
  type JsonValue,
  type RepeatingObject,
} from './json/json-value.ts';
import { orderNamedArguments } from './named-arguments.ts';
import { checkNamedPaths } from './named-paths.ts';
import { checkParameterKinds, isParameterCountValid } from './parameter-check.ts';
import { repeatsForeignKeys } from './repeated-keys.ts';
import { describeResultMismatch } from './result-check.ts';
import type { MethodSpec, MethodTable } from './schema.ts';
import { describeWalletFailure } from './wallet-failure.ts';

/** Who calls. */
export interface RpcCaller {
  readonly user: string;
  /** Names of the methods that the user may call; null: all. */
  readonly allowed: ReadonlySet<string> | null;
  /** The wallet that the calls are meant for; absent: none was named. */
  readonly walletName?: string | null;
  /** They sit at a page, and may not name every path of this machine (named-paths.ts). */
  readonly isAtPage?: boolean;
}

/** What of a caller matters to a call that is allowed. */
type CallOrigin = Pick<RpcCaller, 'walletName' | 'isAtPage'>;

/** An answer; without a body where `body` is undefined. */
export interface RpcReply {
  readonly status: 200 | 204 | 400 | 403 | 404 | 500;
  readonly body?: JsonOutput;
}

/** What the dispatcher tells, and asks, of the program around it. */
export interface DispatchHooks {
  /** A line for the log about a call. */
  readonly onCall: (method: string, user: string) => void;
  readonly onForbidden: (method: string | null, user: string) => void;
  /** An error that is no answer to the caller's mistakes: something is broken. */
  readonly onFailure: (method: string, error: unknown) => void;
  readonly yieldToHost: () => Promise<void>;
  readonly hostMs: () => number;
  /** Whether results are held against their descriptions (option -rpcdoccheck). */
  readonly checksResults: boolean;
}

/** Values that are read between two turns of the host. */
const PARSE_BUDGET = 20_000;

type Version = 1 | 2;

/** One request, as far as it could be read. */
interface Call {
  version: Version;
  /** undefined: none was given; null before the request could be read. */
  id: JsonValue | undefined;
  method: string;
  params: readonly JsonValue[] | JsonObject;
}

function newCall(): Call {
  return { version: 1, id: null, method: '', params: [] };
}

function isNotification({ version, id }: Call): boolean {
  return version === 2 && id === undefined;
}

function refuse(message: string): never {
  throw new RpcError(RPC_CODE.INVALID_REQUEST, message);
}

/** Reads a request into `call`, so that an error found on the way can be answered in the right form. */
function readCall(call: Call, value: JsonValue): void {
  if (!isJsonObject(value)) refuse('Invalid Request object');
  call.id = value.get('id');
  call.version = 1;
  call.version = readVersion(value.get('jsonrpc') ?? null);
  const method = value.get('method') ?? null;
  if (method === null) refuse('Missing method');
  if (typeof method !== 'string') refuse('Method must be a string');
  call.method = method;
  const params = value.get('params') ?? null;
  if (params === null) call.params = [];
  else if (isJsonArray(params) || isJsonObject(params)) call.params = params;
  else refuse('Params must be an array or object');
}

function readVersion(value: JsonValue): Version {
  if (value === null || value === '1.0') return 1;
  if (typeof value !== 'string') refuse('jsonrpc field must be a string');
  return value === '2.0' ? 2 : refuse('JSON-RPC version not supported');
}

/** Clients of Core read code and message, and pass over what else is there. */
function formatError({ code, message, data }: RpcError): JsonOutput {
  return data === null ? { code, message } : { code, message, data };
}

function formatReply({ version, id }: Call, result: JsonOutput, error: RpcError | null): JsonOutput {
  const failure = error === null ? null : formatError(error);
  const idField = id === undefined ? {} : { id };
  if (version === 1) return { result, error: failure, ...idField };
  return failure === null ? { jsonrpc: '2.0', result, ...idField } : { jsonrpc: '2.0', error: failure, ...idField };
}

const STATUS_OF_CODE: ReadonlyMap<number, RpcReply['status']> = new Map([
  [RPC_CODE.INVALID_REQUEST, 400],
  [RPC_CODE.METHOD_NOT_FOUND, 404],
]);

/** Answers requests. */
export class RpcDispatcher {
  readonly #methods: MethodTable;
  readonly #hooks: DispatchHooks;
  readonly #active: Set<ActiveCall> = new Set();
  #context: RpcContext | null = null;
  #warmupStatus = 'RPC server started';

  constructor(methods: MethodTable, hooks: DispatchHooks) {
    this.#methods = methods;
    this.#hooks = hooks;
  }

  /** Calls that are being answered. */
  get activeCalls(): readonly ActiveCall[] {
    return [...this.#active];
  }

  /** What methods are called with; null before they can be. */
  get context(): RpcContext | null {
    return this.#context;
  }

  /** What the program is doing before it can answer. */
  get warmupStatus(): string {
    return this.#warmupStatus;
  }

  /** Says what the program is doing before it can answer. */
  setWarmupStatus(status: string): void {
    this.#warmupStatus = status;
  }

  /** From now on methods are called. */
  open(context: RpcContext): void {
    this.#context = context;
  }

  /** Answers the text of a request; null is a text that was no UTF-8. Never rejects. */
  async answer(text: string | null, caller: RpcCaller): Promise<RpcReply> {
    const request = text === null ? undefined : await this.#parse(text);
    const call = newCall();
    try {
      if (request === undefined) throw new RpcError(RPC_CODE.PARSE_ERROR, 'Parse error');
      if (caller.allowed?.size === 0) return this.#forbid(null, caller);
      if (isJsonArray(request)) return await this.#answerBatch(request, caller);
      if (!isJsonObject(request)) throw new RpcError(RPC_CODE.PARSE_ERROR, 'Top-level object parse error');
      readCall(call, request);
      if (!isAllowed(caller, call.method)) return this.#forbid(call.method, caller);
      const reply = await this.#answerCall(call, caller, call.version === 2);
      return isNotification(call) ? { status: 204 } : { status: 200, body: reply };
    } catch (error) {
      const failure = error instanceof RpcError ? error : this.#describeFailure(call.method, error);
      return { status: STATUS_OF_CODE.get(failure.code) ?? 500, body: formatReply(call, null, failure) };
    }
  }

  async #parse(text: string): Promise<JsonValue | undefined> {
    const repeating: RepeatingObject[] = [];
    const parser = new JsonParser(text, repeating);
    for (;;) {
      const result = parser.step(PARSE_BUDGET);
      if (result !== null) {
        const isGood = result.ok && !repeatsForeignKeys(result.value, repeating, this.#methods);
        return isGood ? result.value : undefined;
      }
      await this.#hooks.yieldToHost();
    }
  }

  #forbid(method: string | null, { user }: RpcCaller): RpcReply {
    this.#hooks.onForbidden(method, user);
    return { status: 403 };
  }

  async #answerBatch(requests: readonly JsonValue[], caller: RpcCaller): Promise<RpcReply> {
    if (caller.allowed !== null) {
      // One forbidden method forbids the whole batch (R13).
      for (const request of requests) {
        if (!isJsonObject(request)) refuse('Invalid Request object');
        const method = request.get('method') ?? null;
        if (typeof method !== 'string') throw new RpcError(RPC_CODE.PARSE_ERROR, 'Method must be a string');
        if (!isAllowed(caller, method)) return this.#forbid(method, caller);
      }
    }
    const replies: JsonOutput[] = [];
    // As in Core, what a member does not say of itself (its id, its version) is that of the member before it.
    const call = newCall();
    for (const request of requests) {
      const reply = await this.#answerMember(call, request, caller);
      if (!isNotification(call)) replies.push(reply);
      await this.#hooks.yieldToHost();
    }
    return replies.length === 0 && requests.length > 0 ? { status: 204 } : { status: 200, body: replies };
  }

  async #answerMember(call: Call, request: JsonValue, caller: RpcCaller): Promise<JsonOutput> {
    try {
      readCall(call, request);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      return formatReply(call, null, error);
    }
    return this.#answerCall({ ...call }, caller, true);
  }

  async #answerCall(call: Call, caller: RpcCaller, catchesErrors: boolean): Promise<JsonOutput> {
    this.#hooks.onCall(call.method, caller.user);
    try {
      return formatReply(call, await this.execute(call.method, call.params, caller), null);
    } catch (error) {
      const failure = error instanceof RpcError ? error : this.#describeFailure(call.method, error);
      if (!catchesErrors) throw failure;
      return formatReply(call, null, failure);
    }
  }

  #describeFailure(method: string, error: unknown): RpcError {
    const told = describeWalletFailure(error);
    if (told !== null) return told;
    this.#hooks.onFailure(method, error);
    return new RpcError(RPC_CODE.MISC_ERROR, error instanceof Error ? error.message : String(error));
  }

  /** Calls a method; rejects with an RpcError when the caller is to blame, with anything else when we are. */
  async execute(
    name: string,
    params: readonly JsonValue[] | JsonObject,
    { walletName = null, isAtPage = false }: CallOrigin = {},
  ): Promise<JsonOutput> {
    const context = walletName === null || this.#context === null ? this.#context : { ...this.#context, walletName };
    if (context === null) throw new RpcError(RPC_CODE.IN_WARMUP, this.#warmupStatus);
    const method = this.#methods.get(name);
    if (method === undefined) throw new RpcError(RPC_CODE.METHOD_NOT_FOUND, 'Method not found');
    const active: ActiveCall = { method: name, startedMs: this.#hooks.hostMs() };
    this.#active.add(active);
    try {
      const values = isJsonArray(params) ? params : orderNamedArguments(method, params as JsonObject);
      if (!isParameterCountValid(method, values.length)) {
        throw new RpcError(RPC_CODE.MISC_ERROR, formatMethodHelp(method));
      }
      checkParameterKinds(method, values);
      if (isAtPage) checkNamedPaths(method, values);
      const result = await method.run(context, new Arguments(method, values));
      if (this.#hooks.checksResults) checkResult(method, result);
      return result;
    } finally {
      this.#active.delete(active);
    }
  }
}

function isAllowed({ allowed }: RpcCaller, method: string): boolean {
  return allowed === null || allowed.has(method);
}

function checkResult(method: MethodSpec, result: JsonOutput): void {
  const mismatch = describeResultMismatch(method.results, result);
  if (mismatch !== null) throw new Error(`RPC call "${method.name}" returned incorrect type:\n${mismatch}`);
}
