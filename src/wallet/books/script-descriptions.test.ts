import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RECEIVE, StoredBooks, TPUB } from '../../../test/model/stored-books.ts';
import { nobleSecp256k1 } from '../../kernel/crypto/secp256k1-noble.ts';
import { fromHex } from '../../kernel/util/bytes.ts';
import { addDescriptorChecksum } from '../descriptor/checksum.ts';
import { ScriptDescriptions } from './script-descriptions.ts';

/** A key and the P2WPKH script of it (BIP173, the generator point). */
const KEY = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
const SCRIPT = fromHex('0014751e76e8199196d454941c45d1b3a323f1433bd6');

test('an own script has its address, its descriptor and those that it comes from; a strange one has nothing', () => {
  const wallet = new StoredBooks();
  assert.equal(wallet.books.descriptions.of(SCRIPT), null);
  assert.ok(wallet.add(`wpkh(${KEY})`, { rangeEnd: 1, activeFor: null }).ok);
  assert.deepEqual(wallet.books.descriptions.of(SCRIPT), {
    address: 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080',
    descriptor: addDescriptorChecksum(`wpkh([751e76e8]${KEY})`),
    redeemScript: null,
    witnessScript: null,
    parents: [addDescriptorChecksum(`wpkh(${KEY})`)],
  });
});

test('what stands behind a script hash is told', () => {
  const wallet = new StoredBooks();
  assert.ok(wallet.add(`sh(wpkh(${KEY}))`, { rangeEnd: 1, activeFor: null }).ok);
  // The script hash of that program (BIP16, hash160 of the script above).
  const nested = wallet.books.descriptions.of(fromHex('a914bcfeb728b584253d5f3f70bcb780e9ef218a68f487'));
  assert.equal(nested?.redeemScript, '0014751e76e8199196d454941c45d1b3a323f1433bd6');
  assert.equal(nested?.witnessScript, null);
});

test('a descriptor that comes later and makes the same script is told, too', () => {
  const wallet = new StoredBooks();
  assert.ok(wallet.add(`wpkh(${KEY})`, { rangeEnd: 1, activeFor: null }).ok);
  assert.equal(wallet.books.descriptions.of(SCRIPT)?.parents.length, 1);
  assert.ok(wallet.add(`combo(${KEY})`, { rangeEnd: 1, activeFor: null }).ok);
  assert.deepEqual([...(wallet.books.descriptions.of(SCRIPT)?.parents ?? [])].sort(), [
    addDescriptorChecksum(`combo(${KEY})`),
    addDescriptorChecksum(`wpkh(${KEY})`),
  ]);
});

test('a script is derived once, however often it is asked for', () => {
  let derivedCount = 0;
  const secp = {
    ...nobleSecp256k1,
    tweakPublicKey: (...args: Parameters<typeof nobleSecp256k1.tweakPublicKey>) => {
      derivedCount++;
      return nobleSecp256k1.tweakPublicKey(...args);
    },
  };
  const wallet = new StoredBooks({ secp });
  assert.ok(wallet.add(RECEIVE, { rangeEnd: 5, activeFor: 'receive' }).ok);
  const script = wallet.newScript();
  const before = derivedCount;
  const { descriptions } = wallet.books;
  const first = descriptions.of(script);
  assert.ok(descriptions instanceof ScriptDescriptions && derivedCount > before);
  const once = derivedCount;
  for (let i = 0; i < 100; i++) assert.equal(descriptions.of(script), first);
  assert.equal(derivedCount, once);
  assert.equal(first?.parents[0], addDescriptorChecksum(`wpkh(${TPUB}/0/*)`));
});
