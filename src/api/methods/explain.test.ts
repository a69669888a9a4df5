// Why: every check of a transaction, every step of a script, and the rule behind every refusal.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOutput, mineCoins, PAYEE_ADDRESS, pay } from '../../../test/model/rpc-payer.ts';
import { type Plain, RpcWorld } from '../../../test/model/rpc-world.ts';

/** A transaction of one input without a script, whose witness is empty, and one output that anyone can spend. */
function rawTransaction(prevTxid: string, scriptSig: string, valueHex = '00e1f50500000000'): string {
  const length = (scriptSig.length / 2).toString(16).padStart(2, '0');
  return `0200000001${prevTxid}00000000${length}${scriptSig}ffffffff01${valueHex}1976a914${'11'.repeat(20)}88ac00000000`;
}

const SOMEBODY = 'ab'.repeat(32);

function outcomes(answer: Plain): Plain {
  return Object.fromEntries(answer.stages.map((one: Plain) => [one.stage, one.outcome]));
}

function figuresOf(answer: Plain, stage: string): Plain {
  return answer.stages.find((one: Plain) => one.stage === stage).figures;
}

test('a good transaction passes every check, and the figures are told', async (t) => {
  const world = await RpcWorld.open(t);
  const [coin] = await mineCoins(world, 1);
  const { hex, txid } = await pay(world, [coin], { [PAYEE_ADDRESS]: 49.999 });
  const loose = await world.call('explaintransaction', hex);
  assert.equal(loose.status, 'acceptable');
  assert.equal(loose.verdict, undefined);
  assert.deepEqual(outcomes(loose), {
    form: 'passed',
    'standard-form': 'passed',
    locktime: 'passed',
    'sequence-locks': 'passed',
    amounts: 'passed',
    'standard-inputs': 'passed',
    sigops: 'passed',
    fee: 'passed',
    scripts: 'passed',
    mempool: 'passed',
  });
  const fee = figuresOf(loose, 'fee');
  assert.equal(fee.vsize, 110);
  assert.equal(fee.fee, 0.001);
  assert.equal(fee.minimum_feerate, 0.000001);
  assert.deepEqual(figuresOf(loose, 'scripts'), { valid: 1, nonstandard: 0, invalid: 0 });
  assert.equal(loose.inputs[0].type, 'witness_v0_keyhash');
  assert.equal(loose.inputs[0].amount, 50);
  await world.call('sendrawtransaction', hex);
  assert.equal((await world.call('explaintransaction', txid)).status, 'in-mempool');
});

test('a transaction of a block is held against the rules of its block', async (t) => {
  const world = await RpcWorld.open(t, { indexes: ['transactions'] });
  const [coin] = await mineCoins(world, 1);
  const { hex, txid } = await pay(world, [coin], { [PAYEE_ADDRESS]: 49.999 });
  await world.call('sendrawtransaction', hex);
  const [hash] = await world.call('generatetodescriptor', 1, 'raw(51)');
  const answer = await world.call('explaintransaction', txid);
  assert.equal(answer.status, 'in-block');
  assert.equal(answer.blockhash, hash);
  assert.equal(answer.inputs[0].result, 'valid');
  assert.equal(outcomes(answer).locktime, 'unknown');
  const { rules, valid } = await world.call('explainscript', txid);
  assert.deepEqual([rules, valid], ['block', true]);
  const coinbase = await world.call('explaintransaction', coin?.txid);
  assert.deepEqual([outcomes(coinbase), coinbase.inputs], [{ form: 'passed' }, []]);
  assert.match(await world.refusal('explainscript', coin?.txid), /^-8 /);
});

test('a refusal names the rule, its field and both values, and other checks are told all the same', async (t) => {
  const world = await RpcWorld.open(t);
  const [coin] = await mineCoins(world, 1);
  const { hex } = await pay(world, [coin], { [PAYEE_ADDRESS]: 50 });
  const answer = await world.call('explaintransaction', hex);
  assert.equal(answer.status, 'rejected');
  assert.deepEqual(outcomes(answer).fee, 'failed');
  assert.deepEqual(outcomes(answer).scripts, 'passed');
  assert.deepEqual(outcomes(answer).mempool, 'unknown');
  const { verdict } = answer;
  assert.equal(verdict.reason, 'min relay fee not met');
  assert.deepEqual(
    [verdict.rule, verdict.policy, verdict.field, verdict.expects, verdict.expected, verdict.actual],
    ['relay-minimum-fee', true, 'tx.feeSat', 'at-least', 11, 0],
  );
  assert.match(verdict.words, /^[A-Z].*\.$/);
  assert.match(verdict.words_zh, /。$/);
});

