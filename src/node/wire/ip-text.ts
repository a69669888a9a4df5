// IP addresses as text: dotted decimal for IPv4, RFC 5952 for IPv6. Mirrors Core's IPv4ToString and IPv6ToString for writing and
// what a resolver takes as numeric for reading. No scopes (`%eth0`).

/** `1.2.3.4` */
export function formatIpv4(bytes: Uint8Array): string {
  return bytes.join('.');
}

/** A number in C's manner, with at least one digit: 0x and hexadecimal, 0 and octal, decimal. */
const C_NUMBER = /^(?:0x[\da-f]+|0[0-7]*|[1-9]\d*)$/i;

/** Longer texts are not looked at: four octal numbers of 32 bits take less. */
const IPV4_TEXT_LENGTH_MAX = 64;

function parseCNumber(text: string): number {
  if (!C_NUMBER.test(text)) return Number.NaN;
  return Number(/^0\d/.test(text) ? `0o${text}` : text);
}

/**
 * Four bytes of a text, or null when it is no IPv4 address. One to four numbers, of which the last stands for all bytes that are left,
 * as resolvers have taken them since 4.2BSD: `127.1`, `0x7f000001`, `0177.0.0.1` (inet_aton). Operators write such, and must reach what
 * they reach with other programs.
 */
export function parseIpv4(text: string): Uint8Array | null {
  if (text.length > IPV4_TEXT_LENGTH_MAX) return null;
  const numbers = text.split('.', 5).map(parseCNumber);
  const last = numbers.pop()!;
  const bytesLeft = 4 - numbers.length;
  // NaN is no number of bytes, and fails every comparison
  if (bytesLeft < 1 || !numbers.every((number) => number <= 255) || !(last < 256 ** bytesLeft)) return null;
  const bytes = Uint8Array.of(...numbers, 0, 0, 0, 0).slice(0, 4);
  for (let i = 3, rest = last; rest > 0; i--, rest = Math.floor(rest / 256)) bytes[i] = rest % 256;
  return bytes;
}

/** As {@link parseIpv4}, of four decimal numbers: what IPv6 may end with. */
function parseDottedIpv4(text: string): Uint8Array | null {
  return /^(?:(?:0|[1-9]\d{0,2})(?:\.|$)){4}$/.test(text) && !text.endsWith('.') ? parseIpv4(text) : null;
}

/** Groups of 16 bits in an IPv6 address. */
const GROUPS = 8;

/** The longest run of at least two zero groups, the first of equals; an empty one where there is none. */
function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly end: number } {
  let best = { start: 0, end: 0 };
  let start = 0;
  for (let i = 0; i < GROUPS; i++) {
    if (groups[i] !== 0) start = i + 1;
    else if (i + 1 - start > Math.max(1, best.end - best.start)) best = { start, end: i + 1 };
  }
  return best;
}

/** `2001:db8::1`: lower case, no leading zeros, the longest run of zero groups as `::`. */
export function formatIpv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: GROUPS }, (_, i) => bytes[2 * i]! * 256 + bytes[2 * i + 1]!);
  const digits = groups.map((group) => group.toString(16));
  const { start, end } = longestZeroRun(groups);
  if (start === end) return digits.join(':');
  return `${digits.slice(0, start).join(':')}::${digits.slice(end).join(':')}`;
}

/** The groups of one side of `::`, where the last may be an IPv4 address; null when it is malformed. */
function parseGroups(text: string, mayEndWithIpv4: boolean): number[] | null {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [i, part] of parts.entries()) {
    if (/^[\da-fA-F]{1,4}$/.test(part)) {
      groups.push(Number(`0x${part}`));
      continue;
    }
    const ipv4 = mayEndWithIpv4 && i === parts.length - 1 ? parseDottedIpv4(part) : null;
    if (ipv4 === null) return null;
    groups.push(ipv4[0]! * 256 + ipv4[1]!, ipv4[2]! * 256 + ipv4[3]!);
  }
  return groups;
}

/** All groups of an address, `::` filled with zeros; null when it is malformed. */
function parseAllGroups(text: string): number[] | null {
  const sides = text.split('::');
  if (sides.length === 1) return parseGroups(text, true);
  if (sides.length > 2) return null;
  const left = parseGroups(sides[0]!, false);
  const right = parseGroups(sides[1]!, true);
  if (left === null || right === null || left.length + right.length >= GROUPS) return null;
  return [...left, ...new Array<number>(GROUPS - left.length - right.length).fill(0), ...right];
}

/** Sixteen bytes of a text without brackets, or null when it is no IPv6 address. */
export function parseIpv6(text: string): Uint8Array | null {
  const groups = parseAllGroups(text);
  if (groups === null || groups.length !== GROUPS) return null;
  const bytes = new Uint8Array(2 * GROUPS);
  groups.forEach((group, i) => {
    bytes[2 * i] = group >>> 8;
    bytes[2 * i + 1] = group & 0xff;
  });
  return bytes;
}
