// The one error of every decoder. Decoders throw it inside and return it as a Result at their door, so that outside bytes
// never surface as an exception of the language.

import { err, ok, type Result } from '../util/result.ts';

/**
 * What can be wrong with encoded bytes. The text is Bitcoin Core's where Core has one (serialize.h, transaction.h,
 * blockencodings.h, netaddress.h, where numbers follow).
 */
export type DecodeReason =
  | 'SpanReader::read(): end of data'
  | 'non-canonical ReadCompactSize()'
  | 'ReadCompactSize(): size too large'
  | 'ReadVarInt(): size too large'
  | 'Superfluous witness record'
  | 'Unknown transaction optional data'
  | 'String length limit exceeded'
  | 'Vector length limit exceeded'
  | 'CompactSize exceeds limit of type'
  | 'differential value overflow'
  | 'indexes overflowed 16 bits'
  | 'Address too long'
  | 'BIP155 address with bad length'
  | 'trailing bytes'
  | 'bad length'
  | 'bad value';

/** Bytes that do not decode: which item, at which offset, what was found and what was needed. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly reason: DecodeReason;
  /** The item that was being read, e.g. `scriptSig`. */
  readonly what: string;
  /** Offset in bytes from the start of the decoded buffer. */
  readonly offset: number;
  readonly got: number | undefined;
  readonly expected: number | undefined;

  constructor(reason: DecodeReason, what: string, offset: number, got?: number, expected?: number) {
    super(`${reason}: ${what} at ${offset}`);
    this.reason = reason;
    this.what = what;
    this.offset = offset;
    this.got = got;
    this.expected = expected;
  }
}

/** Runs a decoder that throws {@link DecodeError} and hands the outcome back as a value; anything else passes through. */
export function decodeResult<T>(decode: () => T): Result<T, DecodeError> {
  try {
    return ok(decode());
  } catch (error) {
    if (error instanceof DecodeError) return err(error);
    throw error;
  }
}
