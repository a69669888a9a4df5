// The contract of the door: whatever a client sends to whatever method, in whatever shape, the answer is a result as the schema
// describes it or a refusal with a code and words; nothing breaks inside, and the node goes on. The walk over kinds of parameters at
// the top is in src/api/all-methods.test.ts; here values go inside, and the methods really run, on a small ledger.

import assert from 'node:assert/strict';
import test from 'node:test';
import { ALL_METHODS } from '../../src/api/all-methods.ts';
import { RPC_CODE } from '../../src/api/errors.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { INDEX_KINDS } from '../../src/node/app/index-service.ts';
import { type KnownTexts, RequestMaker } from '../model/rpc-arguments.ts';
import { describeOutput, mineCoins, PAYEE_ADDRESS, PAYER_ADDRESS, PAYER_WIF, pay } from '../model/rpc-payer.ts';
import { type Plain, RpcWorld } from '../model/rpc-world.ts';

/** Calls of each method; more are for a nightly run. */
const CALLS = Number(process.env['TALLY_RPC_CALLS'] ?? 60);
const SEED = Number(process.env['TALLY_RPC_SEED'] ?? 1);

/** Methods that wait for blocks that do not come here. */
const WAITING = /^(?:waitfor|getblocktemplate$)/;
/** Methods that end the program. */
const ENDING: ReadonlySet<string> = new Set(['stop']);

const CODES: ReadonlySet<number> = new Set(Object.values(RPC_CODE));

function quoted(...texts: readonly string[]): readonly string[] {
  return texts.map((text) => JSON.stringify(text));
}

/** What a client may know of a node that it has watched for a while. */
async function learn(world: RpcWorld): Promise<KnownTexts> {
  const coins = await mineCoins(world, 6);
  const payment = await pay(world, [coins[0]!], { [PAYEE_ADDRESS]: 49.999 });
  await world.call('sendrawtransaction', payment.hex);
  const waiting = await pay(world, [coins[1]!], { [PAYER_ADDRESS]: 49.999 });
  const child = await pay(world, [{ txid: waiting.txid, vout: 0 }], { [PAYEE_ADDRESS]: 49.99 }, [
    describeOutput(waiting, 0, 49.999),
  ]);
  const tip: string = await world.call('getbestblockhash');
  const middle: string = await world.call('getblockhash', 50);
  const block: string = await world.call('getblock', middle, 0);
  const proof: string = await world.call('gettxoutproof', [coins[2]!.txid]);
  const hashes = quoted(tip, middle, '0'.repeat(64), tip.toUpperCase());
  const txids = quoted(coins[2]!.txid, payment.txid, waiting.txid, coins[5]!.txid);
  const transactions = quoted(waiting.hex, child.hex, payment.hex, payment.hex.slice(0, -2), `${payment.hex}00`);
  const addresses = quoted(PAYER_ADDRESS, PAYEE_ADDRESS, `${PAYEE_ADDRESS}q`, '1BoatSLRHtKNngkdXEeobR76b53LETtpyT');
  const descriptors = quoted(
    `addr(${PAYER_ADDRESS})`,
    'raw(51)',
    `pkh(${PAYER_WIF})`,
    'tr(',
    'wsh(multi(2,',
    `wpkh(${PAYER_WIF})#aaaaaaaa`,
  );
  const small = ['0', '1', '2', '3', '-1', '50', '106', '107'];
  return {
    blockhash: hashes,
    current_tip: hashes,
    hash_or_height: [...hashes, ...small],
    height: small,
    start_height: small,
    stop_height: small,
    // Whoever asks for two thousand million blocks gets them, as from Core, and everybody else is served meanwhile.
    'only nblocks': ['0', '1', '2', '-1', '0.5', 'null', '"1"', '1e400'],
    'only num_blocks': ['0', '1', '2', '-1', '0.5', 'null', '"1"', '1e400'],
    maxtries: ['0', '10', '100'],
    timeout: ['1', '50', '-1'],
    txid: txids,
    n: small,
    vout: small,
    address: addresses,
    output: [...addresses, ...descriptors],
    'key of address': [...addresses, '"data"'],
    descriptor: descriptors,
    desc: descriptors,
    hexstring: [...transactions, ...quoted('51', '6a', '00'.repeat(10_001))],
    rawtx: transactions,
    transaction: [...transactions, ...txids],
    hexdata: quoted(block, block.slice(0, 160), block.slice(0, -2)),
    data: quoted(block, block.slice(0, 160)),
    mode: quoted('template', 'proposal', 'stats', 'mallocinfo'),
    proof: quoted(proof, proof.slice(0, -2), `${proof}00`),
    privkey: quoted(PAYER_WIF, `${PAYER_WIF}a`),
    action: quoted('start', 'status', 'abort'),
    command: quoted('add', 'remove', 'onetry', 'getblock', 'no such command'),
    node: quoted('127.0.0.1:18444', '[::1]', 'nowhere.onion', '300.1.1.1'),
    subnet: quoted('127.0.0.1', '10.0.0.0/8', '::/129', '1.2.3.4/33'),
    filtertype: quoted('basic', 'other'),
    hash_type: quoted('none', 'muhash', 'hash_serialized_3', 'other'),
    estimate_mode: quoted('unset', 'economical', 'conservative', 'other'),
    sighashtype: quoted('ALL', 'SINGLE|ANYONECANPAY', 'other'),
    filepath: quoted('nothing.dat', '', '/'),
    rules: ['["segwit"]', '"STANDARD"', '[]'],
    msg_type: quoted('ping', 'x'.repeat(13), ''),
    connection_type: quoted('outbound-full-relay', 'other'),
  };
}

