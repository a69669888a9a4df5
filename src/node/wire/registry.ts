// One codec for every command: the only place where bytes and messages meet. A command that nobody knows is no error, and neither
// are bytes behind a message; counts are not judged here. Core has this in the branches of ProcessMessage.

import { type DecodeError, decodeResult } from '../../kernel/encoding/decode-error.ts';
import { ByteReader } from '../../kernel/encoding/reader.ts';
import { ok, type Result } from '../../kernel/util/result.ts';
import { addrCodec, addrv2Codec } from './messages/addr.ts';
import { blockCodec, getblocksCodec, getheadersCodec, headersCodec, merkleblockCodec } from './messages/blocks.ts';
import type { Codec } from './messages/codec.ts';
import { blocktxnCodec, cmpctblockCodec, getblocktxnCodec } from './messages/compact.ts';
import { feefilterCodec, getaddrCodec, mempoolCodec, pingCodec, pongCodec } from './messages/control.ts';
import {
  cfcheckptCodec,
  cfheadersCodec,
  cfilterCodec,
  filteraddCodec,
  filterclearCodec,
  filterloadCodec,
  getcfcheckptCodec,
  getcfheadersCodec,
  getcfiltersCodec,
} from './messages/filters.ts';
import {
  featureCodec,
  sendaddrv2Codec,
  sendcmpctCodec,
  sendheadersCodec,
  sendtxrcnclCodec,
  verackCodec,
  versionCodec,
  wtxidrelayCodec,
} from './messages/handshake.ts';
import { getdataCodec, invCodec, notfoundCodec, txCodec } from './messages/inventory.ts';
import type { Message, MessageOf } from './messages.ts';
import { isMessageType, type MessageType } from './protocol.ts';

const CODECS: { readonly [Type in MessageType]: Codec<MessageOf<Type>> } = Object.freeze({
  version: versionCodec,
  verack: verackCodec,
  addr: addrCodec,
  addrv2: addrv2Codec,
  sendaddrv2: sendaddrv2Codec,
  inv: invCodec,
  getdata: getdataCodec,
  merkleblock: merkleblockCodec,
  getblocks: getblocksCodec,
  getheaders: getheadersCodec,
  tx: txCodec,
  headers: headersCodec,
  block: blockCodec,
  getaddr: getaddrCodec,
  mempool: mempoolCodec,
  ping: pingCodec,
  pong: pongCodec,
  notfound: notfoundCodec,
  filterload: filterloadCodec,
  filteradd: filteraddCodec,
  filterclear: filterclearCodec,
  sendheaders: sendheadersCodec,
  feefilter: feefilterCodec,
  sendcmpct: sendcmpctCodec,
  cmpctblock: cmpctblockCodec,
  getblocktxn: getblocktxnCodec,
  blocktxn: blocktxnCodec,
  getcfilters: getcfiltersCodec,
  cfilter: cfilterCodec,
  getcfheaders: getcfheadersCodec,
  cfheaders: cfheadersCodec,
  getcfcheckpt: getcfcheckptCodec,
  cfcheckpt: cfcheckptCodec,
  wtxidrelay: wtxidrelayCodec,
  sendtxrcncl: sendtxrcnclCodec,
  feature: featureCodec,
});

/**
 * The message of a payload; null for a command that nobody knows. Keeps a reference to `payload`, which must hold nothing else and
 * not change afterwards.
 */
export function decodeMessage(command: string, payload: Uint8Array): Result<Message | null, DecodeError> {
  if (!isMessageType(command)) return ok(null);
  const codec: Codec<Message> = CODECS[command] as Codec<never>;
  return decodeResult(() => codec.decode(new ByteReader(payload)));
}

/** The payload of a message; not to be changed, since it may be the bytes that the message itself is made of. */
export function encodeMessage(message: Message): Uint8Array {
  const codec = CODECS[message.type] as Codec<Message>;
  return codec.encode(message);
}

/**
 * What Core says of an error in a payload, for logs: `Exception '…' caught`. Payloads are read from a DataStream there, while the
 * kernel names the reader of everything else.
 */
export function describeDecodeError(error: DecodeError): string {
  switch (error.reason) {
    case 'SpanReader::read(): end of data':
      return 'DataStream::read(): end of data';
    case 'Address too long':
      return `Address too long: ${error.got} > ${error.expected}`;
    case 'BIP155 address with bad length':
      return `BIP155 ${error.what} address with length ${error.got} (should be ${error.expected})`;
    default:
      return error.reason;
  }
}
