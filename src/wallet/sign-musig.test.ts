import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRegtestParams } from '../kernel/consensus/networks/regtest.ts';
import { nobleSecp256k1 as secp } from '../kernel/crypto/secp256k1-noble.ts';
import { asTxid } from '../kernel/primitives/hashes.ts';
import { buildTransaction } from '../kernel/primitives/transaction.ts';
import { SIGHASH } from '../kernel/script/sighash-type.ts';
import { EMPTY_BYTES, fromHex, toHex } from '../kernel/util/bytes.ts';
import { DescriptorExpander } from './descriptor/expand.ts';
import { KeyRing } from './descriptor/key-ring.ts';
import { parseDescriptor } from './descriptor/parse.ts';
import { formatExtendedPublicKey, parseExtendedSecretKey, toExtendedPublicKey } from './keys/extended-key.ts';
import { MusigNonces } from './musig-nonces.ts';
import { TransactionSigner } from './signature-creator.ts';
import { SignatureData } from './signature-data.ts';
import { produceScripts } from './signer.ts';
import { Spending } from './spending.ts';

const { prefixes } = createRegtestParams();

/** Two roots of Core's functional tests; their participants are the roots themselves. */
const TPRVS = [
  'tprv8ZgxMBicQKsPerQj6m35no46amfKQdjY7AhLnmatHYXs8S4MTgeZYkWAn4edSGwwL3vkSiiGqSZQrmy5D3P5gBoqgvYP2fCUpBwbKTMTAkL',
  'tprv8ZgxMBicQKsPd3cbrKjE5GKKJLDEidhtzSSmPVtSPyoHQGL2LZw49yt9foZsN9BeiC5VqRaESUSDV2PS9w7zAVBSK6EQH3CZW9sMKxSKDwD',
];
const TPUBS = TPRVS.map((text) => {
  const root = parseExtendedSecretKey(text, prefixes.extendedSecretKey, secp)!;
  return formatExtendedPublicKey(toExtendedPublicKey(root, secp), prefixes.extendedPublicKey);
});

/** A key that nobody has the secret of (BIP341). */
const NOBODY = '50929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0';

/** Not chance, but never the same bytes: enough for nonces that protect nothing. */
function counting(seed: number): (bytes: Uint8Array) => void {
  let next = seed;
  return (bytes) => {
    for (let i = 0; i < bytes.length; i++) {
      next = (next * 75 + 74) % 65_537;
      bytes[i] = next % 256;
    }
  };
}

/** One of two who sign, with what he knows. */
class Signer {
  readonly nonces: MusigNonces;
  readonly data: SignatureData = new SignatureData();
  readonly scriptPubKey: Uint8Array;
  readonly #ring = new KeyRing();

