// The log: lines as Core writes them (`2026-11-22T19:05:00Z message`), to debug.log and to the console. Information, warnings
// and errors always; debug lines of the chosen categories. Lines that are written before the file is open wait for it. Control
// characters are escaped, and callers never put texts of other nodes into a line at information level or above; lines that come too
// often stay out of the file (log-limit.ts). A log that cannot be written any more is no reason to stop: the disk may be full, and
// then the chain says so.

import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { CATEGORIES, type LogCategory } from './log-categories.ts';
import { describeSuppression, kindOfLine, LogLimiter } from './log-limit.ts';

/** Where lines go. */
export interface Logger {
  /** Rare: something a person who looks in on the program wants to know. */
  info(message: string): void;
  /**
   * Like {@link Logger.info}, but so frequent that a terminal showing a progress bar leaves it out, and never too frequent: only for
   * lines that cost whoever causes them more than the disk is worth, such as one for each block of the chain.
   */
  routine(message: string): void;
  /** A person must look at this. */
  warn(message: string): void;
  /** The program is going down. */
  error(message: string): void;
  /** Written when the category is chosen; `message` is made only then. */
  debug(category: LogCategory, message: () => string): void;
}

/** A log that nobody reads. */
export const nullLogger: Logger = Object.freeze({ info() {}, routine() {}, warn() {}, error() {}, debug() {} });

/** The console, when the log goes there too. */
export interface ConsoleSink {
  write(line: string): void;
  /** Whether routine lines are left out right now. */
  isQuiet(): boolean;
}

/** How the log is made. */
export interface LogOptions {
  readonly categories: ReadonlySet<LogCategory>;
  readonly console: ConsoleSink | null;
  /** Lines of one kind that would fill the disk are left out of the file (option -logratelimit). */
  readonly isLimited?: boolean;
  /** Times are written to the microsecond (option -logtimemicros). */
  readonly showsMicros?: boolean;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
}

/** A log longer than 110 % of this is cut to its end of this length at start (Core ShrinkDebugFile). */
const KEPT_BYTES = 10_000_000;

/** Only the owner reads and writes the log. */
const LOG_MODE = 0o600;

/** What separates this run from the one before in the file. */
const RUN_SEPARATOR = '\n\n\n\n\n';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROL_CHARACTERS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g;

/** The text with control characters spelled out, so that no line can steer a terminal (Core LogEscapeMessage). */
export function escapeLogText(text: string): string {
  return text.replace(CONTROL_CHARACTERS, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** Time as Core's log writes it: UTC, to the second or to the microsecond. */
export function formatLogTime(nowMs: number, showsMicros = false): string {
  const text = new Date(nowMs).toISOString();
  return showsMicros ? `${text.slice(0, 23)}000Z` : `${text.slice(0, 19)}Z`;
}

/** Stands before every line while lines of some kind are left out, so that nobody is misled by their absence (Core). */
const LIMITED_MARK = '[*] ';

/** The log of a program. */
export class Log implements Logger {
  readonly #options: LogOptions;
  readonly #categories: Set<LogCategory>;
  readonly #limiter: LogLimiter | null;
  #file: number | null = null;
  #path: string | null = null;
  /** Lines that wait for the file; null once it is open or given up. */
  #early: string[] | null = [];

  constructor(options: LogOptions) {
    this.#options = options;
    this.#categories = new Set(options.categories);
    this.#limiter = options.isLimited === false ? null : new LogLimiter(options.nowMs());
  }

  info(message: string): void {
    this.#writeLimited('', message);
  }

  routine(message: string): void {
    this.#write('', message, true);
  }

  warn(message: string): void {
    this.#writeLimited('[warning] ', message);
  }

  error(message: string): void {
    this.#writeLimited('[error] ', message);
  }

  debug(category: LogCategory, message: () => string): void {
    if (this.#categories.has(category)) this.#write(`[${category}] `, message(), true);
  }

  /** All categories, and whether their lines are written. */
  list(): ReadonlyMap<string, boolean> {
    return new Map(CATEGORIES.map((category) => [category, this.#categories.has(category)]));
  }

  /** Writes the lines of a category from now on, or no longer. */
  set(category: string, isOn: boolean): void {
    const known = CATEGORIES.find((one) => one === category);
    if (known === undefined) return;
    if (isOn) this.#categories.add(known);
    else this.#categories.delete(known);
  }

  /** Opens the file and writes what waited for it. `shrinks` cuts a long log first. Throws what the system reports. */
  openFile(path: string, shrinks: boolean): void {
    if (shrinks) shrinkFile(path);
    this.#path = path;
    this.#file = openSync(path, 'a', LOG_MODE);
    const early = this.#early ?? [];
    this.#early = null;
    this.#append(RUN_SEPARATOR + early.join(''));
  }

  /** Opens the file anew, after a program that rotates logs has moved it away. */
  reopenFile(): void {
    if (this.#file === null || this.#path === null) return;
    closeSync(this.#file);
    this.#file = null;
    try {
      this.#file = openSync(this.#path, 'a', LOG_MODE);
    } catch {
      this.#options.console?.write(this.#format('[warning] ', `Could not open debug log file ${this.#path}`));
    }
  }

  /** Writes no file: what waited for it is gone. */
  goWithoutFile(): void {
    this.#early = null;
  }

  /** Closes the file. Lines that come later still go to the console. */
  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  /** A line of which there may be too many. */
  #writeLimited(prefix: string, message: string): void {
    if (this.#limiter === null) {
      this.#write(prefix, message, false);
      return;
    }
    for (const line of this.#limiter.renew(this.#options.nowMs())) this.#write('[warning] ', line, false);
    const kind = kindOfLine(message);
    const verdict = this.#limiter.count(kind, Buffer.byteLength(this.#format(prefix, message)));
    if (verdict === 'write-last') this.#write('[warning] ', describeSuppression(kind), false);
    this.#write(prefix, message, false, verdict !== 'drop');
  }

  #write(prefix: string, message: string, isRoutine: boolean, goesToFile = true): void {
    const mark = this.#limiter?.isDropping === true ? LIMITED_MARK : '';
    const line = mark + this.#format(prefix, message);
    if (goesToFile && this.#early) this.#early.push(line);
    else if (goesToFile) this.#append(line);
    const sink = this.#options.console;
    if (sink && !(isRoutine && sink.isQuiet())) sink.write(line);
  }

  #format(prefix: string, message: string): string {
    return `${formatLogTime(this.#options.nowMs(), this.#options.showsMicros)} ${prefix}${escapeLogText(message)}\n`;
  }

  #append(text: string): void {
    if (this.#file === null) return;
    try {
      writeSync(this.#file, text);
    } catch {
      // A full disk: the console still has the line, and what needs the disk fails by itself.
    }
  }
}

function shrinkFile(path: string): void {
  let end: Uint8Array;
  try {
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      if (size <= KEPT_BYTES * 1.1) return;
      end = new Uint8Array(KEPT_BYTES);
      end = end.subarray(0, readSync(file, end, 0, KEPT_BYTES, size - KEPT_BYTES));
    } finally {
      closeSync(file);
    }
  } catch {
    return;
  }
  const file = openSync(path, 'w', LOG_MODE);
  try {
    writeSync(file, end);
  } finally {
    closeSync(file);
  }
}
