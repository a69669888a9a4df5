// The pictures on buttons and in the navigation, drawn as lines on a field of 24 by 24. They mean nothing by themselves: the text
// beside them, or the label of the button around them, does.

import type { ReactNode } from 'react';

const PATHS = {
  ledger: 'M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3zM5 17a3 3 0 0 1 3-3h11M9 8h6',
  wallet: 'M4 7.5A2.5 2.5 0 0 1 6.5 5H17v3M4 7.5V17a2 2 0 0 0 2 2h14V8H6.5M16 13.5h.01',
  miner: 'M4 20 13 11M8.5 4.5c5 0 10 4 11 11-3-4-6-6-8-7.5S8 6 8.5 4.5z',
  network:
    'M12 12 5.5 6.5M12 12l6.5-5.5M12 12v7.5M12 14a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM5 7.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM19 7.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM12 22a2 2 0 1 0 0-4 2 2 0 0 0 0 4z',
  audit: 'M4 5h9M4 10h6M4 15h5M12 16l3 3 6-7',
  learn: 'M3 9l9-4 9 4-9 4zM7 11v5c2.5 2 7.5 2 10 0v-5M21 9v6',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM20 20l-4-4',
  copy: 'M9 9h10v11H9zM5 15V4h10',
  check: 'M5 13l4.5 4.5L19 7',
  close: 'M6 6l12 12M18 6 6 18',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z',
  left: 'M14.5 6 8.5 12l6 6',
  right: 'M9.5 6l6 6-6 6',
  out: 'M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  plus: 'M12 5v14M5 12h14',
  arrow: 'M4 12h15M13 6l6 6-6 6',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  warning: 'M12 4 2.5 20h19zM12 10v4.5M12 17.5h.01',
} as const;

/** The name of a picture. */
export type IconName = keyof typeof PATHS;

/** A picture; its size is that of the class it stands in. */
export function Icon({ name }: { readonly name: IconName }): ReactNode {
  return (
    <svg
      viewBox="0 0 24 24"
      width="20"
      height="20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.7"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The mark of the program: four strokes and one across. */
export function BrandMark(): ReactNode {
  return (
    <svg viewBox="0 0 64 64" width="30" height="30" aria-hidden="true">
      <rect width="64" height="64" rx="14" fill="var(--accent)" />
      <g stroke="var(--on-accent)" strokeWidth="4.5" strokeLinecap="round">
        <path d="M18 16v32M27.5 16v32M37 16v32M46.5 16v32" />
        <path d="M10.5 41.5 54 22.5" />
      </g>
    </svg>
  );
}
