// The stream of events over a WebSocket to the server of the page. It connects again by itself, later and later, and says from
// which event on it wants to hear: the cursor of the last one is kept for the life of the tab. What events mean is not known here.

/** Whether events come. */
export type SocketState = 'connecting' | 'open' | 'waiting' | 'closed';

/** What a socket is made with. */
export interface EventSocketParts {
  readonly bearer: string;
  readonly onEvent: (event: Readonly<Record<string, unknown>>) => void;
  readonly onState: (state: SocketState) => void;
  /** The server does not let this session hear events, any more or for now: whether it lasts, a call tells. */
  readonly onTurnedAway: () => void;
}

/** Waits before the next attempt, one after another; the last one is kept. Chosen so that a restart of the node is seen soon. */
const WAIT_MS: readonly number[] = Object.freeze([250, 500, 1000, 2000, 4000, 8000, 15_000]);

const CURSOR_KEY = 'tally.cursor';

/** The server's close codes after which another attempt soon is of no use: the session is over, too many follow. */
const CLOSE_CODE_TURNED_AWAY = 4003;
const CLOSE_CODES_LASTING: readonly number[] = Object.freeze([CLOSE_CODE_TURNED_AWAY, 1013]);

/** A connection that keeps itself up until it is closed. */
export class EventSocket {
  readonly #parts: EventSocketParts;
  #socket: WebSocket | null = null;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isClosed = false;

  constructor(parts: EventSocketParts) {
    this.#parts = parts;
  }

  /** Connects, unless it is connected. */
  open(): void {
    this.#isClosed = false;
    if (this.#socket === null) this.#connect();
  }

  /** Ends the connection for good. */
  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#socket?.close();
    this.#socket = null;
    this.#parts.onState('closed');
  }

  /** Tries at once instead of waiting on: the tab came to the front, or the machine is online again. */
  retry(): void {
    if (this.#timer === null || this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  #connect(): void {
    this.#timer = null;
    // Who waits for a node that is away waits on during each attempt: one may take long.
    if (this.#failures === 0) this.#parts.onState('connecting');
    const socket = new WebSocket(eventAddress(readCursor()));
    this.#socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ bearer: this.#parts.bearer }));
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code }) => this.#lost(socket, code);
  }

  #receive(data: unknown): void {
    const event = parseEvent(data);
    if (event === null) return;
    this.#failures = 0;
    if (event['type'] === 'hello') this.#parts.onState('open');
    if (typeof event['cursor'] === 'string') writeCursor(event['cursor']);
    this.#parts.onEvent(event);
  }

  #lost(socket: WebSocket, code: number): void {
    if (this.#socket !== socket) return;
    this.#socket = null;
    if (this.#isClosed) return;
    const last = WAIT_MS.length - 1;
    const wait = WAIT_MS[CLOSE_CODES_LASTING.includes(code) ? last : Math.min(this.#failures, last)]!;
    this.#failures++;
    this.#parts.onState('waiting');
    this.#timer = setTimeout(() => this.#connect(), wait);
    if (code === CLOSE_CODE_TURNED_AWAY) this.#parts.onTurnedAway();
  }
}

function eventAddress(cursor: string | null): string {
  const address = new URL('/events', location.href);
  address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  if (cursor !== null) address.searchParams.set('after', cursor);
  return address.href;
}

function parseEvent(data: unknown): Readonly<Record<string, unknown>> | null {
  if (typeof data !== 'string') return null;
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}

/** Storage may be switched off in a browser: then every visit begins without a cursor. */
function readCursor(): string | null {
  try {
    return sessionStorage.getItem(CURSOR_KEY);
  } catch {
    return null;
  }
}

function writeCursor(cursor: string): void {
  try {
    sessionStorage.setItem(CURSOR_KEY, cursor);
  } catch {
    // Without storage the next connection begins anew.
  }
}
