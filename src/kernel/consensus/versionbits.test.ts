import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { asBlockHash } from '../primitives/hashes.ts';
import type { HeaderBranch } from './header-branch.ts';
import { createNetworkParams } from './networks/all.ts';
import { createRegtestParams } from './networks/regtest.ts';
import { ALWAYS_ACTIVE, NEVER_ACTIVE, NO_TIMEOUT, type VersionbitsDeployment } from './params.ts';
import {
  computeBlockVersion,
  computeDeploymentInfo,
  computeSignalStatistics,
  computeUnknownActivations,
  getDeploymentState,
  getDeploymentStateSince,
  isVersionSignal,
  type ThresholdState,
  VersionbitsCache,
} from './versionbits.ts';

const SIGNAL = 0x20000000 + 2 ** 5;
const SILENT = 0x20000000;

const DEPLOYMENT: VersionbitsDeployment = {
  name: 'test',
  bit: 5,
  startTimeSec: 1000,
  timeoutSec: 2000,
  minActivationHeight: 0,
  period: 10,
  threshold: 7,
  isOptionalForMiners: true,
};

/** A branch out of plain lists; the block hash is the height and a salt, so that branches differ. */
class ListBranch implements HeaderBranch {
  readonly times: number[] = [];
  readonly versions: number[] = [];
  readonly salt: number;

  constructor(salt = 0) {
    this.salt = salt;
  }

  get height(): number {
    return this.times.length - 1;
  }

  timeSec(height: number): number {
    return this.times[height]!;
  }

  bits(): number {
    return 0x207fffff;
  }

  version(height: number): number {
    return this.versions[height]!;
  }

  blockHash(height: number): ReturnType<typeof asBlockHash> {
    const blockHash = new Uint8Array(32);
    blockHash.set([height & 0xff, height >>> 8, this.salt]);
    return asBlockHash(blockHash);
  }

  /** `count` blocks with the same time, the first `signals` of which signal. */
  add(count: number, timeSec: number, signals = 0): this {
    for (let i = 0; i < count; i++) {
      this.times.push(timeSec);
      this.versions.push(i < signals ? SIGNAL : SILENT);
    }
    return this;
  }
}

function stateOf(branch: ListBranch, deployment: VersionbitsDeployment = DEPLOYMENT): ThresholdState {
  return getDeploymentState(deployment, branch);
}

test('a deployment starts with the period after the median time reached its start', () => {
  const branch = new ListBranch();
  assert.equal(stateOf(branch), 'defined');
  branch.add(10, 999);
  assert.equal(stateOf(branch), 'defined');
  branch.add(9, 1000);
  assert.equal(stateOf(branch), 'defined', 'the period is not over');
  branch.add(1, 1000);
  assert.equal(stateOf(branch), 'started');
});

test('signals lock a deployment in from exactly the threshold on, and one period later it is active', () => {
  for (const [signals, expected] of [
    [6, 'started'],
    [7, 'locked_in'],
    [10, 'locked_in'],
  ] as const) {
    const branch = new ListBranch().add(10, 1000).add(10, 1000, signals);
    assert.equal(stateOf(branch), expected, String(signals));
  }
  const branch = new ListBranch().add(10, 1000).add(10, 1000, 7).add(9, 1000);
  assert.equal(stateOf(branch), 'locked_in');
  assert.equal(stateOf(branch.add(1, 1000)), 'active');
  assert.equal(stateOf(branch.add(50, 5000)), 'active', 'active stays active beyond the timeout');
  assert.equal(getDeploymentStateSince(DEPLOYMENT, branch), 30);
});

test('signals before the start do not count', () => {
  const branch = new ListBranch().add(10, 500, 10).add(10, 1000, 10);
  assert.equal(stateOf(branch), 'started');
});

test('a deployment fails at its timeout, unless the same period brings enough signals', () => {
  const late = new ListBranch().add(10, 1000).add(10, 2000, 6);
  assert.equal(stateOf(late), 'failed');
  assert.equal(stateOf(late.add(20, 2000, 20)), 'failed', 'failed stays failed');
  assert.equal(stateOf(new ListBranch().add(10, 1000).add(10, 2000, 7)), 'locked_in');
});

