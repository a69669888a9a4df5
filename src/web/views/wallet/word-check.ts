// The check that words were written down: three of them are asked for, at places that chance decides.

/** How many words are asked for. */
export const CHECKED_WORDS = 3;

/** Numbers that chance is made of: one for each place, evenly spread over 32 bits. */
export type ChanceNumbers = Uint32Array;

/** Places of the words that are asked for, ascending; words are counted from 0. */
export function choosePlaces(wordCount: number, chance: ChanceNumbers): readonly number[] {
  const left = Array.from({ length: wordCount }, (_, place) => place);
  const chosen: number[] = [];
  for (const number of chance) {
    if (left.length === 0) break;
    // The remainder prefers low places by one in 2^27 at most: nothing that matters here, where nothing is secret.
    chosen.push(...left.splice(number % left.length, 1));
  }
  return chosen.sort((a, b) => a - b);
}

/** The places whose word was typed wrong. Blanks around it and capital letters do not matter. */
export function findWrongPlaces(
  words: readonly string[],
  places: readonly number[],
  typed: readonly string[],
): readonly number[] {
  return places.filter((place, i) => clean(typed[i] ?? '') !== clean(words[place] ?? ''));
}

function clean(word: string): string {
  return word.normalize('NFKD').trim().toLowerCase();
}