test('an unsigned transaction breaks the rule of its script, which is a rule of blocks', async (t) => {
  const world = await RpcWorld.open(t);
  const [coin] = await mineCoins(world, 1);
  const raw = await world.call('createrawtransaction', [coin], { [PAYEE_ADDRESS]: 49.999 });
  const { verdict, inputs } = await world.call('explaintransaction', raw);
  assert.equal(verdict.rule, 'input-script');
  assert.equal(verdict.policy, false);
  assert.equal(verdict.script_error, 'WITNESS_PROGRAM_MISMATCH');
  assert.equal(verdict.bip, 141);
  assert.equal(verdict.field, 'input.script');
  assert.equal(verdict.input, 0);
  assert.equal(inputs[0].result, 'invalid');
  assert.equal(inputs[0].error, 'Witness program hash mismatch');
});

test('errors of sendrawtransaction carry the explanation beside code and message', async (t) => {
  const world = await RpcWorld.open(t);
  const missing = rawTransaction(SOMEBODY, '51');
  const error = await world.error('sendrawtransaction', missing);
  assert.deepEqual([error.code, error.message], [-25, 'bad-txns-inputs-missingorspent']);
  const { explanation } = error.data as Plain;
  assert.equal(explanation.rule, 'input-unspent');
  assert.equal(explanation.field, 'input.outpoint');
  assert.equal(explanation.actual, `${SOMEBODY}:0`);
  const coinsMissing = await world.call('explaintransaction', missing);
  assert.equal(coinsMissing.inputs[0].result, 'unknown');
  assert.equal(outcomes(coinsMissing).mempool, 'failed');
  assert.equal(outcomes(coinsMissing).amounts, 'unknown');
});

test('coins that the node does not know are described by the caller', async (t) => {
  const world = await RpcWorld.open(t);
  // OP_1 OP_TOALTSTACK OP_0 OP_IF OP_RETURN OP_ENDIF OP_FROMALTSTACK OP_EQUAL, spent by OP_1.
  const script = '516b00636a686c87';
  const raw = rawTransaction(SOMEBODY, '51');
  const prevouts = [{ txid: SOMEBODY, vout: 0, scriptPubKey: script, amount: 1.5 }];
  assert.match(await world.refusal('explainscript', raw, 0), /^-25 Coins that the transaction spends are not known/);
  const trace = await world.call('explaintransaction', raw, prevouts);
  assert.equal(trace.supposed, true);
  assert.equal(trace.inputs[0].result, 'valid');
  assert.equal(trace.verdict.rule, 'standard-spent-script');
  const walk = await world.call('explainscript', raw, 0, prevouts);
  assert.equal(walk.valid, true);
  assert.deepEqual(
    walk.steps.map((one: Plain) => [one.script, one.position, one.op, one.executed, one.stack_after.values.join(' ')]),
    [
      ['scriptSig', 0, '1', true, '01'],
      ['scriptSig', 1, undefined, true, '01'],
      ['scriptPubKey', 0, '1', true, '01 01'],
      ['scriptPubKey', 1, 'OP_TOALTSTACK', true, '01'],
      ['scriptPubKey', 2, '0', true, '01 '],
      ['scriptPubKey', 3, 'OP_IF', true, '01'],
      ['scriptPubKey', 4, 'OP_RETURN', false, '01'],
      ['scriptPubKey', 5, 'OP_ENDIF', true, '01'],
      ['scriptPubKey', 6, 'OP_FROMALTSTACK', true, '01 01'],
      ['scriptPubKey', 7, 'OP_EQUAL', true, '01'],
      ['scriptPubKey', 8, undefined, true, '01'],
    ],
  );
  assert.deepEqual(walk.steps[3].altstack_after, { depth: 1, values: ['01'] });
  assert.equal(walk.steps[4].altstack_before.depth, 1);
  assert.equal(walk.steps[8].altstack_after, undefined);
  assert.equal(walk.steps[6].words, 'Passed over: the branch is not taken.');
});

test('a script that fails tells the step and the rule', async (t) => {
  const world = await RpcWorld.open(t);
  const raw = rawTransaction(SOMEBODY, '52');
  const prevouts = [{ txid: SOMEBODY, vout: 0, scriptPubKey: '5388', amount: 1.5 }];
  const walk = await world.call('explainscript', raw, 0, prevouts);
  assert.equal(walk.valid, false);
  assert.equal(walk.explanation.script_error, 'EQUALVERIFY');
  assert.equal(walk.error, 'Script failed an OP_EQUALVERIFY operation');
  const last = walk.steps.at(-1);
  assert.deepEqual([last.op, last.stack_before.values], ['OP_EQUALVERIFY', ['02', '03']]);
});

test('a long script is shown in parts, whose verdict is that of the whole', async (t) => {
  const world = await RpcWorld.open(t);
  const raw = rawTransaction(SOMEBODY, '51');
  // Nine thousand numbers on the stack: more than a thousand fail.
  const prevouts = [{ txid: SOMEBODY, vout: 0, scriptPubKey: '51'.repeat(9_000), amount: 1 }];
  const first = await world.callNamed('explainscript', { transaction: raw, prevouts, count: 5 });
  assert.equal(first.steps.length, 5);
  assert.equal(first.next_skip, 5);
  assert.equal(first.error, 'Stack size limit exceeded');
  const rest = await world.callNamed('explainscript', { transaction: raw, prevouts, skip: 1000, count: 99_999 });
  assert.deepEqual([rest.steps[0].step, rest.steps.at(-1).step, rest.next_skip], [1000, 1001, undefined]);
  assert.deepEqual([rest.steps[0].stack_before.depth, rest.steps[0].stack_before.values.length], [999, 32]);
});

