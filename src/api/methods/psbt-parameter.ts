// PSBTs as they stand in requests and answers: base 64 (Core DecodeBase64PSBT, JSONRPCPSBTError). Long ones are read in turns.

import { err, type Result } from '../../kernel/util/result.ts';
import { decodePsbtInSteps } from '../../wallet/psbt/decode.ts';
import { encodePsbt } from '../../wallet/psbt/encode.ts';
import type { Psbt, PsbtVersion } from '../../wallet/psbt/psbt.ts';
import { describePsbtFault, type PsbtFault } from '../../wallet/psbt/psbt-session.ts';
import { asInteger } from '../arguments.ts';
import { formatBase64, parseBase64 } from '../base64.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { JsonValue } from '../json/json-value.ts';
import { param } from '../schema-words.ts';
import type { ParameterSpec } from '../signature.ts';
import { runSteps } from '../turns.ts';

/** A parameter that is a PSBT. */
export const PSBT_PARAMETER: ParameterSpec = param('psbt', 'string', 'The PSBT in base 64');

/** A parameter that says which version a new PSBT has. */
export const PSBT_VERSION_PARAMETER: ParameterSpec = param('psbt_version', 'number', 'The version of the PSBT', {
  default: 2,
});

/** Reads a PSBT; throws with Core's code and words. */
export async function readPsbt(context: RpcContext, text: string): Promise<Psbt> {
  const decoded = await decodeText(context, text);
  if (decoded.ok) return decoded.value;
  throw new RpcError(RPC_CODE.DESERIALIZATION_ERROR, `TX decode failed ${decoded.error}`);
}

async function decodeText(context: RpcContext, text: string): Promise<Result<Psbt, string>> {
  const bytes = parseBase64(text);
  return bytes === null ? err('invalid base64') : runSteps(context, decodePsbtInSteps(bytes, context.secp));
}

/** A PSBT as text. */
export function writePsbt(psbt: Psbt): string {
  return formatBase64(encodePsbt(psbt));
}

/** The version that is asked for. */
export function readPsbtVersion(value: JsonValue): PsbtVersion {
  const version = value === null ? 2 : asInteger(value, 0, 0xffffffff);
  if (version === 0 || version === 2) return version;
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'The PSBT version can only be 2 or 0');
}

/** Throws a fault with Core's code and words. */
export function refusePsbt(fault: PsbtFault): never {
  const code = fault === 'sighash-mismatch' ? RPC_CODE.DESERIALIZATION_ERROR : RPC_CODE.VERIFY_ERROR;
  throw new RpcError(code, describePsbtFault(fault));
}
