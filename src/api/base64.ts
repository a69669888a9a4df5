// Base64 (RFC 4648, section 4) with padding, for signed messages: strict in reading, as Core's DecodeBase64.

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The text of bytes. */
export function formatBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const word = bytes[at]! * 65_536 + (bytes[at + 1] ?? 0) * 256 + (bytes[at + 2] ?? 0);
    const letterCount = Math.min(4, bytes.length - at + 1);
    for (let i = 0; i < 4; i++) text += i < letterCount ? LETTERS[(word >>> (18 - 6 * i)) & 63]! : '=';
  }
  return text;
}

/** The bytes of a text; null for one that is no base64, or not padded, or has bits left over. */
export function parseBase64(text: string): Uint8Array | null {
  const match = /^([A-Za-z0-9+/]*)(={0,2})$/.exec(text);
  if (match === null || text.length % 4 !== 0) return null;
  const letters = match[1]!;
  const bytes = new Uint8Array(Math.floor((letters.length * 3) / 4));
  let bits = 0;
  let bitCount = 0;
  let at = 0;
  for (const letter of letters) {
    bits = (bits * 64 + LETTERS.indexOf(letter)) % 2 ** 14;
    bitCount += 6;
    if (bitCount < 8) continue;
    bitCount -= 8;
    bytes[at++] = Math.floor(bits / 2 ** bitCount) % 256;
  }
  return bits % 2 ** bitCount === 0 ? bytes : null;
}
