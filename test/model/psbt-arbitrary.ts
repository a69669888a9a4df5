// PSBTs by chance, for properties: every kind of field, a few of each, in both versions.

import fc from 'fast-check';
import { hash160 } from '../../src/kernel/crypto/hash160.ts';
import { asTxid } from '../../src/kernel/primitives/hashes.ts';
import { buildTransaction } from '../../src/kernel/primitives/transaction.ts';
import { EMPTY_BYTES, fromHex, toHex } from '../../src/kernel/util/bytes.ts';
import type { Preimage, Psbt, PsbtFields, PsbtInput, PsbtOutput, UnknownField } from '../../src/wallet/psbt/psbt.ts';
import { createPsbtInput, createPsbtOutput } from '../../src/wallet/psbt/psbt.ts';
import { type MusigShare, nameOfTapLeaf, nameOfTapSignature } from '../../src/wallet/signature-data.ts';

/** Public keys of the secrets 1, 2 and 3. */
const KEYS: readonly Uint8Array[] = [
  '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798',
  '02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5',
  '02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9',
].map(fromHex);

/** A strict DER signature with SIGHASH_ALL. */
const SIGNATURE = fromHex('300602010102010101');

const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const script: fc.Arbitrary<Uint8Array> = fc.uint8Array({ minLength: 1, maxLength: 40 });
const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });
const uint32: fc.Arbitrary<number> = fc.nat({ max: 0xffffffff });
const key: fc.Arbitrary<Uint8Array> = fc.constantFrom(...KEYS);
const origin = fc.record({ fingerprint: bytes(4), path: fc.array(uint32, { maxLength: 4 }) });
/** Not all zeros, which stands for nothing. */
const hash: fc.Arbitrary<Uint8Array> = bytes(32).map((value) => value.fill(1, 0, 1));

function fields<T>(value: fc.Arbitrary<T>, nameOf: (value: T) => string): fc.Arbitrary<PsbtFields<T>> {
  return fc
    .array(value, { maxLength: 3 })
    .map((values) => new Map(values.map((one): [string, T] => [nameOf(one), one])));
}

/** Types that mean nothing in any map. */
const unknown: fc.Arbitrary<PsbtFields<UnknownField>> = fields(
  fc.record({ key: bytes(5).map((value) => value.fill(0x77, 0, 1)), value: fc.uint8Array({ maxLength: 9 }) }),
  (one) => toHex(one.key),
);

const proprietary = fields(
  fc
    .record({ identifier: fc.uint8Array({ maxLength: 3 }), subtype: fc.nat({ max: 200 }), value: bytes(2) })
    .map((one) => {
      const { identifier, subtype } = one;
      return { ...one, key: Uint8Array.of(0xfc, identifier.length, ...identifier, subtype) };
    }),
  (one) => toHex(one.key),
);

const derivations = fields(fc.record({ publicKey: key, origin }), ({ publicKey }) => toHex(publicKey));

const tapDerivations = fields(
  fc.record({
    xOnlyKey: bytes(32),
    leafHashes: fc
      .uniqueArray(hash, { maxLength: 3, selector: toHex })
      .map((hashes) => hashes.sort((a, b) => (toHex(a) < toHex(b) ? -1 : 1))),
    origin,
  }),
  ({ xOnlyKey }) => toHex(xOnlyKey),
);

const musigParticipants = fields(
  fc.record({ aggregateKey: key, participantKeys: fc.array(key, { maxLength: 3 }) }),
  ({ aggregateKey }) => toHex(aggregateKey),
);

function preimages(length: number): fc.Arbitrary<PsbtFields<Preimage>> {
  return fields(fc.record({ hash: bytes(length), preimage: script }), (one) => toHex(one.hash));
}

function shares(length: number): fc.Arbitrary<PsbtFields<MusigShare>> {
  return fields(
    fc.record({ aggregateKey: key, participantKey: key, leafHash: orNull(hash), value: bytes(length) }),
    ({ aggregateKey, participantKey, leafHash }) =>
      toHex(aggregateKey) + toHex(leafHash ?? new Uint8Array(32)) + toHex(participantKey),
  );
}

const previous = buildTransaction({
  version: 2,
  inputs: [{ prevout: { txid: asTxid(new Uint8Array(32).fill(9)), index: 0 }, scriptSig: EMPTY_BYTES, sequence: 1 }],
  outputs: [{ valueSat: 5_000, scriptPubKey: fromHex('51') }],
  locktime: 0,
});

