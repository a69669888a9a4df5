// A node killed in the middle of what its wallets were asked for (K05): nothing that was answered is lost. An address that was told is
// known, a payment that was answered is there and spends what no other one spends, a wallet has its passphrase or has none, and its
// keys sign in either case. `TALLY_KILLS` sets the number of kills of each kind, `TALLY_SEED` their moments.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createRng, type Rng } from '../../src/kernel/util/prng.ts';
import { withFolder } from './programs.ts';
import { RpcFailure } from './rpc-client.ts';
import { assertRemembered } from './wallet-events.ts';
import { namesOf, type ToldTransaction, WalletJudge } from './wallet-judge.ts';
import { ADDRESS_TYPES, type Purse, readRoot, WalletNode } from './wallet-node.ts';

const KILLS = Number(process.env['TALLY_KILLS'] ?? 2);
const SEED = Number(process.env['TALLY_SEED'] ?? 1);

/** A kill comes after so many answers at most, and so much later: in the middle of the next ones. */
const ANSWERS_MAX = 24;
const KILL_MS_MAX = 40;

/** A kill while a wallet is encrypted comes after so much time at most. */
const ENCRYPTION_KILL_MS_MAX = 2_400;

/** What a wallet says when too much of its money waits (Core RPC_WALLET_INSUFFICIENT_FUNDS). */
const INSUFFICIENT_FUNDS = -6;

/** Pages with rewards, and pages that make them ripe. */
const REWARDS = 20;
const RIPENING_PAGES = 100;

/** Whether an error means that the node is gone, and with it the answer. */
function isSilence(error: unknown): boolean {
  return !(error instanceof RpcFailure) && (error as NodeJS.ErrnoException).code !== undefined;
}

/** Asks again and again until the node is gone. */
async function askOn(ask: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await ask();
    } catch (error) {
      if (isSilence(error) || error instanceof SyntaxError) return;
      throw error;
    }
  }
}

/** Lets a test have a node with a wallet that has money. */
async function withPurse(use: (node: WalletNode, purse: Purse, rng: Rng) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const node = new WalletNode('node', folder);
    try {
      await node.start();
      const purse = await node.create('purse');
      await node.rpc.call('generatetoaddress', REWARDS, await purse.newAddress('bech32'));
      await node.rpc.call('generatetodescriptor', RIPENING_PAGES, 'raw(51)');
      // What the node itself has is on its disk before the first kill: this is about wallets.
      await node.stop();
      await node.start();
      await use(node, purse, createRng(SEED));
    } finally {
      await node.end();
    }
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Kills the node at a moment while it is asked, and starts it again. */
async function killWhile(node: WalletNode, moment: Promise<unknown>, work: readonly Promise<void>[]): Promise<void> {
  const [answers] = await Promise.all([Promise.allSettled(work), moment.then(() => node.kill())]);
  for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
  await node.start();
}

test(`K05: killed ${KILLS} times while it gives addresses and pays, a wallet knows all that it has answered`, async (context) => {
  await withPurse(async (node, purse, rng) => {
    const judge = new WalletJudge();
    for (let kills = 0; kills < KILLS; kills++) {
      const address = await purse.newAddress('bech32m');
      let left = 1 + rng.below(ANSWERS_MAX);
      let ring = (): void => undefined;
      const answered = new Promise<void>((resolve) => {
        ring = resolve;
      });
      const count = (): void => {
        if (--left === 0) ring();
      };
      const giveAddresses = (): Promise<void> =>
        askOn(async () => {
          await purse.newAddress(ADDRESS_TYPES[rng.below(4)]!, `name ${rng.below(100)}`);
          count();
        });
      const pay = (): Promise<void> =>
        askOn(async () => {
          const txid = await purse.call<string>('sendtoaddress', address, 0.01).catch((error: unknown) => {
            if (error instanceof RpcFailure && error.code === INSUFFICIENT_FUNDS) return null;
            throw error;
          });
          if (txid !== null) purse.answered.add(txid);
          count();
        });
      const moment = answered.then(() => pause(rng.below(KILL_MS_MAX)));
      await killWhile(node, moment, [giveAddresses(), giveAddresses(), pay(), pay()]);
      await assertRemembered(node);
      const spent: Set<string> = new Set();
      for (const txid of purse.answered) {
        const { decoded } = await purse.call<{ decoded: ToldTransaction }>('gettransaction', txid, false, true);
        for (const name of namesOf(decoded)) assert.ok(!spent.has(name), `${name} is spent twice`);
        for (const name of namesOf(decoded)) spent.add(name);
      }
      await judge.judge(purse);
      await node.rpc.call('generatetodescriptor', 1, 'raw(51)');
    }
    context.diagnostic(`seed ${SEED}: ${purse.labels.size} addresses, ${purse.answered.size} payments`);
    await judge.judge(purse);
  });
});

test(`K05: killed ${KILLS} times while it is encrypted, a wallet has its passphrase or has none, and signs`, async (context) => {
  await withPurse(async (node, _purse, rng) => {
    const outcomes: string[] = [];
    for (let kills = 0; kills < KILLS; kills++) {
      const purse = await node.create(`secret ${kills}`);
      const address = await purse.newAddress('legacy', 'of before');
      const [, secret] = await readRoot(purse);
      assert.ok(readFileSync(node.walletFile(purse.name)).includes(secret), 'plain keys without a passphrase');
      let isAnswered = false;
      const encrypt = purse.call('encryptwallet', 'a passphrase').then(
        () => {
          isAnswered = true;
        },
        (error: unknown) => {
          if (!isSilence(error) && !(error instanceof SyntaxError)) throw error;
        },
      );
      await killWhile(node, pause(rng.below(ENCRYPTION_KILL_MS_MAX)), [encrypt]);
      const info = await purse.call<{ unlocked_until?: number }>('getwalletinfo');
      const isEncrypted = info.unlocked_until !== undefined;
      assert.ok(isEncrypted || !isAnswered, 'what was answered has happened');
      if (isEncrypted) {
        purse.passphrase = 'a passphrase';
        await purse.unlock();
        assert.ok(!readFileSync(node.walletFile(purse.name)).includes(secret), 'plain keys in an encrypted wallet');
      }
      await assertRemembered(node);
      assert.equal(typeof (await purse.call('signmessage', address, 'a message')), 'string');
      outcomes.push(isEncrypted ? (isAnswered ? 'answered' : 'encrypted') : 'plain');
    }
    context.diagnostic(`seed ${SEED}: ${outcomes.join(', ')}`);
  });
});
