// An address as a person compares it: in groups of four, none of them left out. Marked and copied it is whole again, without blanks.

import type { ReactNode } from 'react';
import { groupAddress } from './review.ts';

/** The address. */
export function GroupedAddress({ address }: { readonly address: string }): ReactNode {
  return (
    <span className="grouped" translate="no">
      {groupAddress(address).map((group, place) => (
        <span key={place}>{group}</span>
      ))}
    </span>
  );
}
