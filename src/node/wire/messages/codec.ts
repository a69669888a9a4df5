// What a codec of one message is. Decoders read what they need and leave the rest of a payload alone: bytes behind a message are
// tolerated, as in Core, so that later versions can add to it (W04).

import type { ByteReader } from '../../../kernel/encoding/reader.ts';
import type { EmptyMessage } from '../messages.ts';

/** Reads and writes the payload of one message. */
export interface Codec<M> {
  /**
   * Reads a payload; `reader` stands at its start, which is offset 0 of its bytes. Throws DecodeError, and allocates nothing that the
   * bytes do not warrant (W05).
   */
  decode(reader: ByteReader): M;
  /** The payload of a message: new bytes, or those that the message holds anyway. */
  encode(message: M): Uint8Array;
}

const NO_PAYLOAD = new Uint8Array(0);

/** The codec of a message that says all by its name. */
export function emptyCodec<Type extends EmptyMessage['type']>(
  type: Type,
): Codec<EmptyMessage & { readonly type: Type }> {
  const message = Object.freeze({ type });
  return { decode: () => message, encode: () => NO_PAYLOAD };
}
