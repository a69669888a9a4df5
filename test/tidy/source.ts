// Reads one source file the way the tidy test needs it: what is code, what is comment, what is imported on which line. A
// small scanner rather than a compiler: it knows comments, strings, templates and regular expressions, nothing of grammar.

/** One module named by a file: in an import, a re-export, a dynamic import or `new URL('…', import.meta.url)`. */
export interface ImportedName {
  readonly specifier: string;
  /** Counted from 1. */
  readonly line: number;
}

/** A file taken apart. The three texts have the length and the line breaks of the original. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
  /** Comments and the insides of strings, templates and regular expressions are blanks. */
  readonly code: string;
  /** Everything but comments is blank. */
  readonly comments: string;
  readonly imports: readonly ImportedName[];
  readonly lineCount: number;
}

/** Takes a file apart. */
export function readSource(path: string, text: string): SourceText {
  const kinds = classify(text);
  const code = pick(text, kinds, (kind) => kind === CODE);
  const comments = pick(text, kinds, (kind) => kind === COMMENT);
  const uncommented = pick(text, kinds, (kind) => kind !== COMMENT);
  return { path, text, code, comments, imports: findImports(uncommented, code), lineCount: countLines(text) };
}

/** The line, counted from 1, on which the character at `index` stands. */
export function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < index; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

function countLines(text: string): number {
  const lines = text.split('\n').length;
  return text.endsWith('\n') ? lines - 1 : lines;
}

const CODE = 0;
const COMMENT = 1;
const TEXT = 2;

/** A kind for every character. Quotes themselves are code, what they enclose is text. */
function classify(text: string): Uint8Array {
  const kinds = new Uint8Array(text.length);
  /** For each open `${`, how many braces are open inside it. */
  const templates: number[] = [];
  let at = 0;
  const mark = (end: number, kind: number): void => {
    kinds.fill(kind, at, Math.min(end, text.length));
    at = end;
  };
  while (at < text.length) {
    const char = text[at]!;
    const pair = text.slice(at, at + 2);
    if (pair === '//' || (at === 0 && pair === '#!')) mark(endOf(text, '\n', at), COMMENT);
    else if (pair === '/*') mark(endOf(text, '*/', at + 2) + 2, COMMENT);
    else if (char === "'" || char === '"') skipQuoted(char);
    else if (char === '`') skipTemplate();
    else if (char === '/' && startsRegExp(text, at)) skipRegExp();
    else if (char === '{' && templates.length > 0) {
      templates[templates.length - 1]! += 1;
      at++;
    } else if (char === '}' && templates.length > 0) {
      if (templates[templates.length - 1] === 0) {
        templates.pop();
        skipTemplate();
      } else {
        templates[templates.length - 1]! -= 1;
        at++;
      }
    } else at++;
  }
  return kinds;

  function skipQuoted(quote: string): void {
    at++;
    let end = at;
    while (end < text.length && text[end] !== quote && text[end] !== '\n') end += text[end] === '\\' ? 2 : 1;
    mark(end, TEXT);
    at++;
  }

  /** From the back-quote or the closing brace on, up to the end of the template or the next `${`. */
  function skipTemplate(): void {
    at++;
    let end = at;
    while (end < text.length && text[end] !== '`' && text.slice(end, end + 2) !== '${')
      end += text[end] === '\\' ? 2 : 1;
    mark(end, TEXT);
    if (text[at] === '$') {
      templates.push(0);
      at++;
    }
    at++;
  }

  function skipRegExp(): void {
    at++;
    let end = at;
    let isInClass = false;
    while (end < text.length && text[end] !== '\n' && (isInClass || text[end] !== '/')) {
      if (text[end] === '[') isInClass = true;
      else if (text[end] === ']') isInClass = false;
      end += text[end] === '\\' ? 2 : 1;
    }
    mark(end, TEXT);
    at++;
  }
}

function endOf(text: string, closing: string, from: number): number {
  const end = text.indexOf(closing, from);
  return end < 0 ? text.length : end;
}

/** A slash opens a regular expression where a value may stand, and divides where one has just ended. */
function startsRegExp(text: string, slash: number): boolean {
  const before = text.slice(Math.max(0, slash - 40), slash).trimEnd();
  if (before === '') return true;
  if (/[\w$)\]}]$/.test(before)) return /\b(return|typeof|case|in|of|do|else|void|delete)$/.test(before);
  return true;
}

function pick(text: string, kinds: Uint8Array, isWanted: (kind: number) => boolean): string {
  let picked = '';
  for (let i = 0; i < text.length; i++) picked += text[i] === '\n' || isWanted(kinds[i]!) ? text[i] : ' ';
  return picked;
}

const IMPORT_FORMS: readonly RegExp[] = [
  /\b(?:import|export)\b[^'"`;()=]*?\bfrom\s*['"]([^'"\n]+)['"]/g,
  /\bimport\s*['"]([^'"\n]+)['"]/g,
  /\bimport\s*\(\s*['"]([^'"\n]+)['"]/g,
  /\bnew\s+URL\s*\(\s*['"](\.[^'"\n]+\.(?:ts|js|mjs))['"]\s*,\s*import\.meta\.url/g,
];

/** An import is one only where its keyword is code: text that quotes an import is none. */
function findImports(uncommented: string, code: string): ImportedName[] {
  const found: ImportedName[] = [];
  for (const form of IMPORT_FORMS) {
    for (const match of uncommented.matchAll(form)) {
      const isCode = code.startsWith(match[0].slice(0, 3), match.index);
      if (isCode) found.push({ specifier: match[1]!, line: lineAt(uncommented, match.index + match[0].length) });
    }
  }
  return found.sort((a, b) => a.line - b.line);
}
