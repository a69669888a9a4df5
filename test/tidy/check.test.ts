// The checker of the tidy test on small trees in memory: for every rule one tree that keeps it and one that breaks it, so
// that a checker which finds nothing is noticed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyExceptions, checkTree, formatViolation } from './check.ts';
import { readSource } from './source.ts';

const HEAD = '// A file of a small tree, made for this test.\n';

/** What the checker says about a tree, as `path:line rule`; every file gets an opening comment and is an entry point. */
function findRules(
  files: Readonly<Record<string, string>>,
  entryPoints: readonly string[] = Object.keys(files),
): string[] {
  const tree = new Map(Object.entries(files).map(([path, body]) => [path, HEAD + body]));
  return checkTree({ files: tree, entryPoints }).map(({ path, line, rule }) => `${path}:${line} ${rule}`);
}

/** Shorthand for a tree of one file. */
function findIn(path: string, body: string): string[] {
  return findRules({ [path]: body });
}

test('a clean tree has no violation', () => {
  const files = {
    'src/kernel/util/bytes.ts': 'export const EMPTY = 0;\n',
    'src/kernel/script/stack.ts': "import { EMPTY } from '../util/bytes.ts';\nexport const DEPTH = EMPTY;\n",
    'src/wallet/address.ts': "import { DEPTH } from '../kernel/script/stack.ts';\nexport const TOP = DEPTH;\n",
  };
  assert.deepEqual(findRules(files), []);
});

test('an import from a folder further right is refused, with file, line and sentence', () => {
  const files = new Map([
    ['src/kernel/util/bytes.ts', `${HEAD}\nimport type { Stack } from '../script/stack.ts';\n`],
    ['src/kernel/script/stack.ts', `${HEAD}export interface Stack {}\n`],
  ]);
  const [found, ...rest] = checkTree({ files, entryPoints: [...files.keys()] });
  assert.deepEqual(rest, []);
  assert.equal(
    formatViolation(found!),
    'src/kernel/util/bytes.ts:3: imports src/kernel/script/stack.ts: script comes after util ' +
      '(util → crypto → encoding → primitives → script → consensus → policy → chain → audit) [layers]',
  );
});

test('imports that point up or sideways between projects are refused', () => {
  const wallet = { 'src/wallet/wallet.ts': 'export const W = 1;\n' };
  const up = { ...wallet, 'src/kernel/util/a.ts': "import { W } from '../../wallet/wallet.ts';\n" };
  assert.deepEqual(findRules(up), ['src/kernel/util/a.ts:2 layers']);
  const sideways = { ...wallet, 'src/node/app/a.ts': "export { W } from '../../wallet/wallet.ts';\n" };
  assert.deepEqual(findRules(sideways), ['src/node/app/a.ts:2 layers']);
  const intoTests = {
    'test/support.ts': 'export const S = 1;\n',
    'src/kernel/util/a.ts': "import { S } from '../../../test/support.ts';\n",
  };
  assert.deepEqual(findRules(intoTests), ['src/kernel/util/a.ts:2 layers']);
});

test('a folder or project without a place in the order is refused', () => {
  const files = {
    'src/kernel/extras/a.ts': "import { B } from '../util/b.ts';\n",
    'src/kernel/util/b.ts': 'export const B = 1;\n',
  };
  assert.deepEqual(findRules(files), ['src/kernel/extras/a.ts:2 layers']);
});

test('the wallet does not reach into the chain', () => {
  const files = {
    'src/wallet/a.ts': "import { C } from '../kernel/chain/c.ts';\n",
    'src/kernel/chain/c.ts': 'export const C = 1;\n',
  };
  assert.deepEqual(findRules(files), ['src/wallet/a.ts:2 layers']);
});

