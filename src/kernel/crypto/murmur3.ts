// MurmurHash3, x86 form with 32 bits (Appleby, public domain): the hash of Bloom filters, those of BIP37 and the rolling ones.
// Not a keyed hash: whoever knows the seed makes collisions at will, so the seed is random where strangers choose the input.
// Mirrors Core's MurmurHash3 (hash.cpp).

const FACTOR_1 = 0xcc9e2d51;
const FACTOR_2 = 0x1b873593;

function mixWord(word: number): number {
  const product = Math.imul(word, FACTOR_1);
  return Math.imul((product << 15) | (product >>> 17), FACTOR_2);
}

/** MurmurHash3 of `bytes` from `start` to `end` under a 32-bit `seed`, as an unsigned 32-bit integer. */
export function murmur3(seed: number, bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  const length = end - start;
  const tailAt = end - (length & 3);
  let hash = seed | 0;
  for (let at = start; at < tailAt; at += 4) {
    hash ^= mixWord(bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  if (tailAt < end) {
    let word = 0;
    for (let at = end - 1; at >= tailAt; at--) word = (word << 8) | bytes[at]!;
    hash ^= mixWord(word);
  }
  hash ^= length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
