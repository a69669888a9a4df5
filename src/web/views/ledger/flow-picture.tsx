// A transaction as a flow: what is spent at the left, what it becomes at the right, the fee in another colour. The rows are text that
// everyone can read; the ribbons between them are a picture for the eye alone.

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Amount } from '../../components/figures.tsx';
import type { Transaction } from '../../data/transaction-query.ts';
import { formatAmount } from '../../format/amount.ts';
import { shortenMiddle } from '../../format/short-text.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import { computeFlow, drawRibbon } from './flow-layout.ts';
import { type FlowRow, fillUnknown, listFlowRows } from './flow-rows.ts';

/** Height of a row; the style sheet has the same in rem. */
const ROW_PX = 64;
/** The picture is stretched to the width there is. */
const WIDTH = 100;
const BAR_WIDTH = 6;

/** The picture of a transaction. */
export function FlowPicture({ transaction }: { readonly transaction: Transaction }): ReactNode {
  const { ledger } = useMessages();
  const { inputs, outputs } = listFlowRows(transaction);
  const fee = transaction.feeSat === null ? '–' : formatAmount(transaction.feeSat);
  return (
    <figure
      className="flow"
      aria-label={ledger.flowSummary(transaction.inputs.length, transaction.outputs.length, fee)}
    >
      <FlowSide rows={inputs} name={ledger.inputs} />
      <Ribbons inputs={inputs} outputs={outputs} />
      <FlowSide rows={outputs} name={ledger.outputs} />
    </figure>
  );
}

interface RibbonsProps {
  readonly inputs: readonly FlowRow[];
  readonly outputs: readonly FlowRow[];
}

function Ribbons({ inputs, outputs }: RibbonsProps): ReactNode {
  const outputsSat = outputs.map(({ sat }) => sat ?? 0);
  const outputSumSat = outputsSat.reduce((sum, sat) => sum + sat, 0);
  const flow = computeFlow(fillUnknown(inputs, outputSumSat), outputsSat, ROW_PX);
  const left = (WIDTH - BAR_WIDTH) / 2;
  const right = left + BAR_WIDTH;
  return (
    <svg
      className="flow-picture"
      viewBox={`0 0 ${WIDTH} ${flow.height}`}
      preserveAspectRatio="none"
      height={flow.height}
      aria-hidden="true"
    >
      {flow.inputs.map(({ rowY, barY, thickness }, i) => (
        <path key={inputs[i]!.key} className="flow-ribbon" d={drawRibbon(0, rowY, left, barY, thickness)} />
      ))}
      {flow.outputs.map(({ rowY, barY, thickness }, i) => (
        <path
          key={outputs[i]!.key}
          className="flow-ribbon"
          data-kind={outputs[i]!.kind}
          d={drawRibbon(right, barY, WIDTH, rowY, thickness)}
        />
      ))}
      <rect className="flow-bar" x={left} y={flow.barTop} width={BAR_WIDTH} height={flow.barHeight} />
    </svg>
  );
}

function FlowSide({ rows, name }: { readonly rows: readonly FlowRow[]; readonly name: string }): ReactNode {
  return (
    <ul className="flow-side" aria-label={name}>
      {rows.map((row) => (
        <li key={row.key} className="flow-row">
          <RowName row={row} />
          {row.sat === null ? <span className="faint">?</span> : <Amount sat={row.sat} />}
        </li>
      ))}
    </ul>
  );
}

/** Letters at each end of an address in the picture. */
const END_LETTERS = 6;

function RowName({ row: { kind, address, type, count } }: { readonly row: FlowRow }): ReactNode {
  const { ledger } = useMessages();
  const figures = useFigures();
  if (address !== null) {
    return (
      <Link to="/address/$address" params={{ address }} className="hash" title={address}>
        {shortenMiddle(address, END_LETTERS)}
      </Link>
    );
  }
  const names: Readonly<Record<FlowRow['kind'], string>> = {
    input: type ?? ledger.noAddress,
    output: type ?? ledger.noAddress,
    data: ledger.dataOutput,
    coinbase: ledger.newCoins,
    fee: ledger.fee,
    more: ledger.flowMore(figures.integer(count)),
  };
  return <span>{names[kind]}</span>;
}
