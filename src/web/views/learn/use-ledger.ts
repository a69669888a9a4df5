// A private ledger for a lesson: opened when the lesson is shown, and again when it starts over.

import { useCallback, useEffect, useReducer, useState } from 'react';
import { LessonLedger } from '../../../platform/browser/lesson-ledger.ts';

/** The ledger of a lesson, and what changes with it. */
export interface LedgerPlay {
  /** Null: it is being prepared. */
  readonly ledger: LessonLedger | null;
  /** Grows with every change: the ledger is a machine, and is read again then. */
  readonly version: number;
  readonly changed: () => void;
  readonly startOver: () => void;
}

/** A ledger of one's own. */
export function useLedger(): LedgerPlay {
  const [ledger, setLedger] = useState<LessonLedger | null>(null);
  const [version, changed] = useReducer((count: number) => count + 1, 0);
  const [round, startOver] = useReducer((count: number) => count + 1, 0);
  // A new round is what a new ledger is for.
  useEffect(() => {
    let isWanted = true;
    setLedger(null);
    void LessonLedger.open().then((opened) => {
      if (isWanted) setLedger(opened);
    });
    return () => {
      isWanted = false;
    };
  }, [round]);
  return { ledger, version, changed: useCallback(changed, []), startOver: useCallback(startOver, []) };
}
