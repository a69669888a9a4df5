// Whole nodes under faults and attacks: fifty seeds, the seeds that are kept, the canary, and the proof that a seed is a run.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findMutant } from '../../src/sim/mutants.ts';
import { CANARY, REGRESSIONS } from '../../src/sim/regressions.ts';
import { formatReport } from '../../src/sim/report.ts';
import type { SwarmLimits } from '../../src/sim/swarm.ts';
import { runWholeNodes } from './hosts.ts';

/** Small enough that fifty seeds take less than a minute of one core. */
const CI_SWARM: SwarmLimits = { nodesMax: 5, chaosBlocksMax: 14, spacingsSec: [20, 60] };

const SEEDS = 50;

test(`S01 S02 T02 T04 C35: ${SEEDS} seeds of chaos end in agreement, with every book in order and nobody wronged`, async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const report = await runWholeNodes(seed, { limits: CI_SWARM });
    assert.equal(report.failure, null, formatReport(report));
  }
});

test('the same seed does the same, and another one something else', async () => {
  const digests = new Set<string>();
  for (const seed of [3, 14, 15]) {
    const first = await runWholeNodes(seed, { limits: CI_SWARM });
    const second = await runWholeNodes(seed, { limits: CI_SWARM });
    assert.equal(first.traceHash, second.traceHash, `seed ${seed}`);
    assert.equal(first.eventCount, second.eventCount);
    digests.add(first.traceHash);
  }
  assert.equal(digests.size, 3);
});

for (const { seed, overrides, sentence } of REGRESSIONS) {
  test(`kept seed ${seed}: ${sentence}`, async () => {
    const report = await runWholeNodes(seed, { overrides });
    assert.equal(report.failure, null, formatReport(report));
  });
}

test('the canary fails: a simulation that finds nothing is broken', async () => {
  const mutant = findMutant(CANARY.mutant);
  assert.ok(mutant !== undefined);
  const report = await runWholeNodes(CANARY.seed, { overrides: CANARY.overrides, mutant });
  assert.equal(report.failure?.check, CANARY.check, formatReport(report));
});
