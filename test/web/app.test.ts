// The whole way of two new users, as the README has it: a node each, started with one command, and everything else done at its page.
// One sits at a wide screen and reads English, the other holds a phone and reads Chinese. Nothing is asked of the nodes but by pages.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Browser } from 'playwright-core';
import { zhCn } from '../../src/web/i18n/zh-cn.ts';
import { run, withFolder } from '../functional/programs.ts';
import { findFreePort } from '../functional/rpc-client.ts';
import { stop, type Up, up } from '../functional/up-program.ts';
import { withBrowser } from './browser.ts';
import { Person } from './person.ts';
import { type Screen, Visitor } from './visitor.ts';

/** A ledger on which a page takes a moment of one processor: a reward is ripe after a hundred of them. */
const LEDGER = ['new-ledger', 'fastland', '--interval=1', '--period=2000', '--easiest=16384'];

const WIDE: Screen = { size: 'wide', language: 'en', scheme: 'light' };
const PHONE: Screen = { size: 'phone', language: 'zh-CN', scheme: 'dark' };

/** How long all of it may take on a machine with other things to do; seconds of a quiet one. */
const PATIENCE_MS = 600_000;

const ZERO = '0.00000000';

/** Satoshis of an amount with eight decimals. */
function sat(amount: string): number {
  assert.match(amount, /^\d+\.\d{8}$/);
  return Number(amount.replace('.', ''));
}

/** A node with its person. */
interface Home {
  readonly args: readonly string[];
  readonly folder: string;
  readonly person: Person;
  app: Up;
}

async function moveIn(browser: Browser, folder: string, args: readonly string[], screen: Screen): Promise<Home> {
  mkdirSync(folder);
  const all = [...args, `-webport=${await findFreePort()}`];
  const app = await up(folder, all, { patienceMs: PATIENCE_MS });
  return { args: all, folder, app, person: new Person(await Visitor.signIn(browser, app.link, screen)) };
}

/** Stops a node in order and starts it again; its page notices both, and goes on by itself. */
async function restart(home: Home): Promise<void> {
  const { page, texts } = home.person.visitor;
  await stop(home.app);
  await page.getByText(texts.common.reconnecting).waitFor();
  home.app = await up(home.folder, home.args, { patienceMs: PATIENCE_MS });
  await page.getByText(texts.common.reconnecting).waitFor({ state: 'detached' });
  home.person.visitor.forgiveAbsence();
}

async function liveThrough(one: Home, two: Home): Promise<void> {
  const [ada, bo] = [one.person, two.person];
  const [savings, coins] = await Promise.all([
    ada.createWallet('Savings', ''),
    bo.createWallet('零钱', 'split hazel notches'),
  ]);
  await ada.mineFor(savings.name);
  await ada.seesBalance(savings.name, (amount) => amount !== ZERO);
  await ada.turnMiner(false);

  const there = await ada.pay(savings, await bo.showAddress(coins.name), '12.5', 'Bread');
  assert.equal(there.amount, '12.50000000');
  assert.equal(sat(there.total), sat(there.amount) + sat(there.fee));
  await ada.seesPayment(savings.name, 'out', there.total, true);
  assert.equal(await bo.seesPending(coins.name, (amount) => amount !== ZERO), there.amount);
  await ada.turnMiner(true);
  assert.equal(await bo.seesBalance(coins.name, (amount) => amount !== ZERO), there.amount);
  await Promise.all([
    ada.seesPayment(savings.name, 'out', there.total, false),
    bo.seesPayment(coins.name, 'in', there.amount, false),
  ]);

  const back = await bo.pay(coins, await ada.showAddress(savings.name), '2.25', '找零');
  assert.equal(back.amount, '2.25000000');
  await bo.seesPayment(coins.name, 'out', back.total, false);
  await ada.seesPayment(savings.name, 'in', back.amount, false);
  await ada.turnMiner(false);
  const rest = await bo.restingBalance(coins.name);
  assert.equal(sat(rest), sat(there.amount) - sat(back.total));
  const saved = await ada.restingBalance(savings.name);

  await restart(one);
  assert.equal(await ada.seesBalance(savings.name, (amount) => amount !== ZERO), saved);
  await ada.seesPayment(savings.name, 'out', there.total, false);
  await restart(two);
  assert.equal(await bo.seesBalance(coins.name, (amount) => amount !== ZERO), rest);
  await bo.seesPayment(coins.name, 'out', back.total, false);
  await Promise.all([ada.seesWords(savings), bo.seesWords(coins)]);
}

/** The other language is chosen at the page, and kept. */
async function speakChinese({ visitor }: Person): Promise<void> {
  const { page } = visitor;
  await page.goto(`${visitor.origin}/ledger`);
  await page.getByRole('button', { name: visitor.texts.common.otherLanguage }).click();
  await visitor.sees(zhCn.ledger.title);
  await page.reload();
  await visitor.sees(zhCn.ledger.title);
}

test('two new users make wallets, mine, pay each other, see it confirmed, and have everything after a restart', {
  timeout: PATIENCE_MS,
}, async (context) => {
  await withBrowser(context, (browser) =>
    withFolder(async (folder) => {
      const file = join(folder, 'fastland.json');
      assert.equal((await run('tally', [...LEDGER, `--file=${file}`], { home: folder })).code, 0);
      const port = await findFreePort();
      const homes: Home[] = [];
      try {
        const ledger = `-chainparams=${file}`;
        homes.push(await moveIn(browser, join(folder, 'one'), [ledger, `-bind=127.0.0.1:${port}`], WIDE));
        homes.push(await moveIn(browser, join(folder, 'two'), [ledger, `-addnode=127.0.0.1:${port}`], PHONE));
        const [one, two] = homes as [Home, Home];
        await liveThrough(one, two);
        await speakChinese(one.person);
        for (const { person, app } of homes) {
          assert.deepEqual(person.visitor.complaints, []);
          await person.visitor.close();
          await stop(app);
        }
      } finally {
        for (const { app } of homes) app.process.signal('SIGKILL');
      }
    }),
  );
});
