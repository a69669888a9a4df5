// Every secp256k1 backend of this machine, for judges and tests that hold each of them to the same cases.

import type { Secp256k1 } from '../../src/kernel/crypto/secp256k1.ts';
import { secp256k1Loaders } from '../../src/platform/node/secp256k1.ts';

let loaded: readonly Secp256k1[] | null = null;

/** All backends that load here, fastest first; JavaScript is always among them. Loaded once, not self-tested. */
export function allBackends(): readonly Secp256k1[] {
  loaded ??= secp256k1Loaders(process.env['TALLY_SECP256K1']).flatMap(({ load }) => {
    const result = load();
    return result.ok ? [result.value] : [];
  });
  return loaded;
}

/** Names of the backends for which `isRight` is false, as one text, or null when it holds for all. */
export function findWrongBackends(isRight: (backend: Secp256k1) => boolean): string | null {
  const wrong = allBackends().filter((backend) => !isRight(backend));
  return wrong.length === 0 ? null : wrong.map(({ name }) => name).join(', ');
}
