// Blocks that come with the outputs they spend, in the forms in which projects keep them, read into one: the normalized JSON of
// the vectors, Raito's JSON, bcoin's raw block beside raw undo data, btcd's block beside a store of compressed coins, and
// Floresta's raw block beside a JSON list of spent outputs. Recognised by shape; names serve only to find the companion.

import { CoinCodec } from '../../src/kernel/chain/coin-codec.ts';
import { type Coin, CoinRef } from '../../src/kernel/consensus/coin.ts';
import type { NetworkName } from '../../src/kernel/consensus/networks/all.ts';
import { nobleSecp256k1 } from '../../src/kernel/crypto/secp256k1-noble.ts';
import { readU32 } from '../../src/kernel/encoding/numbers.ts';
import { ByteReader } from '../../src/kernel/encoding/reader.ts';
import { type Block, buildBlock, decodeBlock } from '../../src/kernel/primitives/block.ts';
import { asMerkleRoot, parseBlockHash, parseTxid } from '../../src/kernel/primitives/hashes.ts';
import { buildHeader } from '../../src/kernel/primitives/header.ts';
import { buildTransaction, type Transaction } from '../../src/kernel/primitives/transaction.ts';
import { decodeScriptNumber } from '../../src/kernel/script/script-number.ts';
import { equalRange, fromHex } from '../../src/kernel/util/bytes.ts';
import { merkleRootOf } from '../model/block-builder.ts';
import { isInside, type VectorFile, type VectorFolder } from './judge.ts';
import { isHex, isObject, type JsonObject, listAt, numberAt, textAt } from './shape.ts';

/** A coin as far as the source knows it. */
export interface SourceCoin {
  readonly valueSat: number;
  readonly scriptPubKey: Uint8Array;
  readonly height: number | null;
  readonly isCoinbase: boolean | null;
  /** Median time past of the block before the coin's. */
  readonly medianTimeSec: number | null;
}

/** A block and what its inputs spend, in input order, without the coinbase's. */
export interface SpendingBlock {
  readonly network: NetworkName;
  readonly height: number;
  readonly block: Block;
  readonly coins: readonly SourceCoin[];
  /** Median time past of the parent, where the source gives the times. */
  readonly parentMedianSec: number | null;
  /** Display order, where the source names it apart from the block. */
  readonly blockHashHex: string | null;
}

const FOLDER = 'blocks/with-prevouts';

/** What a file of the folder is: it stands for a block, or it is the companion of one that does. */
export type SpendingFile =
  | { readonly kind: 'block'; read(): SpendingBlock }
  | { readonly kind: 'companion'; readonly of: string };

/** Recognises a file; null when it is nothing of the kind. */
export function recogniseSpendingFile(file: VectorFile, folder: VectorFolder): SpendingFile | null {
  if (!isInside(file, FOLDER)) return null;
  const json = file.tryJson();
  if (isObject(json, 'network', 'height', 'prevouts'))
    return { kind: 'block', read: () => readNormalized(json, file, folder) };
  if (isObject(json, 'chain_state', 'blocks')) return { kind: 'block', read: () => readRaito(json) };
  const siblings = folder.siblings(file);
  if (isSpentList(json)) return companionOf(siblings.find((other) => decodeFile(other) !== null));
  const block = json === undefined ? decodeFile(file) : null;
  if (block !== null) return recogniseRawBlock(file, block, siblings);
  return companionOf(siblings.find((other) => stemOf(file).startsWith(stemOf(other)) && decodeFile(other) !== null));
}

function companionOf(block: VectorFile | undefined): SpendingFile | null {
  return block === undefined ? null : { kind: 'companion', of: block.name };
}

function recogniseRawBlock(file: VectorFile, block: Block, siblings: readonly VectorFile[]): SpendingFile | null {
  const spentList = siblings.find((other) => isSpentList(other.tryJson()));
  if (spentList !== undefined) return readBeside(block, () => readSpentList(spentList.json() as readonly JsonObject[]));
  const companion = siblings.find((other) => stemOf(other).startsWith(stemOf(file)) && decodeFile(other) === null);
  if (companion === undefined) return null;
  return readBeside(block, () => readRawUndo(companion.bytes(), block) ?? readCompressed(companion.bytes(), block));
}

function readBeside(block: Block, readCoins: () => readonly SourceCoin[]): SpendingFile {
  return {
    kind: 'block',
    read: () => {
      const height = readCoinbaseHeight(block);
      if (height === null) throw new TypeError('no height in the coinbase');
      const coins = readCoins();
      return { network: guessNetwork(block, height), height, block, coins, parentMedianSec: null, blockHashHex: null };
    },
  };
}

function stemOf(file: VectorFile): string {
  return file.name.split('.')[0]!;
}

