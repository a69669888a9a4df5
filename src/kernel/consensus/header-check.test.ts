import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asMerkleRoot } from '../primitives/hashes.ts';
import { type BlockHeader, type BlockHeaderData, buildHeader } from '../primitives/header.ts';
import { computeMedianTimePast, MemoryHeaderBranch } from './header-branch.ts';
import {
  checkHeader,
  checkNextHeader,
  contextualCheckHeader,
  MAX_FUTURE_BLOCK_TIME_SEC,
  MAX_TIMEWARP_SEC,
} from './header-check.ts';
import { createNetworkParams } from './networks/all.ts';
import { createMainnetParams } from './networks/mainnet.ts';
import { createRegtestParams } from './networks/regtest.ts';
import type { ConsensusParams } from './params.ts';
import { getNextWorkRequired } from './pow.ts';

const MAIN = createNetworkParams('main').consensus;
const TESTNET4 = createNetworkParams('testnet4').consensus;
const REGTEST = createRegtestParams().consensus;
const REGTEST_BIP94 = createRegtestParams({ enforceBip94: true }).consensus;

/** Far enough ahead for every test that is not about the clock. */
const NOW_SEC = 0xffffffff;

/** A header on the tip with the difficulty it needs; its own proof of work is not made. */
function nextHeader(
  branch: MemoryHeaderBranch,
  params: ConsensusParams,
  fields: Partial<BlockHeaderData>,
): BlockHeader {
  const tip = branch.header(branch.height);
  const timeSec = fields.timeSec ?? tip.timeSec + params.pow.spacingSec;
  return buildHeader({
    version: 4,
    previousBlockHash: tip.blockHash,
    merkleRoot: asMerkleRoot(new Uint8Array(32).fill(7)),
    bits: getNextWorkRequired(branch, timeSec, params.pow),
    nonce: 0,
    ...fields,
    timeSec,
  });
}

/** A branch from the genesis block with headers at the given times. */
function branchWithTimes(params: ConsensusParams, network: 'main' | 'testnet4' | 'regtest', times: readonly number[]) {
  const branch = new MemoryHeaderBranch([createNetworkParams(network).genesis.header]);
  for (const timeSec of times) branch.append(nextHeader(branch, params, { timeSec }));
  return branch;
}

function reasonOf(header: BlockHeader, branch: MemoryHeaderBranch, params: ConsensusParams, nowSec = NOW_SEC): string {
  return contextualCheckHeader(header, branch, params, nowSec)?.reason ?? 'valid';
}

const T0 = 1231006505;

test('the median time past of up to eleven blocks is the middle one, the upper of two', () => {
  const branch = branchWithTimes(MAIN, 'main', [T0 + 50, T0 + 10, T0 + 40]);
  assert.equal(computeMedianTimePast(branch, 0), T0);
  assert.equal(computeMedianTimePast(branch, 1), T0 + 50);
  assert.equal(computeMedianTimePast(branch, 2), T0 + 10);
  assert.equal(computeMedianTimePast(branch), T0 + 40);
  const long = branchWithTimes(
    MAIN,
    'main',
    [11, 3, 5, 7, 1, 9, 2, 8, 4, 6, 10, 12].map((offset) => T0 + offset),
  );
  // The last eleven: 3 5 7 1 9 2 8 4 6 10 12.
  assert.equal(computeMedianTimePast(long), T0 + 6);
});

test('C33: a time at the median of the past is too old and one second later is not', () => {
  const branch = branchWithTimes(
    MAIN,
    'main',
    Array.from({ length: 11 }, (_, i) => T0 + 600 * (i + 1)),
  );
  const medianSec = T0 + 600 * 6;
  assert.equal(reasonOf(nextHeader(branch, MAIN, { timeSec: medianSec }), branch, MAIN), 'time-too-old');
  assert.equal(reasonOf(nextHeader(branch, MAIN, { timeSec: medianSec + 1 }), branch, MAIN), 'valid');
  assert.deepEqual(contextualCheckHeader(nextHeader(branch, MAIN, { timeSec: medianSec }), branch, MAIN, NOW_SEC), {
    kind: 'invalid-header',
    reason: 'time-too-old',
    rule: 'time-median',
    debug: "block's timestamp is too early",
    actual: medianSec,
    expected: medianSec,
  });
});

