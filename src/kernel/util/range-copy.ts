// Copies of ranges between byte arrays, without garbage: a `subarray` for the engine's own copy is an object of a hundred bytes, and
// a loop over bytes is slow. Words are read through a view of the whole source, and long ranges that are copied again and again in
// pieces whose views are made once; both are remembered for the few arrays in use at a time, such as the block at hand.

/** Up to this many bytes a loop over bytes costs less than finding the view. */
const LOOP_BYTES_MAX = 24;

/** A source that is not known yet becomes so by a range of more than this: what is shorter is not worth a view. */
const UNKNOWN_BYTES_MAX = 128;

/** Bytes of the pieces of a source that are copied by the engine: from here on it beats words. */
const PIECE_BYTES = 2048;

/** A source of which so many times its length has been copied in long ranges is worth pieces: below, most are copied once. */
const COPIES_BEFORE_PIECES = 2;

/** A verification reads at most so many arrays in turn: block, stack, scripts, parts of signature hashes. */
const REMEMBERED = 4;

/** One array with its views. */
class Source {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly #pieces: (Uint8Array | undefined)[] = [];
  /** Bytes that may still be copied in long ranges before pieces are made. */
  #bytesBeforePieces: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#bytesBeforePieces = COPIES_BEFORE_PIECES * bytes.length;
  }

  /** True when a long range of so many bytes is to be copied in pieces. */
  isWorthPieces(length: number): boolean {
    if (this.#bytesBeforePieces < length) return true;
    this.#bytesBeforePieces -= length;
    return false;
  }

  /** The piece that begins at a multiple of PIECE_BYTES. */
  piece(start: number): Uint8Array {
    const index = start / PIECE_BYTES;
    const known = this.#pieces[index];
    if (known !== undefined) return known;
    const piece = this.bytes.subarray(start, start + PIECE_BYTES);
    this.#pieces[index] = piece;
    return piece;
  }
}

/** The last sources, which stay reachable until others take their places. */
const remembered: (Source | null)[] = Array.from({ length: REMEMBERED }, () => null);
let nextPlace = 0;

/** The views of an array; null when it is not known and `length` bytes of it are not worth them. */
function findSource(bytes: Uint8Array, length: number): Source | null {
  for (let i = 0; i < REMEMBERED; i++) {
    const source = remembered[i]!;
    if (source !== null && source.bytes === bytes) return source;
  }
  if (length <= UNKNOWN_BYTES_MAX) return null;
  const source = new Source(bytes);
  remembered[nextPlace] = source;
  nextPlace = (nextPlace + 1) % REMEMBERED;
  return source;
}

/**
 * Copies `bytes` from `start` to `end` to `targetAt`, and then perhaps up to 15 bytes of anything behind them: the target must
 * have so much room, and nothing there that matters. `targetView` is a view of the same memory as `target`, from the same
 * place. The range lies inside, and not in the target's memory.
 */
export function copyRangeLoosely(
  bytes: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  targetView: DataView,
  targetAt: number,
): void {
  const source = end - start > LOOP_BYTES_MAX ? findSource(bytes, end - start) : null;
  if (source === null) {
    for (let from = start, to = targetAt; from < end; from++, to++) target[to] = bytes[from]!;
  } else if (end - start < 2 * PIECE_BYTES) {
    copyWords(source.view, start, end, targetView, targetAt);
  } else if (source.isWorthPieces(end - start)) {
    copyPieces(source, start, end, target, targetView, targetAt);
  } else {
    target.set(bytes.subarray(start, end), targetAt);
  }
}

/** Copies a range that holds at least one whole piece. */
function copyPieces(
  source: Source,
  start: number,
  end: number,
  target: Uint8Array,
  targetView: DataView,
  targetAt: number,
): void {
  let from = PIECE_BYTES * Math.ceil(start / PIECE_BYTES);
  let to = targetAt + from - start;
  copyWords(source.view, start, from, targetView, targetAt);
  for (; end - from >= PIECE_BYTES; from += PIECE_BYTES, to += PIECE_BYTES) target.set(source.piece(from), to);
  copyWords(source.view, from, end, targetView, to);
}

/** Copies a range by four words at a time, the last of which may lie behind it; where the source has no more, by bytes. */
function copyWords(source: DataView, start: number, end: number, target: DataView, targetAt: number): void {
  let from = start;
  let to = targetAt;
  const wordsEnd = Math.min(end, source.byteLength - 15);
  for (; from < wordsEnd; from += 16, to += 16) {
    target.setInt32(to, source.getInt32(from, true), true);
    target.setInt32(to + 4, source.getInt32(from + 4, true), true);
    target.setInt32(to + 8, source.getInt32(from + 8, true), true);
    target.setInt32(to + 12, source.getInt32(from + 12, true), true);
  }
  for (; from < end; from++, to++) target.setInt8(to, source.getInt8(from));
}
