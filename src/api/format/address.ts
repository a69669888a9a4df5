// Addresses in answers: reading them with Core's words for what is wrong (key_io.cpp DecodeDestination), and describing what they
// stand for (rpc/util.cpp DescribeAddress).

import { solveOutput } from '../../kernel/script/solver.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { type AddressError, type AddressPrefixes, parseAddress } from '../../wallet/address.ts';
import { locateBech32Errors } from '../../wallet/bech32-errors.ts';
import type { JsonRecord } from '../json/json-value.ts';

/** Why a text is no address, in Core's words. */
export interface AddressFault {
  readonly message: string;
  /** Characters that are probably wrong, from 0. */
  readonly positions: readonly number[];
}

/** The output script of an address, or what is wrong with it. */
export type ReadAddress =
  | { readonly script: Uint8Array; readonly fault: null }
  | { readonly script: null; readonly fault: AddressFault };

/** Reads an address. */
export function readAddress(text: string, prefixes: AddressPrefixes): ReadAddress {
  const parsed = parseAddress(text, prefixes);
  if (parsed.ok) return { script: parsed.value, fault: null };
  const { bech32Hrp } = prefixes;
  const isBech32 = text.slice(0, bech32Hrp.length).toLowerCase() === bech32Hrp;
  const fault = isBech32 ? describeBech32(text, parsed.error, bech32Hrp) : describeBase58(parsed.error);
  return { script: null, fault };
}

function plain(message: string): AddressFault {
  return { message, positions: [] };
}

const NO_ENCODING = 'Invalid or unsupported Segwit (Bech32) or Base58 encoding.';
const BAD_BASE58 = 'Invalid checksum or length of Base58 address (P2PKH or P2SH)';

/** A text that does not begin as this network's witness addresses do. */
function describeBase58(error: AddressError): AddressFault {
  switch (error.kind) {
    case 'bad-checksum':
      return plain(BAD_BASE58);
    case 'bad-length':
      return plain(error.got > error.expected ? BAD_BASE58 : 'Invalid length for Base58 address (P2PKH or P2SH)');
    case 'wrong-network':
      return plain(error.got.startsWith('version') ? 'Invalid or unsupported Base58-encoded address.' : NO_ENCODING);
    default:
      return plain(NO_ENCODING);
  }
}

function describeBech32(text: string, error: AddressError, prefix: string): AddressFault {
  const bytes = (count: number): string => `(${count} ${count === 1 ? 'byte' : 'bytes'})`;
  switch (error.kind) {
    case 'no-data':
      return plain('Empty Bech32 data section');
    case 'wrong-network':
      return plain(
        `Invalid or unsupported prefix for Segwit (Bech32) address (expected ${prefix}, got ${text.slice(0, text.lastIndexOf('1')).toLowerCase()}).`,
      );
    case 'wrong-checksum-kind':
      return plain(
        error.version === 0
          ? 'Version 0 witness address must use Bech32 checksum'
          : 'Version 1+ witness address must use Bech32m checksum',
      );
    case 'bad-version':
      return plain('Invalid Bech32 address witness version');
    case 'bad-padding':
      return plain('Invalid padding in Bech32 data section');
    case 'bad-program-length':
      return plain(
        error.version === 0
          ? `Invalid Bech32 v0 address program size ${bytes(error.got)}, per BIP141`
          : `Invalid Bech32 address program size ${bytes(error.got)}`,
      );
    default:
      return locateBech32Errors(text);
  }
}

/** What an output script with an address is. */
export function describeDestination(script: Uint8Array): JsonRecord {
  const template = solveOutput(script, 0, script.length);
  switch (template.type) {
    case 'pubkeyhash':
      return { isscript: false, iswitness: false };
    case 'scripthash':
      return { isscript: true, iswitness: false };
    case 'witness_v0_keyhash':
      return { isscript: false, iswitness: true, witness_version: 0, witness_program: toHex(template.keyHash) };
    case 'witness_v0_scripthash':
      return { isscript: true, iswitness: true, witness_version: 0, witness_program: toHex(template.scriptHash) };
    case 'witness_v1_taproot':
      return { isscript: true, iswitness: true, witness_version: 1, witness_program: toHex(template.outputKey) };
    case 'anchor':
      return { isscript: true, iswitness: true };
    case 'witness_unknown':
      return { iswitness: true, witness_version: template.version, witness_program: toHex(template.program) };
    default:
      return {};
  }
}