test('a period that begins after the timeout is still started once, so that its signals are counted', () => {
  const branch = new ListBranch().add(10, 3000);
  assert.equal(stateOf(branch), 'started');
  assert.equal(stateOf(branch.add(10, 3000, 0)), 'failed');
});

test('a minimum height delays the activation of a locked-in deployment (speedy trial)', () => {
  const delayed = { ...DEPLOYMENT, minActivationHeight: 45 };
  const branch = new ListBranch().add(10, 1000).add(10, 1000, 7);
  const states: ThresholdState[] = [];
  for (let period = 0; period < 4; period++) states.push(stateOf(branch.add(10, 1000), delayed));
  // Periods from heights 30, 40, 50 and 60.
  assert.deepEqual(states, ['locked_in', 'locked_in', 'active', 'active']);
});

test('always and never active are states of their own from the first block on', () => {
  const branch = new ListBranch().add(30, 5000, 30);
  assert.equal(stateOf(branch, { ...DEPLOYMENT, startTimeSec: ALWAYS_ACTIVE }), 'active');
  assert.equal(stateOf(branch, { ...DEPLOYMENT, startTimeSec: NEVER_ACTIVE }), 'failed');
  assert.equal(stateOf(new ListBranch(), { ...DEPLOYMENT, startTimeSec: ALWAYS_ACTIVE }), 'active');
  assert.equal(getDeploymentStateSince({ ...DEPLOYMENT, startTimeSec: ALWAYS_ACTIVE }, branch), 0);
});

test('J02: only versions that begin with the bits 001 signal, and a negative version does not', () => {
  assert.equal(isVersionSignal(0x20000020, 5), true);
  assert.equal(isVersionSignal(0x3fffffff, 5), true);
  assert.equal(isVersionSignal(0x20000000, 5), false);
  assert.equal(isVersionSignal(0x00000020, 5), false);
  assert.equal(isVersionSignal(0x40000020, 5), false);
  assert.equal(isVersionSignal(0x60000020, 5), false);
  assert.equal(isVersionSignal(-1, 5), false);
  assert.equal(isVersionSignal(0x30000000, 28), true);
});

test('the statistics count the running period and say whether it can still succeed', () => {
  const branch = new ListBranch().add(10, 1000).add(4, 1000, 1);
  assert.deepEqual(computeSignalStatistics(DEPLOYMENT, branch), {
    period: 10,
    threshold: 7,
    elapsed: 4,
    count: 1,
    isPossible: true,
  });
  assert.equal(computeSignalStatistics(DEPLOYMENT, branch.add(1, 1000)).isPossible, false);
});

test('the information for RPC follows a deployment from defined to active', () => {
  const branch = new ListBranch().add(10, 1000).add(10, 1000, 7).add(20, 1000);
  assert.deepEqual(computeDeploymentInfo(DEPLOYMENT, branch, 8), {
    currentState: 'defined',
    nextState: 'defined',
    since: 0,
  });
  const started = computeDeploymentInfo(DEPLOYMENT, branch, 12);
  assert.equal(started.currentState, 'started');
  assert.equal(started.since, 10);
  assert.deepEqual(started.signalling, [true, true, true]);
  assert.deepEqual(started.statistics, { period: 10, threshold: 7, elapsed: 3, count: 3, isPossible: true });
  const lockedIn = computeDeploymentInfo(DEPLOYMENT, branch, 29);
  assert.equal(lockedIn.currentState, 'locked_in');
  assert.equal(lockedIn.nextState, 'active');
  assert.equal(lockedIn.activeSince, 30);
  assert.equal(lockedIn.statistics?.threshold, 0);
  const active = computeDeploymentInfo(DEPLOYMENT, branch, 35);
  assert.deepEqual(active, { currentState: 'active', nextState: 'active', since: 30, activeSince: 30 });
});

