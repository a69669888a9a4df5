// Numbers, sizes, times and spans in the words of a language, by the browser's own tables (Intl). One object per language; formatters
// are made once, because making one costs more than using it a thousand times.

/** The languages of the page, by their tags (BCP 47). */
export type Language = 'en' | 'zh-CN';

const SECOND_MS = 1000;
/** Below this nobody reads the digits. */
const TINY_RATE = 0.001;
const MINUTE_SEC = 60;
const HOUR_SEC = 3600;
const DAY_SEC = 86_400;
const YEAR_SEC = 365.25 * DAY_SEC;
const MONTH_SEC = YEAR_SEC / 12;
/** From here on days are too many to mean something, and months. */
const DAYS_MAX = 60;
const MONTHS_MAX = 24;

/** Spans of fewer units than this have a decimal. */
const SHORT_SPAN = 10;

/** Rates of hashes in steps of a thousand, as miners write them. */
const HASH_UNITS: readonly string[] = Object.freeze(['H/s', 'kH/s', 'MH/s', 'GH/s', 'TH/s', 'PH/s', 'EH/s', 'ZH/s']);
const BYTE_UNITS: readonly string[] = Object.freeze(['B', 'kB', 'MB', 'GB', 'TB']);

const THOUSAND = 1000;

/** Writes figures in one language. */
export class Figures {
  readonly #integers: Intl.NumberFormat;
  readonly #short: Intl.NumberFormat;
  readonly #compact: Intl.NumberFormat;
  readonly #exactTime: Intl.DateTimeFormat;
  readonly #timeOfDay: Intl.DateTimeFormat;
  readonly #date: Intl.DateTimeFormat;
  readonly #relative: Intl.RelativeTimeFormat;
  readonly #language: Language;

  constructor(language: Language) {
    this.#language = language;
    this.#integers = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
    this.#short = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 });
    this.#compact = new Intl.NumberFormat(language, { notation: 'compact', maximumSignificantDigits: 4 });
    this.#exactTime = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
    this.#date = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });
    this.#timeOfDay = new Intl.DateTimeFormat(language, { timeStyle: 'medium' });
    this.#relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
  }

  /** A count. */
  integer(value: number): string {
    return this.#integers.format(value);
  }

  /** A measured value with three digits that count. */
  short(value: number): string {
    return this.#short.format(value);
  }

  /** A large number in words of its size: 2.5M, 250万. */
  compact(value: number): string {
    return this.#compact.format(value);
  }

  /** A share of one as a percentage. */
  percent(share: number, decimals = 0): string {
    return new Intl.NumberFormat(this.#language, { style: 'percent', maximumFractionDigits: decimals }).format(share);
  }

  /** A difficulty, which begins far below one on a young ledger. */
  difficulty(value: number): string {
    if (value === 0 || (value >= 0.001 && value < 1e6)) return this.#short.format(value);
    return value >= 1e6
      ? this.#compact.format(value)
      : value.toExponential(2).replace('e-', ' × 10⁻').replace(/\d+$/, superscript);
  }

  /** Hashes per second. */
  hashRate(hashesPerSecond: number): string {
    const isTiny = hashesPerSecond > 0 && hashesPerSecond < TINY_RATE;
    return `${isTiny ? '< ' : ''}${this.#inUnits(isTiny ? TINY_RATE : hashesPerSecond, HASH_UNITS)}`;
  }

  /** Bytes, in steps of a thousand. */
  bytes(count: number): string {
    return this.#inUnits(count, BYTE_UNITS);
  }

  #inUnits(value: number, units: readonly string[]): string {
    let size = value;
    let unit = 0;
    while (size >= THOUSAND && unit < units.length - 1) {
      size /= THOUSAND;
      unit++;
    }
    return `${this.#short.format(size)} ${units[unit]}`;
  }

  /** Date and time of day, to the second. */
  exactTime(timeSec: number): string {
    return this.#exactTime.format(timeSec * SECOND_MS);
  }

  /** The day. */
  date(timeSec: number): string {
    return this.#date.format(timeSec * SECOND_MS);
  }

  /** The time of day, to the second. */
  timeOfDay(timeSec: number): string {
    return this.#timeOfDay.format(timeSec * SECOND_MS);
  }

  /** How far a moment is from now: 12 sec. ago, in 3 min. */
  relativeTime(timeSec: number, nowSec: number): string {
    const seconds = Math.round(timeSec - nowSec);
    const size = Math.abs(seconds);
    const toward = (unitSec: number): number => Math.trunc(seconds / unitSec);
    if (size < MINUTE_SEC) return this.#relative.format(seconds, 'second');
    if (size < HOUR_SEC) return this.#relative.format(toward(MINUTE_SEC), 'minute');
    if (size < DAY_SEC) return this.#relative.format(toward(HOUR_SEC), 'hour');
    if (size < DAYS_MAX * DAY_SEC) return this.#relative.format(toward(DAY_SEC), 'day');
    if (size < MONTHS_MAX * MONTH_SEC) return this.#relative.format(toward(MONTH_SEC), 'month');
    return this.#relative.format(toward(YEAR_SEC), 'year');
  }

  /** A span of time in its largest unit that has at least one: 15 s, 2.5 h. */
  span(seconds: number): string {
    const [unit, unitSec] = spanUnit(seconds);
    const size = seconds / unitSec;
    // One decimal only where it says something: 2.5 h, but 15 s and 40 min.
    const maximumFractionDigits = size < SHORT_SPAN && unitSec > 1 ? 1 : 0;
    return new Intl.NumberFormat(this.#language, {
      style: 'unit',
      unit,
      unitDisplay: 'short',
      maximumFractionDigits,
    }).format(size);
  }
}

function spanUnit(seconds: number): readonly [unit: string, unitSec: number] {
  if (seconds < 1) return ['millisecond', 1 / SECOND_MS];
  if (seconds < 2 * MINUTE_SEC) return ['second', 1];
  if (seconds < 2 * HOUR_SEC) return ['minute', MINUTE_SEC];
  if (seconds < 2 * DAY_SEC) return ['hour', HOUR_SEC];
  return seconds < 730 * DAY_SEC ? ['day', DAY_SEC] : ['year', YEAR_SEC];
}

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

function superscript(digits: string): string {
  return [...digits].map((digit) => SUPERSCRIPTS[Number(digit)]).join('');
}
