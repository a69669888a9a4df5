// What selfish mining earns in the simulation against what the theory says.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runMiningRace, selfishRevenue } from '../../src/sim/mining-race.ts';
import { World } from '../../src/sim/world.ts';
import { HOST } from './hosts.ts';

const RACES = 16;
const BLOCKS = 2_500;

/** Mean of some values, and how far it is likely off: attacks are long, so that blocks say little about each other's number. */
function meanAndError(values: readonly number[]): { mean: number; error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / (values.length - 1) / values.length) };
}

test('the formula of Eyal and Sirer gives their own figures', () => {
  // a third of the power pays just its share when nobody helps; a quarter does when half of the others help
  assert.ok(Math.abs(selfishRevenue(1 / 3, 0) - 1 / 3) < 1e-9);
  assert.ok(Math.abs(selfishRevenue(1 / 4, 1 / 2) - 1 / 4) < 1e-9);
  assert.ok(Math.abs(selfishRevenue(0.4, 0) - 0.48372) < 1e-4);
});

for (const [alphaPerMille, gammaPerMille] of [
  [330, 0],
  [330, 1000],
  [400, 0],
  [400, 500],
  [450, 1000],
  [250, 500],
] as const) {
  test(`E11: a selfish miner with ${alphaPerMille / 10} % and γ = ${gammaPerMille / 1000} earns what Eyal and Sirer say, within three deviations`, async () => {
    const revenues: number[] = [];
    let expected = 0;
    for (let i = 0; i < RACES; i++) {
      const world = new World(1000 * alphaPerMille + gammaPerMille + i, HOST);
      const options = { blockCount: BLOCKS, honestCount: 50, alphaPerMille, gammaPerMille };
      const { revenue, gamma } = await runMiningRace(world, options);
      revenues.push(revenue);
      expected = selfishRevenue(alphaPerMille / 1000, gamma);
    }
    const { mean, error } = meanAndError(revenues);
    assert.ok(error < 0.02, `an error of ${error}`);
    assert.ok(Math.abs(mean - expected) <= 3 * error, `${mean} ± ${error} and not ${expected}`);
  });
}

test('E11: the same race twice is the same race', async () => {
  const run = async (seed: number): Promise<string> => {
    const world = new World(seed, HOST);
    await runMiningRace(world, { blockCount: 500, honestCount: 10, alphaPerMille: 400, gammaPerMille: 500 });
    return world.trace.digest();
  };
  assert.equal(await run(3), await run(3));
  assert.notEqual(await run(3), await run(4));
});
