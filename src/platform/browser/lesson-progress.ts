// What a reader has done in the lessons, kept as long as the tab is open. Where storage is switched off, as long as the page.

const KEY = 'tally.lessons';

/** Longer texts are not ours. */
const LENGTH_MAX = 4000;

/** Names of what was done. */
export function readProgress(): readonly string[] {
  try {
    const text = sessionStorage.getItem(KEY) ?? '';
    return text === '' || text.length > LENGTH_MAX ? [] : text.split(' ');
  } catch {
    return [];
  }
}

/** Keeps the names of what was done; they have no blanks in them. */
export function writeProgress(names: readonly string[]): void {
  try {
    sessionStorage.setItem(KEY, names.join(' '));
  } catch {
    // Without storage it lasts as long as the page.
  }
}
