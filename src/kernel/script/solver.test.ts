// Templates of output scripts.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { concatBytes, fromHex, toHex } from '../util/bytes.ts';
import { createMultisig, ScriptBuilder } from './script-builder.ts';
import { classifyOutput, matchMultiA, matchMultisig, type OutputTemplate, solveOutput } from './solver.ts';

const key33 = fromHex(`02${'aa'.repeat(32)}`);
const key65 = fromHex(`04${'bb'.repeat(64)}`);
const hash20 = 'cc'.repeat(20);
const hash32 = 'dd'.repeat(32);

function solve(script: Uint8Array | string): OutputTemplate {
  const inner = typeof script === 'string' ? fromHex(script) : script;
  return solveOutput(concatBytes(Uint8Array.of(0x6a), inner, Uint8Array.of(0xae)), 1, 1 + inner.length);
}

describe('templates of outputs', () => {
  test('each template is named as in Core and taken apart', () => {
    assert.deepEqual(solve(`21${toHex(key33)}ac`), { type: 'pubkey', publicKey: key33 });
    assert.deepEqual(solve(`41${toHex(key65)}ac`), { type: 'pubkey', publicKey: key65 });
    assert.deepEqual(solve(`76a914${hash20}88ac`), { type: 'pubkeyhash', keyHash: fromHex(hash20) });
    assert.deepEqual(solve(`a914${hash20}87`), { type: 'scripthash', scriptHash: fromHex(hash20) });
    assert.deepEqual(solve(`0014${hash20}`), { type: 'witness_v0_keyhash', keyHash: fromHex(hash20) });
    assert.deepEqual(solve(`0020${hash32}`), { type: 'witness_v0_scripthash', scriptHash: fromHex(hash32) });
    assert.deepEqual(solve(`5120${hash32}`), { type: 'witness_v1_taproot', outputKey: fromHex(hash32) });
    assert.deepEqual(solve('51024e73'), { type: 'anchor' });
    assert.deepEqual(solve('51024e74'), { type: 'witness_unknown', version: 1, program: fromHex('4e74') });
    assert.deepEqual(solve(`5220${hash32}`), { type: 'witness_unknown', version: 2, program: fromHex(hash32) });
    assert.deepEqual(solve(`511f${'ee'.repeat(31)}`), {
      type: 'witness_unknown',
      version: 1,
      program: fromHex('ee'.repeat(31)),
    });
    assert.deepEqual(solve('6a'), { type: 'nulldata' });
    assert.deepEqual(solve('6a02aabb5150'), { type: 'nulldata' });
    assert.deepEqual(solve(createMultisig(2, [key33, key65, key33])), {
      type: 'multisig',
      required: 2,
      publicKeys: [key33, key65, key33],
    });
  });

  test('what only looks like a template is nonstandard', () => {
    const nonstandard = [
      '',
      '6a61', // more than pushes after OP_RETURN
      '6a02aa', // a cut push
      `21${'05'}${'aa'.repeat(32)}ac`, // no key begins with 05
      `2104${'aa'.repeat(32)}ac`, // nor a 33-byte key with 04
      `41${'02'}${'bb'.repeat(64)}ac`,
      `4c21${toHex(key33)}ac`, // the template is a direct push
      `0015${'cc'.repeat(21)}`, // version 0 has two lengths only
      `76a914${hash20}88ad`,
      `76a94c14${hash20}88ac`,
    ];
    for (const hex of nonstandard) assert.deepEqual(solve(hex), { type: 'nonstandard' }, hex);
  });

  test('any bytes have exactly one template and nothing is thrown', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        assert.equal(solveOutput(bytes, 0, bytes.length).type, classifyOutput(bytes, 0, bytes.length));
      }),
    );
  });
});

describe('multisig templates', () => {
  const match = (script: Uint8Array) => matchMultisig(script, 0, script.length);

  test('one to twenty keys of any valid size, hybrid ones as well', () => {
    const hybrid = fromHex(`06${'bb'.repeat(64)}`);
    for (const [required, total] of [
      [1, 1],
      [1, 16],
      [16, 16],
      [17, 17],
      [20, 20],
    ] as const) {
      const keys = new Array<Uint8Array>(total).fill(hybrid);
      assert.deepEqual(match(createMultisig(required, keys)), { required, publicKeys: keys });
    }
  });

  test('no multisig: counts out of order, not minimal, or not the true number of keys', () => {
    const key = toHex(key33);
    const nope = [
      `0021${key}51ae`, // 0 of 1
      `5221${key}51ae`, // 2 of 1
      `5121${key}52ae`, // says 2 keys, has 1
      `010121${key}51ae`, // 1 not in its shortest form
      `5121${key}0101ae`,
      `4f21${key}51ae`,
      `5120${'aa'.repeat(32)}51ae`, // 32 bytes are no key
      `5121${key}51aeae`,
      `5121${key}5161ae`,
      `5121${key}51`,
      `5121${key}`,
      '51ae',
      'ae',
      '',
    ];
    for (const hex of nope) assert.equal(match(fromHex(hex)), null, hex);
    assert.equal(match(createMultisig(1, new Array(21).fill(key33))), null);
    assert.equal(match(createMultisig(21, new Array(21).fill(key33))), null);
  });

  test('tapscript multisig of OP_CHECKSIGADD', () => {
    const build = (required: number, keys: readonly Uint8Array[]): Uint8Array => {
      const builder = new ScriptBuilder();
      for (const [i, key] of keys.entries()) builder.push(key).op(i === 0 ? 0xac : 0xba);
      return builder.number(required).op(0x9c).build();
    };
    const key = fromHex(hash32);
    const matchA = (script: Uint8Array) => matchMultiA(script, 0, script.length);
    assert.deepEqual(matchA(build(2, [key, key, key])), { required: 2, publicKeys: [key, key, key] });
    assert.equal(matchA(build(999, new Array(999).fill(key)))?.required, 999);
    assert.equal(matchA(build(1, new Array(1000).fill(key))), null);
    assert.equal(matchA(build(3, [key, key])), null);
    assert.equal(matchA(build(0, [key])), null);
    assert.equal(matchA(concatBytes(build(1, [key]), fromHex('9c'))), null);
    assert.equal(matchA(fromHex(`20${hash32}ba519c`)), null);
    assert.equal(matchA(fromHex(`20${hash32}ac01019c`)), null);
    assert.equal(matchA(fromHex(`20${hash32}ac9c`)), null);
  });
});