test('cycles are found, type imports included, and told as a walk', () => {
  const files = new Map([
    ['src/kernel/util/a.ts', `${HEAD}import type { B } from './b.ts';\n`],
    ['src/kernel/util/b.ts', `${HEAD}import { C } from './c.ts';\n`],
    ['src/kernel/util/c.ts', `${HEAD}export type { A } from './a.ts';\n`],
  ]);
  const found = checkTree({ files, entryPoints: [...files.keys()] });
  assert.equal(found.length, 1);
  assert.match(
    found[0]!.sentence,
    /import cycle: src\/kernel\/util\/a\.ts → src\/kernel\/util\/b\.ts → src\/kernel\/util\/c\.ts → src\/kernel\/util\/a\.ts/,
  );
});

test('a file that imports itself or a missing file is found', () => {
  assert.deepEqual(findIn('src/kernel/util/a.ts', "import { A } from './a.ts';\n"), ['src/kernel/util/a.ts:2 cycle']);
  assert.deepEqual(findIn('src/kernel/util/a.ts', "import { A } from './gone.ts';\n"), [
    'src/kernel/util/a.ts:2 import',
  ]);
});

test('banned words are found in code and only in code', () => {
  const words: readonly (readonly [body: string, rule: string])[] = [
    ['const a = Date.now();', 'no-clock'],
    ['const a = new Date(1);', 'no-clock'],
    ['const a = Math.random();', 'no-chance'],
    ["const a = Buffer.from('00');", 'no-buffer'],
    ["console.log('a');", 'no-console'],
    ['const a = globalThis;', 'no-global'],
    ["const a = parseInt('1', 10);", 'no-parse-int'],
    ['const a = [2, 10].sort();', 'no-default-sort'],
    ['target.push(...bytes);', 'no-spread-call'],
    ["const a = eval('1');", 'no-eval'],
    ['export default function a() {}', 'no-default-export'],
  ];
  for (const [body, rule] of words) {
    assert.deepEqual(findIn('src/kernel/script/a.ts', `${body}\n`), [`src/kernel/script/a.ts:2 ${rule}`], body);
    assert.deepEqual(findIn('src/kernel/script/a.ts', `// ${body}\n/* ${body}\n ${body} */\n`), [], body);
    assert.deepEqual(findIn('src/kernel/script/a.ts', `const text = ${JSON.stringify(body)};\n`), [], body);
    assert.deepEqual(findIn('src/kernel/script/a.ts', `const text = \`\${1}${body}\`;\n`), [], body);
    assert.deepEqual(findIn('src/kernel/script/a.ts', `const text = \`\${(() => { ${body} })()}\`;\n`).length, 1, body);
  }
});

test('bigints are banned below script alone', () => {
  for (const body of [
    'const a = BigInt(1);\n',
    'const a = 10n;\n',
    'const a = 0xffn;\n',
    'const a = new BigInt64Array(1);\n',
  ]) {
    assert.deepEqual(findIn('src/kernel/script/a.ts', body), ['src/kernel/script/a.ts:2 no-bigint-in-script'], body);
    assert.deepEqual(findIn('src/kernel/consensus/a.ts', body), [], body);
  }
  assert.deepEqual(findIn('src/kernel/script/a.ts', 'const a = in1n + b10n;\n'), []);
});

test('the shell may read the clock, tests may use Buffer, nobody may use Math.random', () => {
  assert.deepEqual(findIn('src/platform/node/clock.ts', 'export const now = () => Date.now();\n'), []);
  const files = {
    'src/kernel/util/a.ts': 'export const A = 1;\n',
    'src/kernel/util/a.test.ts': 'Buffer.from([Math.random()]);\n',
  };
  assert.deepEqual(findRules(files), ['src/kernel/util/a.test.ts:2 no-chance']);
});