test('values of 520 bytes by the thousand end an answer before it has ten million digits', async (t) => {
  const world = await RpcWorld.open(t);
  // OP_1 OP_PUSHDATA2 520 bytes, then OP_DUP until 199 operations; each step shows 32 values twice.
  const script = `4d0802${'aa'.repeat(520)}${'76'.repeat(200)}`;
  const prevouts = [{ txid: SOMEBODY, vout: 0, scriptPubKey: script, amount: 1 }];
  const walk = await world.callNamed('explainscript', {
    transaction: rawTransaction(SOMEBODY, '51'),
    prevouts,
    count: 10_000,
  });
  assert.ok(JSON.stringify(walk).length < 10_000_000);
  assert.equal(typeof walk.next_skip, 'number');
});

test('what makes no sense is refused', async (t) => {
  const world = await RpcWorld.open(t);
  const raw = rawTransaction(SOMEBODY, '51');
  const prevout = { txid: SOMEBODY, vout: 0, scriptPubKey: '51', amount: 1 };
  assert.match(await world.refusal('explaintransaction', 'zz'), /^-22 TX decode failed/);
  assert.match(await world.refusal('explaintransaction', '00'.repeat(32)), /^-5 No such mempool transaction/);
  assert.match(await world.refusal('explaintransaction', raw, [7]), /^-3 /);
  assert.match(await world.refusal('explaintransaction', raw, [{ ...prevout, amount: -1 }]), /^-3 /);
  assert.match(await world.refusal('explaintransaction', raw, [{ ...prevout, vout: -1 }]), /^-1 /);
  const endless = { ...prevout, scriptPubKey: '51'.repeat(10_001) };
  assert.equal(await world.refusal('explaintransaction', raw, [endless]), '-8 scriptPubKey has more than 10000 bytes');
  const long = await world.call('explaintransaction', raw, [{ ...prevout, scriptPubKey: '51'.repeat(10_000) }]);
  assert.deepEqual([long.inputs[0].asm, long.inputs[0].result], [undefined, 'invalid']);
  assert.match(await world.refusal('explainscript', raw, 1, [prevout]), /^-8 The transaction has no such input/);
  assert.match(await world.refusal('explainscript', raw, 0, [prevout], 0, 10, 'mine'), /^-8 rules: relay or block/);
  assert.match(await world.refusal('explainscript', raw, 0, [prevout], -1), /^-1 /);
});

test('a transaction that is none is told to be none, and nothing of it is run', async (t) => {
  const world = await RpcWorld.open(t);
  // An output of -1 satoshi.
  const raw = rawTransaction(SOMEBODY, '51', 'ff'.repeat(8));
  const answer = await world.call('explaintransaction', raw, [
    { txid: SOMEBODY, vout: 0, scriptPubKey: '51', amount: 1 },
  ]);
  assert.deepEqual(outcomes(answer), { form: 'failed' });
  assert.deepEqual([answer.verdict.rule, answer.verdict.actual, answer.verdict.output], ['output-not-negative', -1, 0]);
  assert.equal(answer.inputs[0].result, 'unknown');
});

test('a payment whose parent waits in the pool is explained with the coins of the parent', async (t) => {
  const world = await RpcWorld.open(t);
  const [coin] = await mineCoins(world, 1);
  const parent = await pay(world, [coin], { bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080: 49.999 });
  await world.call('sendrawtransaction', parent.hex);
  const child = await pay(world, [{ txid: parent.txid, vout: 0 }], { [PAYEE_ADDRESS]: 49.998 }, [
    describeOutput(parent, 0, 49.999),
  ]);
  const answer = await world.call('explaintransaction', child.hex);
  assert.deepEqual([answer.status, answer.inputs[0].amount], ['acceptable', 49.999]);
});

test('every input is judged, also when all share one object that hashes', async (t) => {
  const world = await RpcWorld.open(t);
  const coins = await mineCoins(world, 3);
  const { hex } = await pay(world, coins, { [PAYEE_ADDRESS]: 149.999 });
  // The last byte of the witness program's key stands before the locktime: the last input is broken.
  const broken = `${hex.slice(0, -10)}${hex.slice(-10, -8) === '00' ? '01' : '00'}${hex.slice(-8)}`;
  const good = await world.call('explaintransaction', hex);
  assert.deepEqual(figuresOf(good, 'scripts'), { valid: 3, nonstandard: 0, invalid: 0 });
  const bad = await world.call('explaintransaction', broken);
  assert.deepEqual(
    bad.inputs.map((one: Plain) => one.result),
    ['valid', 'valid', 'invalid'],
  );
  assert.equal(bad.verdict.input, 2);
  const walk = await world.call('explainscript', broken, 2);
  assert.equal(walk.steps.at(-1).op, 'OP_EQUALVERIFY');
});
