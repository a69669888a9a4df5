// A growing list of uint32 offsets: what scanning a block or a transaction leaves behind instead of objects.

/** Append-only list of offsets. Scanners reserve room first and then write into `words` directly. */
export class OffsetTable {
  words: Uint32Array;
  length = 0;

  constructor(capacity: number) {
    this.words = new Uint32Array(capacity);
  }

  /** Makes room for `count` more entries and returns the array to write them into. */
  reserve(count: number): Uint32Array {
    const needed = this.length + count;
    if (needed > this.words.length) {
      const grown = new Uint32Array(Math.max(needed, 2 * this.words.length));
      grown.set(this.words.subarray(0, this.length));
      this.words = grown;
    }
    return this.words;
  }
}
