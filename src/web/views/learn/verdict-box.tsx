// What the kernel says of something that was tried: accepted, or the refusal with its rule. It is read out when it changes.

import type { ReactNode } from 'react';
import type { RefusalText } from '../../../platform/browser/refusal-text.ts';
import { Icon } from '../../components/icon.tsx';
import { Refusal } from '../../components/refusal.tsx';

interface VerdictBoxProps {
  readonly refusal: RefusalText | null;
  /** What is said where nothing was refused; null: nothing was tried. */
  readonly accepted: string | null;
  readonly title?: string;
}

/** The verdict. */
export function VerdictBox({ refusal, accepted, title }: VerdictBoxProps): ReactNode {
  return (
    <div role="status" className="verdict-box">
      {refusal !== null && <Refusal refusal={refusal} {...(title === undefined ? {} : { title })} />}
      {refusal === null && accepted !== null && (
        <p className="accepted">
          <Icon name="check" />
          <span>{accepted}</span>
        </p>
      )}
    </div>
  );
}
