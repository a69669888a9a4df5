// Tokens that let a browser in: each is good once, and for ten minutes. Whoever started the program reads one in its terminal. Only
// hashes are kept, so that comparing tells nothing.

import { createHash, randomBytes } from 'node:crypto';

/** Bytes of chance in a token. */
const TOKEN_BYTES = 32;

/** How long a token is good. */
export const TOKEN_MS = 600_000;

/** Tokens that are good at one time; one more ends the oldest. */
const TOKENS_MAX = 16;

/** SHA-256 of a secret, in hexadecimal letters: what is kept of it. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Gives tokens out and takes them back. */
export class LoginTokens {
  readonly #nowMs: () => number;
  /** When each ends, by its hash, oldest first. */
  readonly #ends: Map<string, number> = new Map();

  /** `nowMs` never goes back. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** A new token. */
  issue(): string {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    this.#ends.set(hashSecret(token), this.#nowMs() + TOKEN_MS);
    const [oldest] = this.#ends.keys();
    if (this.#ends.size > TOKENS_MAX && oldest !== undefined) this.#ends.delete(oldest);
    return token;
  }

  /** Whether a token is good; it is so no more. */
  redeem(token: string): boolean {
    const hash = hashSecret(token);
    const endMs = this.#ends.get(hash);
    this.#ends.delete(hash);
    return endMs !== undefined && this.#nowMs() < endMs;
  }
}
