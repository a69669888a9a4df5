// Every backend of this machine against the others: random and mutated signatures, keys, tweaks; signing against a naive
// RFC 6979; loading and its outcomes.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { computeNonce } from '../../../test/model/rfc6979.ts';
import { allBackends } from '../../../test/vectors/backends.ts';
import { normalizeS, parseSignatureLax } from '../../kernel/crypto/der.ts';
import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import { nobleSecp256k1 } from '../../kernel/crypto/secp256k1-noble.ts';
import { formatSkippedBackend } from '../../kernel/crypto/secp256k1-select.ts';
import { selfTestSecp256k1 } from '../../kernel/crypto/secp256k1-self-test.ts';
import { concatBytes, fromHex, toHex } from '../../kernel/util/bytes.ts';
import { openSecpLibrary, secpLibraryNames, secpLibraryRemedy } from './secp-library.ts';
import { loadSecp256k1 } from './secp256k1.ts';

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const FIELD = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn;

function bytes32(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(64, '0'));
}

/** 32 bytes: mostly random, often at a border of the group or the field. */
const scalar: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 3, arbitrary: fc.uint8Array({ minLength: 32, maxLength: 32 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom(0n, 1n, ORDER >> 1n, ORDER - 1n, ORDER, FIELD - 1n, FIELD, 2n ** 256n - 2n),
        fc.bigInt(-1n, 1n),
      )
      .map(([base, step]) => bytes32(base + step < 0n ? 0n : base + step)),
  },
);

/** A secret in range, from a small set, so that keys can be had without much work. */
const secret: fc.Arbitrary<Uint8Array> = fc
  .integer({ min: 1, max: 40 })
  .map((n) => bytes32(BigInt(n) * 0x1234567890abcdefn));

/** Nothing, or one to three changed bytes, or a cut. */
interface Mutation {
  readonly edits: readonly (readonly [at: number, by: number])[];
  readonly cut: number;
}

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ edits: [], cut: 0 }) },
  {
    weight: 1,
    arbitrary: fc.record({
      edits: fc.array(fc.tuple(fc.nat(70), fc.integer({ min: 1, max: 255 })), { maxLength: 3 }),
      cut: fc.constantFrom(0, 0, 0, 1),
    }),
  },
);

function mutate(bytes: Uint8Array, { edits, cut }: Mutation): Uint8Array {
  const copy = bytes.slice(0, bytes.length - cut);
  for (const [at, by] of edits) copy[at % copy.length] = copy[at % copy.length]! ^ by;
  return copy;
}

/** The answer that all backends give; fails when they differ. */
function agree<T>(ask: (backend: Secp256k1) => T): T {
  const [first, ...others] = allBackends();
  const answer = ask(first!);
  for (const backend of others) assert.deepEqual(ask(backend), answer, `${backend.name} differs from ${first!.name}`);
  return answer;
}

test('every backend of this machine passes the self-test', (context) => {
  for (const backend of allBackends()) {
    context.diagnostic(`backend: ${backend.name}`);
    assert.equal(selfTestSecp256k1(backend), null, backend.name);
  }
});

test('backends agree on good and mutated ECDSA signatures', () => {
  let good = 0;
  const property = fc.property(
    secret,
    scalar,
    fc.constantFrom('compressed', 'full', 'hybrid', 'wrong hybrid'),
    mutation,
    mutation,
    mutation,
    (key, digest, form, signatureMutation, digestMutation, keyMutation) => {
      const signature = agree((b) => b.signEcdsa(digest, key))!;
      const publicKey = nobleSecp256k1.createPublicKey(key, form === 'compressed')!;
      const isOdd = publicKey[publicKey.length - 1]! & 1;
      if (form === 'hybrid') publicKey[0] = 6 + isOdd;
      if (form === 'wrong hybrid') publicKey[0] = 7 - isOdd;
      const asked = [
        mutate(signature, signatureMutation),
        mutate(digest, digestMutation),
        mutate(publicKey, keyMutation),
      ] as const;
      if (agree((b) => b.verifyEcdsa(...asked))) good++;
      const highS = signature.slice();
      highS.set(bytes32(ORDER - BigInt(`0x${toHex(signature.subarray(32))}`)), 32);
      assert.equal(
        agree((b) => b.verifyEcdsa(highS, digest, publicKey)),
        false,
      );
    },
  );
  fc.assert(property, { numRuns: 250 });
  assert.ok(good > 20, 'enough of them were good');
});

