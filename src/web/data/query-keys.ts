// Names of what the page keeps of the node's answers, and which of them an event makes old. The first word says what an answer
// depends on; a view that follows the chain uses a key that begins with 'chain' and is never out of date.

import type { LedgerEvent } from './ledger-event.ts';

/** What answers depend on. */
export type KeyTopic =
  | 'chain'
  | 'block'
  | 'transaction'
  | 'address'
  | 'mempool'
  | 'peers'
  | 'miner'
  | 'nodes'
  | 'wallet'
  | 'wallets'
  | 'audit';

/** A name of an answer. */
export type Key = readonly [KeyTopic, ...unknown[]];

/** Everything is old. */
export const ALL_KEYS = 'all';

/** The beginnings of the keys whose answers are old after `event`. */
export function listStaleKeys(event: LedgerEvent): typeof ALL_KEYS | readonly Key[] {
  switch (event.type) {
    case 'reset':
    case 'rewound':
      return ALL_KEYS;
    case 'hello':
      return event.isResumed ? [] : ALL_KEYS;
    case 'block-connected':
      // The block before learns of its successor; what waited may be in the block now.
      return [['chain'], ['block', event.previousHash], ['transaction'], ['address'], ['mempool'], ['miner']];
    case 'block-disconnected':
      return [['chain'], ['block'], ['transaction'], ['address'], ['mempool']];
    case 'tip':
      return [['chain'], ['mempool']];
    case 'transaction-added':
    case 'transaction-removed':
      return [['mempool'], ['transaction', event.txid], ['address']];
    case 'pool':
      return [['mempool'], ['transaction'], ['address']];
    case 'peers':
      return [['peers']];
    case 'nodes':
      return [['nodes']];
    case 'miner':
      return [['miner']];
    case 'wallet':
      // Opened or closed, locked or unlocked: the list of wallets tells of it, too.
      return event.what === 'changed' ? [['wallet', event.name]] : [['wallet'], ['wallets']];
    case 'progress':
      return event.task === 'audit' ? [['audit']] : [];
  }
}
