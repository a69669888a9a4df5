import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { hash160 } from '../../../kernel/crypto/hash160.ts';
import { concatBytes, equalBytes, fromHex, toHex } from '../../../kernel/util/bytes.ts';
import { runAllSteps } from '../../../kernel/util/steps.ts';
import { formatMiniscript } from './format-miniscript.ts';
import { computeTraces, type Traces } from './limits.ts';
import { foldNodes, type MiniscriptContext, type MiniscriptNode, nodesInOrder } from './node.ts';
import { parseMiniscript } from './parse-miniscript.ts';
import { lettersOf } from './property.ts';
import { readMiniscript } from './read-script.ts';
import { isValidScript, judgeMiniscript } from './sanity.ts';
import { createMiniscriptScript } from './write-script.ts';

/** Keys that are called K0, K1 and so on here: 02 and 32 times their number. Nobody asks whether they are on the curve. */
function keyOf(number: number, context: MiniscriptContext): Uint8Array {
  const xOnly = new Uint8Array(32).fill(number);
  return context === 'wsh' ? concatBytes(Uint8Array.of(2), xOnly) : xOnly;
}

interface Parsed {
  readonly root: MiniscriptNode;
  readonly keys: readonly string[];
  readonly publicKeys: readonly Uint8Array[];
}

function parse(text: string, context: MiniscriptContext): Parsed | null {
  const keys: string[] = [];
  const root = runAllSteps(parseMiniscript(text, context, (key) => keys.push(key) - 1));
  if (root === null) return null;
  return { root, keys, publicKeys: keys.map((key) => keyOf(Number(key.slice(1)), context)) };
}

function one(text: string, context: MiniscriptContext = 'wsh'): Parsed {
  const parsed = parse(text, context);
  assert.ok(parsed, text);
  return parsed;
}

function format({ root, keys }: Parsed): string {
  return formatMiniscript(root, (key) => keys[key]!);
}

function insanityOf(text: string, context: MiniscriptContext = 'wsh'): string | null {
  const parsed = one(text, context);
  const { insanity } = judgeMiniscript(parsed.root, context, parsed.keys);
  return insanity === null ? null : format({ ...parsed, root: insanity.node }) + insanity.words;
}

/** K7 and K8 as they stand in scripts of version 0. */
const K7 = `02${'07'.repeat(32)}`;
const K8 = `02${'08'.repeat(32)}`;
const SHA = '38df1c1f64a24a77b23393bca50dff872e31edc4f3b5aa3b90ad0b82f4f089b6';
const RIPE = '1b0f3c404d12075c68c938f9f60ebea4f74941a0';

/** Text, script, operations, items, bytes of the witness and height of the stack, as Core's tests have them. */
const SCRIPTS: readonly (readonly [
  text: string,
  script: string,
  ops: number,
  items: number,
  bytes: number,
  peak: number,
])[] = [
  ['lltvln:after(1231488000)', '6300676300676300670400046749b1926869516868', 12, 3, 3, 3],
  ['j:and_v(vdv:after(1567547623),older(2016))', '829263766304e7e06e5db169686902e007b268', 11, 1, 2, 2],
  [
    `or_d(sha256(${SHA}),and_n(un:after(499999999),older(4194305)))`,
    `82012088a820${SHA}8773646304ff64cd1db19267006864006703010040b26868`,
    16,
    1,
    33,
    3,
  ],
  [
    `and_b(older(16),s:or_d(sha256(${SHA}),n:after(1567547623)))`,
    `60b27c82012088a820${SHA}87736404e7e06e5db192689a`,
    12,
    1,
    33,
    4,
  ],
  [
    `or_d(nd:and_v(v:older(4252898),v:older(4252898)),sha256(${SHA}))`,
    `766303e2e440b26903e2e440b2696892736482012088a820${SHA}8768`,
    15,
    2,
    34,
    3,
  ],
  [
    'thresh(2,pk(K7),s:pk(K8),altv:after(1000000000),altv:after(100))',
    `21${K7}ac7c21${K8}ac936b6300670400ca9a3bb16951686c936b6300670164b16951686c935287`,
    21,
    4,
    150,
    5,
  ],
  ['or_b(un:multi(2,K7,K8),al:older(16))', `635221${K7}21${K8}52ae926700686b63006760b2686c9b`, 14, 5, 151, 8],
  [
    `c:and_v(or_c(multi(2,K7,K8),v:ripemd160(${RIPE})),pk_k(K7))`,
    `5221${K7}21${K8}52ae6482012088a614${RIPE}886821${K7}ac`,
    10,
    5,
    220,
    9,
  ],
];

