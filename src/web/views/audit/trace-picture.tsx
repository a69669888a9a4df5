// The history of a coin as a flow: rewards at the left, the coin at the right. The list beside it says the same in words.

import type { ReactNode } from 'react';
import type { TraceStep } from '../../data/audit-trace.ts';
import { formatAmount } from '../../format/amount.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import { computeTraceLayout, type TraceBox, type TraceLine } from './trace-layout.ts';

const BOX_WIDTH = 118;
const BOX_HEIGHT = 40;
/** Decimals of an amount in a box. */
const SHORT_DECIMALS = 5;

/** The picture. */
export function TracePicture({ steps }: { readonly steps: readonly TraceStep[] }): ReactNode {
  const { audit: texts } = useMessages();
  const figures = useFigures();
  const { width, height, boxes, lines } = computeTraceLayout(steps);
  return (
    <figure className="trace" aria-label={texts.traceSummary(figures.integer(boxes.length))}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className="trace-scroll" tabIndex={0} aria-label={texts.traceScroll}>
        <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden="true">
          {lines.map((line, i) => (
            <path key={`${line.key}-${i}`} className="trace-line" strokeWidth={line.thickness} d={drawLine(line)} />
          ))}
          {boxes.map((box) => (
            <StepBox key={box.step.txid} box={box} isCoin={box.step === steps[0]} />
          ))}
        </svg>
      </section>
      {steps.length > boxes.length && (
        <figcaption className="faint small">
          {texts.traceCut(figures.integer(boxes.length), figures.integer(steps.length))}
        </figcaption>
      )}
    </figure>
  );
}

function drawLine({ from, to }: TraceLine): string {
  const start = from.x + BOX_WIDTH / 2;
  const end = to.x - BOX_WIDTH / 2;
  const middle = (start + end) / 2;
  return `M${start} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${end} ${to.y}`;
}

function StepBox({ box: { step, x, y }, isCoin }: { readonly box: TraceBox; readonly isCoin: boolean }): ReactNode {
  const { audit: texts } = useMessages();
  const figures = useFigures();
  const value = formatAmount(step.valueSat).slice(0, SHORT_DECIMALS - 8);
  return (
    <g
      transform={`translate(${x} ${y})`}
      className="trace-box"
      data-kind={isCoin ? 'coin' : step.reward ? 'reward' : ''}
    >
      <rect x={-BOX_WIDTH / 2} y={-BOX_HEIGHT / 2} width={BOX_WIDTH} height={BOX_HEIGHT} rx="7" />
      <text y="-3" textAnchor="middle">
        {isCoin ? texts.thisCoin : texts.page(figures.integer(step.height))}
      </text>
      <text className="trace-value" y="13" textAnchor="middle">
        {value}
      </text>
    </g>
  );
}
