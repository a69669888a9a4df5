// Output scripts of thousands of operations, in pieces: no valid block spends one, and any block may have one.

import { MAX_SCRIPT_SIZE, ScriptCursor } from '../../kernel/script/script.ts';
import { formatScript } from '../../kernel/script/script-format.ts';
import { classifyOutput } from '../../kernel/script/solver.ts';
import { DescriptorChecksum } from '../../wallet/descriptor/checksum.ts';
import type { JsonBytes } from '../json/json-bytes.ts';
import { hexPieces } from './serialized-hex.ts';

/** Operations that are made words at a time. */
export const OPS_AT_ONCE = 1_000;

/** The words of a script, some of them at a time. */
export function* wordPieces(script: Uint8Array): Generator<string, void, void> {
  const cursor = new ScriptCursor(script);
  let start = 0;
  for (let count = 1; cursor.next(); count++) {
    if (count % OPS_AT_ONCE !== 0 || cursor.position === script.length) continue;
    yield `${formatScript(script, start, cursor.position)} `;
    start = cursor.position;
  }
  yield formatScript(script, start, script.length);
}

/** The descriptor of a script that has neither keys nor an address, with its checksum, in pieces. */
export function* rawDescriptorPieces(script: Uint8Array): Generator<string, void, void> {
  const checksum = new DescriptorChecksum();
  for (const piece of rawPieces(script)) {
    checksum.push(piece);
    yield piece;
  }
  yield `#${checksum.finish()}`;
}

function* rawPieces(script: Uint8Array): Generator<string, void, void> {
  yield 'raw(';
  yield* hexPieces(script);
  yield ')';
}

/** True for an output script that is shown in pieces: none that can be run is so long. */
export function isLongScript(start: number, end: number): boolean {
  return end - start > MAX_SCRIPT_SIZE;
}

/** Writes such a script as {@link FieldBytes.scriptField} does a short one, and stops whenever there is enough to be handed over. */
export function* writeLongScript(
  out: JsonBytes,
  key: string,
  source: Uint8Array,
  start: number,
  end: number,
): Generator<Uint8Array, void, void> {
  const script = source.subarray(start, end);
  out.openObject(key);
  yield* writePieces(out, 'asm', wordPieces(script));
  yield* writePieces(out, 'desc', rawDescriptorPieces(script));
  yield* writePieces(out, 'hex', hexPieces(script));
  out.textField('type', classifyOutput(source, start, end));
  out.closeObject();
}

function* writePieces(out: JsonBytes, key: string, pieces: Iterable<string>): Generator<Uint8Array, void, void> {
  out.begin(key);
  out.quote();
  for (const piece of pieces) {
    out.text(piece);
    if (out.isFull) yield out.take();
  }
  out.quote();
}
