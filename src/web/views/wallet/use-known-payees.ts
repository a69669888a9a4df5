// Addresses that the wallet has paid before: a payment to a new one deserves a second look.

import { useMemo } from 'react';
import { useMovements } from './use-movements.ts';

/** The addresses. */
export function useKnownPayees(): ReadonlySet<string> {
  const { movements } = useMovements();
  return useMemo(() => {
    const known: Set<string> = new Set();
    for (const { kind, entries } of movements) {
      if (kind !== 'out') continue;
      for (const { address } of entries) if (address !== null) known.add(address);
    }
    return known;
  }, [movements]);
}
