import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromHex } from '../util/bytes.ts';
import {
  chooseNonceEngine,
  createJavaScriptEngine,
  createWasmEngine,
  findNonce,
  NONCE_END,
  type NonceEngine,
} from './nonce-search.ts';
import { emitNonceModule } from './nonce-wasm.ts';
import { getWebAssembly, type WebAssemblyApi } from './webassembly.ts';

function nodeWebAssembly(): WebAssemblyApi {
  const found = getWebAssembly();
  assert(found !== null, 'Node has WebAssembly');
  return found;
}

const api = nodeWebAssembly();

const engines: readonly NonceEngine[] = [
  createJavaScriptEngine(),
  createWasmEngine(api, false),
  ...(api.validate(emitNonceModule(true)) ? [createWasmEngine(api, true)] : []),
];

/** A target of bytes as people write them: most significant first, the rest ones. */
function targetOf(hex: string): Uint8Array {
  return fromHex(hex.padEnd(64, 'f')).reverse();
}

/** The naive twin: one hash after another by Node's own SHA-256. */
function findNaively(header: Uint8Array, target: Uint8Array, start: number, count: number): number | null {
  const bytes = Buffer.from(header);
  const highest = Buffer.from(target).reverse();
  for (let nonce = start; nonce < Math.min(start + count, 2 ** 32); nonce++) {
    bytes.writeUInt32LE(nonce, 76);
    const once = createHash('sha256').update(bytes).digest();
    if (createHash('sha256').update(once).digest().reverse().compare(highest) <= 0) return nonce;
  }
  return null;
}

/** Headers of first blocks, whose nonces are known. */
const GENESIS: readonly (readonly [name: string, header: string, target: string, nonce: number])[] = [
  [
    'main',
    '0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d00000000',
    '00000000ffff0000000000000000000000000000000000000000000000000000',
    2083236893,
  ],
  [
    'test',
    '0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4adae5494dffff001d00000000',
    '00000000ffff0000000000000000000000000000000000000000000000000000',
    414098458,
  ],
];

for (const engine of engines) {
  test(`the ${engine.name} engine finds the nonces of the first blocks of main and testnet3`, () => {
    for (const [name, hex, target, nonce] of GENESIS) {
      const header = fromHex(hex);
      for (const before of [0, 1, 2, 3, 4, 30_001]) {
        assert.equal(findNonce(header, targetOf(target), nonce - before, before + 1, engine), nonce, name);
      }
      assert.equal(findNonce(header, targetOf(target), nonce - 20_001, 20_001, engine), null);
      assert.equal(findNonce(header, targetOf(target), nonce + 1, 20_001, engine), null);
      assert.deepEqual(header, fromHex(hex), 'the header is left as it is');
    }
  });

  test(`the ${engine.name} engine finds what a hash after another finds, also at the ends of a range`, () => {
    const header = fc.uint8Array({ minLength: 80, maxLength: 80 });
    const target = fc.constantFrom('7', '0f', '00f', '003', '00000000').map((digits) => targetOf(digits));
    const start = fc.oneof(
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      fc.integer({ min: 2 ** 31 - 300, max: 2 ** 31 + 10 }),
      fc.integer({ min: 2 ** 32 - 300, max: 2 ** 32 }),
    );
    fc.assert(
      fc.property(header, target, start, fc.integer({ min: 0, max: 400 }), (bytes, wanted, first, count) => {
        const found = findNonce(bytes, wanted, first, count, engine);
        assert.equal(found, findNaively(bytes, wanted, first, count));
      }),
      { numRuns: 60 },
    );
  });

  test(`the ${engine.name} engine compares all 32 bytes with the target`, () => {
    const header = fromHex(GENESIS[0]![1]);
    const nonce = GENESIS[0]![3];
    const hash = fromHex('000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f').reverse();
    assert.equal(findNonce(header, hash, nonce, 1, engine), nonce);
    const lower = hash.slice();
    lower[0]! -= 1;
    assert.equal(findNonce(header, lower, nonce, 1, engine), null);
  });
}

test('nonces end at 2^32', () => {
  const impossible = new Uint8Array(32);
  assert.equal(findNonce(new Uint8Array(80), impossible, NONCE_END - 5, 100), null);
  assert.equal(findNonce(new Uint8Array(80), impossible, NONCE_END, 100), null);
});

test('a host without WebAssembly, or with one that refuses, gets the engine in JavaScript', () => {
  assert.equal(chooseNonceEngine(null).name, 'javascript');
  const refusing = {
    validate: () => false,
    Module: class {
      constructor() {
        throw new Error('refused by policy');
      }
    },
    Instance: class {},
  } as unknown as WebAssemblyApi;
  assert.equal(chooseNonceEngine(refusing).name, 'javascript');
});

test('an engine that computes nonsense is not taken', () => {
  class BrokenInstance {
    readonly exports = {
      memory: { buffer: new ArrayBuffer(65536) },
      search: () => {},
    };
  }
  const broken = { validate: () => true, Module: class {}, Instance: BrokenInstance } as unknown as WebAssemblyApi;
  assert.equal(chooseNonceEngine(broken).name, 'javascript');
});

test('the engine that is chosen here is the fastest that the host accepts', () => {
  assert.equal(chooseNonceEngine(api).name, engines.at(-1)!.name);
});
