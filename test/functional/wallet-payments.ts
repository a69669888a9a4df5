// What people do with the money of their wallets, drawn by chance: payments of every kind, at once, replaced, hurried, shared, given up.
// Each returns whether it was done; a refusal that is allowed counts as answered.

import assert from 'node:assert/strict';
import type { Rng } from '../../src/kernel/util/prng.ts';
import { RpcFailure } from './rpc-client.ts';
import { namesOf, satOf, type ToldTransaction } from './wallet-judge.ts';
import { ADDRESS_TYPES, type Purse } from './wallet-node.ts';
import type { WalletTown } from './wallet-town.ts';

/** Something that is done in a town; null: it could not be, for a reason that is allowed. */
export type Deed = (town: WalletTown, rng: Rng) => Promise<string | null>;

/** Why a payment may be refused: money, size, and what the mempool puts up with. */
export const REFUSALS: RegExp = anyOf(
  '^Insufficient funds',
  '^The total exceeds your balance',
  '^Total value of UTXO pool too low',
  '^Unconfirmed UTXOs are available',
  '^The preselected coins total',
  '^The inputs size exceeds',
  '^Fee exceeds maximum',
  '^Fee rate .* is lower than the minimum fee rate',
  '^Transaction amounts must',
  'too small',
  'dust',
  'too-long',
);

/** Why a transaction may not be replaced. */
const BUMP_REFUSALS: RegExp = anyOf(
  'has descendants in the (wallet|mempool)',
  'already bumped',
  "contains inputs that don't belong to this wallet",
  '^Transaction has been mined',
  '^Cannot bump',
  '^Unable to create transaction',
  '^Insufficient (total fee|funds)',
  '^Specified or calculated fee',
  '^The transaction amount is too small',
  '^Fee bump|^New fee rate|too high',
  'lower than the minimum fee rate',
);

function anyOf(...patterns: readonly string[]): RegExp {
  return new RegExp(patterns.join('|'), 'i');
}

/** One of some things. */
export function pick<T>(rng: Rng, things: readonly T[]): T {
  assert.ok(things.length > 0, 'something to pick from');
  return things[rng.below(things.length)]!;
}

/** Awaits an answer; a refusal that is allowed is null, any other ends the test. */
export async function allow<T>(answer: Promise<T>, refusals: RegExp): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RpcFailure && refusals.test(error.message)) return null;
    throw error;
  }
}

function bitcoin(valueSat: number): number {
  return Number((valueSat / 100_000_000).toFixed(8));
}

/** From a thousandth of a coin to some coins: small ones are more frequent. */
function drawAmount(rng: Rng): number {
  const greatest = [500_000, 5_000_000, 50_000_000, 500_000_000][rng.below(4)]!;
  return bitcoin(100_000 + rng.below(greatest));
}

/** All ways to say what a payment may cost. */
function drawFeeWords(rng: Rng): Readonly<Record<string, unknown>> {
  const rate = 1 + rng.below(40);
  const target = 1 + rng.below(30);
  const mode = pick(rng, ['economical', 'conservative']);
  return pick<Readonly<Record<string, unknown>>>(rng, [
    {},
    { fee_rate: rate },
    { fee_rate: rate + 0.5 },
    { conf_target: target, estimate_mode: mode },
  ]);
}

/** A new address of somebody who can be paid: any wallet but the one that only watches. */
async function drawAddress(town: WalletTown, rng: Rng): Promise<string> {
  const payee = pick(rng, [...town.signing, ...town.signing, town.purse('shared')]);
  return payee.newAddress(pick(rng, ADDRESS_TYPES));
}

function note(purse: Purse, txid: string): string {
  purse.answered.add(txid);
  return txid;
}

/** One payment to one address. */
export const sendOne: Deed = async (town, rng) => {
  const purse = pick(rng, town.signing);
  const txid = await allow(
    purse.rpc.callNamed<string>('sendtoaddress', {
      address: await drawAddress(town, rng),
      amount: drawAmount(rng),
      subtractfeefromamount: rng.below(4) === 0,
      replaceable: rng.below(2) === 0,
      ...drawFeeWords(rng),
    }),
    REFUSALS,
  );
  return txid === null ? null : note(purse, txid);
};