test('scripts, operations and limits are those of BIP379', () => {
  for (const [text, script, ops, items, bytes, peak] of SCRIPTS) {
    const parsed = one(text);
    assert.ok(isValidScript(parsed.root, 'wsh'), text);
    assert.equal(toHex(createMiniscriptScript(parsed.root, parsed.publicKeys)), script);
    const { sat } = foldNodes<Traces>(parsed.root, (node, parts) => computeTraces(node, parts, 'wsh'));
    assert.ok(sat);
    const { multisigKeys, netDrop, witnessBytes, peak: height } = sat;
    const actual = [parsed.root.opCount + multisigKeys, netDrop + 1, witnessBytes, height + 1];
    assert.deepEqual(actual, [ops, items, bytes, peak], text);
    assert.equal(format(parsed), text);
  }
});

/** Types of BIP379, by expression; an empty one is put together wrongly. */
const TYPES: readonly (readonly [text: string, wsh: string, tapscript?: string])[] = [
  ['0', 'Bzduesmxk'],
  ['1', 'Bzufmxk'],
  ['pk_k(K1)', 'Konduesmxk'],
  ['pk_h(K1)', 'Knduesmxk'],
  ['pk(K1)', 'Bonduesmk'],
  ['older(1)', 'Bzfmxhk'],
  ['older(4194305)', 'Bzfmxgk'],
  ['after(499999999)', 'Bzfmxjk'],
  ['after(500000000)', 'Bzfmxik'],
  [`hash160(${RIPE})`, 'Bondumk'],
  ['dv:older(1)', 'Bondemxhk', 'Bonduemxhk'],
  ['a:pk(K1)', 'Wduesmxk'],
  ['s:pk(K1)', 'Wduesmk'],
  ['v:pk(K1)', 'Vonfsmxk'],
  ['j:pk(K1)', 'Bondusmxk'],
  ['and_v(v:pk(K1),pk(K2))', 'Bnufsmk'],
  ['or_i(pk(K1),pk(K2))', 'Bdusmxk'],
  ['andor(pk(K1),older(1),pk(K2))', 'Bdesmxhk'],
  ['thresh(2,pk(K1),s:pk(K2),s:pk(K3))', 'Bduesmk'],
  ['and_b(after(100),a:after(1000000000))', 'Bufmxij'],
  ['and_v(1,1)', ''],
  ['and_b(1,1)', ''],
  ['or_b(1,a:0)', ''],
  ['andor(1,1,1)', ''],
  ['andor(or_i(0,after(1)),1,1)', ''],
  ['t:or_c(0,1)', ''],
  ['thresh(1,dv:older(42),s:pk(K1))', '', 'Bdumhk'],
  ['a:a:1', ''],
];

test('types follow from those of the parts', () => {
  for (const [text, wsh, tapscript] of TYPES) {
    const parsed = parse(text, 'wsh');
    if (text === 'a:a:1') assert.equal(parsed, null, 'a colon ends the letters');
    else assert.equal(lettersOf(parsed!.root.type), wsh, text);
    if (tapscript !== undefined) assert.equal(lettersOf(one(text, 'tapscript').root.type), tapscript, text);
  }
});

test('letters and functions that are short for others are read, and written where they are shorter', () => {
  const pairs = [
    ['c:pk_k(K1)', 'pk(K1)'],
    ['c:pk_h(K1)', 'pkh(K1)'],
    ['and_v(v:pk(K1),1)', 'tv:pk(K1)'],
    ['or_i(0,pk(K1))', 'l:pk(K1)'],
    ['or_i(pk(K1),0)', 'u:pk(K1)'],
    ['andor(pk(K1),pk(K2),0)', 'and_n(pk(K1),pk(K2))'],
    ['vc:pk_k(K1)', 'v:pk(K1)'],
    ['tvc:andor(pk(K1),pk_k(K2),pk_k(K3))', 'tvc:andor(pk(K1),pk_k(K2),pk_k(K3))'],
  ] as const;
  for (const [text, shortest] of pairs) assert.equal(format(one(text)), shortest);
});

test('texts that are no miniscript are refused', () => {
  const texts = [
    '',
    ')',
    'pk',
    'pk(',
    'pk(K1',
    'pk(K1))',
    'q:pk(K1)',
    ':pk(K1)',
    'vv:pk(K1)',
    'older(0)',
    'older(2147483648)',
    'older(-1)',
    'older(1',
    'after(1e3)',
    `sha256(${RIPE})`,
    'sha256(zz)',
    'multi(0,K1)',
    'multi(2,K1)',
    `multi(1${',K1'.repeat(21)})`,
    'multi_a(1,K1)',
    'thresh(0,pk(K1))',
    'thresh(2,pk(K1))',
    'thresh(1)',
    'and_v(v:pk(K1))',
    'and_v(v:pk(K1),pk(K2),pk(K3))',
    'andor(pk(K1),pk(K2))',
    'pk(K1) ',
    '2',
    '00',
  ];
  for (const text of texts) assert.equal(parse(text, 'wsh'), null, text);
  assert.equal(parse('multi(1,K1)', 'tapscript'), null);
});

