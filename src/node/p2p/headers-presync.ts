// The defence against headers that cost nothing (Core headerssync.h, HeadersSyncState). Headers are remembered for ever, and on a
// chain of little difficulty millions of them are made in an hour; so a chain that has not shown enough work is fetched twice.
//
//   presync      only sums up the work, keeping one salted bit for every few hundredth header: a commitment. A chain that can
//                exist at all has at most six blocks a second (the median time past must rise), which bounds the bits.
//   redownload   the same headers again, from the beginning. The bits must be the same, and a header is let go only when enough
//                bits behind it were: otherwise a peer could show one chain and deliver another.
//
// Memory of one peer at its worst, on the main network of 2026: 630 kB of commitments and 730 kB of buffer (D06). Whoever goes
// wrong is not punished, the sync just ends: its peer may have reorganised. Proof of work and order within a message are the
// caller's business. Not here: parallel presyncs are one object each.

import type { BlockEntry, BlockIndex } from '../../kernel/chain/block-index.ts';
import { IndexBranch } from '../../kernel/chain/index-branch.ts';
import { computeMedianTimePast } from '../../kernel/consensus/header-branch.ts';
import { MAX_FUTURE_BLOCK_TIME_SEC } from '../../kernel/consensus/header-check.ts';
import type { HeadersSyncParams, PowRules } from '../../kernel/consensus/params.ts';
import { permittedDifficultyTransition } from '../../kernel/consensus/pow.ts';
import { computeWork } from '../../kernel/consensus/target.ts';
import { SIPHASH_KEY_BYTES, SipHash } from '../../kernel/crypto/siphash.ts';
import type { BlockHash } from '../../kernel/primitives/hashes.ts';
import { BlockHeader, HEADER_BYTES } from '../../kernel/primitives/header.ts';
import { assert } from '../../kernel/util/assert.ts';
import { copyRange, equalRange } from '../../kernel/util/bytes.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { PeerId } from './peer-id.ts';

/** Fastest chain that the rule of the median time past allows: every sixth header must add a second (Core). */
const HEADERS_PER_SEC_MAX = 6;

/** Where a header names the one before, and how long that is. */
const PREVIOUS_HASH_OFFSET = 4;
const PREVIOUS_HASH_BYTES = 32;

/** A header without the hash of the one before it, which follows from its place (Core CompressedHeader). */
const COMPRESSED_BYTES: number = HEADER_BYTES - PREVIOUS_HASH_BYTES;

/** Bits of a piece of the queue of commitments: 4 kB, so that little is left over and nothing is ever copied. */
const CHUNK_BITS = 32_768;

/** Work of headers, where one difficulty stays for many headers. */
export class WorkOfBits {
  #bits = 0;
  #work = 0n;

  /** Work that a header with these bits proves. */
  of(bits: number): bigint {
    if (bits !== this.#bits) {
      this.#bits = bits;
      this.#work = computeWork(bits);
    }
    return this.#work;
  }
}

