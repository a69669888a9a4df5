// A movement in a few words: what it was, and how sure it is.

import type { ReactNode } from 'react';
import { Badge } from '../../components/layout.tsx';
import { plainText, shortenMiddle } from '../../format/short-text.ts';
import type { Messages } from '../../i18n/en.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import { judgeMovement, type Movement } from './movements.ts';

/** What a movement was, in a few words. */
export function describeMovement({ kind, entries }: Movement, texts: Messages['wallet']['history']): string {
  if (kind === 'mined') return texts.reward;
  if (kind === 'self') return texts.self;
  const [first] = entries;
  const own = first?.label === undefined || first.label === '' ? shortenMiddle(first?.address ?? '') : first.label;
  const name = own === '' ? '' : plainText(own, 60);
  const whole = entries.length > 1 ? texts.several(name, String(entries.length - 1)) : name;
  return kind === 'out' ? texts.sentTo(whole) : texts.receivedAt(whole);
}

/** Confirmations from which nobody counts any more. */
const SURE = 6;

interface MovementBadgeProps {
  readonly movement: Movement;
  readonly tipHeight: number;
}

/** How sure a movement is; nothing where it is as sure as can be. */
export function MovementBadge({ movement, tipHeight }: MovementBadgeProps): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.history;
  const figures = useFigures();
  const state = judgeMovement(movement, tipHeight);
  switch (state.kind) {
    case 'waiting':
      return <Badge kind="warn">{texts.waiting}</Badge>;
    case 'void':
      return <Badge kind="bad">{describeVoid(movement, texts)}</Badge>;
    case 'immature':
      return <Badge>{texts.immature(figures.integer(state.blocksLeft))}</Badge>;
    case 'confirmed':
      return state.confirmations >= SURE ? null : (
        <Badge kind="good">{texts.confirmations(state.confirmations, figures.integer(state.confirmations))}</Badge>
      );
  }
}

function describeVoid({ replacedBy, isAbandoned }: Movement, texts: Messages['wallet']['history']): string {
  if (replacedBy !== null) return texts.replaced;
  return isAbandoned ? texts.abandoned : texts.void;
}
