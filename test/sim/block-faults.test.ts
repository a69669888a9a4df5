// Bad blocks of the simulation are bad for the reason that they claim: for the reference ledger and, in Core's words, for the kernel.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryChain } from '../../src/kernel/chain/memory-chain.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { BLOCK_FAULTS, type BlockFault, BlockMaker } from '../../src/sim/block-maker.ts';
import { checkBooks } from '../../src/sim/checker/books.ts';
import { ReferenceLedger } from '../../src/sim/checker/reference-ledger.ts';
import { SHELF } from './hosts.ts';

/** What the kernel says, and a word of what the reference ledger says. */
const EXPECTED: Readonly<Record<BlockFault, readonly [reason: string, fault: RegExp]>> = {
  overpaid: ['bad-cb-amount', /takes too much/],
  'missing-coin': ['bad-txns-inputs-missingorspent', /is no coin/],
  'spent-coin': ['bad-txns-inputs-missingorspent', /is no coin/],
  'double-spend': ['bad-txns-inputs-duplicate', /is no coin/],
  immature: ['bad-txns-premature-spend-of-coinbase', /not mature/],
  'failing-script': [
    'block-script-verify-flag-failed (Script evaluated without error but finished with a false/empty top stack element)',
    /script fails/,
  ],
  inflation: ['bad-txns-in-belowout', /pays more than it takes/],
  'wrong-height': ['bad-cb-height', /begin with its height/],
  'too-old': ['time-too-old', /median/],
  'wrong-bits': ['bad-diffbits', /bits/],
  'not-final': ['bad-txns-nonfinal', /not final/],
};

for (const retargets of [false, true]) {
  test(`every fault is one fault, for both ledgers alike ${retargets ? 'with' : 'without'} retargeting`, async () => {
    const { params, blocks, epochSec } = await SHELF.get({ spacingSec: 20, retargets });
    const ledger = new ReferenceLedger(params);
    const chain = await openMemoryChain(params);
    for (const block of blocks) {
      ledger.add(block.serialized());
      assert.equal((await chain.submitBlock(block, epochSec)).outcome, 'connected');
    }
    const maker = new BlockMaker(params, ledger, createRng(4));
    let tip = ledger.add(blocks.at(-1)!.serialized());
    const seen = new Set<BlockFault>();
    for (let round = 0; round < 12; round++) {
      const nowSec = epochSec + 40 * round;
      for (const fault of BLOCK_FAULTS) {
        const bad = maker.make(tip, { miner: 1, nowSec, paymentsMax: 2, fault });
        const verdict = ledger.add(bad.serialized()).fault;
        const result = await chain.submitBlock(bad, nowSec);
        assert.equal(result.outcome, 'rejected', fault);
        const { reason } = (result as Extract<typeof result, { outcome: 'rejected' }>).reject;
        // where a fault cannot be had, the maker takes too much money instead
        const isOther = reason === 'bad-cb-amount' && fault !== 'overpaid';
        const [expectedReason, expectedFault] = EXPECTED[isOther ? 'overpaid' : fault];
        assert.equal(reason, expectedReason, fault);
        assert.match(verdict ?? '', expectedFault);
        if (!isOther) seen.add(fault);
      }
      const good = maker.make(tip, { miner: 1, nowSec, paymentsMax: 4 });
      tip = ledger.add(good.serialized());
      assert.equal(tip.fault, null);
      assert.equal((await chain.submitBlock(good, nowSec)).outcome, 'connected');
    }
    assert.deepEqual([...seen].sort(), [...BLOCK_FAULTS].sort());
    assert.equal(await checkBooks(chain, ledger, epochSec), null);
  });
}

test('a block on top of a bad one is bad, whatever it holds', async () => {
  const { params, blocks, epochSec } = await SHELF.get({ spacingSec: 20, retargets: false });
  const ledger = new ReferenceLedger(params);
  let tip = ledger.genesis;
  for (const block of blocks) tip = ledger.add(block.serialized());
  const maker = new BlockMaker(params, ledger, createRng(4));
  const plan = { miner: 1, nowSec: epochSec, paymentsMax: 0 };
  const bad = ledger.add(maker.make(tip, { ...plan, fault: 'overpaid' }).serialized());
  const child = ledger.add(maker.make(bad, plan).serialized());
  assert.equal(child.fault, 'its parent is invalid');
});
