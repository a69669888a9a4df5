// Solving taproot outputs (Core SignTaproot, SignTaprootScript): by the internal key, by the output key itself, or by the leaf whose
// witness is smallest. Of scripts in leaves those are known that descriptors make: one key, or several with a threshold.

import { compactSizeLength } from '../kernel/encoding/compact-size.ts';
import { OP } from '../kernel/script/opcodes.ts';
import { matchMultiA } from '../kernel/script/solver.ts';
import { computeTapleafHash, TAPROOT_LEAF_TAPSCRIPT } from '../kernel/script/taproot.ts';
import { EMPTY_BYTES, toHex } from '../kernel/util/bytes.ts';
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
    data.tapKeySignature ??= creator.schnorr(keys, internalKey, {
      kind: 'internal-key',
      merkleRoot: data.tapMerkleRoot,
    });
  }
  data.tapKeySignature ??= creator.schnorr(keys, outputKey, { kind: 'output-key' });
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

/** The items that a leaf asks for; null for another script, or where signatures are missing. */
function solveLeaf(
  keys: SigningKeys,
  creator: SignatureCreator,
  script: Uint8Array,
  data: SignatureData,
): readonly Uint8Array[] | null {
  const leafHash = new Uint8Array(32);
  computeTapleafHash(TAPROOT_LEAF_TAPSCRIPT, script, 0, script.length, leafHash);
  const sign = (xOnlyKey: Uint8Array): Uint8Array | null => signLeaf(keys, creator, xOnlyKey.slice(), leafHash, data);
  if (script.length === 34 && script[0] === 32 && script[33] === OP.OP_CHECKSIG) {
    const signature = sign(script.subarray(1, 33));
    return signature === null ? null : [signature];
  }
  const multi = matchMultiA(script, 0, script.length);
  if (multi === null) return null;
  // The signature for the first key is on top. Where there are more than enough, those of the last keys are taken, as Core does.
  const items: Uint8Array[] = [];
  let signatureCount = 0;
  for (const xOnlyKey of multi.publicKeys.slice().reverse()) {
    const signature = sign(xOnlyKey);
    const isTaken = signature !== null && signatureCount < multi.required;
    if (isTaken) signatureCount++;
    items.push(isTaken ? signature : EMPTY_BYTES);
  }
  return signatureCount === multi.required ? items : null;
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
  const signature = creator.schnorr(keys, xOnlyKey, { kind: 'leaf', leafHash });
  if (signature !== null) data.tapScriptSignatures.set(name, { xOnlyKey, leafHash, signature });
  return signature;
}
