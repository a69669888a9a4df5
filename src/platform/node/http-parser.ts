// Reading HTTP/1.x requests (RFC 9110, 9112), as a machine that is fed bytes and yields heads and whole requests. Strict where two
// readers could understand different things: what Node's own parser refuses and Core takes is taken, what Core refuses is refused
// (interface_http; R08). It knows no sockets, times no one and answers nobody.
//
// As in Core, Transfer-Encoding: chunked comes before Content-Length, a line may end in LF alone, and the lines of a head have at
// most 8,192 bytes together.

/** Bytes of the request line and the header lines (Core MAX_HEADERS_SIZE). */
export const HTTP_HEAD_BYTES_MAX = 8192;

/** Bytes of a body (Core MAX_BODY_SIZE). */
export const HTTP_BODY_BYTES_MAX: number = 32 * 1024 * 1024;

/** Bytes of the line that begins a chunk: 16 digits and an extension that is ignored. */
const CHUNK_LINE_BYTES_MAX = 256;

const LF = 0x0a;
const CR = 0x0d;

/** Bytes that must have come before room is made for all that were announced. */
const TRUSTED_BYTES: number = 1024 * 1024;

const NOTHING: Uint8Array = new Uint8Array(0);

/** Everything before the body. */
export interface HttpHead {
  readonly method: string;
  /** As it was sent: path and query, not decoded. */
  readonly target: string;
  /** 0 for HTTP/1.0; the major version is 1. */
  readonly minorVersion: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** A whole request. */
export interface HttpRequest extends HttpHead {
  readonly body: Uint8Array;
}

/** What a parser yields. */
export type HttpEvent =
  | { readonly type: 'head'; readonly head: HttpHead }
  | { readonly type: 'request'; readonly request: HttpRequest }
  /** The sender breaks the rules: it is told the status, and the connection ends. */
  | { readonly type: 'error'; readonly status: 400 | 413; readonly reason: string };

/** The first header of that name, whatever its case; null without one. */
export function findHeader({ headers }: HttpHead, name: string): string | null {
  const wanted = name.toLowerCase();
  return headers.find(([one]) => one.toLowerCase() === wanted)?.[1] ?? null;
}

/** Why no more can be read. */
class HttpSyntaxError extends Error {
  override readonly name = 'HttpSyntaxError';
  readonly status: 400 | 413;

  constructor(reason: string, status: 400 | 413 = 400) {
    super(reason);
    this.status = status;
  }
}

type State = 'request-line' | 'headers' | 'body' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer' | 'broken';

const VERSION = /^HTTP\/1\.([0-9])$/;
const NUMBER = /^[0-9]{1,16}$/;
const HEX_NUMBER = /^[0-9a-fA-F]{1,12}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const BAD_CHARACTER = /[\r\u0000]/;
const BLANK = /[ \t\n\r\f\v]/;
/** Characters of the shortest request line, `GET / HTTP/1.0` (Core MIN_REQUEST_LINE_LENGTH). */
const REQUEST_LINE_LENGTH_MIN = 14;

/** Reads the requests of one connection. */
export class HttpParser {
  #state: State = 'request-line';
  /** Bytes that wait for the rest of a line. */
  #waiting: Uint8Array = new Uint8Array(0);
  #headBytes = 0;
  #head: HttpHead | null = null;
  #headers: [string, string][] = [];
  #control: { readonly method: string; readonly target: string; readonly minorVersion: number } | null = null;
  /** The body so far, with room behind it. */
  #body: Uint8Array = NOTHING;
  #bodyBytes = 0;
  #leftBytes = 0;
  #keepsBody = true;

  /** True between requests, with nothing received of the next. */
  get isIdle(): boolean {
    return this.#state === 'request-line' && this.#waiting.length === 0;
  }

