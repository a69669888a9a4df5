import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeTx, outputOf, pay, spend } from '../../../test/model/block-builder.ts';
import { BranchBuilder, NOW_SEC } from '../../../test/model/branch-builder.ts';
import type { BlockHash } from '../primitives/hashes.ts';
import { type AssumeValidContext, getScriptCheckReason } from './assume-valid.ts';
import type { Chainstate, ChainstateOptions } from './chainstate.ts';
import { openMemoryChain } from './memory-chain.ts';

/** Two weeks of blocks of ten minutes. */
const TWO_WEEKS_BLOCKS = 2016;
const BAD_HEIGHT = 102;

/** A branch with a script that fails at {@link BAD_HEIGHT}: an output with an empty script, spent by an empty script. */
function badBranch(): BranchBuilder {
  const builder = new BranchBuilder();
  builder.mineMany(100);
  const open = builder.spendCoinbase(1, 1, new Uint8Array(0));
  builder.mine({ transactions: [open] });
  builder.mine({ transactions: [makeTx([spend(outputOf(open))], [pay(1)])] });
  builder.mineMany(TWO_WEEKS_BLOCKS + 2);
  return builder;
}

const builder = badBranch();
const vouched = builder.at(150).header.blockHash;

async function openWith(options: Partial<ChainstateOptions>, headerCount = builder.height): Promise<Chainstate> {
  const chain = await openMemoryChain(builder.network, options);
  await chain.acceptHeaders(
    builder.blocks.slice(0, headerCount).map(({ header }) => header),
    NOW_SEC,
  );
  return chain;
}

async function verdictAt(chain: Chainstate): Promise<string> {
  for (const block of builder.blocks.slice(0, BAD_HEIGHT - 1)) await chain.submitBlock(block, NOW_SEC);
  const result = await chain.submitBlock(builder.at(BAD_HEIGHT), NOW_SEC);
  return result.outcome === 'rejected' ? result.reject.reason : result.outcome;
}

const FAILED =
  'block-script-verify-flag-failed (Script evaluated without error but finished with a false/empty top stack element)';

describe('assumevalid (C41)', () => {
  it('leaves out the scripts of a buried ancestor of the vouched-for block', async () => {
    assert.equal(await verdictAt(await openWith({ assumeValid: vouched })), 'connected');
  });

  it('runs them when nobody vouches', async () => {
    assert.equal(await verdictAt(await openWith({ assumeValid: null })), FAILED);
  });

  it('runs them when the vouched-for block is not among the headers', async () => {
    const unknown = new Uint8Array(32).fill(7) as BlockHash;
    assert.equal(await verdictAt(await openWith({ assumeValid: unknown })), FAILED);
  });

  it('runs them above the vouched-for block', async () => {
    assert.equal(await verdictAt(await openWith({ assumeValid: builder.at(101).header.blockHash })), FAILED);
  });

  it('runs them when less than two weeks of work lie on top', async () => {
    const chain = await openWith({ assumeValid: vouched }, BAD_HEIGHT + TWO_WEEKS_BLOCKS);
    assert.equal(await verdictAt(chain), FAILED);
    const buried = await openWith({ assumeValid: vouched }, BAD_HEIGHT + TWO_WEEKS_BLOCKS + 1);
    assert.equal(await verdictAt(buried), 'connected');
  });

  it('runs them when the best headers show too little work', async () => {
    const work = BigInt(builder.height + 1) * 2n;
    assert.equal(await verdictAt(await openWith({ assumeValid: vouched, minimumChainWork: work + 1n })), FAILED);
    assert.equal(await verdictAt(await openWith({ assumeValid: vouched, minimumChainWork: work })), 'connected');
  });

  it('runs them when the vouched-for block lies on another branch than the best headers', async () => {
    const other = builder.fork(90);
    other.mineMany(builder.height - 90 + 1);
    const chain = await openWith({ assumeValid: vouched });
    await chain.acceptHeaders(
      other.blocks.slice(90).map(({ header }) => header),
      NOW_SEC,
    );
    assert.equal(reasonAt(chain, builder.at(BAD_HEIGHT).header.blockHash), 'block not in best header chain');
    assert.equal(reasonAt(chain, other.at(BAD_HEIGHT).header.blockHash), 'block not in assumevalid chain');
    assert.equal(reasonAt(chain, builder.at(90).header.blockHash), null);
  });

  it('gives its reasons in words of Core', async () => {
    const chain = await openWith({ assumeValid: vouched });
    const at = (height: number): string | null => reasonAt(chain, builder.at(height).header.blockHash);
    assert.equal(builder.height, 2120);
    assert.equal(at(103), null);
    assert.equal(at(104), 'block too recent relative to best header');
    assert.equal(at(151), 'block height above assumevalid height');
    const recent = await openWith({ assumeValid: vouched }, 200);
    assert.equal(reasonAt(recent, builder.at(1).header.blockHash), 'block too recent relative to best header');
    const none: AssumeValidContext = { ...chain.state, assumeValid: null };
    assert.equal(getScriptCheckReason(none, 1), 'assumevalid=0 (always verify)');
  });
});

function reasonAt(chain: Chainstate, blockHash: BlockHash): string | null {
  return getScriptCheckReason(chain.state, chain.index.find(blockHash));
}
