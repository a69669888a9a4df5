// The secp256k1 of this process: the fastest backend that works here. The environment variable TALLY_SECP256K1 may name
// the file of a libsecp256k1 to use.

import { nobleSecp256k1 } from '../../kernel/crypto/secp256k1-noble.ts';
import { type BackendLoader, type Secp256k1Choice, selectSecp256k1 } from '../../kernel/crypto/secp256k1-select.ts';
import { ok } from '../../kernel/util/result.ts';
import { loadKoffiSecp256k1 } from './secp-koffi.ts';
import { loadWasmSecp256k1 } from './secp-wasm.ts';

/** Every backend that Node can have, fastest first. The last one always loads. */
export function secp256k1Loaders(libraryPath?: string): readonly BackendLoader[] {
  return [
    { backend: 'libsecp256k1 (system)', load: () => loadKoffiSecp256k1(libraryPath) },
    { backend: 'libsecp256k1 (WebAssembly)', load: loadWasmSecp256k1 },
    { backend: nobleSecp256k1.name, load: () => ok(nobleSecp256k1) },
  ];
}

/**
 * Loads the fastest backend that passes the self-test, and says which were passed over and why. Takes some milliseconds:
 * call it once per thread and hand the backend on.
 *
 * @example
 * const { backend, skipped } = loadSecp256k1();
 * for (const one of skipped) log.info('crypto', formatSkippedBackend(one));
 */
export function loadSecp256k1(libraryPath: string | undefined = process.env['TALLY_SECP256K1']): Secp256k1Choice {
  return selectSecp256k1(secp256k1Loaders(libraryPath === '' ? undefined : libraryPath));
}
