import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AcceptWorld, type TestCoin } from '../../../test/model/accept-world.ts';
import { NaiveAcceptance } from '../../../test/model/naive-acceptance.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { createRng, type Rng } from '../../kernel/util/prng.ts';

const CLUSTER_COUNT_MAX = 6;

/** A payment of one to three of the latest coins, which may be spent, replaced or not there any more. */
function randomPayment(world: AcceptWorld, coins: readonly TestCoin[], rng: Rng): Transaction {
  const recent = coins.slice(-18);
  const chosen = new Set(Array.from({ length: 1 + rng.below(3) }, () => recent[rng.below(recent.length)]!));
  const feeSat = [rng.below(12), rng.below(400), rng.below(4_000), 5_000 + rng.below(20_000)][rng.below(4)]!;
  return world.payment([...chosen], { feeSat, outputCount: 1 + rng.below(4) });
}

test('M01: random payments, replacements and blocks get the verdicts of a slow twin, and leave the same mempool', async () => {
  const reasons = new Map<string, number>();
  for (const seed of [1, 2, 3, 4]) {
    const rng = createRng(seed);
    const world = await AcceptWorld.open({ coinCount: 14, policy: { clusterCountMax: CLUSTER_COUNT_MAX } });
    const { minRelayFeerate, incrementalFeerate } = world.mempool.options;
    const twin = new NaiveAcceptance({
      clusterCountMax: CLUSTER_COUNT_MAX,
      relaySatPerKvb: minRelayFeerate,
      incrementalSatPerKvb: incrementalFeerate,
    });
    const coins = world.coins.splice(0);
    for (const { prevout, valueSat } of coins) twin.coins.set(`${formatHash(prevout.txid)}:${prevout.index}`, valueSat);
    for (let step = 0; step < 250; step++) {
      const transaction = randomPayment(world, coins, rng);
      const result = await world.accept(transaction);
      const reason = result.outcome === 'accepted' ? 'accepted' : result.reject.reason;
      assert.equal(reason, twin.accept(transaction), `seed ${seed}, step ${step}`);
      assert.deepEqual(world.txids(), twin.ids(), `seed ${seed}, step ${step}`);
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      if (result.outcome === 'accepted') {
        for (let j = 0; j < transaction.outputCount; j++) coins.push(world.coinOf(transaction, j));
      }
      if (rng.below(40) === 0) await mineSome(world, twin, rng);
    }
    world.mempool.sanityCheck(world.chain.state.coins, world.chain.height + 1);
  }
  const seen = [...reasons.keys()].sort();
  assert.deepEqual(seen, [
    'accepted',
    'bad-txns-inputs-missingorspent',
    'bad-txns-spends-conflicting-tx',
    'insufficient fee',
    'min relay fee not met',
    'replacement-failed',
    'too-large-cluster',
  ]);
});

async function mineSome(world: AcceptWorld, twin: NaiveAcceptance, rng: Rng): Promise<void> {
  const sorted = world.mempool.sorted().map(({ transaction }) => transaction);
  const mined = sorted.slice(0, rng.below(sorted.length + 1));
  await world.mine(mined);
  twin.connect(mined);
  assert.deepEqual(world.txids(), twin.ids());
}
