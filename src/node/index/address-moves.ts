// What a block does to scripts: which of them it pays and takes from, in which transaction and how much, and the coins that it makes
// and spends. An index that counts sums applies the moves of a block forward when it comes and backward when it leaves; kept as bytes
// beside the rows, they can be taken back when the block itself is lost.

import { isListed, OVERWRITTEN_BLOCKS } from '../../kernel/consensus/bip30.ts';
import { CoinRef, encodeCoinCode } from '../../kernel/consensus/coin.ts';
import { SHA256_BYTES, sha256Into } from '../../kernel/crypto/sha256.ts';
import { type DecodeError, decodeResult } from '../../kernel/encoding/decode-error.ts';
import { writeU32 } from '../../kernel/encoding/numbers.ts';
import { ByteReader } from '../../kernel/encoding/reader.ts';
import { readVarint, writeVarint } from '../../kernel/encoding/varint.ts';
import { ByteWriter } from '../../kernel/encoding/writer.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { OUTPOINT_BYTES } from '../../kernel/primitives/outpoint.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { isUnspendable } from '../../kernel/script/script.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import type { Result } from '../../kernel/util/result.ts';
import type { IndexedBlock } from './chain-index.ts';
import type { Pacer } from './pacer.ts';

/** What a script is known by: SHA-256 of the scriptPubKey. */
export function hashScript(bytes: Uint8Array, start = 0, end: number = bytes.length): Uint8Array {
  const hash = new Uint8Array(SHA256_BYTES);
  sha256Into(bytes, start, end, hash, 0);
  return hash;
}

/** What one transaction does to a script. */
export interface ScriptPayment {
  readonly txid: Uint8Array;
  /** Its position in the block. */
  readonly position: number;
  receivedSat: number;
  spentSat: number;
}

/** A coin of a script. */
export interface ScriptCoin {
  /** 36 bytes. */
  readonly outpoint: Uint8Array;
  readonly valueSat: number;
  /** Height and coinbase flag, see {@link encodeCoinCode}. */
  readonly code: number;
}

/** What a block does to one script. */
export interface ScriptMoves {
  readonly scriptHash: Uint8Array;
  /** In the order of the block; empty where the moves were read from bytes. */
  readonly payments: ScriptPayment[];
  paymentCount: number;
  /** What it has more after the block, maybe less than nothing. */
  changeSat: number;
  readonly made: ScriptCoin[];
  readonly spent: ScriptCoin[];
}

/** What an output or an input costs, in microseconds: a hash, and looking up its script. */
const COIN_US = 4;

/** The moves of a block, script by script in the order in which they appear. The first block makes no coin and moves nothing. */
export async function collectMoves(block: IndexedBlock, pacer: Pacer): Promise<readonly ScriptMoves[]> {
  const moves = new MoveCollector();
  if (block.height === 0) return moves.list();
  const first = isListed(OVERWRITTEN_BLOCKS, block.height, block.blockHash) ? 1 : 0;
  for (let i = first; i < block.block.txCount; i++) {
    const transaction = block.block.transaction(i);
    moves.begin(transaction, i);
    for (let j = 0; j < transaction.outputCount; j++) {
      moves.addOutput(j, block.height);
      if (pacer.spend(COIN_US)) await pacer.pause();
    }
    if (i === 0 || block.undo === null) continue;
    const { coins, firstCoins } = block.undo;
    for (let k = 0; k < transaction.inputCount; k++) {
      moves.addInput(k, coins.read(firstCoins[i - 1]! + k, moves.coin));
      if (pacer.spend(COIN_US)) await pacer.pause();
    }
  }
  return moves.list();
}

/** Collects moves, one transaction after another. */
class MoveCollector {
  readonly coin: CoinRef = new CoinRef();
  readonly #moves: Map<string, ScriptMoves> = new Map();
  #transaction!: Transaction;
  #txid!: Uint8Array;
  #position = 0;

  begin(transaction: Transaction, position: number): void {
    this.#transaction = transaction;
    this.#txid = transaction.txid.slice();
    this.#position = position;
  }

