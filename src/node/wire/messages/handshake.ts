// The messages that open a connection: version, verack, and what is negotiated between the two or right after them (BIP14, BIP37,
// BIP130, BIP152, BIP155, BIP330, BIP339, BIP434). Mirrors what Core's ProcessMessage reads and PushNodeVersion writes.

import { DecodeError } from '../../../kernel/encoding/decode-error.ts';
import type { ByteReader } from '../../../kernel/encoding/reader.ts';
import { ByteWriter } from '../../../kernel/encoding/writer.ts';
import { fromByteText, toByteText } from '../byte-text.ts';
import type { FeatureMessage, MessageOf, SendCmpctMessage, SendTxRcnclMessage, VersionMessage } from '../messages.ts';
import { unspecifiedAddress } from '../net-address.ts';
import {
  MAX_FEATUREDATA_LENGTH,
  MAX_FEATUREID_LENGTH,
  MAX_SUBVERSION_LENGTH,
  MIN_FEATUREID_LENGTH,
} from '../protocol.ts';
import { readLegacyAddress, writeLegacyAddress } from './address-fields.ts';
import { type Codec, emptyCodec } from './codec.ts';

/** Services and address of the sender, which nobody reads. */
const SENDER_BYTES = 26;

/** What a `version` says that ends right after the address of the receiver, as the first ones did (Core's initial values). */
const SHORT_VERSION: Pick<VersionMessage, 'nonce' | 'userAgent' | 'startHeight' | 'relay'> = Object.freeze({
  nonce: 1n,
  userAgent: '',
  startHeight: -1,
  relay: true,
});

/** A byte string of at most `lengthMax` bytes as text (Core LIMITED_STRING). */
function readLimitedText(reader: ByteReader, lengthMax: number, what: string): string {
  const at = reader.position;
  const length = reader.compactSize(what);
  if (length > lengthMax) throw new DecodeError('String length limit exceeded', what, at, length, lengthMax);
  return toByteText(reader.view(length, what));
}

/** A `version` may end after the receiver, the nonce, the user agent or the height, and nowhere else (W06). */
function decodeVersion(reader: ByteReader): VersionMessage {
  const version = reader.i32('version');
  const services = reader.u64('services');
  const timeSec = reader.i64('time');
  const receiverServices = reader.u64('services of the receiver');
  const receiver = readLegacyAddress(reader);
  let { nonce, userAgent, startHeight, relay } = SHORT_VERSION;
  if (reader.remaining > 0) {
    reader.skip(SENDER_BYTES, 'sender');
    nonce = reader.u64('nonce');
  }
  if (reader.remaining > 0) userAgent = readLimitedText(reader, MAX_SUBVERSION_LENGTH, 'user agent');
  if (reader.remaining > 0) startHeight = reader.i32('start height');
  if (reader.remaining > 0) relay = reader.u8('relay') !== 0;
  return {
    type: 'version',
    version,
    services,
    timeSec,
    receiverServices,
    receiver,
    nonce,
    userAgent,
    startHeight,
    relay,
  };
}

function encodeVersion(message: VersionMessage): Uint8Array {
  const writer = new ByteWriter();
  writer.u32(message.version).u64(message.services).i64(message.timeSec).u64(message.receiverServices);
  writeLegacyAddress(writer, message.receiver);
  writer.u64(message.services);
  writeLegacyAddress(writer, unspecifiedAddress());
  return writer
    .u64(message.nonce)
    .varBytes(fromByteText(message.userAgent))
    .u32(message.startHeight)
    .u8(message.relay ? 1 : 0)
    .finish();
}

/** `version`. The address of the sender is written as zeros and not read. */
export const versionCodec: Codec<VersionMessage> = { decode: decodeVersion, encode: encodeVersion };

/** `verack` ends the handshake. */
export const verackCodec: Codec<MessageOf<'verack'>> = emptyCodec('verack');
/** `wtxidrelay`: announce transactions by wtxid (BIP339). */
export const wtxidrelayCodec: Codec<MessageOf<'wtxidrelay'>> = emptyCodec('wtxidrelay');
/** `sendaddrv2`: send `addrv2` instead of `addr` (BIP155). */
export const sendaddrv2Codec: Codec<MessageOf<'sendaddrv2'>> = emptyCodec('sendaddrv2');
/** `sendheaders`: announce blocks by header (BIP130). */
export const sendheadersCodec: Codec<MessageOf<'sendheaders'>> = emptyCodec('sendheaders');

/** `sendcmpct`. */
export const sendcmpctCodec: Codec<SendCmpctMessage> = {
  decode: (reader) => ({ type: 'sendcmpct', announce: reader.u8('announce'), version: reader.u64('version') }),
  encode: (message) => new ByteWriter(9).u8(message.announce).u64(message.version).finish(),
};

/** `sendtxrcncl`. */
export const sendtxrcnclCodec: Codec<SendTxRcnclMessage> = {
  decode: (reader) => ({ type: 'sendtxrcncl', version: reader.u32('version'), salt: reader.u64('salt') }),
  encode: (message) => new ByteWriter(12).u32(message.version).u64(message.salt).finish(),
};

/** The one message that tolerates nothing: too short or too long names, too much data, bytes behind it (Core, BIP434). */
function decodeFeature(reader: ByteReader): FeatureMessage {
  const featureId = readLimitedText(reader, MAX_FEATUREID_LENGTH, 'feature id');
  const dataAt = reader.position;
  const dataLength = reader.compactSize('feature data');
  if (dataLength > MAX_FEATUREDATA_LENGTH) {
    throw new DecodeError('Vector length limit exceeded', 'feature data', dataAt, dataLength, MAX_FEATUREDATA_LENGTH);
  }
  const data = reader.view(dataLength, 'feature data');
  if (featureId.length < MIN_FEATUREID_LENGTH) {
    throw new DecodeError('bad length', 'feature id', 0, featureId.length, MIN_FEATUREID_LENGTH);
  }
  reader.finish('feature');
  return { type: 'feature', featureId, data };
}

/** `feature`. */
export const featureCodec: Codec<FeatureMessage> = {
  decode: decodeFeature,
  encode: (message) => new ByteWriter().varBytes(fromByteText(message.featureId)).varBytes(message.data).finish(),
};
