// Output scripts as answers show them (Core ScriptToUniv).

import { formatScript } from '../../kernel/script/script-format.ts';
import { classifyOutput } from '../../kernel/script/solver.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { formatAddress } from '../../wallet/address.ts';
import { inferDescriptor } from '../../wallet/descriptor/infer.ts';
import type { RpcContext } from '../context.ts';
import type { JsonRecord } from '../json/json-value.ts';
import { field, maybe } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';

/** What the form of addresses and descriptors depends on. */
export type ScriptContext = Pick<RpcContext, 'params' | 'secp'>;

/** The fields of an output script. */
export const SCRIPT_FIELDS: readonly ResultSpec[] = Object.freeze([
  field('asm', 'string', 'The script as words'),
  field('desc', 'string', 'A descriptor of the output'),
  field('hex', 'hex', 'The bytes of the script'),
  maybe('address', 'string', 'The address, where there is one'),
  field('type', 'string', 'The kind of script, such as pubkeyhash'),
]);

/** The address of a script; null for one that has none, and for a bare public key. */
export function addressOf(script: Uint8Array, { params }: ScriptContext): string | null {
  const type = classifyOutput(script, 0, script.length);
  return type === 'pubkey' ? null : formatAddress(script, params.prefixes);
}

/** An output script with everything that is known of it. */
export function formatOutputScript(script: Uint8Array, context: ScriptContext): JsonRecord {
  return {
    asm: formatScript(script, 0, script.length),
    desc: inferDescriptor(script, context.params.prefixes, context.secp),
    hex: toHex(script),
    address: addressOf(script, context) ?? undefined,
    type: classifyOutput(script, 0, script.length),
  };
}