const signing = fc.record({
  nonWitnessUtxo: fc.constantFrom(null, previous),
  witnessUtxo: orNull(fc.record({ valueSat: fc.nat(), scriptPubKey: script })),
  partialSignatures: fields(fc.record({ publicKey: key, signature: fc.constant(SIGNATURE) }), ({ publicKey }) =>
    toHex(hash160(publicKey)),
  ),
  sighashType: orNull(fc.integer({ min: -5, max: 200 })),
  redeemScript: orNull(script),
  witnessScript: orNull(script),
  derivations,
  preimages: fc.record({
    ripemd160: preimages(20),
    sha256: preimages(32),
    hash160: preimages(20),
    hash256: preimages(32),
  }),
});

const taproot = fc.record({
  tapKeySignature: orNull(bytes(64)),
  tapScriptSignatures: fields(
    fc.record({ xOnlyKey: bytes(32), leafHash: bytes(32), signature: bytes(65) }),
    ({ xOnlyKey, leafHash }) => nameOfTapSignature(xOnlyKey, leafHash),
  ),
  tapLeafScripts: fields(
    fc.record({ script, leafVersion: fc.constant(0xc0), controlBlocks: fc.tuple(bytes(33)) }),
    (leaf) => nameOfTapLeaf(leaf.script, leaf.leafVersion),
  ),
  tapDerivations,
  tapInternalKey: orNull(hash),
  tapMerkleRoot: orNull(hash),
  musigParticipants,
  musigNonces: shares(66),
  musigSignatures: shares(32),
});

const final = fc.record({ finalScriptSig: script, finalWitness: fc.array(script, { minLength: 1, maxLength: 3 }) });

/** An input that still is to be signed, or one that is finished: a finished one keeps nothing else. */
const input: fc.Arbitrary<Partial<PsbtInput>> = fc
  .tuple(fc.oneof(fc.tuple(signing, taproot), final), proprietary, unknown)
  .map(([parts, own, others]) => {
    const all: Partial<PsbtInput> = Array.isArray(parts) ? { ...parts[0], ...parts[1] } : parts;
    return { ...all, proprietary: own, unknown: others };
  });

const output: fc.Arbitrary<PsbtOutput> = fc
  .record({
    valueSat: fc.nat(),
    scriptPubKey: script,
    redeemScript: orNull(script),
    witnessScript: orNull(script),
    derivations,
    tapInternalKey: orNull(hash),
    tapTree: fc.constantFrom(
      [],
      [{ depth: 0, leafVersion: 0xc0, script: fromHex('51') }],
      [1, 2, 2].map((depth) => ({ depth, leafVersion: 0xc0, script: fromHex('5151') })),
    ),
    tapDerivations,
    musigParticipants,
    proprietary,
    unknown,
  })
  .map((parts) => ({ ...createPsbtOutput(parts), ...parts }));

const placeV2 = fc.record({
  sequence: orNull(uint32),
  timeLocktime: orNull(fc.integer({ min: 500_000_000, max: 0xffffffff })),
  heightLocktime: orNull(fc.integer({ min: 1, max: 499_999_999 })),
});

/** Any PSBT whose maps can be written. */
export const anyPsbt: fc.Arbitrary<Psbt> = fc
  .record({
    version: fc.constantFrom(0 as const, 2 as const),
    txVersion: uint32,
    locktime: uint32,
    modifiable: orNull(fc.nat({ max: 255 })),
    inputs: fc.array(fc.tuple(input, placeV2, uint32), { maxLength: 3 }),
    outputs: fc.array(output, { maxLength: 3 }),
    proprietary,
    unknown,
  })
  .map(({ version, locktime, modifiable, inputs, ...rest }) => ({
    ...rest,
    version,
    extendedKeys: new Map(),
    fallbackLocktime: locktime,
    modifiable: version === 2 ? modifiable : null,
    inputs: inputs.map(([parts, place, sequence], i) => {
      const txid = parts.nonWitnessUtxo?.txid ?? asTxid(new Uint8Array(32).fill(i + 1));
      const blank = createPsbtInput({ txid, index: 0 }, sequence);
      return { ...blank, ...parts, ...(version === 2 ? place : {}) };
    }),
  }));
