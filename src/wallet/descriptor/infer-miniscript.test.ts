import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRegtestParams } from '../../kernel/consensus/networks/regtest.ts';
import { nobleSecp256k1 as secp } from '../../kernel/crypto/secp256k1-noble.ts';
import { sha256 } from '../../kernel/crypto/sha256.ts';
import { createWitnessProgram } from '../../kernel/script/script-builder.ts';
import { fromHex } from '../../kernel/util/bytes.ts';
import { addDescriptorChecksum } from './checksum.ts';
import { type Descriptor, isRanged, isSolvable, keysOf } from './descriptor.ts';
import { DescriptorExpander } from './expand.ts';
import { formatDescriptor, formatUniformDescriptor } from './format.ts';
import { inferDescriptor, inferWitnessScript } from './infer.ts';
import { computeInputWeight, measureDescriptorInput, measureRingInput } from './input-size.ts';
import { KeyRing } from './key-ring.ts';
import { describeUnsafeLocks } from './lock-warnings.ts';
import { parseDescriptor } from './parse.ts';

const { prefixes } = createRegtestParams();

const TPUB =
  'tpubD6NzVbkrYhZ4WaWSyoBvQwbpLkojyoTZPRsgXELWz3Popb3qkjcJyJUGLnL4qHHoQvao8ESaAstxYSnhyswJ76uZPStJRJCTKvosUCJZL5B';
/** Public keys of the secrets 1, 2 and 3. */
const KEY_1 = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
const KEY_2 = '02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5';
const KEY_3 = '02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9';
const [X_1, X_2, X_3] = [KEY_1, KEY_2, KEY_3].map((key) => key.slice(2)) as [string, string, string];

function read(text: string, ring = new KeyRing()) {
  return parseDescriptor(text, { prefixes, secp, ring });
}

function one(text: string, ring = new KeyRing()): Descriptor {
  const parsed = read(text, ring);
  assert.ok(parsed.ok, parsed.ok ? '' : `${text}: ${parsed.error}`);
  assert.equal(parsed.value.length, 1);
  return parsed.value[0]!;
}

test('miniscripts in descriptors are read, written, and known for rows', () => {
  for (const text of [
    `wsh(and_v(v:pk(${TPUB}/0/*),older(144)))`,
    `sh(wsh(or_d(pk(${KEY_1}),and_v(v:pkh(${KEY_2}),after(500000)))))`,
    `wsh(thresh(2,pk([d34db33f/48h]${TPUB}/0/*),s:pk(${KEY_1}),sln:older(10)))`,
    `tr(${X_1},{pkh(${X_2}),and_v(v:multi_a(1,${X_2},${X_3}),older(1))})`,
  ]) {
    const descriptor = one(text);
    assert.equal(formatDescriptor(descriptor, prefixes), text);
    assert.equal(isRanged(descriptor), text.includes('*'));
    assert.ok(isSolvable(descriptor));
  }
  const parsed = read(`wsh(and_v(v:pk(${TPUB}/<0;1>/*),pk(${TPUB}/2/*)))`);
  assert.ok(parsed.ok);
  assert.deepEqual(
    parsed.value.map((descriptor) => formatDescriptor(descriptor, prefixes)),
    [`wsh(and_v(v:pk(${TPUB}/0/*),pk(${TPUB}/2/*)))`, `wsh(and_v(v:pk(${TPUB}/1/*),pk(${TPUB}/2/*)))`],
  );
  assert.equal(keysOf(parsed.value[1]!).length, 2);
});

test('a script and its miniscript say the same', () => {
  // An HTLC of Core's test of decodescript.
  const key = '0250929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0';
  const script = fromHex(`82012088a914${'ff'.repeat(20)}8821${key}ad51b2`);
  const text = `wsh(and_v(and_v(v:hash160(${'ff'.repeat(20)}),v:pk(${key})),older(1)))#gm8xz4fl`;
  assert.equal(inferWitnessScript(script, prefixes, secp), text);
  const [output] = new DescriptorExpander(new KeyRing(), secp).expand(one(text), 0)!;
  assert.deepEqual(output, createWitnessProgram(0, sha256(script)));
  assert.equal(inferWitnessScript(fromHex('51'), prefixes, secp), null);
});

test('scripts lead back to miniscripts when the keys behind hashes are known', () => {
  for (const text of [
    `wsh(and_v(v:pkh([aabbccdd]${KEY_1}),pk([aabbccdd/1h]${KEY_2})))`,
    `tr([aabbccdd]${X_1},{and_v(v:pkh([aabbccdd]${X_2}),older(5)),pk([aabbccdd]${X_3})})`,
  ]) {
    const ring = new KeyRing();
    const [script] = new DescriptorExpander(ring, secp).expand(one(text, ring), 0)!;
    assert.equal(inferDescriptor(script!, prefixes, secp, ring), addDescriptorChecksum(text));
  }
});

