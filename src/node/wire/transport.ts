// How messages become a stream of bytes and come out of one again, without any input or output: it is fed what a connection
// received and drained of what the connection is to send. transport-v1.ts is the plain form; an encrypted one (BIP324) fits behind
// the same interface. What a payload means is registry.ts's part. Mirrors Core's class Transport (net.h).

import type { Traffic } from './traffic.ts';

/** What came out of the stream. */
export type Received =
  /** A whole message. The command may be one that nobody knows. The payload pins no other bytes than its message's. */
  | { readonly type: 'message'; readonly command: string; readonly payload: Uint8Array }
  /** A message that is dropped, while its sender stays (W02). `logText` is Core's sentence without the peer. */
  | { readonly type: 'ignored'; readonly reason: 'wrong-checksum' | 'invalid-command'; readonly logText: string }
  /** Bytes that no peer of this network sends, or a message that nobody may send: to be disconnected (W01). The last thing to come. */
  | { readonly type: 'fatal'; readonly reason: 'wrong-magic' | 'too-large'; readonly logText: string };

/** A connection's end of the protocol of bytes. */
export interface Transport {
  /** Name of the form, as getpeerinfo tells it. */
  readonly protocol: 'v1' | 'v2';
  /** Takes bytes in. It may keep the array itself: it must not change afterwards. */
  receive(bytes: Uint8Array): void;
  /** The next thing that came in whole; null: more bytes are needed. Nothing is lost by asking later. */
  next(): Received | null;
  /** Bytes that came in and have not come out. To be bounded by whoever reads the connection: it stops reading. */
  readonly pendingBytes: number;
  /** Queues a message. The payload must not change afterwards. */
  send(command: string, payload: Uint8Array): void;
  /** What is to be sent now, in order; the queue is empty afterwards. */
  takeBytesToSend(): Uint8Array[];
  /** What came in, as messages. */
  readonly received: Traffic;
  /** What was queued, as messages. */
  readonly sent: Traffic;
}
