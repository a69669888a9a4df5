import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { createRegtestParams } from '../../kernel/consensus/networks/regtest.ts';
import { nobleSecp256k1 as secp } from '../../kernel/crypto/secp256k1-noble.ts';
import { fromHex, toHex } from '../../kernel/util/bytes.ts';
import type { Steps } from '../../kernel/util/steps.ts';
import { formatAddress } from '../address.ts';
import { addDescriptorChecksum } from './checksum.ts';
import { type Descriptor, isRanged, isSolvable } from './descriptor.ts';
import { DescriptorExpander } from './expand.ts';
import { formatDescriptor } from './format.ts';
import { inferDescriptor } from './infer.ts';
import { KeyRing } from './key-ring.ts';
import { parseDescriptor, parseDescriptorSteps } from './parse.ts';

const { prefixes } = createRegtestParams();

/** A root of Core's functional tests, and its public side. */
const TPRV =
  'tprv8ZgxMBicQKsPd7Uf69XL1XwhmjHopUGep8GuEiJDZmbQz6o58LninorQAfcKZWARbtRtfnLcJ5MQ2AtHcQJCCRUcMRvmDUjyEmNUWwx8UbK';
const TPUB =
  'tpubD6NzVbkrYhZ4WaWSyoBvQwbpLkojyoTZPRsgXELWz3Popb3qkjcJyJUGLnL4qHHoQvao8ESaAstxYSnhyswJ76uZPStJRJCTKvosUCJZL5B';
/** Public keys of the secrets 1, 2 and 3. */
const KEY_1 = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
const KEY_2 = '02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5';
const KEY_3 = '02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9';
const X_1 = KEY_1.slice(2);
const X_2 = KEY_2.slice(2);

function parse(text: string, requiresChecksum = false) {
  const ring = new KeyRing();
  const result = parseDescriptor(text, { prefixes, secp, ring }, { requiresChecksum });
  return { result, ring };
}

function one(text: string): { descriptor: Descriptor; ring: KeyRing } {
  const { result, ring } = parse(text);
  assert.ok(result.ok, result.ok ? '' : result.error);
  assert.equal(result.value.length, 1);
  return { descriptor: result.value[0]!, ring };
}

function errorOf(text: string, requiresChecksum = false): string {
  const { result } = parse(text, requiresChecksum);
  assert.ok(!result.ok, 'an error');
  return result.error;
}

function expand(text: string, position = 0): readonly string[] | null {
  const { descriptor, ring } = one(text);
  return new DescriptorExpander(ring, secp).expand(descriptor, position)?.map(toHex) ?? null;
}

function addresses(text: string, position = 0): readonly (string | null)[] {
  return expand(text, position)!.map((script) => formatAddress(fromHex(script), prefixes));
}

const TEXTS: readonly string[] = [
  `pk(${KEY_1})`,
  `pkh(${KEY_1})`,
  `wpkh([d34db33f/84h/0h/0h]${KEY_1})`,
  `sh(wpkh(${KEY_1}))`,
  `sh(wsh(pkh(${KEY_1})))`,
  `combo(${KEY_1})`,
  `multi(1,${KEY_1},${KEY_2})`,
  `wsh(sortedmulti(2,${KEY_3},${KEY_1},${KEY_2}))`,
  `sh(multi(1,${TPUB}/1/0/*,${TPUB}/0/0/*))`,
  `pkh([d34db33f/44'/0'/0']${TPUB}/1/*)`,
  `pkh(${TPUB}/1h/2/*h)`,
  `tr(${X_1})`,
  `tr(${X_1},pk(${X_2}))`,
  `tr(${X_1},{pk(${X_2}),{multi_a(1,${X_1},${X_2}),sortedmulti_a(2,${X_1},${X_2})}})`,
  `rawtr(${X_1})`,
  'raw(6a0401020304)',
  'addr(mkHV1C6JLheLoUSSZYk7x3FH5tnx9bu7yc)',
];

test('descriptors are written as they were read', () => {
  for (const text of TEXTS) assert.equal(formatDescriptor(one(text).descriptor, prefixes), text);
});

