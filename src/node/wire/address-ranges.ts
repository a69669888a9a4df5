// Ranges of IP addresses that are set apart for something, as tests of raw bytes in network order: four for IPv4, sixteen for
// IPv6. Mirrors the IsRFC… of Core's CNetAddr (netaddress.cpp); which of them matter for what, net-address.ts says.

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  for (let i = 0; i < prefix.length; i++) {
    if (bytes[i] !== prefix[i]) return false;
  }
  return true;
}

function isWithin(byte: number, low: number, high: number): boolean {
  return byte >= low && byte <= high;
}

// --- IPv4

/** This machine itself: 127/8 and 0/8. */
export function isLoopbackIpv4(ipv4: Uint8Array): boolean {
  return ipv4[0] === 127 || ipv4[0] === 0;
}

/** Private networks: 10/8, 172.16/12, 192.168/16. */
export function isRfc1918(ipv4: Uint8Array): boolean {
  return ipv4[0] === 10 || (ipv4[0] === 172 && isWithin(ipv4[1]!, 16, 31)) || (ipv4[0] === 192 && ipv4[1] === 168);
}

/** Benchmarks between networks: 198.18/15. */
export function isRfc2544(ipv4: Uint8Array): boolean {
  return ipv4[0] === 198 && isWithin(ipv4[1]!, 18, 19);
}

/** Addresses that a machine gave itself: 169.254/16. */
export function isRfc3927(ipv4: Uint8Array): boolean {
  return ipv4[0] === 169 && ipv4[1] === 254;
}

/** Documentation: 192.0.2/24, 198.51.100/24, 203.0.113/24. */
export function isRfc5737(ipv4: Uint8Array): boolean {
  return startsWith(ipv4, [192, 0, 2]) || startsWith(ipv4, [198, 51, 100]) || startsWith(ipv4, [203, 0, 113]);
}

/** Address translation at a provider: 100.64/10. */
export function isRfc6598(ipv4: Uint8Array): boolean {
  return ipv4[0] === 100 && isWithin(ipv4[1]!, 64, 127);
}

// --- IPv6

const LOOPBACK = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const RFC4862_PREFIX = [0xfe, 0x80, 0, 0, 0, 0, 0, 0];
const RFC6052_PREFIX = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0];
const RFC6145_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0];

/** This machine itself: ::1. */
export function isLoopbackIpv6(ipv6: Uint8Array): boolean {
  return startsWith(ipv6, LOOPBACK);
}

/** Documentation: 2001:db8::/32. */
export function isRfc3849(ipv6: Uint8Array): boolean {
  return startsWith(ipv6, [0x20, 0x01, 0x0d, 0xb8]);
}

/** 6to4 tunnels: 2002::/16. */
export function isRfc3964(ipv6: Uint8Array): boolean {
  return startsWith(ipv6, [0x20, 0x02]);
}

/** Private networks: fc00::/7. */
export function isRfc4193(ipv6: Uint8Array): boolean {
  return (ipv6[0]! & 0xfe) === 0xfc;
}

/** Teredo tunnels: 2001::/32. */
export function isRfc4380(ipv6: Uint8Array): boolean {
  return startsWith(ipv6, [0x20, 0x01, 0, 0]);
}

/** Hashes instead of places, first kind (ORCHID): 2001:10::/28. */
export function isRfc4843(ipv6: Uint8Array): boolean {
  return startsWith(ipv6, [0x20, 0x01, 0]) && (ipv6[3]! & 0xf0) === 0x10;
}

/** Addresses that a machine gave itself: fe80::/64. */
export function isRfc4862(ipv6: Uint8Array): boolean {
  return startsWith(ipv6, RFC4862_PREFIX);
}

/** IPv4 under the well-known prefix for translation: 64:ff9b::/96. */
export function isRfc6052(ipv6: Uint8Array): boolean {
  return startsWith(ipv6, RFC6052_PREFIX);
}

/** IPv4 translated: ::ffff:0:0:0/96. */
export function isRfc6145(ipv6: Uint8Array): boolean {
  return startsWith(ipv6, RFC6145_PREFIX);
}

/** Hashes instead of places, second kind (ORCHIDv2): 2001:20::/28. */
export function isRfc7343(ipv6: Uint8Array): boolean {
  return startsWith(ipv6, [0x20, 0x01, 0]) && (ipv6[3]! & 0xf0) === 0x20;
}

/** The tunnels of Hurricane Electric: 2001:470::/32. */
export function isHurricaneElectric(ipv6: Uint8Array): boolean {
  return startsWith(ipv6, [0x20, 0x01, 0x04, 0x70]);
}