test('C33: a time two hours ahead is accepted, a second more waits for the clock and is not invalid for good', () => {
  const branch = branchWithTimes(MAIN, 'main', []);
  const nowSec = T0 + 1000;
  const header = nextHeader(branch, MAIN, { timeSec: nowSec + MAX_FUTURE_BLOCK_TIME_SEC + 1 });
  assert.equal(MAX_FUTURE_BLOCK_TIME_SEC, 7200);
  assert.equal(reasonOf(nextHeader(branch, MAIN, { timeSec: nowSec + 7200 }), branch, MAIN, nowSec), 'valid');
  const reject = contextualCheckHeader(header, branch, MAIN, nowSec);
  assert.equal(reject?.reason, 'time-too-new');
  assert.equal(reject?.kind, 'time-future');
  assert.equal(contextualCheckHeader(header, branch, MAIN, nowSec + 1), null);
});

test('C33, J02: times beyond 2^31 and up to 2^32 - 1 are unsigned', () => {
  const branch = branchWithTimes(
    MAIN,
    'main',
    Array.from({ length: 11 }, (_, i) => 0x7ffffff9 + i),
  );
  // The median is 0x7ffffffe, the tip lies at 0x80000003.
  assert.equal(reasonOf(nextHeader(branch, MAIN, { timeSec: 0x7ffffffe }), branch, MAIN), 'time-too-old');
  assert.equal(reasonOf(nextHeader(branch, MAIN, { timeSec: 0x7fffffff }), branch, MAIN), 'valid');
  assert.equal(reasonOf(nextHeader(branch, MAIN, { timeSec: 0x80000000 }), branch, MAIN), 'valid');
  assert.equal(reasonOf(nextHeader(branch, MAIN, { timeSec: 0xffffffff }), branch, MAIN), 'valid');
  assert.equal(
    reasonOf(nextHeader(branch, MAIN, { timeSec: 0xffffffff }), branch, MAIN, 0xffffffff - 7201),
    'time-too-new',
  );
});

test('C33: time may run backwards between blocks as long as the median grows', () => {
  const branch = branchWithTimes(
    MAIN,
    'main',
    Array.from({ length: 11 }, (_, i) => T0 + 600 * (i + 1)),
  );
  assert.equal(reasonOf(nextHeader(branch, MAIN, { timeSec: T0 + 600 * 7 }), branch, MAIN), 'valid');
});

/** A whole period whose last block claims `lastSec`. */
function periodEndingAt(params: ConsensusParams, network: 'main' | 'testnet4' | 'regtest', lastSec: number) {
  const start = createNetworkParams(network).genesis.header.timeSec;
  const branch = branchWithTimes(params, network, []);
  while (branch.height < params.pow.interval - 2) {
    branch.append(nextHeader(branch, params, { timeSec: start + branch.height + 1 }));
  }
  branch.append(nextHeader(branch, params, { timeSec: lastSec }));
  return branch;
}

test('C32: with BIP94 the first block of a period lies at most 600 seconds before the last of the period before', () => {
  assert.equal(MAX_TIMEWARP_SEC, 600);
  for (const [params, network] of [
    [TESTNET4, 'testnet4'],
    [REGTEST_BIP94, 'regtest'],
  ] as const) {
    const lastSec = 1_800_000_000;
    const branch = periodEndingAt(params, network, lastSec);
    assert.equal(reasonOf(nextHeader(branch, params, { timeSec: lastSec - 600 }), branch, params), 'valid');
    const reject = contextualCheckHeader(
      nextHeader(branch, params, { timeSec: lastSec - 601 }),
      branch,
      params,
      NOW_SEC,
    );
    assert.equal(reject?.reason, 'time-timewarp-attack');
    assert.equal(reject?.kind, 'invalid-header');
    assert.equal(reject?.expected, lastSec - 600);
  }
});

