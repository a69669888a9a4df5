// What must not lose or reveal anything: wrong passphrases, damaged files, full disks, wallets of another ledger, restoring over what is
// there, and secrets in places where they do not belong. The wallet says what is wrong, changes nothing, and all of it is there when
// the fault is gone. Kills in the middle of a command: wallet-kills.test.ts.

import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { createLocalParams } from '../../src/kernel/consensus/networks/local.ts';
import { rootOfWords } from '../model/word-root.ts';
import { LedgerNode } from './ledger-node.ts';
import { runNodeToError } from './node.ts';
import { withFolder } from './programs.ts';
import { RpcFailure } from './rpc-client.ts';
import { codeOf, refusalOf } from './wallet-events.ts';
import { importDescriptors, Purse, readRoot, remember, secretOf, WalletNode } from './wallet-node.ts';

/** Code of answers to what cannot be written (Core RPC_DATABASE_ERROR). */
const DATABASE_ERROR = -20;

/** Lets a test have a node with wallets. */
async function withNode(use: (node: WalletNode, folder: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const node = new WalletNode('node', folder);
    try {
      await node.start();
      await use(node, folder);
    } finally {
      await node.end();
    }
  });
}

/** Some addresses with names: each of them a frame of its own in the file. */
async function fill(purse: Purse): Promise<void> {
  for (const [i, kind] of (['legacy', 'p2sh-segwit', 'bech32', 'bech32m'] as const).entries()) {
    await purse.newAddress(kind, `name ${i}`);
  }
}

/** Signs with the key of an old address: only who has the keys can. */
async function canSign(purse: Purse): Promise<boolean> {
  const address = await purse.newAddress('legacy');
  return (await codeOf(purse.call('signmessage', address, 'a message'))) === 0;
}

test('K03: a wrong passphrase opens nothing, changes nothing, and is not repeated in the answer', async () => {
  await withNode(async (node) => {
    const right = 'correct horse battery staple';
    const purse = await node.create('locked', 'signing', { passphrase: right });
    await fill(purse);
    await purse.call('walletlock');
    const file = node.walletFile('locked');
    const before = readFileSync(file);
    const wrongs = ['wrong', `${right} `, right.toUpperCase(), `${right}\0`, 'x'.repeat(10_000)];
    for (const wrong of wrongs) {
      const { code, message } = await refusalOf(purse.call('walletpassphrase', wrong, 60));
      assert.equal(code, -14, wrong);
      assert.match(message, /^Error: The wallet passphrase entered (?:was|is) incorrect\./);
      assert.ok(!message.includes(wrong) && !message.includes(right), message);
    }
    assert.equal(await codeOf(purse.call('walletpassphrasechange', 'wrong', 'new')), -14);
    assert.equal(await codeOf(purse.call('signmessage', await purse.newAddress('legacy'), 'x')), -13);
    assert.ok(readFileSync(file).subarray(0, before.length).equals(before));
    await purse.unlock();
    assert.ok(await canSign(purse));
  });
});

