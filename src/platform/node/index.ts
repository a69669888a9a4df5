// tallystick/crypto/node: the fastest secp256k1 that this machine has.

export type { SkippedBackend } from '../../kernel/crypto/secp256k1-select.ts';
export { formatSkippedBackend, type Secp256k1Choice } from '../../kernel/crypto/secp256k1-select.ts';
export { loadSecp256k1 } from './secp256k1.ts';