/** Bits, first in, first out. */
class BitQueue {
  #chunks: Uint8Array[] = [];
  #first = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#first;
  }

  get usedBytes(): number {
    return (this.#chunks.length * CHUNK_BITS) / 8;
  }

  push(bit: number): void {
    if (this.#end === this.#chunks.length * CHUNK_BITS) this.#chunks.push(new Uint8Array(CHUNK_BITS / 8));
    const chunk = this.#chunks[Math.floor(this.#end / CHUNK_BITS)]!;
    const at = this.#end % CHUNK_BITS;
    chunk[at >>> 3]! += bit * 2 ** (at & 7);
    this.#end++;
  }

  shift(): number {
    assert(this.#first < this.#end, 'a commitment to take out');
    const at = this.#first;
    const bit = (this.#chunks[0]![at >>> 3]! >>> (at & 7)) & 1;
    this.#first++;
    if (this.#first === CHUNK_BITS) {
      this.#chunks.shift();
      this.#first = 0;
      this.#end -= CHUNK_BITS;
    }
    return bit;
  }
}

/** The latest headers of a redownload, packed, in a ring. */
class HeaderRing {
  readonly #capacity: number;
  readonly #bytes: Uint8Array;
  #first = 0;
  #count = 0;

  constructor(capacity: number) {
    assert(capacity > 0, 'a buffer for headers');
    this.#capacity = capacity;
    this.#bytes = new Uint8Array(capacity * COMPRESSED_BYTES);
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.#capacity;
  }

  get usedBytes(): number {
    return this.#bytes.length;
  }

  push({ bytes, start }: BlockHeader): void {
    const to = ((this.#first + this.#count) % this.#capacity) * COMPRESSED_BYTES;
    const rest = PREVIOUS_HASH_OFFSET + PREVIOUS_HASH_BYTES;
    copyRange(bytes, start, this.#bytes, to, PREVIOUS_HASH_OFFSET);
    copyRange(bytes, start + rest, this.#bytes, to + PREVIOUS_HASH_OFFSET, HEADER_BYTES - rest);
    this.#count++;
  }

  /** Takes the first header out; `previous` is the hash of the one before it. */
  shift(previous: Uint8Array): BlockHeader {
    const from = this.#first * COMPRESSED_BYTES;
    const rest = PREVIOUS_HASH_OFFSET + PREVIOUS_HASH_BYTES;
    const bytes = new Uint8Array(HEADER_BYTES);
    copyRange(this.#bytes, from, bytes, 0, PREVIOUS_HASH_OFFSET);
    copyRange(previous, 0, bytes, PREVIOUS_HASH_OFFSET, PREVIOUS_HASH_BYTES);
    copyRange(this.#bytes, from + PREVIOUS_HASH_OFFSET, bytes, rest, HEADER_BYTES - rest);
    this.#first = (this.#first + 1) % this.#capacity;
    this.#count--;
    return new BlockHeader(bytes);
  }
}

/** What a sync begins with. */
export interface PresyncOptions {
  /** For the log. */
  readonly peer: PeerId;
  readonly pow: PowRules;
  readonly params: HeadersSyncParams;
  readonly index: BlockIndex;
  /** The last block of ours that the peer's chain builds on. */
  readonly start: BlockEntry;
  /** Work that the whole chain must have. */
  readonly minimumWork: bigint;
  readonly nowSec: number;
}

/** What came of a message. */
export interface PresyncResult {
  /** The headers fitted, so far as they were looked at. */
  readonly isValid: boolean;
  /** The peer is to be asked to go on after {@link HeadersPresync.lastHash}. */
  readonly wantsMore: boolean;
  /** Headers whose chain has shown enough work: they may be stored. */
  readonly ready: readonly BlockHeader[];
  /** For the debug log, in Core's words. */
  readonly text: string | null;
}

/** Headers of a peer whose chain has not shown enough work yet. */
export class HeadersPresync {
  readonly #options: PresyncOptions;
  readonly #startHeight: number;
  readonly #startHash: BlockHash;
  readonly #commitmentOffset: number;
  readonly #commitmentCountMax: number;
  readonly #hasher: SipHash;
  readonly #workOf: WorkOfBits = new WorkOfBits();
  #commitments: BitQueue = new BitQueue();
  #ring: HeaderRing | null = null;
  #phase: 'presync' | 'redownload' | 'final' = 'presync';

  // Of the chain that is shown: in the first phase the whole, in the second what was delivered again.
  #height: number;
  #work: bigint;
  #lastHash: BlockHash;
  #lastBits: number;
  #lastTimeSec: number;

  #presyncHeight: number;
  #presyncWork: bigint;
  /** Hash of the header before the first in the ring. */
  #releasedHash: BlockHash;
  /** The second phase has reached enough work: everything may go. */
  #releasesAll = false;

  /** `rng` gives the salt and the place of the commitments, which the peer must not know. */
  constructor(options: PresyncOptions, rng: Rng) {
    const { index, start, params, nowSec } = options;
    assert(params.commitmentPeriod > 0, 'a period of commitments');
    this.#options = options;
    this.#startHeight = index.height(start);
    this.#startHash = index.blockHash(start);
    this.#commitmentOffset = rng.below(params.commitmentPeriod);
    this.#hasher = new SipHash(rng.bytes(SIPHASH_KEY_BYTES));
    const medianTimePast = computeMedianTimePast(new IndexBranch(index).moveTo(start));
    const seconds = Math.max(0, nowSec - medianTimePast + MAX_FUTURE_BLOCK_TIME_SEC);
    this.#commitmentCountMax = Math.floor((HEADERS_PER_SEC_MAX * seconds) / params.commitmentPeriod);
    this.#height = this.#startHeight;
    this.#work = index.chainWork(start);
    this.#lastHash = this.#startHash;
    this.#lastBits = index.bits(start);
    this.#lastTimeSec = index.timeSec(start);
    this.#presyncHeight = this.#height;
    this.#presyncWork = this.#work;
    this.#releasedHash = this.#startHash;
  }

  /** Core's words for the beginning of a sync. */
  get startText(): string {
    const { peer, minimumWork } = this.#options;
    const work = minimumWork.toString(16).padStart(64, '0');
    return (
      `Initial headers sync started with peer=${peer}: height=${this.#startHeight}, ` +
      `max_commitments=${this.#commitmentCountMax}, min_work=${work}`
    );
  }

  /** `final`: it is over, whether well or not. */
  get phase(): 'presync' | 'redownload' | 'final' {
    return this.#phase;
  }

  /** Height that the first phase has reached. */
  get presyncHeight(): number {
    return this.#presyncHeight;
  }

  /** Time of the last header of the first phase. */
  get presyncTimeSec(): number {
    return this.#lastTimeSec;
  }

  /** Work of the chain that the first phase has seen. */
  get presyncWork(): bigint {
    return this.#presyncWork;
  }

  /** The last block of ours that the chain builds on: the rest of a locator. */
  get start(): BlockEntry {
    return this.#options.start;
  }

  /** Where to go on: the first hash of the next locator (Core NextHeadersRequestLocator). */
  get lastHash(): BlockHash {
    return this.#lastHash;
  }

  /** Bytes of commitments and buffer. */
  get usedBytes(): number {
    return this.#commitments.usedBytes + (this.#ring?.usedBytes ?? 0);
  }

  /**
   * Takes in a message of at least one header; each has its proof of work and stands on the one before. `isFull` when the peer may
   * have more.
   */
  receive(headers: readonly BlockHeader[], isFull: boolean): PresyncResult {
    assert(headers.length > 0 && this.#phase !== 'final', 'a sync that goes on');
    const result = this.#phase === 'presync' ? this.#presync(headers, isFull) : this.#redownload(headers, isFull);
    if (!result.wantsMore) this.#finish();
    return result;
  }

  #finish(): void {
    this.#phase = 'final';
    this.#commitments = new BitQueue();
    this.#ring = null;
  }

  // --- first phase ----------------------------------------------------------------------------------------------------

  #presync(headers: readonly BlockHeader[], isFull: boolean): PresyncResult {
    if (!this.#connects(headers[0]!)) return this.#abort('non-continuous headers', this.#height);
    for (const header of headers) {
      const fault = this.#commit(header);
      if (fault !== null) return this.#abort(fault, this.#height + 1);
      this.#advance(header);
    }
    this.#presyncHeight = this.#height;
    this.#presyncWork = this.#work;
    if (this.#work >= this.#options.minimumWork) return this.#beginRedownload();
    if (isFull) return { isValid: true, wantsMore: true, ready: [], text: null };
    // That was all it has.
    return { ...this.#abort('incomplete headers message', this.#height), isValid: true };
  }

  #commit(header: BlockHeader): string | null {
    const { pow, params } = this.#options;
    const height = this.#height + 1;
    if (!permittedDifficultyTransition(pow, height, this.#lastBits, header.bits))
      return 'invalid difficulty transition';
    if (height % params.commitmentPeriod !== this.#commitmentOffset) return null;
    if (this.#commitments.length >= this.#commitmentCountMax) return 'exceeded max commitments';
    this.#commitments.push(this.#commitmentTo(header));
    return null;
  }

  #beginRedownload(): PresyncResult {
    const { peer, params, index, start } = this.#options;
    const text =
      `Initial headers sync transition with peer=${peer}: reached sufficient work at height=${this.#height}, ` +
      `redownloading from height=${this.#startHeight}`;
    this.#phase = 'redownload';
    this.#ring = new HeaderRing(params.redownloadBufferSize);
    this.#height = this.#startHeight;
    this.#work = index.chainWork(start);
    this.#lastHash = this.#startHash;
    this.#lastBits = index.bits(start);
    return { isValid: true, wantsMore: true, ready: [], text };
  }

  // --- second phase ---------------------------------------------------------------------------------------------------

  #redownload(headers: readonly BlockHeader[], isFull: boolean): PresyncResult {
    const { peer } = this.#options;
    // All or nothing: a message that turns out wrong at its end has confirmed nothing either.
    for (const header of headers) {
      const fault = this.#confirm(header);
      if (fault !== null) return this.#abort(fault, this.#height + 1);
      this.#advance(header);
    }
    const ready = this.#release(headers);
    const height = this.#height;
    if (this.#releasesAll) {
      const text = `Initial headers sync complete with peer=${peer}: releasing all at height=${height} (redownload phase)`;
      return { isValid: true, wantsMore: false, ready, text };
    }
    if (isFull) return { isValid: true, wantsMore: true, ready, text: null };
    // It showed a chain with enough work and will not deliver it.
    return { ...this.#abort('incomplete headers message', height), isValid: true, ready };
  }

  #confirm(header: BlockHeader): string | null {
    const { pow, params, minimumWork } = this.#options;
    const height = this.#height + 1;
    if (!this.#connects(header)) return 'non-continuous headers';
    if (!permittedDifficultyTransition(pow, height, this.#lastBits, header.bits))
      return 'invalid difficulty transition';
    if (this.#work + this.#workOf.of(header.bits) >= minimumWork) this.#releasesAll = true;
    // From there on the chain may be longer than it was the first time.
    if (this.#releasesAll || height % params.commitmentPeriod !== this.#commitmentOffset) return null;
    if (this.#commitments.length === 0) return 'commitment overrun';
    return this.#commitments.shift() === this.#commitmentTo(header) ? null : 'commitment mismatch';
  }

  /** Puts the headers into the ring; those that find no room there push others out, which are ready. */
  #release(headers: readonly BlockHeader[]): BlockHeader[] {
    const ring = this.#ring!;
    const ready: BlockHeader[] = [];
    const shift = (): void => {
      const header = ring.shift(this.#releasedHash);
      this.#releasedHash = header.blockHash;
      ready.push(header);
    };
    if (this.#releasesAll) {
      while (ring.count > 0) shift();
      return [...ready, ...headers];
    }
    for (const header of headers) {
      if (ring.isFull) shift();
      ring.push(header);
    }
    return ready;
  }

  // --- both -----------------------------------------------------------------------------------------------------------

  #connects({ bytes, start }: BlockHeader): boolean {
    return equalRange(bytes, start + PREVIOUS_HASH_OFFSET, this.#lastHash, 0, PREVIOUS_HASH_BYTES);
  }

  #commitmentTo(header: BlockHeader): number {
    return this.#hasher.hash256(header.blockHash, 0).low & 1;
  }

  #advance(header: BlockHeader): void {
    const { bits } = header;
    this.#work += this.#workOf.of(bits);
    this.#height++;
    this.#lastHash = header.blockHash;
    this.#lastBits = bits;
    if (this.#phase === 'presync') this.#lastTimeSec = header.timeSec;
  }

  #abort(fault: string, height: number): PresyncResult {
    const { peer } = this.#options;
    const text = `Initial headers sync aborted with peer=${peer}: ${fault} at height=${height} (${this.#phase} phase)`;
    return { isValid: false, wantsMore: false, ready: [], text };
  }
}
