// Whether a condition on the screen holds, for the few pictures that are drawn otherwise on a phone; layout is up to the style sheets.

import { useSyncExternalStore } from 'react';

/** Screens of phones, as in the style sheets. */
export const NARROW = '(width < 40rem)';

/** Whether a media query holds, now and when it changes. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = matchMedia(query);
      list.addEventListener('change', listener);
      return () => list.removeEventListener('change', listener);
    },
    () => matchMedia(query).matches,
  );
}