  /** True while a head has begun and is not complete. */
  get isInHead(): boolean {
    return (this.#state === 'request-line' && this.#waiting.length > 0) || this.#state === 'headers';
  }

  /** The body of the present request is of no use: it is counted and thrown away. Called when its head was yielded. */
  discardBody(): void {
    this.#keepsBody = false;
  }

  /** Takes bytes and yields what they complete. The caller goes through all of it before it feeds more. */
  *feed(bytes: Uint8Array): Generator<HttpEvent, void, void> {
    let rest = bytes;
    try {
      for (;;) {
        if (this.#state === 'broken') return;
        const before = this.#state;
        const isBody = before === 'body' || before === 'chunk';
        const used: number = isBody ? this.#takeBody(rest) : this.#takeLine(rest);
        if (used < 0) return;
        rest = rest.subarray(used);
        if (before === 'headers' && this.#head !== null) {
          yield { type: 'head', head: this.#head };
          this.#chooseFraming(this.#head);
        }
        if (this.#isComplete) {
          yield { type: 'request', request: this.#finish() };
        }
      }
    } catch (error) {
      if (!(error instanceof HttpSyntaxError)) throw error;
      this.#state = 'broken';
      this.#body = NOTHING;
      yield { type: 'error', status: error.status, reason: error.message };
    }
  }

  #isComplete = false;

  #finish(): HttpRequest {
    const body = this.#keepsBody ? this.#body.subarray(0, this.#bodyBytes) : NOTHING;
    const request = { ...this.#head!, body };
    this.#state = 'request-line';
    this.#headBytes = 0;
    this.#head = null;
    this.#headers = [];
    this.#control = null;
    this.#body = NOTHING;
    this.#bodyBytes = 0;
    this.#keepsBody = true;
    this.#isComplete = false;
    return request;
  }

  // --- bodies ---------------------------------------------------------------------------------------------------------

  /** Takes what belongs to the body; -1: everything is used and more is needed. */
  #takeBody(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, this.#leftBytes);
    if (count > 0 && this.#keepsBody) this.#keep(bytes.subarray(0, count));
    this.#bodyBytes += count;
    this.#leftBytes -= count;
    if (this.#leftBytes > 0) return -1;
    if (this.#state === 'chunk') this.#state = 'chunk-end';
    else this.#isComplete = true;
    return count;
  }

  /** Puts bytes where they belong in the end: a body of 32 MiB is not put together in one go (R10). */
  #keep(bytes: Uint8Array): void {
    const needed = this.#bodyBytes + bytes.length;
    if (needed > this.#body.length) {
      const room = new Uint8Array(this.#chooseRoom(needed));
      room.set(this.#body.subarray(0, this.#bodyBytes));
      this.#body = room;
    }
    this.#body.set(bytes, this.#bodyBytes);
  }

  /** Who announces a long body gets room for all of it when a part has come. */
  #chooseRoom(needed: number): number {
    const announced = this.#bodyBytes + this.#leftBytes;
    if (this.#state === 'chunk') return Math.min(HTTP_BODY_BYTES_MAX, 2 * needed);
    return needed > TRUSTED_BYTES ? announced : Math.min(announced, TRUSTED_BYTES);
  }

  #chooseFraming(head: HttpHead): void {
    const encodings = head.headers.filter(([name]) => name.toLowerCase() === 'transfer-encoding');
    if (encodings.length > 1 || encodings.some(([, value]) => value.toLowerCase() !== 'chunked')) {
      throw new HttpSyntaxError('Unknown Transfer-Encoding');
    }
    if (encodings.length === 1) {
      this.#state = 'chunk-size';
      return;
    }
    const lengths = head.headers.filter(([name]) => name.toLowerCase() === 'content-length').map(([, value]) => value);
    const text = lengths[0];
    if (lengths.some((other) => other !== text)) throw new HttpSyntaxError('Differing Content-Length values');
    if (text !== undefined && !NUMBER.test(text)) throw new HttpSyntaxError('Cannot parse Content-Length value');
    this.#expect(Number(text ?? 0));
    this.#state = 'body';
    if (this.#leftBytes === 0) this.#isComplete = true;
  }

  #expect(count: number): void {
    if (this.#bodyBytes + count > HTTP_BODY_BYTES_MAX) throw new HttpSyntaxError('Max body size exceeded', 413);
    this.#leftBytes = count;
  }

  // --- lines ----------------------------------------------------------------------------------------------------------

  /** Takes one line, as far as it is there; -1: everything is used and more is needed. */
  #takeLine(bytes: Uint8Array): number {
    const end = bytes.indexOf(LF);
    const count = end < 0 ? bytes.length : end + 1;
    this.#countLineBytes(count);
    const line = new Uint8Array(this.#waiting.length + count);
    line.set(this.#waiting);
    line.set(bytes.subarray(0, count), this.#waiting.length);
    if (end < 0) {
      this.#waiting = line;
      return -1;
    }
    this.#waiting = new Uint8Array(0);
    const hasCr = line[line.length - 2] === CR;
    this.#readLine(decodeLatin1(line.subarray(0, line.length - (hasCr ? 2 : 1))));
    return count;
  }

  #countLineBytes(count: number): void {
    const isChunkLine = this.#state === 'chunk-size' || this.#state === 'chunk-end';
    const total = isChunkLine ? this.#waiting.length + count : this.#headBytes + count;
    if (!isChunkLine) this.#headBytes = total;
    if (total > (isChunkLine ? CHUNK_LINE_BYTES_MAX : HTTP_HEAD_BYTES_MAX)) {
      throw new HttpSyntaxError('HTTP headers exceed size limit');
    }
  }

  #readLine(line: string): void {
    switch (this.#state) {
      case 'request-line':
        this.#readRequestLine(line);
        return;
      case 'headers':
        this.#readHeader(line);
        return;
      case 'chunk-size':
        this.#readChunkSize(line);
        return;
      case 'chunk-end':
        if (line !== '') throw new HttpSyntaxError('Improperly terminated chunk');
        this.#state = 'chunk-size';
        return;
      default:
        if (line === '') this.#isComplete = true;
    }
  }

  #readRequestLine(line: string): void {
    if (line.length < REQUEST_LINE_LENGTH_MIN) throw new HttpSyntaxError('HTTP request line too short');
    if (BAD_CHARACTER.test(line)) throw new HttpSyntaxError('Invalid request line contains NUL');
    const parts = line.split(' ');
    const version = VERSION.exec(parts[2] ?? '');
    if (parts.length !== 3 || version === null) throw new HttpSyntaxError('HTTP request line malformed');
    this.#control = { method: parts[0]!, target: parts[1]!, minorVersion: Number(version[1]) };
    this.#state = 'headers';
  }

  #readHeader(line: string): void {
    if (line === '') {
      this.#head = { ...this.#control!, headers: this.#headers };
      return;
    }
    if (BAD_CHARACTER.test(line)) throw new HttpSyntaxError('Header contains invalid character');
    const colon = line.indexOf(':');
    if (colon < 0) throw new HttpSyntaxError('HTTP header missing colon (:)');
    const name = line.slice(0, colon);
    if (name === '') throw new HttpSyntaxError('Empty HTTP header name');
    // A folded line begins with a blank, and so has one in its name.
    if (BLANK.test(name)) throw new HttpSyntaxError('Invalid header field-name contains whitespace');
    this.#headers.push([name, trimBlanks(line.slice(colon + 1))]);
  }

  #readChunkSize(line: string): void {
    const text = trimBlanks(line.split(';', 1)[0]!);
    if (!HEX_NUMBER.test(text)) throw new HttpSyntaxError('Cannot parse chunk length value');
    const count = Number(`0x${text}`);
    this.#expect(count);
    if (count > 0) {
      this.#state = 'chunk';
      return;
    }
    // Trailers are read and ignored; they have a limit of their own.
    this.#headBytes = 0;
    this.#state = 'trailer';
  }
}

/** Without blanks at its ends; in time that grows with the length alone, whatever stands there. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && BLANK.test(text[start]!)) start++;
  while (end > start && BLANK.test(text[end - 1]!)) end--;
  return text.slice(start, end);
}

function decodeLatin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
