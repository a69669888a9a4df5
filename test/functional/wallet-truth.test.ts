// K10, and invariant 16 of the design: after every few of many random operations at three nodes with reorganisations, kills and restarts,
// what each wallet says of itself is what an independent replay of the ledger says of its descriptors. `TALLY_WALLET_OPS` sets the number
// of operations, `TALLY_SEED` what they are: the same seed makes the same decisions. `npm run nightly:wallets` asks for two thousand.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../src/kernel/util/prng.ts';
import { withFolder } from './programs.ts';
import {
  assertRemembered,
  cutOrJoin,
  giveUp,
  holdCoins,
  invalidate,
  lockKeys,
  loseBranch,
  mineSome,
  nameAddress,
  reload,
  restart,
  restoreCopy,
} from './wallet-events.ts';
import { bump, type Deed, hurry, sendAll, sendMany, sendOne, sendShared, sendTwoAtOnce } from './wallet-payments.ts';
import { WalletTown } from './wallet-town.ts';

const OPERATIONS = Number(process.env['TALLY_WALLET_OPS'] ?? 120);
const SEED = Number(process.env['TALLY_SEED'] ?? 1);

/** After so many operations every wallet is judged. */
const JUDGED_EVERY = 10;

/** What may happen, and how often among all. */
const DEEDS: readonly (readonly [name: string, weight: number, deed: Deed])[] = [
  ['send', 20, sendOne],
  ['send to many', 8, sendMany],
  ['send all', 2, sendAll],
  ['send two at once', 8, sendTwoAtOnce],
  ['bump', 8, bump],
  ['hurry', 6, hurry],
  ['send shared', 6, sendShared],
  ['give up', 3, giveUp],
  ['mine', 16, mineSome],
  ['cut or join', 6, cutOrJoin],
  ['lose a branch', 2, loseBranch],
  ['invalidate', 2, invalidate],
  ['restart', 4, restart],
  ['name', 6, nameAddress],
  ['hold coins', 4, holdCoins],
  ['lock keys', 1, lockKeys],
  ['reload', 2, reload],
  ['restore', 2, restoreCopy],
];

/** The list of all that happens, by the seed alone; everything that there is happens in it. */
function plan(): readonly (readonly [name: string, deed: Deed])[] {
  const rng = createRng(SEED).fork('plan');
  const bag = DEEDS.flatMap(([name, weight, deed]) => Array.from({ length: weight }, () => [name, deed] as const));
  const drawn = Array.from({ length: OPERATIONS - DEEDS.length }, () => bag[rng.below(bag.length)]!);
  for (const [name, , deed] of DEEDS) drawn.splice(rng.below(drawn.length + 1), 0, [name, deed]);
  return drawn;
}

test(`K10: after ${OPERATIONS} random operations at three nodes every wallet says what a replay of the ledger says`, async (context) => {
  context.diagnostic(`seed ${SEED}`);
  await withFolder(async (folder) => {
    const town = new WalletTown(folder);
    const done: Map<string, number> = new Map();
    let last = 'the foundation';
    try {
      await town.found();
      await town.judgeAll();
      for (const [step, [name, deed]] of plan().entries()) {
        last = `operation ${step}, ${name}`;
        const outcome = await deed(town, createRng(SEED).fork(`operation ${step}`));
        if (outcome !== null) done.set(name, (done.get(name) ?? 0) + 1);
        if (step % JUDGED_EVERY === JUDGED_EVERY - 1) await town.judgeAll();
      }
      last = 'the end';
      await town.reunite();
      await town.judgeAll();
      for (const node of town.nodes) await assertRemembered(node);
    } catch (error) {
      throw new Error(`seed ${SEED}, ${last}: ${error instanceof Error ? error.stack : error}`, { cause: error });
    } finally {
      await town.end();
    }
    const counts = DEEDS.map(([name]) => `${name} ${done.get(name) ?? 0}`).join(', ');
    context.diagnostic(`done: ${counts}; ${town.judge.judged} judgements`);
    for (const name of [
      'send',
      'send to many',
      'send two at once',
      'send shared',
      'give up',
      'lose a branch',
      'invalidate',
      'restart',
    ]) {
      assert.ok((done.get(name) ?? 0) > 0, `${name} was done`);
    }
  });
});
