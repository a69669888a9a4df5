import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BranchBuilder } from '../../../test/model/branch-builder.ts';
import { IndexWorld, submitBlocks, whenSynced } from '../../../test/model/index-world.ts';
import { NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { NO_FILTER_HEADER } from '../index/block-filter.ts';
import { readFilterMessages } from './filter-reader.ts';

test('filters, their hashes and their headers go out as BIP157 says, and nothing where one is missing', async () => {
  const world = new IndexWorld();
  const open = await world.open(['filters']);
  const branch = new BranchBuilder();
  branch.mineMany(4);
  await submitBlocks(open.chain, branch.blocks);
  await whenSynced(open.indexes);
  const { index, active } = open.chain;
  const filters = open.indexes.filters!;
  const entries = [active.at(1), active.at(2)];
  const read = (portion: Parameters<typeof readFilterMessages>[2]) => readFilterMessages(open.indexes, index, portion);

  const cfilters = await read({ type: 'filters', entries });
  assert.deepEqual(
    cfilters?.map((message) => (message.type === 'cfilter' ? toHex(message.blockHash) : '')),
    entries.map((entry) => toHex(index.blockHash(entry))),
  );
  const rows = (await filters.readRows(0, active.at(2)))!;
  const [cfheaders] = (await read({ type: 'hashes', before: active.at(0), entries }))!;
  assert.ok(cfheaders?.type === 'cfheaders');
  assert.deepEqual(cfheaders.previousFilterHeader, rows[0]!.header);
  assert.deepEqual(
    [cfheaders.filterHashes.hash(0), cfheaders.filterHashes.hash(1)],
    [rows[1]!.filterHash, rows[2]!.filterHash],
  );
  assert.equal(toHex(cfheaders.stopHash), toHex(index.blockHash(active.at(2))));
  const [fromStart] = (await read({ type: 'hashes', before: NO_ENTRY, entries: [active.at(0)] }))!;
  assert.ok(fromStart?.type === 'cfheaders');
  assert.deepEqual(fromStart.previousFilterHeader, NO_FILTER_HEADER);
  const [cfcheckpt] = (await read({ type: 'checkpoints', stop: active.at(4), entries: [active.at(3)] }))!;
  assert.ok(cfcheckpt?.type === 'cfcheckpt' && cfcheckpt.filterHeaders.count === 1);

  const stale = branch.fork(3).mine();
  await open.chain.acceptHeaders([stale.header], branch.tip.header.timeSec);
  assert.equal(await read({ type: 'filters', entries: [index.find(stale.header.blockHash)] }), null);
  assert.equal(await readFilterMessages({ filters: null }, index, { type: 'filters', entries }), null);
  await world.close(open);
});
