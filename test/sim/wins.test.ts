// Who computes so many hashes wins so many pages: two hundred pages of four miners at four nodes, against their shares of the power.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { branchOf } from '../../src/sim/checker/reference-ledger.ts';
import { formatReport } from '../../src/sim/report.ts';
import type { Simulation } from '../../src/sim/simulation.ts';
import { runWholeNodes } from './hosts.ts';
import { CALM } from './worlds.ts';

const PAGES = 200;

const SEED = 31;

/** Thousandths of all power. */
const SHARES: readonly number[] = [400, 300, 200, 100];

/** Chi-square with three degrees of freedom stays below this but for one world in ten thousand. */
const CHI_SQUARE_MAX = 21.11;

/** Who has found each of the pages after the first ones of a world, by the number of its node. */
function countWins({ nodes }: Simulation, finders: ReadonlyMap<string, number>): readonly number[] {
  const tip = nodes[0]!.ledgerTip();
  assert.ok(tip !== null);
  const won = branchOf(tip)
    .map(({ blockHash }) => finders.get(blockHash))
    .filter((owner) => owner !== undefined)
    .slice(0, PAGES);
  assert.equal(won.length, PAGES, `${won.length} pages`);
  return SHARES.map((_, i) => won.filter((owner) => owner === i).length);
}

test(`of ${PAGES} pages each miner wins its share, as far as luck allows`, async (context) => {
  let wins: readonly number[] = [];
  const report = await runWholeNodes(SEED, {
    overrides: {
      ...CALM,
      chaosBlocks: PAGES + 60,
      payments: { perBlockPerMille: 0, doublePerMille: 0 },
      miners: SHARES.map((sharePerMille) => ({ kind: 'honest', sharePerMille })),
    },
    onReady: (simulation) => {
      const finders = new Map<string, number>();
      for (const miner of simulation.miners) {
        miner.onFound.push(({ blockHash }) => finders.set(blockHash, miner.node.owner));
      }
      const endMs = (PAGES + 59) * CALM.spacingSec * 1000;
      simulation.world.after(endMs, 'test', -1, () => {
        wins = countWins(simulation, finders);
      });
    },
  });
  assert.equal(report.failure, null, formatReport(report));
  const expected = SHARES.map((share) => (PAGES * share) / 1000);
  const chiSquare = wins.reduce((sum, count, i) => sum + (count - expected[i]!) ** 2 / expected[i]!, 0);
  context.diagnostic(`won ${wins.join(', ')}; chi-square ${chiSquare.toFixed(2)}`);
  assert.ok(chiSquare <= CHI_SQUARE_MAX, `won ${wins.join(', ')}: chi-square ${chiSquare.toFixed(2)}`);
});
