import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNetworkParams, type NetworkName } from '../../kernel/consensus/networks/all.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { grindHeader, readHeaderTarget } from './grind.ts';

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
