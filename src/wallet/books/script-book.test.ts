import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHANGE, parseWithSecrets, RECEIVE, StoredBooks, TPRV, TPUB } from '../../../test/model/stored-books.ts';
import { createRegtestParams } from '../../kernel/consensus/networks/regtest.ts';
import { hash160 } from '../../kernel/crypto/hash160.ts';
import { nobleSecp256k1 as secp } from '../../kernel/crypto/secp256k1-noble.ts';
import { solveOutput } from '../../kernel/script/solver.ts';
import { fromHex, toHex } from '../../kernel/util/bytes.ts';
import { formatAddress } from '../address.ts';
import { DescriptorExpander } from '../descriptor/expand.ts';
import { KeyRing } from '../descriptor/key-ring.ts';
import { ChangeList, finishSteps, runSteps } from './change-list.ts';
import { type DescriptorSecrets, formatPrivateDescriptor } from './descriptor-secrets.ts';

const { prefixes } = createRegtestParams();

function scriptOf(text: string, position: number): Uint8Array {
  const { descriptor } = parseWithSecrets(text);
  return new DescriptorExpander(new KeyRing(), secp).expand(descriptor, position)![0]!;
}

test('addresses are those that Core gives', () => {
  const wallet = new StoredBooks();
  const account =
    'tpubDAXcJ7s7ZwicqjprRaEWdPoHKrCS215qxGYxpusRLLmJuT69ZSicuGdSfyvyKpvUNYBW1s2U3NSrT6vrCYB9e6nZUEvrqnwXPF8ArTCRXMY';
  assert.ok(wallet.add(`wpkh([80002067/0h/0h]${account}/*)`, { rangeEnd: 5, activeFor: 'receive' }).ok);
  // Core's wallet_importdescriptors.py.
  for (const address of [
    'bcrt1qtmp74ayg7p24uslctssvjm06q5phz4yrxucgnv',
    'bcrt1q8vprchan07gzagd5e6v9wd7azyucksq2xc76k8',
    'bcrt1qtuqdtha7zmqgcrr26n2rqxztv5y8rafjp9lulu',
  ]) {
    assert.equal(formatAddress(wallet.newScript(), prefixes), address);
  }
});

test('new addresses come in order, never twice, and the stock grows with them', () => {
  const wallet = new StoredBooks({ keypoolSize: 5 }).addUsual();
  const given = Array.from({ length: 12 }, () => toHex(wallet.newScript()));
  assert.equal(new Set(given).size, 12);
  assert.deepEqual(
    given,
    Array.from({ length: 12 }, (_, at) => toHex(scriptOf(RECEIVE, at))),
  );
  const { scripts } = wallet.books;
  // The stock is filled before a script is taken from it, as in Core.
  assert.equal(scripts.poolSize('receive'), 4);
  assert.equal(scripts.poolSize('change'), 5);
  assert.equal(scripts.active('bech32', 'receive')?.rangeEnd, 16);
  assert.equal(scripts.isMine(scriptOf(RECEIVE, 15)), true);
  assert.equal(scripts.isMine(scriptOf(RECEIVE, 16)), false);
  assert.equal(
    wallet.run((changes) => scripts.topUp(changes, 20)),
    true,
  );
  assert.equal(scripts.poolSize('receive'), 20);
  const none = wallet.run((changes) => scripts.newAddress('legacy', 'receive', changes));
  assert.deepEqual(none, { ok: false, error: 'Error: No legacy addresses available.' });
});

test('a script that was not needed goes back, unless another was given out or it was seen', () => {
  const wallet = new StoredBooks({ keypoolSize: 5 }).addUsual();
  const { scripts } = wallet.books;
  const take = () => {
    const given = wallet.run((changes) => scripts.newAddress('bech32', 'change', changes));
    assert.ok(given.ok);
    return given.value;
  };
  const first = take();
  wallet.do((changes) => scripts.release(first, changes));
  const again = take();
  assert.equal(again.position, first.position);
  const second = take();
  wallet.do((changes) => scripts.release(again, changes));
  assert.equal(take().position, second.position + 1, 'not the newest: it stays given out');
  const last = take();
  wallet.run((changes) => scripts.markSeen(last.script, changes));
  wallet.do((changes) => scripts.release(last, changes));
  assert.equal(take().position, last.position + 1, 'a payment was seen: it stays given out');
});

