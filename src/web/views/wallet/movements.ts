// A history as a person tells it: one row for each transaction, with what it changed. The node tells of single outputs; a payment to
// two people is two of them, and its fee stands in both.

import { REWARD_MATURITY } from '../../data/wallet-coins.ts';
import type { HistoryEntry } from '../../data/wallet-history.ts';

/** What a movement is. */
export type MovementKind = 'in' | 'out' | 'self' | 'mined';

/** One transaction of a wallet. */
export interface Movement {
  readonly txid: string;
  readonly kind: MovementKind;
  /** What the wallet had more after it; below zero: less. The fee is in it. */
  readonly changeSat: number;
  /** What the wallet paid as a fee; 0: others did, or nobody. */
  readonly feeSat: number;
  /** The outputs that it is told of by: those that were paid, or those that were received. */
  readonly entries: readonly HistoryEntry[];
  readonly height: number | null;
  readonly blockHash: string | null;
  readonly timeSec: number;
  readonly isVoid: boolean;
  readonly isAbandoned: boolean;
  readonly replacedBy: string | null;
}

/** The movements of a history, newest first: what waits is newer than all that is settled. */
export function listMovements(history: readonly HistoryEntry[]): readonly Movement[] {
  const groups: Map<string, HistoryEntry[]> = new Map();
  for (const entry of history) {
    const group = groups.get(entry.txid);
    if (group === undefined) groups.set(entry.txid, [entry]);
    else group.push(entry);
  }
  const movements = [...groups.values()].map(toMovement);
  return movements.sort((a, b) => rank(a) - rank(b) || b.timeSec - a.timeSec || (b.height ?? 0) - (a.height ?? 0));
}

function rank({ height, isVoid }: Movement): number {
  return height === null && !isVoid ? 0 : 1;
}

function toMovement(entries: readonly HistoryEntry[]): Movement {
  const first = entries[0]!;
  const feeSat = entries.find((entry) => entry.feeSat !== null)?.feeSat ?? 0;
  const paid = entries.filter(({ kind }) => kind === 'out');
  const changeSat = entries.reduce((sum, { amountSat }) => sum + amountSat, 0) - feeSat;
  const kind = paid.length === 0 ? (first.kind === 'mined' ? 'mined' : 'in') : changeSat === -feeSat ? 'self' : 'out';
  return {
    txid: first.txid,
    kind,
    changeSat,
    feeSat,
    entries: paid.length === 0 ? entries : paid,
    height: first.height,
    blockHash: first.blockHash,
    timeSec: first.timeSec,
    isVoid: entries.every(({ isVoid }) => isVoid),
    isAbandoned: first.isAbandoned,
    replacedBy: first.replacedBy,
  };
}

/** How sure a movement is. */
export type MovementState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'void' }
  /** A reward that can be spent in so many blocks. */
  | { readonly kind: 'immature'; readonly blocksLeft: number }
  | { readonly kind: 'confirmed'; readonly confirmations: number };

/** How sure a movement is when the last block has a height. */
export function judgeMovement({ isVoid, height, kind }: Movement, tipHeight: number): MovementState {
  if (isVoid) return { kind: 'void' };
  if (height === null) return { kind: 'waiting' };
  const confirmations = Math.max(1, tipHeight - height + 1);
  // The block that spends a reward must be the hundredth after it.
  const blocksLeft = REWARD_MATURITY + 1 - confirmations;
  if (kind === 'mined' && blocksLeft > 0) return { kind: 'immature', blocksLeft };
  return { kind: 'confirmed', confirmations };
}

/** What a list of movements may be cut down to. */
export const MOVEMENT_FILTERS = ['all', 'in', 'out', 'mined'] as const;

/** One of them. */
export type MovementFilter = (typeof MOVEMENT_FILTERS)[number];

/** Movements of a kind whose names, addresses or id have a text. */
export function filterMovements(
  movements: readonly Movement[],
  filter: MovementFilter,
  search: string,
): readonly Movement[] {
  const wanted = search.trim().toLowerCase();
  return movements.filter(({ kind, txid, entries }) => {
    if (filter !== 'all' && (kind === 'self' ? 'out' : kind) !== filter) return false;
    if (wanted === '') return true;
    return (
      txid.startsWith(wanted) ||
      entries.some(
        ({ address, label }) =>
          label.toLowerCase().includes(wanted) || address?.toLowerCase().includes(wanted) === true,
      )
    );
  });
}
