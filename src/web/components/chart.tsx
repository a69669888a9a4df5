// Lines over blocks or time. The library that draws them is loaded with the first chart; until then a skeleton keeps the place. Those who
// cannot see the picture hear its summary.

import { lazy, type ReactNode, Suspense } from 'react';
import type { ChartProps } from './chart-types.ts';

const ChartCanvas = lazy(async () => ({ default: (await import('./chart-canvas.tsx')).ChartCanvas }));

/** A chart. */
export function Chart(props: ChartProps): ReactNode {
  return (
    <figure className="chart" role="img" aria-label={props.summary}>
      <Suspense fallback={<span className="skeleton chart-place" />}>
        <ChartCanvas {...props} />
      </Suspense>
    </figure>
  );
}
