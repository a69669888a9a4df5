// Tables as text (RFC 4180). A cell that a spreadsheet would take for a formula is made a plain text first: labels come from strangers,
// and opening a file must run nothing.

/** Signs that begin a formula in the usual programs, and blanks that they skip before one. */
const FORMULA = /^[\s\u00a0\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20|%]|^[\t\r\n]/;

/** A number is no formula, even a negative one. */
const NUMBER = /^-?\d+(?:\.\d+)?$/;

/** One cell. */
export function formatCell(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || safe !== text ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A table with a line of names. Lines end as the standard wants. */
export function formatTable(names: readonly string[], rows: Iterable<readonly (string | number | null)[]>): string {
  const lines = [names.map(formatCell).join(',')];
  for (const row of rows) lines.push(row.map(formatCell).join(','));
  return `${lines.join('\r\n')}\r\n`;
}
