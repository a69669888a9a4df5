// A choice of the person at this browser that is kept: language, colours. Where storage is switched off, it lasts as long as the tab.

const PREFIX = 'tally.';

/** The choice kept under `name` if it is one of `allowed`; null: none is. */
export function readChoice<T extends string>(name: string, allowed: readonly T[]): T | null {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return allowed.find((choice) => choice === text) ?? null;
  } catch {
    return null;
  }
}

/** Keeps a choice; null forgets it. */
export function writeChoice(name: string, choice: string | null): void {
  try {
    if (choice === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, choice);
  } catch {
    // Without storage the choice lasts as long as the tab.
  }
}