test('signed shifts are found outside the audited folders (J02)', () => {
  const bad = ['a >> 1', 'a << b', 'a | 0', '~~a', 'a <<= 1', '5e9 >> n'];
  for (const body of bad) {
    const path = 'src/kernel/consensus/a.ts';
    assert.deepEqual(findIn(path, `x = ${body};\n`), [`${path}:2 no-signed-shift`], body);
    assert.deepEqual(findIn('src/kernel/crypto/a.ts', `x = ${body};\n`), [], body);
  }
  const good = [
    'a >>> 0',
    'a >>> 3',
    'a >> 8n',
    'a <<= 32n',
    'a << BigInt(b)',
    '1 << 11',
    '1 << 30',
    'a | 0x80',
    'a | b',
    '(a & 0xff) >>> 0',
  ];
  for (const body of good) assert.deepEqual(findIn('src/kernel/consensus/a.ts', `x = ${body};\n`), [], body);
  assert.deepEqual(findIn('src/kernel/consensus/a.ts', 'x = 1 << 31;\n').length, 1);
  assert.deepEqual(
    findIn('src/kernel/consensus/a.ts', 'let a: Map<string, Array<Set<number>>> = b as Result<Array<X>>;\n'),
    [],
  );
});

test('packages are allowed by folder (P04)', () => {
  assert.deepEqual(findIn('src/kernel/crypto/a.ts', "import { sha256 } from '@noble/hashes/sha2.js';\n"), []);
  assert.deepEqual(findIn('src/kernel/consensus/a.ts', "import { sha256 } from '@noble/hashes/sha2.js';\n"), [
    'src/kernel/consensus/a.ts:2 packages',
  ]);
  assert.deepEqual(findIn('src/kernel/util/a.ts', "import fs from 'node:fs';\n"), ['src/kernel/util/a.ts:2 packages']);
  assert.deepEqual(findIn('src/kernel/util/a.ts', "const fs = await import('node:fs');\n"), [
    'src/kernel/util/a.ts:2 packages',
  ]);
  assert.deepEqual(findIn('src/kernel/util/a.ts', "import 'left-pad';\n"), ['src/kernel/util/a.ts:2 packages']);
  assert.deepEqual(findIn('src/platform/node/a.ts', "import fs from 'node:fs';\n"), []);
});

test('index.ts stands at entry points, only re-exports, and is imported by nobody inside', () => {
  const inner = { 'src/kernel/util/a.ts': 'export const A = 1;\n' };
  const reExports =
    "export { A } from './util/a.ts';\nexport type {\n  A as B,\n} from './util/a.ts';\nexport * from './util/a.ts';\n";
  assert.deepEqual(findRules({ ...inner, 'src/kernel/index.ts': reExports }), []);
  const entries = ['src/kernel/util/a.ts'];
  assert.deepEqual(findRules({ ...inner, 'src/kernel/index.ts': reExports }, entries), [
    'src/kernel/index.ts:1 index',
    'src/kernel/index.ts:1 dead-file',
  ]);
  assert.deepEqual(findRules({ ...inner, 'src/kernel/index.ts': `${reExports}const b = 1;\n` }), [
    'src/kernel/index.ts:7 index',
  ]);
  const importer = {
    ...inner,
    'src/kernel/index.ts': reExports,
    'src/wallet/w.ts': "import { A } from '../kernel/index.ts';\n",
  };
  assert.deepEqual(findRules(importer), ['src/wallet/w.ts:2 index']);
});

test('dead files are found: what neither an entry point nor a test reaches', () => {
  const files = {
    'src/kernel/util/a.ts': "export { B } from './b.ts';\n",
    'src/kernel/util/b.ts': 'export const B = 1;\n',
    'src/kernel/util/c.ts': 'export const C = 1;\n',
    'src/kernel/util/c.test.ts': "import { C } from './c.ts';\n",
    'src/kernel/util/d.ts': "export { B } from './b.ts';\n",
  };
  assert.deepEqual(findRules(files, ['src/kernel/util/a.ts']), ['src/kernel/util/d.ts:1 dead-file']);
});

