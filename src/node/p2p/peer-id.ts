// What a peer is called while it is connected. Numbers are given in order and never again, so that what comes late for a peer
// that has gone cannot hit another (D10: they are safe up to 2^53).

import type { Brand } from '../../kernel/util/brand.ts';

/** Number of a connection. */
export type PeerId = Brand<number, 'PeerId'>;

/** Names a number a peer. */
export function asPeerId(id: number): PeerId {
  return id as PeerId;
}
