// The witness stack of one input as ranges inside the transaction: found in one pass, nothing copied, nothing allocated. The bytes
// have been scanned when the transaction was decoded, so lengths are canonical and inside.

import { compactSizeWidth, readCompactSizeAt } from '../encoding/compact-size.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { EMPTY_BYTES } from '../util/bytes.ts';

/** Items from the top that can be asked for by place: annex, control block, script, and the one below. */
const TOP_ITEMS = 4;

/** The witness of one input after another. */
export class WitnessItems {
  bytes: Uint8Array = EMPTY_BYTES;
  /** Items on the stack. */
  count = 0;
  /** Offset of the bottom item's length, where a walk begins. */
  firstItem = 0;
  /** Bytes of the whole stack as serialized, the count included: what BIP342's budget starts from. */
  serializedSize = 0;
  /** Offsets of the lengths of the topmost items, by item index modulo TOP_ITEMS. */
  readonly #tops = new Int32Array(TOP_ITEMS);

  /** Turns to an input's witness. */
  read(transaction: Transaction, inputIndex: number): void {
    const at = transaction.witnessStart(inputIndex);
    this.bytes = transaction.bytes;
    this.count = 0;
    if (at < 0) return;
    this.count = readCompactSizeAt(this.bytes, at, transaction.end, 'witness');
    this.firstItem = at + compactSizeWidth(this.bytes[at]!);
    let position = this.firstItem;
    for (let i = 0; i < this.count; i++) {
      this.#tops[i % TOP_ITEMS] = position;
      position = this.itemEnd(position);
    }
    this.serializedSize = position - at;
  }

  /** Offset of the length of the item `fromTop` places below the top; at most 3 are known. */
  itemFromTop(fromTop: number): number {
    return this.#tops[(this.count - 1 - fromTop) % TOP_ITEMS]!;
  }

  /** Offset of the first byte of the item whose length is at `item`. */
  itemStart(item: number): number {
    return item + compactSizeWidth(this.bytes[item]!);
  }

  /** Offset after the item whose length is at `item`: there the next one's length begins. */
  itemEnd(item: number): number {
    return this.itemStart(item) + readCompactSizeAt(this.bytes, item, this.bytes.length, 'witness item');
  }
}
