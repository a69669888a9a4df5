// Solving scripts by miniscript (Core WshSatisfier, TapSatisfier): whatever signatures, preimages and locks satisfy, behind a version 0
// script hash or in a leaf. Preimages come from a PSBT alone.

import { hash160, ripemd160 } from '../kernel/crypto/hash160.ts';
import { sha256, sha256d } from '../kernel/crypto/sha256.ts';
import { equalBytes } from '../kernel/util/bytes.ts';
import type { HashFragment, MiniscriptContext } from './descriptor/miniscript/node.ts';
import { readMiniscript } from './descriptor/miniscript/read-script.ts';
import { satisfyMiniscript } from './descriptor/miniscript/satisfy.ts';
import type { SignatureCreator } from './signature-creator.ts';
import { nameOfPreimage, type SignatureData } from './signature-data.ts';

/** Who signs and looks up keys for one script. */
export interface ScriptSigning {
  readonly creator: SignatureCreator;
  readonly data: SignatureData;
  /** A key as it stands in the script, by its HASH160. */
  findKey(keyHash20: Uint8Array): Uint8Array | null;
  /** A signature that is known, or a new one. */
  sign(publicKey: Uint8Array): Uint8Array | null;
}

/** The items that a script asks for; null when it is no miniscript, or when something is missing. */
export function solveMiniscript(
  script: Uint8Array,
  context: MiniscriptContext,
  { creator, data, findKey, sign }: ScriptSigning,
): readonly Uint8Array[] | null {
  const miniscript = readMiniscript(script, context, (keyHash) => {
    const publicKey = findKey(keyHash);
    if (publicKey === null) data.missing.publicKeys.push(keyHash.slice());
    return publicKey;
  });
  if (miniscript === null) return null;
  const { root, publicKeys } = miniscript;
  return satisfyMiniscript(root, {
    signature: (key) => sign(publicKeys[key]!),
    preimage: (fragment, hash) => findPreimage(fragment, hash, data),
    publicKey: (key) => publicKeys[key]!,
    reachesLocktime: (locktime) => creator.reachesLocktime(locktime),
    reachesSequence: (sequence) => creator.reachesSequence(sequence),
  });
}

const HASH_FUNCTIONS: Readonly<Record<HashFragment, (data: Uint8Array) => Uint8Array>> = Object.freeze({
  sha256,
  hash256: sha256d,
  ripemd160,
  hash160,
});

/** Bytes of a preimage, as every miniscript asks for. */
const PREIMAGE_BYTES = 32;

/** A preimage that is one: nobody has looked at it before. */
function findPreimage(fragment: HashFragment, hash: Uint8Array, data: SignatureData): Uint8Array | null {
  const preimage = data.preimages.get(nameOfPreimage(fragment, hash));
  if (preimage?.length !== PREIMAGE_BYTES) return null;
  return equalBytes(HASH_FUNCTIONS[fragment](preimage), hash) ? preimage : null;
}
