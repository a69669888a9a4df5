// Finds an outpoint that one transaction spends twice, in n log n steps whatever the sender chose. Inputs need not exist when
// this runs, so all 36 bytes of an outpoint are free for an attacker: a hash table without a secret would be his to fill, and
// a rule has no secret. A merge sort of offsets needs none, and no object per input.

import { OUTPOINT_BYTES } from '../primitives/outpoint.ts';
import type { Transaction } from '../primitives/transaction.ts';

/** Up to this many inputs every pair is compared: at most 28 comparisons, and nothing is allocated. */
const PAIRWISE_INPUTS_MAX = 8;

/** Position of an input whose outpoint another input of the transaction spends too, or -1 when all differ. */
export function findDuplicateInput(tx: Transaction): number {
  return tx.inputCount <= PAIRWISE_INPUTS_MAX ? findDuplicatePairwise(tx) : findDuplicateSorted(tx);
}

function findDuplicatePairwise(tx: Transaction): number {
  for (let i = 1; i < tx.inputCount; i++) {
    for (let k = 0; k < i; k++) {
      if (compareOutpoints(tx.bytes, tx.prevoutStart(i), tx.prevoutStart(k)) === 0) return i;
    }
  }
  return -1;
}

function findDuplicateSorted(tx: Transaction): number {
  const count = tx.inputCount;
  let sorted = new Uint32Array(count);
  let merged = new Uint32Array(count);
  for (let i = 0; i < count; i++) sorted[i] = tx.prevoutStart(i);
  for (let width = 1; width < count; width *= 2) {
    for (let start = 0; start < count; start += 2 * width) {
      const duplicate = mergeRuns(tx.bytes, sorted, merged, start, start + width, start + 2 * width);
      if (duplicate >= 0) return inputAt(tx, duplicate);
    }
    [sorted, merged] = [merged, sorted];
  }
  return -1;
}

/** Merges two neighbouring sorted runs; returns the offset of an outpoint that is in both, or -1. */
function mergeRuns(
  bytes: Uint8Array,
  from: Uint32Array,
  to: Uint32Array,
  leftStart: number,
  rightStart: number,
  rightEnd: number,
): number {
  const leftEnd = Math.min(rightStart, from.length);
  const end = Math.min(rightEnd, from.length);
  let left = leftStart;
  let right = leftEnd;
  for (let at = leftStart; at < end; at++) {
    const order = left === leftEnd ? 1 : right === end ? -1 : compareOutpoints(bytes, from[left]!, from[right]!);
    if (order === 0) return from[right]!;
    to[at] = order < 0 ? from[left++]! : from[right++]!;
  }
  return -1;
}

/** Any total order will do. The index comes first, because outputs of one transaction differ in nothing else. */
function compareOutpoints(bytes: Uint8Array, a: number, b: number): number {
  for (let k = OUTPOINT_BYTES - 4; k < OUTPOINT_BYTES; k++) {
    const difference = bytes[a + k]! - bytes[b + k]!;
    if (difference !== 0) return difference;
  }
  for (let k = 0; k < OUTPOINT_BYTES - 4; k++) {
    const difference = bytes[a + k]! - bytes[b + k]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

function inputAt(tx: Transaction, prevoutStart: number): number {
  let input = 0;
  while (tx.prevoutStart(input) !== prevoutStart) input++;
  return input;
}
