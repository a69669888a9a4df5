// FindAndDelete (Core interpreter.cpp): before segwit, the script that a signature commits to is cleared of pushes of that very
// signature. Only byte-exact copies of the canonical push that begin where an operation begins are removed: the same bytes
// inside a longer push, across operations, or pushed in another form stay (CVE-2024-38365, C16).

import { copyRange, equalRange } from '../util/bytes.ts';
import { nextOpPosition } from './script.ts';

/** Where `push` first begins as an operation of the script, or -1. */
function findPush(script: Uint8Array, start: number, end: number, push: Uint8Array, pushLength: number): number {
  let position = start;
  while (end - position >= pushLength) {
    if (equalRange(script, position, push, 0, pushLength)) return position;
    position = nextOpPosition(script, position, end);
    if (position < 0) return -1;
  }
  return -1;
}

/**
 * Removes every occurrence of the first `pushLength` (at least 1) bytes of `push` from the script and writes what remains to the
 * start of `target`, which may be the script's own array when the script starts at 0. Returns the remaining length, or -1 when
 * there was no occurrence and nothing was written. What follows a push that runs past the end is kept as it is.
 */
export function findAndDelete(
  script: Uint8Array,
  start: number,
  end: number,
  push: Uint8Array,
  pushLength: number,
  target: Uint8Array,
): number {
  const first = findPush(script, start, end, push, pushLength);
  if (first < 0) return -1;
  copyRange(script, start, target, 0, first - start);
  let written = first - start;
  let position = first;
  while (position < end) {
    while (end - position >= pushLength && equalRange(script, position, push, 0, pushLength)) position += pushLength;
    if (position >= end) break;
    const next = nextOpPosition(script, position, end);
    const kept = next < 0 ? end : next;
    copyRange(script, position, target, written, kept - position);
    written += kept - position;
    position = kept;
  }
  return written;
}
