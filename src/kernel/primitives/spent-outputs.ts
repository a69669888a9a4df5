// The outputs that a transaction's inputs spend, packed: serialized one after another (8-byte value, CompactSize, scriptPubKey)
// in input order. One buffer serves all transactions of a block and travels to a worker as it is; BIP341 hashes its parts.

import { compactSizeLength, compactSizeWidth, writeCompactSizeAt } from '../encoding/compact-size.ts';
import { readI64, writeI64 } from '../encoding/numbers.ts';
import { assert } from '../util/assert.ts';
import type { TransactionOutput } from './transaction.ts';

/** Spent outputs of one transaction: entries `first` to `first + count - 1` of a shared, packed list. */
export class SpentOutputs {
  readonly bytes: Uint8Array;
  /** Offset of each entry in `bytes`, and one more: the end of the last. */
  readonly offsets: Uint32Array;
  readonly first: number;
  readonly count: number;

  constructor(bytes: Uint8Array, offsets: Uint32Array, first: number, count: number) {
    assert(first + count < offsets.length, 'spent outputs: an offset per entry and one more');
    this.bytes = bytes;
    this.offsets = offsets;
    this.first = first;
    this.count = count;
  }

  /** Packs outputs given as plain data, in input order. */
  static pack(outputs: readonly TransactionOutput[]): SpentOutputs {
    let length = 0;
    for (const output of outputs) {
      length += 8 + compactSizeLength(output.scriptPubKey.length) + output.scriptPubKey.length;
    }
    const bytes = new Uint8Array(length);
    const offsets = new Uint32Array(outputs.length + 1);
    let at = 0;
    outputs.forEach((output, i) => {
      offsets[i] = at;
      writeI64(bytes, at, output.valueSat);
      at = writeCompactSizeAt(bytes, at + 8, output.scriptPubKey.length);
      bytes.set(output.scriptPubKey, at);
      at += output.scriptPubKey.length;
    });
    offsets[outputs.length] = at;
    return new SpentOutputs(bytes, offsets, 0, outputs.length);
  }

  /** Offset of entry `i` in `bytes`. */
  start(i: number): number {
    return this.offsets[this.first + i]!;
  }

  /** Offset after entry `i` in `bytes`. */
  end(i: number): number {
    return this.offsets[this.first + i + 1]!;
  }

  /** Value of the output that input `i` spends, in satoshis. */
  valueSat(i: number): number {
    return readI64(this.bytes, this.start(i));
  }

  /** Offset of the first byte of the scriptPubKey that input `i` spends. */
  scriptStart(i: number): number {
    const at = this.start(i) + 8;
    return at + compactSizeWidth(this.bytes[at]!);
  }

  /** Offset after the scriptPubKey that input `i` spends. */
  scriptEnd(i: number): number {
    return this.end(i);
  }

  /** scriptPubKey that input `i` spends, as a view. */
  script(i: number): Uint8Array {
    return this.bytes.subarray(this.scriptStart(i), this.scriptEnd(i));
  }
}
