// Witness stacks as they lie in a transaction (BIP144): an item count, then items with their lengths.

import {
  compactSizeLength,
  compactSizeWidth,
  readCompactSizeAt,
  writeCompactSizeAt,
} from '../encoding/compact-size.ts';

/** The items of one input's witness, bottom first. */
export type WitnessStack = readonly Uint8Array[];

/** The witness stack that starts at `at` (its item count), as views; the bytes have been scanned before. */
export function readWitnessStack(bytes: Uint8Array, at: number): Uint8Array[] {
  const end = bytes.length;
  const count = readCompactSizeAt(bytes, at, end, 'witness');
  let position = at + compactSizeWidth(bytes[at]!);
  const items: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const length = readCompactSizeAt(bytes, position, end, 'witness item');
    position += compactSizeWidth(bytes[position]!);
    items.push(bytes.subarray(position, position + length));
    position += length;
  }
  return items;
}

/** Encoded bytes of a witness stack. */
export function witnessStackLength(stack: WitnessStack): number {
  let length = compactSizeLength(stack.length);
  for (const item of stack) length += compactSizeLength(item.length) + item.length;
  return length;
}

/** Writes a witness stack at `at` and returns the position after it. */
export function writeWitnessStack(target: Uint8Array, at: number, stack: WitnessStack): number {
  let position = writeCompactSizeAt(target, at, stack.length);
  for (const item of stack) {
    position = writeCompactSizeAt(target, position, item.length);
    target.set(item, position);
    position += item.length;
  }
  return position;
}
