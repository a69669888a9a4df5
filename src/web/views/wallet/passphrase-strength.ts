// How long a passphrase would last, told in three words. An estimate from its length and kinds of letters, low for what repeats itself;
// it is a hint and stops nobody.

/** In three steps. */
export type PassphraseStrength = 'weak' | 'fair' | 'strong';

/** Bits of guessing: below the first a lone machine finds it in days, even at a tenth of a second for each try. */
const FAIR_BITS = 45;
const STRONG_BITS = 70;

/** Kinds of letters and how many there are to choose from. */
const KINDS: readonly (readonly [RegExp, number])[] = Object.freeze([
  [/[a-z]/, 26],
  [/[A-Z]/, 26],
  [/[0-9]/, 10],
  [/[ -/:-@[-`{-~]/, 33],
  [/\p{Script=Han}/u, 2500],
  [/[^\0-\x7f\p{Script=Han}]/u, 100],
]);

/** Bits for a letter that continues a row (abc, 321) or repeats the one before. */
const PREDICTABLE_BITS = 1;

/** How strong a passphrase seems; null: there is none. */
export function judgePassphrase(text: string): PassphraseStrength | null {
  if (text === '') return null;
  const bits = estimateBits(text);
  if (bits < FAIR_BITS) return 'weak';
  return bits < STRONG_BITS ? 'fair' : 'strong';
}

function estimateBits(text: string): number {
  const choices = KINDS.reduce((sum, [kind, count]) => (kind.test(text) ? sum + count : sum), 0);
  // Words are not chance: letters of a text tell about two thirds of what chance letters would.
  const share = /^[\p{L} ]+$/u.test(text) ? 2 / 3 : 1;
  const letters = [...text];
  const bitsPerLetter = Math.log2(choices) * share;
  return letters.reduce((sum, letter, i) => {
    const before = letters[i - 1]?.codePointAt(0);
    const isPredictable = before !== undefined && Math.abs(before - letter.codePointAt(0)!) <= 1;
    return sum + (isPredictable ? PREDICTABLE_BITS : bitsPerLetter);
  }, 0);
}
