// The miniscript in a descriptor that a script of wsh() or of a leaf is, if it is a sane one (Core InferScript, KeyParser).

import { hash160 } from '../../kernel/crypto/hash160.ts';
import { equalBytes, toHex } from '../../kernel/util/bytes.ts';
import type { FixedKey, MiniscriptDescriptor } from './descriptor.ts';
import { inferKey, inferXOnlyKey } from './infer-key.ts';
import type { KeyRing } from './key-ring.ts';
import type { MiniscriptContext } from './miniscript/node.ts';
import { readMiniscript } from './miniscript/read-script.ts';
import { judgeMiniscript } from './miniscript/sanity.ts';

/** The descriptor of a script, or null. Keys that stand in it by their hashes are looked up in the ring. */
export function inferMiniscript(
  script: Uint8Array,
  context: MiniscriptContext,
  ring: KeyRing,
): MiniscriptDescriptor | null {
  const find =
    context === 'wsh' ? (hash: Uint8Array) => ring.publicKey(hash) : (hash: Uint8Array) => findLeafKey(hash, ring);
  const miniscript = readMiniscript(script, context, find);
  if (miniscript === null) return null;
  const { root, publicKeys } = miniscript;
  const { insanity, limits } = judgeMiniscript(root, context, publicKeys.map(toHex));
  if (insanity !== null || limits === null) return null;
  const keys: FixedKey[] = [];
  for (const publicKey of publicKeys) {
    const key = context === 'wsh' ? inferKey(publicKey, context, ring) : inferXOnlyKey(publicKey, ring);
    if (key === null) return null;
    keys.push(key);
  }
  return { type: 'miniscript', context, root, keys, limits };
}

/** The x-only key with this HASH160. */
function findLeafKey(keyHash: Uint8Array, ring: KeyRing): Uint8Array | null {
  const xOnlyKey = ring.publicKey(keyHash)?.slice(1) ?? null;
  return xOnlyKey !== null && equalBytes(hash160(xOnlyKey), keyHash) ? xOnlyKey : null;
}
