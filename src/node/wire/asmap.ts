// Maps from IP addresses to autonomous systems, the networks that route as one and mostly have one operator: an attacker gets
// addresses in many prefixes far cheaper than in many such systems. Mirrors Core's util/asmap.cpp; the format is that of the files
// that its users pass to -asmap.
//
// A map is a program for a machine with four instructions, packed into bits without regard for bytes: RETURN a number; JUMP ahead
// when the next bit of the address is 1; MATCH the next bits or return the default; set the DEFAULT. A map is checked once, over all
// its paths, before it is used: then every lookup ends after at most 128 bits of the address, within the bytes.

import { assert } from '../../kernel/util/assert.ts';

/** Bits of every address that is looked up: IPv6, with IPv4 under its prefix. */
const ADDRESS_BITS = 128;

/** Longer maps are not taken: the whole of the public routing table is below 2 MiB. Arbitrary; positions stay below 2^31. */
export const ASMAP_BYTES_MAX: number = 64 * 1024 * 1024;

/** The instructions, by the number that stands for each. */
const RETURN = 0;
const JUMP = 1;
const MATCH = 2;
const DEFAULT = 3;

/** In place of a number: the bits end within it. */
const END = -1;

/** How a kind of number is packed: classes of growing size, each so many bits long, from the smallest number on. */
interface Packing {
  readonly smallest: number;
  readonly classBits: readonly number[];
}

function growingClasses(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

const INSTRUCTIONS: Packing = { smallest: 0, classBits: [0, 0, 1] };
/** 0 means that an address is in no system, and is not packed. */
const SYSTEMS: Packing = { smallest: 1, classBits: growingClasses(15, 24) };
/** The highest bit says how many bits behind it are to match: one to eight. */
const PATTERNS: Packing = { smallest: 2, classBits: growingClasses(1, 8) };
/** A jump leads over one RETURN at least. */
const DISTANCES: Packing = { smallest: 17, classBits: growingClasses(5, 30) };

/** Bits that a pattern matches. */
function patternLength(pattern: number): number {
  return 31 - Math.clz32(pattern);
}

/** Reads a map bit by bit, from the lowest bit of each byte up. */
class MapReader {
  readonly #bytes: Uint8Array;
  readonly end: number;
  position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.end = 8 * bytes.length;
  }

  /** The next bit, or END. */
  bit(): number {
    if (this.position >= this.end) return END;
    const bit = (this.#bytes[this.position >>> 3]! >>> (this.position & 7)) & 1;
    this.position++;
    return bit;
  }

  /** The next number of a kind, or END: a 1 for each class below its own, a 0 unless it is of the last, its place in the class. */
  number({ smallest, classBits }: Packing): number {
    let value = smallest;
    const last = classBits.length - 1;
    for (let i = 0; ; i++) {
      const isBeyond = i < last ? this.bit() : 0;
      if (isBeyond === END) return END;
      if (isBeyond === 0) return this.#place(value, classBits[i]!);
      value += 2 ** classBits[i]!;
    }
  }

  #place(first: number, bits: number): number {
    let place = 0;
    for (let i = 0; i < bits; i++) {
      const bit = this.bit();
      if (bit === END) return END;
      place = 2 * place + bit;
    }
    return first + place;
  }
}

/** What is left to check behind a jump. */
interface Pending {
  readonly position: number;
  /** Bits of the address that are not read yet by then. */
  readonly bitsLeft: number;
}

/** Walks every path of a map. The work is linear in its length, and no more jumps are open at once than an address has bits. */
class MapCheck {
  readonly #map: MapReader;
  readonly #pending: Pending[] = [];
  #bitsLeft: number = ADDRESS_BITS;
  #previous: number = JUMP;
  #hadShortMatch = false;

  constructor(bytes: Uint8Array) {
    this.#map = new MapReader(bytes);
  }

