// The door to whatever searches for nonces: threads of the host, or something else that counts hashes. A miner hands over one
// header at a time and hears of its end at most once; what it handed over before is then forgotten.

/** What becomes of a search. */
export interface GrindEvents {
  /** The header with this nonce has the work that its bits ask for. */
  onFound(nonce: number): void;
  /** No nonce of all 2^32 does. */
  onExhausted(): void;
  /** The search broke down; nothing more is heard of it. */
  onFailed(error: unknown): void;
  /** A hash, 32 bytes with the least significant first, that is lower than those before it; how near the search has come. */
  onRecord?(hash: Uint8Array): void;
}

/** Searches nonces. */
export interface Grinder {
  /**
   * Begins to search for the 80 bytes of a header, whose nonce is of no account, in place of what was searched before: of that
   * nothing more is heard.
   */
  start(header: Uint8Array, events: GrindEvents): void;
  /** Ends the search, within milliseconds. */
  stop(): void;
  /** The share of the time that it computes at all, above 0 and at most 1; from now on. */
  setShare(share: number): void;
  /** Hashes computed so far. */
  readonly hashCount: number;
  /** Stops for good. */
  close(): Promise<void>;
}