test('what is not sane is named, the innermost part first', () => {
  const cases = [
    ['and_v(1,pk(K1))', 'and_v(1,pk(K1)) is invalid'],
    ['pk_k(K1)', 'pk_k(K1) is not sane'],
    ['0', '0 is not satisfiable'],
    ['and_b(ripemd160(1b0f3c404d12075c68c938f9f60ebea4f74941a0),a:1)', ': witnesses without signature exist'],
    [
      'or_i(older(1),or_i(older(2),pk(K1)))',
      'or_i(older(1),or_i(older(2),pk(K1))) is not sane: malleable witnesses exist',
    ],
    ['and_b(pk(K1),s:pk(K1))', 'and_b(pk(K1),s:pk(K1)) is not sane: contains duplicate public keys'],
    [
      'and_v(v:pk(K1),and_v(v:after(100),after(1000000000)))',
      'and_v(v:after(100),after(1000000000)) is not sane: contains mixes of timelocks expressed in blocks and seconds',
    ],
  ] as const;
  for (const [text, words] of cases) assert.ok(insanityOf(text)?.endsWith(words), insanityOf(text) ?? text);
  for (const [text] of SCRIPTS) assert.notEqual(insanityOf(text), null, 'none of them needs a signature in all ways');
  assert.equal(insanityOf('andor(pk(K1),older(1),pk(K2))'), null);
});

test('limits of operations and of the stack hold for ways that can be gone', () => {
  const words = ' is not sane: needs witnesses that may exceed resource limits';
  assert.equal(insanityOf(`${'n'.repeat(200)}:pk(K1)`), null);
  assert.ok(insanityOf(`${'n'.repeat(201)}:pk(K1)`)?.endsWith(words), '201 operations and OP_CHECKSIG');
  assert.equal(insanityOf(`${'n'.repeat(201)}:pk(K1)`, 'tapscript'), null);
  // 2 + 198 operations and the 20 keys of a multisig.
  const keys = Array.from({ length: 20 }, (_, i) => `K${i + 1}`).join(',');
  assert.ok(insanityOf(`${'n'.repeat(181)}:multi(1,${keys})`)?.endsWith(words));
  assert.equal(insanityOf(`${'n'.repeat(180)}:multi(1,${keys})`), null);
  const thresh = (count: number) =>
    `thresh(${count},pk(K0)${Array.from({ length: count - 1 }, (_, i) => `,s:pk(K${i + 1})`).join('')})`;
  assert.equal(insanityOf(thresh(200), 'tapscript'), null);
  assert.equal(insanityOf(thresh(67)), null, '1 for the first key, 3 for each of the others, and 1');
  assert.ok(insanityOf(thresh(68))?.endsWith(words));
});

test('a script is recognised as the miniscript that it is', () => {
  const texts = [
    'and_v(and_v(v:pk(K1),v:pk(K2)),pk(K3))',
    `and_v(and_v(v:hash160(${RIPE}),v:pk(K1)),older(1))`,
    'or_d(multi(2,K1,K2),and_v(v:older(4032),multi(1,K3,K4)))',
    'thresh(2,pkh(K1),s:pk(K2),sln:older(10))',
    'andor(pk(K1),or_i(and_v(v:pkh(K2),older(2)),pk(K3)),pk(K4))',
    `j:and_v(v:hash256(${SHA}),pk(K1))`,
    'and_b(pk(K1),a:or_b(pk(K2),s:pk(K3)))',
    'c:or_i(pk_k(K1),pk_h(K2))',
    'and_v(or_c(pk(K1),v:after(100)),pk(K2))',
  ];
  for (const context of ['wsh', 'tapscript'] as const) {
    for (const text of texts.map((one) => (context === 'wsh' ? one : one.replaceAll('multi(', 'multi_a(')))) {
      const parsed = one(text, context);
      const script = createMiniscriptScript(parsed.root, parsed.publicKeys);
      assert.equal(script.length, parsed.root.scriptBytes);
      const find = (hash: Uint8Array) => parsed.publicKeys.find((key) => equalBytes(hash160(key), hash)) ?? null;
      const found = readMiniscript(script, context, find);
      assert.ok(found, text);
      const nameOf = (key: number) => `K${found.publicKeys[key]!.at(-1)}`;
      assert.equal(formatMiniscript(found.root, nameOf), text);
    }
  }
});