test('C32: with BIP94 a step back of more than 600 seconds is valid within a period', () => {
  const branch = periodEndingAt(REGTEST_BIP94, 'regtest', 1_800_000_000);
  branch.append(nextHeader(branch, REGTEST_BIP94, { timeSec: 1_800_000_000 }));
  const header = nextHeader(branch, REGTEST_BIP94, { timeSec: 1_800_000_000 - 10_000 });
  assert.equal(reasonOf(header, branch, REGTEST_BIP94), 'valid');
});

test('C32: a time warp through four periods is valid on the main network and drives the difficulty down', () => {
  // Every block but the last of each period claims the earliest time there is; the last claims the real one, eight weeks on.
  const branch = new MemoryHeaderBranch([createNetworkParams('main').genesis.header]);
  // Begin with bits that are 4^4 times harder than the limit.
  branch.append(nextHeader(branch, MAIN, { bits: 0x1c00ffff }));
  const params: ConsensusParams = {
    ...MAIN,
    activationHeights: { ...MAIN.activationHeights, bip34: 1e9, bip65: 1e9, bip66: 1e9 },
  };
  const seen = new Set<number>();
  for (let height = 2; height <= 4 * 2016; height++) {
    const isLast = (height + 1) % 2016 === 0;
    const realSec = T0 + Math.ceil(height / 2016) * 8 * 1_209_600;
    const header = nextHeader(branch, params, { timeSec: isLast ? realSec : computeMedianTimePast(branch) + 1 });
    assert.equal(contextualCheckHeader(header, branch, params, NOW_SEC), null, String(height));
    branch.append(header);
    seen.add(header.bits);
  }
  assert.deepEqual([...seen], [0x1c00ffff, 0x1c03fffc, 0x1c0ffff0, 0x1c3fffc0, 0x1d00ffff]);
});

test('C32: the time-warp rule does not hold on the main network and plain regtest', () => {
  const branch = periodEndingAt(REGTEST, 'regtest', 1_800_000_000);
  assert.equal(reasonOf(nextHeader(branch, REGTEST, { timeSec: 1_800_000_000 - 100_000 }), branch, REGTEST), 'valid');
});

test('C31: bits other than those that follow from the branch are refused with both values', () => {
  const branch = branchWithTimes(MAIN, 'main', [T0 + 600]);
  const reject = contextualCheckHeader(nextHeader(branch, MAIN, { bits: 0x1c7fffff }), branch, MAIN, NOW_SEC);
  assert.deepEqual(reject, {
    kind: 'invalid-header',
    reason: 'bad-diffbits',
    rule: 'difficulty-bits',
    debug: 'incorrect proof of work',
    actual: 0x1c7fffff,
    expected: 0x1d00ffff,
  });
});

test('C31: a hash above its target and bits out of range are both high-hash, and the rule tells them apart', () => {
  const genesis = createNetworkParams('main').genesis.header;
  assert.equal(checkHeader(genesis, MAIN.pow), null);
  const spoiled = buildHeader({ ...fieldsOf(genesis), nonce: genesis.nonce + 1 });
  const tooHigh = checkHeader(spoiled, MAIN.pow);
  assert.equal(tooHigh?.reason, 'high-hash');
  assert.equal(tooHigh?.rule, 'pow-hash');
  assert.deepEqual(tooHigh?.actual, spoiled.blockHash);
  const tooEasy = checkHeader(buildHeader({ ...fieldsOf(genesis), bits: 0x207fffff }), MAIN.pow);
  assert.equal(tooEasy?.reason, 'high-hash');
  assert.equal(tooEasy?.rule, 'pow-target');
  assert.equal(tooEasy?.expected, 0x1d00ffff);
});

