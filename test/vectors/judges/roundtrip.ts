// Decoding and encoding again: every block and transaction in a file is read into fields, rebuilt from those fields alone,
// and must come out byte for byte. A companion of the judges that check rules. Files are recognised by what they hold: raw
// bytes, hexadecimal lines, runs with network magic before each block, or JSON with blocks or transactions as hexadecimal.

import type { DecodeError } from '../../../src/kernel/encoding/decode-error.ts';
import { readU32 } from '../../../src/kernel/encoding/numbers.ts';
import { type Block, buildBlock, decodeBlock } from '../../../src/kernel/primitives/block.ts';
import { formatHash } from '../../../src/kernel/primitives/hashes.ts';
import { buildHeader } from '../../../src/kernel/primitives/header.ts';
import {
  buildTransaction,
  decodeTransaction,
  type Transaction,
  toTransactionData,
} from '../../../src/kernel/primitives/transaction.ts';
import { equalBytes, isZeroBytes, parseHex } from '../../../src/kernel/util/bytes.ts';
import type { Result } from '../../../src/kernel/util/result.ts';
import { type CaseOutcome, compareOutcome, isInside, type Judge, type VectorFile, verdictOutcome } from '../judge.ts';
import { isHex, isObject, parseHexLines } from '../shape.ts';

/** Magics of the networks whose runs are known: main, testnet3, testnet4, signet, regtest; as uint32, little-endian. */
const MAGICS: readonly number[] = [0xd9b4bef9, 0x0709110b, 0x283f161c, 0x40cf030a, 0xdab5bffa];

/** A serialized block or transaction found in a file. */
interface Item {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly kind: 'block' | 'transaction';
}

/** Every file that holds blocks or transactions. */
const roundtripJudge: Judge = {
  name: 'decode and encode again',
  isCompanion: true,
  matches: (file) => findItems(file) !== null,
  *run(file) {
    const items = findItems(file) ?? [];
    for (const item of items) yield judgeItem(item);
    const named = /(?<![\da-f])[\da-f]{64}(?![\da-f])/.exec(file.name)?.[0];
    if (named !== undefined && items.length === 1) yield judgeName(items[0]!, named);
  },
};

export const judges: readonly Judge[] = [roundtripJudge];

function judgeItem({ name, bytes, kind }: Item): CaseOutcome {
  const decoded = kind === 'block' ? decodeBlock(bytes) : decodeEitherForm(bytes);
  if (!decoded.ok) return verdictOutcome(name, decoded.error.message);
  const again = 'txCount' in decoded.value ? encodeBlockAgain(decoded.value) : encodeTransactionAgain(decoded.value);
  return verdictOutcome(name, equalBytes(again, bytes) ? null : `${kind} of ${bytes.length} bytes comes out changed`);
}

/** Some files are named after the hash of what they hold. */
function judgeName({ bytes, kind }: Item, named: string): CaseOutcome {
  const decoded = kind === 'block' ? decodeBlock(bytes) : decodeEitherForm(bytes);
  if (!decoded.ok) return verdictOutcome('hash', decoded.error.message);
  const hash = 'txCount' in decoded.value ? decoded.value.header.blockHash : decoded.value.txid;
  return compareOutcome('hash, as the file is named', formatHash(hash), named);
}

/** With the witness, or else in the form before BIP144, in which a transaction may have no inputs (Core's DecodeTx). */
function decodeEitherForm(bytes: Uint8Array): Result<Transaction, DecodeError> {
  const decoded = decodeTransaction(bytes);
  if (decoded.ok) return decoded;
  const older = decodeTransaction(bytes, { allowWitness: false });
  return older.ok ? older : decoded;
}

function encodeBlockAgain(block: Block): Uint8Array {
  const { version, previousBlockHash, merkleRoot, timeSec, bits, nonce } = block.header;
  const header = buildHeader({ version, previousBlockHash, merkleRoot, timeSec, bits, nonce });
  const transactions: Transaction[] = [];
  for (let i = 0; i < block.txCount; i++) transactions.push(buildTransaction(toTransactionData(block.transaction(i))));
  return buildBlock(header, transactions).serialized();
}

function encodeTransactionAgain(transaction: Transaction): Uint8Array {
  return buildTransaction(toTransactionData(transaction)).serialized();
}

/** What a file holds, or null when it holds neither blocks nor transactions. */
function findItems(file: VectorFile): Item[] | null {
  const isOfBlocks = isInside(file, 'blocks') || isInside(file, 'p2p') || isInside(file, 'formats/core-historic');
  const isOfTransactions = isInside(file, 'consensus') || isInside(file, 'formats/bitcoin-util');
  if (!isOfBlocks && !isOfTransactions) return null;
  const kind = isOfBlocks ? 'block' : 'transaction';
  const json = file.tryJson();
  const items = json === undefined ? findPlainItems(file, kind) : findJsonItems(json, kind);
  return items.length > 0 ? items : null;
}

