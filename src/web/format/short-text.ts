// Texts that are too long to be shown whole, and texts that strangers wrote.

/** Letters at each end of a hash that are left: enough to tell any two on one screen apart. */
const END_LETTERS = 8;

/** A hash or address with its middle left out. */
export function shortenMiddle(text: string, endLetters: number = END_LETTERS): string {
  return text.length <= 2 * endLetters + 1 ? text : `${text.slice(0, endLetters)}…${text.slice(-endLetters)}`;
}

/** Marks that turn the direction of writing, control characters, and characters that nobody sees (R07). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** A text of a stranger (a user agent, a coinbase, a message) without what could make it look like another one. */
export function plainText(text: string, lengthMax = 200): string {
  const plain = text.replace(UNSEEN, '\u00b7');
  return plain.length <= lengthMax ? plain : `${plain.slice(0, lengthMax)}…`;
}

/** Bytes in hex as the text they may be; null: they are none that a person can read. */
export function readableHex(hex: string): string | null {
  if (!/^(?:[0-9a-f]{2})+$/.test(hex)) return null;
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number(`0x${pair}`));
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return /[\p{L}\p{N}]/u.test(text) && text.replace(UNSEEN, '') === text ? text : null;
  } catch {
    return null;
  }
}
