import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BranchBuilder } from '../../test/model/branch-builder.ts';
import type { Chainstate } from '../kernel/chain/chainstate.ts';
import { openMemoryChain } from '../kernel/chain/memory-chain.ts';
import type { Block } from '../kernel/primitives/block.ts';
import { Warnings } from '../node/app/warnings.ts';
import { ChainWarnings } from './chain-warnings.ts';
import { nullLogger } from './log.ts';

/** A period of regtest, and as many signals as lock a change in there. */
const PERIOD = 144;
const THRESHOLD = 108;
/** Versions that signal on bit 3, of which nothing is known, and on a bit that miners use for themselves. */
const UNKNOWN = 0x20000008;
const IGNORED = 0x20000020;

const UNKNOWN_RULES = 'Unknown new rules activated (versionbit 3)';
const LONG_CHAIN =
  'Warning: Found invalid chain more than 6 blocks longer than our best chain. This could be due to database corruption or consensus incompatibility with peers.';

interface World {
  readonly chain: Chainstate;
  readonly branch: BranchBuilder;
  readonly warnings: Warnings;
  readonly lines: readonly string[];
  mine(count: number, version?: number): Promise<void>;
  submit(block: Block): Promise<void>;
}

async function open(): Promise<World> {
  const branch = new BranchBuilder();
  const chain = await openMemoryChain(branch.network);
  const nowSec = branch.network.genesis.header.timeSec + 1_000_000;
  await chain.activate(nowSec);
  const warnings = new Warnings();
  const lines: string[] = [];
  new ChainWarnings(branch.network, chain, warnings, { ...nullLogger, warn: (line) => void lines.push(line) });
  const submit = async (block: Block): Promise<void> => {
    // The tip is of today.
    await chain.submitBlock(block, block.header.timeSec);
  };
  return {
    chain,
    branch,
    warnings,
    lines,
    submit,
    mine: async (count, version) => {
      for (let i = 0; i < count; i++) await submit(branch.mine(version === undefined ? {} : { version }));
    },
  };
}

test('a change that miners have activated and nobody here knows is warned of once it holds, and told of before', async () => {
  const { mine, warnings, lines } = await open();
  await mine(PERIOD - 1);
  await mine(THRESHOLD - 1, UNKNOWN);
  await mine(PERIOD - THRESHOLD + 1);
  await mine(PERIOD, IGNORED);
  await mine(PERIOD);
  assert.deepEqual([warnings.texts, lines], [[], []]);
  await mine(THRESHOLD, UNKNOWN);
  await mine(PERIOD - THRESHOLD);
  assert.deepEqual(warnings.texts, []);
  assert.deepEqual(lines, [UNKNOWN_RULES], 'locked in with the last block');
  await mine(PERIOD);
  assert.deepEqual(warnings.texts, [UNKNOWN_RULES]);
});

test('an invalid chain that is longer by more than six blocks is warned of until ours has caught up', async () => {
  const { chain, branch, mine, submit, warnings } = await open();
  await mine(1);
  const other = branch.fork();
  const invalid = [other.mineOverpaid(), ...other.mineMany(6)];
  chain.acceptHeaders(
    invalid.map(({ header }) => header),
    invalid.at(-1)!.header.timeSec,
  );
  // The last ones first: so all of them are known when the first turns out to be bad.
  for (const block of [...invalid].reverse()) await submit(block);
  assert.deepEqual(warnings.texts, [LONG_CHAIN]);
  assert.equal(chain.height, 1);
  await mine(1);
  assert.deepEqual(warnings.texts, []);
});
