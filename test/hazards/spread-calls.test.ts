// `f(...list)` puts the whole list on the call stack, which ends with a RangeError somewhere above a hundred thousand items: a limit
// that no rule of the ledger knows, so it must not decide over a block. This test reads the sources for such calls.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { lineAt, readSource } from '../tidy/source.ts';
import { findProjectRoot } from '../vectors/folder.ts';

const FOLDERS = ['src/kernel', 'src/wallet'];

/** Calls with lists that stay short, by file and text. The list only shrinks. */
const SHORT_LISTS: readonly { readonly path: string; readonly text: string; readonly reason: string }[] = [
  { path: 'src/kernel/chain/layout.ts', text: '...Array.from(', reason: 'the thirteen letters of a key' },
  { path: 'src/kernel/crypto/wasm-emitter.ts', text: '...vector(', reason: 'an opcode of at most three bytes' },
  { path: 'src/kernel/crypto/wasm-emitter.ts', text: '...locals', reason: 'the parameters of one function' },
  { path: 'src/kernel/crypto/wasm-emitter.ts', text: '...items', reason: 'the functions of one module' },
  { path: 'src/kernel/script/taproot-builder.ts', text: '...partners', reason: 'at most 128 steps (BIP341)' },
];

/** Starts of arguments that are spread lists: not of rest parameters, array literals or objects. */
function findSpreadArguments(code: string): number[] {
  return [...code.matchAll(/\.\.\.(?=[\w#([])/g)]
    .map((match) => match.index)
    .filter((at) => !/^\.\.\.\w+\??\s*:/.test(code.slice(at)) && isInCall(code, at));
}

/** True when the bracket that encloses this place opens the arguments of a call. */
function isInCall(code: string, at: number): boolean {
  let depth = 0;
  for (let i = at - 1; i >= 0; i--) {
    const char = code[i]!;
    if (')]}'.includes(char)) depth++;
    else if ('([{'.includes(char) && depth-- === 0) {
      return char === '(' && /[\w#>)\]]\s*$/.test(code.slice(Math.max(0, i - 40), i));
    }
  }
  return false;
}

/** `f.apply(null, list)` does the same. */
const APPLY = /\.apply\(\s*(?:null|undefined|String|Math)\b|\bReflect\.apply\(/g;

function* findCalls(path: string, text: string): Generator<string> {
  const { code } = readSource(path, text);
  const places = [...findSpreadArguments(code), ...[...code.matchAll(APPLY)].map((match) => match.index)];
  for (const at of places) {
    const isShort = SHORT_LISTS.some((known) => known.path === path && code.startsWith(known.text, at));
    if (!isShort) yield `${path}:${lineAt(code, at)}: ${code.slice(at, at + 40).split('\n')[0]}`;
  }
}

test('C40: no call in the kernel or the wallet spreads a list that may grow long', () => {
  const root = findProjectRoot();
  const found = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .flatMap((name) => {
        const path = `${folder}/${name.split('\\').join('/')}`;
        return [...findCalls(path, readFileSync(join(root, path), 'utf8'))];
      }),
  );
  assert.deepEqual(found, [], 'write a loop, or use set() or joinBytes()');
});

test('spread arguments are found, and what only looks like them is not', () => {
  const code = [
    'list.push(...items);',
    'Math.max(1, ...f(x), 2);',
    'return concat(first, ...this.parts);',
    'new Foo(...list);',
    'String.fromCharCode.apply(null, codes);',
    'const copy = [...items];',
    'const object = { ...base, ...f(x) };',
    'function join(...parts: readonly Uint8Array[]): void {}',
    'type Native = (...values: Argument[]) => number;',
    'call([...items], { ...base });',
    '// f(...list)',
  ].join('\n');
  const found = [...findCalls('src/kernel/x.ts', code)].map((line) => Number(line.split(':')[1])).sort((a, b) => a - b);
  assert.deepEqual(found, [1, 2, 3, 4, 5]);
});
