// The encrypted form of the stream (BIP324). Both sides send a key of 64 bytes and garbage, then what ends the garbage and an empty
// packet that authenticates it; every message is a packet from then on. Nothing of it can be told from chance by who listens.
// Who was dialled does not know yet whether the other side encrypts: a plain stream begins with the network's magic and `version`, and
// is handed to transport-v1.ts. Mirrors Core's V2Transport (net.cpp).
//
// What a stranger can make it hold: what {@link Transport.pendingBytes} says, the garbage twice while its end is looked for (4111
// bytes), and one packet. Work is done when {@link TransportV2.next} is asked, one packet or one step of the handshake at a time, so
// that decoys and handshakes take turns with everything else.

import type { ChaCha20Poly1305 } from '../../kernel/crypto/chacha20-poly1305.ts';
import { computeEllSwiftSecret, ELLSWIFT_BYTES } from '../../kernel/crypto/ellswift.ts';
import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import { assert } from '../../kernel/util/assert.ts';
import { concatBytes, EMPTY_BYTES, equalRange, toHex } from '../../kernel/util/bytes.ts';
import { ByteQueue } from './byte-queue.ts';
import { fromByteText } from './byte-text.ts';
import { COMMAND_BYTES, readCommandField, writeCommandField } from './command-field.ts';
import { GARBAGE_BYTES_MAX, type HandshakeKeys } from './handshake-keys.ts';
import {
  GARBAGE_TERMINATOR_BYTES,
  PACKET_LENGTH_BYTES,
  PACKET_OVERHEAD_BYTES,
  PACKET_SEAL_BYTES,
  PacketCipher,
} from './packet-cipher.ts';
import { MAX_PROTOCOL_MESSAGE_LENGTH } from './protocol.ts';
import { shortIdOf, typeOfShortId } from './short-ids.ts';
import { OTHER_MESSAGES, Traffic } from './traffic.ts';
import {
  PAYLOAD_BYTES_MAX,
  type Received,
  type StreamFault,
  type Transport,
  type TransportProtocol,
} from './transport.ts';
import { TransportV1 } from './transport-v1.ts';

/** What a plain stream has behind the magic of its network: the type of its first message. */
const V1_FIRST_COMMAND: Uint8Array = fromByteText('version\0\0\0\0\0');

/** Garbage and its end. */
const GARBAGE_SEARCH_BYTES: number = GARBAGE_BYTES_MAX + GARBAGE_TERMINATOR_BYTES;

/** Longest contents of a packet: a type in full, and a payload (Core MAX_CONTENTS_LEN). */
const CONTENTS_BYTES_MAX: number = 1 + COMMAND_BYTES + MAX_PROTOCOL_MESSAGE_LENGTH;

/** What the empty first packet says; there is nothing yet that it could (BIP324 transport version). */
const VERSION_CONTENTS = EMPTY_BYTES;

/** What the encrypted end of a connection is made with. */
export interface TransportV2Parts {
  /** The four bytes that plain messages of the network begin with. */
  readonly magic: Uint8Array;
  /** Whether we dialled: then we speak first, and encrypt. */
  readonly isInitiator: boolean;
  readonly secp: Secp256k1;
  readonly aead: ChaCha20Poly1305;
  /** Draws what this side needs for a handshake. Called once at most, and not for plain streams. */
  readonly createKeys: () => HandshakeKeys;
}

/** What is awaited from the other side. */
type Stage =
  /** Its first bytes, which tell whether it encrypts. */
  | 'any'
  | 'key'
  | 'garbage'
  /** The packet that authenticates the garbage. */
  | 'version'
  | 'messages'
  /** Nothing more. */
  | 'broken';

/** A message that waits for the end of the handshake. */
interface Waiting {
  readonly command: string;
  readonly payload: Uint8Array;
}

/** One end of a connection in the encrypted form. */
export class TransportV2 implements Transport {
  readonly #parts: TransportV2Parts;
  readonly #queue: ByteQueue = new ByteQueue();
  readonly #received: Traffic = new Traffic();
  readonly #sent: Traffic = new Traffic();
  /** Set when the other side does not encrypt; everything is its part from then on. */
  #plain: TransportV1 | null = null;
  #stage: Stage;
  #keys: HandshakeKeys | null = null;
  #hasToldOfStart = false;
  #cipher: PacketCipher | null = null;
  /** As far as the end of the garbage has been looked for. */
  #searchedBytes = 0;
  /** What the next packet from the other side authenticates besides itself. */
  #associated: Uint8Array = EMPTY_BYTES;
  /** Length of the contents of the packet that is coming; null: it is not known yet. */
  #contentsBytes: number | null = null;
  #waiting: Waiting[] = [];
  #toSend: Uint8Array[] = [];

  constructor(parts: TransportV2Parts) {
    this.#parts = parts;
    this.#stage = parts.isInitiator ? 'key' : 'any';
    if (parts.isInitiator) this.#beginHandshake();
  }

