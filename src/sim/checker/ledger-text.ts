// Blocks read a second time, for the reference ledger: byte by byte, into texts and bigints, by rules written down here again. Slow
// and obvious; shares nothing with the kernel's readers but SHA-256.

import { sha256 } from '../../kernel/crypto/sha256.ts';
import { toHex } from '../../kernel/util/bytes.ts';

/** An output in words. */
export interface OutputText {
  readonly valueSat: bigint;
  /** Hexadecimal. */
  readonly script: string;
}

/** A transaction in words. */
export interface TransactionText {
  readonly txid: string;
  /** `txid:index` of what each input spends. */
  readonly spends: readonly string[];
  /** Hexadecimal. */
  readonly scriptSigs: readonly string[];
  readonly sequences: readonly number[];
  readonly outputs: readonly OutputText[];
  readonly locktime: number;
  readonly hasWitness: boolean;
}

/** A block in words. Hashes are hexadecimal in the order of their bytes, not as people read them. */
export interface BlockText {
  readonly blockHash: string;
  readonly previous: string;
  readonly merkleRoot: string;
  readonly version: number;
  readonly timeSec: number;
  readonly bits: number;
  readonly transactions: readonly TransactionText[];
}

/** What the input of a coinbase names. */
export const NO_OUTPOINT: string = `${'00'.repeat(32)}:4294967295`;

class Cursor {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  take(length: number): Uint8Array {
    if (this.at + length > this.#bytes.length) throw new Error(`the block ends before byte ${this.at + length}`);
    this.at += length;
    return this.#bytes.slice(this.at - length, this.at);
  }

  since(start: number): Uint8Array {
    return this.#bytes.slice(start, this.at);
  }

  number(length: number): bigint {
    let value = 0n;
    for (const byte of this.take(length).reverse()) value = value * 256n + BigInt(byte);
    return value;
  }

  u32(): number {
    return Number(this.number(4));
  }

  count(): number {
    const first = Number(this.number(1));
    if (first < 0xfd) return first;
    return Number(this.number(first === 0xfd ? 2 : first === 0xfe ? 4 : 8));
  }

  hex(length: number): string {
    return toHex(this.take(length));
  }

  isAtEnd(): boolean {
    return this.at === this.#bytes.length;
  }
}

function repeat<T>(count: number, make: () => T): T[] {
  const made: T[] = [];
  for (let i = 0; i < count; i++) made.push(make());
  return made;
}

/** SHA-256 twice, as text. */
export function hashText(...parts: readonly Uint8Array[]): string {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return toHex(sha256(sha256(joined)));
}

function readTransaction(block: Cursor): TransactionText {
  const version = block.take(4);
  let bodyStart = block.at;
  let inputCount = block.count();
  const hasWitness = inputCount === 0;
  if (hasWitness) {
    block.take(1);
    bodyStart = block.at;
    inputCount = block.count();
  }
  const inputs = repeat(inputCount, () => {
    const txid = block.hex(32);
    const outpoint = `${txid}:${block.u32()}`;
    return { outpoint, scriptSig: block.hex(block.count()), sequence: block.u32() };
  });
  const outputs = repeat(block.count(), () => {
    const valueSat = block.number(8);
    return { valueSat, script: block.hex(block.count()) };
  });
  const body = block.since(bodyStart);
  if (hasWitness) for (let i = 0; i < inputCount; i++) repeat(block.count(), () => block.take(block.count()));
  const locktime = block.take(4);
  return {
    txid: hashText(version, body, locktime),
    spends: inputs.map(({ outpoint }) => outpoint),
    scriptSigs: inputs.map(({ scriptSig }) => scriptSig),
    sequences: inputs.map(({ sequence }) => sequence),
    outputs,
    locktime: Number(new Cursor(locktime).number(4)),
    hasWitness,
  };
}

/** Reads a transaction by itself. Throws on bytes that are none. */
export function readTransactionText(bytes: Uint8Array): TransactionText {
  const cursor = new Cursor(bytes);
  const text = readTransaction(cursor);
  if (!cursor.isAtEnd()) throw new Error('bytes are left after the transaction');
  return text;
}

/** Reads a whole block. Throws on bytes that are none. */
export function readBlockText(bytes: Uint8Array): BlockText {
  const block = new Cursor(bytes);
  const version = block.u32();
  const previous = block.hex(32);
  const merkleRoot = block.hex(32);
  const timeSec = block.u32();
  const bits = block.u32();
  block.u32();
  const blockHash = hashText(block.since(0));
  const transactions = repeat(block.count(), () => readTransaction(block));
  if (!block.isAtEnd()) throw new Error('bytes are left after the block');
  return { blockHash, previous, merkleRoot, version, timeSec, bits, transactions };
}

/** A hash as text, as a number: its bytes are little-endian. */
export function hashNumber(hash: string): bigint {
  return BigInt(`0x${(hash.match(/../g) ?? []).reverse().join('')}`);
}

/** Bytes of text that this file has made. */
export function hexBytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number(`0x${pair}`));
}
