// Shows what the node answers: a skeleton while it is awaited, the fault where there is one, else what `children` make of it. What was
// known before stays on screen while it is asked for anew, and when a later attempt fails.

import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Skeleton } from './layout.tsx';
import { Fault } from './notice.tsx';

interface AnswerProps<T> {
  readonly of: UseQueryResult<T>;
  /** What stands there while nothing is known yet. */
  readonly waiting?: ReactNode;
  /** What to show for a fault that has better words here; null: none. */
  readonly onFault?: (error: unknown) => ReactNode;
  readonly children: (data: T) => ReactNode;
}

/** What the node answers. */
export function Answer<T>({ of: query, waiting = <Skeleton />, onFault, children }: AnswerProps<T>): ReactNode {
  if (query.data !== undefined) return children(query.data);
  if (query.error === null) return waiting;
  return onFault?.(query.error) ?? <Fault error={query.error} onRetry={() => void query.refetch()} />;
}
