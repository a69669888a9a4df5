// Rows of the attack catalogue as scripted peers and faults against whole nodes: each run has one thing in it and nothing else.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatReport, type SimReport } from '../../src/sim/report.ts';
import type { RunOptions } from '../../src/sim/runner.ts';
import type { Simulation } from '../../src/sim/simulation.ts';
import { NO_CHAOS, type SwarmOptions } from '../../src/sim/swarm.ts';
import { runWholeNodes } from './hosts.ts';
import { CALM } from './worlds.ts';

async function run(seed: number, overrides: Partial<SwarmOptions>, more: Partial<RunOptions> = {}): Promise<SimReport> {
  const report = await runWholeNodes(seed, { overrides: { ...CALM, ...overrides }, ...more });
  assert.equal(report.failure, null, formatReport(report));
  return report;
}

/** Calls `visit` in the world after so many virtual seconds. */
function atSecond(seconds: number, visit: (simulation: Simulation) => void): Partial<RunOptions> {
  return {
    onReady: (simulation) => {
      simulation.world.after(1000 * seconds, 'test', -1, () => visit(simulation));
    },
  };
}

test('a calm world mines, agrees, and is at rest at once', async () => {
  const report = await run(1, {});
  assert.ok(report.nodes.every(({ connectedCount, lifeCount }) => connectedCount > 0 && lifeCount === 1));
  assert.ok(report.healMs !== null && report.healMs <= 2 * 60_000);
});

test('C05 C35: blocks that break a rule, and true headers with false blocks, from a peer that never tires', async () => {
  const report = await run(2, { adversaries: ['bad-block', 'bad-block'], chaosBlocks: 30 });
  assert.ok(report.invalidCount > 5, `${report.invalidCount} invalid blocks`);
  assert.ok(report.nodes.some(({ refusedCount }) => refusedCount > 0));
});

test('C35: branches of a rewriter with most of the power, and a miner of invalid blocks', async () => {
  const report = await run(3, {
    chaosBlocks: 60,
    miners: [
      { kind: 'honest', sharePerMille: 300 },
      { kind: 'rewriter', sharePerMille: 600 },
      { kind: 'invalid-blocks', sharePerMille: 100 },
    ],
  });
  assert.ok(
    report.nodes.some(({ reorgDepthMax }) => reorgDepthMax >= 3),
    formatReport(report),
  );
});

test('D06 E10: headers without work, as many as the line carries, leave no trace', async () => {
  const counts: number[] = [];
  await run(
    4,
    { adversaries: ['low-work-headers', 'low-work-headers', 'low-work-headers'] },
    atSecond(590, ({ nodes, ledger }) => {
      for (const { chain } of nodes) if (chain !== null) counts.push(chain.index.count - ledger.size);
    }),
  );
  assert.equal(counts.length, 4);
  assert.ok(Math.max(...counts) <= 0, `${counts} headers that belong to no block`);
});

test('D03 D04: floods of inventories and of requests for what nobody has, and the chain goes on', async () => {
  const report = await run(5, { adversaries: ['inv-flood', 'inv-flood', 'inv-flood'] });
  assert.ok(report.nodes.every(({ connectedCount }) => connectedCount > 2));
});

test('D10: of thousands of addresses a peer may tell a thousand at once and one in ten seconds afterwards', async () => {
  const processed = new Map<string, number>();
  let offered = 0;
  await run(
    15,
    { adversaries: ['addr-flood'], chaosBlocks: 20 },
    {
      onReady: ({ nodes }) => {
        for (const node of nodes) {
          node.watchers.push({
            onDebug: ({ owner }, line) => {
              const match = /^Received addr: 1000 addresses \((\d+) processed, \d+ rate-limited\) from peer=(\d+)/.exec(
                line,
              );
              if (match === null) return;
              offered += 1000;
              const name = `${owner} ${match[2]}`;
              processed.set(name, (processed.get(name) ?? 0) + Number(match[1]));
            },
          });
        }
      },
    },
  );
  assert.ok(offered > 100_000, `${offered} addresses offered`);
  const most = Math.max(...processed.values());
  // 20 minutes; the clock of a node may run twice as fast
  assert.ok(most > 0 && most <= 1000 + 2 * 120, `${most} addresses of one peer`);
});

