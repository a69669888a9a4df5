// Keys in descriptors (BIP380, BIP389): hexadecimal, exported private keys, extended keys with a path, each with an origin before it
// (Core ParsePubkey, ParsePubkeyInner, ParseKeyPath). Secrets go to the key ring; what is returned is public.

import type { KeyPrefixes } from '../../kernel/consensus/params.ts';
import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import { concatBytes, fromHex } from '../../kernel/util/bytes.ts';
import {
  type ExtendedPublicKey,
  HARDENED_START,
  parseExtendedPublicKey,
  parseExtendedSecretKey,
  toExtendedPublicKey,
} from '../keys/extended-key.ts';
import { parseWif } from '../keys/wif.ts';
import type { DerivedKey, FixedKey, KeyExpression, KeyRange, WrittenOrigin } from './descriptor.ts';
import { DescriptorError, isHexText, parseUint32 } from './descriptor-text.ts';
import type { KeyRing } from './key-ring.ts';

/** Where in a descriptor something stands, which decides what may stand there (Core ParseScriptContext). */
export type DescriptorPlace = 'top' | 'sh' | 'wpkh' | 'wsh' | 'tr' | 'musig';

/** What reading a descriptor needs. */
export interface DescriptorReading {
  readonly prefixes: KeyPrefixes;
  readonly secp: Secp256k1;
  /** Takes the secrets that the text contains. */
  readonly ring: KeyRing;
}

/** Reads a key with its origin. */
export function parseKey(text: string, place: DescriptorPlace, reading: DescriptorReading): KeyExpression {
  const parts = text.split(']');
  if (parts.length > 2) throw new DescriptorError("Multiple ']' characters found for a single pubkey");
  if (parts.length === 1) return parseBareKey(text, place, reading, false);
  const origin = parseOrigin(parts[0]!);
  const key = parseBareKey(parts[1]!, place, reading, origin.usesApostrophe);
  // One mark for both: that of the last hardened step.
  const usesApostrophe = key.kind === 'derived' ? key.usesApostrophe : origin.usesApostrophe;
  return { ...key, origin: { ...origin, usesApostrophe } };
}

function parseOrigin(text: string): WrittenOrigin {
  if (!text.startsWith('[')) {
    throw new DescriptorError(
      `Key origin start '[ character expected but not found, got '${text === '' ? ']' : text[0]}' instead`,
    );
  }
  const steps = text.slice(1).split('/');
  const fingerprint = steps[0]!;
  if (fingerprint.length !== 8) {
    throw new DescriptorError(`Fingerprint is not 4 bytes (${fingerprint.length} characters instead of 8 characters)`);
  }
  if (!isHexText(fingerprint)) throw new DescriptorError(`Fingerprint '${fingerprint}' is not hex`);
  const { paths, usesApostrophe } = parsePath(steps.slice(1), false, false);
  return { fingerprint: fromHex(fingerprint), path: paths[0]!, usesApostrophe };
}

function parseBareKey(
  text: string,
  place: DescriptorPlace,
  reading: DescriptorReading,
  usesApostrophe: boolean,
): KeyExpression {
  const steps = text.split('/');
  const name = steps[0]!;
  if (name === '') throw new DescriptorError('No key provided');
  if (/^\s|\s$/.test(name)) throw new DescriptorError(`Key '${name}' is invalid due to whitespace`);
  if (steps.length === 1) {
    if (isHexText(name)) return parseHexKey(name, place, reading.secp);
    const key = parseExportedKey(name, place, reading);
    if (key !== null) return key;
  }
  const root = parseRoot(name, reading);
  if (root === null) throw new DescriptorError(`key '${name}' is not valid`);
  return parseDerivedKey(root, steps.slice(1), usesApostrophe);
}

function allowsUncompressed(place: DescriptorPlace): boolean {
  return place === 'top' || place === 'sh';
}

function parseHexKey(text: string, place: DescriptorPlace, secp: Secp256k1): FixedKey {
  const bytes = fromHex(text);
  const fixed = (publicKey: Uint8Array, isXOnly: boolean): FixedKey => ({
    kind: 'fixed',
    publicKey,
    isXOnly,
    origin: null,
  });
  if (bytes.length === 65 && (bytes[0] === 6 || bytes[0] === 7)) {
    throw new DescriptorError('Hybrid public keys are not allowed');
  }
  if (secp.isValidPublicKey(bytes)) {
    if (bytes.length === 33 || allowsUncompressed(place)) return fixed(bytes, false);
    throw new DescriptorError('Uncompressed keys are not allowed');
  }
  const even = concatBytes(Uint8Array.of(2), bytes);
  if (bytes.length === 32 && place === 'tr' && secp.isValidPublicKey(even)) return fixed(even, true);
  throw new DescriptorError(`Pubkey '${text}' is invalid`);
}