/** A raw block, with or without magic and length before it. */
export function decodeFile(file: VectorFile): Block | null {
  const bytes = file.bytes();
  const start = bytes.length > 88 && readU32(bytes, 4) === bytes.length - 8 ? 8 : 0;
  const decoded = decodeBlock(bytes.subarray(start));
  return decoded.ok && decoded.value.txCount > 0 ? decoded.value : null;
}

/** The height that a coinbase begins with (BIP34), or null when it begins with no push that could be one. */
export function readCoinbaseHeight(block: Block): number | null {
  const script = block.transaction(0).scriptSig(0);
  const length = script[0] ?? 0;
  if (block.header.version < 2 || length < 1 || length > 4 || script.length <= length) return null;
  const height = decodeScriptNumber(script, 1, length, 4, true);
  return height >= 0 ? height : null;
}

/** Seconds between blocks of the main network over its life, and how far it has been from that pace. */
const MAIN_PACE_SEC = 570;
const MAIN_PACE_SLACK_SEC = 200 * 86_400;

/** The main network keeps its pace; the block of any other height and time belongs to testnet3. */
function guessNetwork(block: Block, height: number): NetworkName {
  const expected = 1_231_006_505 + MAIN_PACE_SEC * height;
  return Math.abs(block.header.timeSec - expected) < MAIN_PACE_SLACK_SEC ? 'main' : 'test';
}

// --- normalized JSON

const NETWORK_NAMES: Readonly<Record<string, NetworkName>> = {
  mainnet: 'main',
  testnet3: 'test',
  testnet4: 'testnet4',
  signet: 'signet',
  regtest: 'regtest',
};

function readNormalized(json: JsonObject, file: VectorFile, folder: VectorFolder): SpendingBlock {
  const network = NETWORK_NAMES[textAt(json, 'network')];
  if (network === undefined) throw new TypeError(`unknown network ${textAt(json, 'network')}`);
  const block = isHex(json['block'], 162)
    ? blockOf(fromHex(json['block']))
    : decodeFile(needFile(folder, resolvePath(file.folder, textAt(json, 'block_file'))));
  if (block === null) throw new TypeError('the block does not decode');
  const context = json['context'];
  const times = isObject(context) ? listAt(context, 'parent_last_11_times') : [];
  return {
    network,
    height: numberAt(json, 'height'),
    block,
    coins: listAt(json, 'prevouts').map((row) => readNormalizedCoin(row as readonly unknown[])),
    parentMedianSec: medianOf(times as readonly number[]),
    blockHashHex: textAt(json, 'hash'),
  };
}

function readNormalizedCoin([value, script, height, isCoinbase, medianTime]: readonly unknown[]): SourceCoin {
  return {
    valueSat: value as number,
    scriptPubKey: fromHex(script as string),
    height: (height ?? null) as number | null,
    isCoinbase: (isCoinbase ?? null) as boolean | null,
    medianTimeSec: (medianTime ?? null) as number | null,
  };
}

function blockOf(bytes: Uint8Array): Block {
  const decoded = decodeBlock(bytes);
  if (!decoded.ok) throw decoded.error;
  return decoded.value;
}

function needFile(folder: VectorFolder, path: string): VectorFile {
  const file = folder.find(path);
  if (file === undefined) throw new TypeError(`no file ${path}`);
  return file;
}