function fieldsOf(header: BlockHeader): BlockHeaderData {
  const { version, previousBlockHash, merkleRoot, timeSec, bits, nonce } = header;
  return { version, previousBlockHash, merkleRoot, timeSec, bits, nonce };
}

test('C30: versions 1, 2 and 3 end exactly at the buried heights of the main network', () => {
  const cases: readonly (readonly [version: number, lastHeight: number, text: string, rule: string])[] = [
    [1, 227_930, 'bad-version(0x00000001)', 'version-bip34'],
    [2, 363_724, 'bad-version(0x00000002)', 'version-bip66'],
    [3, 388_380, 'bad-version(0x00000003)', 'version-bip65'],
  ];
  for (const [version, lastHeight, text, rule] of cases) {
    for (const height of [lastHeight, lastHeight + 1]) {
      const tip = createNetworkParams('main').genesis.header;
      const branch = new MemoryHeaderBranch(Array<BlockHeader>(12).fill(tip), height - 12);
      const reject = contextualCheckHeader(nextHeader(branch, MAIN, { version }), branch, MAIN, NOW_SEC);
      assert.equal(reject?.reason ?? 'valid', height === lastHeight ? 'valid' : text, String(height));
      if (reject !== null) assert.equal(reject.rule, rule);
    }
  }
});

test('C30: a negative version is refused like any old one and printed unsigned', () => {
  const tip = createNetworkParams('main').genesis.header;
  const branch = new MemoryHeaderBranch(Array<BlockHeader>(12).fill(tip), 400_000 - 12);
  const reject = contextualCheckHeader(nextHeader(branch, MAIN, { version: -1 }), branch, MAIN, NOW_SEC);
  assert.equal(reject?.reason, 'bad-version(0xffffffff)');
  assert.equal(reject?.debug, 'rejected nVersion=0xffffffff block');
  assert.equal(contextualCheckHeader(nextHeader(branch, MAIN, { version: 0x3fffe004 }), branch, MAIN, NOW_SEC), null);
});

test('difficulty is judged before time, time before version, as in Core', () => {
  const tip = createNetworkParams('main').genesis.header;
  const branch = new MemoryHeaderBranch(Array<BlockHeader>(12).fill(tip), 400_000 - 12);
  const bad = { version: 1, timeSec: T0 };
  assert.equal(reasonOf(nextHeader(branch, MAIN, { ...bad, bits: 1 }), branch, MAIN), 'bad-diffbits');
  assert.equal(reasonOf(nextHeader(branch, MAIN, bad), branch, MAIN), 'time-too-old');
  assert.equal(reasonOf(nextHeader(branch, MAIN, { version: 1 }), branch, MAIN, 0), 'time-too-new');
  assert.equal(reasonOf(nextHeader(branch, MAIN, { version: 1 }), branch, MAIN), 'bad-version(0x00000001)');
});

test('a header that does not name the tip has an unknown parent', () => {
  const params = createMainnetParams();
  const branch = new MemoryHeaderBranch([params.genesis.header]);
  const reject = checkNextHeader(params.genesis.header, branch, MAIN, NOW_SEC);
  assert.equal(reject?.reason, 'prev-blk-not-found');
  assert.equal(reject?.kind, 'missing-prev');
});

test('a branch in memory grows, shrinks, and knows nothing outside of itself', () => {
  const branch = branchWithTimes(MAIN, 'main', [T0 + 1, T0 + 2]);
  assert.equal(branch.height, 2);
  branch.truncate(0);
  assert.equal(branch.height, 0);
  assert.throws(() => branch.timeSec(1), { name: 'AssertionError' });
  branch.truncate(-1);
  assert.equal(branch.height, -1);
});
