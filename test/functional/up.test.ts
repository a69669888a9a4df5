// `tally up` as a person uses it: started with one command, entered by its link, asked, followed, stopped with Ctrl-C, started again.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLocalParams } from '../../src/kernel/consensus/networks/local.ts';
import { fromHex } from '../../src/kernel/util/bytes.ts';
import { formatAddress } from '../../src/wallet/address.ts';
import { AppClient } from './app-client.ts';
import { until } from './ledger-node.ts';
import { run, withFolder } from './programs.ts';
import { findFreePort, RpcFailure } from './rpc-client.ts';
import { LOGIN_LINK, up, withUp } from './up-program.ts';

/** Where the miner of a test has its rewards sent. */
const ADDRESS = formatAddress(fromHex(`0014${'01'.repeat(20)}`), createLocalParams().prefixes);

test('one command starts a node of one’s own, which tells nobody of itself', async () => {
  await withFolder(async (folder) => {
    let before: AppClient | null = null;
    let hash = '';
    const port = await findFreePort();
    await withUp(folder, [`-webport=${port}`], async (app) => {
      const text = app.process.stdout();
      assert.match(text, /ledger "local"/);
      assert.match(text, /请在浏览器中打开此链接/);
      assert.ok(existsSync(join(folder, 'local', 'blocks')));
      const browser = await AppClient.signIn(app.link);
      before = browser;
      assert.equal(await browser.call('getblockcount'), 0);
      const { networkactive, connections } = await browser.call<{ networkactive: boolean; connections: number }>(
        'getnetworkinfo',
      );
      assert.deepEqual([networkactive, connections], [true, 0]);
      const { open, command } = await browser.call<{ open: boolean; command?: string }>('getjoincommand');
      assert.equal(open, false);
      assert.match(command ?? 'npm start -- -addnode=', /^npm start -- -addnode=/);
      const ear = browser.follow();
      await ear.hears(({ type }) => type === 'hello', 'hello');
      await browser.call('setminer', true, 0.2, ADDRESS);
      const block = await ear.hears(({ type }) => type === 'block-connected', 'a page');
      await ear.hears(({ type, isOn }) => type === 'miner' && isOn === true, 'the miner');
      await browser.call('setminer', false);
      hash = block.hash!;
      const secret = new URL(app.link).searchParams.get('token')!;
      assert.ok(!readFileSync(join(folder, 'local', 'debug.log'), 'utf8').includes(secret), 'no link in the log');
      const second = await run('tally', ['up', '--link', `-datadir=${folder}`], { home: folder });
      assert.deepEqual([second.code, second.stderr], [0, '']);
      await AppClient.signIn(LOGIN_LINK.exec(second.stdout)![1]!);
      const again = await run('tally', ['up', `-datadir=${folder}`], { home: folder });
      assert.equal(again.code, 0);
      assert.match(again.stdout, /runs already/);
    });
    const none = await run('tally', ['up', '--link', `-datadir=${folder}`], { home: folder });
    assert.equal(none.code, 1);
    assert.match(none.stderr, /No node with an app runs/);
    // Everything is there again, and so is the browser that was signed in.
    await withUp(folder, [`-webport=${port}`], async () => {
      const browser = await before!.comeBack();
      assert.equal(await browser.call('getblockhash', 1), hash);
    });
  });
});

test('R05: events are for browsers that are signed in, on our own page, and end when they sign out', async () => {
  await withFolder(async (folder) => {
    await withUp(folder, ['-regtest', `-webport=${await findFreePort()}`], async (app) => {
      const browser = await AppClient.signIn(app.link);
      const cases: readonly (readonly [code: number, changes: Readonly<Record<string, string>>])[] = [
        [1006, { cookie: '' }],
        [1006, { cookie: `tally_session_${app.port}=${'0'.repeat(64)}` }],
        [1006, { origin: 'http://evil.example' }],
        [1006, { origin: 'null' }],
        [1006, { host: 'evil.example', origin: 'http://evil.example' }],
        [4003, { word: `{"bearer":"${'0'.repeat(64)}"}` }],
        [4003, { word: 'nonsense' }],
        [1009, { word: 'x'.repeat(5000) }],
      ];
      for (const [code, changes] of cases) {
        const ear = browser.follow(changes);
        assert.equal(await ear.ends(), code, JSON.stringify(changes));
        assert.deepEqual(ear.told, []);
      }
      const ear = browser.follow();
      await ear.hears(({ type }) => type === 'hello', 'hello');
      await browser.signOut();
      assert.equal(await ear.ends(), 4003);
      await assert.rejects(browser.call('getblockcount'), /401/);
    });
  });
});

