import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HeaderBranch } from '../../kernel/consensus/header-branch.ts';
import { createNetworkParams } from '../../kernel/consensus/networks/all.ts';
import { createRegtestParams } from '../../kernel/consensus/networks/regtest.ts';
import { ALWAYS_ACTIVE, type ConsensusParams } from '../../kernel/consensus/params.ts';
import { asBlockHash } from '../../kernel/primitives/hashes.ts';
import { describeTemplateRules } from './template-rules.ts';

/** A branch whose blocks all have one version. */
function branchTo(height: number, version: number): HeaderBranch {
  return {
    height,
    timeSec: (at) => 1_296_688_602 + 600 * at,
    bits: () => 0x207fffff,
    version: () => version,
    blockHash: (at) => asBlockHash(new Uint8Array(32).fill(at & 0xff)),
  };
}

const TEMPLATE = { version: 0x20000000, isSegwitActive: true };
const NO_RULES: ReadonlySet<string> = new Set();
const REGTEST = createRegtestParams().consensus;

/** Regtest whose deployment miners must understand. */
function strictRegtest(startTimeSec: number): ConsensusParams {
  const [testdummy] = REGTEST.deployments;
  return { ...REGTEST, deployments: [{ ...testdummy!, startTimeSec, isOptionalForMiners: false }] };
}

test('the rules of a ledger without votes are those that always hold', () => {
  const { consensus } = createNetworkParams('local');
  const rules = describeTemplateRules(TEMPLATE, branchTo(10, 4), consensus, NO_RULES);
  assert.deepEqual(rules, {
    ok: true,
    value: { version: 0x20000000, active: ['csv', '!segwit', 'taproot'], available: [] },
  });
});

test('a signet is named, and witnesses only where they count', () => {
  const { consensus } = createNetworkParams('signet');
  const signet = describeTemplateRules(TEMPLATE, branchTo(10, 4), consensus, NO_RULES);
  assert.deepEqual(signet.ok && signet.value.active, ['csv', '!segwit', 'taproot', '!signet']);
  const early = describeTemplateRules({ ...TEMPLATE, isSegwitActive: false }, branchTo(10, 4), REGTEST, NO_RULES);
  assert.deepEqual(early.ok && early.value.active, ['csv']);
});

test('what is voted on is offered with its bit', () => {
  const template = { version: 0x30000000, isSegwitActive: true };
  const rules = describeTemplateRules(template, branchTo(143, 4), REGTEST, NO_RULES);
  assert.deepEqual(rules.ok && rules.value.available, [['testdummy', 28]]);
  assert.equal(rules.ok && rules.value.version, 0x30000000);
});

test('a client that does not know a vote that it must know does not vote', () => {
  const template = { version: 0x30000000, isSegwitActive: true };
  const strict = strictRegtest(0);
  const ignorant = describeTemplateRules(template, branchTo(143, 4), strict, NO_RULES);
  assert.deepEqual(ignorant.ok && ignorant.value.available, [['!testdummy', 28]]);
  assert.equal(ignorant.ok && ignorant.value.version, 0x20000000);
  const knowing = describeTemplateRules(template, branchTo(143, 4), strict, new Set(['testdummy']));
  assert.equal(knowing.ok && knowing.value.version, 0x30000000);
  const lockedIn = describeTemplateRules(TEMPLATE, branchTo(287, 0x30000000), REGTEST, NO_RULES);
  assert.equal(lockedIn.ok && lockedIn.value.version, 0x30000000);
});

test('an active rule that the client must know and does not is an error that names it', () => {
  const strict = strictRegtest(ALWAYS_ACTIVE);
  assert.deepEqual(describeTemplateRules(TEMPLATE, branchTo(143, 4), strict, NO_RULES), {
    ok: false,
    error: 'testdummy',
  });
  const knowing = describeTemplateRules(TEMPLATE, branchTo(143, 4), strict, new Set(['testdummy']));
  assert.deepEqual(knowing.ok && knowing.value.active, ['csv', '!segwit', 'taproot', '!testdummy']);
});
