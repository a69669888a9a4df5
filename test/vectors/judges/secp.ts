// Judges of BIP340 (signing and verifying, on every backend of this machine) and of RFC 6979. The latter's vectors are about
// other curves: they prove the model of test/model/rfc6979.ts, to which the backends' signatures are then compared.

import { createHash } from 'node:crypto';
import { fromHex, toHex } from '../../../src/kernel/util/bytes.ts';
import { computeNonce } from '../../model/rfc6979.ts';
import { findWrongBackends } from '../backends.ts';
import { type CaseOutcome, compareOutcome, isInside, type Judge, type VectorFile, verdictOutcome } from '../judge.ts';
import { isArrayOf, isObject, isText } from '../shape.ts';

const BIP340_COLUMNS = 'index,secret key,public key,aux_rand,message,signature,verification result,comment';

/** The table of BIP340: rows with a secret are signed, too. */
const bip340Judge: Judge = {
  name: 'BIP340 signatures',
  matches: (file) => isInside(file, 'bips') && file.text().startsWith(BIP340_COLUMNS),
  *run(file) {
    for (const line of file.text().trim().split(/\r?\n/).slice(1)) yield judgeBip340Row(line);
  },
};

function judgeBip340Row(line: string): CaseOutcome {
  const [index, secret, publicKey, auxiliary, message, signature, verdict, ...comment] = line.split(',') as string[];
  const [key32, message32, signature64] = [publicKey, message, signature].map((hex) => fromHex(hex!));
  const isValid = verdict === 'TRUE';
  const misjudging = findWrongBackends((b) => b.verifySchnorr(signature64!, message32!, key32!) === isValid);
  const missigning = findWrongBackends((backend) => {
    if (secret === '') return true;
    const made = backend.signSchnorr(message32!, fromHex(secret!), fromHex(auxiliary!));
    const ownKey = backend.createPublicKey(fromHex(secret!), true);
    return (
      made !== null &&
      toHex(made) === signature!.toLowerCase() &&
      toHex(ownKey!.subarray(1)) === publicKey!.toLowerCase()
    );
  });
  const wrong = [
    misjudging && `expected ${verdict} from ${misjudging}`,
    missigning && `signed otherwise by ${missigning}`,
  ];
  const text = wrong.filter((part) => part !== null).join('; ');
  return verdictOutcome(`row ${index}`, text === '' ? null : text, comment.join(','));
}

/** Orders of the groups by the names of the vectors (FIPS 186-4, D.1.2). */
const ORDERS: Readonly<Record<string, bigint>> = {
  nistp192: 0xffffffffffffffffffffffff99def836146bc9b1b4d22831n,
  nistp224: 0xffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3dn,
  nistp256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  nistp384: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  nistp521:
    0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
};

/** Secret, x, y, hash name, message, nonce, r, s. */
type NonceRow = readonly string[];

function isNonceRow(value: unknown): value is NonceRow {
  return isArrayOf(value, isText) && value.length === 8 && /^sha\d+$/.test(value[3]!) && /^[\da-f]+$/i.test(value[5]!);
}

function readNonceRows(file: VectorFile): readonly (readonly [curve: string, row: NonceRow])[] | null {
  const json = isInside(file, 'crypto') ? file.tryJson() : undefined;
  if (!isObject(json) || Object.keys(json).length === 0) return null;
  const rows: (readonly [string, NonceRow])[] = [];
  for (const [curve, list] of Object.entries(json)) {
    if (!(curve in ORDERS) || !isArrayOf(list, isNonceRow)) return null;
    for (const row of list) rows.push([curve, row]);
  }
  return rows;
}

const rfc6979Judge: Judge = {
  name: 'RFC 6979 nonces (model)',
  matches: (file) => readNonceRows(file) !== null,
  *run(file) {
    for (const [curve, [secret, , , hashName, message, nonce]] of readNonceRows(file) ?? []) {
      const digest = createHash(hashName!).update(message!).digest();
      const k = computeNonce({ order: ORDERS[curve]!, secret: BigInt(`0x${secret}`), digest, hashName: hashName! });
      yield compareOutcome(`${curve} ${hashName} "${message}"`, k, BigInt(`0x${nonce}`));
    }
  },
};

export const judges: readonly Judge[] = [bip340Judge, rfc6979Judge];