function findPlainItems(file: VectorFile, kind: Item['kind']): Item[] {
  const bytes = file.bytes();
  if (isRun(bytes)) return splitRun(bytes);
  if (bytes.length > 0 && isTextOfHex(bytes)) {
    const lines = parseHexLines(file.text()) ?? [];
    return lines.map((line, i) => ({ name: `line ${i + 1}`, bytes: line, kind })).filter(isDecodable);
  }
  if (bytes[0] === 0x7b || bytes[0] === 0x5b) return findJsonLineItems(file.text());
  const item: Item = { name: 'file', bytes, kind };
  return isWholeFileOf(file) || isDecodable(item) ? [item] : [];
}

/** Folders in which every file is a block or a transaction, so that one that does not decode is a failure. */
function isWholeFileOf(file: VectorFile): boolean {
  return ['blocks/mainnet', 'blocks/testnet3', 'consensus/big-tx'].some((folder) => isInside(file, folder));
}

function isDecodable({ bytes, kind }: Item): boolean {
  return kind === 'block' ? bytes.length > 80 && decodeBlock(bytes).ok : decodeEitherForm(bytes).ok;
}

function isTextOfHex(bytes: Uint8Array): boolean {
  const sample = bytes.subarray(0, 160);
  return sample.every((byte) => byte === 0x0a || byte === 0x0d || /[\da-fA-F]/.test(String.fromCharCode(byte)));
}

/** A known magic, or any other before the length of a block that follows. */
function isRun(bytes: Uint8Array): boolean {
  if (bytes.length <= 8 + 80) return false;
  if (MAGICS.includes(readU32(bytes, 0))) return true;
  const length = readU32(bytes, 4);
  return length > 80 && length <= bytes.length - 8 && decodeBlock(bytes.subarray(8, 8 + length)).ok;
}

/**
 * Magic, length, block, again and again, up to the end or to zeros that fill up the file; what does not follow that form becomes
 * an item that cannot decode.
 */
function splitRun(bytes: Uint8Array): Item[] {
  const magic = readU32(bytes, 0);
  const items: Item[] = [];
  for (let at = 0; at < bytes.length && !isZeroBytes(bytes.subarray(at)); ) {
    const isFramed = at + 8 <= bytes.length && readU32(bytes, at) === magic;
    const end = isFramed ? Math.min(bytes.length, at + 8 + readU32(bytes, at + 4)) : bytes.length;
    items.push({ name: `block ${items.length} at ${at}`, bytes: bytes.subarray(at + 8, end), kind: 'block' });
    at = end;
  }
  return items;
}

/** JSON Lines with a transaction in each object, such as the dumps of taproot spends; a damaged line cannot decode. */
function findJsonLineItems(text: string): Item[] {
  const lines = text.split('\n').filter((line) => line !== '');
  if (lines.length === 0 || !isObject(parseJson(lines[0]!), 'tx', 'prevouts')) return [];
  return lines.flatMap((line, i) => {
    const row = parseJson(line);
    return hexItem(`line ${i + 1}`, isObject(row) ? row['tx'] : '', 'transaction');
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function findJsonItems(json: unknown, kind: Item['kind']): Item[] {
  if (isObject(json, 'block')) return hexItem('block', json['block'], 'block');
  if (isObject(json, 'tx', 'prevouts')) return hexItem('tx', json['tx'], 'transaction');
  if (!Array.isArray(json)) return [];
  return json.flatMap((row: unknown, i) => findRowItems(row, `row ${i}`, kind));
}

/** Rows of Core's transaction and sighash files, lists of blocks, and branches of blocks. */
function findRowItems(row: unknown, name: string, kind: Item['kind']): Item[] {
  if (isHex(row, 162)) return hexItem(name, row, kind);
  if (isObject(row, 'block')) return hexItem(name, row['block'], 'block');
  if (isObject(row, 'tx', 'prevouts')) return hexItem(name, row['tx'], 'transaction');
  if (isObject(row, 'hex', 'transactions')) return hexItem(name, row['hex'], 'block');
  if (!Array.isArray(row)) return [];
  if (row.length === 3 && Array.isArray(row[0]) && isHex(row[1]) && typeof row[2] === 'string') {
    return hexItem(name, row[1], 'transaction');
  }
  if (row.length === 5 && isHex(row[0]) && isHex(row[4], 64) && typeof row[3] === 'number') {
    return hexItem(name, row[0], 'transaction');
  }
  if (row.length === 5 && row[1] === false && isHex(row[4], 162)) return hexItem(name, row[4], 'block');
  if (kind !== 'block') return [];
  return row.every((item) => isHex(item, 162)) ? row.flatMap((item, i) => hexItem(`${name} ${i}`, item, kind)) : [];
}

function hexItem(name: string, hex: unknown, kind: Item['kind']): Item[] {
  const bytes = typeof hex === 'string' ? parseHex(hex) : null;
  return bytes?.ok ? [{ name, bytes: bytes.value, kind }] : [];
}
