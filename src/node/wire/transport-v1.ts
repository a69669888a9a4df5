// The plain form of the stream: each message has a header of 24 bytes (magic of the network, command, length, checksum), then its
// payload. Mirrors Core's V1Transport (net.cpp) and CMessageHeader (protocol.cpp). A length is judged before a byte is allocated for
// it, and never allocated in advance (W01, D01, CVE-2015-3641).

import { sha256dInto } from '../../kernel/crypto/sha256.ts';
import { readU32, writeU32 } from '../../kernel/encoding/numbers.ts';
import { assert } from '../../kernel/util/assert.ts';
import { equalRange, toHex } from '../../kernel/util/bytes.ts';
import { ByteQueue } from './byte-queue.ts';
import { COMMAND_BYTES, type CommandField, readCommandField, writeCommandField } from './command-field.ts';
import { MAX_PROTOCOL_MESSAGE_LENGTH, sanitizeText } from './protocol.ts';
import { OTHER_MESSAGES, Traffic } from './traffic.ts';
import { PAYLOAD_BYTES_MAX, type Received, type Transport } from './transport.ts';

const MAGIC_BYTES = 4;
const COMMAND_AT = MAGIC_BYTES;
const LENGTH_AT = COMMAND_AT + COMMAND_BYTES;
const CHECKSUM_AT = LENGTH_AT + 4;
const CHECKSUM_BYTES = 4;

/** Bytes of a header (protocol.h HEADER_SIZE). */
export const V1_HEADER_BYTES: number = CHECKSUM_AT + CHECKSUM_BYTES;

/** Longest payload that goes out in one piece with its header: copying it costs less than a second piece. Arbitrary. */
const JOINED_PAYLOAD_BYTES_MAX = 1024;

/** A header that was read, of a message that is still coming. */
interface Header extends CommandField {
  readonly payloadBytes: number;
  readonly checksum: Uint8Array;
}

/** One end of a connection in the plain form. */
export class TransportV1 implements Transport {
  readonly protocol = 'v1';
  readonly sessionId = null;
  readonly isUnanswered = false;
  readonly received: Traffic = new Traffic();
  readonly sent: Traffic = new Traffic();
  readonly #magic: Uint8Array;
  readonly #queue: ByteQueue = new ByteQueue();
  readonly #headerBytes: Uint8Array = new Uint8Array(V1_HEADER_BYTES);
  readonly #digest: Uint8Array = new Uint8Array(32);
  #header: Header | null = null;
  #isBroken = false;
  #toSend: Uint8Array[] = [];

  /** `magic`: the four bytes that the messages of a network begin with. */
  constructor(magic: Uint8Array) {
    this.#magic = magic;
  }

  get pendingBytes(): number {
    return this.#queue.length;
  }

  receive(bytes: Uint8Array): void {
    if (!this.#isBroken) this.#queue.append(bytes);
  }

  next(): Received | null {
    if (this.#isBroken) return null;
    if (this.#header === null) {
      if (this.#queue.length < V1_HEADER_BYTES) return null;
      this.#queue.peekInto(this.#headerBytes);
      const fatal = this.#checkHeader();
      if (fatal !== null) return fatal;
      this.#header = readHeader(this.#headerBytes);
      this.#queue.skip(V1_HEADER_BYTES);
    }
    if (this.#queue.length < this.#header.payloadBytes) {
      this.#queue.trim();
      return null;
    }
    const header = this.#header;
    this.#header = null;
    return this.#finish(header, this.#queue.take(header.payloadBytes, V1_HEADER_BYTES));
  }

  /** What ends the connection; afterwards nothing is taken in any more. */
  #checkHeader(): Received | null {
    const bytes = this.#headerBytes;
    if (!equalRange(bytes, 0, this.#magic, 0, MAGIC_BYTES)) {
      const magicHex = toHex(bytes.subarray(0, MAGIC_BYTES));
      return this.#break('wrong-magic', `Header error: Wrong MessageStart ${magicHex} received`);
    }
    const payloadBytes = readU32(bytes, LENGTH_AT);
    if (payloadBytes > MAX_PROTOCOL_MESSAGE_LENGTH) {
      return this.#break('too-large', `Header error: Size too large (${describe(readHeader(bytes))})`);
    }
    return null;
  }

  #break(reason: 'wrong-magic' | 'too-large', logText: string): Received {
    this.#isBroken = true;
    this.#queue.skip(this.#queue.length);
    return { type: 'fatal', reason, logText };
  }

  #finish(header: Header, payload: Uint8Array): Received {
    const sizeBytes = V1_HEADER_BYTES + payload.length;
    sha256dInto(payload, 0, payload.length, this.#digest, 0);
    if (!equalRange(this.#digest, 0, header.checksum, 0, CHECKSUM_BYTES)) {
      this.received.add(OTHER_MESSAGES, sizeBytes);
      const expectedHex = toHex(this.#digest.subarray(0, CHECKSUM_BYTES));
      const logText = `Header error: Wrong checksum (${describe(header)}), expected ${expectedHex} was ${toHex(header.checksum)}`;
      return { type: 'ignored', reason: 'wrong-checksum', logText };
    }
    if (!header.isValid) {
      this.received.add(OTHER_MESSAGES, sizeBytes);
      const logText = `Header error: Invalid message type (${describe(header)})`;
      return { type: 'ignored', reason: 'invalid-command', logText };
    }
    this.received.add(header.command, sizeBytes);
    return { type: 'message', command: header.command, payload };
  }

  send(command: string, payload: Uint8Array): void {
    const header = this.#encodeHeader(command, payload);
    this.sent.add(command, header.length + payload.length);
    if (payload.length > JOINED_PAYLOAD_BYTES_MAX) {
      this.#toSend.push(header, payload);
      return;
    }
    const joined = new Uint8Array(header.length + payload.length);
    joined.set(header);
    joined.set(payload, header.length);
    this.#toSend.push(joined);
  }

  #encodeHeader(command: string, payload: Uint8Array): Uint8Array {
    assert(command.length <= COMMAND_BYTES, 'a command of at most 12 bytes');
    assert(payload.length <= PAYLOAD_BYTES_MAX, 'a payload that can be sent');
    const header = new Uint8Array(V1_HEADER_BYTES);
    header.set(this.#magic);
    writeCommandField(header, COMMAND_AT, command);
    writeU32(header, LENGTH_AT, payload.length);
    sha256dInto(payload, 0, payload.length, this.#digest, 0);
    header.set(this.#digest.subarray(0, CHECKSUM_BYTES), CHECKSUM_AT);
    return header;
  }

  takeBytesToSend(): Uint8Array[] {
    const bytes = this.#toSend;
    this.#toSend = [];
    return bytes;
  }
}

function readHeader(bytes: Uint8Array): Header {
  return {
    ...readCommandField(bytes.subarray(COMMAND_AT, COMMAND_AT + COMMAND_BYTES)),
    payloadBytes: readU32(bytes, LENGTH_AT),
    checksum: bytes.slice(CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_BYTES),
  };
}

/** `inv, 37 bytes`, safe to log. */
function describe({ command, payloadBytes }: Header): string {
  return `${sanitizeText(command)}, ${payloadBytes} bytes`;
}