test('a worker named by URL counts as reached', () => {
  const files = {
    'src/platform/node/pool.ts': "const at = new URL('./worker.js', import.meta.url);\n",
    'src/platform/node/worker.ts': 'export const W = 1;\n',
  };
  assert.deepEqual(findRules(files, ['src/platform/node/pool.ts']), []);
});

test('names, sizes, openings, left-over notes and places of tests', () => {
  assert.deepEqual(findIn('src/kernel/util/badName.ts', ''), ['src/kernel/util/badName.ts:1 kebab-case']);
  assert.deepEqual(findIn('src/kernel/util/a.ts', 'x;\n'.repeat(699)), []);
  assert.deepEqual(findIn('src/kernel/util/a.ts', 'x;\n'.repeat(700)), ['src/kernel/util/a.ts:701 file-size']);
  const note = ['TO', 'DO'].join('');
  assert.deepEqual(findIn('src/kernel/util/a.ts', `\n// ${note}: later\n`), ['src/kernel/util/a.ts:3 left-over']);
  const files = new Map([['src/kernel/util/a.ts', 'export const A = 1;\n']]);
  assert.equal(checkTree({ files, entryPoints: [...files.keys()] })[0]?.rule, 'opening-comment');
  assert.deepEqual(findIn('src/kernel/util/lonely.test.ts', ''), ['src/kernel/util/lonely.test.ts:1 test-place']);
  const beside = {
    'src/kernel/util/a-b.ts': '',
    'src/kernel/util/a-model.test.ts': "import './a-b.ts';\n",
    'src/kernel/util/util.test.ts': "import './a-b.ts';\n",
  };
  assert.deepEqual(findRules(beside), []);
});

test('an exception excuses one rule in one file, and an unused one is reported', () => {
  const files = new Map([['src/kernel/util/a.ts', `${HEAD}const a = Date.now();\n`]]);
  const found = checkTree({ files, entryPoints: [...files.keys()] });
  const needed = { rule: 'no-clock', path: 'src/kernel/util/a.ts', reason: 'for this test' };
  const unneeded = { rule: 'no-buffer', path: 'src/kernel/util/a.ts', reason: 'for this test' };
  assert.deepEqual(applyExceptions(found, [needed, unneeded]), { standing: [], unused: [unneeded] });
});

test('the scanner knows comments, strings, templates and regular expressions', () => {
  const text = [
    '#!/usr/bin/env node',
    "const a = 'it\\'s // no comment'; // but this is",
    'const b = /[/"]\\/\\*/.test(a) ? 4 / 2 / 1 : 0;',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a file under test
    'const c = `x ${`y ${1} "` + "}"} z`; /* end */ f();',
  ].join('\n');
  const { code, comments } = readSource('a.ts', text);
  assert.deepEqual(
    code.split('\n').map((line) => line.replace(/ +/g, ' ').trim()),
    [
      '',
      "const a = ' ';",
      'const b = / /.test(a) ? 4 / 2 / 1 : 0;',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a file under test
      'const c = ` ${` ${1} ` + " "} `; f();',
    ],
  );
  assert.deepEqual(
    comments.split('\n').map((line) => line.trim()),
    ['#!/usr/bin/env node', '// but this is', '', '/* end */'],
  );
});

test('imports are found over several lines and not inside texts', () => {
  const text = [
    'import {',
    '  a,',
    "} from './a.ts';",
    "import type { b } from './b.ts'; export * from './c.ts';",
    'const text = "import { d } from \'./d.ts\'";',
    "// import { e } from './e.ts';",
    "type F = import('./f.ts').F;",
  ].join('\n');
  assert.deepEqual(readSource('x.ts', text).imports, [
    { specifier: './a.ts', line: 3 },
    { specifier: './b.ts', line: 4 },
    { specifier: './c.ts', line: 4 },
    { specifier: './f.ts', line: 7 },
  ]);
});
