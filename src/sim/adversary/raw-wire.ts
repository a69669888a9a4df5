// Messages as raw bytes, written down a second time for hostile peers: they can say what the node's own codecs refuse to say, and a
// mistake that the codecs make in both directions shows. Reads frames and no more of them than an attacker needs.

import { sha256 } from '../../kernel/crypto/sha256.ts';
import { readU32, writeU32 } from '../../kernel/encoding/numbers.ts';
import { concatBytes } from '../../kernel/util/bytes.ts';

const HEADER_BYTES = 24;
const PROTOCOL_VERSION = 70_016;

/** NODE_NETWORK and NODE_WITNESS. */
const SERVICES = 9;

/** Kinds of inventory. */
export const INV: { readonly tx: number; readonly block: number; readonly witnessBlock: number } = Object.freeze({
  tx: 1,
  block: 2,
  witnessBlock: 0x4000_0002,
});

/** A uint32. */
export function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeU32(bytes, 0, value);
  return bytes;
}

/** A uint64 of a number. */
function u64(value: number): Uint8Array {
  return concatBytes(u32(value % 2 ** 32), u32(Math.floor(value / 2 ** 32)));
}

/** A CompactSize below 2^32. */
export function compactSize(value: number): Uint8Array {
  if (value < 0xfd) return Uint8Array.of(value);
  if (value <= 0xffff) return Uint8Array.of(0xfd, value % 256, Math.floor(value / 256));
  return concatBytes(Uint8Array.of(0xfe), u32(value));
}

/** A message with its frame. */
export function frame(magic: Uint8Array, command: string, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + payload.length);
  bytes.set(magic, 0);
  for (let i = 0; i < command.length; i++) bytes[4 + i] = command.charCodeAt(i);
  writeU32(bytes, 16, payload.length);
  bytes.set(sha256(sha256(payload)).subarray(0, 4), 20);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

/** Takes a stream of bytes apart into messages. */
export class FrameReader {
  #bytes: Uint8Array = new Uint8Array(0);

  /** The messages that are whole with these bytes. */
  read(bytes: Uint8Array): { readonly command: string; readonly payload: Uint8Array }[] {
    this.#bytes = this.#bytes.length === 0 ? bytes : concatBytes(this.#bytes, bytes);
    const messages: { command: string; payload: Uint8Array }[] = [];
    for (;;) {
      if (this.#bytes.length < HEADER_BYTES) return messages;
      const end = HEADER_BYTES + readU32(this.#bytes, 16);
      if (this.#bytes.length < end) return messages;
      let command = '';
      for (let i = 4; i < 16 && this.#bytes[i] !== 0; i++) command += String.fromCharCode(this.#bytes[i]!);
      messages.push({ command, payload: this.#bytes.slice(HEADER_BYTES, end) });
      this.#bytes = this.#bytes.slice(end);
    }
  }
}

/** A `version` that looks like anybody's. */
export function versionPayload(timeSec: number, nonce: Uint8Array, startHeight: number): Uint8Array {
  const nobody = concatBytes(u64(SERVICES), new Uint8Array(16), Uint8Array.of(0, 0));
  const agent = '/Satoshi:29.0.0/';
  return concatBytes(
    u32(PROTOCOL_VERSION),
    u64(SERVICES),
    u64(timeSec),
    nobody,
    nobody,
    nonce,
    compactSize(agent.length),
    Uint8Array.from(agent, (character) => character.charCodeAt(0)),
    u32(startHeight),
    Uint8Array.of(1),
  );
}

/** `inv`, `getdata` or `notfound`. */
export function inventoryPayload(kind: number, hashes: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(36 * hashes.length);
  hashes.forEach((hash, i) => {
    writeU32(bytes, 36 * i, kind);
    bytes.set(hash, 36 * i + 4);
  });
  return concatBytes(compactSize(hashes.length), bytes);
}

/** The hashes of an inventory with less than 253 entries, or those of its first 252. */
export function readInventory(payload: Uint8Array): { readonly kind: number; readonly hash: Uint8Array }[] {
  const items: { kind: number; hash: Uint8Array }[] = [];
  const count = payload[0] ?? 0;
  if (count >= 0xfd) return items;
  for (let at = 1; at + 36 <= payload.length; at += 36) {
    items.push({ kind: readU32(payload, at), hash: payload.slice(at + 4, at + 36) });
  }
  return items;
}

/** `headers`: 80 bytes each and a count of no transactions. */
export function headersPayload(headers: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(81 * headers.length);
  headers.forEach((header, i) => {
    bytes.set(header.subarray(0, 80), 81 * i);
  });
  return concatBytes(compactSize(headers.length), bytes);
}

/** Hashes of the locator of a `getheaders`. */
export function readLocator(payload: Uint8Array): Uint8Array[] {
  const hashes: Uint8Array[] = [];
  const count = payload[4] ?? 0;
  for (let at = 5; hashes.length < count && at + 32 <= payload.length; at += 32)
    hashes.push(payload.slice(at, at + 32));
  return hashes;
}

/** `addr` with IPv4 addresses of four bytes. */
export function addrPayload(
  entries: readonly { readonly timeSec: number; readonly ip: Uint8Array; readonly port: number }[],
): Uint8Array {
  const mapped = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);
  const parts = entries.map(({ timeSec, ip, port }) =>
    concatBytes(u32(timeSec), u64(SERVICES), mapped, ip, Uint8Array.of(Math.floor(port / 256), port % 256)),
  );
  return concatBytes(compactSize(entries.length), ...parts);
}
