// The packets of an encrypted connection (BIP324): an encrypted length of three bytes, then contents with a flag in front and a tag
// behind. Both directions have keys of their own, derived from the secret that the two sides share. Mirrors Core's BIP324Cipher.

import { AEAD_TAG_BYTES, type ChaCha20Poly1305 } from '../../kernel/crypto/chacha20-poly1305.ts';
import { FsChaCha20, FsChaCha20Poly1305 } from '../../kernel/crypto/fschacha20.ts';
import { HkdfSha256 } from '../../kernel/crypto/hkdf-sha256.ts';
import { readU16, writeU16 } from '../../kernel/encoding/numbers.ts';
import { concatBytes } from '../../kernel/util/bytes.ts';
import { fromByteText } from './byte-text.ts';

/** Bytes of the encrypted length. */
export const PACKET_LENGTH_BYTES = 3;

/** Bytes in front of the contents, encrypted with them: flags. */
const PACKET_HEADER_BYTES = 1;

/** The packet means nothing (IGNORE_BIT). */
const DECOY_FLAG = 0x80;

/** Bytes of a packet beyond its length field and its contents. */
export const PACKET_SEAL_BYTES: number = PACKET_HEADER_BYTES + AEAD_TAG_BYTES;

/** By how much a packet is longer than its contents (Core EXPANSION). */
export const PACKET_OVERHEAD_BYTES: number = PACKET_LENGTH_BYTES + PACKET_SEAL_BYTES;

/** Bytes of what ends the garbage of a side. */
export const GARBAGE_TERMINATOR_BYTES = 16;

/** What the keys of a connection are derived from. */
export interface PacketSecret {
  /** What both sides know, 32 bytes. */
  readonly secret: Uint8Array;
  /** The network, so that connections between two do not come about. */
  readonly magic: Uint8Array;
  /** Whether we dialled. */
  readonly isInitiator: boolean;
}

/** A packet that was opened. */
export interface OpenedPacket {
  readonly isDecoy: boolean;
  readonly contents: Uint8Array;
}

/** The four ciphers of a connection, and what else comes of its secret. */
export class PacketCipher {
  /** For people who compare it over another way: equal at both ends, if nobody is between them. */
  readonly sessionId: Uint8Array;
  readonly sendTerminator: Uint8Array;
  readonly receiveTerminator: Uint8Array;
  readonly #sendLength: FsChaCha20;
  readonly #sendPacket: FsChaCha20Poly1305;
  readonly #receiveLength: FsChaCha20;
  readonly #receivePacket: FsChaCha20Poly1305;

  constructor({ secret, magic, isInitiator }: PacketSecret, aead: ChaCha20Poly1305) {
    const keys = new HkdfSha256(secret, concatBytes(fromByteText('bitcoin_v2_shared_secret'), magic));
    const derive = (name: string): Uint8Array => keys.deriveKey(fromByteText(name));
    const [ours, theirs] = isInitiator ? ['initiator', 'responder'] : ['responder', 'initiator'];
    this.#sendLength = new FsChaCha20(derive(`${ours}_L`), PACKET_LENGTH_BYTES);
    this.#sendPacket = new FsChaCha20Poly1305(derive(`${ours}_P`), aead);
    this.#receiveLength = new FsChaCha20(derive(`${theirs}_L`), PACKET_LENGTH_BYTES);
    this.#receivePacket = new FsChaCha20Poly1305(derive(`${theirs}_P`), aead);
    const terminators = derive('garbage_terminators');
    const ofInitiator = terminators.subarray(0, GARBAGE_TERMINATOR_BYTES);
    const ofResponder = terminators.subarray(GARBAGE_TERMINATOR_BYTES);
    this.sendTerminator = isInitiator ? ofInitiator : ofResponder;
    this.receiveTerminator = isInitiator ? ofResponder : ofInitiator;
    this.sessionId = derive('session_id');
    keys.clear();
  }

  /** Makes the next packet that we send, of contents in two parts. Its length has three bytes: at most 2^24 - 1. */
  seal(head: Uint8Array, body: Uint8Array, associated: Uint8Array, isDecoy = false): Uint8Array {
    const length = head.length + body.length;
    const packet = new Uint8Array(length + PACKET_OVERHEAD_BYTES);
    writeU16(packet, 0, length);
    packet[2] = Math.floor(length / 2 ** 16);
    this.#sendLength.cryptInPlace(packet.subarray(0, PACKET_LENGTH_BYTES));
    packet[PACKET_LENGTH_BYTES] = isDecoy ? DECOY_FLAG : 0;
    packet.set(head, PACKET_LENGTH_BYTES + PACKET_HEADER_BYTES);
    packet.set(body, PACKET_LENGTH_BYTES + PACKET_HEADER_BYTES + head.length);
    this.#sendPacket.sealInPlace(associated, packet.subarray(PACKET_LENGTH_BYTES));
    return packet;
  }

  /** How long the contents of the next packet are. To be asked once for each; who cannot authenticate it may say anything. */
  openLength(field: Uint8Array): number {
    const bytes = field.slice();
    this.#receiveLength.cryptInPlace(bytes);
    return readU16(bytes, 0) + bytes[2]! * 2 ** 16;
  }

  /** Opens the rest of a packet; null: it is not what the other side sent, or not with these associated data. */
  open(sealed: Uint8Array, associated: Uint8Array): OpenedPacket | null {
    const opened = this.#receivePacket.open(associated, sealed);
    if (opened === null) return null;
    return { isDecoy: (opened[0]! & DECOY_FLAG) !== 0, contents: opened.subarray(PACKET_HEADER_BYTES) };
  }
}
