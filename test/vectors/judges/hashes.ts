// Judges of hash functions and what is built on them: the NIST response files, Wycheproof's HMAC, HKDF and PBKDF2, and
// SipHash in both of its files. The kernel's own functions answer where it has them, the libraries that the wallet will use
// for keys and passwords answer elsewhere.

import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha1 as librarySha1 } from '@noble/hashes/legacy.js';
import { pbkdf2 } from '@noble/hashes/pbkdf2.js';
import { sha256 as librarySha256, sha224, sha384, sha512 } from '@noble/hashes/sha2.js';
import { sha3_224, sha3_256, sha3_384, sha3_512 } from '@noble/hashes/sha3.js';
import { sha1 } from '../../../src/kernel/crypto/hash160.ts';
import { sha256 } from '../../../src/kernel/crypto/sha256.ts';
import { SipHash } from '../../../src/kernel/crypto/siphash.ts';
import { readU32 } from '../../../src/kernel/encoding/numbers.ts';
import { concatBytes, fromHex, reversedBytes, toHex } from '../../../src/kernel/util/bytes.ts';
import { type CaseOutcome, compareOutcome, isInside, type Judge, type VectorFile } from '../judge.ts';
import { hexAt, isArrayOf, isObject, type JsonObject, listAt, numberAt, textAt } from '../shape.ts';

/** By the names of the response files, in lower case. */
const DIGESTS: Readonly<Record<string, (data: Uint8Array) => Uint8Array>> = {
  'sha-1': sha1,
  'sha-224': sha224,
  'sha-256': sha256,
  'sha-384': sha384,
  'sha-512': sha512,
  'sha3-224': sha3_224,
  'sha3-256': sha3_256,
  'sha3-384': sha3_384,
  'sha3-512': sha3_512,
};

/** Which function a response file is about: its first comments say so. */
function digestNameOf(file: VectorFile): string | null {
  if (!isInside(file, 'crypto') || file.bytes()[0] !== 0x23) return null;
  const name = /^#\s+"(SHA3?-\d+) \w+" information/m.exec(file.text().slice(0, 400))?.[1]?.toLowerCase();
  return name !== undefined && name in DIGESTS ? name : null;
}

/** Blocks of `Len = bits`, `Msg = hex`, `MD = hex`; a length of 0 comes with a message that does not count. */
const responseJudge: Judge = {
  name: 'NIST message digests',
  matches: (file) => digestNameOf(file) !== null,
  *run(file) {
    const digest = DIGESTS[digestNameOf(file)!]!;
    for (const match of file.text().matchAll(/^Len = (\d+)\s+Msg = ([\da-fA-F]+)\s+MD = ([\da-fA-F]+)/gm)) {
      const message = fromHex(match[2]!).subarray(0, Number(match[1]) / 8);
      yield compareOutcome(`${match[1]} bits`, toHex(digest(message)), match[3]!.toLowerCase());
    }
  },
};

const LIBRARY_HASHES = { 1: librarySha1, 224: sha224, 256: librarySha256, 384: sha384, 512: sha512 } as const;

type LibraryHash = (typeof LIBRARY_HASHES)[keyof typeof LIBRARY_HASHES];

/** The hash that the name of a Wycheproof algorithm ends in, when it has the given beginning. */
function libraryHashOf(file: VectorFile, beginning: RegExp): LibraryHash | null {
  const json = isInside(file, 'crypto') ? file.tryJson() : undefined;
  if (!isObject(json, 'algorithm', 'testGroups')) return null;
  const bits = beginning.exec(textAt(json, 'algorithm'))?.[1];
  const hashes: Readonly<Record<string, LibraryHash>> = LIBRARY_HASHES;
  return bits === undefined ? null : (hashes[bits] ?? null);
}

/** All cases of a Wycheproof file, each with its group. */
function* wycheproofCases(file: VectorFile): Generator<{ readonly group: JsonObject; readonly row: JsonObject }> {
  for (const group of listAt(file.json() as JsonObject, 'testGroups') as readonly JsonObject[]) {
    for (const row of listAt(group, 'tests') as readonly JsonObject[]) yield { group, row };
  }
}

/** Valid: `actual` equals `expected`. Invalid: it does not, or there was nothing to compute. */
function wycheproofOutcome(row: JsonObject, actual: string | null, expected: string): CaseOutcome {
  const verdict = actual === expected ? 'valid' : 'invalid';
  return compareOutcome(`tcId ${numberAt(row, 'tcId')}`, verdict, textAt(row, 'result'), textAt(row, 'comment'));
}

const HMAC_NAME = /^HMACSHA-?(\d+)$/;

