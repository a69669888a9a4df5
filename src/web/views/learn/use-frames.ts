// Work in slices between the pictures of the screen, so that the page stays alive while it computes.

import { useEffect, useRef } from 'react';

/** Calls `work` before every picture while `isRunning`. A page in the background rests. */
export function useFrames(isRunning: boolean, work: () => void): void {
  const latest = useRef(work);
  useEffect(() => {
    latest.current = work;
  });
  useEffect(() => {
    if (!isRunning) return undefined;
    let frame = requestAnimationFrame(function tick(): void {
      latest.current();
      frame = requestAnimationFrame(tick);
    });
    return () => cancelAnimationFrame(frame);
  }, [isRunning]);
}
