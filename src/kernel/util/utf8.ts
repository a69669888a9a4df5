// UTF-8 bytes of a text, for code that runs on no platform in particular and so has no TextEncoder.

/** UTF-8 of a text; half of a surrogate pair becomes U+FFFD, as TextEncoder does it. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    const point = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), continuation(point));
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), continuation(point >> 6), continuation(point));
    else bytes.push(0xf0 | (point >> 18), continuation(point >> 12), continuation(point >> 6), continuation(point));
  }
  return Uint8Array.from(bytes);
}

/** A continuation byte with the low six bits. */
function continuation(bits: number): number {
  return 0x80 | (bits & 0x3f);
}
