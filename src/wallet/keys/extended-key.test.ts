import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { nobleSecp256k1 as secp } from '../../kernel/crypto/secp256k1-noble.ts';
import { concatBytes, fromHex, toHex } from '../../kernel/util/bytes.ts';
import { formatBase58Check } from './base58check.ts';
import {
  computeFingerprint,
  createRootKey,
  derivePublicChild,
  deriveSecretChild,
  formatExtendedPublicKey,
  formatExtendedSecretKey,
  HARDENED_START,
  parseExtendedPublicKey,
  parseExtendedSecretKey,
  toExtendedPublicKey,
} from './extended-key.ts';

const XPUB = 0x0488b21e;
const XPRV = 0x0488ade4;

/** BIP32, test vector 1: the root and the first three steps. */
const ROOT =
  'xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi';
const ROOT_PUBLIC =
  'xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8';
const STEP_0H =
  'xprv9uHRZZhk6KAJC1avXpDAp4MDc3sQKNxDiPvvkX8Br5ngLNv1TxvUxt4cV1rGL5hj6KCesnDYUhd7oWgT11eZG7XnxHrnYeSvkzY7d2bhkJ7';
const STEP_0H_PUBLIC =
  'xpub68Gmy5EdvgibQVfPdqkBBCHxA5htiqg55crXYuXoQRKfDBFA1WEjWgP6LHhwBZeNK1VTsfTFUHCdrfp1bgwQ9xv5ski8PX9rL2dZXvgGDnw';
const STEP_0H_1_PUBLIC =
  'xpub6ASuArnXKPbfEwhqN6e3mwBcDTgzisQN1wXN9BJcM47sSikHjJf3UFHKkNAWbWMiGj7Wf5uMash7SyYq527Hqck2AxYysAA7xmALppuCkwQ';

const root = parseExtendedSecretKey(ROOT, XPRV, secp)!;

test('a text is read and written again', () => {
  assert.equal(formatExtendedSecretKey(root, XPRV), ROOT);
  assert.equal(formatExtendedPublicKey(toExtendedPublicKey(root, secp), XPUB), ROOT_PUBLIC);
  const read = parseExtendedPublicKey(ROOT_PUBLIC, XPUB, secp)!;
  assert.equal(read.depth, 0);
  assert.equal(toHex(read.publicKey), '0339a36013301597daef41fbe593a02cc513d0b55527ec2df1050e2e8ff49c85c2');
  assert.equal(toHex(computeFingerprint(read.publicKey)), '3442193e');
});

test('a root grows from a seed of 16 to 64 bytes', () => {
  const grown = createRootKey(fromHex('000102030405060708090a0b0c0d0e0f'), secp)!;
  assert.equal(formatExtendedSecretKey(grown, XPRV), ROOT);
  assert.throws(() => createRootKey(new Uint8Array(15), secp), /16 to 64 bytes/);
});

/** A text with a right checksum around any key of 33 bytes, at the root. */
function forge(version: string, key: string): string {
  return formatBase58Check(concatBytes(fromHex(version), new Uint8Array(9), new Uint8Array(32).fill(7), fromHex(key)));
}

test('K07: extended private keys are 1 to order - 1, after a zero', () => {
  const order = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141';
  const accepts = (key: string): boolean => parseExtendedSecretKey(forge('0488ade4', key), XPRV, secp) !== null;
  assert.ok(accepts(`00${'00'.repeat(31)}01`));
  assert.ok(accepts(`00${order.slice(0, -2)}40`));
  assert.ok(!accepts(`00${'00'.repeat(32)}`));
  assert.ok(!accepts(`00${order}`));
  assert.ok(!accepts(`00${order.slice(0, -2)}42`));
  assert.ok(!accepts(`00${'ff'.repeat(32)}`));
  assert.ok(!accepts(`01${'00'.repeat(31)}01`));
});