test('D14: eight peers of ten that hold every header and give no block do not keep a new node from its ledger', async () => {
  const syncSec = async (stallers: number): Promise<number> => {
    let atSec = Number.POSITIVE_INFINITY;
    const { onReady } = atSecond(0, ({ nodes, world }) => {
      nodes[3]!.watchers.push({
        onTip: (_node, tip) => {
          if (tip.height >= 120) atSec = Math.min(atSec, world.nowMs / 1000);
        },
      });
    });
    const adversaries = Array.from({ length: stallers }, () => 'staller' as const);
    await run(6, { emptyNodes: 1, adversaries, chaosBlocks: 20 }, { onReady: onReady! });
    return atSec;
  };
  const honest = await syncSec(0);
  assert.ok(honest < 120, `${honest} s without stallers`);
  for (const stallers of [1, 4, 8]) {
    const slowed = await syncSec(stallers);
    // A ledger shorter than the window of downloads does not stall; a request that nobody answers is given up after one block
    // interval and half of one for each other peer that blocks are asked of (Core BLOCK_DOWNLOAD_TIMEOUT_BASE and _PER_PEER).
    assert.ok(
      slowed <= 2 * honest + CALM.spacingSec * (1 + stallers / 2),
      `${slowed} s with ${stallers} stallers, ${honest} s without`,
    );
  }
});

test('E03: surrounded nodes that restart find their way back to the honest ones', async () => {
  const report = await run(
    7,
    { adversaries: ['eclipse', 'eclipse', 'addr-flood'], topology: 'addresses', chaosBlocks: 20 },
    atSecond(600, ({ nodes, world }) => {
      for (const node of nodes) {
        node.kill();
        world.after(5_000, 'restart', node.owner, () => node.start());
      }
    }),
  );
  assert.ok(report.nodes.every(({ lifeCount, connectedCount }) => lifeCount === 2 && connectedCount > 5));
});

test('E05: a DNS seed that is dead, or names nobody but the attacker, keeps nobody away whose friends are known', async () => {
  await run(
    8,
    { adversaries: ['eclipse'] },
    {
      onReady: ({ net, actors }) =>
        net.setName(
          'seed.sim.invalid',
          actors.flatMap(({ addresses }) => addresses),
        ),
    },
  );
  await run(9, {}, { onReady: ({ net }) => net.setName('seed.sim.invalid', []) });
});

test('E11: two halves with half of the power each, apart for six hours, agree within two blocks of being together', async () => {
  const split = atSecond(30, ({ nodes, net }) => {
    for (const a of nodes) {
      for (const b of nodes) {
        if (a.owner % 2 !== b.owner % 2) net.setBlocked(a.options.address, b.options.address, true);
      }
    }
  });
  const spacingSec = 600;
  const sizes = { ...CALM.sizes, timerGranularityMs: 2000 };
  const report = await run(10, { spacingSec, chaosBlocks: 36, sizes, topology: 'mixed' }, split);
  assert.ok(report.staleCount >= 8, `${report.staleCount} stale blocks`);
  assert.ok(report.nodes.some(({ reorgDepthMax }) => reorgDepthMax >= 8));
  assert.ok(report.healMs !== null && report.healMs <= 2 * spacingSec * 1000, `healed in ${report.healMs} ms`);
});

test('E11: selfish and withholding miners between honest ones', async () => {
  const report = await run(11, {
    chaosBlocks: 60,
    miners: [
      { kind: 'honest', sharePerMille: 350 },
      { kind: 'selfish', sharePerMille: 400 },
      { kind: 'withholding', sharePerMille: 250 },
    ],
  });
  assert.ok(report.staleCount > 3);
});

test('S01 S02: power cuts and deaths in the middle of writes, again and again, lose nothing that was durable', async () => {
  const report = await run(12, {
    chaosBlocks: 40,
    chaos: { ...NO_CHAOS, kill: 400, powerCut: 1000, diskFaults: 600 },
    diskFaultRates: { failOneIn: 0, forgetSyncOneIn: 0, dieOneIn: 40, fullOneIn: 0 },
    sizes: { ...CALM.sizes, flushBlocksMax: 1 },
  });
  assert.ok(report.nodes.some(({ lifeCount }) => lifeCount > 5));
});

test('S13: files of addresses and bans are whole after any power cut', async () => {
  const report = await run(16, {
    spacingSec: 600,
    chaosBlocks: 60,
    chaos: { ...NO_CHAOS, powerCut: 1000, stop: 500 },
    sizes: { ...CALM.sizes, timerGranularityMs: 5000 },
  });
  assert.ok(report.chaos.powerCut > 30 && report.chaos.stop > 10);
});

test('C36 S05 S06: disks that fail, fill up and forget stop nodes and condemn no block', async () => {
  const report = await run(13, {
    chaosBlocks: 40,
    chaos: { ...NO_CHAOS, diskFaults: 1500, powerCut: 200 },
    diskFaultRates: { failOneIn: 60, forgetSyncOneIn: 20, dieOneIn: 0, fullOneIn: 80 },
  });
  assert.ok(report.diskFaultCount > 3, `${report.diskFaultCount} faults`);
});

test('T02: clocks that jump by hours, by years and back to the past, while running and across restarts', async () => {
  const report = await run(14, { chaosBlocks: 40, chaos: { ...NO_CHAOS, clockJump: 1500, stop: 200 } });
  assert.ok(report.chaos.clockJump > 20);
});
