// Progress of long work: on a terminal a line with bar, rate and time left, redrawn in place; elsewhere a line in the log now
// and then. Nothing here runs by itself: each report of the work draws, at most a few times a second.

import type { Logger } from './log.ts';

/** The terminal behind standard error. */
export interface ProgressTerminal {
  columns(): number;
  write(text: string): void;
}

/** How amounts of a work are counted; of a `share` no rate is told. */
export type ProgressUnit = 'bytes' | 'blocks' | 'share';

/** A work under way. */
export interface ProgressState {
  readonly task: string;
  readonly unit: ProgressUnit;
  readonly done: number;
  readonly total: number;
  /** Units per second, or null as long as that is not known. */
  readonly ratePerSec: number | null;
  /** How far the chain is, or the like. */
  readonly note: string;
}

/** Shortest time between two drawings on a terminal. */
const DRAW_INTERVAL_MS = 200;
/** Shortest time between two lines in the log, and before the first: short work is silent. */
const LOG_INTERVAL_MS = 10_000;
/** The rate is that of the last so many milliseconds, so that it follows blocks getting heavier. */
const RATE_WINDOW_MS = 20_000;
/** The rate is not told before it has been watched this long. */
const RATE_WATCH_MS = 1_000;
const BAR_COLUMNS_MAX = 30;
const BAR_COLUMNS_MIN = 5;
/** What to assume when a terminal does not tell its width. */
const COLUMNS_DEFAULT = 80;

const CLEAR_LINE = '\r\u001b[K';

/** A duration in the two largest units that matter. */
export function formatDuration(seconds: number): string {
  const total = Math.max(0, Math.round(seconds));
  if (total < 60) return `${total} s`;
  const minutes = Math.round(total / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** An amount per second. */
export function formatRate(perSec: number, unit: ProgressUnit): string {
  if (unit !== 'bytes') return `${formatCount(perSec)} ${unit}/s`;
  if (perSec >= 1e6) return `${(perSec / 1e6).toFixed(1)} MB/s`;
  return `${(perSec / 1e3).toFixed(perSec >= 1e5 ? 0 : 1)} kB/s`;
}

/** A whole number with thousands set apart. */
export function formatCount(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Share of the work done, in percent, rounded down: 100 means finished. */
export function formatPercent(state: ProgressState): string {
  return `${state.total <= 0 ? 100 : Math.floor((100 * Math.min(state.done, state.total)) / state.total)}%`;
}

function listFacts(state: ProgressState): readonly string[] {
  const { ratePerSec, total, done, note } = state;
  const facts = note === '' ? [] : [note];
  if (ratePerSec !== null && ratePerSec > 0) {
    if (state.unit !== 'share') facts.push(formatRate(ratePerSec, state.unit));
    facts.push(`${formatDuration(Math.max(0, total - done) / ratePerSec)} left`);
  }
  return facts;
}

/** The line on a terminal of that many columns. */
export function formatProgressBar(state: ProgressState, columns: number): string {
  const facts = listFacts(state);
  const percent = formatPercent(state).padStart(4);
  const room = columns - 1;
  for (let shown = facts.length; shown >= 0; shown--) {
    const tail = [percent, ...facts.slice(0, shown)].join('  ');
    const barColumns = Math.min(BAR_COLUMNS_MAX, room - state.task.length - tail.length - 4);
    if (barColumns >= BAR_COLUMNS_MIN) return `${state.task} ${drawBar(state, barColumns)} ${tail}`;
  }
  return `${state.task} ${percent}`.slice(0, Math.max(0, room));
}

function drawBar(state: ProgressState, columns: number): string {
  const share = state.total <= 0 ? 1 : Math.min(1, state.done / state.total);
  const filled = Math.floor(share * columns);
  const head = filled < columns ? '>' : '';
  return `[${'='.repeat(filled)}${head}${' '.repeat(columns - filled - head.length)}]`;
}

/** The line in the log. */
export function formatProgressLine(state: ProgressState): string {
  const facts = listFacts(state);
  return `${state.task}: ${formatPercent(state)}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`;
}

interface Work {
  readonly task: string;
  readonly unit: ProgressUnit;
  readonly total: number;
  /** Earlier reports within the window of the rate. */
  readonly samples: { readonly atMs: number; readonly done: number }[];
  nextDrawMs: number;
  nextLogMs: number;
  state: ProgressState;
}

/** Shows the progress of one work after the other. */
export class ProgressDisplay {
  readonly #terminal: ProgressTerminal | null;
  readonly #log: Logger;
  readonly #nowMs: () => number;
  #work: Work | null = null;
  #isDrawn = false;

  /** `terminal` is null where nobody watches; `nowMs` counts up and never jumps. */
  constructor(terminal: ProgressTerminal | null, log: Logger, nowMs: () => number) {
    this.#terminal = terminal;
    this.#log = log;
    this.#nowMs = nowMs;
  }

  /** Whether a line stands on the terminal, or may at any moment. */
  get isActive(): boolean {
    return this.#terminal !== null && this.#work !== null;
  }

  /** A work begins, of which `doneBefore` was done earlier; one under way ends. */
  begin(task: string, total: number, unit: ProgressUnit, doneBefore = 0): void {
    this.end();
    const atMs = this.#nowMs();
    this.#work = {
      task,
      unit,
      total,
      samples: [{ atMs, done: doneBefore }],
      nextDrawMs: atMs,
      nextLogMs: atMs + LOG_INTERVAL_MS,
      state: { task, unit, done: 0, total, ratePerSec: null, note: '' },
    };
  }

  /** `done` of the work is done; `note` says how far that is, e.g. the height of the chain. */
  report(done: number, note: string): void {
    const work = this.#work;
    if (!work) return;
    const atMs = this.#nowMs();
    const { task, unit, total } = work;
    work.state = { task, unit, done, total, ratePerSec: measureRate(work, atMs, done), note };
    if (this.#terminal) {
      if (atMs < work.nextDrawMs) return;
      work.nextDrawMs = atMs + DRAW_INTERVAL_MS;
      this.#draw();
    } else if (atMs >= work.nextLogMs) {
      work.nextLogMs = atMs + LOG_INTERVAL_MS;
      this.#log.info(formatProgressLine(work.state));
    }
  }

  /** The work is over, done or not: the line goes away. */
  end(): void {
    this.#erase();
    this.#work = null;
  }

  /** Writes something else to the terminal: the line goes away and comes back below it. */
  aside(write: () => void): void {
    const wasDrawn = this.#isDrawn;
    this.#erase();
    write();
    if (wasDrawn) this.#draw();
  }

  #draw(): void {
    if (!this.#terminal || !this.#work) return;
    const line = formatProgressBar(this.#work.state, this.#terminal.columns() || COLUMNS_DEFAULT);
    this.#terminal.write(CLEAR_LINE + line);
    this.#isDrawn = true;
  }

  #erase(): void {
    if (this.#isDrawn) this.#terminal?.write(CLEAR_LINE);
    this.#isDrawn = false;
  }
}

function measureRate(work: Work, atMs: number, done: number): number | null {
  const { samples } = work;
  if (atMs - samples.at(-1)!.atMs >= DRAW_INTERVAL_MS) samples.push({ atMs, done });
  while (samples.length > 1 && atMs - samples[1]!.atMs >= RATE_WINDOW_MS) samples.shift();
  const first = samples[0]!;
  const elapsedMs = atMs - first.atMs;
  return elapsedMs < RATE_WATCH_MS ? null : ((done - first.done) * 1000) / elapsedMs;
}
