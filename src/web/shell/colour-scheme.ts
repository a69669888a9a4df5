// Dark or light: as the system wants it until a person chooses.

import { useEffect, useState } from 'react';
import { readChoice, writeChoice } from '../../platform/browser/stored-choice.ts';

/** The two sets of colours. */
export type ColourScheme = 'light' | 'dark';

const SCHEMES: readonly ColourScheme[] = Object.freeze(['light', 'dark']);

/** Sets the colours that a person chose before, if any; done before anything is drawn. */
export function applyStoredScheme(): void {
  const stored = readChoice('scheme', SCHEMES);
  if (stored !== null) document.documentElement.dataset['scheme'] = stored;
}

/** The colours that are shown, and how to change them. */
export function useColourScheme(): readonly [scheme: ColourScheme, toggle: () => void] {
  const [chosen, setChosen] = useState(() => readChoice('scheme', SCHEMES));
  const [ofSystem, setOfSystem] = useState<ColourScheme>(readSystemScheme);
  useEffect(() => {
    const dark = matchMedia(DARK);
    const listen = (): void => setOfSystem(readSystemScheme());
    dark.addEventListener('change', listen);
    return () => dark.removeEventListener('change', listen);
  }, []);
  const scheme = chosen ?? ofSystem;
  const toggle = (): void => {
    const next = scheme === 'dark' ? 'light' : 'dark';
    writeChoice('scheme', next);
    document.documentElement.dataset['scheme'] = next;
    setChosen(next);
  };
  return [scheme, toggle];
}

const DARK = '(prefers-color-scheme: dark)';

function readSystemScheme(): ColourScheme {
  return matchMedia(DARK).matches ? 'dark' : 'light';
}
