// The bounded form of npm run fuzz: every door of the kernel, some ten thousand mutated inputs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../src/kernel/util/bytes.ts';
import { openVectorFolder, vectorsPath } from '../vectors/folder.ts';
import { createInput, type FuzzTarget, runFuzz } from './run.ts';
import { createSeeds } from './seeds.ts';
import { createTargets } from './targets.ts';

const INPUTS = 30_000;

test(`${INPUTS} mutated inputs are accepted whole or refused in the proper way (npm run fuzz for a million)`, (t) => {
  const targets = createTargets(createSeeds(openVectorFolder(vectorsPath())));
  const { fault, accepted, slowestMs } = runFuzz(targets, 2026, INPUTS);
  for (const [name, count] of accepted) t.diagnostic(`${name}: ${count} accepted`);
  t.diagnostic(`slowest answer: ${slowestMs.toFixed(1)} ms`);
  assert.equal(
    fault,
    null,
    fault === null ? '' : `${fault.target} ${fault.index} ${toHex(fault.input)} ${String(fault.error)}`,
  );
});

test('every target accepts its own seeds', () => {
  for (const target of createTargets(createSeeds(openVectorFolder(vectorsPath())))) {
    const accepted = target.seeds.filter((seed) => target.run(seed)).length;
    assert.ok(accepted > 0, target.name);
  }
});

test('a fault is found, and its numbers make the same input again', () => {
  const broken: FuzzTarget = {
    name: 'broken',
    seeds: [new Uint8Array(20)],
    run: (input) => {
      if (input.length === 19) throw new RangeError('nineteen');
      return true;
    },
  };
  const { fault } = runFuzz([broken], 7, 10_000);
  assert.ok(fault !== null);
  assert.ok(fault.error instanceof RangeError);
  assert.deepEqual(createInput([broken], 7, fault.index).input, fault.input);
});
