// Messages about the connection itself: pings, the fee filter, requests without content (BIP31, BIP35, BIP133).

import { ByteWriter } from '../../../kernel/encoding/writer.ts';
import type { FeeFilterMessage, MessageOf, PingMessage, PongMessage } from '../messages.ts';
import { type Codec, emptyCodec } from './codec.ts';

/** Bytes of a nonce. */
const NONCE_BYTES = 8;

function encodeNonce({ nonce }: PingMessage | PongMessage): Uint8Array {
  return nonce === null ? new Uint8Array(0) : new ByteWriter(NONCE_BYTES).u64(nonce).finish();
}

/** `ping`. An empty one is of the time before nonces; part of a nonce is none. */
export const pingCodec: Codec<PingMessage> = {
  decode: (reader) => ({ type: 'ping', nonce: reader.remaining === 0 ? null : reader.u64('nonce') }),
  encode: encodeNonce,
};

/** `pong`. A short one is taken for an answer without a nonce, as Core's ProcessPong does (W16). */
export const pongCodec: Codec<PongMessage> = {
  decode: (reader) => ({ type: 'pong', nonce: reader.remaining < NONCE_BYTES ? null : reader.u64('nonce') }),
  encode: encodeNonce,
};

/** `feefilter`. Whether the rate is an amount of money at all is for the receiver to check (W16). */
export const feefilterCodec: Codec<FeeFilterMessage> = {
  decode: (reader) => ({ type: 'feefilter', feeRateSat: reader.i64('fee rate') }),
  encode: (message) => new ByteWriter(8).i64(message.feeRateSat).finish(),
};

/** `getaddr` asks for addresses. */
export const getaddrCodec: Codec<MessageOf<'getaddr'>> = emptyCodec('getaddr');
/** `mempool` asks for the txids of all transactions that wait (BIP35). */
export const mempoolCodec: Codec<MessageOf<'mempool'>> = emptyCodec('mempool');
