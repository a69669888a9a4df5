// Judges of Wycheproof's files about secp256k1: ECDSA (DER, P1363 and Bitcoin variants, any hash), ECDH (ASN.1, PEM, point
// and JWK encodings) and the curve's parameters. Every backend of this machine must give the expected answer.

import { createHash, createPrivateKey } from 'node:crypto';
import {
  encodeSignatureDer,
  isHighS,
  isStrictDerSignature,
  normalizeS,
  parseSignatureLax,
} from '../../../src/kernel/crypto/der.ts';
import type { Secp256k1 } from '../../../src/kernel/crypto/secp256k1.ts';
import { concatBytes, equalBytes, fromHex } from '../../../src/kernel/util/bytes.ts';
import { findWrongBackends } from '../backends.ts';
import { type CaseOutcome, isInside, type Judge, type VectorFile, verdictOutcome } from '../judge.ts';
import { isObject, type JsonObject, listAt, textAt } from '../shape.ts';

const CURVE = 'secp256k1';

/** `valid` and `invalid` bind; `acceptable` allows a refusal, but no wrong result. */
type Expectation = 'valid' | 'invalid' | 'acceptable';

/** A Wycheproof file of this algorithm, wherever it lies under `crypto`, as its groups; null when it is none. */
function readGroups(file: VectorFile, isGroup: (group: JsonObject) => boolean): readonly JsonObject[] | null {
  const json = isInside(file, 'crypto') ? file.tryJson() : undefined;
  if (!isObject(json, 'testGroups')) return null;
  const groups = listAt(json, 'testGroups').filter((group) => isObject(group, 'tests')) as readonly JsonObject[];
  return groups.length > 0 && groups.every(isGroup) ? groups : null;
}

function* casesOf(groups: readonly JsonObject[]): Generator<{ group: JsonObject; entry: JsonObject }> {
  for (const group of groups) {
    for (const entry of listAt(group, 'tests')) {
      if (isObject(entry, 'tcId', 'result')) yield { group, entry };
    }
  }
}

function outcome(entry: JsonObject, isRight: (backend: Secp256k1, expected: Expectation) => boolean): CaseOutcome {
  const expected = textAt(entry, 'result') as Expectation;
  const wrong = findWrongBackends((backend) => isRight(backend, expected));
  const comment = typeof entry['comment'] === 'string' ? entry['comment'] : '';
  return verdictOutcome(
    `case ${entry['tcId']}`,
    wrong === null ? null : `expected ${expected}, wrong: ${wrong}`,
    comment,
  );
}

// ECDSA

/** The public key of a group; older files call it `key`. */
function publicKeyOf(group: JsonObject): JsonObject | null {
  const key = group['publicKey'] ?? group['key'];
  return isObject(key, 'curve', 'uncompressed') ? key : null;
}

function isEcdsaGroup(group: JsonObject): boolean {
  return /^Ecdsa\w*Verify$/.test(String(group['type'])) && publicKeyOf(group)?.['curve'] === CURVE;
}

/** The leftmost 32 bytes of the message's hash, or all of them with zeros before (SEC 1, 4.1.4). */
function computeDigest(sha: string, message: Uint8Array): Uint8Array {
  const name = sha.toLowerCase().replace(/^sha-/, 'sha').replace('/', '-');
  const size = name === 'shake128' ? 32 : name === 'shake256' ? 64 : undefined;
  const hash = createHash(name, size === undefined ? {} : { outputLength: size })
    .update(message)
    .digest();
  return concatBytes(new Uint8Array(Math.max(0, 32 - hash.length)), new Uint8Array(hash.subarray(0, 32)));
}

/** r||s with a low s, or null when the variant's encoding refuses the bytes. */
function readSignature(type: string, bytes: Uint8Array): Uint8Array | null {
  const signature = new Uint8Array(64);
  if (type === 'EcdsaP1363Verify') {
    if (bytes.length !== 64) return null;
    parseSignatureLax(encodeSignatureDer(bytes), 0, encodeSignatureDer(bytes).length, signature);
  } else {
    const withHashType = concatBytes(bytes, Uint8Array.of(1));
    if (!isStrictDerSignature(withHashType, 0, withHashType.length)) return null;
    parseSignatureLax(bytes, 0, bytes.length, signature);
    if (type === 'EcdsaBitcoinVerify' && isHighS(signature)) return null;
  }
  normalizeS(signature);
  return signature;
}

const ecdsaJudge: Judge = {
  name: 'Wycheproof ECDSA secp256k1',
  matches: (file) => readGroups(file, isEcdsaGroup) !== null,
  *run(file) {
    for (const { group, entry } of casesOf(readGroups(file, isEcdsaGroup) ?? [])) {
      const publicKey = fromHex(textAt(publicKeyOf(group)!, 'uncompressed'));
      const digest = computeDigest(textAt(group, 'sha'), fromHex(textAt(entry, 'msg')));
      const signature = readSignature(textAt(group, 'type'), fromHex(textAt(entry, 'sig')));
      yield outcome(entry, (backend, expected) => {
        const isGood = signature !== null && backend.verifyEcdsa(signature, digest, publicKey);
        return expected === 'acceptable' || isGood === (expected === 'valid');
      });
    }
  },
};

// ECDH

