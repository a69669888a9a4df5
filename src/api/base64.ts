// Base64 (RFC 4648, section 4) with padding, for signed messages and PSBTs: strict in reading, as Core's DecodeBase64.

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const LETTER_CODES: Uint8Array = Uint8Array.from(LETTERS, (letter) => letter.charCodeAt(0));
const PADDING_CODE = 61;

/** The six bits of each character code; those of no letter are 0. */
const LETTER_BITS: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) =>
  Math.max(0, LETTERS.indexOf(String.fromCharCode(code))),
);

/** Texts are made in pieces of so many bytes: one that grew letter by letter takes long to be read, and a call takes few arguments. */
const PIECE_BYTES = 3 * 4096;

/** The text of bytes. */
export function formatBase64(bytes: Uint8Array): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    text += formatPiece(bytes.subarray(start, start + PIECE_BYTES));
  }
  return text;
}

function formatPiece(bytes: Uint8Array): string {
  const codes: number[] = [];
  for (let at = 0; at < bytes.length; at += 3) {
    const word = bytes[at]! * 65_536 + (bytes[at + 1] ?? 0) * 256 + (bytes[at + 2] ?? 0);
    const letterCount = Math.min(4, bytes.length - at + 1);
    for (let i = 0; i < 4; i++) {
      codes.push(i < letterCount ? LETTER_CODES[(word >>> (18 - 6 * i)) & 63]! : PADDING_CODE);
    }
  }
  return String.fromCharCode(...codes);
}

/** The bytes of a text; null for one that is no base64, or not padded, or has bits left over. */
export function parseBase64(text: string): Uint8Array | null {
  const match = /^([A-Za-z0-9+/]*)(={0,2})$/.exec(text);
  if (match === null || text.length % 4 !== 0) return null;
  const letterCount = match[1]!.length;
  const bytes = new Uint8Array(Math.floor((letterCount * 3) / 4));
  let bits = 0;
  let bitCount = 0;
  let at = 0;
  for (let i = 0; i < letterCount; i++) {
    bits = (bits * 64 + LETTER_BITS[text.charCodeAt(i)]!) % 2 ** 14;
    bitCount += 6;
    if (bitCount < 8) continue;
    bitCount -= 8;
    bytes[at++] = (bits >>> bitCount) % 256;
  }
  return bits % 2 ** bitCount === 0 ? bytes : null;
}
