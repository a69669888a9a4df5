// Events on the port for programs, over real processes that are killed: whoever keeps the cursor of the last event that they have
// processed has the same ledger as the node, page by page, whatever has become of both in the meantime.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createRng } from '../../src/kernel/util/prng.ts';
import { EventEar, type ToldEvent } from './app-client.ts';
import { start, withFolder } from './programs.ts';
import { findFreePort, RpcClient } from './rpc-client.ts';

/** Rounds of the long test; nightly runs may want more. */
const ROUNDS = Number(process.env['TALLY_EVENT_ROUNDS'] ?? 8);

/** A ledger as somebody has it who knows nothing but events. */
class Books {
  /** Hashes of pages by height. */
  readonly pages: string[] = [];
  cursor = 'start';

  apply(event: ToldEvent): void {
    const { type, height = -1, hash = '', cursor } = event;
    if (type === 'block-connected') {
      assert.equal(height, this.pages.length, 'pages follow one another');
      if (height > 0) assert.equal(event['previousHash'], this.pages.at(-1));
      this.pages.push(hash);
    } else if (type === 'block-disconnected') {
      assert.deepEqual([height, hash], [this.pages.length - 1, this.pages.at(-1)], 'the last page goes first');
      this.pages.pop();
    } else if (type === 'rewound') {
      assert.equal(hash, this.pages[height], 'back to a page that is known');
      this.pages.length = height + 1;
    } else assert.notEqual(type, 'reset', 'nothing is ever lost');
    this.cursor = cursor;
  }
}

/** A node and how to follow it. */
interface Door {
  readonly client: RpcClient;
  readonly port: number;
  follow(after: string | null, headers?: Readonly<Record<string, string>>): EventEar;
}

/** Runs a node around `use`, and ends it with a signal. */
async function withNode(folder: string, signal: NodeJS.Signals, use: (door: Door) => Promise<void>): Promise<void> {
  const port = await findFreePort();
  const node = start('tallyd', ['-regtest', `-datadir=${folder}`, `-rpcport=${port}`, '-printtoconsole=0']);
  const client = new RpcClient(port, join(folder, 'regtest', '.cookie'));
  try {
    await client.ready();
    const cookie = readFileSync(join(folder, 'regtest', '.cookie'));
    const right = { authorization: `Basic ${cookie.toString('base64')}` };
    const url = `ws://127.0.0.1:${port}/events`;
    await use({
      client,
      port,
      follow: (after, headers = right) => EventEar.open(after === null ? url : `${url}?after=${after}`, headers, null),
    });
  } finally {
    node.signal(signal);
    await node.ended;
  }
}

/** A page of its own: its coinbase pays to a script that no other page pays to. */
let pageCount = 0;

async function mine(client: RpcClient, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    pageCount++;
    const script = `6a04${pageCount.toString(16).padStart(8, '0')}`;
    await client.call('generatetodescriptor', 1, `raw(${script})`);
  }
}

/** Hashes of all pages of a node. */
async function readPages(client: RpcClient): Promise<string[]> {
  const pages: string[] = [];
  const height = await client.call<number>('getblockcount');
  for (let at = 0; at <= height; at++) pages.push(await client.call<string>('getblockhash', at));
  return pages;
}

test('books that are kept by events are those of the node, through kill -9 and reorganisations', async (context) => {
  await withFolder(async (folder) => {
    const rng = createRng(7);
    const books = new Books();
    const seen = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round++) {
      const signal = rng.below(3) === 0 ? 'SIGTERM' : 'SIGKILL';
      await withNode(folder, signal, async ({ client, follow }) => {
        // While nobody follows: pages that others will know, and pages that take the place of others.
        await mine(client, rng.below(4));
        const height = await client.call<number>('getblockcount');
        if (height > 3 && rng.below(2) === 0) {
          const depth = 1 + rng.below(3);
          await client.call('invalidateblock', await client.call('getblockhash', height - depth + 1));
          await mine(client, depth + 1);
        }
        const ear = follow(books.cursor);
        await ear.hears(({ type }) => type === 'pool', 'the end of what was missed');
        // Now with somebody who follows; the last pages come in while the node is being killed.
        await mine(client, 1 + rng.below(3));
        const last = await client.call<string>('getbestblockhash');
        await ear.hears(({ type, hash }) => type === 'tip' && hash === last, 'the last page');
        // What is processed ends somewhere: the rest was on its way when the reader fell.
        const unread = round + 1 < ROUNDS ? rng.below(5) : 0;
        const processed = ear.told.slice(0, ear.told.length - unread);
        for (const event of processed) books.apply(event);
        for (const { type } of processed) seen.set(type, (seen.get(type) ?? 0) + 1);
        ear.close();
        if (unread === 0) assert.deepEqual(books.pages, await readPages(client));
      });
    }
    context.diagnostic(JSON.stringify(Object.fromEntries(seen)));
    assert.ok((seen.get('block-disconnected') ?? 0) > 0, 'pages were taken off');
    assert.ok((seen.get('rewound') ?? 0) > 0, 'pages were lost by a kill');
  });
});

test('R05: events on the port for programs want a password, a WebSocket, and no page of another site', async () => {
  await withFolder(async (folder) => {
    await withNode(folder, 'SIGTERM', async ({ follow, port, client }) => {
      const wrong = follow(null, { authorization: 'Basic eDp5' });
      assert.equal(await wrong.ends(), 1006);
      assert.equal(await follow(null, {}).ends(), 1006);
      const auth = `Basic ${readFileSync(join(folder, 'regtest', '.cookie')).toString('base64')}`;
      assert.equal(await follow(null, { authorization: auth, origin: 'http://evil.example' }).ends(), 1006);
      const plain = await fetch(`http://127.0.0.1:${port}/events`, { headers: { authorization: auth } });
      assert.equal(plain.status, 400);
      const ear = follow(null);
      const hello = await ear.hears(({ type }) => type === 'hello', 'hello');
      assert.deepEqual([hello['network'], hello.height, hello['resumed']], ['regtest', 0, false]);
      // The connections of followers hold up neither others nor the end of the program.
      await client.call('stop');
      assert.equal(await ear.ends(), 1001);
    });
  });
});
