// Byte strings that are meant as text. Nothing says which encoding they have, so that every byte becomes the character of the same
// number and no byte is lost; who shows such a text cleans it first.

/** The bytes as text, one character each. */
export function toByteText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** The bytes of a text whose characters are bytes. */
export function fromByteText(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