test('a new block carries the bits of everything that is started or locked in', () => {
  const params = {
    ...createRegtestParams().consensus,
    deployments: [DEPLOYMENT, { ...DEPLOYMENT, name: 'b', bit: 1 }],
  };
  const branch = new ListBranch().add(10, 1000);
  assert.equal(computeBlockVersion(params, branch, 5), 0x20000000);
  assert.equal(computeBlockVersion(params, branch), 0x20000022);
  assert.equal(computeBlockVersion(createNetworkParams('main').consensus, branch), 0x20000000);
});

test('on regtest the first blocks of the second period signal for testdummy', () => {
  const params = createRegtestParams().consensus;
  const branch = new ListBranch().add(144, 1296688602);
  assert.equal(computeBlockVersion(params, branch), 0x30000000);
  assert.equal(params.deployments[0]?.timeoutSec, NO_TIMEOUT);
});

test('miners who agree on a bit that no known deployment uses are noticed', () => {
  const params = createRegtestParams();
  const branch = new ListBranch();
  for (let height = 0; height < 3 * 144; height++) {
    branch.times.push(1296688602 + height);
    branch.versions.push(0x20000000 + 2 ** 3);
  }
  assert.deepEqual(computeUnknownActivations(params, branch, 2 * 144 - 1), [{ bit: 3, isActive: false }]);
  assert.deepEqual(computeUnknownActivations(params, branch), [{ bit: 3, isActive: true }]);
  assert.deepEqual(computeUnknownActivations(createNetworkParams('main'), branch), []);
});

/** The state machine of BIP9 a second time: forward from the genesis block, period by period. */
function modelState(deployment: VersionbitsDeployment, branch: ListBranch): ThresholdState {
  let state: ThresholdState = 'defined';
  for (let first = deployment.period; first <= branch.height + 1; first += deployment.period) {
    const period = branch.versions.slice(first - deployment.period, first);
    const times = branch.times.slice(Math.max(0, first - 11), first).sort((a, b) => a - b);
    const medianSec = times[Math.floor(times.length / 2)]!;
    const signals = period.filter((version) => version === SIGNAL).length;
    if (state === 'defined' && medianSec >= deployment.startTimeSec) state = 'started';
    else if (state === 'started' && signals >= deployment.threshold) state = 'locked_in';
    else if (state === 'started' && medianSec >= deployment.timeoutSec) state = 'failed';
    else if (state === 'locked_in' && first >= deployment.minActivationHeight) state = 'active';
  }
  return state;
}

test('states agree with a model that walks forward, with a shared cache, without one, and on two branches', () => {
  const periods = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 10 })), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(periods, periods, fc.integer({ min: 0, max: 120 }), (left, right, minActivationHeight) => {
      const deployment = { ...DEPLOYMENT, minActivationHeight };
      const cache = new VersionbitsCache();
      for (const [salt, plan] of [left, right].entries()) {
        const branch = new ListBranch(salt);
        let timeSec = 500;
        for (const [stepSec, signals] of plan) {
          timeSec += stepSec;
          branch.add(10, timeSec, signals);
          assert.equal(getDeploymentState(deployment, branch, branch.height, cache), modelState(deployment, branch));
        }
        assert.equal(getDeploymentState(deployment, branch), modelState(deployment, branch));
      }
    }),
    { numRuns: 500 },
  );
});

test('a cache spares the way back to the genesis block', () => {
  const branch = new ListBranch();
  for (let period = 0; period < 50; period++) branch.add(10, 1000 + period);
  const cache = new VersionbitsCache();
  let reads = 0;
  const counting: HeaderBranch = {
    height: branch.height,
    timeSec: (height) => {
      reads++;
      return branch.timeSec(height);
    },
    bits: () => branch.bits(),
    version: (height) => branch.version(height),
    blockHash: (height) => branch.blockHash(height),
  };
  assert.equal(getDeploymentState(DEPLOYMENT, counting, counting.height, cache), 'started');
  const readsOfFirst = reads;
  assert.equal(getDeploymentState(DEPLOYMENT, counting, counting.height, cache), 'started');
  assert.ok(readsOfFirst > 500, String(readsOfFirst));
  assert.equal(reads, readsOfFirst);
  cache.clear();
  assert.equal(getDeploymentState(DEPLOYMENT, counting, counting.height, cache), 'started');
  assert.equal(reads, 2 * readsOfFirst);
});
