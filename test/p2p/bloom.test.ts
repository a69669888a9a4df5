// Bloom filters over real sockets, at a node that offers them (BIP37): what a light client gets, and what becomes of one that goes
// beyond the limits.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extractMatches } from '../../src/kernel/primitives/partial-merkle-tree.ts';
import { toHex } from '../../src/kernel/util/bytes.ts';
import type { FilterLoadMessage, Message } from '../../src/node/wire/messages.ts';
import { InventoryList } from '../../src/node/wire/packed-lists.ts';
import { MSG_FILTERED_BLOCK } from '../../src/node/wire/protocol.ts';
import { NodeFixture, sharedBranch } from './node-fixture.ts';

const OFFERED = { node: { offersBloomFilters: true } } as const;

function filterLoad(rest: Partial<FilterLoadMessage> = {}): FilterLoadMessage {
  return { type: 'filterload', filter: new Uint8Array(50), hashFunctionCount: 20, tweak: 5, flags: 0, ...rest };
}

test('W14: where bloom filters are offered, those beyond the limits end the connection, and an empty one does no harm', async (t) => {
  const fixture = await NodeFixture.start(t, OFFERED);
  const cases: readonly (readonly [RegExp, ...Message[]])[] = [
    [/too-large bloom filter/, filterLoad({ filter: new Uint8Array(36_001) })],
    [/too-large bloom filter/, filterLoad({ filter: new Uint8Array(5), hashFunctionCount: 51 })],
    [/bad filteradd message/, filterLoad(), { type: 'filteradd', element: new Uint8Array(521) }],
    [/bad filteradd message/, { type: 'filteradd', element: new Uint8Array(32) }],
  ];
  for (const [line, ...messages] of cases) {
    const peer = await fixture.join();
    peer.send(...messages);
    await peer.closed();
    await fixture.logged(line);
  }
  const peer = await fixture.join();
  peer.send(
    filterLoad({ filter: new Uint8Array(0), hashFunctionCount: 1 }),
    { type: 'filteradd', element: new Uint8Array(520) },
    filterLoad({ filter: new Uint8Array(36_000), hashFunctionCount: 50 }),
    { type: 'filterclear' },
    { type: 'mempool' },
  );
  await peer.sync();
  // a message that is cut short is none
  peer.sendPayload('filterload', Uint8Array.of(0xfd));
  peer.sendPayload('filteradd', Uint8Array.of(5, 1));
  await peer.sync();
});

test('a light client gets the proof of what its filter matches, and what it matches, before the answer to its next question', async (t) => {
  const branch = sharedBranch(10);
  const fixture = await NodeFixture.start(t, { ...OFFERED, branch });
  const peer = await fixture.join();
  const block = branch.at(7);
  const coinbase = block.transaction(0);
  const ask = InventoryList.of([{ type: MSG_FILTERED_BLOCK, hash: block.header.blockHash }]);
  for (const [element, places] of [
    [coinbase.txid, [0]],
    [new Uint8Array(32).fill(9), []],
  ] as const) {
    peer.send(filterLoad(), { type: 'filteradd', element }, { type: 'getdata', items: ask });
    await peer.sync();
    const { merkleBlock } = await peer.expect('merkleblock');
    assert.deepEqual(merkleBlock.header.blockHash, block.header.blockHash);
    const found = extractMatches(merkleBlock.tree);
    assert.ok(found.ok);
    assert.deepEqual(
      found.value.matches.map(({ position }) => position),
      places,
    );
    const given = peer.takeOf('tx').map(({ transaction }) => toHex(transaction.txid));
    assert.deepEqual(given, places.length === 0 ? [] : [toHex(coinbase.txid)]);
  }
});
