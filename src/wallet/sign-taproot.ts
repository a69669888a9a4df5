// Solving taproot outputs (Core SignTaproot, SignTaprootScript): by the internal key, by the output key itself, or by the leaf whose
// witness is smallest. Leaves are satisfied as miniscripts; one key, or several with a threshold, are such.

import { hash160 } from '../kernel/crypto/hash160.ts';
import { compactSizeLength } from '../kernel/encoding/compact-size.ts';
import { computeTapleafHash, TAPROOT_LEAF_TAPSCRIPT } from '../kernel/script/taproot.ts';
import { equalBytes, toHex } from '../kernel/util/bytes.ts';
import { solveMiniscript } from './sign-miniscript.ts';
import { signMusig } from './sign-musig.ts';
import type { SignatureCreator, SigningKeys } from './signature-creator.ts';
import { compareNames, nameOfTapSignature, type SignatureData, withLeafHash } from './signature-data.ts';

/** The witness of an output; null when it cannot be spent yet. What is learnt is noted in `data`. */
export function solveTaproot(
  keys: SigningKeys,
  creator: SignatureCreator,
  outputKey: Uint8Array,
  data: SignatureData,
): readonly Uint8Array[] | null {
  const tree = keys.tree(outputKey);
  if (tree !== null) data.addTree(tree);
  const internalKey = data.tapInternalKey;
  if (internalKey !== null) noteOrigin(keys, internalKey, data);
  noteOrigin(keys, outputKey, data);
  if (internalKey !== null) {
    const place = { kind: 'internal-key', merkleRoot: data.tapMerkleRoot } as const;
    data.tapKeySignature ??=
      creator.schnorr(keys, internalKey, place) ?? signMusig(keys, creator.musig, internalKey, place, data);
  }
  const place = { kind: 'output-key' } as const;
  data.tapKeySignature ??=
    creator.schnorr(keys, outputKey, place) ?? signMusig(keys, creator.musig, outputKey, place, data);
  return data.tapKeySignature === null ? solveSmallestLeaf(keys, creator, data) : [data.tapKeySignature];
}

function noteOrigin(keys: SigningKeys, xOnlyKey: Uint8Array, data: SignatureData): void {
  const name = toHex(xOnlyKey);
  const origin = keys.originOfXOnly(xOnlyKey);
  if (origin !== null && !data.tapDerivations.has(name)) {
    data.tapDerivations.set(name, { xOnlyKey, leafHashes: [], origin });
  }
}

/** Every leaf is tried, so that all signatures that can be made are there for others. */
function solveSmallestLeaf(
  keys: SigningKeys,
  creator: SignatureCreator,
  data: SignatureData,
): readonly Uint8Array[] | null {
  let smallest: readonly Uint8Array[] | null = null;
  for (const name of [...data.tapLeafScripts.keys()].sort(compareNames)) {
    const { script, leafVersion, controlBlocks } = data.tapLeafScripts.get(name)!;
    if (leafVersion !== TAPROOT_LEAF_TAPSCRIPT || controlBlocks.length === 0) continue;
    const items = solveLeaf(keys, creator, script, data);
    if (items === null) continue;
    const witness = [...items, script, controlBlocks[0]!];
    if (smallest === null || witnessSize(witness) < witnessSize(smallest)) smallest = witness;
  }
  return smallest;
}

function witnessSize(items: readonly Uint8Array[]): number {
  return items.reduce((size, item) => size + compactSizeLength(item.length) + item.length, 0);
}

/** The items that a leaf asks for; null for a script that is no miniscript, or where something is missing. */
function solveLeaf(
  keys: SigningKeys,
  creator: SignatureCreator,
  script: Uint8Array,
  data: SignatureData,
): readonly Uint8Array[] | null {
  const leafHash = new Uint8Array(32);
  computeTapleafHash(TAPROOT_LEAF_TAPSCRIPT, script, 0, script.length, leafHash);
  return solveMiniscript(script, 'tapscript', {
    creator,
    data,
    findKey: (keyHash) => findLeafKey(keys, keyHash, data),
    sign: (xOnlyKey) => signLeaf(keys, creator, xOnlyKey, leafHash, data),
  });
}

/** The x-only key with this HASH160. */
function findLeafKey(keys: SigningKeys, keyHash: Uint8Array, data: SignatureData): Uint8Array | null {
  const known = data.tapKeys.get(toHex(keyHash));
  if (known !== undefined) return known;
  const xOnlyKey = keys.publicKey(keyHash)?.slice(1) ?? null;
  return xOnlyKey !== null && equalBytes(hash160(xOnlyKey), keyHash) ? xOnlyKey : null;
}

/** The signature that is known of a key for a leaf, or a new one; null without the secret. */
function signLeaf(
  keys: SigningKeys,
  creator: SignatureCreator,
  xOnlyKey: Uint8Array,
  leafHash: Uint8Array,
  data: SignatureData,
): Uint8Array | null {
  const origin = keys.originOfXOnly(xOnlyKey);
  if (origin !== null) {
    const keyName = toHex(xOnlyKey);
    const known = data.tapDerivations.get(keyName) ?? { xOnlyKey, leafHashes: [], origin };
    data.tapDerivations.set(keyName, withLeafHash(known, leafHash));
  }
  const name = nameOfTapSignature(xOnlyKey, leafHash);
  const known = data.tapScriptSignatures.get(name);
  if (known !== undefined) return known.signature;
  const place = { kind: 'leaf', leafHash } as const;
  const signature = creator.schnorr(keys, xOnlyKey, place) ?? signMusig(keys, creator.musig, xOnlyKey, place, data);
  if (signature !== null) data.tapScriptSignatures.set(name, { xOnlyKey, leafHash, signature });
  return signature;
}
