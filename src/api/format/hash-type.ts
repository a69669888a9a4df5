// Names of what signatures commit to, as requests and answers have them (Core ParseSighashString, SighashToStr).

import { SIGHASH } from '../../kernel/script/sighash-type.ts';
import { asText } from '../arguments.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { JsonValue } from '../json/json-value.ts';

const HASH_TYPES: ReadonlyMap<string, number> = new Map([
  ['DEFAULT', SIGHASH.DEFAULT],
  ['ALL', SIGHASH.ALL],
  ['NONE', SIGHASH.NONE],
  ['SINGLE', SIGHASH.SINGLE],
  ['ALL|ANYONECANPAY', SIGHASH.ALL + SIGHASH.ANYONECANPAY],
  ['NONE|ANYONECANPAY', SIGHASH.NONE + SIGHASH.ANYONECANPAY],
  ['SINGLE|ANYONECANPAY', SIGHASH.SINGLE + SIGHASH.ANYONECANPAY],
]);

/** Longest name of a hash type: SINGLE|ANYONECANPAY. */
const HASH_TYPE_LENGTH_MAX = 19;

/** The hash type of a name; null where none is given. */
export function readHashType(value: JsonValue): number | null {
  if (value === null) return null;
  const text = asText(value);
  const hashType = HASH_TYPES.get(text);
  if (hashType !== undefined) return hashType;
  // What is longer than any name may be a key in the wrong place, and is not repeated (R14).
  const shown = text.length <= HASH_TYPE_LENGTH_MAX ? text : '...';
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, `'${shown}' is not a valid sighash parameter.`);
}

/** The name of a hash type; empty for one that has none. */
export function hashTypeName(hashType: number): string {
  for (const [name, value] of HASH_TYPES) {
    if (value === hashType && value !== SIGHASH.DEFAULT) return name;
  }
  return '';
}
