// What a taproot output commits to (BIP341): hashes of leaves, branches and the tweak, and the check that a revealed script
// belongs to an output (Core ComputeTapleafHash, ComputeTaprootMerkleRoot, VerifyTaprootCommitment). Ranges in, 32 bytes out,
// nothing allocated. Making outputs is taproot-builder.ts; what a leaf's script may do is the interpreter's (BIP342).

import type { Secp256k1 } from '../crypto/secp256k1.ts';
import { Sha256Hasher } from '../crypto/sha256.ts';
import { assert } from '../util/assert.ts';
import { copyRange } from '../util/bytes.ts';

/** First byte of an annex, the last witness item of a taproot spend with at least two (BIP341). */
export const ANNEX_TAG = 0x50;

/** Bits of a control block's first byte that are the leaf version; the lowest is the parity of the output key. */
export const TAPROOT_LEAF_MASK = 0xfe;

/** Leaf version whose scripts have a meaning: tapscript (BIP342). */
export const TAPROOT_LEAF_TAPSCRIPT = 0xc0;

/** Bytes of a control block without a path: leaf version with parity, internal key. */
export const TAPROOT_CONTROL_BASE_BYTES = 33;

/** Bytes of each step of a control block's path. */
export const TAPROOT_CONTROL_NODE_BYTES = 32;

/** Most steps of a path, thus the greatest depth of a leaf (BIP341). */
export const TAPROOT_DEPTH_MAX = 128;

/** Bytes of the longest control block. */
export const TAPROOT_CONTROL_BYTES_MAX: number =
  TAPROOT_CONTROL_BASE_BYTES + TAPROOT_CONTROL_NODE_BYTES * TAPROOT_DEPTH_MAX;

// Scratch of this module: no function here calls out while it uses them, and none hands them out.
const hasher = new Sha256Hasher();
const rootScratch = new Uint8Array(32);
const tweakScratch = new Uint8Array(32);
const internalKeyScratch = new Uint8Array(32);
const outputKeyScratch = new Uint8Array(32);

/** True for the lengths that a control block may have: 33 + 32k with k up to 128 (BIP341). */
export function isControlBlockLength(length: number): boolean {
  return (
    length >= TAPROOT_CONTROL_BASE_BYTES &&
    length <= TAPROOT_CONTROL_BYTES_MAX &&
    (length - TAPROOT_CONTROL_BASE_BYTES) % TAPROOT_CONTROL_NODE_BYTES === 0
  );
}

/** Hash of a leaf: its version, and its script with its length. */
export function computeTapleafHash(
  leafVersion: number,
  script: Uint8Array,
  scriptStart: number,
  scriptEnd: number,
  out32: Uint8Array,
): void {
  hasher
    .resetTagged('TapLeaf')
    .updateU8(leafVersion)
    .updateCompactSize(scriptEnd - scriptStart);
  hasher.update(script, scriptStart, scriptEnd).digestInto(out32, 0);
}

/** Hash of a branch over 32 bytes at `aStart` and 32 bytes at `bStart`; their order does not matter. `out32` may be an operand. */
export function computeTapbranchHash(
  a: Uint8Array,
  aStart: number,
  b: Uint8Array,
  bStart: number,
  out32: Uint8Array,
): void {
  hasher.resetTagged('TapBranch');
  if (isLess32(a, aStart, b, bStart)) hasher.update(a, aStart, aStart + 32).update(b, bStart, bStart + 32);
  else hasher.update(b, bStart, bStart + 32).update(a, aStart, aStart + 32);
  hasher.digestInto(out32, 0);
}

function isLess32(a: Uint8Array, aStart: number, b: Uint8Array, bStart: number): boolean {
  for (let i = 0; i < 32; i++) {
    const difference = a[aStart + i]! - b[bStart + i]!;
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** What the internal key is tweaked by: a hash of the key and, unless there are no scripts, of the tree's root. */
export function computeTapTweakHash(
  internalKey: Uint8Array,
  internalKeyStart: number,
  merkleRoot32: Uint8Array | null,
  out32: Uint8Array,
): void {
  hasher.resetTagged('TapTweak').update(internalKey, internalKeyStart, internalKeyStart + 32);
  if (merkleRoot32 !== null) hasher.update(merkleRoot32);
  hasher.digestInto(out32, 0);
}

/** Root of the tree that a control block leads to from a leaf. The length of the control block has been checked. */
export function computeTaprootMerkleRoot(
  control: Uint8Array,
  controlStart: number,
  controlEnd: number,
  tapleafHash32: Uint8Array,
  out32: Uint8Array,
): void {
  assert(isControlBlockLength(controlEnd - controlStart), 'the length of a control block is checked first');
  copyRange(tapleafHash32, 0, out32, 0, 32);
  for (let at = controlStart + TAPROOT_CONTROL_BASE_BYTES; at < controlEnd; at += TAPROOT_CONTROL_NODE_BYTES) {
    computeTapbranchHash(out32, 0, control, at, out32);
  }
}

/**
 * True when the output key, 32 bytes at `outputKeyStart`, commits to the leaf by way of the control block. This comes before
 * any look at the leaf version: a leaf of an unknown version must be committed to as well (C26). The length of the control block
 * has been checked.
 */
export function checkTaprootCommitment(
  secp: Secp256k1,
  control: Uint8Array,
  controlStart: number,
  controlEnd: number,
  outputKey: Uint8Array,
  outputKeyStart: number,
  tapleafHash32: Uint8Array,
): boolean {
  computeTaprootMerkleRoot(control, controlStart, controlEnd, tapleafHash32, rootScratch);
  computeTapTweakHash(control, controlStart + 1, rootScratch, tweakScratch);
  copyRange(control, controlStart + 1, internalKeyScratch, 0, 32);
  copyRange(outputKey, outputKeyStart, outputKeyScratch, 0, 32);
  const parity = (control[controlStart]! & 1) as 0 | 1;
  return secp.checkXOnlyTweak(outputKeyScratch, parity, internalKeyScratch, tweakScratch);
}

/** Hash of an annex with its length, to which taproot signatures commit; to be computed once per input (BIP341 sha_annex). */
export function computeAnnexHash(bytes: Uint8Array, start: number, end: number, out32: Uint8Array): void {
  hasher
    .reset()
    .updateCompactSize(end - start)
    .update(bytes, start, end)
    .digestInto(out32, 0);
}
