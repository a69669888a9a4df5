import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asBlockHash } from '../primitives/hashes.ts';
import { fromHex, toHex } from '../util/bytes.ts';
import { blockIndexKey, coinKey, fileInfoKey, flagKey, OBFUSCATION_KEY, readCoinKey } from './layout.ts';

const HASH = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';

function outpointOf(indexHex: string): Uint8Array {
  return fromHex(HASH + indexHex);
}

test('a coin is found by C, its txid and its index as VARINT', () => {
  const facts: readonly (readonly [indexLittleEndian: string, varint: string])[] = [
    ['00000000', '00'],
    ['7f000000', '7f'],
    ['80000000', '8000'],
    ['ff000000', '807f'],
    ['00010000', '8100'],
    ['80400000', '808000'],
    ['ffffffff', '8efefefe7f'],
  ];
  for (const [index, varint] of facts) {
    const key = coinKey(outpointOf(index), 0);
    assert.equal(toHex(key), `43${HASH}${varint}`);
    const outpoint = new Uint8Array(36);
    assert.ok(readCoinKey(key, outpoint));
    assert.equal(toHex(outpoint), HASH + index);
  }
});

test('keys that are none of a coin are recognised', () => {
  const outpoint = new Uint8Array(36);
  for (const hex of ['', '43', `42${HASH}00`, `43${HASH}`, `43${HASH}80`, `43${HASH}0000`, `43${HASH}8efeff8000`]) {
    assert.ok(!readCoinKey(fromHex(hex), outpoint), hex);
  }
});

test('the other keys are those of Core', () => {
  assert.equal(toHex(blockIndexKey(asBlockHash(fromHex(HASH)))), `62${HASH}`);
  assert.equal(toHex(fileInfoKey(258)), '6602010000');
  assert.equal(toHex(flagKey('prunedblockfiles')), '46107072756e6564626c6f636b66696c6573');
  assert.equal(toHex(OBFUSCATION_KEY), '0e006f62667573636174655f6b6579');
});