test('a payment to a script that was not given out yet moves everything past it', () => {
  const wallet = new StoredBooks({ keypoolSize: 5 }).addUsual();
  const seen = wallet.run((changes) => wallet.books.scripts.markSeen(scriptOf(RECEIVE, 3), changes));
  assert.deepEqual(
    seen.map(({ script, use }) => [toHex(script), use]),
    [0, 1, 2, 3].map((at) => [toHex(scriptOf(RECEIVE, at)), 'receive']),
  );
  assert.equal(toHex(wallet.newScript()), toHex(scriptOf(RECEIVE, 4)));
  assert.equal(wallet.books.scripts.isMine(scriptOf(RECEIVE, 8)), true);
  wallet.restart();
  assert.equal(toHex(wallet.newScript()), toHex(scriptOf(RECEIVE, 5)));
});

test('a descriptor that is added again can only become wider, and never gives an address twice by itself', () => {
  const wallet = new StoredBooks({ keypoolSize: 3 });
  assert.ok(wallet.add(RECEIVE, { rangeStart: 2, rangeEnd: 6, activeFor: 'receive' }).ok);
  assert.equal(toHex(wallet.newScript()), toHex(scriptOf(RECEIVE, 2)));
  const narrow = wallet.add(RECEIVE, { rangeStart: 3, rangeEnd: 9 });
  assert.deepEqual(narrow, { ok: false, error: 'new range must include current range = [2,5]' });
  assert.ok(wallet.add(RECEIVE, { rangeStart: 0, rangeEnd: 9, activeFor: 'receive' }).ok);
  assert.equal(toHex(wallet.newScript()), toHex(scriptOf(RECEIVE, 3)));
  assert.equal(wallet.books.scripts.isMine(scriptOf(RECEIVE, 0)), true);
  // Whoever says so can go back.
  assert.ok(wallet.add(RECEIVE, { rangeStart: 0, rangeEnd: 9, nextIndex: 1, activeFor: 'receive' }).ok);
  assert.equal(toHex(wallet.newScript()), toHex(scriptOf(RECEIVE, 1)));
  assert.ok(wallet.add(RECEIVE, { rangeStart: 0, rangeEnd: 9 }).ok);
  assert.equal(wallet.books.scripts.active('bech32', 'receive'), null, 'no longer active');
});

test('one descriptor of a type gives addresses; the next takes its place', () => {
  const wallet = new StoredBooks({ keypoolSize: 2 }).addUsual();
  assert.ok(wallet.add(`wpkh(${TPUB}/7/*)`, { rangeEnd: 2, activeFor: 'receive' }).ok);
  assert.equal(toHex(wallet.newScript()), toHex(scriptOf(`wpkh(${TPUB}/7/*)`, 0)));
  assert.deepEqual(
    [...wallet.books.scripts.descriptors()].map(({ activeFor }) => activeFor),
    [null, 'change', 'receive'],
  );
  wallet.restart();
  assert.equal(toHex(wallet.newScript()), toHex(scriptOf(`wpkh(${TPUB}/7/*)`, 1)));
});

test('hardened steps are walked once, when the secret is there, and not needed again', () => {
  const wallet = new StoredBooks({ keypoolSize: 2 });
  const text = `wpkh(${TPRV}/84h/1h/0h/0/*)`;
  const added = wallet.add(text, { rangeEnd: 2, activeFor: 'receive' });
  assert.ok(added.ok);
  wallet.restart();
  for (let i = 0; i < 4; i++) wallet.newScript();
  const descriptor = wallet.books.scripts.descriptor(added.value)!;
  assert.equal(descriptor.text, `wpkh(${TPUB}/84h/1h/0h/0/*)`);
  assert.match(descriptor.expandableText, /^wpkh\(\[[0-9a-f]{8}\/84h\/1h\/0h\]tpub[A-Za-z0-9]+\/0\/\*\)$/);
  const { secrets } = parseWithSecrets(text);
  assert.equal(formatPrivateDescriptor(descriptor.given, secrets, prefixes, secp), text);
  const missing = new StoredBooks().add(`wpkh(${TPUB}/84h/1h/0h/0/*)`, { rangeEnd: 2 });
  assert.deepEqual(missing, {
    ok: false,
    error: 'Cannot expand descriptor. Probably because of hardened derivations without private keys provided',
  });
});

