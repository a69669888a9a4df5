// The hash functions of the ledger as one WebAssembly module that is generated at first use: SHA-256 once, twice, in pairs and
// streamed, and what old scripts name, RIPEMD-160, SHA-1 and HASH160. Padding and hashes of hashes are made inside, so that a
// hash costs one call from JavaScript.

import { defineEnding, emitEnding, emitStart, emitWords, endWords, HASH_MEMORY, ZERO } from './hash-wasm-parts.ts';
import { defineRipemd160Compress, defineSha1Compress } from './legacy-hash-wasm.ts';
import { MD_INITIAL } from './ripemd160-constants.ts';
import { SHA256_INITIAL } from './sha256-constants.ts';
import { definePairGroups, definePairs, defineSha256Compress, emitDigest, emitSecondHash } from './sha256-wasm.ts';
import { type FunctionRef, get, i32, ModuleEmitter } from './wasm-emitter.ts';

/** What is defined for each function: compress(from, blockCount) and the end of a message (defineEnding). */
interface Defined {
  readonly compress: FunctionRef;
  readonly ending: FunctionRef;
}

/** compress(blockCount), finish and finishTwice(byteCount, bitsHigh, bitsLow): onto the state that is there. */
function defineStream(module: ModuleEmitter, { compress, ending }: Defined): void {
  module.define('compress', ['i32'], (emitter, blockCount) => {
    emitter.call(compress, i32.constant(HASH_MEMORY.staging), get(blockCount));
  });
  module.define('finish', ['i32', 'i32', 'i32'], (emitter, byteCount, bitsHigh, bitsLow) => {
    emitter.call(ending, ZERO, get(byteCount), get(bitsHigh), get(bitsLow));
  });
  module.define('finishTwice', ['i32', 'i32', 'i32'], (emitter, byteCount, bitsHigh, bitsLow) => {
    emitter.call(ending, ZERO, get(byteCount), get(bitsHigh), get(bitsLow));
    emitSecondHash(emitter, compress);
  });
}

/** sha256(byteCount) of a whole message in staging, and sha256dAt(at, byteCount) of one at some place of it. */
function defineSha256Whole(module: ModuleEmitter, { compress, ending }: Defined): void {
  module.define('sha256', ['i32'], (emitter, byteCount) => {
    emitStart(emitter, SHA256_INITIAL);
    emitEnding(emitter, ending, ZERO, byteCount);
  });
  module.define('sha256dAt', ['i32', 'i32'], (emitter, at, byteCount) => {
    emitStart(emitter, SHA256_INITIAL);
    emitEnding(emitter, ending, get(at), byteCount);
    emitSecondHash(emitter, compress);
  });
}

/** ripemd160(byteCount), sha1(byteCount) and hash160(byteCount) of a whole message in staging. */
function defineLegacyWhole(module: ModuleEmitter, sha256: Defined): void {
  const ripemd160 = defineRipemd160Compress(module);
  const ripemd160Ending = defineEnding(module, ripemd160, 'little');
  const sha1Ending = defineEnding(module, defineSha1Compress(module), 'big');
  for (const [name, ending] of [
    ['ripemd160', ripemd160Ending],
    ['sha1', sha1Ending],
  ] as const) {
    module.define(name, ['i32'], (emitter, byteCount) => {
      emitStart(emitter, MD_INITIAL);
      emitEnding(emitter, ending, ZERO, byteCount);
    });
  }
  module.define('hash160', ['i32'], (emitter, byteCount) => {
    emitStart(emitter, SHA256_INITIAL);
    emitEnding(emitter, sha256.ending, ZERO, byteCount);
    emitDigest(emitter, i32.constant(HASH_MEMORY.block), 0);
    emitWords(emitter, 'little', HASH_MEMORY.block + 32, endWords('little', 8, 256));
    emitStart(emitter, MD_INITIAL);
    emitter.call(ripemd160, i32.constant(HASH_MEMORY.block), i32.constant(1));
  });
}

/**
 * The bytes of the module. Exports: memory, compress, finish, finishTwice, sha256, sha256dAt, ripemd160, sha1, hash160, hashPairs1
 * and, with `simd`, hashPairs4.
 */
export function emitHashModule(simd: boolean): Uint8Array {
  const module = new ModuleEmitter(HASH_MEMORY.pages);
  const compress = defineSha256Compress(module);
  const sha256 = { compress, ending: defineEnding(module, compress, 'big') };
  defineStream(module, sha256);
  defineSha256Whole(module, sha256);
  defineLegacyWhole(module, sha256);
  definePairs(module, compress);
  if (simd) definePairGroups(module);
  return module.finish();
}
