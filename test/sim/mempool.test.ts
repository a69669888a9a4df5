// Mempools of whole nodes in reorganisations, deep ones among them, and what somebody who listens can learn of where a payment comes
// from. What mempools must be is checked in every run (src/sim/checker/mempool-watch.ts); here is what makes it hard for them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatReport, type SimReport } from '../../src/sim/report.ts';
import type { Simulation } from '../../src/sim/simulation.ts';
import { runWholeNodes } from './hosts.ts';
import { rewind } from './operator.ts';
import { CALM } from './worlds.ts';

const MINUTE_MS = 60_000;

/** Runs a world in which something is done after so many minutes. */
async function runWith(seed: number, minutes: number, act: (simulation: Simulation) => void): Promise<SimReport> {
  const report = await runWholeNodes(seed, {
    overrides: { ...CALM, nodeCount: 3, chaosBlocks: 30, payments: { perBlockPerMille: 5000, doublePerMille: 100 } },
    onReady: (simulation) => {
      simulation.world.after(minutes * MINUTE_MS, 'test', -1, () => act(simulation));
    },
  });
  assert.equal(report.failure, null, formatReport(report));
  return report;
}

for (const [blockCount, fromLeast, least] of [
  [10, 20, 15],
  // Nothing that was spent since is ripe there: all of it has to go.
  [100, 60, 0],
] as const) {
  test(`M08: ${blockCount} blocks come off and go on again: each time the mempool is the one built from nothing`, async () => {
    const isDone: boolean[] = [];
    const { payments } = await runWith(21, 20, (simulation) => {
      for (const node of simulation.nodes) isDone.push(rewind(simulation, node, blockCount));
    });
    assert.deepEqual(isDone, [true, true, true]);
    assert.ok(payments.rebuiltCount >= 3, `${payments.rebuiltCount} reorganisations`);
    const figures = `${payments.rebuiltMax} payments of ${payments.rebuiltFromMax}`;
    assert.ok(payments.rebuiltFromMax >= fromLeast && payments.rebuiltMax >= least, figures);
  });
}

test('M08: a miner that rewrites twenty blocks at a time, and everybody pays all the while', async () => {
  const report = await runWholeNodes(22, {
    overrides: {
      ...CALM,
      chaosBlocks: 80,
      miners: [
        { kind: 'rewriter', sharePerMille: 600 },
        { kind: 'honest', sharePerMille: 400 },
      ],
      payments: { perBlockPerMille: 4000, doublePerMille: 300 },
    },
  });
  assert.equal(report.failure, null, formatReport(report));
  const deepest = Math.max(...report.nodes.map(({ reorgDepthMax }) => reorgDepthMax));
  assert.ok(deepest >= 8, formatReport(report));
  assert.ok(report.payments.rebuiltMax >= 20, formatReport(report));
});