test('when the usual port is taken the next one is used, a port that was named is insisted on', async () => {
  await withFolder(async (folder) => {
    const taken = createServer();
    await new Promise<void>((resolve) =>
      taken.listen({ host: '127.0.0.1', port: 8339 }, resolve).on('error', () => resolve()),
    );
    try {
      await withUp(folder, [], async (app) => {
        assert.ok(app.port > 8339, `${app.port}`);
        assert.match(app.process.stdout(), /The usual port was taken/);
      });
      const port = await findFreePort();
      const blocker = createServer();
      await new Promise<void>((resolve) => blocker.listen({ host: '127.0.0.1', port }, resolve));
      const refused = await run('tally', ['up', `-datadir=${folder}`, `-webport=${port}`, '-server=0'], {
        home: folder,
      });
      blocker.close();
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /Unable to listen for browsers at port \d+/);
    } finally {
      taken.close();
    }
  });
});

test('one more node on this machine is started, joins, has an app of its own, and ends with the first', async () => {
  await withFolder(async (folder) => {
    const app = await up(folder, [`-webport=${await findFreePort()}`, '-regtest']);
    let pid = 0;
    try {
      const browser = await AppClient.signIn(app.link);
      assert.deepEqual(await browser.call('listledgernodes'), []);
      await browser.call('generatetodescriptor', 3, 'raw(51)');
      const ear = browser.follow();
      type NodeInfo = { id: number; state: string; pid: number; height: number; fault?: string };
      const node = await browser.call<NodeInfo>('startledgernode');
      assert.deepEqual([node.id, node.state, node.fault], [1, 'running', undefined]);
      await ear.hears(({ type }) => type === 'nodes', 'news of nodes');
      await ear.hears(({ type, count }) => type === 'peers' && count === 1, 'a peer');
      const list = (): Promise<NodeInfo[]> => browser.call<NodeInfo[]>('listledgernodes');
      await until(async () => (await list())[0]?.height === 3, 'the second node to have the pages');
      const other = await AppClient.signIn(await browser.call<string>('getledgernodelink', 1));
      assert.equal(await other.call('getblockcount'), 3);
      assert.notEqual(other.origin, browser.origin);
      await assert.rejects(other.call('startledgernode'), /start further ones there/);
      await assert.rejects(browser.call('startledgernode', 1), RpcFailure);
      await assert.rejects(browser.call('startledgernode', 7), RpcFailure);
      assert.equal((await browser.call<NodeInfo>('stopledgernode', 1)).state, 'stopped');
      await assert.rejects(browser.call('stopledgernode', 1), RpcFailure);
      const again = await browser.call<NodeInfo>('startledgernode', 1);
      assert.deepEqual([again.state, again.height], ['running', 3]);
      pid = again.pid;
      app.process.signal('SIGKILL');
      await app.process.ended;
      await until(async () => !isAlive(pid), 'the second node to end after the first was killed');
    } finally {
      app.process.signal('SIGKILL');
      await app.process.ended;
      if (pid > 0 && isAlive(pid)) process.kill(pid, 'SIGKILL');
    }
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a second node joins with one more command, once the door is open', async () => {
  await withFolder(async (folder) => {
    const second = join(folder, 'second');
    mkdirSync(second);
    const p2p = await findFreePort();
    await withUp(folder, ['-regtest', `-port=${p2p}`], async (app) => {
      const browser = await AppClient.signIn(app.link);
      await browser.call('generatetodescriptor', 3, 'raw(51)');
      await assert.rejects(browser.call('openledger', 'no address'), RpcFailure);
      await browser.call('openledger', '127.0.0.1');
      await withUp(second, ['-regtest', `-addnode=127.0.0.1:${p2p}`], async (joined) => {
        assert.notEqual(joined.port, app.port);
        const other = await AppClient.signIn(joined.link);
        await until(async () => (await other.call<number>('getblockcount')) === 3, 'the pages of the first');
        await browser.call('closeledger');
        assert.equal(await other.call('getconnectioncount'), 1, 'who has come in stays');
      });
      const { open } = await browser.call<{ open: boolean }>('getjoincommand');
      assert.equal(open, false);
    });
  });
});
