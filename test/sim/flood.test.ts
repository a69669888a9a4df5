// The world, its disks, its miners and its checkers with the smallest node that keeps a ledger: what fails here is the simulation.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findMutant } from '../../src/sim/mutants.ts';
import { formatReport, type SimReport } from '../../src/sim/report.ts';
import { type RunOptions, runSeed } from '../../src/sim/runner.ts';
import type { SwarmLimits } from '../../src/sim/swarm.ts';
import { startFloodNode } from './flood-node.ts';
import { HOST, SHELF } from './hosts.ts';

const QUICK: SwarmLimits = { nodesMax: 5, chaosBlocksMax: 16, spacingsSec: [20] };

function runFlood(seed: number, options: Partial<RunOptions> = {}): Promise<SimReport> {
  return runSeed(seed, { host: HOST, startNode: startFloodNode, shelf: SHELF, limits: QUICK, ...options });
}

test('ten seeds of a node that floods end in agreement', async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const report = await runFlood(seed);
    assert.equal(report.failure, null, formatReport(report));
  }
});

test('a report names the nodes, the trace and, of a failure, the options', async () => {
  const good = formatReport(await runFlood(2));
  assert.match(good, /^seed 2: ok, \d+ nodes/);
  assert.match(good, /trace [0-9a-f]{16}/);
  assert.match(good, /20\.0\.1\.10/);
  const mutant = findMutant('kept-coins');
  assert.ok(mutant !== undefined);
  const bad = formatReport(await runFlood(1, { mutant, overrides: { chaosBlocks: 12 } }));
  assert.match(bad, /FAILED \(books\)/);
  assert.match(bad, /"nodeCount":/);
  assert.match(bad, /what happened last:/);
});

test('options in place of what the seed draws are taken', async () => {
  const report = await runFlood(5, { nodeCount: 3, chaosDays: 0.01, overrides: { spacingSec: 60, retargets: false } });
  assert.equal(report.nodes.length, 3);
  assert.equal(report.options.chaosBlocks, 14);
  assert.ok(report.virtualMs >= 864_000 - 60_000);
});