test('K03: a damaged file is named with the place, nothing of it is changed, and with the fault gone all is there', async (context) => {
  await withNode(async (node) => {
    const purse = await node.create('whole', 'signing', { passphrase: 'of a whole wallet' });
    await fill(purse);
    const before = await remember(purse);
    await node.rpc.call('unloadwallet', 'whole');
    const file = node.walletFile('whole');
    const whole = readFileSync(file);
    const lastFrameAt = whole.lastIndexOf(Buffer.from([0x01, 0x46, 0x52, 0x02]));
    const load = (): Promise<{ code: number; message: string }> => refusalOf(node.rpc.call('loadwallet', 'whole'));

    const step = Math.floor(lastFrameAt / 20);
    const places = [0, 9, 12, 50, 83, 85, 104, lastFrameAt - 1];
    for (let at = step; at < lastFrameAt; at += step) places.push(at);
    for (const at of places) {
      const damaged = Buffer.from(whole);
      damaged[at]! ^= 1 << (at % 8);
      writeFileSync(file, damaged);
      const { code, message } = await load();
      assert.ok(code === -4 || code === -18, `a bit at ${at}: ${code} ${message}`);
      assert.ok(message.includes(file), message);
      assert.match(message, /is damaged at byte \d+|is no wallet of this program|has format \d+/, `a bit at ${at}`);
      assert.ok(readFileSync(file).equals(damaged), `the file with a bit at ${at}`);
    }
    for (const length of [0, 1, 7, 40, 83, 84, 100, Math.floor(lastFrameAt / 2)]) {
      writeFileSync(file, whole.subarray(0, length));
      const { code, message } = await load();
      assert.ok(code === -4 || code === -18, `the first ${length} bytes: ${code} ${message}`);
      assert.ok(message.includes(file), message);
      assert.equal(statSync(file).size, length);
    }
    context.diagnostic(`${places.length} bits, 8 lengths; ${whole.length} bytes`);

    // A last frame that is not whole may be a write that nobody was told of: it is left out, and kept aside with the first change.
    writeFileSync(file, whole.subarray(0, whole.length - 1));
    await node.rpc.call('loadwallet', 'whole');
    await node.running.network.process.saying('its file ended in the middle of a write');
    await purse.newAddress('bech32', 'after the fault');
    const kept = readdirSync(dirname(file)).filter((name) => name.startsWith('wallet.dat.torn-'));
    assert.deepEqual(readFileSync(join(dirname(file), kept[0]!)), whole.subarray(lastFrameAt, -1));
    await node.rpc.call('unloadwallet', 'whole');

    writeFileSync(file, whole);
    await node.rpc.call('loadwallet', 'whole');
    assert.deepEqual(await remember(purse), before);
    await purse.unlock();
    assert.ok(await canSign(purse));

    const late = Buffer.from(whole);
    late[lastFrameAt >> 1]! ^= 1;
    await node.stop();
    writeFileSync(file, late);
    const said = await runNodeToError(node.folder, ['-chain=regtest']);
    assert.ok(said.includes(file) && /is damaged at byte/.test(said), said);
    writeFileSync(file, whole);
    await node.start();
    assert.deepEqual(await remember(purse), before);
  });
});

/** Names of addresses so long that the file of the wallet is the largest of the node. */
const LONG_LABEL = 5_000;

