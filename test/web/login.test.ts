// Signing in, in a real browser: by a link that is good once, for all tabs, beyond a restart of the page; and what another server of
// the same machine gets to see of it.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { withFolder } from '../functional/programs.ts';
import { findFreePort } from '../functional/rpc-client.ts';
import { withUp } from '../functional/up-program.ts';
import { withBrowser } from './browser.ts';
import { NODE_LIFE_MS, type Screen, Visitor } from './visitor.ts';

const SCREEN: Screen = { size: 'wide', language: 'en', scheme: 'light' };

/** Somebody else's server at this machine, and what browsers have shown it. */
async function withOtherServer(use: (origin: string, cookies: readonly string[]) => Promise<void>): Promise<void> {
  const cookies: string[] = [];
  const server = createServer((request, response) => {
    cookies.push(request.headers.cookie ?? '');
    response.setHeader('Content-Type', 'text/html').end('<title>other</title>');
  });
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, cookies);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** In a page of the other server: what it is told when it asks ours, with what the browser adds by itself. */
const ASK_OURS = `async (origin) => {
  const answers = [];
  for (const [path, method] of [['/session', 'GET'], ['/rpc', 'POST'], ['/login', 'POST']]) {
    const asked = fetch(origin + path, { method, credentials: 'include', mode: 'no-cors' });
    answers.push(await asked.then(async (answer) => answer.type + (await answer.text()), String));
  }
  return [...answers, String(Object.keys(localStorage))];
}`;

test('a link lets one browser in, once; all its tabs, and those opened later, are in', async (context) => {
  await withBrowser(context, (browser) =>
    withFolder(async (folder) => {
      await withUp(
        folder,
        ['-regtest', `-webport=${await findFreePort()}`],
        async (app) => {
          const visitor = await Visitor.signIn(browser, app.link, SCREEN);
          const { page, texts, origin } = visitor;
          assert.equal(new URL(page.url()).search, '', 'the token stands in the address no longer');
          await page.reload();
          await visitor.sees(texts.ledger.title);
          const tab = await page.context().newPage();
          await tab.goto(`${origin}/network`);
          await tab.getByRole('heading', { name: texts.network.title, exact: true }).first().waitFor();
          assert.deepEqual(visitor.complaints, []);
          // The link again: who is in stays in, who is not stays out and is told why.
          await page.goto(app.link);
          await visitor.sees(texts.ledger.title);
          const stranger = await Visitor.arrive(browser, origin, SCREEN);
          await stranger.page.goto(app.link);
          await stranger.sees(texts.common.loginTitle);
          await stranger.page.getByText(texts.common.loginRefused).waitFor();
        },
        { patienceMs: NODE_LIFE_MS },
      );
    }),
  );
});

test('R05: another server of this machine is shown our cookie by the browser, and can do nothing with it', async (context) => {
  await withBrowser(context, (browser) =>
    withFolder(async (folder) => {
      await withUp(
        folder,
        ['-regtest', `-webport=${await findFreePort()}`],
        async (app) => {
          const { page, origin } = await Visitor.signIn(browser, app.link, SCREEN);
          await withOtherServer(async (other, cookies) => {
            const tab = await page.context().newPage();
            await tab.goto(other);
            const stolen = cookies.find((cookie) => cookie.includes('tally_session_'));
            assert.ok(stolen !== undefined, 'browsers keep cookies by host, whatever the port');
            const told = (await tab.evaluate(`(${ASK_OURS})(${JSON.stringify(origin)})`)) as string[];
            assert.deepEqual(told.at(-1), '', 'the storage of our origin is not its own');
            for (const answer of told.slice(0, -1)) assert.match(answer, /^(?:opaque|TypeError: Failed to fetch)$/);
            for (const headers of [{ cookie: stolen }, { cookie: stolen, authorization: `Bearer ${'0'.repeat(64)}` }]) {
              const answer = await fetch(`${origin}/session`, { headers });
              assert.equal(answer.status, 401);
            }
          });
        },
        { patienceMs: NODE_LIFE_MS },
      );
    }),
  );
});
