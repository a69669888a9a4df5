// How the page feels to a person, on loopback, in a headless Chromium: `npm run bench:web`. Prints figures with their goals beside them
// and judges nothing: a machine with other things to do is no reason to fail. What can be counted is in test/web/views.test.ts.

import { join } from 'node:path';
import type { Browser, CDPSession } from 'playwright-core';
import { CHROMIUM_NOTICE } from '../browser/chromium.ts';
import { withFolder } from '../functional/programs.ts';
import { findFreePort, RpcClient } from '../functional/rpc-client.ts';
import { withUp } from '../functional/up-program.ts';
import { launchBrowser } from '../web/browser.ts';
import { type Screen, Visitor } from '../web/visitor.ts';

/** Rows of the history that is scrolled. */
const HISTORY_ROWS = Number(process.env['TALLY_ROWS'] ?? 10_000);

/** Pages that are mined by one call. */
const PAGES_PER_CALL = 250;

const BLOCKS = 10;

/** How long all of it may take. */
const PATIENCE_MS = 1_800_000;

const SCREEN: Screen = { size: 'wide', language: 'en', scheme: 'light' };

const VIEWS: readonly string[] = [
  '/ledger',
  '/wallet',
  '/wallet/Savings',
  '/wallet/Savings/send',
  '/wallet/Savings/history',
  '/miner',
  '/network',
  '/audit',
  '/learn',
];

/** Scrolls from top to bottom for three seconds; frames that took longer than 50 ms, of how many, and the longest. */
const SCROLL = `new Promise((resolve) => {
  const height = document.documentElement.scrollHeight - innerHeight;
  const frames = [];
  const start = performance.now();
  let last = start;
  const step = (now) => {
    frames.push(now - last);
    last = now;
    const share = Math.min(1, (now - start) / 3000);
    scrollTo(0, height * share);
    if (share < 1) requestAnimationFrame(step);
    else resolve([frames.filter((ms) => ms > 50).length, frames.length, Math.max(...frames)]);
  };
  requestAnimationFrame(step);
})`;

function print(what: string, figure: string, goal: string): void {
  process.stdout.write(`${what.padEnd(44)} ${figure.padStart(24)}   goal ${goal}\n`);
}

function ms(value: number): string {
  return `${value.toFixed(0)} ms`;
}

/** A first visit: time until the ledger is on screen, and the bytes of it. */
async function measureFirstVisit(browser: Browser, link: string): Promise<Visitor> {
  const visitor = await Visitor.arrive(browser, new URL(link).origin, SCREEN);
  const session = await visitor.page.context().newCDPSession(visitor.page);
  let bytes = 0;
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  await session.send('Network.enable');
  const startMs = performance.now();
  await visitor.page.goto(link);
  await visitor.sees(visitor.texts.ledger.title);
  print('first screen', ms(performance.now() - startMs), '1000 ms');
  await visitor.isSettled();
  print('transferred until all of it is there', `${bytes} bytes`, '300000 bytes');
  return visitor;
}

/** Milliseconds that the page itself has worked so far: what a busy machine does not change. */
async function readWorkMs(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1000;
}

