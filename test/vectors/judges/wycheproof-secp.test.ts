// The Wycheproof judges on small files in Wycheproof's forms, made here with OpenSSL's curve code, which is not ours: right
// cases pass, and each wrong expectation is found.

import assert from 'node:assert/strict';
import { createECDH, createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import { nobleSecp256k1 } from '../../../src/kernel/crypto/secp256k1-noble.ts';
import { fromHex, toHex } from '../../../src/kernel/util/bytes.ts';
import { createVectorFile, createVectorFolder } from '../folder.ts';
import type { CaseOutcome } from '../judge.ts';
import { judges } from './wycheproof-secp.ts';

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** Outcomes of the judge that recognises this JSON, under a name that tells nothing. */
function judge(json: unknown, path = 'crypto/other/x.json'): readonly CaseOutcome[] {
  const file = createVectorFile(path, () => new TextEncoder().encode(JSON.stringify(json)));
  const folder = createVectorFolder([file]);
  const judgesOfFile = judges.filter((one) => one.matches(file));
  assert.equal(judgesOfFile.length, 1, 'one judge knows the file');
  return [...judgesOfFile[0]!.run(file, folder)];
}

function failuresOf(outcomes: readonly CaseOutcome[]): string[] {
  return outcomes.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`);
}

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });

function pointOf(key: KeyObject): string {
  const { x, y } = key.export({ format: 'jwk' });
  return `04${Buffer.from(x!, 'base64url').toString('hex')}${Buffer.from(y!, 'base64url').toString('hex')}`;
}

const message = new TextEncoder().encode('a page of the ledger');

/** DER of both forms of one signature: s as it came, low and high. */
function signBoth(sha: string): { low: string; high: string; compactLow: string } {
  const compact = toHex(new Uint8Array(sign(sha, message, { key: privateKey, dsaEncoding: 'ieee-p1363' })));
  const [r, s] = [compact.slice(0, 64), BigInt(`0x${compact.slice(64)}`)];
  const low = s > ORDER >> 1n ? ORDER - s : s;
  const hex = (value: bigint): string => value.toString(16).padStart(64, '0');
  return { low: derOf(r, hex(low)), high: derOf(r, hex(ORDER - low)), compactLow: r + hex(low) };
}

function derInteger(hex: string): string {
  const digits = hex.replace(/^(00)+(?=..)/, '');
  const value = Number.parseInt(digits.slice(0, 2), 16) >= 0x80 ? `00${digits}` : digits;
  return `02${(value.length / 2).toString(16).padStart(2, '0')}${value}`;
}

function derOf(r: string, s: string): string {
  const body = derInteger(r) + derInteger(s);
  return `30${(body.length / 2).toString(16)}${body}`;
}

interface EcdsaCase {
  readonly sig: string;
  readonly result: string;
  readonly msg?: string;
}

function ecdsaFile(type: string, sha: string, cases: readonly EcdsaCase[]): unknown {
  const tests = cases.map((one, i) => ({ tcId: i + 1, comment: 'made here', flags: [], msg: toHex(message), ...one }));
  const key = { type: 'EcPublicKey', curve: 'secp256k1', keySize: 256, uncompressed: pointOf(publicKey) };
  return { algorithm: 'ECDSA', schema: 'x', testGroups: [{ type, publicKey: key, sha, tests }] };
}

test('ECDSA files in DER: strict encoding, any s', () => {
  const { low, high } = signBoth('sha256');
  const cases = [
    { sig: low, result: 'valid' },
    { sig: high, result: 'valid' },
    { sig: `${low}00`, result: 'invalid' },
    { sig: `3081${low.slice(2)}`, result: 'invalid' },
    { sig: '', result: 'invalid' },
    { sig: low, msg: '00', result: 'invalid' },
    { sig: `${low}00`, result: 'acceptable' },
  ];
  const outcomes = judge(ecdsaFile('EcdsaVerify', 'SHA-256', cases));
  assert.equal(outcomes.length, 7);
  assert.deepEqual(failuresOf(outcomes), []);
});

test('ECDSA files of the Bitcoin variant: a high s is refused', () => {
  const { low, high } = signBoth('sha256');
  const cases = [
    { sig: low, result: 'valid' },
    { sig: high, result: 'invalid' },
  ];
  assert.deepEqual(failuresOf(judge(ecdsaFile('EcdsaBitcoinVerify', 'SHA-256', cases))), []);
});

test('ECDSA files in P1363: 64 bytes, numbers in range', () => {
  const { compactLow } = signBoth('sha256');
  const cases = [
    { sig: compactLow, result: 'valid' },
    { sig: `00${compactLow}`, result: 'invalid' },
    { sig: 'ff'.repeat(32) + compactLow.slice(64), result: 'invalid' },
    { sig: '00'.repeat(64), result: 'invalid' },
  ];
  assert.deepEqual(failuresOf(judge(ecdsaFile('EcdsaP1363Verify', 'SHA-256', cases))), []);
});

for (const [sha, nodeName] of [
  ['SHA-512', 'sha512'],
  ['SHA3-256', 'sha3-256'],
  ['SHA3-512', 'sha3-512'],
] as const) {
  test(`ECDSA files with ${sha}`, () => {
    const { low } = signBoth(nodeName);
    const cases = [
      { sig: low, result: 'valid' },
      { sig: low, msg: '11', result: 'invalid' },
    ];
    assert.deepEqual(failuresOf(judge(ecdsaFile('EcdsaVerify', sha, cases))), []);
  });
}

test('ECDSA files with SHAKE take 32 and 64 bytes of output', () => {
  for (const [sha, name, outputLength] of [
    ['SHAKE128', 'shake128', 32],
    ['SHAKE256', 'shake256', 64],
  ] as const) {
    const digest = createHash(name, { outputLength }).update(message).digest().subarray(0, 32);
    const secret = new Uint8Array(Buffer.from(privateKey.export({ format: 'jwk' }).d!, 'base64url'));
    const compact = toHex(nobleSecp256k1.signEcdsa(new Uint8Array(digest), secret)!);
    const cases = [{ sig: derOf(compact.slice(0, 64), compact.slice(64)), result: 'valid' }];
    assert.deepEqual(failuresOf(judge(ecdsaFile('EcdsaVerify', sha, cases))), []);
  }
});

test('a wrong expectation is found on every backend', () => {
  const { low } = signBoth('sha256');
  const [outcome] = judge(ecdsaFile('EcdsaVerify', 'SHA-256', [{ sig: low, result: 'invalid' }]));
  assert.equal(outcome!.ok, false);
  assert.match(outcome!.detail!, /expected invalid, wrong: .*@noble\/curves/);
});

test('files about other curves are left to others', () => {
  const foreign = ecdsaFile('EcdsaVerify', 'SHA-256', []) as { testGroups: { publicKey: { curve: string } }[] };
  foreign.testGroups[0]!.publicKey.curve = 'secp256r1';
  const file = createVectorFile('crypto/wycheproof/x.json', () => new TextEncoder().encode(JSON.stringify(foreign)));
  assert.deepEqual(
    judges.filter((one) => one.matches(file)),
    [],
  );
});

const peer = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });

function sharedWithPeer(): string {
  const ecdh = createECDH('secp256k1');
  ecdh.setPrivateKey(Buffer.from(peer.privateKey.export({ format: 'jwk' }).d!, 'base64url'));
  return ecdh.computeSecret(Buffer.from(pointOf(publicKey), 'hex')).toString('hex');
}

function ecdhFile(encoding: string, cases: readonly object[], curve = 'secp256k1'): unknown {
  const tests = cases.map((one, i) => ({ tcId: i + 1, comment: 'made here', flags: [], ...one }));
  const type = encoding === 'pem' ? 'EcdhPemTest' : encoding === 'webcrypto' ? 'EcdhWebcryptoTest' : 'EcdhTest';
  return { algorithm: 'ECDH', schema: 'x', testGroups: [{ type, curve, encoding, tests }] };
}

test('ECDH files in ASN.1: named curve, valid point, secret with zeros before it', () => {
  const der = toHex(new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })));
  const secret = Buffer.from(peer.privateKey.export({ format: 'jwk' }).d!, 'base64url').toString('hex');
  const shared = sharedWithPeer();
  const offCurve = der.slice(0, -2) + (Number.parseInt(der.slice(-2), 16) ^ 1).toString(16).padStart(2, '0');
  const otherCurve = toHex(
    new Uint8Array(
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'der', type: 'spki' }),
    ),
  );
  const cases = [
    { public: der, private: secret, shared, result: 'valid' },
    { public: der, private: `0000${secret}`, shared, result: 'valid' },
    { public: offCurve, private: secret, shared, result: 'invalid' },
    { public: otherCurve, private: secret, shared, result: 'invalid' },
    { public: `${der}00`, private: secret, shared, result: 'acceptable' },
    { public: '', private: secret, shared: '', result: 'invalid' },
  ];
  assert.deepEqual(failuresOf(judge(ecdhFile('asn', cases))), []);
  const [wrong] = judge(
    ecdhFile('asn', [{ public: der, private: secret, shared: '00'.repeat(32), result: 'acceptable' }]),
  );
  assert.equal(wrong!.ok, false, 'an acceptable case may be refused, but not answered wrongly');
});

test('ECDH files with points, PEM and JWK', () => {
  const shared = sharedWithPeer();
  const d = peer.privateKey.export({ format: 'jwk' }).d!;
  const secret = toHex(new Uint8Array(Buffer.from(d, 'base64url')));
  const point = { public: pointOf(publicKey), private: secret, shared, result: 'valid' };
  assert.deepEqual(failuresOf(judge(ecdhFile('ecpoint', [point]))), []);
  const pem = {
    public: publicKey.export({ format: 'pem', type: 'spki' }),
    private: peer.privateKey.export({ format: 'pem', type: 'pkcs8' }),
    shared,
    result: 'valid',
  };
  assert.deepEqual(failuresOf(judge(ecdhFile('pem', [pem]))), []);
  const jwk = {
    public: { ...publicKey.export({ format: 'jwk' }), crv: 'P-256K' },
    private: { ...peer.privateKey.export({ format: 'jwk' }), crv: 'P-256K' },
    shared,
    result: 'valid',
  };
  const cut = { ...jwk, public: { ...jwk.public, x: 'AAAA' }, result: 'invalid' };
  assert.deepEqual(failuresOf(judge(ecdhFile('webcrypto', [jwk, cut], 'P-256K'))), []);
});

test('curve parameters with another generator are found', () => {
  const parameters = {
    tcId: 5,
    name: 'secp256k1',
    p: '00fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f',
    n: '00fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141',
    a: '00',
    b: '07',
    gx: '79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798',
    gy: '483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8',
    h: 1,
    result: 'valid',
  };
  const file = (changes: object): unknown => ({
    algorithm: 'EcCurveTest',
    testGroups: [{ type: 'EcCurveTest', tests: [{ ...parameters, ...changes }] }],
  });
  assert.deepEqual(failuresOf(judge(file({}))), []);
  assert.equal(failuresOf(judge(file({ gx: parameters.gy }))).length, 1);
  assert.equal(failuresOf(judge(file({ b: '08' }))).length, 1);
  assert.equal(fromHex(parameters.n).length, 33);
});
