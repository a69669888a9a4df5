import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMainnetParams } from '../../kernel/consensus/networks/mainnet.ts';
import { createRegtestParams } from '../../kernel/consensus/networks/regtest.ts';
import { nobleSecp256k1 as secp } from '../../kernel/crypto/secp256k1-noble.ts';
import { fromHex } from '../../kernel/util/bytes.ts';
import { formatAddress } from '../address.ts';
import { createRootKey, parseExtendedSecretKey, toExtendedPublicKey } from '../keys/extended-key.ts';
import { type AccountType, type AccountUse, createAccountDescriptor, createAccountDescriptors } from './account.ts';
import { DescriptorExpander } from './expand.ts';
import { formatDescriptor } from './format.ts';
import { KeyRing } from './key-ring.ts';
import { parseDescriptor } from './parse.ts';

const MAIN = createMainnetParams().prefixes;
const TEST = createRegtestParams().prefixes;

/** BIP39 of `abandon … about` without a passphrase: the root that BIP49, BIP84 and BIP86 give addresses of. */
const SEED =
  '5eb00bbddcf069084889a8ab9155568165f5c453ccb85e70811aaed6f6da5fc19a5ac40b389cd370d086206dec8aa6c43daea6690f20ad3d8d48b2d2ce9e38e4';
const root = createRootKey(fromHex(SEED), secp)!;

function addressOf(type: AccountType, use: AccountUse, position: number, isTestChain: boolean): string | null {
  const ring = new KeyRing();
  ring.addSecret({ secret: root.secret, isCompressed: true }, secp);
  const place = { isTestChain, accountNumber: 0 };
  const descriptor = createAccountDescriptor(toExtendedPublicKey(root, secp), place, type, use);
  const [script] = new DescriptorExpander(ring, secp).expand(descriptor, position)!;
  return formatAddress(script!, isTestChain ? TEST : MAIN);
}

test('the addresses of BIP84: received at and for change', () => {
  assert.equal(addressOf('bech32', 'receive', 0, false), 'bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu');
  assert.equal(addressOf('bech32', 'receive', 1, false), 'bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g');
  assert.equal(addressOf('bech32', 'change', 0, false), 'bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el');
});

test('the addresses of BIP86', () => {
  assert.equal(
    addressOf('bech32m', 'receive', 0, false),
    'bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr',
  );
  assert.equal(
    addressOf('bech32m', 'change', 0, false),
    'bc1p3qkhfews2uk44qtvauqyr2ttdsw7svhkl9nkm9s9c3x4ax5h60wqwruhk7',
  );
});

test('the address of BIP49, on a test network', () => {
  assert.equal(addressOf('p2sh-segwit', 'receive', 0, true), '2Mww8dCYPUpKHofjgcXcBCEGmniw9CoaiD2');
});

test('the first address of BIP44, as wallets everywhere know it', () => {
  assert.equal(addressOf('legacy', 'receive', 0, false), '1LqBGSKuX5yYUonjxT5qGfpUsXKYYWeabA');
});

test('the descriptors of an account are those that a new wallet of Core has', () => {
  const tprv =
    'tprv8ZgxMBicQKsPd7Uf69XL1XwhmjHopUGep8GuEiJDZmbQz6o58LninorQAfcKZWARbtRtfnLcJ5MQ2AtHcQJCCRUcMRvmDUjyEmNUWwx8UbK';
  const tpub =
    'tpubD6NzVbkrYhZ4WaWSyoBvQwbpLkojyoTZPRsgXELWz3Popb3qkjcJyJUGLnL4qHHoQvao8ESaAstxYSnhyswJ76uZPStJRJCTKvosUCJZL5B';
  const parsed = parseExtendedSecretKey(tprv, TEST.extendedSecretKey, secp)!;
  const place = { isTestChain: true, accountNumber: 0 };
  const all = createAccountDescriptors(toExtendedPublicKey(parsed, secp), place);
  const texts = all.map(({ descriptor }) => formatDescriptor(descriptor, TEST));
  assert.deepEqual(texts, [
    `pkh(${tpub}/44h/1h/0h/0/*)`,
    `sh(wpkh(${tpub}/49h/1h/0h/0/*))`,
    `wpkh(${tpub}/84h/1h/0h/0/*)`,
    `tr(${tpub}/86h/1h/0h/0/*)`,
    `pkh(${tpub}/44h/1h/0h/1/*)`,
    `sh(wpkh(${tpub}/49h/1h/0h/1/*))`,
    `wpkh(${tpub}/84h/1h/0h/1/*)`,
    `tr(${tpub}/86h/1h/0h/1/*)`,
  ]);
  for (const [i, text] of texts.entries()) {
    const read = parseDescriptor(text, { prefixes: TEST, secp, ring: new KeyRing() });
    assert.ok(read.ok);
    assert.deepEqual(read.value, [all[i]!.descriptor]);
  }
});

test('another account and another network are other rows', () => {
  const place = { isTestChain: false, accountNumber: 7 };
  const descriptor = createAccountDescriptor(toExtendedPublicKey(root, secp), place, 'bech32', 'change');
  assert.match(formatDescriptor(descriptor, MAIN), /^wpkh\(xpub[^/]+\/84h\/0h\/7h\/1\/\*\)$/);
});