/** The answer to a request, after as much time as it may need; null: it still waits. */
async function ask(world: RpcWorld, text: string): Promise<{ readonly reply: Plain } | null> {
  let answer: { readonly reply: Plain } | null = null;
  let failure: unknown = null;
  world.ask(text).then(
    (reply) => {
      answer = { reply };
    },
    (error: unknown) => {
      failure = error;
    },
  );
  for (let turn = 0; turn < 500 && answer === null && failure === null; turn++) await world.time.settle();
  if (answer === null && failure === null) await world.time.advance(60_000);
  if (failure !== null) throw failure;
  return answer;
}

/** Holds an answer against the contract. */
function checkReply(method: string, text: string, { result, error }: Plain): void {
  if (error === null) return;
  assert.ok(CODES.has(error.code), `${method} refuses with the code ${error.code}: ${text}`);
  assert.ok(typeof error.message === 'string' && error.message.length > 0, text);
  assert.equal(result, null, text);
}

test('whatever is sent to a method, it answers with a result of its schema or a refusal, and nothing breaks (R10, R15)', async (t) => {
  const world = await RpcWorld.open(t, { indexes: INDEX_KINDS });
  const maker = new RequestMaker(createRng(SEED), await learn(world));
  let answered = 0;
  for (let round = 0; round < CALLS; round++) {
    for (const { name, parameters } of ALL_METHODS.values()) {
      if (ENDING.has(name)) continue;
      const text = `{"id":1,"method":"${name}","params":${maker.makeParameters(parameters)}}`;
      const answer = await ask(world, text);
      assert.deepEqual(world.failures, [], `${name} broke: ${text.slice(0, 2000)}`);
      if (answer === null) assert.match(name, WAITING, `${name} does not answer: ${text.slice(0, 2000)}`);
      else checkReply(name, text, answer.reply);
      if (answer !== null && answer.reply.error === null) answered++;
    }
  }
  assert.ok(answered > CALLS * 20, 'many requests were good enough to be answered');
  assert.equal(typeof (await world.call('getblockcount')), 'number');
  world.beginStop();
});