test('miniscripts that are none, stand elsewhere or are not sane are refused in the words of Core', () => {
  const cases: readonly (readonly [text: string, error: string])[] = [
    [`and_v(v:pk(${KEY_1}),older(1))`, 'Miniscript expressions can only be used in wsh or tr.'],
    [`sh(and_v(v:pk(${KEY_1}),older(1)))`, 'Miniscript expressions can only be used in wsh or tr.'],
    ['wsh(and_v(pk)', 'A function is needed within P2WSH'],
    ['wsh(older(0))', 'A function is needed within P2WSH'],
    ['wsh(0)', '0 is not satisfiable'],
    [`wsh(and_v(1,pk(${KEY_1})))`, `and_v(1,pk(${KEY_1})) is invalid`],
    [
      `wsh(and_b(pk(${KEY_1}),s:pk(${KEY_1})))`,
      `and_b(pk(${KEY_1}),s:pk(${KEY_1})) is not sane: contains duplicate public keys`,
    ],
    ['wsh(and_v(v:pk(00),older(1)))', "Pubkey '00' is invalid"],
    [`wsh(and_v(v:pk(${X_1}),older(1)))`, `Pubkey '${X_1}' is invalid`],
    [
      `wsh(and_v(v:pk(${TPUB}/<0;1>/*),pk(${TPUB}/<2;3;4>/*)))`,
      'Miniscript: Multipath derivation paths have mismatched lengths',
    ],
  ];
  for (const [text, error] of cases) assert.deepEqual(read(text), { ok: false, error }, text);
});

test('a key that stands twice is found by what is derived, and told apart where that takes a secret', () => {
  const twice = (a: string, b: string) => read(`wsh(and_v(v:pk(${a}),pk(${b})))`);
  assert.ok(!twice(`${TPUB}/0/*`, `${TPUB}/0/*`).ok);
  assert.ok(!twice(`${TPUB}/0/*`, `[d34db33f]${TPUB}/0/*`).ok, 'an origin makes no other key');
  assert.ok(!twice(`${TPUB}/0/*`, `${TPUB}/0/0`).ok, 'the first of the row');
  assert.ok(twice(`${TPUB}/0/*`, `${TPUB}/1/*`).ok);
  assert.ok(!twice(`${TPUB}/0h/*`, `${TPUB}/0h/*`).ok);
  assert.ok(twice(`${TPUB}/0h/*`, `${TPUB}/1h/*`).ok);
});

test('inputs of miniscripts weigh what they weigh at most', () => {
  const weigh = (text: string, tapPath: 'key' | 'leaf' = 'key') => {
    const ring = new KeyRing();
    const descriptor = one(text, ring);
    const [script] = new DescriptorExpander(ring, secp).expand(descriptor, 0)!;
    const measure = measureDescriptorInput(descriptor, script!, true, tapPath);
    if (tapPath === 'key') assert.deepEqual(measureRingInput(script!, ring, true), measure);
    return computeInputWeight(measure!, true);
  };
  // 41 bytes of outpoint, length and sequence are 164; the script has 35 + 3 bytes, a signature 73 with its length.
  assert.equal(weigh(`wsh(and_v(v:pk(${KEY_1}),older(144)))`), 164 + 1 + 73 + (1 + 39));
  // One signature and the empty item of the other key are more than two items of one byte.
  assert.equal(weigh(`wsh(or_b(pk(${KEY_1}),s:pk(${KEY_2})))`), 164 + 1 + (73 + 1) + (1 + 72));
  // A leaf of 36 bytes, and a control block of 33.
  assert.equal(weigh(`tr(${X_1},and_v(v:pk(${X_2}),older(1)))`, 'leaf'), 164 + 1 + 66 + (1 + 36) + (1 + 33));
});

test('relative locks that mean less than they say are told', () => {
  assert.deepEqual(describeUnsafeLocks(one(`wsh(and_v(v:pk(${KEY_1}),older(65535)))`)), []);
  assert.deepEqual(describeUnsafeLocks(one(`sh(wsh(and_v(v:pk(${KEY_1}),older(65536))))`)), [
    'height-based relative locktime: older(65536) > 65535 blocks is unsafe',
  ]);
  assert.deepEqual(describeUnsafeLocks(one(`tr(${X_1},and_v(v:pk(${X_2}),older(4259840)))`)), [
    'time-based relative locktime: older(4259840) > (65535 * 512) seconds is unsafe',
  ]);
});

test('hardened steps have one mark for the whole key, and h in the form for everybody', () => {
  const descriptor = one(`wpkh([d34db33f/48'/0h]${TPUB}/1'/*)`);
  assert.equal(formatDescriptor(descriptor, prefixes), `wpkh([d34db33f/48'/0']${TPUB}/1'/*)`);
  assert.equal(formatUniformDescriptor(descriptor, prefixes), `wpkh([d34db33f/48h/0h]${TPUB}/1h/*)`);
});
