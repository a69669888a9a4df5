// A file in memory as an operating system keeps it: the bytes that processes see (the page cache) and, for pages changed since
// the last sync, the bytes that are on the disk. `crash` gives the file as it may be found after a power cut. Holes take no
// memory, so a file may be far larger than memory (S15). Knows no names, no handles and no injected faults: memory-disk.ts does.

import { equalRange } from '../util/bytes.ts';
import type { Rng } from '../util/prng.ts';

/** What a disk writes whole or tears at worst. */
export const SECTOR_BYTES = 512;

/** Unit of copying. Arbitrary: small enough that an append copies little, large enough that a block needs few. */
const PAGE_BYTES = 32 * SECTOR_BYTES;

/** How much of what was not synced a power cut leaves; drawn once per crash, so that images differ in kind. */
export interface CrashOdds {
  /** Of ten unsynced sectors or names so many survive: 0 to 10. */
  readonly keptOfTen: number;
  /** Of ten surviving sectors so many are torn: the first part new, the rest old. */
  readonly tornOfTen: number;
}

/** Draws the character of a crash: from "all is lost" to "all is there", with few, some or many tears. */
export function drawCrashOdds(rng: Rng): CrashOdds {
  return { keptOfTen: rng.below(11), tornOfTen: [0, 1, 5][rng.below(3)]! };
}

/** The bytes of a file: what processes see and what the disk has. */
export class MemoryFile {
  #size = 0;
  /** What processes see; an absent page is a hole. A page without an entry in #disk may be shared with other files: copy it first. */
  readonly #pages: Map<number, Uint8Array> = new Map();
  #diskSize = 0;
  /** For each page changed since the last sync what the disk has instead; null: a hole. */
  readonly #disk: Map<number, Uint8Array | null> = new Map();
  /** The same for pages that a failed sync forgot: no later sync writes them, unless they change again. */
  readonly #forgotten: Map<number, Uint8Array | null> = new Map();

  get size(): number {
    return this.#size;
  }

  /** Bytes of memory that the contents take, without holes. */
  get usedBytes(): number {
    return this.#pages.size * PAGE_BYTES;
  }

  /** How many of `length` bytes at `position` can be written when holes may take no more than `roomBytes`. */
  fittingLength(position: number, length: number, roomBytes: number): number {
    let room = roomBytes;
    for (let at = 0; at < length; ) {
      const { index, span } = pageRange(position + at, length - at);
      if (!this.#pages.has(index)) room -= PAGE_BYTES;
      if (room < 0) return at;
      at += span;
    }
    return length;
  }

  /** Copies `length` bytes from `position` on, which must lie inside the file. */
  read(position: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const { index, offset, span } = pageRange(position + at, length - at);
      const page = this.#pages.get(index);
      if (page !== undefined) bytes.set(page.subarray(offset, offset + span), at);
      at += span;
    }
    return bytes;
  }

