// Words with their places. There is no button to copy them: a clipboard is read by every program on the machine.

import type { ReactNode } from 'react';

/** The words. */
export function WordList({ words }: { readonly words: readonly string[] }): ReactNode {
  return (
    <ol className="words" translate="no">
      {words.map((word, place) => (
        <li key={place} value={place + 1}>
          {word}
        </li>
      ))}
    </ol>
  );
}