const hmacJudge: Judge = {
  name: 'Wycheproof HMAC',
  matches: (file) => libraryHashOf(file, HMAC_NAME) !== null,
  *run(file) {
    const hash = libraryHashOf(file, HMAC_NAME)!;
    for (const { group, row } of wycheproofCases(file)) {
      const tag = hmac(hash, hexAt(row, 'key'), hexAt(row, 'msg')).subarray(0, numberAt(group, 'tagSize') / 8);
      yield wycheproofOutcome(row, toHex(tag), textAt(row, 'tag'));
    }
  },
};

const HKDF_NAME = /^HKDF-SHA-?(\d+)$/;

const hkdfJudge: Judge = {
  name: 'Wycheproof HKDF',
  matches: (file) => libraryHashOf(file, HKDF_NAME) !== null,
  *run(file) {
    const hash = libraryHashOf(file, HKDF_NAME)!;
    for (const { row } of wycheproofCases(file)) {
      yield wycheproofOutcome(row, deriveKey(hash, row), textAt(row, 'okm'));
    }
  },
};

/** Null when the library refuses the length that is asked for. */
function deriveKey(hash: LibraryHash, row: JsonObject): string | null {
  try {
    return toHex(hkdf(hash, hexAt(row, 'ikm'), hexAt(row, 'salt'), hexAt(row, 'info'), numberAt(row, 'size')));
  } catch {
    return null;
  }
}

const PBKDF2_NAME = /^PBKDF2-HMACSHA-?(\d+)$/;

const pbkdf2Judge: Judge = {
  name: 'Wycheproof PBKDF2',
  matches: (file) => libraryHashOf(file, PBKDF2_NAME) !== null,
  *run(file) {
    const hash = libraryHashOf(file, PBKDF2_NAME)!;
    for (const { row } of wycheproofCases(file)) {
      const options = { c: numberAt(row, 'iterationCount'), dkLen: numberAt(row, 'dkLen') };
      const key = toHex(pbkdf2(hash, hexAt(row, 'password'), hexAt(row, 'salt'), options));
      yield wycheproofOutcome(row, key, textAt(row, 'dk'));
    }
  },
};

const wycheproofSipHashJudge: Judge = {
  name: 'Wycheproof SipHash-2-4',
  matches: (file) => {
    const json = isInside(file, 'crypto') ? file.tryJson() : undefined;
    return isObject(json, 'testGroups') && json['algorithm'] === 'SipHash-2-4';
  },
  *run(file) {
    for (const { row } of wycheproofCases(file)) {
      const hash = new SipHash(hexAt(row, 'key')).hash(hexAt(row, 'msg'));
      yield wycheproofOutcome(row, toHex(reversedBytes(fromHex(hexOf(hash)))), textAt(row, 'tag'));
    }
  },
};

/** The last hash as 16 hexadecimal digits, the highest first. */
function hexOf(hash: SipHash): string {
  return hash.toBigInt().toString(16).padStart(16, '0');
}

function isSipHashRow(row: unknown): row is JsonObject {
  return isObject(row, 'key', 'input', 'expected') && isObject(row['expected'], 'siphash24');
}

/**
 * Rows of two key numbers, inputs that are written one after another, and the hash as a number. The other hash of some rows is
 * a variant that Core uses for tables in memory and nowhere on the wire; we have none of it.
 */
const sipHashJudge: Judge = {
  name: 'SipHash-2-4',
  matches: (file) => {
    const json = isInside(file, 'formats') || isInside(file, 'crypto') ? file.tryJson() : undefined;
    return isArrayOf(json, isSipHashRow) && json.length > 0;
  },
  *run(file) {
    for (const [i, row] of (file.json() as readonly JsonObject[]).entries()) {
      const key = concatBytes(...(listAt(row, 'key') as readonly string[]).map((word) => reversedBytes(fromHex(word))));
      const parts = (listAt(row, 'input') as readonly string[]).map(fromHex);
      const expected = textAt(row['expected'] as JsonObject, 'siphash24');
      const hash = new SipHash(key);
      for (const [way, compute] of waysToHash(hash, parts)) {
        compute();
        yield compareOutcome(`row ${i} ${way}`, hexOf(hash), expected);
      }
    }
  },
};

/** The general way for any input, and the short ways where they apply: 32 bytes, and 32 bytes with a 32-bit number. */
function waysToHash(hash: SipHash, parts: readonly Uint8Array[]): readonly (readonly [string, () => void])[] {
  const whole = concatBytes(...parts);
  const ways: (readonly [string, () => void])[] = [['whole', () => hash.hash(whole)]];
  if (whole.length === 32) ways.push(['as 32 bytes', () => hash.hash256(whole, 0)]);
  if (whole.length === 36) ways.push(['as outpoint', () => hash.hash256WithU32(whole, 0, readU32(whole, 32))]);
  return ways;
}

export const judges: readonly Judge[] = [
  responseJudge,
  hmacJudge,
  hkdfJudge,
  pbkdf2Judge,
  wycheproofSipHashJudge,
  sipHashJudge,
];
