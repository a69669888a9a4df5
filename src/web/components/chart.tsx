// Lines over blocks or time. The library that draws them comes with the first view that has charts, while that view still asks the node;
// until both are there a skeleton keeps the place. Those who cannot see the picture hear its summary.

import { type ReactNode, useEffect, useState } from 'react';
import type { ChartProps } from './chart-types.ts';

type Canvas = typeof import('./chart-canvas.tsx');

let loaded: Canvas | null = null;
let loading: Promise<Canvas> | null = null;

/** Loads the library once; what failed may be tried again. */
function load(): Promise<Canvas> {
  loading ??= import('./chart-canvas.tsx').then(
    (canvas) => {
      loaded = canvas;
      return canvas;
    },
    (error: unknown) => {
      loading = null;
      throw error;
    },
  );
  return loading;
}

// Whoever imports this file is about to draw.
load().catch(() => undefined);

/** The library as soon as it is there. Not `lazy`: React holds back what replaces a skeleton of its own for 300 ms. */
function useCanvas(): Canvas | null {
  const [canvas, setCanvas] = useState(loaded);
  useEffect(() => {
    if (canvas !== null) return undefined;
    let isGone = false;
    load().then(
      (module) => isGone || setCanvas(module),
      (error: unknown) => {
        if (isGone) return;
        // Thrown while the view is drawn, where a fault is shown.
        setCanvas(() => {
          throw error;
        });
      },
    );
    return () => {
      isGone = true;
    };
  }, [canvas]);
  return canvas;
}

/** A chart. */
export function Chart(props: ChartProps): ReactNode {
  const canvas = useCanvas();
  return (
    <figure className="chart" role="img" aria-label={props.summary}>
      {canvas === null ? <span className="skeleton chart-place" /> : <canvas.ChartCanvas {...props} />}
    </figure>
  );
}
