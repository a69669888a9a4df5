// One reader of the event log: where it is, and what it is told next. A reader that has been away is told of the ledger first, page by
// page out of the block files, as it takes them; once it has caught up with the log it reads the ring that all share. So a year of
// absence costs as little memory as a second.

import { type BlockEntry, type BlockIndex, NO_ENTRY } from '../kernel/chain/block-index.ts';
import type { Chainstate } from '../kernel/chain/chainstate.ts';
import { StorageError } from '../kernel/chain/ports.ts';
import { formatHash } from '../kernel/primitives/hashes.ts';
import { describeConnected, describeDisconnected } from './event-bodies.ts';
import { type EventCursor, formatCursor, type LedgerPosition } from './event-cursor.ts';
import type { EventRing } from './event-ring.ts';
import type { JsonRecord } from './json/json-value.ts';
import { formatJson } from './json/json-writer.ts';

/** What a reader sees of the log. */
export interface ReadableLog {
  readonly chain: Chainstate;
  readonly ring: EventRing;
  readonly run: string;
  /** The page up to which events have told of the ledger. */
  readonly position: BlockEntry;
  describeHello(resumed: boolean): JsonRecord;
  describeTip(): JsonRecord;
  describePool(): JsonRecord;
  /** A cursor for one reader who is at that page. */
  cursorAt(position: BlockEntry): EventCursor;
  /** The cursor of a reader who knows all that the ring has told. */
  readonly liveCursor: EventCursor;
}

/** Events of the ring that are handed over at a time. */
const RING_BATCH = 64;

/** The text of an event. */
export function sealEvent(body: JsonRecord, cursor: EventCursor): string {
  return formatJson({ ...body, cursor: formatCursor(cursor) });
}

/** Where a reader stands. */
type Place = { readonly kind: 'walk'; readonly at: BlockEntry } | { readonly kind: 'ring'; readonly sequence: number };

/** Reads. */
export class EventReader {
  readonly #log: ReadableLog;
  readonly #greeting: readonly string[];
  #hasGreeted = false;
  #place: Place;

  /** `after` is a cursor, null for what happens from now on, or `unknown` for a cursor that nobody can read. */
  constructor(log: ReadableLog, after: EventCursor | null | 'unknown') {
    this.#log = log;
    this.#place = { kind: 'ring', sequence: log.ring.next };
    this.#greeting = this.#begin(after);
  }

  /** True when {@link read} has something to tell at once. */
  get hasMore(): boolean {
    if (!this.#hasGreeted || this.#place.kind === 'walk') return true;
    return this.#place.sequence < this.#log.ring.next;
  }

  /** True when it was too slow, and what it has not read is gone. */
  get isLost(): boolean {
    return this.#place.kind === 'ring' && this.#place.sequence < this.#log.ring.first;
  }

  /** What comes next. Not for a reader that is lost. */
  async read(): Promise<readonly string[]> {
    if (!this.#hasGreeted) {
      this.#hasGreeted = true;
      return this.#greeting;
    }
    return this.#place.kind === 'walk' ? this.#walk(this.#place.at) : this.#readRing(this.#place.sequence);
  }

  // --- where to begin -------------------------------------------------------------------------------------------------

  #begin(after: EventCursor | null | 'unknown'): readonly string[] {
    const log = this.#log;
    if (after === null) return this.#live(log.describeHello(false));
    if (after === 'unknown') return this.#reset('the cursor cannot be read');
    const { ring, run } = log;
    if (
      after.run === run &&
      after.sequence !== null &&
      after.sequence + 1 >= ring.first &&
      after.sequence < ring.next
    ) {
      this.#place = { kind: 'ring', sequence: after.sequence + 1 };
      return [sealEvent(log.describeHello(true), after)];
    }
    return this.#beginWalk(after);
  }

  #beginWalk({ position, safe }: EventCursor): readonly string[] {
    const log = this.#log;
    const { index } = log.chain;
    const known = find(index, position);
    if (known !== null) {
      this.#place = { kind: 'walk', at: known };
      return this.#told(known, log.describeHello(true));
    }
    const entry = find(index, safe);
    if (entry === null) return this.#reset('the cursor is of another ledger');
    this.#place = { kind: 'walk', at: entry };
    const height = safe?.height ?? -1;
    const rewound = { type: 'rewound', height, hash: safe === null ? null : formatHash(safe.blockHash) };
    return this.#told(entry, log.describeHello(true), rewound);
  }

  /** Goes on from now, and says that what happened before is not told. */
  #reset(reason: string): readonly string[] {
    const log = this.#log;
    this.#place = { kind: 'ring', sequence: log.ring.next };
    const reset = [{ type: 'reset', reason }, log.describePool()];
    return this.#hasGreeted ? this.#live(...reset) : this.#live(log.describeHello(false), ...reset);
  }

  /** Events for somebody who is at a page then. */
  #told(at: BlockEntry, ...bodies: readonly JsonRecord[]): readonly string[] {
    return bodies.map((body) => sealEvent(body, this.#log.cursorAt(at)));
  }

  /** Events for somebody who has caught up then. */
  #live(...bodies: readonly JsonRecord[]): readonly string[] {
    return bodies.map((body) => sealEvent(body, this.#log.liveCursor));
  }

  // --- the ledger -----------------------------------------------------------------------------------------------------

  /** One page further on the way to where the log is. */
  async #walk(at: BlockEntry): Promise<readonly string[]> {
    const log = this.#log;
    const { chain, position } = log;
    const { index } = chain;
    if (at === position) {
      this.#place = { kind: 'ring', sequence: log.ring.next };
      return this.#live(log.describeTip(), log.describePool());
    }
    if (at !== NO_ENTRY && !index.descendsFrom(position, at)) {
      const parent = index.parent(at);
      this.#place = { kind: 'walk', at: parent };
      return this.#told(parent, describeDisconnected(index.height(at), index.blockHash(at)));
    }
    const height = at === NO_ENTRY ? 0 : index.height(at) + 1;
    const next = index.ancestor(position, height);
    const body = await describeStored(chain, next, height);
    if (body === null) return this.#reset('pages since the cursor are not kept any more');
    this.#place = { kind: 'walk', at: next };
    return this.#told(next, body);
  }

  // --- the ring -------------------------------------------------------------------------------------------------------

  #readRing(from: number): readonly string[] {
    const { ring } = this.#log;
    const end = Math.min(ring.next, from + RING_BATCH);
    const texts: string[] = [];
    for (let sequence = from; sequence < end; sequence++) texts.push(ring.at(sequence)!);
    this.#place = { kind: 'ring', sequence: end };
    return texts;
  }
}

/** The entry of a position, NO_ENTRY before the first page; null when it is not known here. */
function find(index: BlockIndex, position: LedgerPosition | null): BlockEntry | null {
  if (position === null) return NO_ENTRY;
  const entry = index.find(position.blockHash);
  return entry === NO_ENTRY || index.height(entry) !== position.height ? null : entry;
}

/** The event of a stored page; null when it is stored no more. */
async function describeStored(chain: Chainstate, entry: BlockEntry, height: number): Promise<JsonRecord | null> {
  const { index } = chain;
  if (!index.hasData(entry)) return null;
  try {
    const block = await chain.readBlock(entry);
    const undo = index.hasUndo(entry) ? await chain.state.blocks.readUndo(entry) : null;
    return describeConnected(height, block, undo);
  } catch (error) {
    // Pruned in between: where it was, there is nothing.
    if (error instanceof StorageError && !index.hasData(entry)) return null;
    throw error;
  }
}
