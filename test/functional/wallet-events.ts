// What happens to wallets besides payments, drawn by chance: pages, branches that win and lose, nodes that stop and are killed, names,
// locks, backups. Each returns whether it was done.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Rng } from '../../src/kernel/util/prng.ts';
import { RpcFailure } from './rpc-client.ts';
import { ADDRESS_TYPES, Purse, type WalletNode } from './wallet-node.ts';
import { abandon, allow, type Deed, pick, REFUSALS, sendOne } from './wallet-payments.ts';
import type { WalletTown } from './wallet-town.ts';

/** Reorganisations go back so many pages at most. */
const DEPTH_MAX = 24;

/** Addresses of a wallet that are asked for again after each start, and now and then. */
const REMEMBERED = 6;

async function rewardee(town: WalletTown, rng: Rng, node: WalletNode): Promise<Purse> {
  const own = town.signing.filter((purse) => purse.node === node);
  return pick(rng, own);
}

/** Some pages somewhere. */
export const mineSome: Deed = async (town, rng) => {
  const node = pick(rng, town.nodes);
  const purse = pick(rng, [await rewardee(town, rng, node), town.purse('shared')]);
  await town.mine(node, 1 + rng.below(3), purse, rng);
  await town.settle();
  return node.name;
};

/** A node is cut off, or all come together again and the longer branch wins. */
export const cutOrJoin: Deed = async (town, rng) => {
  const node = pick(rng, town.nodes);
  if (town.together.length === town.nodes.length) await town.isolate(node);
  else await town.reunite();
  return node.name;
};

/** A node mines and pays alone, the others mine more: what it had is taken back, up to twenty pages and more. */
export const loseBranch: Deed = async (town, rng) => {
  const [lonely, depth] = [pick(rng, town.nodes), 1 + rng.below(DEPTH_MAX)];
  if (town.together.length < town.nodes.length) await town.reunite();
  await town.isolate(lonely);
  const others = town.together;
  const half = depth >> 1;
  await town.mine(lonely, depth - half, await rewardee(town, rng, lonely), rng);
  await sendOne(town, rng);
  if (half > 0) await town.mine(lonely, half, await rewardee(town, rng, lonely), rng);
  const winner = pick(rng, others);
  await town.mine(winner, depth + 1, await rewardee(town, rng, winner), rng);
  await town.judgeAll();
  await town.reunite();
  return String(depth);
};

/** The operator of a node takes pages back by hand, and another branch grows from there. */
export const invalidate: Deed = async (town, rng) => {
  const [node, depth] = [pick(rng, town.nodes), 1 + rng.below(DEPTH_MAX)];
  if (town.together.length < town.nodes.length) await town.reunite();
  const first = await node.rpc.call<string>('getblockhash', (await node.height()) - depth + 1);
  await node.rpc.call('invalidateblock', first);
  for (const purse of node.purses) await town.judge.judge(purse);
  if (rng.below(3) === 0) {
    await node.rpc.call('reconsiderblock', first);
  } else {
    await town.mine(node, depth + 1, await rewardee(town, rng, node), rng);
    await node.rpc.call('reconsiderblock', first);
  }
  await town.settle();
  return String(depth);
};

/** Payments are not handed to the node. */
const QUIET: readonly string[] = ['-walletbroadcast=0'];

/** Ways to start a node: usual; quiet; cheap payments are not taken. */
const MANNERS: readonly (readonly string[])[] = [[], [], [], QUIET, ['-minrelaytxfee=0.0001']];

/** A node ends, in order or not, and starts again; what its wallets told is still known. */
export const restart: Deed = async (town, rng) => {
  const [node, isKilled, manner] = [pick(rng, town.nodes), rng.below(2) === 0, pick(rng, MANNERS)];
  await startAgain(town, node, isKilled, manner);
  return [isKilled ? 'killed' : 'stopped', ...manner].join(' ');
};

async function startAgain(
  town: WalletTown,
  node: WalletNode,
  isKilled: boolean,
  manner: readonly string[],
): Promise<void> {
  if (isKilled) await node.kill();
  else await node.stop();
  await node.start(manner);
  if (node.isIsolated) await node.rpc.call('setnetworkactive', false);
  else await town.connectAll();
  await assertRemembered(node);
  await town.settle();
}