test('backends agree on arbitrary ECDSA signatures', () => {
  const property = fc.property(scalar, scalar, scalar, secret, (r, s, digest, key) => {
    const publicKey = nobleSecp256k1.createPublicKey(key, true)!;
    agree((b) => b.verifyEcdsa(concatBytes(r, s), digest, publicKey));
  });
  fc.assert(property, { numRuns: 150 });
});

test('backends agree on oddly encoded DER', () => {
  const signature = nobleSecp256k1.signEcdsa(bytes32(3n), bytes32(5n))!;
  const [r, s] = [toHex(signature.subarray(0, 32)), toHex(signature.subarray(32))];
  const publicKey = nobleSecp256k1.createPublicKey(bytes32(5n), true)!;
  const property = fc.property(fc.nat(8), fc.nat(8), mutation, (padR, padS, change) => {
    const zeros = (count: number): string => '00'.repeat(count);
    const length = (count: number): string => (32 + count).toString(16);
    const der = fromHex(`3080${'02'}${length(padR)}${zeros(padR)}${r}0281${length(padS)}${zeros(padS)}${s}`);
    const bytes = mutate(der, change);
    const parsed = new Uint8Array(64);
    parseSignatureLax(bytes, 0, bytes.length, parsed);
    normalizeS(parsed);
    const isGood = agree((b) => b.verifyEcdsa(parsed, bytes32(3n), publicKey));
    if (change.edits.length === 0 && change.cut === 0) assert.equal(isGood, true);
  });
  fc.assert(property, { numRuns: 100 });
});

test('backends agree on good and mutated Schnorr signatures of messages of any length', () => {
  const message = fc.oneof(scalar, fc.uint8Array({ maxLength: 100 }), fc.constant(new Uint8Array(70_000).fill(7)));
  const property = fc.property(
    secret,
    message,
    scalar,
    mutation,
    mutation,
    (key, text, auxiliary, change, keyChange) => {
      const signature = agree((b) => b.signSchnorr(text, key, auxiliary))!;
      const publicKey = nobleSecp256k1.createPublicKey(key, true)!.subarray(1);
      const isSame = change.cut + change.edits.length + keyChange.cut + keyChange.edits.length === 0;
      const isGood = agree((b) => b.verifySchnorr(mutate(signature, change), text, mutate(publicKey, keyChange)));
      if (isSame) assert.equal(isGood, true);
    },
  );
  fc.assert(property, { numRuns: 150 });
});

test('backends agree on keys, tweaks and shared points', () => {
  const property = fc.property(scalar, scalar, secret, mutation, fc.boolean(), (a, b32, key, change, compressed) => {
    const publicKey = mutate(nobleSecp256k1.createPublicKey(key, compressed)!, change);
    agree((b) => b.isValidSecret(a));
    agree((b) => b.isValidPublicKey(publicKey));
    agree((b) => b.isValidXOnlyPublicKey(a));
    agree((b) => b.createPublicKey(a, compressed));
    agree((b) => b.convertPublicKey(publicKey, !compressed));
    agree((b) => b.tweakPublicKey(publicKey, a));
    agree((b) => b.tweakSecret(a, b32));
    agree((b) => b.tweakXOnlySecret(a, b32));
    agree((b) => b.ecdhX(publicKey, a));
    agree((b) => b.signEcdsa(a, b32, a));
    const tweaked = agree((b) => b.tweakXOnly(publicKey.subarray(1, 33), a));
    if (tweaked !== null) {
      const { x, parity } = tweaked;
      const isRight = (asked: 0 | 1): boolean =>
        agree((b) => b.checkXOnlyTweak(x, asked, publicKey.subarray(1, 33), a));
      const other = parity === 0 ? 1 : 0;
      // The second time a backend may know the answer.
      for (let i = 0; i < 2; i++) assert.deepEqual([isRight(parity), isRight(other)], [true, false]);
    }
  });
  fc.assert(property, { numRuns: 150 });
});

