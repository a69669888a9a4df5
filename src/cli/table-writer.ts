// Rows as CSV (RFC 4180) or JSON, written as they come: nothing is kept but the row at hand. Cells of CSV are made harmless for
// spreadsheets, which take a text that begins with certain characters for a formula, even one that a stranger wrote.

import { JsonNumber, type JsonOutput, jsonDouble } from '../api/json/json-value.ts';
import { formatJson } from '../api/json/json-writer.ts';

/** A cell: numbers are safe as they are; null is an empty cell. */
export type Cell = string | number | JsonNumber | boolean | null;

/** Formats of tables. */
export const TABLE_FORMATS = ['csv', 'json'] as const;

/** A format of tables. */
export type TableFormat = (typeof TABLE_FORMATS)[number];

/** Texts that spreadsheets compute: an ASCII or full-width sign of a formula, or white space that they pass over before one. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const STEERING = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

const NEEDS_QUOTES = /[",\r\n]/;

/** A cell of CSV. */
export function formatCell(cell: Cell): string {
  if (cell === null) return '';
  if (cell instanceof JsonNumber) return cell.text;
  if (typeof cell !== 'string') return `${cell}`;
  // A table is looked at in terminals, too, which some characters would steer.
  const text = cell.replace(STEERING, '\ufffd');
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Writes a table row by row. */
export class TableWriter {
  readonly #columns: readonly string[];
  readonly #format: TableFormat;
  readonly #print: (text: string) => void;
  #rowCount = 0;

  constructor(columns: readonly string[], format: TableFormat, print: (text: string) => void) {
    this.#columns = columns;
    this.#format = format;
    this.#print = print;
    print(format === 'csv' ? formatLine(columns) : '[');
  }

  /** Rows so far. */
  get rowCount(): number {
    return this.#rowCount;
  }

  /** Writes a row: a cell for each column. */
  add(cells: readonly Cell[]): void {
    if (this.#format === 'csv') this.#print(formatLine(cells));
    else {
      const fields = new Map<string, JsonOutput>(this.#columns.map((column, i) => [column, toJson(cells[i] ?? null)]));
      this.#print(`${this.#rowCount === 0 ? '' : ','}\n${formatJson(fields)}`);
    }
    this.#rowCount++;
  }

  /** Ends the table. */
  end(): void {
    if (this.#format === 'json') this.#print('\n]\n');
  }
}

/** Plain numbers of JSON are whole; others are written as doubles. */
function toJson(cell: Cell): JsonOutput {
  return typeof cell === 'number' && !Number.isSafeInteger(cell) ? jsonDouble(cell) : cell;
}

function formatLine(cells: readonly Cell[]): string {
  return `${cells.map(formatCell).join(',')}\r\n`;
}