  get protocol(): TransportProtocol {
    if (this.#plain !== null) return 'v1';
    // Only what the other side has authenticated shows that both have the same keys.
    return this.sessionId === null ? 'detecting' : 'v2';
  }

  get sessionId(): Uint8Array | null {
    return this.#stage === 'messages' ? this.#cipher!.sessionId : null;
  }

  get isUnanswered(): boolean {
    return this.#parts.isInitiator && this.#stage === 'key' && this.#queue.length === 0;
  }

  get received(): Traffic {
    return this.#plain?.received ?? this.#received;
  }

  get sent(): Traffic {
    return this.#plain?.sent ?? this.#sent;
  }

  get pendingBytes(): number {
    return this.#plain?.pendingBytes ?? this.#queue.length;
  }

  receive(bytes: Uint8Array): void {
    if (this.#plain !== null) this.#plain.receive(bytes);
    else if (this.#stage !== 'broken') this.#queue.append(bytes);
  }

  next(): Received | null {
    if (this.#plain !== null) return this.#plain.next();
    if (!this.#hasToldOfStart && this.#keys !== null) {
      this.#hasToldOfStart = true;
      return { type: 'progress', logText: 'start sending v2 handshake to' };
    }
    switch (this.#stage) {
      case 'any':
        return this.#detect();
      case 'key':
        return this.#takeKey();
      case 'garbage':
        return this.#takeGarbage();
      case 'version':
      case 'messages':
        return this.#takePacket(this.#stage);
      case 'broken':
        return null;
    }
  }

  // --- the handshake --------------------------------------------------------------------------------------------------

  /** The first byte that a plain stream would not have makes it an encrypted one. */
  #detect(): Received | null {
    const prefix = concatBytes(this.#parts.magic, V1_FIRST_COMMAND);
    const count = Math.min(prefix.length, this.#queue.length);
    const first = this.#peek(count);
    if (!equalRange(first, 0, prefix, 0, count)) {
      this.#stage = 'key';
      this.#beginHandshake();
      return this.next();
    }
    if (count < prefix.length) return null;
    this.#plain = new TransportV1(this.#parts.magic);
    this.#plain.receive(this.#queue.take(this.#queue.length, 0));
    for (const { command, payload } of this.#waiting) this.#plain.send(command, payload);
    this.#waiting = [];
    return { type: 'progress', logText: null };
  }

  #beginHandshake(): void {
    const keys = this.#parts.createKeys();
    assert(keys.garbage.length <= GARBAGE_BYTES_MAX, 'transport v2: garbage that the other side takes');
    this.#keys = keys;
    this.#pushHandshake(concatBytes(keys.publicKey, keys.garbage));
  }

  #takeKey(): Received | null {
    const count = Math.min(ELLSWIFT_BYTES, this.#queue.length);
    const theirs = this.#peek(count);
    if (this.#isPlainOfAnotherNetwork(theirs)) {
      const magicHex = toHex(theirs.subarray(0, this.#parts.magic.length));
      return this.#break('wrong-magic', `V1 peer with wrong MessageStart ${magicHex}`);
    }
    if (count < ELLSWIFT_BYTES) return null;
    this.#queue.skip(ELLSWIFT_BYTES);
    this.#finishHandshake(theirs);
    this.#stage = 'garbage';
    return { type: 'progress', logText: null };
  }

  /** Chance alone would make a key look like that once in 2^96. */
  #isPlainOfAnotherNetwork(first: Uint8Array): boolean {
    const { magic, isInitiator } = this.#parts;
    const end = magic.length + V1_FIRST_COMMAND.length;
    if (isInitiator || first.length < end) return false;
    return equalRange(first, magic.length, V1_FIRST_COMMAND, 0, V1_FIRST_COMMAND.length);
  }

  /** Everything that we have to say before messages, and the messages that waited for it. */
  #finishHandshake(theirs: Uint8Array): void {
    const { secp, aead, magic, isInitiator } = this.#parts;
    const { secret: ourSecret, publicKey, garbage } = this.#keys!;
    const secret = computeEllSwiftSecret(secp, ourSecret, { ours: publicKey, theirs, isInitiator });
    assert(secret !== null, 'transport v2: a secret that has a public key');
    this.#cipher = new PacketCipher({ secret, magic, isInitiator }, aead);
    secret.fill(0);
    ourSecret.fill(0);
    this.#keys = null;
    const version = this.#cipher.seal(EMPTY_BYTES, VERSION_CONTENTS, garbage);
    this.#pushHandshake(concatBytes(this.#cipher.sendTerminator, version));
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { command, payload } of waiting) this.#seal(this.#cipher, command, payload);
  }

  #pushHandshake(bytes: Uint8Array): void {
    this.#sent.addUntyped(bytes.length);
    this.#toSend.push(bytes);
  }

  /** Looks for the end of the garbage, in each place once. */
  #takeGarbage(): Received | null {
    const terminator = this.#cipher!.receiveTerminator;
    const bytes = this.#peek(Math.min(GARBAGE_SEARCH_BYTES, this.#queue.length));
    const last = bytes.length - GARBAGE_TERMINATOR_BYTES;
    for (let at = this.#searchedBytes; at <= last; at++) {
      if (!equalRange(bytes, at, terminator, 0, GARBAGE_TERMINATOR_BYTES)) continue;
      this.#associated = bytes.slice(0, at);
      this.#queue.skip(at + GARBAGE_TERMINATOR_BYTES);
      this.#stage = 'version';
      return this.next();
    }
    this.#searchedBytes = Math.max(0, last + 1);
    if (bytes.length < GARBAGE_SEARCH_BYTES) return null;
    return this.#break('no-garbage-terminator', 'missing garbage terminator');
  }

  // --- packets --------------------------------------------------------------------------------------------------------

  #takePacket(stage: 'version' | 'messages'): Received | null {
    if (this.#contentsBytes === null) {
      if (this.#queue.length < PACKET_LENGTH_BYTES) return null;
      this.#contentsBytes = this.#cipher!.openLength(this.#queue.take(PACKET_LENGTH_BYTES, 0));
      if (this.#contentsBytes > CONTENTS_BYTES_MAX) {
        return this.#break('too-large', `packet too large (${this.#contentsBytes} bytes)`);
      }
    }
    const sealedBytes = this.#contentsBytes + PACKET_SEAL_BYTES;
    if (this.#queue.length < sealedBytes) {
      this.#queue.trim();
      return null;
    }
    const packet = this.#cipher!.open(this.#queue.take(sealedBytes, sealedBytes), this.#associated);
    if (packet === null) {
      return this.#break('not-authentic', `packet decryption failure (${this.#contentsBytes} bytes)`);
    }
    this.#contentsBytes = null;
    this.#associated = EMPTY_BYTES;
    if (packet.isDecoy) return { type: 'progress', logText: null };
    if (stage === 'messages') return this.#readMessage(packet.contents);
    // What the first packet says is left to versions to come.
    this.#stage = 'messages';
    return { type: 'progress', logText: null };
  }

  #readMessage(contents: Uint8Array): Received {
    const sizeBytes = contents.length + PACKET_OVERHEAD_BYTES;
    const message = splitContents(contents);
    if (message === null) {
      this.#received.add(OTHER_MESSAGES, sizeBytes);
      const logText = `V2 transport error: invalid message type (${contents.length} bytes contents)`;
      return { type: 'ignored', reason: 'invalid-command', logText };
    }
    this.#received.add(message.command, sizeBytes);
    return { type: 'message', ...message };
  }

  #break(reason: StreamFault, text: string): Received {
    this.#stage = 'broken';
    this.#queue.skip(this.#queue.length);
    return { type: 'fatal', reason, logText: `V2 transport error: ${text}` };
  }

