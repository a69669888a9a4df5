// Reading PSBT maps: keys with their types, each once, and values in the forms that they come in (Core psbt.h UnserializeFromVector,
// DeserializeKeyOrigin and its kin). What is wrong is thrown as PsbtError in Core's words and returned at the door of decode.ts.

import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import { DecodeError } from '../../kernel/encoding/decode-error.ts';
import { ByteReader } from '../../kernel/encoding/reader.ts';
import { decodeTransaction, type Transaction } from '../../kernel/primitives/transaction.ts';
import { compareBytes, toHex } from '../../kernel/util/bytes.ts';
import type { KeyOrigin } from '../descriptor/key-ring.ts';
import { PROPRIETARY_FIELD, PSBT_ITEMS_MAX } from './field-types.ts';
import { NO_FIELDS, type PsbtFields, type PsbtMap } from './psbt.ts';

/** Why bytes are no PSBT: a sentence, as Core has it. */
export class PsbtError extends Error {
  override readonly name = 'PsbtError';
}

/** A key of a map; its value comes next. */
export interface PsbtKey {
  readonly type: number;
  /** With its type. */
  readonly bytes: Uint8Array;
  /** The same in hexadecimal. */
  readonly name: string;
}

/** Which map is read; errors begin with the name of some. */
export type PsbtMapKind = 'global' | 'input' | 'output';

const KIND_TITLES: Readonly<Record<PsbtMapKind, string>> = Object.freeze({
  global: 'the global map',
  input: 'an input map',
  output: 'an output map',
});

/** Something under construction that nobody else holds. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** The fields with one more, unless the name is taken. Fields of a draft are changed in place, but never the shared empty ones. */
export function addField<T>(fields: PsbtFields<T>, name: string, value: T): PsbtFields<T> {
  const own = fields === NO_FIELDS ? new Map<string, T>() : (fields as Map<string, T>);
  if (!own.has(name)) own.set(name, value);
  return own;
}

/** Throws unless the key has the one length that its type allows. */
export function expectKeySize({ bytes }: PsbtKey, title: string, size: number): void {
  if (bytes.length !== size) throw new PsbtError(`Size of key was not ${size} for the type ${title}`);
}

/** Keeps a field that is somebody's own, or that nobody knows. */
export function readOtherField(reader: PsbtReader, key: PsbtKey, map: Draft<PsbtMap>): void {
  if (key.type !== PROPRIETARY_FIELD) {
    map.unknown = addField(map.unknown, key.name, { key: key.bytes, value: reader.bytes() });
    return;
  }
  const inside = new ByteReader(key.bytes);
  inside.compactSize('type');
  const identifier = inside.varBytes('identifier');
  const subtype = inside.compactSize('subtype');
  const field = { key: key.bytes, value: reader.bytes(), identifier, subtype };
  map.proprietary = addField(map.proprietary, key.name, field);
}

/** A position in a PSBT. */
export class PsbtReader {
  readonly secp: Secp256k1;
  readonly #reader: ByteReader;
  #itemCount = 0;

  constructor(bytes: Uint8Array, secp: Secp256k1) {
    this.#reader = new ByteReader(bytes);
    this.secp = secp;
  }

  get isAtEnd(): boolean {
    return this.#reader.remaining === 0;
  }

  /** The keys of one map up to its separator; the value of each is to be read before the next is asked for. */
  *keys(kind: PsbtMapKind): Generator<PsbtKey, void, void> {
    const seen: Set<string> = new Set();
    this.countItems(1);
    while (!this.isAtEnd) {
      const bytes = this.bytes();
      if (bytes.length === 0) return;
      this.countItems(1);
      const name = toHex(bytes);
      if (seen.has(name)) throw new PsbtError(`Duplicate Key, ${kind} key "${name}" already provided`);
      seen.add(name);
      yield { type: new ByteReader(bytes).compactSize('type'), bytes, name };
    }
    throw new PsbtError(`Separator is missing at the end of ${KIND_TITLES[kind]}`);
  }

