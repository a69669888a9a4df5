import assert from 'node:assert/strict';
import { pbkdf2Sync, randomFillSync, scryptSync } from 'node:crypto';
import { test } from 'node:test';
import { createTestWalletHost } from '../../../test/model/wallet-host.ts';
import { HostFaultError, type WalletHost } from '../ports.ts';
import { checkWalletHost } from './self-test.ts';

const HOST: WalletHost = {
  ...createTestWalletHost(),
  secureRandom: (bytes) => {
    randomFillSync(bytes);
  },
  deriveKey: async (passphrase, salt, { n, r, p }) => scryptSync(passphrase, salt, 32, { N: n, r, p, maxmem: 2 ** 26 }),
  deriveSeed: async (password, salt) => pbkdf2Sync(password, salt, 2048, 64, 'sha512'),
};

async function refuses(change: Partial<WalletHost>, code: HostFaultError['code']): Promise<void> {
  await assert.rejects(
    checkWalletHost({ ...HOST, ...change }),
    (error: unknown) => error instanceof HostFaultError && error.code === code,
  );
}

test('K12: a host whose arithmetic is that of the papers passes', async () => {
  await checkWalletHost(HOST);
  const { deriveSeed: _, ...withoutSeeds } = HOST;
  await checkWalletHost(withoutSeeds);
});

test('K12: key derivations that give zeros, ignore their input or count rounds wrong are found at start', async () => {
  await refuses({ deriveKey: async () => new Uint8Array(32) }, 'key-derivation');
  await refuses({ deriveKey: async (_, salt) => scryptSync('', salt, 32, { N: 16, r: 1, p: 1 }) }, 'key-derivation');
  await refuses({ deriveSeed: async () => new Uint8Array(64) }, 'key-derivation');
  await refuses(
    { deriveSeed: async (password, salt) => pbkdf2Sync(password, salt, 2047, 64, 'sha512') },
    'key-derivation',
  );
});

test('K01: chance that is none is found at start', async () => {
  await refuses({ secureRandom: (bytes) => bytes.fill(0) }, 'entropy');
});