/** Null when the text is no exported private key. */
function parseExportedKey(
  text: string,
  place: DescriptorPlace,
  { prefixes, secp, ring }: DescriptorReading,
): FixedKey | null {
  const key = parseWif(text, prefixes.secretKey);
  if (!key.ok) return null;
  if (!key.value.isCompressed && !allowsUncompressed(place)) {
    throw new DescriptorError('Uncompressed keys are not allowed');
  }
  const publicKey = ring.addSecret(key.value, secp);
  return { kind: 'fixed', publicKey, isXOnly: place === 'tr', origin: null };
}

function parseRoot(text: string, { prefixes, secp, ring }: DescriptorReading): ExtendedPublicKey | null {
  const secretRoot = parseExtendedSecretKey(text, prefixes.extendedSecretKey, secp);
  if (secretRoot === null) return parseExtendedPublicKey(text, prefixes.extendedPublicKey, secp);
  ring.addSecret({ secret: secretRoot.secret, isCompressed: true }, secp);
  return toExtendedPublicKey(secretRoot, secp);
}

function parseDerivedKey(root: ExtendedPublicKey, steps: readonly string[], originUsesApostrophe: boolean): DerivedKey {
  const last = steps.at(-1);
  let range: KeyRange = 'none';
  if (last === '*') range = 'unhardened';
  else if (last === "*'" || last === '*h') range = 'hardened';
  const before = range === 'hardened' ? last === "*'" : originUsesApostrophe;
  const { paths, usesApostrophe } = parsePath(range === 'none' ? steps : steps.slice(0, -1), true, before);
  return { kind: 'derived', root, paths, range, usesApostrophe, origin: null };
}

/** Steps of a path; `<a;b>` gives alternatives in one place. The last hardened step decides how they are written again. */
export function parsePath(
  steps: readonly string[],
  allowsAlternatives: boolean,
  usesApostropheBefore: boolean,
): { paths: readonly (readonly number[])[]; usesApostrophe: boolean } {
  let usesApostrophe = usesApostropheBefore;
  const readStep = (text: string): number => {
    const step = parseStep(text);
    if (step >= HARDENED_START) usesApostrophe = text.endsWith("'");
    return step;
  };
  const path: number[] = [];
  let alternatives: { readonly at: number; readonly steps: readonly number[] } | null = null;
  for (const text of steps) {
    if (!text.startsWith('<') || !text.endsWith('>')) {
      path.push(readStep(text));
      continue;
    }
    if (!allowsAlternatives) {
      throw new DescriptorError(
        `Key path value '${text}' specifies multipath in a section where multipath is not allowed`,
      );
    }
    if (alternatives !== null) throw new DescriptorError('Multiple multipath key path specifiers found');
    alternatives = { at: path.length, steps: parseAlternatives(text, readStep) };
    path.push(0);
  }
  if (alternatives === null) return { paths: [path], usesApostrophe };
  const { at, steps: choices } = alternatives;
  const paths = choices.map((step) => [...path.slice(0, at), step, ...path.slice(at + 1)]);
  return { paths, usesApostrophe };
}

function parseAlternatives(text: string, readStep: (text: string) => number): readonly number[] {
  const texts = text.slice(1, -1).split(';');
  if (texts.length < 2) throw new DescriptorError('Multipath key path specifiers must have at least two items');
  const steps: number[] = [];
  for (const one of texts) {
    const step = readStep(one);
    if (steps.includes(step)) {
      throw new DescriptorError(`Duplicated key path value ${step} in multipath specifier`);
    }
    steps.push(step);
  }
  return steps;
}

function parseStep(text: string): number {
  const isHardened = text.endsWith("'") || text.endsWith('h');
  const digits = isHardened ? text.slice(0, -1) : text;
  const value = parseUint32(digits);
  if (value === null) throw new DescriptorError(`Key path value '${digits}' is not a valid uint32`);
  if (value >= HARDENED_START) throw new DescriptorError(`Key path value ${value} is out of range`);
  return isHardened ? value + HARDENED_START : value;
}
