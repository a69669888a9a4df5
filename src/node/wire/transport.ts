// How messages become a stream of bytes and come out of one again, without any input or output: it is fed what a connection
// received and drained of what the connection is to send. transport-v1.ts is the plain form, transport-v2.ts the encrypted one
// (BIP324). What a payload means is registry.ts's part. Mirrors Core's class Transport (net.h).

import type { Traffic } from './traffic.ts';

/**
 * Longest payload that both forms can carry: with its longest type in 2^24 - 1 bytes (BIP324). A peer takes far less, and hangs up;
 * whoever wants to see that may send it.
 */
export const PAYLOAD_BYTES_MAX: number = 2 ** 24 - 1 - 13;

/** The form of a stream, as getpeerinfo tells it. `detecting`: it is not certain yet which it will be. */
export type TransportProtocol = 'detecting' | 'v1' | 'v2';

/** What makes a stream one that nobody of this network sends, or nobody who may. */
export type StreamFault = 'wrong-magic' | 'too-large' | 'no-garbage-terminator' | 'not-authentic';

/** What came out of the stream. */
export type Received =
  /** A whole message. The command may be one that nobody knows. The payload pins no other bytes than its message's. */
  | { readonly type: 'message'; readonly command: string; readonly payload: Uint8Array }
  /** A message that is dropped, while its sender stays (W02). `logText` is Core's sentence without the peer. */
  | { readonly type: 'ignored'; readonly reason: 'wrong-checksum' | 'invalid-command'; readonly logText: string }
  /** Something of the stream itself, a step of a handshake or a packet without meaning; `logText` is what Core says to it. */
  | { readonly type: 'progress'; readonly logText: string | null }
  /** Bytes that no peer of this network sends, or a message that nobody may send: to be disconnected (W01). The last thing to come. */
  | { readonly type: 'fatal'; readonly reason: StreamFault; readonly logText: string };

/** A connection's end of the protocol of bytes. */
export interface Transport {
  readonly protocol: TransportProtocol;
  /** What both ends know of an encrypted stream and nobody between them (BIP324); null: it is not encrypted. */
  readonly sessionId: Uint8Array | null;
  /** We began an encrypted handshake, and not one byte has come: the other end may not know of encryption. */
  readonly isUnanswered: boolean;
  /** Takes bytes in. It may keep the array itself: it must not change afterwards. */
  receive(bytes: Uint8Array): void;
  /**
   * The next thing that came in whole; null: more bytes are needed. Nothing is lost by asking later. There may be bytes to send
   * afterwards.
   */
  next(): Received | null;
  /** Bytes that came in and have not come out. To be bounded by whoever reads the connection: it stops reading. */
  readonly pendingBytes: number;
  /** Queues a message. The payload has at most {@link PAYLOAD_BYTES_MAX} bytes, and must not change afterwards. */
  send(command: string, payload: Uint8Array): void;
  /** What is to be sent now, in order. What has to wait for the end of a handshake stays. */
  takeBytesToSend(): Uint8Array[];
  /** What came in, as messages. */
  readonly received: Traffic;
  /** What was made ready to be sent, as messages. */
  readonly sent: Traffic;
}
