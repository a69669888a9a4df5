// Base32 of RFC 4648 in lower case and without padding: how the addresses of onion services and of I2P are written. Mirrors Core's
// EncodeBase32 and DecodeBase32 (util/strencodings) for lengths that both kinds of address have.

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** The text of some bytes. */
export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let pending = 0;
  let pendingBits = 0;
  for (const byte of bytes) {
    pending = pending * 256 + byte;
    pendingBits += 8;
    while (pendingBits >= 5) {
      pendingBits -= 5;
      const unit = 2 ** pendingBits;
      text += ALPHABET[Math.floor(pending / unit)]!;
      pending %= unit;
    }
  }
  return pendingBits === 0 ? text : text + ALPHABET[pending * 2 ** (5 - pendingBits)]!;
}

/** The value of a digit in either case; -1: it is none. Only ASCII letters are folded. */
function digitOf(code: number): number {
  if (code >= 97 && code <= 122) return code - 97;
  if (code >= 65 && code <= 90) return code - 65;
  if (code >= 50 && code <= 55) return code - 24;
  return -1;
}

/** The bytes of a text in either case; null when it is none, or when bits that are left over are not zero. */
export function decodeBase32(text: string): Uint8Array | null {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let length = 0;
  let pending = 0;
  let pendingBits = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = digitOf(text.charCodeAt(i));
    if (digit < 0) return null;
    pending = pending * 32 + digit;
    pendingBits += 5;
    if (pendingBits < 8) continue;
    pendingBits -= 8;
    const unit = 2 ** pendingBits;
    bytes[length++] = Math.floor(pending / unit);
    pending %= unit;
  }
  return pending === 0 && pendingBits < 5 ? bytes : null;
}
