// Bytes as letters that carry a few bits each, the first bits first, without padding: what base32 and base64 of RFC 4648 have in
// common. Alphabets and padding are their affair.

/** The text of some bytes; the number of letters is a power of two. Bits that are missing at the end are zeros. */
export function encodeLetters(bytes: Uint8Array, letters: string): string {
  const letterBits = Math.log2(letters.length);
  let text = '';
  let pending = 0;
  let pendingBits = 0;
  for (const byte of bytes) {
    pending = pending * 256 + byte;
    pendingBits += 8;
    while (pendingBits >= letterBits) {
      pendingBits -= letterBits;
      const unit = 2 ** pendingBits;
      text += letters[Math.floor(pending / unit)]!;
      pending %= unit;
    }
  }
  return pendingBits === 0 ? text : text + letters[pending * 2 ** (letterBits - pendingBits)]!;
}

/**
 * The bytes of a text; null when a letter is none (`digitOf` gives -1), when a letter is too many, or when bits that are left over are
 * not zero.
 */
export function decodeLetters(text: string, letterBits: number, digitOf: (code: number) => number): Uint8Array | null {
  const bytes = new Uint8Array(Math.floor((text.length * letterBits) / 8));
  let length = 0;
  let pending = 0;
  let pendingBits = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = digitOf(text.charCodeAt(i));
    if (digit < 0) return null;
    pending = pending * 2 ** letterBits + digit;
    pendingBits += letterBits;
    if (pendingBits < 8) continue;
    pendingBits -= 8;
    const unit = 2 ** pendingBits;
    bytes[length++] = Math.floor(pending / unit);
    pending %= unit;
  }
  return pending === 0 && pendingBits < letterBits ? bytes : null;
}