/** One payment to several addresses; some of them bear the fee. */
export const sendMany: Deed = async (town, rng) => {
  const purse = pick(rng, town.signing);
  const amounts: Record<string, number> = {};
  const bearers: string[] = [];
  for (let count = 2 + rng.below(4); count > 0; count--) {
    const address = await drawAddress(town, rng);
    amounts[address] = drawAmount(rng);
    if (rng.below(3) === 0) bearers.push(address);
  }
  const fees = drawFeeWords(rng);
  const answer = purse.rpc.callNamed<string>('sendmany', { amounts, subtractfeefrom: bearers, ...fees });
  const txid = await allow(answer, REFUSALS);
  return txid === null ? null : note(purse, txid);
};

/** Everything that a wallet has goes to one address. */
export const sendAll: Deed = async (town, rng) => {
  const purse = pick(rng, town.signing);
  const params = {
    recipients: [await drawAddress(town, rng)],
    ...drawFeeWords(rng),
    options: { send_max: rng.below(2) === 0 },
  };
  const sent = await allow(purse.rpc.callNamed<{ txid: string }>('sendall', params), REFUSALS);
  return sent === null ? null : note(purse, sent.txid);
};

/** Two payments at the same moment: both are answered, and they never spend the same coin. */
export const sendTwoAtOnce: Deed = async (town, rng) => {
  const purse = pick(rng, town.signing);
  const addresses = [await drawAddress(town, rng), await drawAddress(town, rng)];
  const amounts = addresses.map(() => drawAmount(rng));
  const answers = addresses.map((address, i) =>
    allow(purse.rpc.callNamed<string>('sendtoaddress', { address, amount: amounts[i] }), REFUSALS),
  );
  const labels = purse.newAddress('bech32', 'meanwhile');
  const txids = (await Promise.all(answers)).filter((txid) => txid !== null);
  await labels;
  const spent: Set<string> = new Set();
  for (const txid of txids) {
    const { decoded } = await purse.call<{ decoded: ToldTransaction }>('gettransaction', txid, false, true);
    for (const name of namesOf(decoded)) {
      assert.ok(!spent.has(name), `${purse.name} spends ${name} twice`);
      spent.add(name);
    }
    note(purse, txid);
  }
  return txids.length === 2 ? txids.join() : null;
};

interface ToldEntry {
  readonly txid: string;
  readonly category: string;
  readonly confirmations: number;
  readonly replaced_by_txid?: string;
}

async function findWaiting(purse: Purse): Promise<readonly string[]> {
  const entries = await purse.call<readonly ToldEntry[]>('listtransactions', '*', 60);
  const waiting = entries.filter(
    ({ category, confirmations, replaced_by_txid }) =>
      category === 'send' && confirmations === 0 && replaced_by_txid === undefined,
  );
  return [...new Set(waiting.map(({ txid }) => txid))];
}

/** The wallets that make payments, from a random one on. */
function inTurn(town: WalletTown, rng: Rng): readonly Purse[] {
  const first = rng.below(town.signing.length);
  return [...town.signing.slice(first), ...town.signing.slice(0, first)];
}

/** What a transaction spends is neither in the chain nor in the mempool. */
const INPUT_IS_GONE = /is already spent$/;

/** Refuses to replace what spends coins that are gone: that can only be what waits in no mempool, its parent was lost with a branch. */
async function checkGone(purse: Purse, txid: string, error: unknown): Promise<null> {
  if (!(error instanceof RpcFailure) || !INPUT_IS_GONE.test(error.message)) throw error;
  const pool = await purse.call<readonly string[]>('getrawmempool');
  assert.ok(!pool.includes(txid), `${txid} waits in the mempool, and its input ${error.message}`);
  return null;
}

/** A payment that waits is replaced by one that pays more. */
export const bump: Deed = async (town, rng) => {
  const purses = inTurn(town, rng);
  const [chosen, hasRate, rate] = [rng.nextU32(), rng.below(2) === 0, 50 + rng.below(60)];
  const options = hasRate ? [{ fee_rate: rate }] : [];
  for (const purse of purses) {
    const waiting = await findWaiting(purse);
    if (waiting.length === 0) continue;
    const txid = waiting[chosen % waiting.length]!;
    const bumping = purse.call<{ txid: string; origfee: number; fee: number }>('bumpfee', txid, ...options);
    const answer = bumping.catch((error: unknown) => checkGone(purse, txid, error));
    const bumped = await allow(answer, BUMP_REFUSALS);
    if (bumped === null) continue;
    assert.ok(satOf(bumped.fee) > satOf(bumped.origfee), 'the new fee is higher');
    return note(purse, bumped.txid);
  }
  return null;
};