  write(position: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const { index, offset, span } = pageRange(position + at, bytes.length - at);
      this.#openPage(index).set(bytes.subarray(at, at + span), offset);
      at += span;
    }
    this.#size = Math.max(this.#size, position + bytes.length);
  }

  truncate(length: number): void {
    for (const index of [...this.#pages.keys()]) {
      const start = index * PAGE_BYTES;
      if (start >= length) {
        this.#remember(index);
        this.#pages.delete(index);
      } else if (start + PAGE_BYTES > length && length < this.#size) {
        this.#openPage(index).fill(0, length - start);
      }
    }
    this.#size = length;
  }

  /** Everything that was written is on the disk now, except pages that a failed sync forgot. */
  sync(): void {
    this.#disk.clear();
    this.#diskSize = this.#size;
  }

  /**
   * A sync that fails as Linux's may: the pages count as clean though the disk does not have them, and the next sync succeeds
   * without writing them. Whoever tries again after a failed sync loses data and does not notice.
   */
  failSync(): void {
    for (const [index, page] of this.#disk) this.#forgotten.set(index, page);
    this.#disk.clear();
  }

  /** Changes one bit on the disk and in the cache, as a fault of the medium that a restart would bring to light. */
  flipBit(bit: number): void {
    const { index, offset } = pageRange(Math.floor(bit / 8), 1);
    const flip = 2 ** (bit % 8);
    for (const pages of [this.#pages, this.#disk, this.#forgotten]) {
      const page = pages.get(index)?.slice();
      if (page === undefined) continue;
      page[offset] = page[offset]! ^ flip;
      pages.set(index, page);
    }
  }

  /** The same file for another machine, nothing lost: what the end of a process leaves. Changes on either side stay there. */
  copy(): MemoryFile {
    const file = new MemoryFile();
    file.#size = this.#size;
    file.#diskSize = this.#diskSize;
    for (const [index, page] of this.#pages) file.#pages.set(index, this.#isClean(index) ? page : page.slice());
    for (const [index, page] of this.#disk) file.#disk.set(index, page);
    for (const [index, page] of this.#forgotten) file.#forgotten.set(index, page);
    return file;
  }

  /** The file as found after a power cut: of each unsynced sector the new bytes, the old ones, or the first part of the new. */
  crash(rng: Rng, odds: CrashOdds): MemoryFile {
    const file = new MemoryFile();
    for (const [index, page] of this.#pages) {
      if (this.#isClean(index)) file.#pages.set(index, page);
    }
    for (const unsynced of [this.#forgotten, this.#disk]) {
      for (const [index, disk] of unsynced) {
        file.#pages.set(index, mixPages(disk, this.#pages.get(index), rng, odds));
      }
    }
    file.#size = Math.max(this.#size, this.#diskSize);
    file.truncate(drawSize(this.#diskSize, this.#size, rng, odds));
    file.#disk.clear();
    file.#diskSize = file.#size;
    return file;
  }

  #isClean(index: number): boolean {
    return !this.#disk.has(index) && !this.#forgotten.has(index);
  }

  /** Notes what the disk has of a page that is about to change. */
  #remember(index: number): void {
    if (this.#disk.has(index)) return;
    const forgotten = this.#forgotten.get(index);
    this.#forgotten.delete(index);
    this.#disk.set(index, forgotten !== undefined ? forgotten : (this.#pages.get(index) ?? null));
  }

  /** A page that may be written into. */
  #openPage(index: number): Uint8Array {
    const page = this.#pages.get(index);
    if (page !== undefined && this.#disk.has(index)) return page;
    this.#remember(index);
    const own = page?.slice() ?? new Uint8Array(PAGE_BYTES);
    this.#pages.set(index, own);
    return own;
  }
}

/** The page in which `position` lies, where in it, and how many of `length` bytes it holds. */
function pageRange(position: number, length: number): { index: number; offset: number; span: number } {
  const index = Math.floor(position / PAGE_BYTES);
  const offset = position - index * PAGE_BYTES;
  return { index, offset, span: Math.min(PAGE_BYTES - offset, length) };
}

function mixPages(disk: Uint8Array | null, seen: Uint8Array | undefined, rng: Rng, odds: CrashOdds): Uint8Array {
  const before = disk ?? new Uint8Array(PAGE_BYTES);
  const after = seen ?? new Uint8Array(PAGE_BYTES);
  const mixed = before.slice();
  for (let start = 0; start < PAGE_BYTES; start += SECTOR_BYTES) {
    if (equalRange(before, start, after, start, SECTOR_BYTES) || rng.below(10) >= odds.keptOfTen) continue;
    const length = rng.below(10) < odds.tornOfTen ? rng.below(SECTOR_BYTES) : SECTOR_BYTES;
    mixed.set(after.subarray(start, start + length), start);
  }
  return mixed;
}

/** A length is written apart from the bytes: the old one, the new one, or one that the file had in between. */
function drawSize(disk: number, seen: number, rng: Rng, odds: CrashOdds): number {
  if (disk === seen) return seen;
  if (rng.below(10) >= odds.keptOfTen) return disk;
  return rng.below(3) > 0 ? seen : Math.min(disk, seen) + rng.below(Math.abs(seen - disk));
}