/** A payment is given up; where there is none to be given up, a node is told to hand in nothing, and one is made there. */
export const giveUp: Deed = async (town, rng) => {
  const given = await abandon(town, rng);
  if (given !== null) return given;
  const node = pick(rng, town.nodes);
  await startAgain(town, node, false, QUIET);
  const purse = await rewardee(town, rng, node);
  const address = await purse.newAddress(pick(rng, ADDRESS_TYPES));
  const txid = await allow(purse.call<string>('sendtoaddress', address, 0.001), REFUSALS);
  if (txid === null) return null;
  await town.judge.judge(purse);
  await purse.call('abandontransaction', txid);
  await town.judge.judge(purse);
  return txid;
};

/** What was answered is known: the last addresses with their names, and all transactions. */
export async function assertRemembered({ purses }: WalletNode): Promise<void> {
  for (const purse of purses) {
    for (const [address, label] of [...purse.labels].slice(-REMEMBERED)) {
      const info = await purse.call<{ ismine: boolean; labels: readonly string[] }>('getaddressinfo', address);
      assert.ok(info.ismine, `${purse.name} has forgotten ${address}`);
      assert.deepEqual(info.labels, [label], `${purse.name}: the name of ${address}`);
    }
    for (const txid of [...purse.answered].slice(-REMEMBERED)) await purse.call('gettransaction', txid);
  }
}

/** A new address, or another name for an old one. */
export const nameAddress: Deed = async (town, rng) => {
  const purse = pick(rng, town.signing);
  const label = `name ${rng.below(1000)} über 名`;
  const [isNew, chosen, kind] = [rng.below(2) === 0, rng.nextU32(), pick(rng, ADDRESS_TYPES)];
  const known = [...purse.labels.keys()];
  if (isNew || known.length === 0) return purse.newAddress(kind, label);
  const address = known[chosen % known.length]!;
  await purse.call('setlabel', address, label);
  purse.labels.set(address, label);
  return address;
};

/** Coins are set aside, or all are free again. */
export const holdCoins: Deed = async (town, rng) => {
  const purse = pick(rng, town.signing);
  const [frees, persists, chosen] = [rng.below(2) === 0, rng.below(2) === 0, rng.nextU32()];
  if (frees) {
    await purse.call('lockunspent', true);
    return 'free';
  }
  const coins = await purse.call<readonly { txid: string; vout: number }[]>('listunspent', 0);
  if (coins.length === 0) return null;
  const { txid, vout } = coins[chosen % coins.length]!;
  await purse.call('lockunspent', false, [{ txid, vout }], persists);
  return 'held';
};

/** Without the passphrase nothing is signed; a wrong one opens nothing. */
export const lockKeys: Deed = async (town, rng) => {
  const purse = town.purse('locked');
  await purse.call('walletlock');
  const address = await purse.newAddress(pick(rng, ADDRESS_TYPES));
  assert.equal(await codeOf(purse.call('sendtoaddress', address, 0.01)), -13);
  if (rng.below(2) === 0) assert.equal(await codeOf(purse.call('walletpassphrase', 'a wrong one', 10)), -14);
  await purse.unlock();
  return purse.name;
};

/** The error of an answer; code 0 without one. */
export async function refusalOf(
  answer: Promise<unknown>,
): Promise<{ readonly code: number; readonly message: string }> {
  try {
    await answer;
  } catch (error) {
    if (error instanceof RpcFailure) return { code: error.code, message: error.message };
    throw error;
  }
  return { code: 0, message: '' };
}

/** Its code alone. */
export async function codeOf(answer: Promise<unknown>): Promise<number> {
  return (await refusalOf(answer)).code;
}

/** A wallet leaves and comes back. */
export const reload: Deed = async (town, rng) => {
  const purse = pick(rng, town.purses);
  await purse.node.rpc.call('unloadwallet', purse.name);
  await purse.node.rpc.call('loadwallet', purse.name);
  await purse.unlock();
  return purse.name;
};

/** A copy of a wallet, restored under another name after some more has happened, comes to the same. */
export const restoreCopy: Deed = async (town, rng) => {
  const purse = pick(rng, town.purses);
  const { node } = purse;
  const name = `copy-${rng.nextU32()}`;
  const path = join(town.folder, 'backups', name);
  await purse.call('backupwallet', path);
  await sendOne(town, rng);
  await town.mine(node, 1, await rewardee(town, rng, node), rng);
  await node.rpc.call('restorewallet', name, path);
  const copy = new Purse(node, name, purse.kind, purse.passphrase);
  await town.judge.judge(copy);
  await node.rpc.call('unloadwallet', name);
  await town.settle();
  return purse.name;
};
