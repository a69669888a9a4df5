// A seal that holds, or one that is broken in two.

import type { ReactNode } from 'react';

/** The seal; what it says stands beside it. */
export function SealPicture({ kind }: { readonly kind: 'none' | 'good' | 'bad' }): ReactNode {
  const teeth = Array.from({ length: 24 }, (_, i) => {
    const angle = (i / 24) * 2 * Math.PI;
    const radius = i % 2 === 0 ? 34 : 29;
    return `${i === 0 ? 'M' : 'L'}${(40 + radius * Math.cos(angle)).toFixed(1)} ${(40 + radius * Math.sin(angle)).toFixed(1)}`;
  }).join('');
  return (
    <svg className="seal-picture" viewBox="0 0 80 80" data-kind={kind} aria-hidden="true">
      <path className="seal-edge" d={`${teeth}Z`} />
      <circle className="seal-face" cx="40" cy="40" r="23" />
      {kind === 'good' && <path className="seal-mark" d="M30 41l7 7 14-16" />}
      {kind === 'bad' && <path className="seal-crack" d="M46 2 36 26l9 10-9 12 8 9-6 21" />}
    </svg>
  );
}