  #peek(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.#queue.peekInto(bytes);
    return bytes;
  }

  // --- sending --------------------------------------------------------------------------------------------------------

  send(command: string, payload: Uint8Array): void {
    assert(command.length <= COMMAND_BYTES, 'transport v2: a command of at most 12 bytes');
    assert(payload.length <= PAYLOAD_BYTES_MAX, 'transport v2: a payload that can be sent');
    if (this.#plain !== null) this.#plain.send(command, payload);
    else if (this.#cipher !== null) this.#seal(this.#cipher, command, payload);
    else this.#waiting.push({ command, payload });
  }

  #seal(cipher: PacketCipher, command: string, payload: Uint8Array): void {
    const packet = cipher.seal(encodeType(command), payload, EMPTY_BYTES);
    this.#sent.add(command, packet.length);
    this.#toSend.push(packet);
  }

  takeBytesToSend(): Uint8Array[] {
    if (this.#plain !== null) return this.#plain.takeBytesToSend();
    const bytes = this.#toSend;
    this.#toSend = [];
    return bytes;
  }
}

/** One byte where there is a number for the type, else a zero and the type in full. */
function encodeType(command: string): Uint8Array {
  const id = shortIdOf(command);
  if (id !== null) return Uint8Array.of(id);
  const bytes = new Uint8Array(1 + COMMAND_BYTES);
  writeCommandField(bytes, 1, command);
  return bytes;
}

/** The message in a packet; null: its type is nothing that can be one. */
function splitContents(contents: Uint8Array): { readonly command: string; readonly payload: Uint8Array } | null {
  const [id] = contents;
  if (id === undefined) return null;
  if (id !== 0) {
    const command = typeOfShortId(id);
    return command === null ? null : { command, payload: contents.subarray(1) };
  }
  const payloadAt = 1 + COMMAND_BYTES;
  if (contents.length < payloadAt) return null;
  const { command, isValid } = readCommandField(contents.subarray(1, payloadAt));
  return isValid ? { command, payload: contents.subarray(payloadAt) } : null;
}