test('private keys are written as public ones', () => {
  const { descriptor, ring } = one(`wpkh(${TPRV}/1/*)`);
  assert.equal(formatDescriptor(descriptor, prefixes), `wpkh(${TPUB}/1/*)`);
  assert.equal(ring.secretCount, 1);
  const wif = one('pkh(cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87JcbXMTcA)');
  assert.equal(formatDescriptor(wif.descriptor, prefixes), `pkh(${KEY_1})`);
});

test('what a descriptor stands for is known', () => {
  assert.ok(isRanged(one(`wpkh(${TPUB}/*)`).descriptor));
  assert.ok(!isRanged(one(`wpkh(${TPUB}/0)`).descriptor));
  assert.ok(isSolvable(one(`tr(${X_1})`).descriptor));
  assert.ok(!isSolvable(one('raw(51)').descriptor));
});

test('addresses are those that Core derives', () => {
  assert.deepEqual(addresses(`wpkh(${TPUB}/1/1/0)`), ['bcrt1qjqmxmkpmxt80xz4y3746zgt0q3u3ferr34acd5']);
  assert.deepEqual(addresses(`wpkh(${TPRV}/1/1/*)`, 1), ['bcrt1qhku5rq7jz8ulufe2y6fkcpnlvpsta7rq4442dy']);
  assert.deepEqual(addresses(`wpkh(${TPRV}/1/1/*)`, 2_147_483_647), ['bcrt1qtzs23vgzpreks5gtygwxf8tv5rldxvvsyfpdkg']);
  assert.deepEqual(addresses(`combo(${TPRV}/1/1/0)`).slice(1), [
    'mtfUoUax9L4tzXARpw1oTGxWyoogp52KhJ',
    'bcrt1qjqmxmkpmxt80xz4y3746zgt0q3u3ferr34acd5',
    '2NDvEwGfpEqJWfybzpKPHF2XH3jwoQV3D7x',
  ]);
  // Hardened steps, and hardened rows.
  assert.equal(addresses(`pkh(${TPRV}/0'/0h/1500')`)[0], 'n37dAGe6Mq1HGM9t4b6rFEEsDGq7Fcgfqg');
  assert.equal(addresses(`pkh(${TPRV}/0h/0h/*h)`, 1)[0], 'mipUSRmJAj2KrjSvsPQtnP8ynUon7FhpCR');
});

test('hardened steps need the private key', () => {
  assert.equal(expand(`wpkh(${TPUB}/1'/1/0)`), null);
  assert.equal(expand(`sh(multi(1,${TPUB}/*h,${KEY_1}))`), null);
});

test('scripts are put together as the functions say', () => {
  assert.deepEqual(expand(`pk(${KEY_1})`), [`21${KEY_1}ac`]);
  assert.deepEqual(expand(`sortedmulti(1,${KEY_3},${KEY_1},${KEY_2})`), [`5121${KEY_1}21${KEY_2}21${KEY_3}53ae`]);
  // The output key of BIP341's vector without scripts.
  assert.deepEqual(expand('tr(d6889cb081036e0faefa3a35157ad71086b123b2b144b649798b494c300a961d)'), [
    '512053a1f6e454df1aa2776a2814a721372d6258050de330b3c6d10ee8f4e0dda343',
  ]);
  assert.deepEqual(expand(`rawtr(${X_1})`), [`5120${X_1}`]);
  assert.deepEqual(expand('raw(6a)'), ['6a']);
});

test('alternatives in a path give several descriptors', () => {
  const { result } = parse(`wsh(multi(1,${TPUB}/<1;2>/0/*,${TPUB}/<2;3>/0/*))`);
  assert.ok(result.ok);
  assert.deepEqual(
    result.value.map((descriptor) => formatDescriptor(descriptor, prefixes)),
    [`wsh(multi(1,${TPUB}/1/0/*,${TPUB}/2/0/*))`, `wsh(multi(1,${TPUB}/2/0/*,${TPUB}/3/0/*))`],
  );
  assert.equal(
    errorOf(`wsh(multi(1,${TPUB}/<1;2>/*,${TPUB}/<1;2;3>/*))`),
    'multi(): Multipath derivation paths have mismatched lengths',
  );
  assert.equal(errorOf(`pk(${TPUB}/<1;1>)`), 'pk(): Duplicated key path value 1 in multipath specifier');
  assert.equal(errorOf(`pk(${TPUB}/<1>)`), 'pk(): Multipath key path specifiers must have at least two items');
});

