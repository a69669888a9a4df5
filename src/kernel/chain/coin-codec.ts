// Coins as Core's databases hold them (coins.h Coin, compressor.h): VARINT of height and coinbase flag, the compressed amount,
// the compressed script. A script is one number and bytes: 0 the hash of P2PKH, 1 the hash of P2SH, 2 to 5 the x coordinate of
// P2PK (2 and 3 a compressed key, 4 and 5 an uncompressed one whose y is even or odd), otherwise the script's length plus 6 and
// the script. Restoring an uncompressed key takes a square root on the curve, hence the curve in the constructor.
//
// Unlike Core, which reads a key that is on no point as an empty script, such bytes are refused: no program wrote them.

import type { CoinRef } from '../consensus/coin.ts';
import { COMPRESSED_KEY_SIZE, type Secp256k1, UNCOMPRESSED_KEY_SIZE } from '../crypto/secp256k1.ts';
import { compactSizeLength, writeCompactSizeAt } from '../encoding/compact-size.ts';
import { DecodeError } from '../encoding/decode-error.ts';
import { writeI64 } from '../encoding/numbers.ts';
import type { ByteReader } from '../encoding/reader.ts';
import { readVarint, writeVarintAt } from '../encoding/varint.ts';
import { OP } from '../script/opcodes.ts';
import { isP2pkh, isP2sh, MAX_SCRIPT_SIZE } from '../script/script.ts';
import { copyRange } from '../util/bytes.ts';
import { COMPRESSED_AMOUNT_BYTES_MAX, readCompressedAmount, writeCompressedAmountAt } from './compressed-amount.ts';

const KIND_P2PKH = 0;
const KIND_P2SH = 1;
/** Kinds below this number are templates; above it the number is the length of the script plus this. */
const SPECIAL_KINDS = 6;

const HASH160_BYTES = 20;
const COORDINATE_BYTES = 32;

/** Most bytes of the code (uint32 as VARINT). */
const CODE_BYTES_MAX = 5;
/** Most bytes of an output beyond its script; a template's 33 bytes are fewer than its script's. */
const OUTPUT_OVERHEAD_MAX = COMPRESSED_AMOUNT_BYTES_MAX + 5;

/** The curve operations that scripts with keys need. */
export type KeyCurve = Pick<Secp256k1, 'isValidPublicKey' | 'convertPublicKey'>;

/** Encodes and decodes coins; owns the memory that decoded coins lie in. */
export class CoinCodec {
  readonly #curve: KeyCurve;
  readonly #output: Uint8Array = new Uint8Array(8 + compactSizeLength(MAX_SCRIPT_SIZE) + MAX_SCRIPT_SIZE);

  constructor(curve: KeyCurve) {
    this.#curve = curve;
  }

  /** Room that {@link writeCoinAt} may need. */
  coinBytesMax(coin: CoinRef): number {
    return CODE_BYTES_MAX + OUTPUT_OVERHEAD_MAX + coin.end - coin.start;
  }

  /** Writes the coin at `at` and returns the position after it. */
  writeCoinAt(target: Uint8Array, at: number, coin: CoinRef): number {
    return this.writeOutputAt(target, writeVarintAt(target, at, coin.code), coin);
  }

  /** Writes amount and script of the coin at `at` and returns the position after them. */
  writeOutputAt(target: Uint8Array, at: number, coin: CoinRef): number {
    const scriptAt = writeCompressedAmountAt(target, at, coin.valueSat);
    return this.#writeScriptAt(target, scriptAt, coin.bytes, coin.scriptStart, coin.end);
  }

  /** The coin in a new array. */
  encodeCoin(coin: CoinRef): Uint8Array {
    const bytes = new Uint8Array(this.coinBytesMax(coin));
    return bytes.slice(0, this.writeCoinAt(bytes, 0, coin));
  }

  /** Reads a coin and points `coin` at it, until this codec reads the next. Throws DecodeError. */
  readCoin(reader: ByteReader, coin: CoinRef): CoinRef {
    return this.readOutput(reader, readCoinCode(reader), coin);
  }

  /** Reads amount and script of the coin whose code is known, and points `coin` at it as {@link readCoin} does. */
  readOutput(reader: ByteReader, code: number, coin: CoinRef): CoinRef {
    const output = this.#output;
    writeI64(output, 0, readCompressedAmount(reader));
    return coin.point(output, 0, this.#readScript(reader), code);
  }

  #writeScriptAt(target: Uint8Array, at: number, script: Uint8Array, start: number, end: number): number {
    if (isP2pkh(script, start, end)) return writeTemplate(target, at, KIND_P2PKH, script, start + 3, HASH160_BYTES);
    if (isP2sh(script, start, end)) return writeTemplate(target, at, KIND_P2SH, script, start + 2, HASH160_BYTES);
    const kind = this.#keyKind(script, start, end);
    if (kind !== 0) return writeTemplate(target, at, kind, script, start + 2, COORDINATE_BYTES);
    const scriptAt = writeVarintAt(target, at, end - start + SPECIAL_KINDS);
    copyRange(script, start, target, scriptAt, end - start);
    return scriptAt + end - start;
  }

