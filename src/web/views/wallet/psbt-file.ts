// A PSBT comes as bytes in a file or as base64 in a text; here both become the text that the node reads.

/** The first bytes of every PSBT (BIP174): "psbt" and 0xff. */
const MAGIC: readonly number[] = Object.freeze([0x70, 0x73, 0x62, 0x74, 0xff]);

/** Largest one that is read: a transaction of four million weight units with all it spends is smaller, and so is what the node takes. */
export const PSBT_BYTES_MAX = 16_000_000;

/** The bytes of base64; null: it is none. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    const binary = atob(text);
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
    return bytes;
  } catch {
    return null;
  }
}

/** Bytes of a round are turned into letters together: arguments of a call are limited. */
const ROUND_BYTES = 8192;

function encodeBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += ROUND_BYTES) {
    binary += String.fromCharCode(...bytes.subarray(at, at + ROUND_BYTES));
  }
  return btoa(binary);
}

/** The text of the PSBT in a file, which may hold bytes or a text; null: there is none. */
export function readPsbtFile(bytes: Uint8Array): string | null {
  if (MAGIC.every((byte, i) => bytes[i] === byte)) return encodeBase64(bytes);
  return cleanPsbtText(new TextDecoder().decode(bytes));
}

/** A text that was pasted, without blanks and line ends; null: it is no PSBT. */
export function cleanPsbtText(text: string): string | null {
  if (text.length > PSBT_BYTES_MAX) return null;
  const clean = text.replace(/\s+/g, '');
  // The magic bytes in base64; the node judges the rest.
  return /^cHNidP[89A-Za-z+/0-7][A-Za-z0-9+/]*={0,2}$/.test(clean) ? clean : null;
}
