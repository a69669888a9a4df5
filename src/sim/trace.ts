// A rolling hash over everything that happens in a world: two runs of one seed did the same exactly when their hashes are equal.
// FNV-1a in two lanes of 32 bits: fast, and nobody chooses its input in order to deceive it. Keeps the last lines as text, for
// the reader of a failure.

import { toHex } from '../kernel/util/bytes.ts';

const FNV_PRIME = 0x01000193;

/** FNV's offset, and another one for the second lane. */
const LANES: readonly [number, number] = [0x811c9dc5, 0x9747b28c];

/** Lines that are kept. */
const RECENT_LINES = 40;

/** Bytes of one piece that enter the hash. */
const TRACED_BYTES = 96;

/** What has happened, as a hash. */
export class Trace {
  #a: number = LANES[0];
  #b: number = LANES[1];
  #count = 0;
  readonly #recent: string[] = [];

  /** Things noted so far. */
  get count(): number {
    return this.#count;
  }

  /** The last notable things, oldest first. */
  get recent(): readonly string[] {
    return this.#recent;
  }

  /** Mixes in a number; fractions count. */
  number(value: number): void {
    const high = Math.floor(value / 0x1_0000_0000);
    this.#mix(value >>> 0);
    this.#mix(high >>> 0);
    this.#mix(Math.floor((value - Math.floor(value)) * 0x1_0000_0000) >>> 0);
  }

  text(text: string): void {
    for (let i = 0; i < text.length; i++) this.#mix(text.charCodeAt(i));
    this.#mix(0xffff_ffff);
  }

  /** Mixes in the beginning of some bytes and their length; what differs further on soon makes a difference elsewhere. */
  bytes(bytes: Uint8Array): void {
    const end = Math.min(bytes.length, TRACED_BYTES);
    for (let i = 0; i < end; i++) this.#mix(bytes[i]!);
    this.#mix(bytes.length);
  }

  /** An event of the world. */
  event(atMs: number, label: string, owner: number): void {
    this.#count++;
    this.number(atMs);
    this.text(label);
    this.#mix(owner >>> 0);
  }

  /** Something worth a line. */
  line(atMs: number, text: string): void {
    this.number(atMs);
    this.text(text);
    this.#recent.push(`${formatVirtualTime(atMs)} ${text}`);
    if (this.#recent.length > RECENT_LINES) this.#recent.shift();
  }

  /** The hash so far: sixteen digits. */
  digest(): string {
    const bytes = new Uint8Array(8);
    [this.#a, this.#b].forEach((lane, i) => {
      for (let k = 0; k < 4; k++) bytes[4 * i + k] = lane >>> (24 - 8 * k);
    });
    return toHex(bytes);
  }

  #mix(value: number): void {
    this.#a = Math.imul(this.#a ^ value, FNV_PRIME);
    this.#b = Math.imul(this.#b ^ (value + 0x9e3779b9), FNV_PRIME);
    this.#b ^= this.#b >>> 15;
  }
}

/** A virtual time as people read it: days, hours, minutes, seconds, thousandths. */
export function formatVirtualTime(atMs: number): string {
  const pad = (value: number, digits: number): string => String(value).padStart(digits, '0');
  const ms = Math.floor(atMs);
  const seconds = Math.floor(ms / 1000);
  const days = Math.floor(seconds / 86_400);
  const clock = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  return `${days}d ${clock.map((part) => pad(part, 2)).join(':')}.${pad(ms % 1000, 3)}`;
}
