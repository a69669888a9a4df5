// Asks again for what is old, one round after another: an answer that is on its way is waited for before the same is asked once more.
// Where blocks come faster than answers, as in the first seconds of a new ledger, a page would otherwise pile up requests without end
// and never show any answer, because each new question would put the one before aside.

import { hashKey, type QueryClient } from '@tanstack/react-query';
import type { Key } from './query-keys.ts';

/** Least time between two rounds of the same questions. The first of them never waits. */
const PAUSE_MS = 100;

/** Rounds that are under way by the names of their keys: whether one more must follow. */
type Rounds = Map<string, boolean>;

const roundsOf: WeakMap<QueryClient, Rounds> = new WeakMap();

/** Asks again for all answers whose keys begin with this one, now or after the round that is under way. */
export function refresh(queries: QueryClient, queryKey: Key): void {
  const rounds = roundsOf.get(queries) ?? new Map<string, boolean>();
  roundsOf.set(queries, rounds);
  const name = hashKey(queryKey);
  const isUnderWay = rounds.has(name);
  rounds.set(name, isUnderWay);
  if (!isUnderWay) void goRound(queries, rounds, queryKey, name);
}

async function goRound(queries: QueryClient, rounds: Rounds, queryKey: Key, name: string): Promise<void> {
  do {
    rounds.set(name, false);
    await queries.invalidateQueries({ queryKey });
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  } while (rounds.get(name) === true);
  rounds.delete(name);
}