/** Each view, reached as a person reaches it: by a step inside the page, with all its answers on screen. */
async function measureViews(visitor: Visitor): Promise<void> {
  const session = await visitor.page.context().newCDPSession(visitor.page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  for (const path of VIEWS) {
    await visitor.page.goto(`${visitor.origin}${path === '/ledger' ? '/miner' : '/ledger'}`);
    await visitor.isSettled();
    const beforeMs = await readWorkMs(session);
    const tookMs = await visitor.page.evaluate<number>(`new Promise((resolve) => {
      const start = performance.now();
      const before = document.querySelector('main h1').textContent;
      history.pushState({}, '', ${JSON.stringify(path)});
      dispatchEvent(new PopStateEvent('popstate', { state: {} }));
      const look = () => {
        const title = document.querySelector('main h1')?.textContent ?? before;
        const isThere = title !== before && document.querySelector('main .skeleton') === null;
        if (isThere) requestAnimationFrame(() => resolve(performance.now() - start));
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    })`);
    print(`view ${path}`, `${ms(tookMs)}, work ${ms((await readWorkMs(session)) - beforeMs)}`, '200 ms');
  }
}

/** Writes down in the page when each block is drawn, in milliseconds since 1970: who looks from outside looks every so often only. */
const MARK_BLOCKS = `globalThis.blockDrawnMs = {};
new MutationObserver(() => {
  for (const { pathname } of document.querySelectorAll('a.block-card')) {
    const hash = pathname.slice(pathname.lastIndexOf('/') + 1);
    if (hash in blockDrawnMs) continue;
    blockDrawnMs[hash] = Infinity;
    requestAnimationFrame(() => { blockDrawnMs[hash] = performance.timeOrigin + performance.now(); });
  }
}).observe(document, { childList: true, subtree: true });`;

/** From the call that mines a block, its mining included, to the moment when the block is drawn. */
async function measureNewBlock(visitor: Visitor, rpc: RpcClient): Promise<void> {
  await visitor.page.goto(`${visitor.origin}/ledger`);
  await visitor.isSettled();
  await visitor.page.evaluate(MARK_BLOCKS);
  const took: number[] = [];
  for (let i = 0; i < BLOCKS; i++) {
    const startMs = performance.timeOrigin + performance.now();
    const [hash] = await rpc.call<string[]>('generatetodescriptor', 1, 'raw(51)');
    const drawnMs = await visitor.page.evaluate<number>(`new Promise((resolve) => {
      const look = () => {
        const drawnMs = blockDrawnMs[${JSON.stringify(hash)}] ?? Infinity;
        if (drawnMs < Infinity) resolve(drawnMs);
        else requestAnimationFrame(look);
      };
      look();
    })`);
    took.push(drawnMs - startMs);
  }
  took.sort((a, b) => a - b);
  print(`new block on screen, median of ${BLOCKS}`, ms(took[BLOCKS >> 1]!), '200 ms');
  print('new block on screen, slowest', ms(took.at(-1)!), '200 ms');
}

async function measureScrolling(visitor: Visitor): Promise<void> {
  await visitor.page.goto(`${visitor.origin}/wallet/Savings/history`);
  await visitor.page.locator('.row-movement').first().waitFor();
  const [late, all, longest] = await visitor.page.evaluate<[number, number, number]>(SCROLL);
  print(`${HISTORY_ROWS} rows scrolled: frames over 50 ms`, `${late} of ${all}, longest ${ms(longest)}`, '0');
}

async function main(): Promise<void> {
  const browser = await launchBrowser();
  if (browser === null) {
    process.stdout.write(`${CHROMIUM_NOTICE}\n`);
    return;
  }
  await withFolder(async (folder) => {
    const [rpcPort, webPort] = [await findFreePort(), await findFreePort()];
    const options = ['-regtest', '-addressindex', `-rpcport=${rpcPort}`, `-webport=${webPort}`];
    const live = async (): Promise<void> => {
      const rpc = new RpcClient(rpcPort, join(folder, 'regtest', '.cookie'));
      await rpc.call('createwallet', 'Savings');
      const address = await rpc.wallet('Savings').call<string>('getnewaddress');
      for (let mined = 0; mined < HISTORY_ROWS; mined += PAGES_PER_CALL) {
        await rpc.call('generatetoaddress', PAGES_PER_CALL, address);
      }
      // The wallet follows the ledger in its own time: it is waited for here, not by the first view that asks it.
      await rpc.wallet('Savings').call('getbalances');
      const visitor = await measureFirstVisit(browser, await rpc.call<string>('getapplink'));
      await measureViews(visitor);
      await measureNewBlock(visitor, rpc);
      await measureScrolling(visitor);
      await visitor.close();
    };
    await withUp(folder, options, live, { patienceMs: PATIENCE_MS });
  });
  await browser.close();
}

await main();