test('rows that are hardened go on while the secret is there, and stop without harm when it is not', () => {
  let secrets: DescriptorSecrets | null = null;
  const wallet = new StoredBooks({ keypoolSize: 3, secretsOf: () => secrets });
  const text = `pkh(${TPRV}/1h/*h)`;
  assert.ok(wallet.add(text, { rangeEnd: 3, activeFor: 'receive' }).ok);
  const ring = new KeyRing();
  ring.addSecret({ secret: parseWithSecrets(text).secrets.extendedKeys[0]!.secret, isCompressed: true }, secp);
  const expected = new DescriptorExpander(ring, secp);
  const expectedAt = (at: number): string => toHex(expected.expand(parseWithSecrets(text).descriptor, at)![0]!);
  const next = () => wallet.run((changes) => wallet.books.scripts.newAddress('legacy', 'receive', changes));
  wallet.restart();
  for (let at = 0; at < 3; at++) {
    const given = next();
    assert.equal(given.ok && toHex(given.value.script), expectedAt(at));
  }
  assert.deepEqual(next(), { ok: false, error: 'Error: Keypool ran out, please call keypoolrefill first' });
  secrets = parseWithSecrets(text).secrets;
  const given = next();
  assert.equal(given.ok && toHex(given.value.script), expectedAt(3));
});

test('what is needed for signing is there with secrets, and without them nothing secret is', () => {
  const text = `sh(wpkh(${TPRV}/9h/*))`;
  const { secrets } = parseWithSecrets(text);
  const wallet = new StoredBooks({ keypoolSize: 2, secretsOf: () => secrets });
  assert.ok(wallet.add(text, { rangeEnd: 2 }).ok);
  const [, second] = [...wallet.books.scripts.scripts()];
  const template = solveOutput(second!, 0, second!.length);
  assert.ok(template.type === 'scripthash');
  const ring = finishSteps(wallet.books.scripts.solvingData([second!]));
  const program = ring.script(template.scriptHash)!;
  const keyHash = program.slice(2);
  assert.equal(toHex(hash160(program)), toHex(template.scriptHash));
  assert.deepEqual(ring.origin(keyHash)?.path, [9 + 2 ** 31, 1]);
  assert.equal(ring.secretCount, 0);
  const full = finishSteps(wallet.books.scripts.solvingData([second!], true));
  assert.equal(toHex(secp.createPublicKey(full.secret(keyHash)!.secret, true)!), toHex(ring.publicKey(keyHash)!));
  assert.equal(finishSteps(wallet.books.scripts.addSolvingData(fromHex('51'), new KeyRing())), false);
});

test('secrets are found through the origin of a key when they are those of an ancestor', () => {
  const wide = new StoredBooks({ keypoolSize: 1 });
  const added = wide.add(`wpkh(${TPRV}/84h/1h/0h/0/*)`, {});
  assert.ok(added.ok);
  const account = wide.books.scripts.descriptor(added.value)!.expandableText;
  const { secrets } = parseWithSecrets(`wpkh(${TPRV}/*)`);
  const wallet = new StoredBooks({ keypoolSize: 1, secretsOf: () => secrets });
  assert.ok(wallet.add(account, { secrets: null }).ok);
  const [script] = [...wallet.books.scripts.scripts()];
  assert.equal(finishSteps(wallet.books.scripts.solvingData([script!], true)).secretCount, 1);
});

test('a script of several descriptors belongs to all of them, and the one that can be spent from comes first', () => {
  const wallet = new StoredBooks({ keypoolSize: 2 });
  const script = scriptOf(RECEIVE, 1);
  assert.ok(wallet.add(`raw(${toHex(script)})`).ok);
  assert.equal(wallet.books.scripts.descriptorOf(script)?.isSolvable, false);
  assert.ok(wallet.add(RECEIVE, { rangeEnd: 2 }).ok);
  assert.equal(wallet.books.scripts.descriptorOf(script)?.isSolvable, true);
  const place = wallet.books.scripts.placeOf(script);
  assert.deepEqual([place?.descriptor.text, place?.next?.descriptor.text], [RECEIVE, `raw(${toHex(script)})`]);
});

test('a long derivation lets others have a turn', async () => {
  const wallet = new StoredBooks();
  const { descriptor } = parseWithSecrets(CHANGE);
  let turns = 0;
  const request = {
    descriptor,
    secrets: null,
    createdSec: 1,
    rangeStart: 0,
    rangeEnd: 100,
    nextIndex: null,
    activeFor: null,
  };
  await runSteps(wallet.books.scripts.add(request, new ChangeList()), async () => {
    turns++;
  });
  // 100 positions and the stock of 10 behind the first, four a slice.
  assert.equal(turns, 25);
});
