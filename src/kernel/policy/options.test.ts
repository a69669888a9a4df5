import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CLUSTER_COUNT_DEFAULT,
  CLUSTER_VSIZE_DEFAULT,
  PACKAGE_COUNT_MAX,
  PACKAGE_WEIGHT_MAX,
  TRUC_CHILD_VSIZE_MAX,
  TRUC_VSIZE_MAX,
  TX_SIGOPS_COST_MAX,
  TX_WEIGHT_MAX,
} from './limits.ts';
import { computeAdjustedWeight, computeVsize, POLICY_DEFAULTS } from './options.ts';

test('the defaults are those of Bitcoin Core 31', () => {
  assert.deepEqual(POLICY_DEFAULTS, {
    minRelayFeerate: 100,
    incrementalFeerate: 100,
    dustFeerate: 3000,
    bytesPerSigop: 20,
    datacarrierBytesMax: 100_000,
    permitsBareMultisig: true,
    requiresStandard: true,
    clusterCountMax: 64,
    clusterWeightMax: 404_000,
    mempoolBytesMax: 300_000_000,
    expirySec: 1_209_600,
  });
});

test('virtual bytes are a quarter of the weight, rounded up', () => {
  assert.deepEqual(
    [400, 401, 403, 404].map((weight) => computeVsize(weight, 0, 20)),
    [100, 101, 101, 101],
  );
});

test('signature operations count for 20 weight units each, where that is more', () => {
  // mempool_sigoplimit: 1,000 operations at cost 1 weigh as much as 5,000 virtual bytes
  assert.equal(computeVsize(19_996, 1_000, 20), 5_000);
  assert.equal(computeVsize(20_000, 1_000, 20), 5_000);
  assert.equal(computeVsize(20_001, 1_000, 20), 5_001);
  assert.equal(computeAdjustedWeight(20_000, 1_001, 20), 20_020);
  assert.equal(computeVsize(20_000, 1_001, 20), 5_005);
  assert.equal(computeVsize(800, 16_000, 0), 200);
});

test('limits fit into each other: a transaction into a package, a package and a TRUC pair into a cluster', () => {
  assert.equal(TX_SIGOPS_COST_MAX, 16_000);
  assert.ok(PACKAGE_WEIGHT_MAX >= TX_WEIGHT_MAX);
  assert.ok(CLUSTER_COUNT_DEFAULT >= PACKAGE_COUNT_MAX);
  assert.ok(CLUSTER_VSIZE_DEFAULT * 4 >= PACKAGE_WEIGHT_MAX);
  assert.ok(CLUSTER_VSIZE_DEFAULT >= TRUC_VSIZE_MAX + TRUC_CHILD_VSIZE_MAX);
});
