// One pass over transaction bytes that finds where everything lies and allocates nothing per item (Core
// primitives/transaction.h UnserializeTransaction). Bytes are checked for bounds and canonical lengths here, once; every
// later read relies on it. What the fields mean is not judged.
//
// Record of a transaction in the offset table, in words of 32 bits:
//   0 start · 1 end · 2 body start (the input count) · 3 body end (after the last output) · 4 input count · 5 output count
//   then one offset per input, one per output, and, when there is a witness, one per input for its witness stack.

import { compactSizeWidth, readCompactSizeAt } from '../encoding/compact-size.ts';
import { DecodeError } from '../encoding/decode-error.ts';
import type { OffsetTable } from './offset-table.ts';
import { OUTPOINT_BYTES } from './outpoint.ts';

/** Words of a record before its lists of offsets. */
export const RECORD_START = 0;
export const RECORD_END = 1;
export const RECORD_BODY_START = 2;
export const RECORD_BODY_END = 3;
export const RECORD_INPUT_COUNT = 4;
export const RECORD_OUTPUT_COUNT = 5;
export const RECORD_HEAD_WORDS = 6;

/** Fewest bytes of an input: outpoint, empty scriptSig, sequence. */
const INPUT_BYTES_MIN = OUTPOINT_BYTES + 1 + 4;
/** Fewest bytes of an output: value, empty scriptPubKey. */
const OUTPUT_BYTES_MIN = 8 + 1;

function endOfData(what: string, offset: number, got: number, expected: number): DecodeError {
  return new DecodeError('SpanReader::read(): end of data', what, offset, got, expected);
}

/** Position after the byte string (CompactSize length, bytes) at `position`. */
function skipVarBytes(bytes: Uint8Array, position: number, end: number, what: string): number {
  const length = readCompactSizeAt(bytes, position, end, what);
  const next = position + compactSizeWidth(bytes[position]!) + length;
  if (next > end) throw endOfData(what, position, end - position, next - position);
  return next;
}

/**
 * Most items that need room: a count may promise anything, but only so many fit into the remaining bytes, and the first that does
 * not ends the scan with its own error, as in Core.
 */
export function fittingItems(count: number, itemBytesMin: number, remaining: number): number {
  return Math.min(count, Math.floor(remaining / itemBytesMin) + 1);
}

function scanInputs(bytes: Uint8Array, start: number, end: number, count: number, table: OffsetTable): number {
  const words = table.reserve(fittingItems(count, INPUT_BYTES_MIN, end - start));
  let at = table.length;
  let position = start;
  for (let i = 0; i < count; i++) {
    words[at++] = position;
    const scriptAt = position + OUTPOINT_BYTES;
    // The usual case by hand: a length of one byte, and everything inside the bounds.
    const first = scriptAt < end ? bytes[scriptAt]! : 0xff;
    const next = first < 0xfd ? scriptAt + 1 + first + 4 : skipVarBytes(bytes, scriptAt, end, 'scriptSig') + 4;
    if (next > end) throw endOfData('input', position, end - position, next - position);
    position = next;
  }
  table.length = at;
  return position;
}

function scanOutputs(bytes: Uint8Array, start: number, end: number, count: number, table: OffsetTable): number {
  const words = table.reserve(fittingItems(count, OUTPUT_BYTES_MIN, end - start));
  let at = table.length;
  let position = start;
  for (let i = 0; i < count; i++) {
    words[at++] = position;
    const scriptAt = position + 8;
    const first = scriptAt < end ? bytes[scriptAt]! : 0xff;
    const next = first < 0xfd ? scriptAt + 1 + first : skipVarBytes(bytes, scriptAt, end, 'scriptPubKey');
    if (next > end) throw endOfData('output', position, end - position, next - position);
    position = next;
  }
  table.length = at;
  return position;
}

function scanWitnesses(bytes: Uint8Array, start: number, end: number, inputCount: number, table: OffsetTable): number {
  const words = table.reserve(inputCount);
  let at = table.length;
  let position = start;
  let itemTotal = 0;
  for (let i = 0; i < inputCount; i++) {
    words[at++] = position;
    const itemCount = readCompactSizeAt(bytes, position, end, 'witness');
    position += compactSizeWidth(bytes[position]!);
    itemTotal += itemCount;
    for (let k = 0; k < itemCount; k++) {
      const first = position < end ? bytes[position]! : 0xff;
      position = first < 0xfd ? position + 1 + first : skipVarBytes(bytes, position, end, 'witness item');
      if (position > end) throw endOfData('witness item', position, 0, position - end);
    }
  }
  if (itemTotal === 0) throw new DecodeError('Superfluous witness record', 'witness', start, 0, 1);
  table.length = at;
  return position;
}

/**
 * Scans the transaction at `start`, appends its record to `table` and returns the position after it. Throws DecodeError.
 * With `allowWitness` false, a zero input count is just that and never the marker of BIP144.
 */
export function scanTransaction(
  bytes: Uint8Array,
  start: number,
  end: number,
  table: OffsetTable,
  allowWitness: boolean,
): number {
  const record = table.length;
  table.reserve(RECORD_HEAD_WORDS);
  table.length = record + RECORD_HEAD_WORDS;
  if (end - start < 4) throw endOfData('version', start, end - start, 4);

  let flags = 0;
  let bodyStart = start + 4;
  let inputCount = readCompactSizeAt(bytes, bodyStart, end, 'input count');
  let position = bodyStart + compactSizeWidth(bytes[bodyStart]!);
  if (inputCount === 0 && allowWitness) {
    if (position >= end) throw endOfData('flags', position, 0, 1);
    flags = bytes[position]!;
    if (flags !== 0) {
      bodyStart = position + 1;
      inputCount = readCompactSizeAt(bytes, bodyStart, end, 'input count');
      position = bodyStart + compactSizeWidth(bytes[bodyStart]!);
    }
  }
  position = scanInputs(bytes, position, end, inputCount, table);
  const outputCount = readCompactSizeAt(bytes, position, end, 'output count');
  position += compactSizeWidth(bytes[position]!);
  position = scanOutputs(bytes, position, end, outputCount, table);
  const bodyEnd = position;
  if ((flags & 1) !== 0) position = scanWitnesses(bytes, position, end, inputCount, table);
  if (flags > 1) throw new DecodeError('Unknown transaction optional data', 'flags', start + 5, flags, 1);
  if (end - position < 4) throw endOfData('locktime', position, end - position, 4);
  position += 4;

  const words = table.words;
  words[record + RECORD_START] = start;
  words[record + RECORD_END] = position;
  words[record + RECORD_BODY_START] = bodyStart;
  words[record + RECORD_BODY_END] = bodyEnd;
  words[record + RECORD_INPUT_COUNT] = inputCount;
  words[record + RECORD_OUTPUT_COUNT] = outputCount;
  return position;
}
