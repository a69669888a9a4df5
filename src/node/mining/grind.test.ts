import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNetworkParams, type NetworkName } from '../../kernel/consensus/networks/all.ts';
import { sha256d } from '../../kernel/crypto/sha256.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { grindHeader, RecordSearch, readHeaderTarget } from './grind.ts';

/** The header of a first block without its nonce. */
function genesisHeader(name: NetworkName): Uint8Array {
  const header = createNetworkParams(name).genesis.header.serialized().slice();
  header.fill(0, 76);
  return header;
}

test('the search finds the nonce of the first block of local, the lowest there is', () => {
  const header = genesisHeader('local');
  assert.equal(grindHeader(header, 0, 2 ** 32), 1722);
  assert.equal(grindHeader(header, 0, 1722), null);
  assert.equal(grindHeader(header, 1722, 1), 1722);
});

test('the search finds the nonce of the first block of regtest, where the two lower ones would do as well', () => {
  const header = genesisHeader('regtest');
  for (const nonce of [0, 1, 2]) assert.equal(grindHeader(header, nonce, 2 ** 32), nonce);
});

test('the target is the one that the bits name, or another that is given', () => {
  const header = createNetworkParams('local').genesis.header.serialized();
  assert.equal(toHex(readHeaderTarget(header).reverse()), '003fffff'.padEnd(64, '0'));
  assert.equal(grindHeader(header, 0, 100, new Uint8Array(32).fill(0xff)), 0);
  assert.equal(grindHeader(header, 0, 100_000, new Uint8Array(32)), null);
});

test('a search for records tells every hash that is lower than all before it, and the one that wins', () => {
  const header = genesisHeader('local');
  const lowest = (nonce: number): string => {
    const tried = header.slice();
    new DataView(tried.buffer).setUint32(76, nonce, true);
    return toHex(sha256d(tried).reverse());
  };
  const expected: number[] = [];
  for (let nonce = 0, best = 'f'.repeat(64); nonce <= 1722; nonce++) {
    if (lowest(nonce) >= best) continue;
    best = lowest(nonce);
    expected.push(nonce);
  }
  const search = new RecordSearch(header);
  const found: number[] = [];
  for (let nonce = 0; ; ) {
    const record = search.find(nonce, 2 ** 32 - nonce)!;
    assert.equal(toHex(record.hash.slice().reverse()), lowest(record.nonce));
    found.push(record.nonce);
    nonce = record.nonce + 1;
    if (record.isFound) break;
  }
  assert.deepEqual(found, expected);
  assert.equal(found.at(-1), 1722);
});