test('texts that are no descriptors are refused in the words of Core', () => {
  const uncompressed =
    '0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8';
  const cases: readonly (readonly [text: string, error: string])[] = [
    ['', "'' is not a valid descriptor function"],
    ['desc', "'desc' is not a valid descriptor function"],
    [`pk( ${KEY_1})`, `pk(): Key ' ${KEY_1}' is invalid due to whitespace`],
    ['pk()', 'pk(): No key provided'],
    ['pk(00)', "pk(): Pubkey '00' is invalid"],
    ['pk(nobody)', "pk(): key 'nobody' is not valid"],
    [`wpkh(${uncompressed})`, 'wpkh(): Uncompressed keys are not allowed'],
    [`pk(06${uncompressed.slice(2)})`, 'pk(): Hybrid public keys are not allowed'],
    [`pk([d34db33]${KEY_1})`, 'pk(): Fingerprint is not 4 bytes (7 characters instead of 8 characters)'],
    [`pk(${TPUB}/x)`, "pk(): Key path value 'x' is not a valid uint32"],
    [`pk(${TPUB}/2147483648)`, 'pk(): Key path value 2147483648 is out of range'],
    [`sh(sh(pk(${KEY_1})))`, 'Can only have sh() at top level'],
    [`wsh(wsh(pk(${KEY_1})))`, 'Can only have wsh() at top level or inside sh()'],
    [`wsh(wpkh(${KEY_1}))`, 'Can only have wpkh() at top level or inside sh()'],
    [`sh(${KEY_1})`, 'A function is needed within P2SH'],
    [
      `multi(3,${KEY_1},${KEY_2})`,
      'Multisig threshold cannot be larger than the number of keys; threshold is 3 but only 2 keys specified',
    ],
    [`multi(0,${KEY_1})`, 'Multisig threshold cannot be 0, must be at least 1'],
    [`multi(a,${KEY_1})`, "Multi threshold 'a' is not valid"],
    [
      `multi(1,${[KEY_1, KEY_1, KEY_1, KEY_1].join(',')})`,
      'Cannot have 4 pubkeys in bare multisig; only at most 3 pubkeys',
    ],
    [`sh(multi(1,${Array(16).fill(KEY_1).join(',')}))`, 'P2SH script is too large, 547 bytes is larger than 520 bytes'],
    ['addr(nobody)', 'Address is not valid'],
    ['raw(6)', 'Raw script is not hex'],
    [`tr(${X_1},{pk(${X_2})})`, "tr(): expected ',' after script expression"],
    [`tr(${X_1},{pk(${X_2}),pk(${X_2}))`, "tr(): expected '}' after script expression"],
    [`wsh(tr(${X_1}))`, 'Can only have tr at top level'],
  ];
  for (const [text, error] of cases) assert.equal(errorOf(text), error, text);
});

test('a tree as deep as control blocks allow is read, a deeper one is not', () => {
  const nest = (depth: number): string => `${`{pk(${X_2}),`.repeat(depth)}pk(${X_2})${'}'.repeat(depth)}`;
  assert.equal(expand(`tr(${X_1},${nest(128)})`)!.length, 1);
  assert.equal(errorOf(`tr(${X_1},${nest(129)})`), 'tr() supports at most 128 nesting levels');
});

test('the checksum is asked for where it has to be there', () => {
  assert.equal(errorOf('raw(51)', true), 'Missing checksum');
  assert.ok(parse(addDescriptorChecksum('raw(51)'), true).result.ok);
  assert.equal(errorOf('raw(51)#00000000'), "Provided checksum '00000000' does not match computed checksum '8lvh9jxk'");
});

test('whatever the text, there is an answer', () => {
  const words = fc.constantFrom(
    'pk(',
    'multi(',
    'sh(',
    'wsh(',
    'tr(',
    '{',
    '}',
    ')',
    ',',
    '1',
    KEY_1,
    TPUB,
    '/<0;1>',
    '/*',
    '[',
    ']',
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 24 }), (parts) => {
      const { result } = parse(parts.join(''));
      if (result.ok) for (const descriptor of result.value) formatDescriptor(descriptor, prefixes);
    }),
    { numRuns: 300 },
  );
});

