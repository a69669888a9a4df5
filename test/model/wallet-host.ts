// A host for wallets in tests: chance from a seed, a key derivation that costs nothing and depends on all it is given, a clock that stands
// still. It says how often keys were derived.

import { sha256 } from '../../src/kernel/crypto/sha256.ts';
import { concatBytes } from '../../src/kernel/util/bytes.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { encodeUtf8 } from '../../src/kernel/util/utf8.ts';
import type { ScryptCost, WalletHost } from '../../src/wallet/ports.ts';

/** A host whose workings can be looked at. */
export interface TestWalletHost extends WalletHost {
  /** Keys derived so far. */
  derivedCount(): number;
}

/** A host without cost. */
export function createTestWalletHost(seed = 1): TestWalletHost {
  const rng = createRng(seed);
  let derivedCount = 0;
  return {
    secureRandom: (bytes) => bytes.set(rng.bytes(bytes.length)),
    deriveKey: async (passphrase: Uint8Array, salt: Uint8Array, { n, r, p }: ScryptCost) => {
      derivedCount++;
      return sha256(concatBytes(sha256(passphrase), sha256(salt), encodeUtf8(`${n} ${r} ${p}`)));
    },
    nowSec: () => 1_700_000_000,
    after: () => () => {},
    yieldToHost: async () => {},
    derivedCount: () => derivedCount,
  };
}
