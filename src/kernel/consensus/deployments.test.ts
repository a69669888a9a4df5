import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asBlockHash, parseBlockHash } from '../primitives/hashes.ts';
import { parseScriptFlags } from '../script/flags.ts';
import {
  getBlockScriptFlags,
  isActiveAt,
  isEnabled,
  NEVER_ACTIVATED_HEIGHT,
  parseActivationHeight,
  parseVersionbitsOverride,
} from './deployments.ts';
import { createNetworkParams } from './networks/all.ts';
import { createRegtestParams } from './networks/regtest.ts';
import { literalBlockHash } from './params.ts';

const MAIN = createNetworkParams('main').consensus;
const SOME_BLOCK = asBlockHash(new Uint8Array(32).fill(1));

function flagsAt(height: number, blockHash = SOME_BLOCK): number {
  return getBlockScriptFlags(MAIN, height, blockHash);
}

function flagsOf(text: string): number {
  const parsed = parseScriptFlags(text);
  assert.ok(parsed.ok);
  return parsed.value;
}

test('C30: the script flags of the main network grow exactly at the buried heights', () => {
  const base = 'P2SH,WITNESS,TAPROOT';
  const steps: readonly (readonly [height: number, added: string])[] = [
    [363_725, 'DERSIG'],
    [388_381, 'CHECKLOCKTIMEVERIFY'],
    [419_328, 'CHECKSEQUENCEVERIFY'],
    [481_824, 'NULLDUMMY'],
  ];
  assert.equal(flagsAt(0), flagsOf(base));
  let flags = base;
  for (const [height, added] of steps) {
    assert.equal(flagsAt(height - 1), flagsOf(flags), added);
    flags += `,${added}`;
    assert.equal(flagsAt(height), flagsOf(flags), added);
  }
  assert.equal(flagsAt(2_000_000), flagsOf(flags));
});

test('C30: the block that breaks BIP16 is held to no flags but those of its height', () => {
  const exception = literalBlockHash('00000000000002dc756eebf4f49723ed8d30cc28a5f108eb94b1ba88ac4f9c22');
  assert.equal(flagsAt(170_060, exception), 0);
  assert.equal(
    getBlockScriptFlags(createNetworkParams('test').consensus, 0, exception),
    flagsOf('P2SH,WITNESS,TAPROOT'),
  );
  const testnet = literalBlockHash('00000000dd30457c001f4095d208cc1296b0eed002427aa599874af7a432b105');
  assert.equal(getBlockScriptFlags(createNetworkParams('test').consensus, 0, testnet), 0);
});

test('C30: the block that breaks taproot is held to everything else', () => {
  const exception = literalBlockHash('0000000000000000000f14c35b2d841e986ab5441de8c585d5ffe55ea1e395ad');
  assert.equal(
    flagsAt(692_261, exception),
    flagsOf('P2SH,WITNESS,DERSIG,CHECKLOCKTIMEVERIFY,CHECKSEQUENCEVERIFY,NULLDUMMY'),
  );
});

test('C30: an exception is the hash in internal order, not its mirror image', () => {
  const mirrored = asBlockHash(
    parseBlockHash('00000000000002dc756eebf4f49723ed8d30cc28a5f108eb94b1ba88ac4f9c22')!.slice().reverse(),
  );
  assert.equal(flagsAt(170_060, mirrored), flagsOf('P2SH,WITNESS,TAPROOT'));
});

test('a buried deployment holds from its height on and can be switched off for good', () => {
  assert.equal(isActiveAt(MAIN, 'csv', 419_327), false);
  assert.equal(isActiveAt(MAIN, 'csv', 419_328), true);
  assert.equal(isEnabled(MAIN, 'segwit'), true);
  const params = createRegtestParams({ activationHeights: { segwit: NEVER_ACTIVATED_HEIGHT } }).consensus;
  assert.equal(isEnabled(params, 'segwit'), false);
  assert.equal(isActiveAt(params, 'segwit', 1_000_000), false);
});

test('the option testactivationheight takes the five names of Core and heights of 31 bits', () => {
  assert.deepEqual(parseActivationHeight('segwit@432'), { ok: true, value: { deployment: 'segwit', height: 432 } });
  assert.deepEqual(parseActivationHeight('dersig@0'), { ok: true, value: { deployment: 'bip66', height: 0 } });
  assert.deepEqual(parseActivationHeight('cltv@5'), { ok: true, value: { deployment: 'bip65', height: 5 } });
  for (const text of ['segwit@-1', 'segwit@2147483647', 'segwit@', 'segwit@1e3', 'segwit@ 1', 'segwit@1@2']) {
    assert.deepEqual(parseActivationHeight(text), {
      ok: false,
      error: `Invalid height value (${text}) for -testactivationheight=name@height.`,
    });
  }
  assert.deepEqual(parseActivationHeight('segwit'), {
    ok: false,
    error: 'Invalid format (segwit) for -testactivationheight=name@height.',
  });
  assert.deepEqual(parseActivationHeight('__proto__@1'), {
    ok: false,
    error: 'Invalid name (__proto__@1) for -testactivationheight=name@height.',
  });
});

test('the option vbparams takes a known deployment, two times and a height', () => {
  const names = ['testdummy'];
  assert.deepEqual(parseVersionbitsOverride('testdummy:0:999999999999:288', names), {
    ok: true,
    value: {
      name: 'testdummy',
      override: { startTimeSec: 0, timeoutSec: 999_999_999_999, minActivationHeight: 288 },
    },
  });
  assert.deepEqual(parseVersionbitsOverride('testdummy:-1:0', names), {
    ok: true,
    value: { name: 'testdummy', override: { startTimeSec: -1, timeoutSec: 0, minActivationHeight: 0 } },
  });
  const errors: readonly (readonly [text: string, error: string])[] = [
    ['testdummy:1', 'Version bits parameters malformed, expecting deployment:start:end[:min_activation_height]'],
    ['testdummy:1:2:3:4', 'Version bits parameters malformed, expecting deployment:start:end[:min_activation_height]'],
    ['testdummy::2', 'Invalid nStartTime ()'],
    ['testdummy:1:x', 'Invalid nTimeout (x)'],
    ['testdummy:1:2:z', 'Invalid min_activation_height (z)'],
    ['taproot:1:2', 'Invalid deployment (taproot)'],
  ];
  for (const [text, error] of errors) assert.deepEqual(parseVersionbitsOverride(text, names), { ok: false, error });
});