/** Somebody who is paid hurries the payment with a child that pays for both. */
export const hurry: Deed = async (town, rng) => {
  const purse = pick(rng, town.signing);
  const [chosen, rate] = [rng.nextU32(), 20 + rng.below(40)];
  const coins = await purse.call<readonly { txid: string; vout: number; amount: number }[]>('listunspent', 0, 0);
  if (coins.length === 0) return null;
  const { txid, vout, amount } = coins[chosen % coins.length]!;
  const address = await purse.newAddress(pick(rng, ADDRESS_TYPES));
  const options = { inputs: [{ txid, vout }], include_unsafe: true, subtract_fee_from_outputs: [0], fee_rate: rate };
  const sent = await allow(
    purse.rpc.callNamed<{ txid: string }>('send', { outputs: [{ [address]: amount }], options }),
    REFUSALS,
  );
  return sent === null ? null : note(purse, sent.txid);
};

/** Owners of the shared wallet learn so many further keys at a time: half of what they know from the start. */
const OWNER_STEP = 20;

/** Two of three owners sign what the shared wallet wants to pay: one after the other, or apart and put together. */
export const sendShared: Deed = async (town, rng) => {
  const shared = town.purse('shared');
  const owners = ['plain', 'locked', 'signer'].map((name) => town.purse(name));
  owners.splice(rng.below(owners.length), 1);
  const isApart = rng.below(2) === 0;
  const outputs = [{ [await drawAddress(town, rng)]: drawAmount(rng) }];
  const funding = shared.rpc.callNamed<{ psbt: string }>('walletcreatefundedpsbt', {
    outputs,
    options: { ...drawFeeWords(rng), includeWatching: true },
  });
  const funded = await allow(funding, REFUSALS);
  if (funded === null) return null;
  // An owner knows keys so far ahead; the shared wallet goes on without asking.
  const ahead = OWNER_STEP * Math.ceil((shared.labels.size + OWNER_STEP) / OWNER_STEP);
  const sign = async (owner: Purse, psbt: string): Promise<string> => {
    if (ahead > 2 * OWNER_STEP) await owner.call('keypoolrefill', ahead);
    return (await owner.call<{ psbt: string }>('walletprocesspsbt', psbt)).psbt;
  };
  const { rpc } = shared.node;
  const signed = isApart
    ? await rpc.call<string>('combinepsbt', await Promise.all(owners.map((owner) => sign(owner, funded.psbt))))
    : await sign(owners[1]!, await sign(owners[0]!, funded.psbt));
  const { complete, hex } = await rpc.call<{ complete: boolean; hex: string }>('finalizepsbt', signed);
  assert.ok(complete, 'two signatures of two');
  const txid = await allow(
    rpc.call<string>('sendrawtransaction', hex),
    /too-long|min relay fee not met|mempool min fee/,
  );
  return txid;
};

/** A payment that stands nowhere is given up; one that waits in the mempool must not be. */
export const abandon: Deed = async (town, rng) => {
  const [purses, chosen] = [inTurn(town, rng), rng.nextU32()];
  for (const purse of purses) {
    const waiting = await findWaiting(purse);
    const present = new Set(await purse.node.rpc.call<string[]>('getrawmempool'));
    const idle = waiting.filter((txid) => !present.has(txid));
    const candidates = idle.length > 0 ? idle : waiting;
    if (candidates.length === 0) continue;
    const txid = candidates[chosen % candidates.length]!;
    // It may come and go in between: whoever is asked knows best, and the judge sees whether it was true.
    const answer = purse.call('abandontransaction', txid).then(() => txid);
    const abandoned = await allow(answer, /^Transaction not eligible for abandonment/);
    if (abandoned !== null) return abandoned;
  }
  return null;
};
