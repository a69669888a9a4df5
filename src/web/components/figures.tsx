// Amounts, hashes and times as every view shows them.

import { type ReactNode, useEffect, useSyncExternalStore } from 'react';
import { useApp } from '../data/app-context.tsx';
import { formatAmount, splitAmount, unitOf } from '../format/amount.ts';
import { shortenMiddle } from '../format/short-text.ts';
import { useFigures, useMessages } from '../i18n/messages.tsx';
import { CopyButton } from './copy-button.tsx';

/** What amounts are called on the ledger that is shown. */
export function useUnit(): string {
  const { common } = useMessages();
  return unitOf(useApp().session.network) ?? common.unit;
}

interface AmountProps {
  readonly sat: number;
  /** Whether what is above zero has a plus. */
  readonly isSigned?: boolean;
  readonly hasUnit?: boolean;
}

/** An amount with its decimals in groups; the zeros at its end are pale. */
export function Amount({ sat, isSigned = false, hasUnit = true }: AmountProps): ReactNode {
  const unit = useUnit();
  const { main, rest } = splitAmount(sat, isSigned);
  return (
    <span className="amount">
      <span className="visually-hidden">{`${formatAmount(sat)} ${unit}`}</span>
      <span aria-hidden="true">
        {main}
        <span className="amount-rest">{rest}</span>
        {hasUnit && <span className="amount-unit"> {unit}</span>}
      </span>
    </span>
  );
}

interface HashProps {
  readonly text: string;
  /** What it is, for the copy button; without it there is none. */
  readonly what?: string;
  /** Whether all of it is shown. */
  readonly isWhole?: boolean;
}

/** A hash or an address: its ends, or all of it. */
export function Hash({ text, what, isWhole = false }: HashProps): ReactNode {
  return (
    <>
      <span className={isWhole ? 'hash hash-full' : 'hash'} title={isWhole ? undefined : text}>
        {isWhole ? text : shortenMiddle(text)}
      </span>
      {what !== undefined && (
        <>
          {' '}
          <CopyButton text={text} what={what} />
        </>
      )}
    </>
  );
}

const SECOND_MS = 1000;

/** One clock for all times on screen. */
const clock = {
  listeners: new Set<() => void>(),
  timer: null as ReturnType<typeof setInterval> | null,
  nowSec: Math.floor(Date.now() / SECOND_MS),
  subscribe: (listener: () => void): (() => void) => {
    clock.listeners.add(listener);
    clock.timer ??= setInterval(clock.tick, SECOND_MS);
    return () => {
      clock.listeners.delete(listener);
      if (clock.listeners.size > 0 || clock.timer === null) return;
      clearInterval(clock.timer);
      clock.timer = null;
    };
  },
  tick: (): void => {
    clock.nowSec = Math.floor(Date.now() / SECOND_MS);
    for (const listener of clock.listeners) listener();
  },
};

/** The time in seconds since 1970, moving on. */
export function useNowSec(): number {
  useEffect(clock.tick, []);
  return useSyncExternalStore(clock.subscribe, () => clock.nowSec);
}

/** How long ago a moment was; the exact time shows on hover and is read to those who listen. */
export function Time({ timeSec }: { readonly timeSec: number }): ReactNode {
  const figures = useFigures();
  const relative = figures.relativeTime(timeSec, useNowSec());
  const exact = figures.exactTime(timeSec);
  return (
    <time dateTime={new Date(timeSec * SECOND_MS).toISOString()} title={exact}>
      {relative}
    </time>
  );
}