test('scripts that are almost one are not recognised', () => {
  const nobody = () => null;
  const pk = `21${K7}ac`;
  const scripts = [
    '',
    'ff',
    `21${K7}`,
    `4c21${K7}ac`,
    `21${K7}ac69${pk}`,
    `76a914${RIPE}88ac`,
    `2103${'07'.repeat(31)}ac`,
    '0110b2',
    `21${K7}ad`,
    `0b00b2`,
    `00b1`,
    `21${K7}ac63`,
    `63${pk}`,
    `63${pk}67${pk}`,
    `${pk}9a`,
    `5121${K7}52ae`,
    `5221${K7}51ae`,
    `21${K7}ac21${K7}ba519c`,
    `04${'00'.repeat(3)}80b1`,
  ];
  for (const script of scripts) assert.equal(readMiniscript(fromHex(script), 'wsh', nobody), null, script);
  assert.ok(readMiniscript(fromHex(pk), 'wsh', nobody));
  assert.equal(readMiniscript(fromHex(pk), 'tapscript', nobody), null, 'keys of leaves have 32 bytes');
});

/** The longest script of a leaf that Core's wallet takes: 400,000 weight units less all that else stands in a transaction. */
const LEAF_BYTES = 329_482;

test('R15: the deepest text that there may be is read, judged, written and recognised; one letter more is refused', () => {
  const text = `${'n'.repeat(LEAF_BYTES - 34)}:pk(K1)`;
  const parsed = one(text, 'tapscript');
  assert.equal(parsed.root.scriptBytes, LEAF_BYTES);
  assert.equal(insanityOf(text, 'tapscript'), null);
  assert.equal(format(parsed), text);
  const script = createMiniscriptScript(parsed.root, parsed.publicKeys);
  assert.ok(readMiniscript(script, 'tapscript', () => null));
  assert.equal(parse(`n${text}`, 'tapscript'), null);
});

test('R15: texts that promise more than they hold are given up, and choices that would take minutes are not made', () => {
  for (const text of [
    'and_v('.repeat(200_000),
    'thresh(1,'.repeat(200_000),
    'l'.repeat(1_000_000),
    `${'v'.repeat(500_000)}:1`,
    '('.repeat(1_000_000),
    `pk(${'('.repeat(1_000_000)}`,
    `thresh(40000,0${',a:0'.repeat(79_000)})`,
    `multi_a(1${','.repeat(900_000)})`,
  ]) {
    assert.equal(parse(text, 'tapscript'), null, text.slice(0, 20));
  }
  const keys = Array.from({ length: 999 }, (_, i) => `${i === 0 ? '' : 's:'}pk(K${i % 256})`).join(',');
  assert.ok(parse(`thresh(500,${keys})`, 'tapscript'), 'as many keys as a stack has room for, in any number');
});

/** Operations and pushes that miniscripts are made of. */
const SCRIPT_WORDS: readonly string[] = [
  '00',
  '51',
  '52',
  `21${K7}`,
  `20${'07'.repeat(32)}`,
  `76a914${RIPE}88`,
  `82012088a820${SHA}87`,
  '012a',
  ...['b1', 'b2', '63', '64', '67', '68', '69', '73', '76', '7c', '6b', '6c', '82', '87', '88', '92', '93', '9a', '9b'],
  ...['9c', '9d', 'ac', 'ad', 'ae', 'af', 'ba', '75', 'ff'],
];

test('R15: whatever the bytes, a script is recognised as a miniscript only if that has the same script', () => {
  const word = fc.integer({ min: 0, max: SCRIPT_WORDS.length - 1 }).map((at) => SCRIPT_WORDS[at]!);
  let count = 0;
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), fc.boolean(), (words, isWsh) => {
      const script = fromHex(words.join(''));
      const findKey = () => (isWsh ? fromHex(K7) : new Uint8Array(32));
      const found = readMiniscript(script, isWsh ? 'wsh' : 'tapscript', findKey);
      if (found === null) return;
      count++;
      // The key behind a hash is none here.
      if (nodesInOrder(found.root).some(({ fragment }) => fragment === 'pk_h')) return;
      assert.deepEqual(createMiniscriptScript(found.root, found.publicKeys), script);
    }),
    { numRuns: 20_000, seed: 379 },
  );
  assert.ok(count > 50, `${count}`);
});

test('R15: whatever the text, it is read or refused, and what was read is read again from its own text', () => {
  const words =
    'pk( pkh( pk_k( older( after( sha256( multi( thresh( and_v( or_i( andor( ) , K1 K2 1 0 2 v: s: a: tv: un: l:'.split(
      ' ',
    );
  const word = fc.integer({ min: 0, max: words.length - 1 }).map((at) => words[at]!);
  fc.assert(
    fc.property(fc.array(word, { maxLength: 16 }), (list) => {
      const parsed = parse(list.join(''), 'wsh');
      if (parsed === null) return;
      const again = one(format(parsed));
      assert.deepEqual(again.root, parsed.root);
    }),
    { numRuns: 20_000, seed: 379 },
  );
});
