// Words of a wallet (BIP39) while they are typed: what a word may become, and whether all of them are right. The wallet's own code
// judges, so that page and node cannot differ. The lists weigh something: import this file when it is needed.

import { MNEMONIC_BITS, parseMnemonic, suggestWords } from '../../wallet/keys/mnemonic.ts';

/** What can be said of words. */
export type TypedWordsVerdict =
  /** Fewer than any wallet has, or a number between those that wallets have. */
  | { readonly kind: 'unfinished'; readonly count: number; readonly next: number }
  | { readonly kind: 'too-many'; readonly count: number }
  /** Positions count from 0. */
  | { readonly kind: 'unknown-word'; readonly position: number }
  | { readonly kind: 'bad-checksum' }
  | { readonly kind: 'good'; readonly words: readonly string[] };

/** How many words are offered for the beginning of one. */
const SUGGESTIONS_MAX = 6;

/** The longest word of any list has 8 letters. */
const WORD_LETTERS_MAX = 8;

const COUNTS: readonly number[] = Object.keys(MNEMONIC_BITS).map(Number);

/** Judges all that is typed. */
export function judgeTypedWords(text: string): TypedWordsVerdict {
  const parsed = parseMnemonic(text);
  if (parsed.ok) return { kind: 'good', words: parsed.value.words };
  const { error } = parsed;
  switch (error.kind) {
    case 'too-long':
      return { kind: 'too-many', count: Math.max(...COUNTS) + 1 };
    case 'bad-word-count':
      return judgeCount(error.got);
    case 'unknown-word':
      return { kind: 'unknown-word', position: error.position };
    case 'bad-checksum':
      return { kind: 'bad-checksum' };
  }
}

function judgeCount(count: number): TypedWordsVerdict {
  const next = COUNTS.find((one) => one > count);
  return next === undefined ? { kind: 'too-many', count } : { kind: 'unfinished', count, next };
}

/** What the word that is being typed may become; empty: it is whole, or in no list. Chinese words have one letter: nothing to complete. */
export function suggestTypedWord(text: string): readonly string[] {
  const start = findTypedLetters(text);
  if (start === '') return [];
  const found = suggestWords(start, 'english', SUGGESTIONS_MAX);
  return found.length === 1 && found[0] === start.toLowerCase() ? [] : found;
}

/** The text with a suggestion in place of the word that is being typed. */
export function completeTypedWord(text: string, word: string): string {
  return `${text.slice(0, text.length - findTypedLetters(text).length)}${word} `;
}

/** The Latin letters at the end; empty where they are more than any word has. */
function findTypedLetters(text: string): string {
  const letters = /[a-z]+$/i.exec(text.slice(-WORD_LETTERS_MAX - 1))?.[0] ?? '';
  return letters.length > WORD_LETTERS_MAX ? '' : letters;
}
