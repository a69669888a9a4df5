// How many bytes went over a connection, in all and by message type: what getpeerinfo tells. Types that nobody knows and messages
// that were thrown away are counted together, so that a peer cannot make the table grow (Core mapRecvBytesPerMsgType).

import { isMessageType } from './protocol.ts';

/** What is counted under no type of its own (Core NET_MESSAGE_TYPE_OTHER). */
export const OTHER_MESSAGES = '*other*';

/** One direction of a connection. */
export class Traffic {
  readonly #bytesByType = new Map<string, number>();
  #totalBytes = 0;

  /** Bytes of all messages with their headers, and of what goes before them. */
  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** Bytes by message type, headers included; types without any are not there. */
  get bytesByType(): ReadonlyMap<string, number> {
    return this.#bytesByType;
  }

  /** Counts a message. */
  add(command: string, sizeBytes: number): void {
    const type = isMessageType(command) ? command : OTHER_MESSAGES;
    this.#bytesByType.set(type, (this.#bytesByType.get(type) ?? 0) + sizeBytes);
    this.#totalBytes += sizeBytes;
  }

  /** Counts bytes that belong to no message: those of a handshake of the stream itself. */
  addUntyped(sizeBytes: number): void {
    this.#totalBytes += sizeBytes;
  }
}
