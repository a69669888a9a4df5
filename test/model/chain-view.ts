// The chain as the parts of the network see it, where a test has a Chainstate.

import type { Chainstate } from '../../src/kernel/chain/chainstate.ts';
import type { ChainView } from '../../src/node/p2p/chain-view.ts';

/** A view of a chain; what is far behind now may not be so later. */
export function viewOfChain(chain: Chainstate, isPruning = false): ChainView {
  return {
    index: chain.index,
    active: chain.active,
    minimumChainWork: chain.minimumChainWork,
    isPruning,
    get isInitialDownload() {
      return chain.isInitialDownload;
    },
    acceptHeaders: (headers, nowSec, hasEnoughWork) => chain.acceptHeaders(headers, nowSec, hasEnoughWork),
  };
}