  addOutput(j: number, height: number): void {
    const { bytes } = this.#transaction;
    const start = this.#transaction.scriptPubKeyStart(j);
    const end = this.#transaction.scriptPubKeyEnd(j);
    if (isUnspendable(bytes, start, end)) return;
    const outpoint = new Uint8Array(OUTPOINT_BYTES);
    outpoint.set(this.#txid);
    writeU32(outpoint, HASH_BYTES, j);
    const valueSat = this.#transaction.valueSat(j);
    const moves = this.#movesOf(bytes, start, end);
    moves.made.push({ outpoint, valueSat, code: encodeCoinCode(height, this.#position === 0) });
    moves.changeSat += valueSat;
    this.#paymentOf(moves).receivedSat += valueSat;
  }

  addInput(k: number, coin: CoinRef): void {
    const at = this.#transaction.prevoutStart(k);
    const outpoint = this.#transaction.bytes.slice(at, at + OUTPOINT_BYTES);
    const { valueSat, code } = coin;
    const moves = this.#movesOf(coin.bytes, coin.scriptStart, coin.end);
    moves.spent.push({ outpoint, valueSat, code });
    moves.changeSat -= valueSat;
    this.#paymentOf(moves).spentSat += valueSat;
  }

  list(): readonly ScriptMoves[] {
    return [...this.#moves.values()];
  }

  #movesOf(bytes: Uint8Array, start: number, end: number): ScriptMoves {
    const scriptHash = hashScript(bytes, start, end);
    const name = toHex(scriptHash);
    let moves = this.#moves.get(name);
    if (moves === undefined) {
      moves = { scriptHash, payments: [], paymentCount: 0, changeSat: 0, made: [], spent: [] };
      this.#moves.set(name, moves);
    }
    return moves;
  }

  #paymentOf(moves: ScriptMoves): ScriptPayment {
    const last = moves.payments.at(-1);
    if (last?.position === this.#position) return last;
    const payment = { txid: this.#txid, position: this.#position, receivedSat: 0, spentSat: 0 };
    moves.payments.push(payment);
    moves.paymentCount++;
    return payment;
  }
}

// --- as bytes -----------------------------------------------------------------------------------------------------------

/** Bytes from which moves can be taken back: of payments only their number. */
export function encodeMoves(list: readonly ScriptMoves[]): Uint8Array {
  const writer = new ByteWriter(1024).compactSize(list.length);
  for (const { scriptHash, paymentCount, changeSat, made, spent } of list) {
    writer.put(scriptHash).u8(changeSat < 0 ? 1 : 0);
    writeVarint(writer, Math.abs(changeSat));
    writeVarint(writer, paymentCount);
    for (const coins of [made, spent]) {
      writer.compactSize(coins.length);
      for (const coin of coins) writeCoin(writer.put(coin.outpoint), coin);
    }
  }
  return writer.finish();
}

/** Moves of their bytes. */
export function decodeMoves(bytes: Uint8Array): Result<readonly ScriptMoves[], DecodeError> {
  return decodeResult(() => {
    const reader = new ByteReader(bytes);
    const list = Array.from({ length: reader.count(SHA256_BYTES, 'scripts') }, () => readMoves(reader));
    reader.finish('moves');
    return list;
  });
}

function readMoves(reader: ByteReader): ScriptMoves {
  const scriptHash = reader.copy(SHA256_BYTES, 'script hash');
  const sign = reader.u8('sign') === 0 ? 1 : -1;
  const changeSat = sign * readVarint(reader, 'change');
  const paymentCount = readVarint(reader, 'payments');
  const [made, spent] = [readCoins(reader), readCoins(reader)];
  return { scriptHash, payments: [], paymentCount, changeSat, made, spent };
}

function readCoins(reader: ByteReader): ScriptCoin[] {
  return Array.from({ length: reader.count(OUTPOINT_BYTES, 'coins') }, () => {
    const outpoint = reader.copy(OUTPOINT_BYTES, 'outpoint');
    return { outpoint, ...readCoin(reader) };
  });
}

/** Appends what a coin is beside its outpoint. */
export function writeCoin(writer: ByteWriter, { code, valueSat }: Pick<ScriptCoin, 'code' | 'valueSat'>): ByteWriter {
  writeVarint(writer, code);
  writeVarint(writer, valueSat);
  return writer;
}

/** Reads what a coin is beside its outpoint. */
export function readCoin(reader: ByteReader): Pick<ScriptCoin, 'code' | 'valueSat'> {
  return { code: readVarint(reader, 'code'), valueSat: readVarint(reader, 'value') };
}
