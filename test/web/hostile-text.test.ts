// Texts of strangers, and of one's own hand, that want to be more than text: markup, scripts, links that run, marks that turn the
// direction of writing. The page shows every one of them as the letters that it consists of.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { concatBytes, toHex } from '../../src/kernel/util/bytes.ts';
import { withFolder } from '../functional/programs.ts';
import { findFreePort, RpcClient } from '../functional/rpc-client.ts';
import { withUp } from '../functional/up-program.ts';
import { makeCoinbase, pay } from '../model/block-builder.ts';
import { BranchBuilder } from '../model/branch-builder.ts';
import { RawPeer } from '../p2p/raw-peer.ts';
import { withBrowser } from './browser.ts';
import { NODE_LIFE_MS, PATIENCE_MS, Visitor } from './visitor.ts';

const SCRIPT = '<script>owned=1</script>';
const IMAGE = '<img src=x onerror=owned=1>';
const LINK = 'javascript:owned=1';
/** A mark that turns the direction of writing: what follows is read from right to left. */
const TURNED = 'a\u202egpj.exe';

/** The subsidy of a page of regtest. */
const SUBSIDY_SAT = 50_00000000;

/** Whatever would be there if a text had become more than text. */
const FIND_MORE_THAN_TEXT = `[
  ...(typeof owned === 'undefined' ? [] : ['a script ran']),
  ...(/[\\u202a-\\u202e\\u2066-\\u2069]/.test(document.body.innerText) ? ['a mark that turns the writing'] : []),
  ...[...document.querySelectorAll('#root script, #root iframe, #root object, #root embed, #root [onerror], #root img[src="x"]')]
    .map(({ outerHTML }) => outerHTML),
  ...[...document.querySelectorAll('a')].filter(({ protocol }) => !/^https?:$/.test(protocol)).map(({ href }) => href),
]`;

/** A push of a text of at most 75 bytes. */
function pushText(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'utf8');
  assert.ok(bytes.length <= 75);
  return concatBytes(Uint8Array.of(bytes.length), bytes);
}

/** A page whose miner wrote markup into it, and data outputs with more. */
function mineHostilePage(branch: BranchBuilder): ReturnType<BranchBuilder['mine']> {
  const height = branch.height + 1;
  const heightPush = Uint8Array.of(0x50 + height);
  const coinbase = makeCoinbase({
    height,
    scriptSig: concatBytes(heightPush, pushText(SCRIPT + TURNED)),
    outputs: [SCRIPT, IMAGE, LINK].map((text, i) =>
      pay(i === 0 ? SUBSIDY_SAT : 0, concatBytes(Uint8Array.of(0x6a), pushText(text))),
    ),
  });
  return branch.mine({ coinbase });
}

test('R07: markup, scripts and turned writing in texts of strangers are shown as letters, and run nowhere', async (context) => {
  await withBrowser(context, (browser) =>
    withFolder(async (folder) => {
      const [port, rpcPort, webPort] = [await findFreePort(), await findFreePort(), await findFreePort()];
      const ports = [`-bind=127.0.0.1:${port}`, `-rpcport=${rpcPort}`, `-webport=${webPort}`];
      await withUp(
        folder,
        ['-regtest', '-addressindex', ...ports],
        async (app) => {
          const rpc = new RpcClient(rpcPort, join(folder, 'regtest', '.cookie'));
          const page = mineHostilePage(new BranchBuilder());
          assert.equal(await rpc.call('submitblock', toHex(page.serialized())), null);
          const hash = await rpc.call<string>('getbestblockhash');
          const {
            tx: [txid],
          } = await rpc.call<{ tx: string[] }>('getblock', hash);
          const visitor = await Visitor.signIn(browser, app.link, { size: 'wide', language: 'en', scheme: 'light' });
          // The strip of the newest blocks shows what the miner wrote.
          await showsAsText(visitor, SCRIPT, '/ledger');
          assert.deepEqual(await visitor.page.evaluate(FIND_MORE_THAN_TEXT), [], '/ledger');
          const names = [IMAGE, TURNED, LINK];
          for (const name of names) await rpc.call('createwallet', name);
          const wallet = rpc.wallet(IMAGE);
          const addresses: string[] = [];
          for (const label of [SCRIPT, IMAGE, LINK, TURNED])
            addresses.push(await wallet.call<string>('getnewaddress', label));
          await rpc.call('generatetoaddress', 101, addresses[0]!);
          const foreign = await rpc.wallet(LINK).call<string>('getnewaddress', IMAGE);
          await wallet.call('setlabel', foreign, SCRIPT);
          await wallet.call('sendtoaddress', foreign, 1, '', '', false, true, null, 'unset', false, 5);
          const peer = await RawPeer.connect(port);
          await peer.handshake({ version: { userAgent: `/${SCRIPT}${IMAGE}${TURNED}/` } });
          const walletPath = `/wallet/${encodeURIComponent(IMAGE)}`;
          const shown = new Map<string, readonly string[]>([
            [`/block/${hash}`, []],
            [`/tx/${txid}?block=${hash}`, [IMAGE, LINK]],
            ['/network', ['script', 'img']],
            ['/wallet', [IMAGE, LINK]],
            [walletPath, [IMAGE]],
            [`${walletPath}/receive`, [SCRIPT, IMAGE, LINK]],
            [`${walletPath}/history`, [SCRIPT]],
            [`${walletPath}/coins`, []],
            [`/wallet/${encodeURIComponent(TURNED)}`, []],
            [`/wallet/${encodeURIComponent(LINK)}`, [LINK, IMAGE]],
            [`/wallet/${encodeURIComponent(`none${IMAGE}`)}`, []],
            [`/tx/${encodeURIComponent(IMAGE)}`, []],
            [`/block/${encodeURIComponent(IMAGE)}`, []],
            [`/address/${encodeURIComponent(LINK)}`, []],
            [`/audit/trace?coin=${encodeURIComponent(IMAGE)}`, []],
            [`/${encodeURIComponent(IMAGE)}`, []],
          ]);
          for (const [path, texts] of shown) {
            await visitor.page.goto(visitor.origin + path);
            await visitor.isSettled();
            for (const text of texts) await showsAsText(visitor, text, path);
            assert.deepEqual(await visitor.page.evaluate(FIND_MORE_THAN_TEXT), [], path);
          }
          await searchAndAdd(visitor);
          assert.deepEqual(visitor.complaints, []);
          peer.close();
          await visitor.close();
        },
        { patienceMs: NODE_LIFE_MS },
      );
    }),
  );
});

/** The text is on the page, letter by letter. */
async function showsAsText({ page }: Visitor, text: string, path: string): Promise<void> {
  const place = page.getByText(text).first();
  await place.waitFor({ state: 'attached', timeout: PATIENCE_MS }).catch(() => assert.fail(`${path} lacks ${text}`));
}

/** What a person types comes back in answers, or not at all. */
async function searchAndAdd(visitor: Visitor): Promise<void> {
  const { common, network } = visitor.texts;
  const { page } = visitor;
  for (const text of [IMAGE, SCRIPT + TURNED]) {
    await page.goto(`${visitor.origin}/network`);
    await page.getByLabel(common.searchLabel).fill(text);
    await page.getByText(common.searchNothing).waitFor();
    await page.getByLabel(network.addPeer).fill(text);
    await page.getByRole('button', { name: network.add, exact: true }).click();
    await page.getByText(network.addPeerFault).waitFor();
    assert.deepEqual(await page.evaluate(FIND_MORE_THAN_TEXT), [], text);
  }
}