test('a full disk is told, nothing that was answered is lost, and the wallet goes on when there is room', async () => {
  await withNode(async (node, folder) => {
    const purse = await node.create('growing');
    for (let i = 0; i < 24; i++) await purse.newAddress('bech32', `${i} ${'x'.repeat(LONG_LABEL)}`);
    await node.stop();
    // Room for a few addresses more, and for nothing that is larger than the file is now.
    const bytesMax = statSync(node.walletFile('growing')).size + 3 * LONG_LABEL;
    await node.start([], { fileBytesMax: bytesMax });
    let refusal: RpcFailure | null = null;
    for (let i = 0; refusal === null && i < 10; i++) {
      refusal = await purse.newAddress('bech32', `more ${i} ${'x'.repeat(LONG_LABEL)}`).then(
        () => null,
        (error: unknown) => {
          if (error instanceof RpcFailure) return error;
          throw error;
        },
      );
    }
    assert.equal(refusal?.code, DATABASE_ERROR);
    assert.match(
      refusal.message,
      /^Wallet "growing" could not be saved: .*It does nothing more until it is loaded again \(.*growing.*unloadwallet/,
    );
    assert.match((await refusalOf(purse.call('getnewaddress'))).message, /could not be saved/);
    const copy = join(folder, 'copy.tally');
    assert.match((await refusalOf(purse.call('encryptwallet', 'a passphrase'))).message, /could not be saved/);
    await node.rpc.call('unloadwallet', 'growing');
    await node.rpc.call('loadwallet', 'growing');
    const there = await remember(purse);
    // The node itself has other files to write at its end.
    await node.kill();

    await node.start();
    assert.deepEqual(await remember(purse), there);
    for (const [address, label] of purse.labels) {
      const info = await purse.call<{ ismine: boolean; labels: string[] }>('getaddressinfo', address);
      assert.deepEqual([info.ismine, info.labels], [true, [label]], address);
    }
    assert.ok(await canSign(purse));
    await purse.call('backupwallet', copy);
  });
});

test('K13: a wallet or a backup of another ledger is refused, and nothing of it is left', async () => {
  await withNode(async (node, folder) => {
    const purse = await node.create('regtest wallet');
    const backup = join(folder, 'backup.tally');
    await purse.call('backupwallet', backup);
    const source = dirname(node.walletFile('regtest wallet'));
    const other = await LedgerNode.start(join(folder, 'other'), createLocalParams(), ['-chain=local']);
    try {
      await other.rpc.call('createwallet', 'of this ledger');
      const network = join(folder, 'other', 'local');
      const home = readdirSync(network).includes('wallets') ? join(network, 'wallets') : network;
      cpSync(source, join(home, 'stranger'), { recursive: true });
      const loaded = await refusalOf(other.rpc.call('loadwallet', 'stranger'));
      assert.equal(loaded.code, -18, loaded.message);
      assert.match(loaded.message, /Wallet files should not be reused across chains/);
      const restored = await refusalOf(other.rpc.call('restorewallet', 'restored', backup));
      assert.ok(restored.code === -4 || restored.code === -18, restored.message);
      assert.match(restored.message, /belongs to the ledger that begins with block/);
      const { wallets } = await other.rpc.call<{ wallets: { name: string }[] }>('listwalletdir');
      assert.deepEqual(wallets.map(({ name }) => name).sort(), ['of this ledger', 'stranger']);
    } finally {
      await other.network.stop();
    }
  });
});

test('K13: nothing is restored over a wallet, and no backup is written over anything', async () => {
  await withNode(async (node, folder) => {
    const [first, second] = [await node.create('first'), await node.create('second')];
    await fill(first);
    const backup = join(folder, 'backup.tally');
    await second.call('backupwallet', backup);
    const before = await remember(first);
    const file = node.walletFile('first');
    const bytes = readFileSync(file);
    const taken = await refusalOf(node.rpc.call('restorewallet', 'first', backup));
    assert.notEqual(taken.code, 0);
    await node.rpc.call('unloadwallet', 'first');
    const unloaded = await refusalOf(node.rpc.call('restorewallet', 'first', backup));
    assert.equal(unloaded.code, -36);
    assert.match(unloaded.message, /^Failed to restore wallet\. Database file exists in /);
    assert.deepEqual(readFileSync(file).subarray(0, bytes.length), bytes);
    await node.rpc.call('loadwallet', 'first');
    assert.deepEqual(await remember(first), before);

    const letter = join(folder, 'letter.txt');
    writeFileSync(letter, 'a letter');
    const places = [letter, backup, file, node.walletFile('second')];
    for (const place of places) assert.equal(await codeOf(first.call('backupwallet', place)), -4, place);
    assert.equal(readFileSync(letter, 'utf8'), 'a letter');
    // An older backup of the same wallet gives way.
    await second.newAddress('bech32', 'later');
    await second.call('backupwallet', backup);
    await node.rpc.call('restorewallet', 'third', backup);
    const { labels } = (await remember(new Purse(node, 'third', 'signing'))) as { labels: object };
    assert.deepEqual(Object.keys(labels), ['later']);
    await node.rpc.call('unloadwallet', 'third');
  });
});

/** All files below a folder. */
function listFiles(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.path, entry.name));
}

/** Asserts that none of some texts is in any file of a folder. */
function assertNowhere(folder: string, secrets: readonly string[], when: string): void {
  for (const file of listFiles(folder)) {
    const bytes = readFileSync(file);
    for (const secret of secrets) {
      assert.ok(!bytes.includes(secret), `${when}: ${file} holds ${secret}`);
      if (/^[0-9a-f]{64}$/.test(secret)) assert.ok(!bytes.includes(Buffer.from(secret, 'hex')), `${when}: ${file}`);
    }
    if (file.endsWith('.tally')) assert.equal(statSync(file).mode & 0o077, 0, `only the owner may read ${file}`);
  }
}

