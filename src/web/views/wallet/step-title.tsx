// The title of something that has taken the place of something else: it comes into view and gets the focus, so that those who listen
// hear it, and nobody looks for it further down.

import { type ReactNode, useEffect, useRef } from 'react';

interface StepTitleProps {
  /** How deep it stands; under the name of the wallet and of its part. */
  readonly level?: 2 | 3;
  readonly children: ReactNode;
}

/** The title. */
export function StepTitle({ level = 3, children }: StepTitleProps): ReactNode {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    head.current?.focus({ preventScroll: true });
    head.current?.scrollIntoView({ block: 'center' });
  }, []);
  const Heading = level === 2 ? 'h2' : 'h3';
  return (
    <Heading ref={head} tabIndex={-1} className="step-title">
      {children}
    </Heading>
  );
}
