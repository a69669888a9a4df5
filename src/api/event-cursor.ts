// Cursors of the event log: where in the story of the ledger somebody is, as a text that they keep and hand back. A cursor names the
// last page that they were told of, a page below it that is safe on the disk, and the number of the event in this run of the program.
// After a crash the program may have lost the newest pages, and their hashes with them: then the story goes on from the safe page.

import type { BlockHash } from '../kernel/primitives/hashes.ts';
import { formatHash, parseBlockHash } from '../kernel/primitives/hashes.ts';

/** A page of the ledger. */
export interface LedgerPosition {
  readonly height: number;
  readonly blockHash: BlockHash;
}

/** What a cursor says. A position of null is before the first page. */
export interface EventCursor {
  readonly position: LedgerPosition | null;
  /** On the branch of the position, and not lost by a power cut when the cursor was made. */
  readonly safe: LedgerPosition | null;
  /** Names the run of the program. */
  readonly run: string;
  /** Number of the event in that run; null: the event was made for one subscriber alone. */
  readonly sequence: number | null;
}

/** The cursor of somebody who has not read anything: the whole ledger follows. */
export const CURSOR_START = 'start';

/** What names a run: 8 bytes of chance. */
export const RUN_BYTES = 8;

/** Longer texts are no cursors of ours. */
const CURSOR_LENGTH_MAX = 200;

const POSITION = `${CURSOR_START}|\\d{1,9}-[0-9a-f]{64}`;
const CURSOR = new RegExp(`^(${POSITION})_(${POSITION})_([0-9a-f]{${2 * RUN_BYTES}})_(\\d{1,15}|x)$`);

function formatPosition(position: LedgerPosition | null): string {
  return position === null ? CURSOR_START : `${position.height}-${formatHash(position.blockHash)}`;
}

function parsePosition(text: string): LedgerPosition | null {
  const [height = '', hash = ''] = text.split('-');
  const blockHash = parseBlockHash(hash);
  return blockHash === null ? null : { height: Number(height), blockHash };
}

/** A cursor as a text that may stand in a URL as it is. */
export function formatCursor({ position, safe, run, sequence }: EventCursor): string {
  return `${formatPosition(position)}_${formatPosition(safe)}_${run}_${sequence ?? 'x'}`;
}

/** What a text says; null when it is no cursor. */
export function parseCursor(text: string): EventCursor | null {
  if (text === CURSOR_START) return { position: null, safe: null, run: '', sequence: null };
  if (text.length > CURSOR_LENGTH_MAX) return null;
  const fields = CURSOR.exec(text);
  if (fields === null) return null;
  const [, position = '', safe = '', run = '', sequence = ''] = fields;
  return {
    position: parsePosition(position),
    safe: parsePosition(safe),
    run,
    sequence: sequence === 'x' ? null : Number(sequence),
  };
}
