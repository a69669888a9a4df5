// Where a person stands in something that takes several steps.

import { type ReactNode, useEffect, useRef } from 'react';
import { useFigures, useMessages } from '../../i18n/messages.tsx';

interface StepsHeadProps {
  /** From 1. */
  readonly step: number;
  readonly stepCount: number;
  readonly title: string;
}

/** The title of a step; the focus goes to it, so that those who listen hear that something changed. */
export function StepsHead({ step, stepCount, title }: StepsHeadProps): ReactNode {
  const { wallet: texts } = useMessages();
  const figures = useFigures();
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (step > 1) head.current?.focus();
  }, [step]);
  return (
    <div className="stack steps-head">
      <p className="small faint">{texts.create.steps(figures.integer(step), figures.integer(stepCount))}</p>
      <progress className="progress" value={step} max={stepCount} aria-hidden="true" />
      <h2 ref={head} tabIndex={-1}>
        {title}
      </h2>
    </div>
  );
}