test('R15: a descriptor of a megabyte is read, a longer one and one of brackets alone are refused', () => {
  const script = '51'.repeat(499_990);
  assert.equal(expand(`raw(${script})`)!.length, 1);
  assert.equal(errorOf(`raw(${'51'.repeat(500_000)})`), 'Descriptor is too long');
  assert.match(String(errorOf('sh('.repeat(300_000))), /is not a valid descriptor function$/);
  assert.match(String(errorOf(`tr(${X_1},${'{'.repeat(900_000)}`)), /is not a valid descriptor function$/);
});

test('scripts lead back to descriptors when the keys are known', () => {
  for (const text of [
    `pk([0f056943]${KEY_1})`,
    `sh(wpkh([aabbccdd/1h/2]${KEY_2}))`,
    `wsh(multi(1,[aabbccdd]${KEY_1},[aabbccdd]${KEY_2}))`,
    `tr([aabbccdd]${X_1},{pk([aabbccdd]${X_2}),multi_a(1,[aabbccdd]${X_1},[aabbccdd]${X_2})})`,
  ]) {
    const { descriptor, ring } = one(text);
    const [script] = new DescriptorExpander(ring, secp).expand(descriptor, 0)!;
    assert.equal(inferDescriptor(script!, prefixes, secp, ring), addDescriptorChecksum(text));
  }
});

test('scripts of which nothing is known are told by their address or their bytes', () => {
  const infer = (hex: string): string => inferDescriptor(fromHex(hex), prefixes, secp).split('#')[0]!;
  assert.equal(infer('51'), 'raw(51)');
  assert.equal(infer(`5120${X_1}`), `rawtr(${X_1})`);
  assert.equal(
    infer('0014751e76e8199196d454941c45d1b3a323f1433bd6'),
    'addr(bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080)',
  );
  assert.equal(infer(`5121${KEY_1}51ae`), `multi(1,${KEY_1})`);
  assert.equal(infer(`51${'4106'.padEnd(132, '7')}51ae`), `raw(51${'4106'.padEnd(132, '7')}51ae)`);
});

/** What work comes to, and in how many steps. */
function countSteps<T>(steps: Steps<T>): { readonly count: number; readonly value: T } {
  for (let count = 1; ; count++) {
    const step = steps.next();
    if (step.done === true) return { count, value: step.value };
  }
}

test('R15: of many keys each is a step, and a long miniscript takes many', () => {
  const keys = Array.from({ length: 100 }, (_, i) => `${TPUB}/${i}/*`);
  const ring = new KeyRing();
  for (const text of [
    `tr(${X_1},multi_a(2,${keys.join(',')}))`,
    `tr(${X_1},thresh(2,${keys.map((key, i) => `${i === 0 ? '' : 's:'}pk(${key})`).join(',')}))`,
  ]) {
    const parsed = countSteps(parseDescriptorSteps(text, { prefixes, secp, ring }));
    assert.ok(parsed.value.ok && parsed.count > keys.length, `${parsed.count} steps to read`);
    const expanded = countSteps(new DescriptorExpander(ring, secp).expandSteps(parsed.value.value[0]!, 0));
    assert.ok(expanded.value?.length === 1 && expanded.count > keys.length, `${expanded.count} steps to expand`);
  }
  const long = `tr(${X_1},${'and_v(v:older(1),'.repeat(10_000)}pk(${KEY_1})${')'.repeat(10_000)})`;
  const parsed = countSteps(parseDescriptorSteps(long, { prefixes, secp, ring }));
  assert.ok(parsed.value.ok && parsed.count > 500, `${parsed.count} steps`);
});