  /** Counts what becomes an object of its own, and ends where there are too many. */
  countItems(count: number): void {
    this.#itemCount += count;
    if (this.#itemCount > PSBT_ITEMS_MAX) throw new PsbtError('PSBT has too many fields');
  }

  /** So many bytes. */
  raw(length: number): Uint8Array {
    return this.#reader.view(length, 'PSBT');
  }

  /** A value as it is. */
  bytes(): Uint8Array {
    return this.#reader.varBytes('PSBT');
  }

  /** A script; null for an empty one, which is as good as none. */
  script(): Uint8Array | null {
    const script = this.bytes();
    return script.length === 0 ? null : script;
  }

  /** A value that `read` has to use up. */
  sized<T>(read: (reader: ByteReader) => T): T {
    const size = this.#reader.compactSize('PSBT value');
    const start = this.#reader.position;
    const value = read(this.#reader);
    if (this.#reader.position - start !== size) throw new PsbtError('Size of value was not the stated size');
    return value;
  }

  u32(): number {
    return this.sized((reader) => reader.u32('PSBT value'));
  }

  /** 32 bytes. */
  hash(): Uint8Array {
    return this.sized((reader) => reader.view(32, 'PSBT value'));
  }

  /** 32 bytes, null when all are zero. */
  hashOrNull(): Uint8Array | null {
    const hash = this.hash();
    return hash.every((byte) => byte === 0) ? null : hash;
  }

  transaction(allowsWitness: boolean): Transaction {
    const decoded = decodeTransaction(this.bytes(), { allowWitness: allowsWitness });
    if (decoded.ok) return decoded.value;
    const { reason } = decoded.error;
    throw new PsbtError(reason === 'trailing bytes' ? 'Size of value was not the stated size' : reason);
  }

  /** Where a key comes from. */
  origin(): KeyOrigin {
    return this.#originOf(this.#reader.compactSize('key origin'));
  }

  #originOf(length: number): KeyOrigin {
    if (length % 4 !== 0 || length === 0) throw new PsbtError('Invalid length for HD key path');
    const fingerprint = this.raw(4);
    const inside = new ByteReader(this.raw(length - 4));
    const path: number[] = [];
    while (inside.remaining > 0) path.push(inside.u32('step'));
    return { fingerprint, path };
  }

  /** Leaves that a key stands in, and where it comes from (BIP371). `title` is the kind of map in errors. */
  tapOrigin(title: 'Input' | 'Output'): { readonly leafHashes: readonly Uint8Array[]; readonly origin: KeyOrigin } {
    const size = this.#reader.compactSize('tap derivation');
    const start = this.#reader.position;
    const leafHashes: Uint8Array[] = [];
    const count = this.#reader.count(32, 'leaf hashes');
    this.countItems(count);
    for (let i = 0; i < count; i++) leafHashes.push(this.raw(32));
    const left = size - (this.#reader.position - start);
    if (left < 0) throw new PsbtError(`${title} Taproot BIP32 keypath has an invalid length`);
    leafHashes.sort(compareBytes);
    const distinct = leafHashes.filter((hash, i) => i === 0 || compareBytes(hash, leafHashes[i - 1]!) !== 0);
    return { leafHashes: distinct, origin: this.#originOf(left) };
  }

  /** A key that is a point of the curve; anything else is thrown with the sentence given. */
  expectPublicKey(bytes: Uint8Array, error = 'Invalid pubkey'): Uint8Array {
    if (!this.secp.isValidPublicKey(bytes)) throw new PsbtError(error);
    return bytes;
  }
}

/** The sentence of an error of reading; anything else is thrown on. */
export function describeReadError(error: unknown): string {
  if (error instanceof PsbtError) return error.message;
  if (error instanceof DecodeError) return error.reason;
  throw error;
}