  /** `$0` and `$1` in the pattern are the participants. */
  constructor(pattern: string, place: number) {
    this.nonces = new MusigNonces(counting(place + 1));
    const text = [0, 1].reduce((rest, i) => rest.replaceAll(`$${i}`, i === place ? TPRVS[i]! : TPUBS[i]!), pattern);
    const parsed = parseDescriptor(text, { prefixes, secp, ring: this.#ring });
    assert.ok(parsed.ok, parsed.ok ? '' : parsed.error);
    const scripts = new DescriptorExpander(this.#ring, secp).expand(parsed.value[0]!, 3);
    this.scriptPubKey = scripts![0]!;
  }

  work(spending: Spending): void {
    const creator = new TransactionSigner(spending, 0, SIGHASH.DEFAULT, secp, this.nonces);
    produceScripts(this.scriptPubKey, this.#ring, creator, this.data);
  }

  learn({ data }: Signer): void {
    for (const [name, share] of data.musigNonces) this.data.musigNonces.set(name, share);
    for (const [name, share] of data.musigSignatures) this.data.musigSignatures.set(name, share);
  }
}

function spend(scriptPubKey: Uint8Array, valueSat = 90_000): Spending {
  const prevout = { txid: asTxid(new Uint8Array(32).fill(3)), index: 0 };
  const transaction = buildTransaction({
    version: 2,
    inputs: [{ prevout, scriptSig: EMPTY_BYTES, sequence: 0xfffffffd }],
    outputs: [{ valueSat, scriptPubKey: Uint8Array.of(0x51) }],
    locktime: 100,
  });
  return new Spending(transaction, [{ valueSat: 100_000, scriptPubKey }], secp);
}

/** Both give nonces, and hear of each other's. */
function exchangeNonces(pattern: string): { readonly signers: readonly [Signer, Signer]; readonly spending: Spending } {
  const signers = [new Signer(pattern, 0), new Signer(pattern, 1)] as const;
  const spending = spend(signers[0].scriptPubKey);
  assert.deepEqual(signers[0].scriptPubKey, signers[1].scriptPubKey);
  for (const signer of signers) signer.work(spending);
  signers[0].learn(signers[1]);
  signers[1].learn(signers[0]);
  return { signers, spending };
}

/** Descriptors, and how many items the witness has. */
const PATTERNS: readonly (readonly [pattern: string, items: number])[] = [
  ['rawtr(musig($0,$1))', 1],
  ['rawtr(musig($0,$1)/1/*)', 1],
  ['tr(musig($0,$1))', 1],
  ['tr(musig($1,$0)/<7;8>/*)', 1],
  [`tr(musig($0,$1)/0/*,pk(${NOBODY}))`, 1],
  [`tr(${NOBODY},pk(musig($0,$1)/0/*))`, 3],
  [`tr(${NOBODY},and_v(v:pkh(musig($0,$1)/0/*),after(99)))`, 4],
  [`tr(${NOBODY},{pk(musig($0,$1)/0/*),multi_a(2,musig($0,$1)/1/*,musig($1,$0)/2/*)})`, 3],
];

test('two who exchange nonces and parts spend what neither could alone', () => {
  for (const [pattern, items] of PATTERNS) {
    const { signers, spending } = exchangeNonces(pattern);
    for (const signer of signers) {
      assert.ok(!signer.data.isComplete && signer.data.musigSignatures.size === 0, pattern);
      signer.work(spending);
    }
    const [first, second] = signers;
    assert.ok(!first.data.isComplete, 'one part is not enough');
    first.learn(second);
    first.work(spending);
    assert.ok(first.data.isComplete, pattern);
    assert.equal(first.data.witness.length, items, pattern);
  }
});

test('a nonce signs once: not another transaction, and not the same one again', () => {
  const { signers, spending } = exchangeNonces('tr(musig($0,$1))');
  const [signer] = signers;
  const shares = [...signer.data.musigNonces.values()];
  const other = spend(signer.scriptPubKey, 80_000);
  signer.work(other);
  assert.equal(signer.data.musigSignatures.size, 0, 'the nonce was given for another message');
  signer.work(spending);
  assert.equal(signer.data.musigSignatures.size, 1);
  signer.data.musigSignatures.clear();
  signer.work(spending);
  assert.equal(signer.data.musigSignatures.size, 0, 'it is forgotten');
  assert.deepEqual([...signer.data.musigNonces.values()], shares, 'and no other is given in its place');
});

test('what a PSBT says of an aggregate, a nonce or a part is not believed', () => {
  const { signers, spending } = exchangeNonces('tr(musig($0,$1))');
  const [signer, other] = signers;
  for (const one of signers) one.work(spending);
  const [name] = other.data.musigSignatures.keys();
  assert.ok(name !== undefined);
  const share = other.data.musigSignatures.get(name)!;
  signer.data.musigSignatures.set(name, {
    ...share,
    value: share.value.map((byte, i) => (i === 31 ? byte ^ 1 : byte)),
  });
  signer.work(spending);
  assert.ok(!signer.data.isComplete, 'a wrong part');
  signer.data.musigSignatures.set(name, { ...share, value: new Uint8Array(32).fill(0xff) });
  signer.work(spending);
  assert.ok(!signer.data.isComplete, 'no number');
  signer.data.musigSignatures.set(name, share);
  signer.work(spending);
  assert.ok(signer.data.isComplete, 'the right one');

  const liar = new Signer('tr(musig($0,$1))', 0);
  const [musig] = [...signer.data.musigs.all.values()];
  liar.data.musigs.add({ aggregateKey: musig!.aggregateKey, participantKeys: musig!.participantKeys.slice(0, 1) });
  liar.work(spending);
  assert.equal(liar.data.musigNonces.size, 0, 'the aggregate of others');
});

test('scripts of aggregates are those of BIP390', () => {
  const keys = [
    '02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9',
    '03dff1d77f2a671c5f36183726db2341be58feae1da2deced843240f7b502ba659',
    '023590a94e768f8e1815c2f24b4d80a8e3149316c3518ce7b7ad338368d038ca66',
  ];
  const scriptOf = (text: string): string => {
    const ring = new KeyRing();
    const parsed = parseDescriptor(text, { prefixes, secp, ring });
    assert.ok(parsed.ok, parsed.ok ? '' : parsed.error);
    return toHex(new DescriptorExpander(ring, secp).expand(parsed.value[0]!, 0)![0]!);
  };
  assert.equal(
    scriptOf(`rawtr(musig(${keys.join(',')}))`),
    '5120789d937bade6673538f3e28d8368dda4d0512f94da44cf477a505716d26a1575',
  );
  const sorted = `rawtr(musig(${keys.slice().reverse().join(',')}))`;
  assert.equal(scriptOf(sorted), scriptOf(`rawtr(musig(${keys.join(',')}))`), 'the order does not matter');
  assert.equal(fromHex(scriptOf(`tr(musig(${keys.join(',')}))`)).length, 34);
});

test('texts of musig() are written as they were read, and what may not stand there is named', () => {
  const [a, b] = TPUBS;
  const key = `02${NOBODY}`;
  const read = (text: string) => parseDescriptor(text, { prefixes, secp, ring: new KeyRing() });
  const errors: readonly (readonly [text: string, error: string])[] = [
    [`pk(musig(${a},${b}))`, 'pk(): musig() is only allowed in tr() and rawtr()'],
    [`wsh(pk(musig(${a},${b})))`, 'pk(): musig() is only allowed in tr() and rawtr()'],
    ['rawtr(musig())', 'rawtr(): musig(): Must contain key expressions'],
    [`rawtr(musig(${key},${b})/0)`, 'rawtr(): musig(): derivation requires all participants to be xpubs or xprvs'],
    [
      `rawtr(musig(${a}/*,${b})/0/*)`,
      'rawtr(): musig(): Cannot have ranged participant keys if musig() also has derivation',
    ],
    [`rawtr(musig(${a},${b})/*h)`, 'rawtr(): musig(): Cannot have hardened child derivation'],
    [`rawtr(musig(${a},${b})/0h/*)`, 'rawtr(): musig(): cannot have hardened derivation steps'],
    [
      `rawtr(musig(${a}/<0;1>,${b})/<2;3>/*)`,
      'rawtr(): musig(): Cannot have multipath participant keys if musig() is also multipath',
    ],
    [`rawtr(musig(${a}/<0;1>,${b}/<0;1;2>))`, 'rawtr(): musig(): Multipath derivation paths have mismatched lengths'],
    [`rawtr(musig(${NOBODY},${b}))`, `rawtr(): musig(): Pubkey '${NOBODY}' is invalid`],
    [`rawtr(musig(${a},${b})x)`, 'rawtr(): Invalid musig() expression'],
  ];
  for (const [text, error] of errors) assert.deepEqual(read(text), { ok: false, error }, text);
  const twice = read(`tr(musig(${a},${b})/<0;1>/*)`);
  assert.ok(twice.ok && twice.value.length === 2);
});
