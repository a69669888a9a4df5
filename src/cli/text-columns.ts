// Text in columns of a terminal: how wide it is shown, since Chinese characters take two columns, where it is broken and how it is cut.
// What comes from elsewhere is made harmless first: a control character could do anything to a terminal.

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;

/** From here on characters of East Asian scripts, which take two columns; the exceptions do not occur in our texts. */
const WIDE_FROM = 0x2e80;

/** The text without control characters. */
export function cleanText(text: string): string {
  return text.replace(CONTROL, '?');
}

/** Columns that a text takes. */
export function textColumns(text: string): number {
  let columns = 0;
  for (const character of text) columns += character.codePointAt(0)! >= WIDE_FROM ? 2 : 1;
  return columns;
}

/** The text with spaces behind it up to a width. */
export function padColumns(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - textColumns(text)));
}

/** The text broken into lines of at most so many columns: between words, or between any two wide characters. */
export function wrapColumns(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of text.match(/[\u2e80-\uffff]|[^\s\u2e80-\uffff]+|\s+/g) ?? []) {
    const isTooLong = textColumns(line) + textColumns(piece) > columns;
    if (isTooLong && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = '';
    }
    if (line !== '' || piece.trim() !== '') line += piece;
  }
  return line.trim() === '' ? lines : [...lines, line.trimEnd()];
}

/** Shortest piece of a text that still tells something. */
const PIECE_MIN = 4;

/** The text, or its two ends with dots between when it takes more columns; for hexadecimal digits, which are one column each. */
export function cutMiddle(text: string, columns: number): string {
  if (text.length <= columns) return text;
  const half = Math.max(PIECE_MIN, Math.floor((columns - 1) / 2));
  return text.length <= 2 * half + 1 ? text : `${text.slice(0, half)}…${text.slice(-half)}`;
}
