// Every view of the page, on a ledger with a little of everything, in light and dark, at a wide screen and at a phone: nothing that
// keeps people out (axe-core), nothing wider than the screen, no complaint of the browser. And what comes over the wire, counted.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Browser } from 'playwright-core';
import { LESSONS } from '../../src/web/views/learn/lessons.ts';
import { withFolder } from '../functional/programs.ts';
import { findFreePort, RpcClient } from '../functional/rpc-client.ts';
import { type Up, withUp } from '../functional/up-program.ts';
import { withBrowser } from './browser.ts';
import { type Screen, Visitor } from './visitor.ts';

/** What a first visit may transfer, compressed. */
const FIRST_LOAD_BYTES_MAX = 300_000;

/** Rows of a long list that may exist at one time. */
const ROWS_MAX = 60;

/** How long all of it may take on a machine with other things to do. */
const PATIENCE_MS = 600_000;

/** Rewards of a ripe ledger. */
const PAGES = 130;

const SCREENS: readonly Screen[] = [
  { size: 'wide', language: 'en', scheme: 'light' },
  { size: 'wide', language: 'zh-CN', scheme: 'dark' },
  { size: 'phone', language: 'zh-CN', scheme: 'light' },
  { size: 'phone', language: 'en', scheme: 'dark' },
];

/** Chooses one coin out of the long list, and has the payment reviewed: the list is hidden then, and must stay as it was. */
async function reviewOneCoin({ page, origin, texts }: Visitor, address: string): Promise<void> {
  const { send } = texts.wallet;
  await page.goto(`${origin}/wallet/Savings/send`);
  await page.getByLabel(send.to, { exact: true }).fill(address);
  await page.getByLabel(send.amount).fill('1');
  await page.getByText(send.coins, { exact: true }).click();
  await page.locator('.row-pick').first().click();
  await page.getByRole('button', { name: send.review, exact: true }).click();
  await page.locator('.review .bill').waitFor();
  const count = await page.locator('.row-pick').count();
  assert.ok(count > 0 && count <= ROWS_MAX, `${count} coins to pick`);
}

/** A node on which something has happened. */
async function withLivingNode(
  use: (app: Up, paths: readonly string[], rpc: RpcClient) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const [rpcPort, webPort] = [await findFreePort(), await findFreePort()];
    const options = ['-regtest', '-addressindex', `-rpcport=${rpcPort}`, `-webport=${webPort}`];
    const rpc = new RpcClient(rpcPort, join(folder, 'regtest', '.cookie'));
    const live = async (app: Up): Promise<void> => use(app, await liveALittle(rpc), rpc);
    await withUp(folder, options, live, { patienceMs: PATIENCE_MS });
  });
}

/** Rewards, a payment in a block and one that waits; the paths of all views. */
async function liveALittle(rpc: RpcClient): Promise<readonly string[]> {
  await rpc.call('createwallet', 'Savings');
  const wallet = rpc.wallet('Savings');
  const address = await wallet.call<string>('getnewaddress', 'Rewards');
  await rpc.call('generatetoaddress', PAGES, address);
  const shop = await wallet.call<string>('getnewaddress', 'Shop');
  const pay = (): Promise<string> =>
    wallet.call('sendtoaddress', shop, 1.5, '', '', false, true, null, 'unset', false, 5);
  const txid = await pay();
  const [hash] = await rpc.call<string[]>('generatetoaddress', 1, address);
  const waiting = await pay();
  const parts = ['', '/receive', '/send', '/history', '/coins', '/psbt', '/safety'];
  return [
    '/ledger',
    `/block/${hash}`,
    `/tx/${txid}`,
    `/tx/${waiting}`,
    `/address/${shop}`,
    '/wallet',
    '/wallet/~new',
    '/wallet/~restore',
    ...parts.map((part) => `/wallet/Savings${part}`),
    '/miner',
    '/network',
    '/audit',
    `/audit/trace?coin=${txid}:0`,
    '/learn',
    ...LESSONS.map(({ name }) => `/learn/${name}`),
    '/nowhere',
  ];
}

async function lookAtAll(browser: Browser, link: string, paths: readonly string[], screen: Screen): Promise<void> {
  const visitor = await Visitor.signIn(browser, link, screen);
  const found: string[] = [];
  for (const path of paths) {
    await visitor.page.goto(visitor.origin + path);
    await visitor.isSettled();
    for (const barrier of await visitor.findBarriers()) found.push(`${path}: ${barrier}`);
    if ((await visitor.measureOverflow()) > 0) found.push(`${path}: wider than the screen`);
  }
  assert.deepEqual([...found, ...visitor.complaints], [], JSON.stringify(screen));
  await visitor.close();
}

test('every view can be used by everybody, fits its screen and gives the browser nothing to complain about', {
  timeout: PATIENCE_MS,
}, async (context) => {
  await withBrowser(context, (browser) =>
    withLivingNode(async (app, paths, rpc) => {
      for (const screen of SCREENS) await lookAtAll(browser, await rpc.call<string>('getapplink'), paths, screen);
      const stranger = await Visitor.arrive(browser, new URL(app.link).origin, SCREENS[0]!);
      await stranger.page.goto(stranger.origin);
      await stranger.sees(stranger.texts.common.loginTitle);
      assert.deepEqual(await stranger.findBarriers(), []);
      // Who is not signed in is told so by the server: the one complaint there may be.
      stranger.forgive(/status 401|Failed to load resource: the server responded with a status of 401/);
      assert.deepEqual(stranger.complaints, []);
      await stranger.close();
    }),
  );
});

test('a first visit transfers little, and of a long list only the rows on screen exist', {
  timeout: PATIENCE_MS,
}, async (context) => {
  await withBrowser(context, (browser) =>
    withLivingNode(async (app, _paths, rpc) => {
      const visitor = await Visitor.arrive(browser, new URL(app.link).origin, SCREENS[0]!);
      const session = await visitor.page.context().newCDPSession(visitor.page);
      let bytes = 0;
      session.on('Network.loadingFinished', ({ encodedDataLength }) => {
        bytes += encodedDataLength;
      });
      await session.send('Network.enable');
      await visitor.page.goto(app.link);
      await visitor.sees(visitor.texts.ledger.title);
      await visitor.isSettled();
      context.diagnostic(`${bytes} bytes until the ledger is on screen`);
      assert.ok(bytes > 0 && bytes <= FIRST_LOAD_BYTES_MAX, `${bytes} bytes`);
      await visitor.page.goto(`${visitor.origin}/wallet/Savings/history`);
      const rows = visitor.page.locator('.row-movement');
      await rows.first().waitFor();
      const count = await rows.count();
      assert.ok(count > 0 && count <= ROWS_MAX, `${count} rows of ${PAGES + 3}`);
      await visitor.page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
      await visitor.page.locator(`[aria-posinset="${PAGES}"]`).waitFor();
      assert.ok((await rows.count()) <= ROWS_MAX);
      await reviewOneCoin(visitor, await rpc.call<string>('getnewaddress'));
      assert.deepEqual(visitor.complaints, []);
      await visitor.close();
    }),
  );
});
