import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { ripemd160 as nobleRipemd160 } from '@noble/hashes/legacy.js';
import {
  chooseKernel,
  createJavaScriptKernel,
  createWasmKernel,
  type HashKernel,
  INITIAL_STATE,
  STAGING_BYTES,
  writeDigest,
} from './hash-kernel.ts';
import { emitHashModule } from './hash-wasm.ts';
import { getWebAssembly, type WebAssemblyApi } from './webassembly.ts';

function node(data: Uint8Array, name = 'sha256'): Uint8Array {
  return new Uint8Array(createHash(name).update(data).digest());
}

function digestOf(kernel: HashKernel): Uint8Array {
  const out = new Uint8Array(32);
  writeDigest(kernel.state, out, 0);
  return out;
}

function nodeWebAssembly(): WebAssemblyApi {
  const found = getWebAssembly();
  assert(found !== null, 'Node has WebAssembly');
  return found;
}

const api = nodeWebAssembly();

const kernels: readonly HashKernel[] = [
  createJavaScriptKernel(),
  createWasmKernel(api, false),
  ...(api.validate(emitHashModule(true)) ? [createWasmKernel(api, true)] : []),
];

for (const kernel of kernels) {
  test(`the ${kernel.name} kernel hashes messages of every length up to 200, once and twice`, () => {
    for (let length = 0; length <= 200; length++) {
      const message = Uint8Array.from({ length }, (_, i) => (i * 77 + length) & 0xff);
      for (const twice of [false, true]) {
        kernel.staging.fill(0xee);
        kernel.staging.set(message);
        kernel.state.set(INITIAL_STATE);
        kernel[twice ? 'finishTwice' : 'finish'](length, 0, 8 * length);
        assert.deepEqual(digestOf(kernel), twice ? node(node(message)) : node(message));
      }
    }
  });

  test(`the ${kernel.name} kernel hashes whole messages of every length up to 200 by every function`, () => {
    const words = (bytes: number): Uint8Array => new Uint8Array(kernel.state.slice(0, bytes / 4).buffer);
    for (let length = 0; length <= 200; length++) {
      const message = Uint8Array.from({ length }, (_, i) => (i * 91 + length) & 0xff);
      const hash = (name: 'sha256' | 'ripemd160' | 'sha1' | 'hash160'): void => {
        kernel.staging.fill(0xee);
        kernel.staging.set(message);
        kernel.state.fill(0x77777777);
        kernel[name](length);
      };
      hash('sha256');
      assert.deepEqual(digestOf(kernel), node(message));
      for (const at of [0, 1, 67]) {
        kernel.staging.fill(0xee);
        kernel.staging.set(message, at);
        kernel.sha256dAt(at, length);
        assert.deepEqual(digestOf(kernel), node(node(message)));
        assert.ok(kernel.staging.subarray(0, at).every((byte) => byte === 0xee));
        assert.ok(kernel.staging.subarray(at + length + 72).every((byte) => byte === 0xee));
      }
      hash('ripemd160');
      assert.deepEqual(words(20), nobleRipemd160(message));
      hash('hash160');
      assert.deepEqual(words(20), nobleRipemd160(node(message)));
      hash('sha1');
      assert.deepEqual(digestOf(kernel).slice(0, 20), node(message, 'sha1'));
    }
  });

  test(`the ${kernel.name} kernel hashes a message that fills the staging area`, () => {
    const message = Uint8Array.from({ length: STAGING_BYTES }, (_, i) => (i * 13 + (i >> 8)) & 0xff);
    kernel.staging.set(message);
    kernel.sha1(message.length);
    assert.deepEqual(digestOf(kernel).slice(0, 20), node(message, 'sha1'));
    kernel.staging.set(message);
    kernel.ripemd160(message.length);
    assert.deepEqual(new Uint8Array(kernel.state.slice(0, 5).buffer), nobleRipemd160(message));
  });

  test(`the ${kernel.name} kernel compresses many blocks and writes both words of the length`, () => {
    const blocks = Uint8Array.from({ length: 64 * 50 }, (_, i) => (i * 13 + (i >> 8)) & 0xff);
    kernel.staging.set(blocks);
    kernel.state.set(INITIAL_STATE);
    kernel.compress(50);
    kernel.finish(0, 0, 8 * blocks.length);
    assert.deepEqual(digestOf(kernel), node(blocks));
    kernel.state.set(INITIAL_STATE);
    kernel.finish(0, 0x01020304, 0x85060708);
    const padding = new Uint8Array(64);
    padding.set([0x80]);
    padding.set([1, 2, 3, 4, 0x85, 6, 7, 8], 56);
    assert.deepEqual(kernel.staging.slice(0, 64), padding);
  });

  test(`the ${kernel.name} kernel hashes pairs in place in batches of 0 to 21`, () => {
    for (let count = 0; count <= 21; count++) {
      const pairs = Uint8Array.from({ length: 64 * count }, (_, i) => (i * 91 + count) & 0xff);
      kernel.staging.fill(0xee);
      kernel.staging.set(pairs);
      kernel.hashPairs(count);
      for (let i = 0; i < count; i++) {
        assert.deepEqual(kernel.staging.slice(32 * i, 32 * i + 32), node(node(pairs.slice(64 * i, 64 * i + 64))));
      }
    }
  });
}

test('without WebAssembly, or with one that refuses or miscomputes, the TypeScript kernel is taken', () => {
  assert.equal(chooseKernel(null).name, 'javascript');
  const refusing: WebAssemblyApi = {
    validate: () => false,
    Module: class {
      constructor() {
        throw new Error('refused by the content policy');
      }
    },
    Instance: api.Instance,
  };
  assert.equal(chooseKernel(refusing).name, 'javascript');
  for (const [name, other] of [
    ['finishTwice', 'finish'],
    ['sha256dAt', 'hashPairs1'],
    ['hash160', 'ripemd160'],
    ['ripemd160', 'sha1'],
  ] as const) {
    const miscomputing: WebAssemblyApi = {
      ...api,
      validate: (bytes) => api.validate(bytes),
      Module: api.Module,
      Instance: class {
        readonly exports: Readonly<Record<string, unknown>>;
        constructor(module: object) {
          const { exports } = new api.Instance(module);
          this.exports = { ...exports, [name]: exports[other] };
        }
      },
    };
    assert.equal(chooseKernel(miscomputing).name, 'javascript', name);
  }
});

test('an engine without SIMD gets the scalar WebAssembly kernel', () => {
  const withoutSimd: WebAssemblyApi = {
    validate: (bytes) => api.validate(bytes),
    Module: class {
      constructor(bytes: Uint8Array) {
        if (bytes.length === emitHashModule(true).length) throw new Error('no SIMD');
        // biome-ignore lint/correctness/noConstructorReturn: stands in for the engine's own class
        return new api.Module(bytes);
      }
    },
    Instance: api.Instance,
  };
  assert.equal(chooseKernel(withoutSimd).name, 'wasm');
});
