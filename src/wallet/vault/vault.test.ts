import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createTestWalletHost } from '../../../test/model/wallet-host.ts';
import { fromHex, toHex } from '../../kernel/util/bytes.ts';
import { HostFaultError } from '../ports.ts';
import { isAcceptableCost } from './cost.ts';
import { type SealedKey, Vault, type VaultBinding, type VaultFault } from './vault.ts';

const BINDING: VaultBinding = { walletId: new Uint8Array(16).fill(1), genesisHash: new Uint8Array(32).fill(2) };
const WRONG: VaultFault = 'wrong passphrase or corrupted';
const SECRET = fromHex('000102030405060708');

async function createVault(passphrase = 'correct horse') {
  const host = createTestWalletHost();
  const created = await Vault.create(passphrase, BINDING, host);
  assert.ok(created.ok);
  return { host, vault: created.value };
}

/** What unlocking a stored key gives; null when the passphrase is right. */
async function tryUnlock(sealedKey: SealedKey, binding = BINDING, passphrase = 'correct horse') {
  const loaded = Vault.load(sealedKey, binding, createTestWalletHost());
  return loaded.ok ? await loaded.value.unlock(passphrase) : loaded.error;
}

function flip(text: string, digit: number): string {
  const other = (Number(`0x${text[digit]}`) ^ 1).toString(16);
  return text.slice(0, digit) + other + text.slice(digit + 1);
}

test('a secret is read with the passphrase, after the vault was stored and loaded', async () => {
  const { vault, host } = await createVault();
  const sealed = vault.encryptSecret('a', SECRET);
  const stored: SealedKey = JSON.parse(JSON.stringify(vault.sealedKey));
  const loaded = Vault.load(stored, BINDING, host);
  assert.ok(loaded.ok && loaded.value.isLocked);
  assert.deepEqual(loaded.value.decryptSecret('a', sealed), { ok: false, error: 'locked' });
  assert.equal(await loaded.value.unlock('correct horse'), null);
  assert.deepEqual(loaded.value.decryptSecret('a', sealed), { ok: true, value: SECRET });
  loaded.value.lock();
  assert.ok(loaded.value.isLocked);
  assert.deepEqual(loaded.value.decryptSecret('a', sealed), { ok: false, error: 'locked' });
});

test('a passphrase counts however it is composed, and an empty one is none', async () => {
  const { vault } = await createVault('caf\u00e9');
  assert.equal(await tryUnlock(vault.sealedKey, BINDING, 'cafe\u0301'), null);
  assert.equal(await tryUnlock(vault.sealedKey, BINDING, 'cafe'), WRONG);
  assert.equal(await tryUnlock(vault.sealedKey, BINDING, ''), 'empty passphrase');
  assert.deepEqual(await Vault.create('', BINDING, createTestWalletHost()), { ok: false, error: 'empty passphrase' });
});

test('a wrong passphrase leaves an unlocked vault unlocked', async () => {
  const { vault } = await createVault();
  assert.equal(await vault.unlock('incorrect'), WRONG);
  assert.ok(!vault.isLocked);
});

test('K03: one flipped bit anywhere, a cut, another wallet and another ledger get the answer of a wrong passphrase', async () => {
  const { vault } = await createVault();
  const { sealedKey } = vault;
  assert.equal(await tryUnlock(sealedKey), null);
  for (let digit = 0; digit < sealedKey.sealed.length; digit += 7) {
    assert.equal(await tryUnlock({ ...sealedKey, sealed: flip(sealedKey.sealed, digit) }), WRONG);
  }
  assert.equal(await tryUnlock({ ...sealedKey, salt: flip(sealedKey.salt, 5) }), WRONG);
  assert.equal(await tryUnlock({ ...sealedKey, salt: '00'.repeat(32) }), WRONG);
  for (const length of [0, 2, 78, sealedKey.sealed.length - 2]) {
    assert.equal(await tryUnlock({ ...sealedKey, sealed: sealedKey.sealed.slice(0, length) }), WRONG);
  }
  assert.equal(await tryUnlock(sealedKey, { ...BINDING, walletId: new Uint8Array(16) }), WRONG);
  assert.equal(await tryUnlock(sealedKey, { ...BINDING, genesisHash: new Uint8Array(32) }), WRONG);
  assert.equal(await tryUnlock(sealedKey, BINDING, 'incorrect'), WRONG);
});

