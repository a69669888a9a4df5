// Finds libsecp256k1 as WebAssembly on disk: `build/secp256k1.wasm` of the package, which the published package carries
// and scripts/build-secp-wasm.mjs makes.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import type { BackendProblem } from '../../kernel/crypto/secp256k1-select.ts';
import { createWasmSecp256k1 } from '../../kernel/crypto/secp256k1-wasm.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';

/** The module's place in the package. */
const MODULE_FILE = join('build', 'secp256k1.wasm');

/** The module's bytes, found beside the nearest package.json above this file; null when it was never built. */
export function readSecpWasm(): Uint8Array | null {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const found = readIfPresent(join(folder, MODULE_FILE));
    if (found !== null || readIfPresent(join(folder, 'package.json')) !== null) return found;
    const above = dirname(folder);
    if (above === folder) return null;
    folder = above;
  }
}

function readIfPresent(path: string): Uint8Array | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
    throw error;
  }
}

/** libsecp256k1 as WebAssembly, or why it cannot be had. */
export function loadWasmSecp256k1(): Result<Secp256k1, BackendProblem> {
  const bytes = readSecpWasm();
  if (bytes === null) {
    return err({ kind: 'absent', detail: 'not built', remedy: 'npm run build:secp-wasm' });
  }
  const made = createWasmSecp256k1(bytes, randomBytes(32));
  return made.ok ? ok(made.value) : err({ kind: 'unusable', detail: made.error });
}
