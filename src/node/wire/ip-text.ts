// IP addresses as text: dotted decimal for IPv4, RFC 5952 for IPv6. Mirrors Core's IPv4ToString and IPv6ToString for writing and
// what a resolver takes as numeric for reading, but for the odd forms of old (octal, hexadecimal, fewer than four numbers), which
// are refused. No scopes (`%eth0`).

/** `1.2.3.4` */
export function formatIpv4(bytes: Uint8Array): string {
  return bytes.join('.');
}

/** Four bytes of a text, or null when it is no IPv4 address. */
export function parseIpv4(text: string): Uint8Array | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  const bytes = new Uint8Array(4);
  for (let i = 0; i < 4; i++) {
    const part = parts[i]!;
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null;
    bytes[i] = Number(part);
  }
  return bytes;
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
    const ipv4 = mayEndWithIpv4 && i === parts.length - 1 ? parseIpv4(part) : null;
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
