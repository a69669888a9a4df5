import assert from 'node:assert/strict';
import { pbkdf2Sync } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { nobleSecp256k1 as secp } from '../../kernel/crypto/secp256k1-noble.ts';
import { fromHex, toHex } from '../../kernel/util/bytes.ts';
import { HostFaultError } from '../ports.ts';
import { createRootKey, formatExtendedSecretKey } from './extended-key.ts';
import {
  computeMnemonicSeed,
  createMnemonic,
  formatMnemonic,
  MNEMONIC_BITS,
  MNEMONIC_LANGUAGES,
  type MnemonicLanguage,
  type MnemonicWordCount,
  mnemonicEntropy,
  parseMnemonic,
  suggestWords,
  toMnemonic,
} from './mnemonic.ts';

const ABOUT = 'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about';

function refusal(text: string): unknown {
  const parsed = parseMnemonic(text);
  return parsed.ok ? 'accepted' : parsed.error;
}

function parsed(text: string) {
  const result = parseMnemonic(text);
  assert.ok(result.ok, text);
  return result.value;
}

const folder = `${process.env['TALLY_VECTORS'] ?? '../shared/vectors'}/bips/bip-0039`;
const skip = existsSync(folder) ? false : `no vectors at ${folder}`;
const VECTOR_NAMES: Readonly<Record<MnemonicLanguage, string>> = {
  english: 'english',
  'simplified-chinese': 'chinese_simplified',
  'traditional-chinese': 'chinese_traditional',
};

test('K12: the vectors of BIP39 in all three languages: words, entropy, seed, root', { skip }, async () => {
  const all = JSON.parse(readFileSync(`${folder}/vectors.json`, 'utf8'));
  for (const language of MNEMONIC_LANGUAGES) {
    const cases: readonly (readonly [string, string, string, string])[] = all[VECTOR_NAMES[language]];
    assert.equal(cases.length, 24);
    for (const [entropy, text, seed, root] of cases) {
      assert.equal(formatMnemonic(toMnemonic(fromHex(entropy), language)), text);
      const mnemonic = parsed(text);
      assert.equal(toHex(mnemonicEntropy({ ...mnemonic, language })), entropy);
      const found = await computeMnemonicSeed(mnemonic, 'TREZOR', async (password, salt) =>
        pbkdf2Sync(password, salt, 2048, 64, 'sha512'),
      );
      assert.equal(toHex(found), seed);
      assert.equal(formatExtendedSecretKey(createRootKey(found, secp)!, 0x0488ade4), root);
    }
  }
});

test('K12: a passphrase counts in its decomposed form, and both ways to a seed agree', async () => {
  const mnemonic = parsed(ABOUT);
  const host = async (password: Uint8Array, salt: Uint8Array) => pbkdf2Sync(password, salt, 2048, 64, 'sha512');
  const composed = await computeMnemonicSeed(mnemonic, 'caf\u00e9');
  assert.deepEqual(await computeMnemonicSeed(mnemonic, 'cafe\u0301'), composed);
  assert.deepEqual(Uint8Array.from(await computeMnemonicSeed(mnemonic, 'caf\u00e9', host)), composed);
  assert.deepEqual(
    Uint8Array.from(await computeMnemonicSeed(mnemonic, '㍍ガバヴァぱばぐゞちぢ十人十色', host)),
    await computeMnemonicSeed(mnemonic, '㍍ガバヴァぱばぐゞちぢ十人十色'),
  );
  assert.notDeepEqual(await computeMnemonicSeed(mnemonic, 'cafe'), composed);
});

test('words of every length come back from their text, in every language', () => {
  const counts = Object.entries(MNEMONIC_BITS).map(([words, bits]) => [Number(words), bits] as const);
  fc.assert(
    fc.property(
      fc.constantFrom(...counts).chain(([, bits]) => fc.uint8Array({ minLength: bits / 8, maxLength: bits / 8 })),
      fc.constantFrom(...MNEMONIC_LANGUAGES),
      (entropy, language) => {
        const mnemonic = toMnemonic(entropy, language);
        const read = parsed(formatMnemonic(mnemonic));
        assert.deepEqual(read.words, mnemonic.words);
        if (read.language === language) assert.deepEqual(mnemonicEntropy(read), Uint8Array.from(entropy));
        else assert.notEqual(language, 'english');
      },
    ),
    { numRuns: 60 },
  );
});

test('new words are made of as much chance as they need', () => {
  for (const wordCount of [12, 15, 18, 21, 24] as const satisfies readonly MnemonicWordCount[]) {
    let next = 0;
    const mnemonic = createMnemonic((bytes) => bytes.set(Uint8Array.from(bytes, () => next++)), wordCount, 'english');
    assert.equal(mnemonic.words.length, wordCount);
    assert.equal(parsed(formatMnemonic(mnemonic)).language, 'english');
  }
});

test('K01: words are not made of chance that is none', () => {
  assert.throws(() => createMnemonic((bytes) => bytes.fill(0), 12, 'english'), HostFaultError);
});

test('blanks and capital letters do not matter', () => {
  assert.equal(formatMnemonic(parsed(`  ${ABOUT.toUpperCase().replaceAll(' ', '\n\t ')}  `)), ABOUT);
});

test('Chinese is read with and without blanks, with wide blanks too', () => {
  const spaced = '歇 歇 歇 歇 歇 歇 歇 歇 歇 歇 歇 逻';
  assert.equal(parsed(spaced).language, 'simplified-chinese');
  assert.equal(formatMnemonic(parsed(spaced.replaceAll(' ', ''))), spaced);
  assert.equal(formatMnemonic(parsed(spaced.replaceAll(' ', '\u3000'))), spaced);
});

test('an unknown word is named by its position and by the list that was meant', () => {
  assert.deepEqual(refusal(ABOUT.replace('about', 'abuot')), {
    kind: 'unknown-word',
    position: 11,
    language: 'english',
  });
  assert.deepEqual(refusal('歇 歇 歇 歇 about 歇 歇 歇 歇 歇 歇 逻'), {
    kind: 'unknown-word',
    position: 4,
    language: 'simplified-chinese',
  });
});

test('K12: a wrong checksum, a wrong count and an endless text are told apart', () => {
  assert.deepEqual(refusal(ABOUT.replace('about', 'abandon')), { kind: 'bad-checksum', language: 'english' });
  assert.deepEqual(refusal(''), { kind: 'bad-word-count', got: 0 });
  assert.deepEqual(refusal(`${ABOUT} about`), { kind: 'bad-word-count', got: 13 });
  assert.deepEqual(refusal('abandon '.repeat(1_000_000)), { kind: 'too-long', got: 8_000_000, expected: 1_000 });
});

test('K12: any text is read or refused, and no error holds a word of it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 1_100 }), (text) => {
      const result = parseMnemonic(text);
      assert.ok(!result.ok);
    }),
    { numRuns: 300 },
  );
  assert.ok(!JSON.stringify(refusal(ABOUT.replace('about', 'aboot'))).includes('ab'));
});

test('words that begin as given are suggested, in order and no more than wanted', () => {
  assert.deepEqual(suggestWords('ab', 'english', 4), ['abandon', 'ability', 'able', 'about']);
  assert.deepEqual(suggestWords('ZO', 'english', 10), ['zone', 'zoo']);
  assert.deepEqual(suggestWords('xq', 'english', 10), []);
  assert.deepEqual(suggestWords('的', 'simplified-chinese', 10), ['的']);
});
