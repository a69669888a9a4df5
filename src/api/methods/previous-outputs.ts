// Outputs that a caller describes, for inputs that are to be signed before what they spend is known here (Core ParsePrevouts). Scripts
// behind hashes go to the key ring.

import { hash160 } from '../../kernel/crypto/hash160.ts';
import { sha256 } from '../../kernel/crypto/sha256.ts';
import { MAX_MONEY } from '../../kernel/primitives/amount.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { formatOutpoint } from '../../kernel/primitives/outpoint.ts';
import type { Transaction, TransactionOutput } from '../../kernel/primitives/transaction.ts';
import { isP2sh, isP2wsh } from '../../kernel/script/script.ts';
import { createP2sh, createWitnessProgram } from '../../kernel/script/script-builder.ts';
import { formatScript } from '../../kernel/script/script-format.ts';
import { equalBytes } from '../../kernel/util/bytes.ts';
import type { KeyRing } from '../../wallet/descriptor/key-ring.ts';
import { amountFromValue } from '../amount.ts';
import { asHash, asHexBytes, asInteger, asList, asText } from '../arguments.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/json-value.ts';
import { checkFields } from '../object-check.ts';

/** Puts the outputs of a list into `outputs`, which are in the order of the inputs; without a ring, scripts do not matter. */
export function applyPreviousOutputs(
  value: JsonValue,
  transaction: Transaction,
  outputs: (TransactionOutput | null)[],
  ring: KeyRing | null,
): void {
  if (value === null) return;
  const inputs: Map<string, number> = new Map();
  for (let i = 0; i < transaction.inputCount; i++) inputs.set(formatOutpoint(transaction.prevout(i)), i);
  for (const one of asList(value)) {
    if (!isJsonObject(one)) {
      throw new RpcError(RPC_CODE.DESERIALIZATION_ERROR, 'expected object with {"txid\'","vout","scriptPubKey"}');
    }
    applyOne(one, inputs, outputs, ring);
  }
}

function applyOne(
  given: JsonObject,
  inputs: ReadonlyMap<string, number>,
  outputs: (TransactionOutput | null)[],
  ring: KeyRing | null,
): void {
  checkFields(given, { txid: 'string', vout: 'number', scriptPubKey: 'string' });
  const txid = asHash(given.get('txid')!, 'txid');
  const index = asInteger(given.get('vout')!);
  if (index < 0) throw new RpcError(RPC_CODE.DESERIALIZATION_ERROR, 'vout cannot be negative');
  const scriptPubKey = asHexBytes(given.get('scriptPubKey')!, 'scriptPubKey');
  const inputIndex = inputs.get(`${formatHash(txid)}:${index}`);
  const known = inputIndex === undefined ? null : outputs[inputIndex]!;
  if (known !== null && !equalBytes(known.scriptPubKey, scriptPubKey)) {
    const asm = (script: Uint8Array): string => formatScript(script, 0, script.length);
    throw new RpcError(
      RPC_CODE.DESERIALIZATION_ERROR,
      `Previous output scriptPubKey mismatch:\n${asm(known.scriptPubKey)}\nvs:\n${asm(scriptPubKey)}`,
    );
  }
  const amount = given.get('amount');
  // A value that nobody has said; see signTransaction.
  const valueSat = amount === undefined ? MAX_MONEY : amountFromValue(amount);
  if (inputIndex !== undefined) outputs[inputIndex] = { valueSat, scriptPubKey };
  if (ring !== null) addScripts(given, scriptPubKey, ring);
}

function refuse(message: string): never {
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, message);
}

/** Takes the scripts behind an output that is a hash, and throws when they are not those. */
function addScripts(given: JsonObject, scriptPubKey: Uint8Array, ring: KeyRing): void {
  const end = scriptPubKey.length;
  const isScriptHash = isP2sh(scriptPubKey, 0, end);
  if (!isScriptHash && !isP2wsh(scriptPubKey, 0, end)) return;
  checkFields(given, { redeemScript: 'string', witnessScript: 'string' }, { allowsNull: true });
  const redeemText = given.get('redeemScript') ?? null;
  const witnessText = given.get('witnessScript') ?? null;
  if (redeemText === null && witnessText === null) refuse('Missing redeemScript/witnessScript');
  const script =
    witnessText === null ? asHexBytes(redeemText, 'redeemScript') : asHexBytes(witnessText, 'witnessScript');
  const program = createWitnessProgram(0, sha256(script));
  ring.addScript(script);
  ring.addScript(program);
  if (witnessText !== null && redeemText !== null && asText(witnessText) !== asText(redeemText)) {
    if (!equalBytes(asHexBytes(redeemText, 'redeemScript'), program)) {
      refuse('redeemScript does not correspond to witnessScript');
    }
  }
  const fits = isScriptHash
    ? [script, program].some((one) => equalBytes(scriptPubKey, createP2sh(hash160(one))))
    : equalBytes(scriptPubKey, program);
  if (!fits) refuse('redeemScript/witnessScript does not match scriptPubKey');
}