function resolvePath(folder: string, relative: string): string {
  const parts = folder.split('/');
  for (const part of relative.split('/')) {
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}

function medianOf(times: readonly number[]): number | null {
  return times.length === 0 ? null : [...times].sort((a, b) => a - b)[times.length >> 1]!;
}

// --- Raito: the block taken apart into fields, with each prevout at its input

function readRaito(json: JsonObject): SpendingBlock {
  const state = json['chain_state'] as JsonObject;
  const source = listAt(json, 'blocks')[0] as JsonObject;
  const rows = listAt(source['data'] as JsonObject, 'transactions') as readonly JsonObject[];
  const transactions = rows.map(readRaitoTransaction);
  const header = source['header'] as JsonObject;
  const built = buildHeader({
    version: numberAt(header, 'version') | 0,
    previousBlockHash: parseBlockHash(textAt(state, 'best_block_hash'))!,
    merkleRoot: asMerkleRoot(merkleRootOf(transactions)),
    timeSec: numberAt(header, 'time'),
    bits: numberAt(header, 'bits'),
    nonce: numberAt(header, 'nonce'),
  });
  return {
    network: 'main',
    height: numberAt(state, 'block_height') + 1,
    block: buildBlock(built, transactions),
    coins: rows.slice(1).flatMap((row) => (listAt(row, 'inputs') as readonly JsonObject[]).map(readRaitoCoin)),
    parentMedianSec: medianOf(listAt(state, 'prev_timestamps') as readonly number[]),
    blockHashHex: textAt(json['expected'] as JsonObject, 'best_block_hash'),
  };
}

/** Hexadecimal after `0x`. */
function raitoHex(value: unknown): Uint8Array {
  return fromHex(String(value).slice(2));
}

function readRaitoTransaction(row: JsonObject): Transaction {
  const isSegwit = row['is_segwit'] === true;
  return buildTransaction({
    version: numberAt(row, 'version') >>> 0,
    inputs: (listAt(row, 'inputs') as readonly JsonObject[]).map((input) => {
      const prevout = input['previous_output'] as JsonObject;
      return {
        prevout: { txid: parseTxid(textAt(prevout, 'txid'))!, index: numberAt(prevout, 'vout') },
        scriptSig: raitoHex(input['script']),
        sequence: numberAt(input, 'sequence'),
        witness: isSegwit ? listAt(input, 'witness').map(raitoHex) : [],
      };
    }),
    outputs: (listAt(row, 'outputs') as readonly JsonObject[]).map((output) => ({
      valueSat: numberAt(output, 'value'),
      scriptPubKey: raitoHex(output['pk_script']),
    })),
    locktime: numberAt(row, 'lock_time'),
  });
}

function readRaitoCoin(input: JsonObject): SourceCoin {
  const prevout = input['previous_output'] as JsonObject;
  const data = prevout['data'] as JsonObject;
  return {
    valueSat: numberAt(data, 'value'),
    scriptPubKey: raitoHex(data['pk_script']),
    height: numberAt(prevout, 'block_height'),
    isCoinbase: prevout['is_coinbase'] === true,
    medianTimeSec: numberAt(prevout, 'median_time_past'),
  };
}

// --- Floresta: a JSON list in input order

function isSpentList(json: unknown): json is readonly JsonObject[] {
  return Array.isArray(json) && json.length > 0 && isObject(json[0], 'txout', 'creation_height');
}

function readSpentList(rows: readonly JsonObject[]): SourceCoin[] {
  return rows.map((row) => {
    const output = row['txout'] as JsonObject;
    return {
      valueSat: numberAt(output, 'value'),
      scriptPubKey: fromHex(textAt(output, 'script_pubkey')),
      height: numberAt(row, 'creation_height'),
      isCoinbase: row['is_coinbase'] === true,
      medianTimeSec: null,
    };
  });
}

// --- bcoin: value and script of each spent output, in input order; null when the bytes do not end with the last of them

function readRawUndo(bytes: Uint8Array, block: Block): SourceCoin[] | null {
  const reader = new ByteReader(bytes);
  const coins: SourceCoin[] = [];
  try {
    for (let i = countInputs(block); i > 0; i--) {
      const valueSat = reader.i64('value');
      coins.push({
        valueSat,
        scriptPubKey: reader.varBytes('script'),
        height: null,
        isCoinbase: null,
        medianTimeSec: null,
      });
    }
    reader.finish('undo');
  } catch {
    return null;
  }
  return coins;
}

function countInputs(block: Block): number {
  let count = 0;
  for (let i = 1; i < block.txCount; i++) count += block.transaction(i).inputCount;
  return count;
}

// --- btcd: txid, index, length, and a coin compressed as in Core's database; in any order

interface StoredCoin {
  readonly outpoint: Uint8Array;
  readonly coin: Coin;
}

function readCompressed(bytes: Uint8Array, block: Block): SourceCoin[] {
  const stored = readStore(bytes);
  const coins: SourceCoin[] = [];
  for (let i = 1; i < block.txCount; i++) {
    const tx = block.transaction(i);
    for (let k = 0; k < tx.inputCount; k++) {
      const at = tx.prevoutStart(k);
      const found = stored.find(({ outpoint }) => equalRange(outpoint, 0, tx.bytes, at, 36));
      const coin = found?.coin ?? coinInBlock(block, tx, k);
      if (coin === null) throw new TypeError(`no coin for input ${k} of transaction ${i}`);
      coins.push({ ...coin, medianTimeSec: null });
    }
  }
  return coins;
}

function readStore(bytes: Uint8Array): StoredCoin[] {
  const reader = new ByteReader(bytes);
  const codec = new CoinCodec(nobleSecp256k1);
  const stored: StoredCoin[] = [];
  while (reader.remaining > 0) {
    const outpoint = reader.view(36, 'outpoint');
    const entry = new ByteReader(reader.view(reader.u32('length'), 'coin'));
    const coin = codec.readCoin(entry, new CoinRef()).toCoin();
    entry.finish('coin');
    stored.push({ outpoint, coin });
  }
  return stored;
}

/** The output of an earlier transaction of the block that an input spends, or null. */
function coinInBlock(block: Block, tx: Transaction, input: number): Coin | null {
  const { txid, index } = tx.prevout(input);
  for (let i = 0; i < block.txCount; i++) {
    const maker = block.transaction(i);
    if (equalRange(maker.txid, 0, txid, 0, 32)) {
      return { valueSat: maker.valueSat(index), scriptPubKey: maker.scriptPubKey(index), height: 0, isCoinbase: false };
    }
  }
  return null;
}