  /** 2 to 5 for a key and OP_CHECKSIG where the x coordinate and one bit tell the whole key; 0 for any other script. */
  #keyKind(script: Uint8Array, start: number, end: number): number {
    const keyBytes = end - start - 2;
    if (keyBytes !== COMPRESSED_KEY_SIZE && keyBytes !== UNCOMPRESSED_KEY_SIZE) return 0;
    if (script[start] !== keyBytes || script[end - 1] !== OP.OP_CHECKSIG) return 0;
    const prefix = script[start + 1]!;
    if (keyBytes === COMPRESSED_KEY_SIZE) return prefix === 2 || prefix === 3 ? prefix : 0;
    if (prefix !== 4 || !this.#curve.isValidPublicKey(script.subarray(start + 1, end - 1))) return 0;
    return 4 + (script[end - 2]! & 1);
  }

  /** Writes the script with its length behind the value in the output, and returns the end of the output. */
  #readScript(reader: ByteReader): number {
    const at = reader.position;
    const kind = readVarint(reader, 'script');
    switch (kind) {
      case KIND_P2PKH:
        return this.#putTemplate(P2PKH_HEAD, reader, HASH160_BYTES, P2PKH_TAIL);
      case KIND_P2SH:
        return this.#putTemplate(P2SH_HEAD, reader, HASH160_BYTES, P2SH_TAIL);
      case 2:
      case 3:
        return this.#putTemplate(kind === 2 ? P2PK_EVEN_HEAD : P2PK_ODD_HEAD, reader, COORDINATE_BYTES, P2PK_TAIL);
      case 4:
      case 5:
        return this.#putFullKey(reader, kind - 2, at);
      default:
        return this.#putPlain(reader, kind - SPECIAL_KINDS);
    }
  }

  #putTemplate(head: Uint8Array, reader: ByteReader, dataBytes: number, tail: Uint8Array): number {
    const dataAt = reader.skip(dataBytes, 'script');
    const output = this.#output;
    const scriptAt = writeCompactSizeAt(output, 8, head.length + dataBytes + tail.length);
    copyRange(head, 0, output, scriptAt, head.length);
    copyRange(reader.bytes, dataAt, output, scriptAt + head.length, dataBytes);
    const tailAt = scriptAt + head.length + dataBytes;
    copyRange(tail, 0, output, tailAt, tail.length);
    return tailAt + tail.length;
  }

  #putFullKey(reader: ByteReader, prefix: number, at: number): number {
    const compressed = new Uint8Array(COMPRESSED_KEY_SIZE);
    compressed[0] = prefix;
    compressed.set(reader.view(COORDINATE_BYTES, 'script'), 1);
    const key = this.#curve.convertPublicKey(compressed, false);
    if (key === null) throw new DecodeError('bad value', 'script', at, prefix + 2);
    const output = this.#output;
    const scriptAt = writeCompactSizeAt(output, 8, key.length + 2);
    output[scriptAt] = key.length;
    output.set(key, scriptAt + 1);
    output[scriptAt + 1 + key.length] = OP.OP_CHECKSIG;
    return scriptAt + key.length + 2;
  }

  /** A script too long to be spent reads as OP_RETURN, as it does in Core. */
  #putPlain(reader: ByteReader, scriptBytes: number): number {
    const from = reader.skip(scriptBytes, 'script');
    const output = this.#output;
    if (scriptBytes > MAX_SCRIPT_SIZE) {
      output[8] = 1;
      output[9] = OP.OP_RETURN;
      return 10;
    }
    const scriptAt = writeCompactSizeAt(output, 8, scriptBytes);
    copyRange(reader.bytes, from, output, scriptAt, scriptBytes);
    return scriptAt + scriptBytes;
  }
}

/** Reads height and coinbase flag of a coin: a uint32. */
export function readCoinCode(reader: ByteReader): number {
  const at = reader.position;
  const code = readVarint(reader, 'code');
  if (code > 0xffffffff) throw new DecodeError('ReadVarInt(): size too large', 'code', at, code, 0xffffffff);
  return code;
}

const P2PKH_HEAD = Uint8Array.of(OP.OP_DUP, OP.OP_HASH160, HASH160_BYTES);
const P2PKH_TAIL = Uint8Array.of(OP.OP_EQUALVERIFY, OP.OP_CHECKSIG);
const P2SH_HEAD = Uint8Array.of(OP.OP_HASH160, HASH160_BYTES);
const P2SH_TAIL = Uint8Array.of(OP.OP_EQUAL);
const P2PK_EVEN_HEAD = Uint8Array.of(COMPRESSED_KEY_SIZE, 2);
const P2PK_ODD_HEAD = Uint8Array.of(COMPRESSED_KEY_SIZE, 3);
const P2PK_TAIL = Uint8Array.of(OP.OP_CHECKSIG);

function writeTemplate(
  target: Uint8Array,
  at: number,
  kind: number,
  script: Uint8Array,
  dataAt: number,
  dataBytes: number,
): number {
  target[at] = kind;
  copyRange(script, dataAt, target, at + 1, dataBytes);
  return at + 1 + dataBytes;
}