test('K07: extended public keys are points of the curve, compressed', () => {
  const accepts = (key: string): boolean => parseExtendedPublicKey(forge('0488b21e', key), XPUB, secp) !== null;
  const x = '79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
  assert.ok(accepts(`02${x}`));
  assert.ok(accepts(`03${x}`));
  // Hybrid and uncompressed marks, and none.
  for (const mark of ['00', '01', '04', '05', '06', '07']) assert.ok(!accepts(`${mark}${x}`), mark);
  // 5 is the x of no point of the curve, but of one of its twist; then the order of the field and 1 more, which is the point of 1.
  assert.ok(!accepts(`02${'00'.repeat(31)}05`));
  assert.ok(!accepts('02fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f'));
  assert.ok(!accepts('02fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc30'));
  assert.ok(!accepts(`02${'00'.repeat(32)}`));
});

test('children are those of BIP32', () => {
  const child = deriveSecretChild(root, HARDENED_START, secp)!;
  assert.equal(formatExtendedSecretKey(child, XPRV), STEP_0H);
  const grandchild = toExtendedPublicKey(deriveSecretChild(child, 1, secp)!, secp);
  assert.equal(formatExtendedPublicKey(grandchild, XPUB), STEP_0H_1_PUBLIC);
  const fromPublic = derivePublicChild(parseExtendedPublicKey(STEP_0H_PUBLIC, XPUB, secp)!, 1, secp)!;
  assert.equal(formatExtendedPublicKey(fromPublic, XPUB), STEP_0H_1_PUBLIC);
});

test('a hardened child does not follow from the public key', () => {
  assert.equal(derivePublicChild(toExtendedPublicKey(root, secp), HARDENED_START, secp), null);
});

test('the tree ends at depth 255', () => {
  const deep = { ...root, depth: 255, parentFingerprint: fromHex('01020304'), childNumber: 1 };
  assert.equal(deriveSecretChild(deep, 0, secp), null);
  assert.equal(derivePublicChild(toExtendedPublicKey(deep, secp), 0, secp), null);
});

test('keys of another network, and private ones where public ones are meant, are none', () => {
  assert.equal(parseExtendedPublicKey(ROOT_PUBLIC, 0x043587cf, secp), null);
  assert.equal(parseExtendedPublicKey(ROOT, XPUB, secp), null);
  assert.equal(parseExtendedSecretKey(ROOT_PUBLIC, XPRV, secp), null);
  assert.equal(parseExtendedPublicKey('', XPUB, secp), null);
});

const folder = `${process.env['TALLY_VECTORS'] ?? '../shared/vectors'}/bips/bip-0032`;
const skip = existsSync(folder) ? false : `no vectors at ${folder}`;
const readJson = (name: string) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'));

test('every chain of the vectors of BIP32 is derived', { skip }, () => {
  const chains: readonly (readonly [path: string, xpub: string, xprv: string])[][] = Object.values(
    readJson('bip32_test_vectors.json'),
  );
  for (const chain of chains) {
    const first = parseExtendedSecretKey(chain[0]![2], XPRV, secp)!;
    for (const [path, xpub, xprv] of chain) {
      let key = first;
      for (const step of path.split('/').slice(1)) {
        const isHardened = step.endsWith('H');
        const number = Number(isHardened ? step.slice(0, -1) : step);
        key = deriveSecretChild(key, isHardened ? number + HARDENED_START : number, secp)!;
      }
      assert.equal(formatExtendedSecretKey(key, XPRV), xprv);
      assert.equal(formatExtendedPublicKey(toExtendedPublicKey(key, secp), XPUB), xpub);
    }
  }
});

test('invalid keys of the vectors of BIP32 are none', { skip }, () => {
  for (const [text] of readJson('bip32_invalid_keys.json')) {
    assert.equal(parseExtendedPublicKey(text, XPUB, secp), null, text);
    assert.equal(parseExtendedSecretKey(text, XPRV, secp), null, text);
  }
});
