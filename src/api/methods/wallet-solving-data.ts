// Keys and scripts of others that a caller hands in, so that the size of inputs can be told which the wallet cannot sign (Core
// FundTransaction, solving_data).

import { hash160 } from '../../kernel/crypto/hash160.ts';
import { createWitnessProgram } from '../../kernel/script/script-builder.ts';
import { parseHex } from '../../kernel/util/bytes.ts';
import { DescriptorExpander } from '../../wallet/descriptor/expand.ts';
import { KeyRing } from '../../wallet/descriptor/key-ring.ts';
import { parseDescriptor } from '../../wallet/descriptor/parse.ts';
import { computeFingerprint } from '../../wallet/keys/extended-key.ts';
import type { Wallet } from '../../wallet/wallet/wallet.ts';
import { asList, asText } from '../arguments.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { JsonObject } from '../json/json-value.ts';

/** Reads the data into a ring of its own. */
export function readSolvingData(wallet: Wallet, data: JsonObject): KeyRing {
  const ring = new KeyRing();
  for (const text of readTexts(data, 'pubkeys')) addPublicKey(wallet, text, ring);
  for (const text of readTexts(data, 'scripts')) {
    const script = parseHex(text);
    if (!script.ok || text === '') {
      throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, `'${text}' is not hex`);
    }
    ring.addScript(script.value);
  }
  for (const text of readTexts(data, 'descriptors')) addDescriptor(wallet, text, ring);
  return ring;
}

function readTexts(data: JsonObject, name: string): readonly string[] {
  const value = data.get(name) ?? null;
  return value === null ? [] : asList(value).map(asText);
}

function addPublicKey({ secp }: Wallet, text: string, ring: KeyRing): void {
  const parsed = parseHex(text);
  if (!parsed.ok || text === '') {
    throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, `Pubkey "${text}" must be a hex string`);
  }
  const publicKey = parsed.value;
  if (publicKey.length !== 33 && publicKey.length !== 65) {
    throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, `Pubkey "${text}" must have a length of either 33 or 65 bytes`);
  }
  if (!secp.isValidPublicKey(publicKey)) {
    throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, `Pubkey "${text}" must be cryptographically valid.`);
  }
  ring.addPublicKey(publicKey, { fingerprint: computeFingerprint(publicKey), path: [] });
  ring.addScript(createWitnessProgram(0, hash160(publicKey)));
}

function addDescriptor({ secp, chain }: Wallet, text: string, ring: KeyRing): void {
  const parsed = parseDescriptor(text, { prefixes: chain.params.prefixes, secp, ring }, { requiresChecksum: true });
  if (!parsed.ok) {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, `Unable to parse descriptor '${text}': ${parsed.error}`);
  }
  const expander = new DescriptorExpander(ring, secp);
  for (const descriptor of parsed.value) expander.expand(descriptor, 0);
}
