// What becomes of transactions of the mempool, for those who follow it in a node: peers hear of what a reorganisation brings back, as
// they may not have heard of it, and the log of what goes (Core CTxMemPool, PeerManager).

import { formatFeerate } from '../../kernel/policy/feerate.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import type { Unsubscribe } from '../../kernel/util/signal.ts';
import type { Mempool } from '../mempool/mempool.ts';
import type { Logger } from '../ports.ts';

/** Follows the mempool; `relay` tells the peers of a transaction. */
export function followMempoolNews(
  { signals }: Pick<Mempool, 'signals'>,
  log: Pick<Logger, 'debug'>,
  relay: (transaction: Transaction) => void,
): readonly Unsubscribe[] {
  const { added, removed, trimmed } = signals;
  return [
    added.subscribe(({ entry, bypassedLimits }) => {
      if (bypassedLimits) relay(entry.transaction);
    }),
    removed.subscribe(({ entry, wasUnbroadcast }) => {
      if (!wasUnbroadcast) return;
      const txid = formatHash(entry.transaction.txid);
      const what = `Removed ${txid} from set of unbroadcast txns before confirmation that txn was sent out`;
      log.debug('mempool', () => what);
    }),
    trimmed.subscribe(({ count, minimumFeerate }) => {
      const feerate = formatFeerate(minimumFeerate);
      log.debug('mempool', () => `Removed ${count} txn, rolling minimum fee bumped to ${feerate}`);
    }),
  ];
}
