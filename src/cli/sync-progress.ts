// What a person sees while a node catches up with its network: one line with the share of all transactions that are in the chain,
// the block it is at, and the time left. It appears with the first headers and goes away when the chain is of today.

import type { Chainstate } from '../kernel/chain/chainstate.ts';
import type { ChainParams } from '../kernel/consensus/params.ts';
import { guessProgress } from '../node/app/verification-progress.ts';
import type { Logger } from './log.ts';
import { formatCount, type ProgressDisplay } from './progress.ts';

/** Shows the progress of a chain until it has caught up; returns what ends that earlier. */
export function showSyncProgress(
  chain: Pick<Chainstate, 'index' | 'active' | 'height' | 'isInitialDownload' | 'signals'>,
  params: ChainParams,
  progress: ProgressDisplay,
  log: Logger,
  nowSec: () => number,
): () => void {
  const { index, active, signals } = chain;
  let isShown = false;
  const subscriptions: (() => void)[] = [];
  const end = (): void => {
    for (const unsubscribe of subscriptions.splice(0)) unsubscribe();
    if (isShown) progress.end();
    isShown = false;
  };
  const look = (): void => {
    if (!chain.isInitialDownload) {
      log.info('Leaving InitialBlockDownload (latching to false)');
      end();
      return;
    }
    const headerHeight = index.height(index.bestHeader);
    const facts = {
      chainTxCount: index.chainTxCount(active.tip),
      timeSec: index.timeSec(active.tip),
      headersAhead: headerHeight - chain.height,
      nowSec: nowSec(),
    };
    const share = guessProgress(facts, params.chainTxData, params.consensus);
    if (!isShown) progress.begin('Synchronising', 1, 'share', share);
    isShown = true;
    progress.report(share, describePlace(chain.height, headerHeight));
  };
  if (chain.isInitialDownload) {
    subscriptions.push(signals.headerTipChanged.subscribe(look), signals.tipChanged.subscribe(look));
  }
  return end;
}

/** How far it is: headers as long as there is no block, then blocks. */
export function describePlace(height: number, headerHeight: number): string {
  if (height === 0) return `headers ${formatCount(headerHeight)}`;
  return `block ${formatCount(height)} of ${formatCount(Math.max(height, headerHeight))}`;
}