test('a tweaked secret belongs to the tweaked key', () => {
  const property = fc.property(secret, scalar, (key, tweak) => {
    const publicKey = nobleSecp256k1.createPublicKey(key, true)!;
    for (const backend of allBackends()) {
      const output = backend.tweakXOnly(publicKey.subarray(1), tweak);
      const outputSecret = backend.tweakXOnlySecret(key, tweak);
      assert.equal(output === null, outputSecret === null);
      if (output === null || outputSecret === null) continue;
      assert.deepEqual(backend.createPublicKey(outputSecret, true)!.subarray(1), output.x);
    }
  });
  fc.assert(property, { numRuns: 30 });
});

test('ECDSA nonces are those of RFC 6979, with and without more entropy', () => {
  const property = fc.property(secret, scalar, fc.option(scalar, { nil: undefined }), (key, digest, extra) => {
    const k = computeNonce({
      order: ORDER,
      secret: BigInt(`0x${toHex(key)}`),
      digest,
      hashName: 'sha256',
      ...(extra === undefined ? {} : { extra }),
    });
    const x = BigInt(`0x${toHex(nobleSecp256k1.createPublicKey(bytes32(k), true)!.subarray(1))}`);
    const signature = agree((b) => b.signEcdsa(digest, key, extra))!;
    assert.equal(BigInt(`0x${toHex(signature.subarray(0, 32))}`), x % ORDER);
  });
  fc.assert(property, { numRuns: 50 });
});

test('arguments of shared memory are taken, and nobody writes into an argument', () => {
  const shared = new Uint8Array(new SharedArrayBuffer(200));
  const key = bytes32(77n);
  const digest = bytes32(78n);
  const publicKey = nobleSecp256k1.createPublicKey(key, true)!;
  shared.set(nobleSecp256k1.signEcdsa(digest, key)!, 0);
  shared.set(digest, 64);
  shared.set(publicKey, 96);
  const before = toHex(shared);
  assert.equal(
    agree((b) => b.verifyEcdsa(shared.subarray(0, 64), shared.subarray(64, 96), shared.subarray(96, 129))),
    true,
  );
  assert.equal(toHex(shared), before);
});

test('loading names the backend in use and why others are not', (context) => {
  const { backend, skipped } = loadSecp256k1();
  context.diagnostic(`in use: ${backend.name}`);
  for (const one of skipped) context.diagnostic(formatSkippedBackend(one));
  assert.equal(selfTestSecp256k1(backend), null);
});

test('a library path that leads nowhere is reported and another backend serves', () => {
  const { backend, skipped } = loadSecp256k1('/nowhere/libsecp256k1.so');
  assert.notEqual(backend.name, 'libsecp256k1 (system)');
  assert.equal(skipped[0]!.backend, 'libsecp256k1 (system)');
  assert.match(formatSkippedBackend(skipped[0]!), /^libsecp256k1 \(system\) /);
});

test('every platform has names to try and a line for people', () => {
  for (const platform of ['linux', 'darwin', 'win32', 'freebsd']) {
    assert.ok(secpLibraryNames(platform).length > 0);
    assert.ok(secpLibraryRemedy(platform).length > 0);
  }
  assert.ok(secpLibraryRemedy('linux').includes('apt-get install libsecp256k1-1'));
  assert.ok(secpLibraryRemedy('darwin').includes('brew install secp256k1'));
});

test('without koffi, or with one that does not load, the outcome says so', () => {
  const missing = openSecpLibrary(undefined, 'linux', () => {
    throw Object.assign(new Error("Cannot find module 'koffi'\nRequire stack: ..."), { code: 'MODULE_NOT_FOUND' });
  });
  assert.ok(!missing.ok);
  assert.deepEqual(missing.error, {
    kind: 'absent',
    detail: 'needs the package koffi',
    remedy: 'npm install koffi',
  });
  const broken = openSecpLibrary(undefined, 'linux', () => {
    throw new Error('Cannot find the native Koffi module\nmore');
  });
  assert.ok(!broken.ok);
  assert.deepEqual(broken.error, {
    kind: 'unusable',
    detail: 'koffi does not load: Cannot find the native Koffi module',
  });
});

