// What stands there while the kernel mines the pages of a private ledger.

import type { ReactNode } from 'react';
import { Skeleton } from '../../components/layout.tsx';
import { useLearnTexts } from './use-texts.ts';

/** A word, and a place for what comes. */
export function Preparing(): ReactNode {
  const texts = useLearnTexts();
  return (
    <div className="stack">
      <p className="faint">{texts.preparing}</p>
      <Skeleton lines={6} />
    </div>
  );
}