test('K03: a cost that was changed opens nothing, and one below the floor or above the ceiling is not even tried', async () => {
  const { vault } = await createVault();
  const { sealedKey } = vault;
  assert.equal(await tryUnlock({ ...sealedKey, cost: { n: 2 ** 18, r: 8, p: 1 } }), WRONG);
  const refused = [
    { n: 1, r: 8, p: 1 },
    { n: 2 ** 16, r: 8, p: 1 },
    { n: 2 ** 17, r: 7, p: 1 },
    { n: 2 ** 17, r: 8, p: 0 },
    { n: 2 ** 17 + 1, r: 8, p: 1 },
    { n: 2 ** 21, r: 8, p: 1 },
    { n: 2 ** 17, r: 65, p: 1 },
    { n: 2 ** 17, r: 8, p: 17 },
    { n: 2 ** 17, r: 8.5, p: 1 },
    { n: Number.NaN, r: 8, p: 1 },
    { n: Number.POSITIVE_INFINITY, r: 8, p: 1 },
  ];
  const host = createTestWalletHost();
  for (const cost of refused) {
    assert.deepEqual(Vault.load({ ...sealedKey, cost }, BINDING, host), { ok: false, error: 'unacceptable cost' });
    assert.deepEqual(await Vault.create('x', BINDING, host, cost), { ok: false, error: 'unacceptable cost' });
  }
  assert.equal(host.derivedCount(), 0);
  assert.ok(isAcceptableCost({ n: 2 ** 20, r: 8, p: 1 }));
});

test('K03: a wrong passphrase and a damaged key cost the same work', async () => {
  const { vault } = await createVault();
  const counts: number[] = [];
  for (const sealed of [vault.sealedKey.sealed, flip(vault.sealedKey.sealed, 60), '']) {
    const host = createTestWalletHost();
    const loaded = Vault.load({ ...vault.sealedKey, sealed }, BINDING, host);
    assert.ok(loaded.ok);
    assert.equal(await loaded.value.unlock('incorrect'), WRONG);
    counts.push(host.derivedCount());
  }
  assert.deepEqual(counts, [1, 1, 1]);
});

test('K03: a ciphertext opens in the place that it was made for, and nowhere else', async () => {
  const { vault } = await createVault();
  const sealed = vault.encryptSecret('a', SECRET);
  assert.deepEqual(vault.decryptSecret('b', sealed), { ok: false, error: WRONG });
  fc.assert(
    fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const changed = sealed.slice();
      changed[at] = changed[at]! ^ change;
      assert.deepEqual(vault.decryptSecret('a', changed), { ok: false, error: WRONG });
      assert.deepEqual(vault.decryptSecret('a', sealed.slice(0, at)), { ok: false, error: WRONG });
    }),
    { numRuns: 100 },
  );
});

test('the same secret is encrypted otherwise each time', async () => {
  const { vault } = await createVault();
  const texts = Array.from({ length: 50 }, () => toHex(vault.encryptSecret('a', SECRET)));
  assert.equal(new Set(texts.map((text) => text.slice(0, 48))).size, 50);
  assert.equal(new Set(texts.map((text) => text.slice(48))).size, 50);
});

test('another passphrase opens what the first has encrypted, once it is adopted', async () => {
  const { vault } = await createVault();
  const sealed = vault.encryptSecret('a', SECRET);
  const changed = await vault.changePassphrase('correct horse', 'battery staple');
  assert.ok(changed.ok);
  assert.equal(await vault.unlock('correct horse'), null);
  vault.adopt(changed.value);
  assert.equal(await vault.unlock('correct horse'), WRONG);
  assert.equal(await vault.unlock('battery staple'), null);
  assert.deepEqual(vault.decryptSecret('a', sealed), { ok: true, value: SECRET });
  assert.deepEqual(await vault.changePassphrase('correct horse', 'x'), { ok: false, error: WRONG });
  assert.deepEqual(await vault.changePassphrase('battery staple', ''), { ok: false, error: 'empty passphrase' });
});

test('K12: a key derivation that gives zeros, or too little, makes no vault', async () => {
  for (const key of [new Uint8Array(32), new Uint8Array(31).fill(1)]) {
    const host = { ...createTestWalletHost(), deriveKey: async () => key };
    await assert.rejects(Vault.create('x', BINDING, host), HostFaultError);
  }
});
