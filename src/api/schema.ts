// A method: its signature, and what it does.

import type { Arguments } from './arguments.ts';
import type { RpcContext } from './context.ts';
import type { JsonOutput } from './json/json-value.ts';
import type { MethodSignature } from './signature.ts';

/** One method. */
export interface MethodSpec extends MethodSignature {
  /** Does it. What it throws other than an RpcError is a failure of ours. */
  readonly run: (context: RpcContext, args: Arguments) => JsonOutput | Promise<JsonOutput>;
}

/** Methods by name. */
export type MethodTable = ReadonlyMap<string, MethodSpec>;
