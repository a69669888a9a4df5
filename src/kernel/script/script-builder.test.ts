// Building scripts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '../util/bytes.ts';
import { OP } from './opcodes.ts';
import {
  createMultisig,
  createP2pk,
  createP2pkh,
  createP2sh,
  createWitnessProgram,
  encodeNumberPush,
  ScriptBuilder,
} from './script-builder.ts';

test('numbers are pushed in their shortest form', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '00'],
    [-1, '4f'],
    [1, '51'],
    [16, '60'],
    [17, '0111'],
    [-2, '0182'],
    [127, '017f'],
    [128, '028000'],
    [-128, '028080'],
    [255, '02ff00'],
    [256, '020001'],
    [500_000, '0320a107'],
    [2_147_483_647, '04ffffff7f'],
    [4_294_967_295, '05ffffffff00'],
  ];
  for (const [value, hex] of cases) assert.equal(toHex(encodeNumberPush(value)), hex, String(value));
});

test('a builder appends operations, pushes and raw bytes in order', () => {
  const builder = new ScriptBuilder().op(OP.OP_DUP).push(fromHex('01')).pushMinimal(fromHex('01')).number(-1);
  builder.pushMinimal(fromHex('81')).pushMinimal(fromHex('00')).pushMinimal(new Uint8Array(0)).raw(fromHex('acab'));
  assert.equal(toHex(builder.build()), '760101514f4f010000acab');
});

test('the usual output scripts have their well-known bytes', () => {
  const hash20 = fromHex('33'.repeat(20));
  const key = fromHex(`02${'44'.repeat(32)}`);
  assert.equal(toHex(createP2pkh(hash20)), `76a914${'33'.repeat(20)}88ac`);
  assert.equal(toHex(createP2sh(hash20)), `a914${'33'.repeat(20)}87`);
  assert.equal(toHex(createP2pk(key)), `2102${'44'.repeat(32)}ac`);
  assert.equal(toHex(createWitnessProgram(0, hash20)), `0014${'33'.repeat(20)}`);
  assert.equal(toHex(createWitnessProgram(16, fromHex('aabb'))), '6002aabb');
  assert.equal(toHex(createMultisig(1, [key, key])), `5121${toHex(key)}21${toHex(key)}52ae`);
});

test('C40: a script of 300,000 operations is put together', () => {
  const builder = new ScriptBuilder();
  for (let i = 0; i < 300_000; i++) builder.op(OP.OP_NOP);
  assert.equal(builder.build().length, 300_000);
});
