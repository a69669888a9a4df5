// Keeps the log from filling the disk (D16): lines of one kind may come to 1 MiB within an hour, and those beyond it are left out of
// the file until the hour is over (Core BCLog::LogRateLimiter). Core tells kinds apart by the place in its source that writes them;
// here it is the fixed text that a line begins with, which is the same thing as long as nobody else's text stands there.

/** Bytes of lines of one kind within a window (Core RATELIMIT_MAX_BYTES). */
export const LIMITED_BYTES_MAX: number = 2 ** 20;

/** Length of a window in milliseconds (Core RATELIMIT_WINDOW). */
export const LIMIT_WINDOW_MS = 3_600_000;

/** More kinds than the program has; should a text vary nevertheless, all that come later count as one kind. */
const KINDS_MAX = 256;
const OTHER_KINDS = '(others)';

/** Longest name of a kind. */
const KIND_LENGTH_MAX = 100;

/** Where the fixed text of a line ends: at a number, a hash, or what stands before a value. */
const VALUE_START = /[\d=:[("'/]|\b[0-9a-f]{8,}\b/;

/** The kind of a line: the text that it begins with, up to its first value. */
export function kindOfLine(message: string): string {
  const end = message.search(VALUE_START);
  return message.slice(0, end < 0 ? KIND_LENGTH_MAX : Math.min(end, KIND_LENGTH_MAX)).trimEnd();
}

interface Kind {
  leftBytes: number;
  droppedBytes: number;
}

/** What is done with a line. */
export type LimitVerdict = 'write' | 'write-last' | 'drop';

/** Counts bytes of lines by kind. */
export class LogLimiter {
  readonly #kinds: Map<string, Kind> = new Map();
  #windowStartMs: number;
  #isDropping = false;

  constructor(nowMs: number) {
    this.#windowStartMs = nowMs;
  }

  /** Whether lines of some kind are being left out. */
  get isDropping(): boolean {
    return this.#isDropping;
  }

  /** Counts a line of that many bytes; `write-last`: it is the last of its kind for this window. */
  count(kind: string, byteCount: number): LimitVerdict {
    const counted = this.#kinds.get(kind) ?? this.#addKind(kind);
    const wasDropping = counted.droppedBytes > 0;
    if (byteCount <= counted.leftBytes) {
      counted.leftBytes -= byteCount;
      return wasDropping ? 'drop' : 'write';
    }
    counted.leftBytes = 0;
    counted.droppedBytes += byteCount;
    this.#isDropping = true;
    return wasDropping ? 'drop' : 'write-last';
  }

  #addKind(kind: string): Kind {
    const name = this.#kinds.size < KINDS_MAX ? kind : OTHER_KINDS;
    const known = this.#kinds.get(name);
    if (known !== undefined) return known;
    const added = { leftBytes: LIMITED_BYTES_MAX, droppedBytes: 0 };
    this.#kinds.set(name, added);
    return added;
  }

  /** Begins a new window when the old one is over, or when the clock was turned back; returns what to say about the old one. */
  renew(nowMs: number): readonly string[] {
    const elapsedMs = nowMs - this.#windowStartMs;
    if (elapsedMs >= 0 && elapsedMs < LIMIT_WINDOW_MS) return [];
    const lines: string[] = [];
    for (const [kind, { droppedBytes }] of this.#kinds) {
      if (droppedBytes > 0) lines.push(describeRestart(kind, droppedBytes));
    }
    this.#kinds.clear();
    this.#windowStartMs = nowMs;
    this.#isDropping = false;
    return lines;
  }
}

/** Said before the last line of a kind. */
export function describeSuppression(kind: string): string {
  return (
    `Excessive logging detected from lines "${kind}": >${LIMITED_BYTES_MAX} bytes logged during the last time window of ` +
    `${LIMIT_WINDOW_MS / 1000}s. Suppressing logging to disk of these lines until time window resets. ` +
    'Console logging unaffected. Last log entry.'
  );
}

function describeRestart(kind: string, droppedBytes: number): string {
  return `Restarting logging of lines "${kind}": ${droppedBytes} bytes were dropped during the last ${LIMIT_WINDOW_MS / 1000}s.`;
}
