// Judge of BIP158 block filters: each block's filter is built anew from the block and the scripts that it spends, decoded again
// and asked for its members, and the filter header is chained. Which scripts belong into a filter is decided here, since the
// kernel only codes sets; the index that serves filters will take it over.

import { sha256d } from '../../../src/kernel/crypto/sha256.ts';
import { decodeGolombSet, encodeGolombSet } from '../../../src/kernel/encoding/golomb.ts';
import { type Block, decodeBlock } from '../../../src/kernel/primitives/block.ts';
import { formatHash } from '../../../src/kernel/primitives/hashes.ts';
import { concatBytes, fromHex, reversedBytes, toHex } from '../../../src/kernel/util/bytes.ts';
import { isInside, type Judge, type VectorFile, verdictOutcome } from '../judge.ts';
import { isArrayOf, isHex, isText } from '../shape.ts';

/** Height, block hash, block, spent scripts, previous filter header, filter, filter header, note. */
type FilterRow = readonly [number, string, string, readonly string[], string, string, string, string];

function isFilterRow(row: unknown): row is FilterRow {
  return Array.isArray(row) && row.length === 8 && isHex(row[1], 64) && isHex(row[2], 160) && Array.isArray(row[3]);
}

/** Rows without the headline of one text; empty when the file is of another kind. */
function filterRows(file: VectorFile): readonly FilterRow[] {
  const json = isInside(file, 'filters') || isInside(file, 'bips') ? file.tryJson() : undefined;
  if (!Array.isArray(json)) return [];
  const rows = json.filter((row) => !(Array.isArray(row) && row.length === 1 && isText(row[0])));
  return isArrayOf(rows, isFilterRow) ? rows : [];
}

const filterJudge: Judge = {
  name: 'BIP158 block filters',
  matches: (file) => filterRows(file).length > 0,
  *run(file) {
    for (const row of filterRows(file)) yield verdictOutcome(`height ${row[0]}`, checkRow(row), row[7]);
  },
};

export const judges: readonly Judge[] = [filterJudge];

function checkRow([, hashHex, blockHex, spentScripts, previousHeader, filterHex, header]: FilterRow): string | null {
  const decoded = decodeBlock(fromHex(blockHex));
  if (!decoded.ok) return decoded.error.message;
  const { blockHash } = decoded.value.header;
  if (formatHash(blockHash) !== hashHex) return `block hash ${formatHash(blockHash)}`;
  const key = blockHash.subarray(0, 16);
  const elements = [...outputScripts(decoded.value), ...spentScripts.map(fromHex)].filter(
    (script) => script.length > 0,
  );
  const filter = encodeGolombSet(key, elements);
  if (toHex(filter) !== filterHex) return `filter ${toHex(filter)}, expected ${filterHex}`;
  const headerBytes = sha256d(concatBytes(sha256d(filter), reversedBytes(fromHex(previousHeader))));
  if (toHex(reversedBytes(headerBytes)) !== header) return `filter header ${toHex(reversedBytes(headerBytes))}`;
  const set = decodeGolombSet(key, filter);
  if (!set.ok) return `does not decode: ${set.error.message}`;
  const missing = elements.find((element) => !set.value.match(element));
  return missing === undefined ? null : `the filter does not match its element ${toHex(missing)}`;
}

/** Scripts that an output may be found by: all but those that begin with OP_RETURN. */
function outputScripts(block: Block): Uint8Array[] {
  const scripts: Uint8Array[] = [];
  for (let i = 0; i < block.txCount; i++) {
    const transaction = block.transaction(i);
    for (let j = 0; j < transaction.outputCount; j++) scripts.push(transaction.scriptPubKey(j));
  }
  return scripts.filter((script) => script[0] !== 0x6a);
}
