import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkWalletHost } from '../../wallet/vault/self-test.ts';
import { Vault } from '../../wallet/vault/vault.ts';
import { nodeWalletHost } from './wallet-host.ts';

test('K12: this machine passes the look at a host', async () => {
  await checkWalletHost(nodeWalletHost);
});

test('K02: the cost of a passphrase is borne by this machine, at the floor', async () => {
  const binding = { walletId: new Uint8Array(16), genesisHash: new Uint8Array(32) };
  const created = await Vault.create('passphrase', binding, nodeWalletHost);
  assert.ok(created.ok);
  assert.deepEqual(created.value.sealedKey.cost, { n: 131_072, r: 8, p: 1 });
  assert.equal(await created.value.unlock('passphrase'), null);
});

test('seconds since 1970, and turns for everybody else', async () => {
  assert.ok(nodeWalletHost.nowSec() > 1_700_000_000 && Number.isInteger(nodeWalletHost.nowSec()));
  await nodeWalletHost.yieldToHost();
  await new Promise<void>((resolve) => nodeWalletHost.after(1, resolve));
});
