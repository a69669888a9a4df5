// Ties the fee estimator to the signals of the mempool (Core: the estimator is a CValidationInterface). What left because of a
// block is told again with the block, and counted there.

import type { Unsubscribe } from '../../kernel/util/signal.ts';
import type { FeeEstimator } from './fee-estimator.ts';
import type { AdditionCircumstances, MempoolSignals } from './mempool-events.ts';

/** True when how a transaction came says something about feerates (Core validForFeeEstimation). */
export function isValidForEstimation(circumstances: AdditionCircumstances): boolean {
  const { bypassedLimits, isInPackage, isChainCurrent, hasMempoolParents } = circumstances;
  return !bypassedLimits && !isInPackage && isChainCurrent && !hasMempoolParents;
}

/** Feeds the estimator from now on; the answer ends it. */
export function feedFeeEstimator(estimator: FeeEstimator, signals: MempoolSignals): Unsubscribe {
  const ends = [
    signals.added.subscribe((event) => estimator.transactionAdded(event.entry, isValidForEstimation(event))),
    signals.removed.subscribe(({ entry, reason }) => {
      if (reason !== 'block') estimator.transactionRemoved(entry.transaction.txid);
    }),
    signals.removedForBlock.subscribe(({ height, entries }) => estimator.blockConnected(height, entries)),
  ];
  return () => {
    for (const end of ends) end();
  };
}
