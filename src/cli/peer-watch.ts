// Notices when a node has no connections, and says so in a sentence that tells what to do: a node that cannot reach anybody looks
// like one that works, otherwise. Without a clock: it is shown how many peers there are, now and then.

/** How a node looks for peers. */
export interface PeerSearch {
  /** -connect: these alone; null: any. Empty: nobody. */
  readonly connect: readonly string[] | null;
  readonly addNodes: readonly string[];
  readonly isListening: boolean;
}

/** How often to look. */
export const PEER_WATCH_INTERVAL_MS = 10_000;

/** So long without a connection is worth a line; each further line takes twice as long, up to a limit. */
const FIRST_LINE_MS = 60_000;
const LINE_INTERVAL_MS_MAX: number = 60 * 60_000;

/** Watches the number of peers. */
export class PeerWatch {
  readonly #search: PeerSearch;
  #aloneSinceMs: number | null = null;
  #nextLineMs = FIRST_LINE_MS;
  #hasComplained = false;

  constructor(search: PeerSearch) {
    this.#search = search;
  }

  /** Takes note of how many peers have introduced themselves; returns what to tell, or null. */
  look(peerCount: number, nowMs: number): string | null {
    if (peerCount > 0) {
      const hadComplained = this.#hasComplained;
      this.#aloneSinceMs = null;
      this.#nextLineMs = FIRST_LINE_MS;
      this.#hasComplained = false;
      return hadComplained ? 'Connected to other nodes again' : null;
    }
    this.#aloneSinceMs ??= nowMs;
    const aloneMs = nowMs - this.#aloneSinceMs;
    if (aloneMs < this.#nextLineMs) return null;
    this.#nextLineMs = aloneMs + Math.min(Math.max(aloneMs, FIRST_LINE_MS), LINE_INTERVAL_MS_MAX);
    const sentence = describeLoneliness(this.#search, aloneMs);
    if (sentence !== null) this.#hasComplained = true;
    return sentence;
  }
}

/** Null where nothing else was to be expected. */
function describeLoneliness({ connect, addNodes, isListening }: PeerSearch, aloneMs: number): string | null {
  const minutes = Math.round(aloneMs / 60_000);
  const since = minutes === 1 ? 'for a minute' : `for ${minutes} minutes`;
  const named = [...(connect ?? []), ...addNodes];
  if (named.length > 0) {
    const names = named.length > 3 ? `${named.slice(0, 3).join(', ')} and others` : named.join(', ');
    return `No connections ${since}: ${names} cannot be reached. Is a node of the same network running and listening there? Still trying.`;
  }
  if (connect === null) {
    return `No connections ${since}: no other node can be reached. Check the connection to the Internet and its firewall, or name a node with -addnode=<host>. Still trying.`;
  }
  return isListening ? `No connections ${since}: nobody has connected yet.` : null;
}