/** SubjectPublicKeyInfo of a named secp256k1 key up to its point, uncompressed and compressed (RFC 5480); DER allows no other. */
const PUBLIC_KEY_PREFIXES: readonly (readonly [prefix: string, pointSize: number])[] = [
  ['3056301006072a8648ce3d020106052b8104000a034200', 65],
  ['3036301006072a8648ce3d020106052b8104000a032200', 33],
];

function isEcdhGroup(group: JsonObject): boolean {
  if (/^Ecdh\w*Test$/.test(String(group['type'])) === false) return false;
  const curve = String(group['curve']);
  return curve === CURVE || curve === 'P-256K';
}

function readDerPublicKey(der: Uint8Array): Uint8Array | null {
  for (const [text, pointSize] of PUBLIC_KEY_PREFIXES) {
    const prefix = fromHex(text);
    const hasPrefix = equalBytes(der.subarray(0, prefix.length), prefix);
    if (hasPrefix && der.length === prefix.length + pointSize) return der.subarray(prefix.length);
  }
  return null;
}

function readPem(pem: string): Uint8Array {
  const body = pem.split('\n').filter((line) => !line.startsWith('-----'));
  return new Uint8Array(Buffer.from(body.join(''), 'base64'));
}

/** A coordinate or secret of a JWK in 32 bytes. */
function readJwkNumber(jwk: JsonObject, key: string): Uint8Array | null {
  const bytes = new Uint8Array(Buffer.from(String(jwk[key] ?? ''), 'base64url'));
  return bytes.length === 32 ? bytes : null;
}

function readJwkPoint(jwk: JsonObject): Uint8Array | null {
  const x = readJwkNumber(jwk, 'x');
  const y = readJwkNumber(jwk, 'y');
  return jwk['kty'] === 'EC' && x !== null && y !== null ? concatBytes(Uint8Array.of(4), x, y) : null;
}

function readPublicKey(encoding: string, value: unknown): Uint8Array | null {
  if (isObject(value)) return readJwkPoint(value);
  const text = String(value);
  if (encoding === 'pem') return readDerPublicKey(readPem(text));
  return encoding === 'ecpoint' ? fromHex(text) : readDerPublicKey(fromHex(text));
}

/** A secret in 32 bytes; Wycheproof writes numbers with any count of leading zeros. */
function readSecret(encoding: string, value: unknown): Uint8Array | null {
  if (isObject(value)) return readJwkNumber(value, 'd');
  const text = String(value);
  if (encoding === 'pem') return readJwkNumber(createPrivateKey(text).export({ format: 'jwk' }) as JsonObject, 'd');
  const digits = text.replace(/^0+/, '').padStart(64, '0');
  return digits.length === 64 ? fromHex(digits) : null;
}

const ecdhJudge: Judge = {
  name: 'Wycheproof ECDH secp256k1',
  matches: (file) => readGroups(file, isEcdhGroup) !== null,
  *run(file) {
    for (const { group, entry } of casesOf(readGroups(file, isEcdhGroup) ?? [])) {
      const encoding = String(group['encoding'] ?? 'asn');
      const publicKey = readPublicKey(encoding, entry['public']);
      const secret = readSecret(encoding, entry['private']);
      const shared = fromHex(textAt(entry, 'shared'));
      yield outcome(entry, (backend, expected) => {
        const x = publicKey === null || secret === null ? null : backend.ecdhX(publicKey, secret);
        if (x === null) return expected !== 'valid';
        return expected !== 'invalid' && equalBytes(x, shared);
      });
    }
  },
};

// Parameters

const curveJudge: Judge = {
  name: 'Wycheproof curve parameters (secp256k1)',
  matches: (file) => readGroups(file, (group) => group['type'] === 'EcCurveTest') !== null,
  *run(file) {
    for (const { entry } of casesOf(readGroups(file, (group) => group['type'] === 'EcCurveTest') ?? [])) {
      if (entry['name'] === CURVE) yield outcome(entry, (backend) => hasParameters(backend, entry));
    }
  },
};

function number(entry: JsonObject, key: string): bigint {
  return BigInt(`0x${textAt(entry, key)}`);
}

function bytes32(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(64, '0'));
}

/** Whether the backend computes on y² = x³ + ax + b modulo p with this generator of order n. */
function hasParameters(backend: Secp256k1, entry: JsonObject): boolean {
  const [p, n, a, b, gx, gy] = ['p', 'n', 'a', 'b', 'gx', 'gy'].map((key) => number(entry, key)) as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const generator = concatBytes(Uint8Array.of(4), bytes32(gx), bytes32(gy));
  const made = backend.createPublicKey(bytes32(1n), false);
  const negated = concatBytes(Uint8Array.of(4), bytes32(gx), bytes32(p - gy));
  const last = backend.createPublicKey(bytes32(n - 1n), false);
  return (
    entry['h'] === 1 &&
    a === 0n &&
    (gy * gy - gx * gx * gx - b) % p === 0n &&
    made !== null &&
    equalBytes(made, generator) &&
    last !== null &&
    equalBytes(last, negated) &&
    !backend.isValidSecret(bytes32(n)) &&
    // x = 1 is on the curve; the same number written as p + 1 is no coordinate.
    backend.isValidXOnlyPublicKey(bytes32(1n)) &&
    !backend.isValidXOnlyPublicKey(bytes32(p + 1n))
  );
}

export const judges: readonly Judge[] = [ecdsaJudge, ecdhJudge, curveJudge];