  run(): boolean {
    for (;;) {
      // A jump that was open leads into the middle of the last instruction.
      if (this.#map.position >= this.#nextTarget()) return false;
      const instruction = this.#map.number(INSTRUCTIONS);
      if (instruction === RETURN) {
        if (!this.#checkReturn()) return false;
        if (this.#pending.length === 0) return this.#endsWithPadding();
        if (!this.#resume()) return false;
      } else if (!this.#checkOther(instruction)) return false;
    }
  }

  #nextTarget(): number {
    return this.#pending.at(-1)?.position ?? Number.POSITIVE_INFINITY;
  }

  /** A RETURN of the default just set would be the shorter form. */
  #checkReturn(): boolean {
    return this.#previous !== DEFAULT && this.#map.number(SYSTEMS) !== END;
  }

  #checkOther(instruction: number): boolean {
    if (instruction === JUMP) return this.#checkJump();
    if (instruction === MATCH) return this.#checkMatch();
    if (instruction !== DEFAULT || this.#previous === DEFAULT) return false;
    this.#previous = DEFAULT;
    return this.#map.number(SYSTEMS) !== END;
  }

  #checkJump(): boolean {
    const distance = this.#map.number(DISTANCES);
    const target = this.#map.position + distance;
    if (distance === END || target > this.#map.end || this.#bitsLeft === 0) return false;
    if (target >= this.#nextTarget()) return false; // jumps would cross
    this.#bitsLeft--;
    this.#pending.push({ position: target, bitsLeft: this.#bitsLeft });
    this.#previous = JUMP;
    return true;
  }

  /** In a row of matches one at most is shorter than eight bits. */
  #checkMatch(): boolean {
    const pattern = this.#map.number(PATTERNS);
    if (pattern === END) return false;
    const length = patternLength(pattern);
    if (this.#previous !== MATCH) this.#hadShortMatch = false;
    if (length < 8 && this.#hadShortMatch) return false;
    this.#hadShortMatch = length < 8;
    this.#bitsLeft -= length;
    this.#previous = MATCH;
    return this.#bitsLeft >= 0;
  }

  /** Goes on behind the last open jump, which must lead right here: other bits would never be reached. */
  #resume(): boolean {
    const next = this.#pending.pop();
    if (next === undefined || next.position !== this.#map.position) return false;
    this.#bitsLeft = next.bitsLeft;
    this.#previous = JUMP;
    return true;
  }

  /** Nothing behind the last RETURN but zeros up to the end of its byte. */
  #endsWithPadding(): boolean {
    if (this.#map.end - this.#map.position > 7) return false;
    for (let bit = this.#map.bit(); bit !== END; bit = this.#map.bit()) {
      if (bit === 1) return false;
    }
    return true;
  }
}

/** Whether the bytes are a map that may be used, for addresses of 128 bits (Core CheckStandardAsmap). */
export function isValidAsmap(bytes: Uint8Array): boolean {
  return bytes.length <= ASMAP_BYTES_MAX && new MapCheck(bytes).run();
}

/** The number of the system that an address belongs to; 0: to none. The map must be valid; the address has 16 bytes. */
export function lookUpAsmap(map: Uint8Array, address: Uint8Array): number {
  const reader = new MapReader(map);
  let at = 0;
  let fallback = 0;
  const nextBit = (): number => {
    assert(at < ADDRESS_BITS, 'a checked map reads no more bits than an address has');
    const bit = (address[at >>> 3]! >>> (7 - (at & 7))) & 1;
    at++;
    return bit;
  };
  for (;;) {
    const instruction = reader.number(INSTRUCTIONS);
    if (instruction === RETURN) return reader.number(SYSTEMS);
    if (instruction === DEFAULT) fallback = reader.number(SYSTEMS);
    else if (instruction === JUMP) {
      const distance = reader.number(DISTANCES);
      if (nextBit() === 1) reader.position += distance;
    } else {
      assert(instruction === MATCH, 'a checked map ends with a RETURN');
      const pattern = reader.number(PATTERNS);
      for (let i = patternLength(pattern) - 1; i >= 0; i--) {
        if (nextBit() !== ((pattern >>> i) & 1)) return fallback;
      }
    }
  }
}
