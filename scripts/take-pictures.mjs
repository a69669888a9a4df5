// Takes the pictures of the README: starts three nodes on a ledger of their own with an app, lets them live for a while, and looks at
// the pages in a headless Chromium. Writes docs/pictures/*.png, small enough for a repository. Needs the built programs and page
// (npm run build && npm run build:web) and an installed Chromium (TALLY_CHROMIUM names another one).

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));
const program = join(root, 'dist', 'src', 'cli', 'tally.js');
const target = join(root, 'docs', 'pictures');

/** A picture may weigh so much. */
const BYTES_MAX = 150_000;

/** Pages to begin with: a hundred until a reward is ripe, and some to spend. */
const PAGES = 140;

/** How far the dates of pages may be ahead. */
const AHEAD_MS = 60_000;

const SIZES = { wide: { width: 1200, height: 750 }, phone: { width: 390, height: 780 } };

/** A ledger on which a page takes a moment: the usual one needs minutes until a reward is ripe. */
const LEDGER = ['new-ledger', 'village', '--interval=2', '--period=400', '--easiest=32768'];

/** Name, path, size, language, colours. */
const PICTURES = [
  ['ledger', '/ledger', 'wide', 'en', 'light'],
  ['wallet', '/wallet/Savings', 'wide', 'en', 'light'],
  ['network', '/network', 'wide', 'en', 'light'],
  ['transaction', 'TRANSACTION', 'wide', 'en', 'light'],
  ['audit', '/audit', 'wide', 'en', 'light'],
  ['learn', '/learn/links', 'wide', 'en', 'dark'],
  ['phone-receive', '/wallet/Savings/receive', 'phone', 'en', 'light'],
  ['phone-ledger', '/ledger', 'phone', 'en', 'dark'],
  ['ledger.zh-CN', '/ledger', 'wide', 'zh-CN', 'light'],
  ['wallet.zh-CN', '/wallet/Savings', 'wide', 'zh-CN', 'light'],
  ['phone-wallet.zh-CN', '/wallet/Savings', 'phone', 'zh-CN', 'dark'],
  ['miner', '/miner', 'wide', 'en', 'dark'],
];

/** A port that is free now. */
function findFreePort() {
  return new Promise((resolve) => {
    const server = createServer().listen({ host: '127.0.0.1', port: 0 }, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Starts a node; resolves once it can be used. */
async function startNode(folder, args) {
  mkdirSync(folder);
  const rpcPort = await findFreePort();
  const ports = [`-webport=${await findFreePort()}`, `-rpcport=${rpcPort}`];
  const options = ['--no-warnings', program, 'up', `-datadir=${folder}`, ...ports, ...args];
  const child = spawn(process.execPath, options, { env: { ...process.env, HOME: folder } });
  let said = '';
  return new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said += text;
      if (said.includes('Ready.')) resolve({ child, folder, rpcPort });
    });
    child.stderr.pipe(process.stderr);
    child.once('close', () => reject(new Error(`a node ended:\n${said}`)));
  });
}

/** Calls methods of a node, as programs do: with the cookie of its data folder. */
function callerOf({ folder, rpcPort }) {
  return async (method, params = [], wallet = null) => {
    const credentials = Buffer.from(readFileSync(join(folder, 'village', '.cookie'), 'utf8').trim()).toString('base64');
    const answer = await fetch(`http://127.0.0.1:${rpcPort}${wallet === null ? '/' : `/wallet/${wallet}`}`, {
      method: 'POST',
      headers: { Authorization: `Basic ${credentials}` },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const { result, error } = await answer.json();
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  };
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until something holds. */
async function until(holds) {
  while (!(await holds())) await sleep(250);
}

/** Pages, wallets and payments; resolves to the page of a payment that stands in a block. */
async function live(call, other) {
  await call('createwallet', ['Savings']);
  await other('createwallet', ['Shop']);
  const rewards = await call('getnewaddress', ['Rewards'], 'Savings');
  await call('setminer', { on: true, share: 0.3, address: rewards });
  await until(async () => (await call('getblockcount')) >= PAGES);
  const goods = [
    ['Bread', 2.5],
    ['Apples', 1.25],
    ['Firewood', 12],
    ['Hazel rods', 0.75],
  ];
  const paid = [];
  for (const [label, amount] of goods) {
    const address = await other('getnewaddress', [label], 'Shop');
    await call('setlabel', [address, label], 'Savings');
    paid.push(await call('sendtoaddress', { address, amount, fee_rate: 2 }, 'Savings'));
    const height = await call('getblockcount');
    await until(async () => (await call('getblockcount')) > height);
  }
  await call('getnewaddress', ['Rent May'], 'Savings');
  await call('setminer', { on: false });
  await call('startaudit');
  for (let i = 0; i < 3; i++) {
    const address = await other('getnewaddress', [''], 'Shop');
    await call('sendtoaddress', { address, amount: (i + 1) / 10, fee_rate: 2 + i }, 'Savings');
  }
  // Pages that were mined faster than the clock are dated ahead of it.
  await sleep(AHEAD_MS);
  const { blockhash } = await call('gettransaction', [paid[2]], 'Savings');
  return `/tx/${paid[2]}?block=${blockhash}`;
}

async function takePicture(browser, link, [name, path, size, language, scheme]) {
  const isPhone = size === 'phone';
  const options = {
    viewport: SIZES[size],
    locale: language,
    colorScheme: scheme,
    isMobile: isPhone,
    hasTouch: isPhone,
  };
  const context = await browser.newContext({ ...options, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.goto(link);
  await page.locator('.shell-main').waitFor();
  await page.goto(new URL(path, link).href);
  await page.locator('main').waitFor();
  await until(async () => (await page.locator('.skeleton').count()) === 0);
  // Charts are drawn a moment after their figures are there.
  await sleep(2500);
  const file = join(target, `${name}.png`);
  await page.screenshot({ path: file });
  await context.close();
  const { size: bytes } = statSync(file);
  process.stdout.write(`${name}.png ${bytes} bytes\n`);
  if (bytes > BYTES_MAX) throw new Error(`${name}.png weighs more than ${BYTES_MAX} bytes`);
}

const executablePath = [process.env.TALLY_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (path) => path !== undefined && existsSync(path),
);
if (executablePath === undefined) throw new Error('no Chromium found: apt-get install chromium, or set TALLY_CHROMIUM');
mkdirSync(target, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'tally-pictures-'));
const nodes = [];
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  const port = await findFreePort();
  const file = join(folder, 'village.json');
  spawnSync(process.execPath, [program, ...LEDGER, `--file=${file}`], { env: { ...process.env, HOME: folder } });
  const ledger = `-chainparams=${file}`;
  nodes.push(await startNode(join(folder, 'one'), [ledger, `-bind=127.0.0.1:${port}`]));
  nodes.push(await startNode(join(folder, 'two'), [ledger, `-addnode=127.0.0.1:${port}`]));
  nodes.push(await startNode(join(folder, 'three'), [ledger, `-addnode=127.0.0.1:${port}`]));
  const call = callerOf(nodes[0]);
  const payment = await live(call, callerOf(nodes[1]));
  for (const [name, path, ...look] of PICTURES) {
    if (name === 'miner') await call('setminer', { on: true });
    const where = path === 'TRANSACTION' ? payment : path;
    await takePicture(browser, await call('getapplink'), [name, where, ...look]);
  }
} finally {
  await browser.close();
  await Promise.all(
    nodes.map(async ({ child }) => {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGINT');
      await ended;
    }),
  );
  rmSync(folder, { recursive: true, force: true });
}