// BIP39, third vector of the English list.
const MARKED_WORDS = 'letter advice cage absurd amount doctor acoustic avoid letter advice cage above';
const MARKED_ENTROPY = '80'.repeat(16);

test('R14: passphrases, words and private keys are in no log, no answer, no argument, and in no file once they are encrypted (K02)', async () => {
  await withFolder(async (folder) => {
    const node = new WalletNode('node', folder);
    const marked = 'MARKED-passphrase-4711';
    const changed = 'MARKED-passphrase-0815';
    try {
      await node.start(['-debug=1']);
      const purse = await node.create('plain');
      await fill(purse);
      const own = await readRoot(purse);
      assert.ok(readFileSync(node.walletFile('plain')).includes(own[1]), 'plain keys without a passphrase');
      await purse.call('encryptwallet', marked);
      purse.passphrase = changed;
      await purse.call('walletpassphrasechange', marked, changed);
      await purse.unlock();
      assert.ok(await canSign(purse));
      await node.rpc.callNamed('createmnemonicwallet', {
        wallet_name: 'words',
        mnemonic: MARKED_WORDS,
        passphrase: marked,
        load_on_startup: false,
      });
      const words = node.rpc.wallet('words');
      assert.equal(await codeOf(words.call('showmnemonic')), -13);
      await words.call('walletpassphrase', marked, 60);
      assert.equal((await words.call<{ mnemonic: string }>('showmnemonic')).mnemonic, MARKED_WORDS);
      const root = rootOfWords(MARKED_WORDS);
      const imported = await node.create('imported', 'signing', { isBlank: true, passphrase: marked });
      await importDescriptors(imported, [
        { desc: `wpkh(${rootOfWords(MARKED_WORDS, 'other')}/84h/1h/0h/0/*)`, internal: false },
      ]);
      const wif = 'cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87JcbXMTcA';
      const roots = [root, rootOfWords(MARKED_WORDS, 'other')];
      const texts = [
        marked,
        changed,
        MARKED_WORDS.slice(0, 24),
        MARKED_ENTROPY,
        wif,
        ...own,
        ...roots,
        ...roots.map(secretOf),
      ];

      // Whatever is wrong with a call, what is secret in it does not come back.
      const wrongs: readonly (readonly [method: string, ...params: unknown[]])[] = [
        ['walletpassphrase', marked, 60],
        ['walletpassphrase', changed],
        ['walletpassphrase', changed, 'soon'],
        ['walletpassphrase', changed, -1],
        ['walletpassphrasechange', marked, changed],
        ['encryptwallet', marked],
        ['createwallet', 'plain', false, false, marked],
        ['createwallet', 'watching', true, false, marked],
        ['createmnemonicwallet', 'again', `${MARKED_WORDS} zoo`],
        ['createmnemonicwallet', 'again', MARKED_WORDS.replace('above', 'zoo')],
        ['importdescriptors', [{ desc: `wpkh(${root}/0/*)`, timestamp: 'now' }]],
        ['importdescriptors', [{ desc: `wpkh(${root}/0/*)#00000000`, timestamp: 'now' }]],
        ['importdescriptors', [{ desc: `pkh(${wif}#`, timestamp: 'now' }]],
        ['signmessagewithprivkey', wif],
        ['signrawtransactionwithkey', '00', [wif]],
        ['no such method', marked],
      ];
      for (const [method, ...params] of wrongs) {
        const answer = await purse.call(method, ...params).then(JSON.stringify, (error: unknown) => {
          if (error instanceof RpcFailure) return error.message;
          throw error;
        });
        for (const text of texts) assert.ok(!answer.includes(text), `${method}: ${answer}`);
      }
      for (const what of ['cmdline', 'environ', 'comm']) {
        const said = readFileSync(`/proc/${node.running.network.process.pid}/${what}`, 'utf8');
        for (const text of texts) assert.ok(!said.includes(text), what);
      }
      assertNowhere(node.folder, texts, 'while it runs');
      const stdout = await node.stop();
      for (const text of texts) assert.ok(!stdout.includes(text), text);
      assertNowhere(node.folder, texts, 'afterwards');
    } finally {
      await node.end();
    }
  });
});
