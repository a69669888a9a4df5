// Draws a chart with uPlot: on a canvas, in the colours of the page, which it reads anew when they change.

import { type ReactNode, useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { ChartLine, ChartProps } from './chart-types.ts';

const HEIGHT_PX = 200;
/** Room for the longest figure at the left, in pixels per letter. */
const LETTER_PX = 7;
const AXIS_PX_MIN = 40;
/** Room for half of the last figure along the bottom: the longest is a time of day. */
const END_PX = 40;
/** Room above the highest value. */
const HEADROOM = 1.1;
/** Least distance of two figures along the bottom. */
const TICK_SPACE_PX = 90;
/** Blocks and seconds come whole. */
const WHOLE_STEPS: readonly number[] = Object.freeze(
  [1, 10, 100, 1000, 10_000, 100_000, 1_000_000].flatMap((power) => [power, 2 * power, 5 * power]),
);

/** The picture of a chart. */
export function ChartCanvas(props: ChartProps): ReactNode {
  const frame = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const shape = props.lines.map(({ name, kind, colour }) => `${name}|${kind}|${colour}`).join(',');
  const heightPx = props.heightPx ?? HEIGHT_PX;
  const plot = useRef<uPlot | null>(null);
  useEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const drawn = new uPlot(createOptions(element, latest, heightPx), toData(latest.current), element);
    plot.current = drawn;
    const stop = followFrame(element, drawn, heightPx);
    return () => {
      stop();
      drawn.destroy();
      plot.current = null;
    };
  }, [shape, heightPx, props.isLogarithmic, props.atName]);
  useEffect(() => {
    if (plot.current === null) return;
    plot.current.setData(toData({ ...latest.current, at: props.at, lines: props.lines }));
    if (plot.current.cursor.idx == null) showLast(plot.current);
  }, [props.at, props.lines]);
  return <div ref={frame} />;
}

/** While nobody points at a place the legend tells the last values. */
function showLast(plot: uPlot): void {
  plot.setLegend({ idx: plot.data[0].length - 1 }, false);
}

type Latest = { readonly current: ChartProps };

function toData({ at, lines }: ChartProps): uPlot.AlignedData {
  return [at as number[], ...lines.map(({ values }) => values as (number | null)[])];
}

/** A colour of the page by its name, as a canvas understands it. */
function readColour(element: HTMLElement, name: string): string {
  element.style.color = `var(${name})`;
  const { color } = getComputedStyle(element);
  element.style.color = '';
  return color;
}

function createOptions(element: HTMLElement, latest: Latest, heightPx: number): uPlot.Options {
  const { atName, lines, isLogarithmic = false, isFromZero = false } = latest.current;
  const font = `12px ${getComputedStyle(element).fontFamily}`;
  const axis: uPlot.Axis = {
    font,
    stroke: () => readColour(element, '--ink-faint'),
    grid: { stroke: () => readColour(element, '--rule'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height: heightPx,
    padding: [null, END_PX, null, null],
    scales: { x: { time: false }, y: createScale(isLogarithmic, isFromZero) },
    cursor: { points: { size: 7 }, drag: { x: false, y: false } },
    legend: { show: true, live: true },
    hooks: {
      ready: [showLast],
      setCursor: [(plot) => plot.cursor.idx == null && showLast(plot)],
    },
    axes: [
      {
        ...axis,
        space: TICK_SPACE_PX,
        incrs: [...WHOLE_STEPS],
        values: (_, ticks) => ticks.map((tick) => latest.current.formatAt(tick)),
      },
      {
        ...axis,
        size: (_, texts) => Math.max(AXIS_PX_MIN, ...(texts ?? []).map((text) => 14 + (text ?? '').length * LETTER_PX)),
        values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : latest.current.formatValue(tick))),
      },
    ],
    series: [
      { label: atName, value: (_, at) => (at === null ? '–' : latest.current.formatAt(at)) },
      ...lines.map((line) => createSeries(element, latest, line)),
    ],
  };
}

function createScale(isLogarithmic: boolean, isFromZero: boolean): uPlot.Scale {
  if (isLogarithmic) return { distr: 3 };
  return isFromZero ? { range: (_, _min, max) => [0, max > 0 ? max * HEADROOM : 1] } : {};
}

function createSeries(
  element: HTMLElement,
  latest: Latest,
  { name, kind, colour = '--accent' }: ChartLine,
): uPlot.Series {
  const paint = (): string => readColour(element, colour);
  return {
    label: name,
    stroke: paint,
    width: kind === 'dots' ? 0 : 1.75,
    ...(kind === 'area' ? { fill: () => readColour(element, '--accent-soft') } : {}),
    ...(kind === 'dashes' ? { dash: [6, 5] } : {}),
    ...(kind === 'steps' ? { paths: uPlot.paths.stepped!({ align: 1 }) } : {}),
    points: kind === 'dots' ? { show: true, size: 4, fill: paint } : { show: false },
    value: (_, value) => (value === null ? '–' : latest.current.formatValue(value)),
  };
}

/** Keeps the picture as wide as its frame and in the colours of the page; the function that is given back ends it. */
function followFrame(element: HTMLElement, plot: uPlot, heightPx: number): () => void {
  const size = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: heightPx }));
  size.observe(element);
  const redraw = (): void => plot.redraw(false, true);
  const scheme = new MutationObserver(redraw);
  scheme.observe(document.documentElement, { attributeFilter: ['data-scheme'] });
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', redraw);
  return () => {
    size.disconnect();
    scheme.disconnect();
    dark.removeEventListener('change', redraw);
  };
}
