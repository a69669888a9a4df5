import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../kernel/util/prng.ts';
import { DnsSeeding, type SeedingFacts, type SeedingStep } from './dns-seeding.ts';

const SEEDS = ['a.example.', 'b.example.', 'c.example.', 'd.example.', 'e.example.', 'f.example.', 'g.example.'];

function facts(addressCount: number, connectionCount = 0, isNetworkActive = true): SeedingFacts {
  return { addressCount, connectionCount, isNetworkActive };
}

function create(isForced = false, hasSeedNodes = false): DnsSeeding {
  return new DnsSeeding(SEEDS, isForced, hasSeedNodes, createRng(1));
}

function asked(steps: readonly SeedingStep[]): string[] {
  return steps.flatMap((step) => (step.type === 'ask' ? [step.seed] : []));
}

function said(steps: readonly SeedingStep[]): string[] {
  return steps.flatMap((step) => (step.type === 'log' && !step.text.startsWith('Loading') ? [step.text] : []));
}

test('E05: a node that knows nobody asks all seeds at once, so that none of them alone decides', () => {
  const seeding = create();
  const steps = seeding.next(facts(0), 0);
  assert.deepEqual(asked(steps).sort(), SEEDS);
  assert.deepEqual(seeding.next(facts(0), 1000), []);
  for (const seed of SEEDS) seeding.answered(seed, 10);
  assert.deepEqual(said(seeding.next(facts(70), 2000)), ['70 addresses found from DNS seeds']);
  assert.equal(seeding.isDone, true);
  assert.equal(seeding.wakeAtMs(2000), null);
});

test('E05: all seeds are dead: it ends, and nothing waits for ever', () => {
  const seeding = create();
  seeding.next(facts(0), 0);
  for (const seed of SEEDS.slice(1)) seeding.answered(seed, 0);
  assert.deepEqual(seeding.next(facts(0), 59_000), []);
  assert.equal(seeding.wakeAtMs(59_000), 60_000);
  assert.deepEqual(said(seeding.next(facts(0), 60_000)), ['0 addresses found from DNS seeds']);
  assert.equal(seeding.isDone, true);
  // an answer that comes too late, or twice, does no harm
  seeding.answered(SEEDS[0]!, 5);
  seeding.answered('unknown.example.', 5);
});

test('E05: a node that knows some addresses tries them for 11 seconds, then asks three seeds, and so on', () => {
  const seeding = create();
  assert.deepEqual(said(seeding.next(facts(100), 0)), ['Waiting 11 seconds before querying DNS seeds.']);
  assert.equal(seeding.wakeAtMs(0), 11_000);
  assert.deepEqual(seeding.next(facts(100, 1), 10_999), []);
  const first = asked(seeding.next(facts(100, 1), 11_000));
  assert.equal(first.length, 3);
  for (const seed of first) seeding.answered(seed, 4);
  assert.deepEqual(said(seeding.next(facts(112, 1), 12_000)), ['Waiting 11 seconds before querying DNS seeds.']);
  assert.deepEqual(said(seeding.next(facts(112, 2), 23_000)), [
    '12 addresses found from DNS seeds',
    'P2P peers available. Finished DNS seeding.',
  ]);
});

test('a node that knows a thousand addresses waits for five minutes, and stops as soon as it has two connections', () => {
  const seeding = create();
  assert.deepEqual(said(seeding.next(facts(1000), 0)), ['Waiting 300 seconds before querying DNS seeds.']);
  assert.deepEqual(seeding.next(facts(1000, 1), 11_000), []);
  assert.deepEqual(said(seeding.next(facts(1000, 2), 22_000)), ['P2P peers available. Skipped DNS seeding.']);
  assert.equal(seeding.isDone, true);
  const patient = create();
  let firstAskMs = 0;
  for (let nowMs = 0; firstAskMs === 0; nowMs = patient.wakeAtMs(nowMs)!) {
    if (asked(patient.next(facts(1000, 1), nowMs)).length > 0) firstAskMs = nowMs;
  }
  assert.equal(firstAskMs, 300_000);
});

test('-forcednsseed asks all seeds whatever is known', () => {
  assert.equal(asked(create(true).next(facts(5000, 8), 0)).length, SEEDS.length);
});

test('with -seednode those come first, for half a minute', () => {
  const good = create(false, true);
  assert.deepEqual(said(good.next(facts(0), 0)), [
    '-seednode enabled. Trying the provided seeds for 30 seconds before defaulting to the dnsseeds.',
  ]);
  assert.deepEqual(said(good.next(facts(50, 2), 5000)), [
    'P2P peers available. Finished fetching data from seed nodes.',
    'Skipping DNS seeds. Enough peers have been found',
  ]);
  assert.equal(good.isDone, true);
  const bad = create(false, true);
  bad.next(facts(0), 0);
  assert.deepEqual(bad.next(facts(0, 1), 30_000), []);
  const steps = bad.next(facts(0, 1), 30_001);
  assert.deepEqual(said(steps), [
    "Couldn't connect to enough peers via seed nodes. Handing fetch logic to the DNS seeds.",
  ]);
  assert.equal(asked(steps).length, SEEDS.length);
});

test('nothing is asked while the network is off', () => {
  const seeding = create();
  assert.deepEqual(said(seeding.next(facts(0, 0, false), 0)), [
    'Waiting for network to be reactivated before querying DNS seeds.',
  ]);
  assert.deepEqual(seeding.next(facts(0, 0, false), 1000), []);
  assert.ok(seeding.wakeAtMs(1000)! > 1000);
  assert.equal(asked(seeding.next(facts(0), 2000)).length, SEEDS.length);
});

test('the order of seeds is random', () => {
  const orders = new Set<string>();
  for (let seed = 0; seed < 20; seed++) {
    orders.add(asked(new DnsSeeding(SEEDS, false, false, createRng(seed)).next(facts(0), 0)).join());
  }
  assert.ok(orders.size > 15);
});
