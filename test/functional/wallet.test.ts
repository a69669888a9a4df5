// Two wallets on one process: endpoints, payments at the same time, a reorganisation, and a restart that loads both by settings.json.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { withFolder } from './programs.ts';
import { WalletNode } from './wallet-node.ts';

test('two wallets pay, see a reorganisation, and are there after a restart', { timeout: 300_000 }, async () => {
  await withFolder(async (folder) => {
    const node = new WalletNode('node', folder);
    try {
      await node.start();
      const anna = await node.create('anna');
      const bert = await node.create('bert');
      const home = await anna.rpc.call<string>('getnewaddress');
      await node.rpc.call('generatetoaddress', 104, home);
      const to = await bert.rpc.call<string>('getnewaddress');
      const txids = await Promise.all([1, 2, 3].map((amount) => anna.rpc.call<string>('sendtoaddress', to, amount)));
      const [hash] = await node.rpc.call<string[]>('generatetoaddress', 1, home);
      assert.equal(await bert.rpc.call('getbalance'), 6);
      await node.rpc.call('invalidateblock', hash);
      const pending = await bert.rpc.call<{ mine: { untrusted_pending: number } }>('getbalances');
      assert.equal(pending.mine.untrusted_pending, 6);
      await node.rpc.call('reconsiderblock', hash);
      const before = await anna.rpc.call('getbalances');
      const settings = readFileSync(join(node.folder, 'regtest', 'settings.json'), 'utf8');
      assert.deepEqual(JSON.parse(settings).wallet, ['anna', 'bert']);
      await node.stop();
      await node.start();
      assert.deepEqual(await anna.rpc.call('getbalances'), before);
      const told = await bert.rpc.call<{ confirmations: number }>('gettransaction', txids[0]!);
      assert.equal(told.confirmations, 1);
    } finally {
      await node.end();
    }
  });
});
