import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Plain, RpcWorld } from '../../../test/model/rpc-world.ts';

const ANYONE = 'raw(51)';

async function makeBlock(world: RpcWorld): Promise<{ readonly hash: string; readonly hex: string }> {
  return world.callNamed('generateblock', { output: ANYONE, transactions: [], submit: false });
}

function outcomes(answer: Plain): readonly string[] {
  return answer.stages.map((one: Plain) => `${one.stage} ${one.outcome}`);
}

const ALL_PASSED = [
  'proof-of-work passed',
  'header-context passed',
  'block-form passed',
  'block-context passed',
  'connection passed',
];

test('a block of the chain and one that would follow the tip pass every check', async (t) => {
  const world = await RpcWorld.open(t);
  const [first] = await world.call('generatetodescriptor', 1, ANYONE);
  const known = await world.call('explainblock', first);
  assert.deepEqual([known.status, known.height, known.verdict], ['active', 1, undefined]);
  assert.deepEqual(outcomes(known), ALL_PASSED);
  assert.deepEqual(known.stages[4].figures, { subsidy: 50, coinbase: 50 });
  assert.equal(known.stages[1].figures.bits_required, '207fffff');
  const next = await makeBlock(world);
  const judged = await world.call('explainblock', next.hex);
  assert.deepEqual([judged.status, judged.hash, judged.height], ['new', next.hash, 2]);
  assert.deepEqual(outcomes(judged), ALL_PASSED);
  assert.equal(await world.call('getblockcount'), 1, 'nothing was handed in');
});

test('a block is refused by the first rule that it breaks, and what comes after is told where it can be', async (t) => {
  const world = await RpcWorld.open(t);
  const { hex } = await makeBlock(world);
  // The last byte of the merkle root: the work is no longer done, or it is and the root is wrong.
  const root = `${hex.slice(0, 72 + 62)}${hex.slice(134, 136) === 'ff' ? '00' : 'ff'}${hex.slice(136)}`;
  const broken = await world.call('explainblock', root);
  assert.equal(outcomes(broken)[2], 'block-form failed');
  assert.equal(broken.stages[2].explanation.rule, 'merkle-root');
  assert.match(broken.stages[2].explanation.expected, /^[0-9a-f]{64}$/);
  // A time in the far future.
  const late = await world.call('explainblock', `${hex.slice(0, 136)}ffffffff${hex.slice(144)}`);
  assert.equal(late.stages[1].explanation.rule, 'time-future');
  assert.deepEqual(
    [late.stages[1].explanation.field, late.stages[1].explanation.actual],
    ['header.timeSec', 4294967295],
  );
  // A parent that nobody knows.
  const orphan = await world.call('explainblock', `${hex.slice(0, 8)}${'22'.repeat(32)}${hex.slice(72)}`);
  assert.deepEqual(outcomes(orphan).slice(3), ['block-context unknown', 'connection unknown']);
  assert.equal(orphan.height, undefined);
});

test('a coinbase that takes too much is refused with what it might have taken', async (t) => {
  const world = await RpcWorld.open(t);
  await world.call('generatetodescriptor', 149, ANYONE);
  const { hex } = await makeBlock(world);
  // Block 150 is the first that may take only 25 bitcoin; the value of 25 is written again as 50 in its first output.
  const at = hex.indexOf('00f9029500000000');
  assert.ok(at > 0);
  const greedy = `${hex.slice(0, at)}00f2052a01000000${hex.slice(at + 16)}`;
  const { txid } = await world.call('decoderawtransaction', greedy.slice(162));
  const root = Buffer.from(txid, 'hex').reverse().toString('hex');
  // Every second nonce does on this ledger.
  const candidates = Array.from({ length: 30 }, (_, nonce) => {
    const nonceHex = `${nonce.toString(16).padStart(2, '0')}000000`;
    return `${hex.slice(0, 72)}${root}${hex.slice(136, 152)}${nonceHex}${greedy.slice(160)}`;
  });
  let mined = '';
  for (const candidate of candidates) {
    const answer = await world.call('explainblock', candidate);
    if (answer.stages[0].outcome === 'passed') mined = candidate;
  }
  const refused = await world.call('explainblock', mined);
  const { verdict, status } = refused;
  assert.deepEqual([status, verdict.reason, verdict.field], ['new', 'bad-cb-amount', 'coinbase.outputsTotalSat']);
  assert.deepEqual([verdict.expects, verdict.expected, verdict.actual], ['at-most', 2_500_000_000, 5_000_000_000]);
  assert.equal(outcomes(refused).at(-1), 'connection failed');
  assert.equal(await world.call('submitblock', mined), 'bad-cb-amount');
  const remembered = await world.call('explainblock', refused.hash);
  assert.deepEqual([remembered.status, remembered.verdict], ['invalid', verdict]);
});

test('errors of generateblock and submitheader carry the rule', async (t) => {
  const world = await RpcWorld.open(t);
  const { hex } = await makeBlock(world);
  const error = await world.error('submitheader', `${hex.slice(0, 136)}ffffffff${hex.slice(144, 160)}`);
  assert.ok(['high-hash', 'time-too-new'].includes(error.message));
  assert.match((error.data as Plain).explanation.rule, /^(pow-hash|time-future)$/);
});

test('what is no block is refused', async (t) => {
  const world = await RpcWorld.open(t);
  assert.equal(await world.refusal('explainblock', '00'), '-22 Block decode failed');
  assert.equal(await world.refusal('explainblock', 'zz'), '-22 Block decode failed');
  assert.equal(await world.refusal('explainblock', '11'.repeat(32)), '-5 Block not found');
  const genesis = await world.call('explainblock', await world.call('getblockhash', 0));
  assert.equal(genesis.status, 'active');
});
