// Movements as rows; a press on one shows its details. Only the rows on screen exist.

import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Amount, Time } from '../../components/figures.tsx';
import { VirtualRows } from '../../components/virtual-rows.tsx';
import { useClient } from '../../data/app-context.tsx';
import { tipHeightQuery } from '../../data/wallet-info.ts';
import { useMessages } from '../../i18n/messages.tsx';
import { MovementDialog } from './movement-dialog.tsx';
import { describeMovement, MovementBadge } from './movement-words.tsx';
import type { Movement } from './movements.ts';

const ROW_PX = 68;

/** The rows. */
export function MovementRows({ movements }: { readonly movements: readonly Movement[] }): ReactNode {
  const { wallet: texts } = useMessages();
  const tipHeight = useQuery(tipHeightQuery(useClient())).data ?? 0;
  const [openTxid, setOpenTxid] = useState<string | null>(null);
  const open = openTxid === null ? undefined : movements.find(({ txid }) => txid === openTxid);
  return (
    <>
      <VirtualRows items={movements} keyOf={({ txid }) => txid} rowPx={ROW_PX} label={texts.history.list}>
        {(movement) => (
          <MovementRow movement={movement} tipHeight={tipHeight} onOpen={() => setOpenTxid(movement.txid)} />
        )}
      </VirtualRows>
      {open !== undefined && <MovementDialog movement={open} tipHeight={tipHeight} onClose={() => setOpenTxid(null)} />}
    </>
  );
}

interface MovementRowProps {
  readonly movement: Movement;
  readonly tipHeight: number;
  readonly onOpen: () => void;
}

function MovementRow({ movement, tipHeight, onOpen }: MovementRowProps): ReactNode {
  const { wallet: texts } = useMessages();
  const { kind, changeSat, timeSec, isVoid } = movement;
  return (
    <button type="button" className="row row-movement" data-void={isVoid} onClick={onOpen}>
      <span className="movement-mark" data-kind={kind} aria-hidden="true" />
      <span className="row-name">{describeMovement(movement, texts.history)}</span>
      <span className="row-side">
        <Time timeSec={timeSec} />
      </span>
      <span className="row-state">
        <MovementBadge movement={movement} tipHeight={tipHeight} />
      </span>
      <span className="number row-change" data-sign={changeSat > 0 ? '1' : '-1'}>
        <Amount sat={changeSat} isSigned />
      </span>
    </button>
  );
}