/** A koffi for which libraries are found, or not, and have these functions. */
function fakeKoffi(libraries: Readonly<Record<string, readonly string[]>>): unknown {
  return {
    pointer: () => null,
    proto: () => null,
    load: (path: string) => {
      const functions = libraries[path];
      if (functions === undefined) throw new Error('Failed to load shared library');
      return {
        func: (name: string) => {
          if (!functions.includes(name)) throw new Error(`Cannot find function '${name}' in shared library`);
          return () => 0;
        },
      };
    },
  };
}

test('a library that is not there, and one that is too old, are told apart', () => {
  const absent = openSecpLibrary(undefined, 'darwin', () => fakeKoffi({}));
  assert.ok(!absent.ok);
  assert.deepEqual(absent.error, { kind: 'absent', detail: 'not found', remedy: 'brew install secp256k1' });
  const old = openSecpLibrary(undefined, 'linux', () => fakeKoffi({ 'libsecp256k1.so': ['secp256k1_ecdsa_verify'] }));
  assert.ok(!old.ok);
  assert.equal(old.error.kind, 'unusable');
  assert.match(old.error.detail, /^is too old or incomplete: .*secp256k1_selftest/);
});

const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
const uncompiled = extension === '.ts' && 'threads run the compiled project only';

test('threads load their own backends side by side and give the same answers', { skip: uncompiled }, async () => {
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    import(workerData).then(({ loadSecp256k1 }) => {
      const { backend } = loadSecp256k1();
      const secret = new Uint8Array(32).fill(9);
      const key = backend.createPublicKey(secret, true);
      let good = 0;
      for (let i = 0; i < 40; i++) {
        const digest = new Uint8Array(32).fill(i);
        if (backend.verifyEcdsa(backend.signEcdsa(digest, secret), digest, key)) good++;
      }
      parentPort.postMessage([backend.name, good]);
    });`;
  const workerData = new URL(`./secp256k1${extension}`, import.meta.url).href;
  const workers = [1, 2, 3].map(() => new Worker(source, { eval: true, workerData }));
  const answers = await Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0]));
  await Promise.all(workers.map((worker) => worker.terminate()));
  const expected = [loadSecp256k1().backend.name, 40];
  assert.deepEqual(answers, [expected, expected, expected]);
});

test('a key that was met before, in any form, is answered for as if it were new', () => {
  const signed = agree((backend) => {
    const key = backend.createPublicKey(bytes32(5n), true)!;
    return {
      key,
      signature: backend.signEcdsa(bytes32(9n), bytes32(5n))!,
      full: backend.createPublicKey(bytes32(5n), false)!,
    };
  });
  const x = signed.key.slice(1);
  const schnorr = agree((backend) => backend.signSchnorr(bytes32(9n), bytes32(5n), new Uint8Array(32))!);
  const other = signed.key[0] === 2 ? 3 : 2;
  for (let round = 0; round < 2; round++) {
    assert.equal(
      agree((backend) => backend.verifySchnorr(schnorr, bytes32(9n), x)),
      true,
    );
    assert.equal(
      agree((backend) => backend.verifyEcdsa(signed.signature, bytes32(9n), signed.key)),
      true,
    );
    assert.equal(
      agree((backend) => backend.verifyEcdsa(signed.signature, bytes32(9n), signed.full)),
      true,
    );
    for (const first of [0, 1, other, 4, 5, 6]) {
      const key = concatBytes(Uint8Array.of(first), x);
      assert.equal(
        agree((backend) => backend.verifyEcdsa(signed.signature, bytes32(9n), key)),
        false,
        `${first}`,
      );
    }
    // x of no point, twice
    assert.equal(
      agree((backend) => backend.verifySchnorr(schnorr, bytes32(9n), bytes32(FIELD - 1n))),
      false,
    );
    assert.equal(
      agree((backend) => backend.verifyEcdsa(signed.signature, bytes32(9n), new Uint8Array(33))),
      false,
    );
  }
});
