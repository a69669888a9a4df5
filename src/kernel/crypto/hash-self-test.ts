// Known answers for the hash functions, asked for once before anything is trusted to them: a replaced package, a broken build or a
// compiler at fault shows here and not in a ledger (CVE-2025-9288, P05). The answers are those of the standards. It takes less than a
// millisecond.

import { equalBytes, fromHex } from '../util/bytes.ts';
import { encodeUtf8 } from '../util/utf8.ts';
import { hash160, ripemd160, sha1 } from './hash160.ts';
import { hmacSha512 } from './hmac-sha512.ts';
import { sha256, sha256d, sha256dPairsInto } from './sha256.ts';

/** Two blocks of SHA-256 and its kin (FIPS 180-4, example B.2). */
const TWO_BLOCKS = 'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq';

/** Pairs that are hashed together: enough for every lane of a kernel, and one more. */
const PAIR_COUNT = 9;

/** Both halves of each pair are zero. */
function hashZeroPairs(): Uint8Array {
  const hashes = new Uint8Array(64 * PAIR_COUNT);
  sha256dPairsInto(hashes, PAIR_COUNT);
  return hashes.subarray(32 * (PAIR_COUNT - 1), 32 * PAIR_COUNT);
}

/** A question whose answer is known. */
export interface HashCase {
  readonly name: string;
  readonly compute: () => Uint8Array;
  /** Hexadecimal. */
  readonly expected: string;
}

const CASES: readonly HashCase[] = [
  {
    name: 'SHA-256',
    compute: () => sha256(encodeUtf8('abc')),
    expected: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  },
  {
    name: 'SHA-256 of two blocks',
    compute: () => sha256(encodeUtf8(TWO_BLOCKS)),
    expected: '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  },
  {
    name: 'double SHA-256',
    compute: () => sha256d(encodeUtf8('hello')),
    expected: '9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50',
  },
  {
    // The level above two zero hashes in a merkle tree.
    name: 'double SHA-256 of pairs',
    compute: hashZeroPairs,
    expected: 'e2f61c3f71d1defd3fa999dfa36953755c690689799962b48bebd836974e8cf9',
  },
  {
    name: 'RIPEMD-160',
    compute: () => ripemd160(encodeUtf8('abc')),
    expected: '8eb208f7e05d987a9b044a8e98c6b087f15a0bfc',
  },
  {
    // The public key of secret 1: the address 1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH.
    name: 'RIPEMD-160 of SHA-256',
    compute: () => hash160(fromHex('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798')),
    expected: '751e76e8199196d454941c45d1b3a323f1433bd6',
  },
  {
    name: 'SHA-1',
    compute: () => sha1(encodeUtf8('abc')),
    expected: 'a9993e364706816aba3e25717850c26c9cd0d89d',
  },
  {
    // RFC 4231, test case 2.
    name: 'HMAC-SHA-512',
    compute: () => hmacSha512(encodeUtf8('Jefe'), encodeUtf8('what do ya want for nothing?')),
    expected:
      '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737',
  },
];

/** The name of the first case with a wrong answer; null: all are right. */
export function selfTestHashes(cases: readonly HashCase[] = CASES): string | null {
  return cases.find(({ compute, expected }) => !equalBytes(compute(), fromHex(expected)))?.name ?? null;
}
