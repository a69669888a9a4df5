// Words that people write down instead of a key (BIP39): entropy with a checksum as words of a list, and the seed that grows from the
// words and a passphrase. English and Chinese, simplified and traditional. The lists and the arithmetic are @scure/bip39's; what is
// added are errors that tell a person which word to look at. No error holds a word: what is nearly right is nearly a secret.

import { entropyToMnemonic, mnemonicToEntropy, mnemonicToSeedSync } from '@scure/bip39';
import { wordlist as english } from '@scure/bip39/wordlists/english.js';
import { wordlist as simplifiedChinese } from '@scure/bip39/wordlists/simplified-chinese.js';
import { wordlist as traditionalChinese } from '@scure/bip39/wordlists/traditional-chinese.js';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';
import type { DeriveSeed, SecureRandom } from '../ports.ts';
import { drawEntropy } from './entropy.ts';

/** Lists of words that are known here. */
export type MnemonicLanguage = 'english' | 'simplified-chinese' | 'traditional-chinese';

const WORDS: Readonly<Record<MnemonicLanguage, string[]>> = Object.freeze({
  english,
  'simplified-chinese': simplifiedChinese,
  'traditional-chinese': traditionalChinese,
});

/** All of them, in the order in which they are tried. */
export const MNEMONIC_LANGUAGES: readonly MnemonicLanguage[] = ['english', 'simplified-chinese', 'traditional-chinese'];

/** How many words there may be, and of how many bits of chance they are made (BIP39). */
export const MNEMONIC_BITS: Readonly<Record<12 | 15 | 18 | 21 | 24, number>> = Object.freeze({
  12: 128,
  15: 160,
  18: 192,
  21: 224,
  24: 256,
});

/** Counts of words that are allowed. */
export type MnemonicWordCount = keyof typeof MNEMONIC_BITS;

/** Longest text that is looked at: 24 words of 8 letters take 215 characters, and people add blanks. */
const TEXT_LENGTH_MAX = 1_000;

/** Words with a right checksum. */
export interface Mnemonic {
  readonly language: MnemonicLanguage;
  readonly words: readonly string[];
}

/** Why a text is no mnemonic. Positions count words from 0. */
export type MnemonicError =
  | { readonly kind: 'too-long'; readonly got: number; readonly expected: number }
  | { readonly kind: 'bad-word-count'; readonly got: number }
  /** The first word that is in no list, or not in the list that has most of the others. */
  | { readonly kind: 'unknown-word'; readonly position: number; readonly language: MnemonicLanguage }
  | { readonly kind: 'bad-checksum'; readonly language: MnemonicLanguage };

/** New words from the host's chance. */
export function createMnemonic(
  secureRandom: SecureRandom,
  wordCount: MnemonicWordCount,
  language: MnemonicLanguage,
): Mnemonic {
  const entropy = drawEntropy(secureRandom, MNEMONIC_BITS[wordCount] / 8);
  const mnemonic = toMnemonic(entropy, language);
  entropy.fill(0);
  return mnemonic;
}

/** The words of 16, 20, 24, 28 or 32 bytes of entropy. */
export function toMnemonic(entropy: Uint8Array, language: MnemonicLanguage): Mnemonic {
  return { language, words: entropyToMnemonic(entropy, WORDS[language]).split(' ') };
}

/** The words of a text, in whichever list has them; blanks and capital letters do not matter. */
export function parseMnemonic(text: string): Result<Mnemonic, MnemonicError> {
  if (text.length > TEXT_LENGTH_MAX) return err({ kind: 'too-long', got: text.length, expected: TEXT_LENGTH_MAX });
  const words = splitWords(text);
  if (!Object.hasOwn(MNEMONIC_BITS, words.length)) return err({ kind: 'bad-word-count', got: words.length });
  // The two Chinese lists share words: a text may be in both, and then the checksum decides.
  const known = MNEMONIC_LANGUAGES.filter((language) => findUnknownWord(words, language) === null);
  const language = known.find((one) => isChecked(words, one));
  if (language !== undefined) return ok({ language, words });
  if (known.length > 0) return err({ kind: 'bad-checksum', language: known[0]! });
  const likely = findLikelyLanguage(words);
  return err({ kind: 'unknown-word', position: findUnknownWord(words, likely)!, language: likely });
}

/** The entropy that the words stand for. */
export function mnemonicEntropy({ language, words }: Mnemonic): Uint8Array {
  return mnemonicToEntropy(words.join(' '), WORDS[language]);
}

/** The words as they are written down. */
export function formatMnemonic({ words }: Mnemonic): string {
  return words.join(' ');
}

/** Words that begin as given, in the order of the list. */
export function suggestWords(start: string, language: MnemonicLanguage, countMax: number): readonly string[] {
  const wanted = start.normalize('NFKD').toLowerCase();
  const found: string[] = [];
  for (const word of WORDS[language]) {
    if (found.length === countMax) break;
    if (word.startsWith(wanted)) found.push(word);
  }
  return found;
}

/**
 * The seed of words and a passphrase, which may be empty: 64 bytes. Any passphrase gives a seed. The host does the work where it can;
 * without it, JavaScript takes some ten milliseconds.
 */
export async function computeMnemonicSeed(
  mnemonic: Mnemonic,
  passphrase: string,
  deriveSeed?: DeriveSeed,
): Promise<Uint8Array> {
  const text = formatMnemonic(mnemonic);
  if (deriveSeed === undefined) return mnemonicToSeedSync(text, passphrase);
  const password = encodeUtf8(text.normalize('NFKD'));
  const salt = encodeUtf8(`mnemonic${passphrase}`.normalize('NFKD'));
  const seed = await deriveSeed(password, salt);
  password.fill(0);
  salt.fill(0);
  return seed;
}

const CHINESE_LETTERS = /^\p{Script=Han}{2,}$/u;

/** Words between blanks of any kind; Chinese words are one letter each, and often written without blanks. */
function splitWords(text: string): readonly string[] {
  const parts = text.normalize('NFKD').toLowerCase().split(/\s+/u);
  return parts.filter((part) => part !== '').flatMap((part) => (CHINESE_LETTERS.test(part) ? [...part] : [part]));
}

/** Position of the first word that is not in a list; null when all are. */
function findUnknownWord(words: readonly string[], language: MnemonicLanguage): number | null {
  const position = words.findIndex((word) => !WORDS[language].includes(word));
  return position < 0 ? null : position;
}

function findLikelyLanguage(words: readonly string[]): MnemonicLanguage {
  const countKnown = (language: MnemonicLanguage): number =>
    words.filter((word) => WORDS[language].includes(word)).length;
  return MNEMONIC_LANGUAGES.reduce((best, one) => (countKnown(one) > countKnown(best) ? one : best));
}

function isChecked(words: readonly string[], language: MnemonicLanguage): boolean {
  try {
    mnemonicToEntropy(words.join(' '), WORDS[language]).fill(0);
    return true;
  } catch {
    // Count and words are right, so that only the checksum can be wrong.
    return false;
  }
}
