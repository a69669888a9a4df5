import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CoinRef } from '../../kernel/consensus/coin.ts';
import { SpentCoins } from '../../kernel/consensus/spent-coins.ts';
import { decodeBlock } from '../../kernel/primitives/block.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { fromHex, reversedBytes, toHex } from '../../kernel/util/bytes.ts';
import { computeBlockFilter, computeFilterHeader, hashFilter, openFilter } from './block-filter.ts';

const vectors = process.env.TALLY_VECTORS ?? '../shared/vectors';

type Row = [
  height: number,
  blockHash: string,
  block: string,
  previousScripts: string[],
  previousHeader: string,
  filter: string,
  header: string,
  note: string,
];

test('filters and headers of the blocks of BIP158', () => {
  const rows = (JSON.parse(readFileSync(`${vectors}/filters/blockfilters.json`, 'utf8')) as Row[]).slice(1);
  assert.equal(rows.length, 10);
  for (const [height, blockHash, blockHex, previousScripts, previousHeader, filterHex, header] of rows) {
    const block = decodeBlock(fromHex(blockHex));
    assert.ok(block.ok);
    assert.equal(formatHash(block.value.header.blockHash), blockHash);
    const coins = new SpentCoins();
    const ref = new CoinRef();
    for (const script of previousScripts) {
      coins.append(ref.pointAtCopy({ valueSat: 1, scriptPubKey: fromHex(script), height: 1, isCoinbase: false }));
    }
    const filter = computeBlockFilter(block.value, { coins, firstCoins: new Uint32Array(0) });
    assert.equal(toHex(filter), filterHex, `height ${height}`);
    const chained = computeFilterHeader(hashFilter(filter), reversedBytes(fromHex(previousHeader)));
    assert.equal(toHex(reversedBytes(chained)), header, `height ${height}`);
    const set = openFilter(block.value.header.blockHash, filter);
    assert.notEqual(set, null);
    for (const script of previousScripts) {
      if (script !== '') assert.ok(set!.match(fromHex(script)), `a spent script at height ${height}`);
    }
  }
});
