// tallystick/crypto: hashes, and the curve behind one interface. The JavaScript backend is always there; createWasmSecp256k1 takes
// the built libsecp256k1, and tallystick/crypto/node finds the fastest backend of a machine.

export { encodeSignatureDer, isStrictDerSignature, normalizeS, parseSignatureLax } from './der.ts';
export { hash160, ripemd160 } from './hash160.ts';
export type { Secp256k1, XOnlyTweak } from './secp256k1.ts';
export { nobleSecp256k1 } from './secp256k1-noble.ts';
export type { WasmProblem } from './secp256k1-wasm.ts';
export { createWasmSecp256k1 } from './secp256k1-wasm.ts';
export { Sha256Hasher, sha256, sha256d, taggedHash } from './sha256.ts';
